//! Whole lives of jobs in the real daemon: good ones, canceled ones, interrupted ones, and those of bad days.
//!
//! As root jobs run as the account that the site's grid-mapfile names, otherwise as whoever runs the tests.

#![expect(clippy::unwrap_used, reason = "a test that cannot set its scene fails there and then")]

#[path = "../support/mod.rs"]
mod support;

#[expect(dead_code, reason = "these tests need two kinds of proxies only")]
#[path = "../support/pki.rs"]
mod pki;

mod bad_days;
mod cancel;
mod classic;
mod configuration;
mod control;
mod crash;
mod dialects;
mod following;
mod jsdl;
mod lives;
mod many;
mod registrations;
mod restart;
mod scene;
mod waiting;
mod web;
mod who;
