//! The acceptor inside the web server: who is asking is known in every request, certificates are exchanged under way.

use crate::handshake::Door;
use crate::pki::{Proxy, install, present};
use crate::revoked;
use actix_tls::accept::openssl::TlsStream;
use actix_web::rt::net::TcpStream;
use actix_web::{App, HttpRequest, HttpServer, web};
use grms::identity::{Connection, TlsIdentity};
use grms::init::pki::Identity;

async fn who(request: HttpRequest, identity: web::Data<TlsIdentity>) -> String {
    let connection = request.conn_data::<Connection>().expect("every connection is read");
    match identity.peer(connection, present()) {
        Ok(peer) => format!("{} {}", peer.subject, peer.proxies),
        Err(error) => error.to_string(),
    }
}

fn client(chain: &[&Identity]) -> reqwest::Client {
    let mut builder = reqwest::Client::builder().danger_accept_invalid_certs(true);
    if let Some(leaf) = chain.first() {
        let certificates: Vec<u8> = chain.iter().flat_map(|member| member.certificate.to_pem().unwrap()).collect();
        let key = leaf.key.private_key_to_pem_pkcs8().unwrap();
        builder = builder.identity(reqwest::Identity::from_pkcs8_pem(&certificates, &key).unwrap());
    }
    builder.build().unwrap()
}

#[actix_web::test]
async fn every_request_of_a_kept_open_connection_asks_who_is_there() {
    let door = Door::open();
    let identity = door.identity.clone();
    let ada = door.user("Ada Nowak");
    let proxy = Proxy::default().sign(&ada);
    let data = web::Data::new(identity.clone());
    let at_connect = identity.clone();
    let server = HttpServer::new(move || App::new().app_data(data.clone()).route("/", web::get().to(who)))
        .workers(1)
        .on_connect(move |connection, extensions| {
            if let Some(stream) = connection.downcast_ref::<TlsStream<TcpStream>>() {
                extensions.insert(at_connect.connection(stream.ssl()));
            }
        })
        .bind_openssl("127.0.0.1:0", identity.acceptor_builder().unwrap())
        .unwrap();
    let address = format!("https://localhost:{}/", server.addrs()[0].port());
    let server = server.run();
    let handle = server.handle();
    let serving = actix_web::rt::spawn(server);
    let (known, unknown) = (client(&[&proxy, &ada]), client(&[]));
    let get = |client: &reqwest::Client| {
        let request = client.get(&address);
        async move { request.send().await.unwrap().text().await.unwrap() }
    };
    assert_eq!(get(&known).await, "/O=GRMS Test/CN=Ada Nowak 1");
    assert!(get(&unknown).await.contains("has no client certificate"));
    install(&door.authorities(), &door.authority, Some(&[revoked(&ada)]));
    identity.reload().unwrap();
    assert!(get(&known).await.contains("is not trusted: certificate revoked"));
    assert!(client(&[&proxy, &ada]).get(&address).send().await.is_err());
    handle.stop(false).await;
    serving.await.unwrap().unwrap();
}
