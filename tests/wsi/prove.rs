//! Each assertion on a served contract, and on copies that break it.

use crate::document::Rule;
use crate::support::Site;
use crate::support::portal::Portal;
use roxmltree::Document;
use std::path::Path;
use std::sync::OnceLock;

/// The address of the modern contract, then those of the classic ones.
const PLACES: [&str; 3] = ["/services/grms", "/axis/services/grms-1.9.0", "/axis/services/grms-1.9.6"];

/// The contracts in the order of `PLACES`, from a daemon that was started for this.
fn served() -> &'static [String; 3] {
    static CONTRACTS: OnceLock<[String; 3]> = OnceLock::new();
    CONTRACTS.get_or_init(|| {
        let mut site = Site::of(Path::new(env!("CARGO_BIN_EXE_grmsd")));
        site.start();
        let (host, port) = site.address();
        let mut portal = Portal::connect(&site).unwrap();
        PLACES.map(|place| {
            let answer = portal.get(&format!("{place}?wsdl")).unwrap();
            assert_eq!(answer.status, 200, "{place}");
            let address = format!("location=\"https://{host}:{port}{place}\"");
            assert!(answer.body.contains(&address), "the address is the one we used: {address}");
            answer.body
        })
    })
}

fn broken(rule: Rule, text: &str) -> Vec<String> {
    let document = Document::parse(text).unwrap_or_else(|error| panic!("not well-formed: {error}\n{text}"));
    rule(&document)
}

fn prove_on(contract: &str, rule: Rule, changes: &[(&str, &str)]) {
    assert_eq!(broken(rule, contract), Vec::<String>::new());
    assert!(!changes.is_empty(), "a rule that nothing breaks says nothing");
    for (from, to) in changes {
        assert!(contract.contains(from), "the contract has no {from}");
        let found = broken(rule, &contract.replacen(from, to, 1));
        assert!(!found.is_empty(), "the change from {from} to {to} was not noticed");
    }
}

/// The modern contract obeys the rule, and each change, made where the text first occurs, breaks it.
pub(crate) fn modern(rule: Rule, changes: &[(&str, &str)]) {
    prove_on(&served()[0], rule, changes);
}

/// Both classic contracts obey the rule, and each change breaks either.
pub(crate) fn classic(rule: Rule, changes: &[(&str, &str)]) {
    for contract in &served()[1..] {
        prove_on(contract, rule, changes);
    }
}

/// One test for each rule, on the contracts of that name.
macro_rules! assertions {
    (on $contract:ident; $($(#[$note:meta])* $name:ident: $rule:expr, [$($from:expr => $to:expr),+ $(,)?];)+) => {
        $($(#[$note])*
        #[test]
        fn $name() {
            $crate::prove::$contract($rule, &[$(($from, $to)),+]);
        })+
    };
}
pub(crate) use assertions;
