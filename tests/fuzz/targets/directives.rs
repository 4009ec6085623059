//! Descriptions, starting from directive scripts.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| grms_fuzz::description(data));
