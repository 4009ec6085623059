//! The broker as a function per request: encodes, sends, understands, and tries again where that is safe.
//!
//! A request whose answer was lost is sent again only when its operation says that this is harmless: it changes nothing,
//! or carries a `requestId`. A request that the broker was too busy for was not carried out and is always sent again.

use crate::failure::Failure;
use crate::messages::{Operation, decode, encode};
use crate::transport::{Answer, Transport};
use reqwest::StatusCode;
use std::thread::sleep;
use std::time::Duration;

const TRIES: u32 = 3;
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// The broker at one address.
pub(crate) struct Broker {
    transport: Transport,
}

impl Broker {
    /// Speaks through this transport.
    pub(crate) fn new(transport: Transport) -> Self {
        Self { transport }
    }

    /// The address, complete.
    pub(crate) fn endpoint(&self) -> &str {
        self.transport.endpoint().as_str()
    }

    /// How long one request may take.
    pub(crate) fn call_timeout(&self) -> Duration {
        self.transport.timeout()
    }

    /// Asks, and asks again when the answer was lost or the broker says it is too busy.
    pub(crate) fn call<Q: Operation>(&self, request: &Q) -> Result<Q::Response, Failure> {
        let document = encode(request)
            .map_err(|error| Failure::Usage(format!("the request cannot be written as XML: {error}")))?;
        let mut tries = 1;
        loop {
            let result =
                self.transport.post(Q::NAME, document.clone()).and_then(|answer| self.understand::<Q>(&answer));
            let pause = match &result {
                Err(failure) if tries < TRIES => pause_before_retry(failure, tries, Q::REPEATABLE),
                _ => None,
            };
            let Some(pause) = pause else { return result.map_err(|failure| unsure(failure, Q::REPEATABLE)) };
            sleep(pause);
            tries += 1;
        }
    }

    fn understand<Q: Operation>(&self, answer: &Answer) -> Result<Q::Response, Failure> {
        let url = self.transport.endpoint();
        match decode::<Q>(&answer.body) {
            Ok(reply) => reply.map_err(Failure::from),
            Err(_) if matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                Err(Failure::not_authenticated(format!("{url} answers HTTP {}", answer.status)))
            }
            Err(_) if answer.status == StatusCode::PAYLOAD_TOO_LARGE => Err(Failure::Fault {
                code: "Client".to_owned(),
                message: format!("the request is larger than {url} accepts (HTTP {})", answer.status),
            }),
            Err(why) => Err(Failure::NoContact(format!(
                "{url} does not speak as a GRMS broker: {why} (HTTP {}); the address usually ends in /services/grms",
                answer.status
            ))),
        }
    }
}

/// How long to wait before the same request is sent again; `None` when that would not help.
fn pause_before_retry(failure: &Failure, tries: u32, repeatable: bool) -> Option<Duration> {
    match failure {
        Failure::AnswerLost(_) if repeatable => Some(Duration::from_millis(250) * tries),
        Failure::Refused(fault) if matches!(fault.code, 903 | 904) => {
            let seconds = u64::try_from(fault.retry_after_seconds.unwrap_or(1)).unwrap_or(1);
            Some(Duration::from_secs(seconds)).filter(|pause| *pause <= LONGEST_PAUSE)
        }
        _ => None,
    }
}

/// Says so when nobody knows whether something was done.
fn unsure(failure: Failure, repeatable: bool) -> Failure {
    match failure {
        Failure::AnswerLost(why) if !repeatable => {
            Failure::AnswerLost(format!("{why}; the request may have been carried out: look before you repeat it"))
        }
        failure => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::GrmsFault;

    fn fault(code: i32, seconds: i32) -> Failure {
        Failure::Refused(Box::new(GrmsFault { code, retry_after_seconds: Some(seconds), ..GrmsFault::default() }))
    }

    #[test]
    fn only_lost_answers_and_a_busy_broker_are_tried_again() {
        assert!(pause_before_retry(&Failure::AnswerLost(String::new()), 1, true).is_some());
        assert!(pause_before_retry(&Failure::AnswerLost(String::new()), 1, false).is_none());
        assert_eq!(pause_before_retry(&fault(903, 2), 1, false), Some(Duration::from_secs(2)));
        assert_eq!(pause_before_retry(&fault(903, 3600), 1, true), None);
        assert_eq!(pause_before_retry(&fault(901, 1), 1, true), None);
        assert_eq!(pause_before_retry(&Failure::NoContact(String::new()), 1, true), None);
    }
}
