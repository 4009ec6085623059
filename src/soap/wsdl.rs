//! The contracts, served with the address by which the client reached us.

use crate::xml::escape_attribute;
use actix_web::HttpRequest;
use actix_web::http::header;

/// Whether the query asks for it.
pub(super) fn is_asked_for(query: &str) -> bool {
    query.split('&').any(|part| {
        let name = part.split_once('=').map_or(part, |(name, _)| name);
        name.eq_ignore_ascii_case("wsdl") || name.eq_ignore_ascii_case("singlewsdl")
    })
}

/// A contract for this client, with its address in place of the one that is written in it. Forwarded headers count only when a trusted
/// server stands before us.
pub(super) fn render(document: &str, written: &str, request: &HttpRequest, trust_forwarded: bool) -> String {
    match address(request, trust_forwarded) {
        Some(address) => document.replace(&format!("location=\"{written}\""), &format!("location=\"{address}\"")),
        None => document.to_owned(),
    }
}

fn address(request: &HttpRequest, trust_forwarded: bool) -> Option<String> {
    let first = |name: &str| {
        let value = request.headers().get(name)?.to_str().ok()?;
        Some(value.split(',').next().unwrap_or(value).trim().to_owned())
    };
    let forwarded = |name: &str| if trust_forwarded { first(name) } else { None };
    let host = forwarded("x-forwarded-host")
        .or_else(|| request.uri().authority().map(|authority| authority.as_str().to_owned()))
        .or_else(|| first(header::HOST.as_str()))
        .filter(|host| is_host(host))?;
    let scheme = match forwarded("x-forwarded-proto").as_deref() {
        Some("https") => "https",
        Some("http") => "http",
        _ if request.app_config().secure() => "https",
        _ => "http",
    };
    let mut address = format!("{scheme}://{host}");
    escape_attribute(&mut address, request.path());
    Some(address)
}

fn is_host(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 255
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte))
}
