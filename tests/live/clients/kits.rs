//! Each stack does the whole round: submits a job that really runs, waits for its end, asks about it, and reads typed faults.

use crate::report::Extra::{self, Dialects, Order, Soap12};
use crate::report::Report;
use crate::stage::{Stage, stranger};

/// The program of a stack runs through, and what it decoded is right.
fn round(name: &'static str, program: &str, arguments: &[&str], extras: &[Extra]) {
    let stage = Stage::new(name);
    let printed = stage.run(program, arguments);
    println!("{name} {}", Report::read(&printed).check(&stage, extras));
}

#[test]
fn zeep_speaks_to_the_broker() {
    round("zeep", "python", &[&stranger("zeep/stranger.py")], &[Order, Soap12, Dialects]);
}

#[test]
fn the_npm_package_soap_speaks_to_the_broker() {
    round("node-soap", "node", &[&stranger("node/soap.js")], &[Order, Soap12, Dialects]);
}

#[test]
fn the_npm_package_strong_soap_speaks_to_the_broker() {
    round("strong-soap", "node", &[&stranger("node/strong_soap.js")], &[Soap12]);
}

#[test]
fn the_soap_client_of_php_speaks_to_the_broker() {
    round("PHP SoapClient", "php", &[&stranger("php/stranger.php")], &[Order, Soap12]);
}

#[test]
fn soap_lite_speaks_to_the_broker() {
    round("SOAP::Lite", "perl", &[&stranger("perl/stranger.pl")], &[Order, Soap12]);
}

#[test]
fn gsoap_speaks_to_the_broker() {
    round("gSOAP", &stranger("gsoap/run"), &[], &[Soap12]);
}

#[test]
fn jax_ws_speaks_to_the_broker() {
    round("JAX-WS RI", &stranger("jaxws/run"), &[], &[Order, Soap12]);
}

#[test]
fn mono_speaks_to_the_broker() {
    round("Mono", &stranger("mono/run"), &[], &[Soap12]);
}
