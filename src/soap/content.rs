//! The bytes of a request: which media type they claim, how many there may be, and where in them the envelope is.

use super::envelope::Version;
use super::fault::Fault;
use super::multipart::{self, Attachments};
use crate::job::Code;
use actix_web::HttpRequest;
use actix_web::http::{StatusCode, header};
use actix_web::web::{Bytes, BytesMut, Payload};
use futures_util::StreamExt;
use std::borrow::Cow;
use std::time::Duration;

/// What a `Content-Type` header says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Media {
    essence: String,
    parameters: Vec<(String, String)>,
}

impl Media {
    /// Reads a header value: `type/subtype; name=value; name="value"`.
    pub(super) fn parse(text: &str) -> Self {
        let mut pieces = Vec::new();
        let (mut from, mut quoted, mut escaped) = (0, false, false);
        for (at, character) in text.char_indices() {
            match character {
                _ if escaped => escaped = false,
                '\\' if quoted => escaped = true,
                '"' => quoted = !quoted,
                ';' if !quoted => {
                    pieces.push(&text[from..at]);
                    from = at + 1;
                }
                _ => {}
            }
        }
        pieces.push(&text[from..]);
        let mut pieces = pieces.into_iter().map(str::trim);
        let essence = pieces.next().unwrap_or("").to_ascii_lowercase();
        let parameters = pieces
            .filter_map(|piece| piece.split_once('='))
            .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().trim_matches('"').replace('\\', "")))
            .collect();
        Self { essence, parameters }
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The media type of a request.
    pub(super) fn of(request: &HttpRequest) -> Self {
        let value = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        Self::parse(value.unwrap_or(""))
    }

    /// The version that faults are in while the envelope has not been seen.
    pub(super) fn version(&self) -> Version {
        let named = [self.essence.as_str(), self.parameter("start-info").unwrap_or("")];
        if named.iter().any(|text| text.contains("soap+xml")) { Version::V12 } else { Version::V11 }
    }

    /// Refuses what cannot carry an envelope.
    pub(super) fn check(&self, request: &HttpRequest) -> Result<(), Fault> {
        let refuse = |message: String| Fault::http(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::MalformedRequest, message);
        let encoding = request.headers().get(header::CONTENT_ENCODING);
        if encoding.is_some_and(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity")) {
            return Err(refuse("Content-Encoding is not understood; send the message uncompressed".to_owned()));
        }
        let charset = self.parameter("charset").unwrap_or("utf-8").to_ascii_lowercase();
        if !matches!(charset.as_str(), "utf-8" | "utf8" | "us-ascii" | "ascii" | "utf-16" | "utf-16le" | "utf-16be") {
            return Err(refuse("the charset of Content-Type is not understood; send the message in utf-8".to_owned()));
        }
        match self.essence.as_str() {
            "text/xml" | "application/soap+xml" => Ok(()),
            "multipart/related" if self.parameter("boundary").is_some_and(|text| (1..=70).contains(&text.len())) => {
                Ok(())
            }
            "multipart/related" => Err(refuse("multipart/related has no usable boundary parameter".to_owned())),
            other => {
                let given: String = other.chars().take(60).collect();
                Err(refuse(format!(
                    "Content-Type `{given}` is not understood; send text/xml for SOAP 1.1 or application/soap+xml for SOAP 1.2"
                )))
            }
        }
    }

    /// The bytes of the envelope, and the parts beside it: the whole body, or the root part of a multipart one. A part that is named many times
    /// counts as often, up to `most` bytes.
    pub(super) fn open<'a>(&self, body: &'a [u8], most: usize) -> Result<(Cow<'a, [u8]>, Attachments<'a>), Fault> {
        match self.parameter("boundary") {
            Some(boundary) if self.essence == "multipart/related" => {
                multipart::split(body, boundary, self.parameter("start"), most)
            }
            _ => Ok((Cow::Borrowed(body), Attachments::default())),
        }
    }
}

/// Collects the body, and stops as soon as it is larger or slower than it may be.
pub(super) async fn receive(
    request: &HttpRequest,
    mut payload: Payload,
    most: usize,
    patience: Duration,
) -> Result<Bytes, Fault> {
    let too_large = || {
        let message = format!("the message is larger than {most} bytes, the most this broker reads");
        Fault::http(StatusCode::PAYLOAD_TOO_LARGE, Code::LimitExceeded, message)
    };
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: usize| length > most) {
        return Err(too_large());
    }
    let collect = async {
        let mut body = BytesMut::with_capacity(announced.unwrap_or(0));
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|error| {
                let message = format!("the message ended early: {error}");
                Fault::http(StatusCode::BAD_REQUEST, Code::MalformedRequest, message)
            })?;
            if body.len() + chunk.len() > most {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    };
    tokio::time::timeout(patience, collect).await.unwrap_or_else(|_| {
        let message = format!("the message did not arrive within {} seconds", patience.as_secs());
        Err(Fault::http(StatusCode::REQUEST_TIMEOUT, Code::Timeout, message))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_may_be_quoted_and_contain_semicolons() {
        let media = Media::parse("Application/SOAP+xml; action=\"urn:a;b\" ;CHARSET = utf-8");
        assert_eq!(media.essence, "application/soap+xml");
        assert_eq!(media.parameter("action"), Some("urn:a;b"));
        assert_eq!(media.parameter("charset"), Some("utf-8"));
        assert_eq!(media.version(), Version::V12);
    }
}
