//! One SOAP document out, one back, over HTTPS with the caller's credential; and what a failure on the way means.
//!
//! `reqwest` with `native-tls` sends the whole chain of an RFC 3820 proxy (a test watches a server receive it).

use crate::credential::{self, Credential};
use crate::failure::Failure;
use crate::{time, trust};
use reqwest::blocking::Client;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Certificate, Identity, StatusCode, Url};
use std::io::Read;
use std::path::PathBuf;
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// OpenSSL's words for a certificate of the other side that does not stand the test.
const DISTRUST: &str = "certificate verify failed";
/// A longer answer is not read to its end.
const LONGEST_ANSWER: u64 = 256 << 20;

/// A way to one broker. The connection stays open between requests.
pub(crate) struct Transport {
    endpoint: Url,
    http: Client,
    timeout: Duration,
    credential: Option<Credential>,
}

/// An HTTP answer.
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: StatusCode,
    /// The document.
    pub(crate) body: Vec<u8>,
}

impl Transport {
    /// Prepares TLS; nothing is sent yet.
    pub(crate) fn new(endpoint: &str, timeout: Duration) -> Result<Self, Failure> {
        let endpoint = parse_endpoint(endpoint)?;
        let mut builder = Client::builder()
            .user_agent(concat!("grms-client/", env!("CARGO_PKG_VERSION")))
            .http1_only()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(timeout);
        let mut used = None;
        if endpoint.scheme() == "https" {
            let uid = nix::unistd::geteuid().as_raw();
            let credential = Credential::load(credential::locate(variable, uid)?)?;
            credential.check_time(time::now())?;
            let identity = Identity::from_pkcs8_pem(&credential.chain_pem()?, &credential.key_pem()?)
                .map_err(|error| credential.unusable(&error))?;
            builder = builder.tls_backend_native().identity(identity);
            if let Some(directory) = trust::locate(variable) {
                let ders = trust::load(&directory)?.into_iter().filter_map(|authority| authority.to_der().ok());
                builder = builder.tls_certs_only(ders.filter_map(|der| Certificate::from_der(&der).ok()));
            }
            used = Some(credential);
        }
        let http = builder.build().map_err(|error| {
            Failure::not_authenticated(format!("TLS cannot be prepared: {}", causes(&error).join(": ")))
        })?;
        Ok(Self { endpoint, http, timeout, credential: used })
    }

    /// Sends one document.
    pub(crate) fn post(&self, operation: &str, document: String) -> Result<Answer, Failure> {
        if let Some(credential) = &self.credential {
            credential.check_time(time::now())?;
        }
        let action = format!("\"{}/{operation}\"", crate::messages::NAMESPACE);
        let request = self.http.post(self.endpoint.clone()).header(CONTENT_TYPE, "text/xml; charset=utf-8");
        let answer = request.header(ACCEPT, "text/xml").header("SOAPAction", action).body(document).send();
        let answer = answer.map_err(|error| self.explain(&error))?;
        let status = answer.status();
        let mut body = Vec::new();
        answer.take(LONGEST_ANSWER).read_to_end(&mut body).map_err(|error| {
            Failure::AnswerLost(format!("{} broke off in the middle of its answer: {error}", self.endpoint))
        })?;
        Ok(Answer { status, body })
    }

    /// The address, for messages.
    pub(crate) fn endpoint(&self) -> &Url {
        &self.endpoint
    }

    /// How long one request may take.
    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    fn explain(&self, error: &reqwest::Error) -> Failure {
        let (url, causes) = (&self.endpoint, causes(error));
        let last = causes.last().map_or("", String::as_str);
        if causes.iter().any(|cause| cause.contains(DISTRUST)) {
            return Failure::not_authenticated(format!(
                "the certificate of {url} is not trusted: {}; check X509_CERT_DIR and the host name in the address",
                reason_of_distrust(&causes)
            ));
        }
        if let Some(alert) = causes.iter().find_map(|cause| alert(cause)) {
            let credential = self.credential.as_ref().map_or_else(|| "none".to_owned(), Credential::source);
            return Failure::not_authenticated(format!(
                "{url} does not accept the credential {credential}: {alert}; is its authority trusted there, and is it \
                 neither expired nor revoked?"
            ));
        }
        if error.is_connect() {
            return Failure::NoContact(format!(
                "no contact with {url}: {last}; is the broker running, is the address right?"
            ));
        }
        if error.is_timeout() {
            return Failure::AnswerLost(format!("{url} did not answer in time; see --call-timeout"));
        }
        Failure::AnswerLost(format!("{url} broke off: {last}"))
    }
}

/// The value of an environment variable; an empty one counts as not set.
pub(crate) fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// An address without a path gets the usual one.
fn parse_endpoint(text: &str) -> Result<Url, Failure> {
    let wrong = |why: &str| {
        Failure::Usage(format!(
            "`{text}` is not the address of a broker: {why}; a complete one is https://host.example.org:8443/services/grms"
        ))
    };
    let mut url = Url::parse(text).map_err(|error| wrong(&error.to_string()))?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(wrong("it must begin with https://"));
    }
    if url.path() == "/" {
        url.set_path("/services/grms");
    }
    Ok(url)
}

fn causes(error: &dyn std::error::Error) -> Vec<String> {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect()
}

/// What the other side's TLS said about us: `certificate expired`, `unknown ca`, `certificate required`.
fn alert(cause: &str) -> Option<String> {
    let (_, words) = cause.split_once(" alert ")?;
    Some(words.split(':').next().unwrap_or(words).trim().to_owned())
}

/// `native-tls` puts the verdict on the certificate into parentheses behind OpenSSL's own words.
fn reason_of_distrust(causes: &[String]) -> &str {
    let verdict = |cause: &String| cause.ends_with(')').then(|| cause.rfind('(').map(|open| open + 1)).flatten();
    let mut refusals = causes.iter().filter(|cause| cause.contains(DISTRUST));
    let found = refusals.find_map(|cause| Some(&cause[verdict(cause)?..cause.len() - 1]));
    found.unwrap_or("its authority is unknown, or it is for another host")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_a_path_gets_the_usual_one_and_nonsense_is_refused() {
        let url = |text| parse_endpoint(text).map(|url| url.to_string());
        assert_eq!(url("https://h:8443").expect("fine"), "https://h:8443/services/grms");
        assert_eq!(url("https://h:8443/x").expect("fine"), "https://h:8443/x");
        for wrong in ["h:8443", "ftp://h/", "", "https://"] {
            assert!(url(wrong).expect_err("refused").to_string().contains("services/grms"), "{wrong}");
        }
    }

    #[test]
    fn an_alert_is_found_in_the_words_of_openssl() {
        let cause = "error:0A000415:SSL routines:ssl3_read_bytes:sslv3 alert certificate expired:../ssl/rec.c:1590:SSL alert number 45";
        assert_eq!(alert(cause).as_deref(), Some("certificate expired"));
        assert_eq!(alert("connection reset by peer"), None);
    }
}
