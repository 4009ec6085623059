//! Descriptions, starting from GJD 2.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| grms_fuzz::description(data));
