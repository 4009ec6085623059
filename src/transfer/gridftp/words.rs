//! What `globus-url-copy` prints when it fails, as codes and sentences. Its own words are kept beside them.

use super::super::TransferError;
use crate::job::Code;

struct Meaning {
    /// Words of which one must occur.
    words: &'static [&'static str],
    code: Option<Code>,
    transient: bool,
    sentence: &'static str,
}

const fn permanent(words: &'static [&'static str], code: Code, sentence: &'static str) -> Meaning {
    Meaning { words, code: Some(code), transient: false, sentence }
}

const fn passing(words: &'static [&'static str], code: Option<Code>, sentence: &'static str) -> Meaning {
    Meaning { words, code, transient: true, sentence }
}

/// The first that fits counts: texts about certificates hold the words of several.
const MEANINGS: &[Meaning] = &[
    passing(&["the operation was aborted"], Some(Code::TransferTimeout), "the transfer stood still and was ended"),
    // Said of the credential that was given, before the server is asked.
    permanent(
        &["minutes ago"],
        Code::CredentialExpired,
        "the delegated credential has expired; renew it and delegate it again",
    ),
    permanent(
        &["has expired", "certificate expired"],
        Code::FileAccessDenied,
        "a certificate of the server has expired; tell its administrator",
    ),
    permanent(
        &["credentials could not be found", "Error reading proxy credential", "Error reading user credential"],
        Code::DelegationRequired,
        "the delegated credential cannot be used; delegate it again",
    ),
    permanent(
        &["Could not map", "Gridmap lookup failure", "Login incorrect"],
        Code::FileAccessDenied,
        "the server knows no account for this user; ask its administrator for one",
    ),
    permanent(
        &["local trusted CA", "Untrusted self-signed", "unable to get local issuer", "certificate verify failed"],
        Code::FileAccessDenied,
        "the authority of a certificate is not trusted, the server's here or the user's there",
    ),
    permanent(
        &["do not match", "Mutual authentication failed", "name mismatch"],
        Code::FileAccessDenied,
        "the server's certificate is for another host name; use the name in its certificate",
    ),
    permanent(
        &["Authentication Failed", "gss_init_sec_context failed", "530 "],
        Code::FileAccessDenied,
        "the server refused the user's credential",
    ),
    passing(&["Connection refused"], None, "nothing listens there"),
    passing(&["Name or service not known", "getaddrinfo failed"], None, "the host name is not known"),
    passing(
        &["Network is unreachable", "No route to host", "Connection timed out", "Connection reset", "Broken pipe"],
        None,
        "the server cannot be reached",
    ),
    passing(&["421 ", "Too many connections", "maximum number of"], None, "the server is busy"),
];

/// The failure that the words tell of.
pub(super) fn explain(doing: &str, otherwise: Code, words: &str) -> TransferError {
    let fits = |meaning: &&Meaning| meaning.words.iter().any(|word| words.contains(word));
    let Some(meaning) = MEANINGS.iter().find(fits) else {
        let plain = words.replace("PATH_NOT_FOUND", "No such file or directory");
        return TransferError::words(doing, otherwise, &plain).said(words);
    };
    let message = format!("{doing} failed: {}", meaning.sentence);
    let code = meaning.code.unwrap_or(otherwise);
    TransferError { code, message, site_text: None, transient: meaning.transient }.said(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Captured from globus-url-copy 10.12 and globus-gridftp-server 13.24.
    const CAPTURED: &[(&str, Code, bool)] = &[
        (
            "error: globus_ftp_client: the server responded with an error\n500 500-Command failed. : \
             globus_l_gfs_file_open failed.\n500-globus_xio: System error in open: No such file or directory\n500 End.",
            Code::FileNotFound,
            false,
        ),
        (
            "error: Unable to list url gsiftp://h//none/:\n550 550-GlobusError: v=1 c=PATH_NOT_FOUND\n550 End.",
            Code::FileNotFound,
            false,
        ),
        ("500-globus_xio: System error in open: Permission denied\n500 End.", Code::FileAccessDenied, false),
        ("500-globus_xio: System error in write: No space left on device\n500 End.", Code::StorageFull, true),
        ("500-globus_xio: System error in read: Is a directory\n500 End.", Code::StageInFailed, false),
        (
            "530 530-Login incorrect. : globus_gss_assist: Gridmap lookup failure: Could not map /O=G/CN=x\n530 End.",
            Code::FileAccessDenied,
            false,
        ),
        ("error: globus_xio: Unable to connect to h:1\nConnection refused", Code::StageInFailed, true),
        ("globus_libc_getaddrinfo failed.\nglobus_common: Name or service not known", Code::StageInFailed, true),
        ("error: globus_ftp_client: the operation was aborted", Code::TransferTimeout, true),
        (
            "GSS Major Status: General failure\nglobus_credential: Error with credential: The host credential: /p\n\
             with subject: /O=G/CN=x/CN=7\n     has expired 2671464 minutes ago.",
            Code::CredentialExpired,
            false,
        ),
        (
            "GSS Major Status: Authentication Failed\ncertificate verify failed\nglobus_gsi_callback_module: Can't get \
             the local trusted CA certificate: Untrusted self-signed certificate in chain with hash e614f2dc",
            Code::FileAccessDenied,
            false,
        ),
        (
            "GSS Major Status: General failure\nglobus_credential: Valid credentials could not be found in any of the \
             possible locations specified by the credential search order.",
            Code::DelegationRequired,
            false,
        ),
        ("error: something nobody has seen before", Code::StageInFailed, true),
    ];

    #[test]
    fn captured_words_become_codes_and_are_kept() {
        for (words, code, transient) in CAPTURED {
            let failure = explain("fetching gsiftp://h//x", Code::StageInFailed, words);
            assert_eq!((failure.code, failure.transient), (*code, *transient), "{words}");
            assert!(failure.message.starts_with("fetching gsiftp://h//x failed"), "{failure}");
            assert_eq!(failure.site_text.as_deref(), Some(*words));
        }
    }
}
