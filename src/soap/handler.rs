//! The way of a request, top to bottom: receive, open the envelope, authenticate, decode, run (which authorises), answer. One way for all
//! contracts; where they differ it asks the [`Door`].

use super::addressing::Addressing;
use super::content::{self, Media};
use super::door::Door;
use super::envelope::{self, Envelope, Version};
use super::fault::Fault;
use super::{classic, security, wsdl};
use crate::identity::TlsIdentity;
use crate::job::Code;
use crate::operations::Context;
use crate::xml::{self, Limits};
use actix_web::http::{Method, StatusCode, header};
use actix_web::web::{self, Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What an administrator can set.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Bounds on one message.
    pub limits: Limits,
    /// How long a message may take to arrive.
    pub patience: Duration,
    /// Whether a trusted server stands before us and sets `X-Forwarded-Host` and `X-Forwarded-Proto`.
    pub trust_forwarded: bool,
    /// The classic contract.
    pub classic: classic::Settings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            patience: Duration::from_secs(30),
            trust_forwarded: false,
            classic: classic::Settings::default(),
        }
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

/// Adds the service to a server, at all its addresses.
pub fn configure(service: Data<Service>) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        config.app_data(service);
        for door in Door::ALL {
            let serve = move |request: HttpRequest, payload: Payload, service: Data<Service>| {
                handle(door, request, payload, service)
            };
            config.service(web::resource(door.path()).to(serve));
        }
    }
}

async fn handle(door: Door, request: HttpRequest, payload: Payload, service: Data<Service>) -> HttpResponse {
    match *request.method() {
        Method::POST => answer(door, &request, payload, &service).await,
        Method::GET | Method::HEAD if wsdl::is_asked_for(request.query_string()) => {
            let (document, written) = door.contract(&service.settings);
            HttpResponse::Ok().content_type(Version::V11.content_type()).body(wsdl::render(
                document,
                written,
                &request,
                service.settings.trust_forwarded,
            ))
        }
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

/// An answer that is no fault.
pub(super) struct Reply {
    /// The error code it tells, or 0.
    pub(super) code: u16,
    /// Its action, for addressed requests.
    pub(super) action: String,
    /// Declarations of namespaces that its body needs.
    pub(super) declarations: String,
    /// What is in the Body.
    pub(super) body: String,
}

async fn answer(door: Door, request: &HttpRequest, payload: Payload, service: &Service) -> HttpResponse {
    let began = Instant::now();
    let media = Media::of(request);
    let mut exchange = Exchange {
        version: door.first_version(&media),
        addressing: Addressing::default(),
        operation: "unknown",
        caller: "nobody".to_owned(),
    };
    let result = serve(door, &mut exchange, &media, request, payload, service).await;
    let Exchange { version, addressing, operation, caller } = exchange;
    let code = match &result {
        Ok(reply) => reply.code,
        Err(fault) => fault.code().map_or(0, Code::number),
    };
    let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(door = door.name(), operation, caller, code, duration_ms, fault = result.is_err(), "request");
    if let Some(observer) = &service.observer {
        observer(operation, code, began.elapsed());
    }
    if addressing.is_one_way(result.is_err()) {
        return HttpResponse::Accepted().finish();
    }
    let (status, body) = match &result {
        Ok(reply) => {
            let header = addressing.reply(&reply.action);
            let mut writer = envelope::begin(version, &reply.declarations, &header, reply.body.len() + 1024);
            writer.markup(&reply.body);
            (StatusCode::OK, envelope::finish(writer))
        }
        Err(fault) => (door.status(fault, version), fault.render(version, door.details(), &addressing)),
    };
    let mut response = HttpResponse::build(status);
    if status == StatusCode::UNAUTHORIZED {
        response.insert_header((header::WWW_AUTHENTICATE, security::CHALLENGE));
    }
    if result.as_ref().is_err_and(Fault::leaves_a_body) {
        response.force_close();
    }
    response.content_type(version.content_type()).body(body)
}

/// The whole way of a request.
async fn serve(
    door: Door,
    exchange: &mut Exchange,
    media: &Media,
    request: &HttpRequest,
    payload: Payload,
    service: &Service,
) -> Result<Reply, Fault> {
    let Service { context, settings, identity, .. } = service;
    media.check(request)?;
    let body = content::receive(request, payload, settings.limits.bytes, settings.patience).await?;
    let (call, caller) = {
        let (root, attachments) = media.open(&body, settings.limits.bytes)?;
        let text = xml::decode(&root)?;
        let envelope = Envelope::open(xml::parse(&text, &settings.limits)?, door.versions())?;
        exchange.version = envelope.version;
        exchange.addressing = envelope.addressing();
        envelope.check_headers()?;
        exchange.addressing.check()?;
        let caller = security::authenticate(request, identity.as_ref(), context.clock().now());
        match &caller {
            Ok(caller) => caller.subject.as_str().clone_into(&mut exchange.caller),
            Err(error) if door.refuses_strangers() => return Err(error.clone().into()),
            Err(_) => {}
        }
        (door.decode(envelope.into_body()?, &attachments, settings)?, caller)
    };
    exchange.operation = call.operation();
    call.run(context, caller).await
}
