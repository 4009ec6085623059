//! Messages to the service: SOAP 1.1, SOAP 1.2 and messages of several parts. The first byte chooses.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((kind, body)) = data.split_first() else { return };
    let content_type = match kind % 4 {
        0 => "application/soap+xml; charset=utf-8",
        1 => "multipart/related; boundary=B; type=\"application/xop+xml\"; start=\"<root>\"; start-info=\"text/xml\"",
        _ => "text/xml; charset=utf-8",
    };
    grms_fuzz::message(grms::soap::PATH, content_type, body);
});
