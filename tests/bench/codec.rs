//! Questions a second through each of the two codecs: the same job, the same operation, the same connections; the contract of 1.9 beside the
//! modern one. Whatever a codec costs shows here, for everything else is shared.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench ends at the first surprise and prints figures")]

#[path = "common.rs"]
mod common;
#[path = "../support/mod.rs"]
mod support;

use std::path::Path;
use std::time::{Duration, Instant};
use support::Site;
use support::portal::Portal;

const CLIENTS: usize = 8;
const ROUND: Duration = Duration::from_millis(1500);
const ROUNDS: usize = 4;
const CLASSIC: &str = "/axis/services/grms-1.9.6";

/// The question in the classic encoding, with a reference as the tool kits of the time wrote it.
fn classic(id: &str) -> String {
    format!(
        "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\
         <soapenv:Body><g:getJobInfo xmlns:g=\"urn:grms\" \
         soapenv:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"><jobId href=\"#id0\"/></g:getJobInfo>\
         <multiRef id=\"id0\" xsi:type=\"xsd:string\">{id}</multiRef></soapenv:Body></soapenv:Envelope>"
    )
}

/// Answers a second of all clients together.
fn round(portals: &mut [Portal], ask: &(dyn Fn(&mut Portal) + Sync)) -> f64 {
    let began = Instant::now();
    let count: u32 = std::thread::scope(|scope| {
        let clients: Vec<_> = portals
            .iter_mut()
            .map(|portal| {
                scope.spawn(move || {
                    let mut count = 0;
                    while began.elapsed() < ROUND {
                        ask(portal);
                        count += 1;
                    }
                    count
                })
            })
            .collect();
        clients.into_iter().map(|client| client.join().unwrap()).sum()
    });
    f64::from(count) / began.elapsed().as_secs_f64()
}

fn main() -> std::process::ExitCode {
    let mut site = Site::of(Path::new(env!("CARGO_BIN_EXE_grmsd")));
    site.set("GRMS_LOG", "warn");
    site.start();
    let mut portals: Vec<_> = (0..CLIENTS).map(|_| Portal::connect(&site).unwrap()).collect();
    let program =
        "<executable type=\"single\"><file name=\"true\" type=\"in\"><url>file:////bin/true</url></file></executable>";
    let id = portals[0].submit(&support::gjd("codec", program));
    portals[0].wait_end(&id);
    let old = classic(&id);
    let ask_modern = |portal: &mut Portal| {
        let answer = portal.info(&id).unwrap();
        assert!(answer.status == 200 && answer.body.contains("FINISHED"), "{}", answer.body);
    };
    let ask_classic = |portal: &mut Portal| {
        let answer = portal.post(CLASSIC, "text/xml; charset=utf-8", &old).unwrap();
        assert!(answer.status == 200 && answer.body.contains("FINISHED"), "{}", answer.body);
    };
    // The rounds alternate, so that what else the machine does hits both; the best one counts.
    let (mut modern_rate, mut classic_rate) = (0.0_f64, 0.0_f64);
    for _ in 0..ROUNDS {
        modern_rate = modern_rate.max(round(&mut portals, &ask_modern));
        classic_rate = classic_rate.max(round(&mut portals, &ask_classic));
    }
    println!("getJobInfo over TLS, {CLIENTS} connections kept open");
    println!("document/literal    {modern_rate:8.0} answers/s");
    println!("rpc/encoded         {classic_rate:8.0} answers/s");
    let aim = "the classic contract at least two thirds as fast as the modern one";
    common::verdict("codec", classic_rate, modern_rate, aim, classic_rate * 1.5 >= modern_rate)
}
