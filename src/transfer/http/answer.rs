//! What an answer of an HTTP server means for a transfer, and which of its words may be shown.

use crate::job::{Code, Url};
use crate::transfer::TransferError;
use crate::transfer::failure::{shown, with_causes};
use base64::Engine as _;
use reqwest::header::HeaderMap;
use reqwest::{Response, StatusCode};

/// The failure an answer other than success means. Reads a little of the answer's text.
pub(super) async fn refusal(mut response: Response, doing: &str, url: &Url, otherwise: Code) -> TransferError {
    let status = response.status();
    let mut body = Vec::new();
    // A server that does not finish its apology is not waited for.
    let read = async {
        while let Ok(Some(part)) = response.chunk().await {
            body.extend_from_slice(&part);
            if body.len() > 8192 {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(std::time::Duration::from_secs(5), read).await;
    let (code, transient, sentence) = meaning(status, otherwise);
    let message = format!("{doing} failed: the server answered {}: {sentence}", status.as_u16());
    TransferError { code, message, site_text: None, transient }.said(&fit_to_show(&String::from_utf8_lossy(&body), url))
}

/// Code, whether trying again helps, and a sentence.
fn meaning(status: StatusCode, otherwise: Code) -> (Code, bool, &'static str) {
    match status.as_u16() {
        404 | 410 => (Code::FileNotFound, false, "there is no such file"),
        401 | 403 | 407 => (Code::FileAccessDenied, false, "access is denied"),
        507 => (Code::StorageFull, true, "its storage is full"),
        408 | 425 | 429 => (otherwise, true, "it wants to be asked later"),
        409 => (otherwise, false, "the directory may not exist"),
        413 => (otherwise, false, "it does not take files of this size"),
        405 | 501 => (otherwise, false, "it does not offer this"),
        505 => (otherwise, false, "it does not speak this version of HTTP"),
        500..=599 => (otherwise, true, "it has a problem of its own"),
        _ => (otherwise, false, "it did not accept the request"),
    }
}

/// The failure of a connection or of a request on it.
pub(super) fn broken(error: reqwest::Error, doing: &str, otherwise: Code) -> TransferError {
    let timeout = error.is_timeout();
    let words = with_causes(&error.without_url());
    let has = |needle: &str| words.contains(needle);
    let failure = if timeout {
        TransferError::transient(Code::TransferTimeout, format!("{doing} failed: the server did not answer in time"))
    } else if has("certificate verify failed") {
        let sentence = "the server's certificate is not trusted, has expired or is for another host name";
        TransferError::permanent(Code::FileAccessDenied, format!("{doing} failed: {sentence}"))
    } else if has("alert") && (has("certificate") || has("unknown ca") || has("access denied")) {
        let sentence = "the server refused the user's certificate, or wants one; delegate a credential it trusts";
        TransferError::permanent(Code::FileAccessDenied, format!("{doing} failed: {sentence}"))
    } else {
        TransferError::transient(otherwise, format!("{doing} failed: the connection broke or was not made"))
    };
    failure.said(&words)
}

/// The first 500 characters of a server's words: markup removed, blanks folded, and whatever may be a secret of the URL or of
/// another one replaced by `…`.
fn fit_to_show(text: &str, url: &Url) -> String {
    let mut text = text.to_owned();
    let query = url.path().split_once('?').map_or("", |(_, query)| query);
    for value in query.split('&').filter_map(|pair| pair.split_once('=')).map(|(_, value)| value) {
        if value.len() >= 4 {
            text = text.replace(value, "…");
        }
    }
    let mut plain = String::with_capacity(text.len());
    let mut in_markup = false;
    for character in text.chars() {
        match character {
            '<' => in_markup = true,
            '>' if in_markup => {
                in_markup = false;
                plain.push(' ');
            }
            _ if in_markup => {}
            _ if character.is_control() => plain.push(' '),
            _ => plain.push(character),
        }
    }
    let mut after_bearer = false;
    let words = plain.split_whitespace().map(|word| {
        let hidden = std::mem::replace(&mut after_bearer, word.eq_ignore_ascii_case("bearer"));
        if hidden { "…".to_owned() } else { without_values(word) }
    });
    words.collect::<Vec<_>>().join(" ").chars().take(500).collect()
}

/// A word without the query of a URL and without the value of what is named like a secret.
fn without_values(word: &str) -> String {
    const SECRETS: [&str; 7] = ["token", "secret", "password", "signature", "credential", "authorization", "apikey"];
    if let Some((before, _)) = word.split_once('?').filter(|(before, _)| before.contains("://")) {
        return format!("{before}?…");
    }
    let Some((name, _)) = word.split_once(['=', ':']).filter(|(_, value)| !value.is_empty()) else {
        return word.to_owned();
    };
    let lower = name.to_ascii_lowercase();
    if SECRETS.iter().any(|secret| lower.contains(secret)) { format!("{name}=…") } else { word.to_owned() }
}

/// The SHA-256 a server states for the content, in lower-case hexadecimal (`Repr-Digest` of RFC 9530, `Digest` of RFC 3230).
pub(super) fn stated_digest(headers: &HeaderMap) -> Option<String> {
    ["repr-digest", "digest"].iter().find_map(|name| {
        let value = headers.get(*name)?.to_str().ok()?;
        value.split(',').find_map(|item| {
            let (algorithm, value) = item.trim().split_once('=')?;
            let encoded = value.split(';').next()?.trim_matches(':');
            let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).ok()?;
            (algorithm.eq_ignore_ascii_case("sha-256") && bytes.len() == 32)
                .then(|| crate::transfer::landing::hexadecimal(&bytes))
        })
    })
}

/// Where an answer sends the request on: within HTTP, and never from a secure to an open connection.
pub(super) fn next_hop(
    current: &reqwest::Url,
    response: &Response,
    url: &Url,
    otherwise: Code,
) -> Result<reqwest::Url, TransferError> {
    let refused = |why: String| {
        let message = format!("{} redirects {why}; write the final location in the description", shown(url));
        TransferError::permanent(otherwise, message)
    };
    let target = response
        .headers()
        .get(reqwest::header::LOCATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| current.join(text).ok())
        .ok_or_else(|| refused("without saying where to".into()))?;
    match (current.scheme(), target.scheme()) {
        (_, "https") | ("http", "http") => Ok(target),
        (_, "http") => Err(refused("from https to http, which would open the transfer to others".into())),
        (_, other) => Err(refused(format!("to a location of scheme {other}, which is not followed"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_a_code_and_is_worth_another_try_or_not() {
        for (status, code, transient) in [
            (404, Code::FileNotFound, false),
            (410, Code::FileNotFound, false),
            (401, Code::FileAccessDenied, false),
            (403, Code::FileAccessDenied, false),
            (507, Code::StorageFull, true),
            (429, Code::StageInFailed, true),
            (500, Code::StageInFailed, true),
            (503, Code::StageInFailed, true),
            (501, Code::StageInFailed, false),
            (400, Code::StageInFailed, false),
            (304, Code::StageInFailed, false),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            let (found, again, _) = meaning(status, Code::StageInFailed);
            assert_eq!((found, again), (code, transient), "{status}");
        }
    }

    #[test]
    fn words_are_shown_without_markup_and_secrets() {
        let url = Url::parse("https://h/x?X-Amz-Signature=deadbeef&n=1").unwrap();
        for (given, expected) in [
            ("<html><h1>Not\n\n Found</h1></html>", "Not Found"),
            ("got deadbeef from you", "got … from you"),
            ("see https://other/x?key=1 there", "see https://other/x?… there"),
            ("Authorization: Bearer abc.def", "Authorization: Bearer …"),
            ("access_token=abc user=jan", "access_token=… user=jan"),
        ] {
            assert_eq!(fit_to_show(given, &url), expected);
        }
        assert_eq!(fit_to_show(&"é".repeat(1000), &url).chars().count(), 500);
    }

    #[test]
    fn a_stated_digest_is_read_in_both_forms() {
        let encoded = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        for (name, value) in [
            ("repr-digest", format!("sha-256=:{encoded}:")),
            ("digest", format!("adler32=03da0195, SHA-256={encoded}")),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            assert_eq!(stated_digest(&headers).as_deref(), Some(expected), "{name}");
        }
        assert_eq!(stated_digest(&HeaderMap::new()), None);
    }
}
