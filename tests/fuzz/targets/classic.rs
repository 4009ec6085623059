//! Messages to the classic service, of either version: references, arrays, absent values.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    use grms::soap::{CLASSIC_190_PATH, CLASSIC_196_PATH, CLASSIC_PATH};
    let Some((kind, body)) = data.split_first() else { return };
    let path = [CLASSIC_PATH, CLASSIC_190_PATH, CLASSIC_196_PATH][usize::from(kind % 3)];
    grms_fuzz::message(path, "text/xml; charset=utf-8", body);
});
