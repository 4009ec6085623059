//! Web servers for the tests: one that behaves, and some that do not.

use actix_web::web::{self, Bytes, Payload};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, Responder};
use futures_util::{StreamExt as _, stream};
use openssl::ssl::SslAcceptorBuilder;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// What was stored: length and checksum under each name.
pub(crate) type Stored = Arc<Mutex<HashMap<String, (usize, String)>>>;

pub(crate) const BIG: usize = 100 << 20;

pub(crate) struct Server {
    pub(crate) address: String,
    pub(crate) stored: Stored,
}

impl Server {
    /// Starts it, with TLS when there is a configuration for it.
    pub(crate) fn start(tls: Option<SslAcceptorBuilder>) -> Self {
        let stored = Stored::default();
        let shared = stored.clone();
        let server = HttpServer::new(move || {
            App::new()
                .app_data(web::Data::new(shared.clone()))
                .route("/hello", web::get().to(|| async { "hello\n" }))
                .route("/echo/{name}", web::get().to(|name: web::Path<String>| async { name.into_inner() }))
                .route("/forbidden", web::get().to(HttpResponse::Forbidden))
                .route("/busy", web::get().to(HttpResponse::ServiceUnavailable))
                .route("/to-hello", web::get().to(|| redirect("/hello")))
                .route("/to-file", web::get().to(|| redirect("file:///etc/passwd")))
                .route("/circle", web::get().to(|| redirect("/circle")))
                .route("/open", web::get().to(|| redirect("http://localhost/hello")))
                .route("/big", web::get().to(big))
                .route("/wrong-digest", web::get().to(wrong_digest))
                .route("/store/{name}", web::put().to(store))
                .route("/elsewhere/{name}", web::put().to(elsewhere))
                .route("/full", web::put().to(HttpResponse::InsufficientStorage))
                .default_service(web::to(missing))
        })
        .workers(1)
        .disable_signals();
        let server = match tls {
            None => server.bind("127.0.0.1:0"),
            Some(builder) => server.bind_openssl("127.0.0.1:0", builder),
        };
        let server = server.unwrap();
        let address = format!("localhost:{}", server.addrs()[0].port());
        tokio::spawn(server.run());
        Self { address, stored }
    }
}

async fn redirect(to: &'static str) -> impl Responder {
    HttpResponse::Found().insert_header(("Location", to)).finish()
}

async fn missing(request: HttpRequest) -> impl Responder {
    HttpResponse::NotFound().body(format!("<h1>Nothing at {}</h1>", request.uri()))
}

async fn big() -> impl Responder {
    let block = Bytes::from(vec![7; 1 << 20]);
    let parts = stream::iter((0..BIG >> 20).map(move |_| Ok::<_, actix_web::Error>(block.clone())));
    HttpResponse::Ok().no_chunking(BIG as u64).streaming(parts)
}

async fn wrong_digest() -> impl Responder {
    let digest = "sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:";
    HttpResponse::Ok().insert_header(("Repr-Digest", digest)).body("not abc")
}

async fn store(name: web::Path<String>, mut body: Payload, stored: web::Data<Stored>) -> impl Responder {
    let (mut length, mut digest) = (0, Sha256::new());
    while let Some(part) = body.next().await {
        let part = part.unwrap();
        length += part.len();
        digest.update(&part);
    }
    let digest = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    stored.lock().unwrap().insert(name.into_inner(), (length, digest));
    HttpResponse::Created()
}

async fn elsewhere(name: web::Path<String>) -> impl Responder {
    HttpResponse::TemporaryRedirect().insert_header(("Location", format!("/store/{name}"))).finish()
}

/// A server that answers every request with `answer` and then, as told, closes the connection or says nothing more.
pub(crate) async fn raw(answer: &'static str, close: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut request = [0; 1024];
            let _ = connection.read(&mut request).await;
            connection.write_all(answer.as_bytes()).await.unwrap();
            if !close {
                open.push(connection);
            }
        }
    });
    address
}
