//! The way of a request, top to bottom: receive, open the envelope, authenticate, decode, run (which authorises), answer.

use super::addressing::Addressing;
use super::content::{self, Media};
use super::envelope::{self, Envelope, Version};
use super::fault::Fault;
use super::{NAMESPACE, security, wsdl};
use crate::identity::TlsIdentity;
use crate::job::Code;
use crate::operations::{Context, Parts};
use crate::xml::{self, Limits};
use actix_web::http::{Method, StatusCode, header};
use actix_web::web::{self, Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Where the service is.
pub const PATH: &str = "/services/grms";

/// What an administrator can set.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Bounds on one message.
    pub limits: Limits,
    /// How long a message may take to arrive.
    pub patience: Duration,
    /// Whether a trusted server stands before us and sets `X-Forwarded-Host` and `X-Forwarded-Proto`.
    pub trust_forwarded: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { limits: Limits::default(), patience: Duration::from_secs(30), trust_forwarded: false }
    }
}

/// Told of every answered request: the operation, the code of the fault or 0, and how long it took.
pub type Observer = Arc<dyn Fn(&'static str, u16, Duration) + Send + Sync>;

/// The service: operations behind an address.
pub struct Service {
    context: Arc<Context>,
    settings: Settings,
    identity: Option<TlsIdentity>,
    observer: Option<Observer>,
}

impl Service {
    /// A service over these operations.
    #[must_use]
    pub fn new(context: Arc<Context>, settings: Settings) -> Self {
        Self { context, settings, identity: None, observer: None }
    }

    /// Asks the server's TLS who is at the other end of a connection, whose data must then hold a [`crate::identity::Connection`].
    #[must_use]
    pub fn identified_by(self, identity: TlsIdentity) -> Self {
        Self { identity: Some(identity), ..self }
    }

    /// Tells somebody of every answered request.
    #[must_use]
    pub fn observed_by(self, observer: Observer) -> Self {
        Self { observer: Some(observer), ..self }
    }
}

/// Adds the service to a server.
pub fn configure(service: Data<Service>) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        config.app_data(service).service(web::resource(PATH).to(handle));
    }
}

async fn handle(request: HttpRequest, payload: Payload, service: Data<Service>) -> HttpResponse {
    match *request.method() {
        Method::POST => answer(&request, payload, &service).await,
        Method::GET | Method::HEAD if wsdl::is_asked_for(request.query_string()) => HttpResponse::Ok()
            .content_type(Version::V11.content_type())
            .body(wsdl::render(&request, service.settings.trust_forwarded)),
        _ => HttpResponse::MethodNotAllowed()
            .insert_header((header::ALLOW, "POST"))
            .content_type("text/plain; charset=utf-8")
            .body("send SOAP requests with POST; the contract is at ?wsdl\n"),
    }
}

/// What is known of the exchange, for an answer in the right form at every step.
struct Exchange {
    version: Version,
    addressing: Addressing,
    operation: &'static str,
    caller: String,
}

async fn answer(request: &HttpRequest, payload: Payload, service: &Service) -> HttpResponse {
    let began = Instant::now();
    let media = Media::of(request);
    let mut exchange = Exchange {
        version: media.version(),
        addressing: Addressing::default(),
        operation: "unknown",
        caller: "nobody".to_owned(),
    };
    let result = serve(&mut exchange, &media, request, payload, service).await;
    let Exchange { version, addressing, operation, caller } = exchange;
    let code = result.as_ref().err().and_then(Fault::code).map_or(0, Code::number);
    let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(operation, caller, code, duration_ms, fault = result.is_err(), "request");
    if let Some(observer) = &service.observer {
        observer(operation, code, began.elapsed());
    }
    if addressing.is_one_way(result.is_err()) {
        return HttpResponse::Accepted().finish();
    }
    let (status, body) = match &result {
        Ok(parts) => {
            let header = addressing.reply(&format!("{NAMESPACE}/{operation}Response"));
            (StatusCode::OK, envelope::render(version, operation, &header, parts))
        }
        Err(fault) => (fault.status(version), fault.render(version, &addressing)),
    };
    let mut response = HttpResponse::build(status);
    if status == StatusCode::UNAUTHORIZED {
        response.insert_header((header::WWW_AUTHENTICATE, security::CHALLENGE));
    }
    if status == StatusCode::PAYLOAD_TOO_LARGE || status == StatusCode::REQUEST_TIMEOUT {
        response.force_close();
    }
    response.content_type(version.content_type()).body(body)
}

/// The whole way of a request.
async fn serve(
    exchange: &mut Exchange,
    media: &Media,
    request: &HttpRequest,
    payload: Payload,
    service: &Service,
) -> Result<Parts, Fault> {
    let Service { context, settings, identity, .. } = service;
    media.check(request)?;
    let body = content::receive(request, payload, settings.limits.bytes, settings.patience).await?;
    let (operation, parts, caller) = {
        let text = xml::decode(media.root(&body)?)?;
        let envelope = Envelope::open(xml::parse(&text, &settings.limits)?)?;
        exchange.version = envelope.version;
        exchange.addressing = envelope.addressing();
        envelope.check_headers()?;
        exchange.addressing.check()?;
        let caller = security::authenticate(request, identity.as_ref(), context.clock().now())?;
        caller.subject.as_str().clone_into(&mut exchange.caller);
        let (operation, parts) = envelope.decode()?;
        exchange.operation = operation.contract().name;
        (operation, parts, caller)
    };
    Ok(operation.run(context, &caller, parts).await?)
}
