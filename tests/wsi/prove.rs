//! Each assertion on the served contract, and on copies that break it.

use crate::document::Rule;
use crate::support::Site;
use crate::support::portal::Portal;
use roxmltree::Document;
use std::path::Path;
use std::sync::OnceLock;

/// The contract, from a daemon that was started for this.
fn served() -> &'static str {
    static CONTRACT: OnceLock<String> = OnceLock::new();
    CONTRACT.get_or_init(|| {
        let mut site = Site::of(Path::new(env!("CARGO_BIN_EXE_grmsd")));
        site.start();
        let answer = Portal::connect(&site).unwrap().get("/services/grms?wsdl").unwrap();
        assert_eq!(answer.status, 200);
        let (host, port) = site.address();
        assert!(
            answer.body.contains(&format!("https://{host}:{port}/services/grms")),
            "the address is the one we used"
        );
        answer.body
    })
}

fn broken(rule: Rule, text: &str) -> Vec<String> {
    let document = Document::parse(text).unwrap_or_else(|error| panic!("not well-formed: {error}\n{text}"));
    rule(&document)
}

/// The served contract obeys the rule, and each change, made where the text first occurs, breaks it.
pub(crate) fn prove(rule: Rule, changes: &[(&str, &str)]) {
    let contract = served();
    assert_eq!(broken(rule, contract), Vec::<String>::new());
    assert!(!changes.is_empty(), "a rule that nothing breaks says nothing");
    for (from, to) in changes {
        assert!(contract.contains(from), "the contract has no {from}");
        let found = broken(rule, &contract.replacen(from, to, 1));
        assert!(!found.is_empty(), "the change from {from} to {to} was not noticed");
    }
}

/// One test for each rule.
macro_rules! assertions {
    ($($(#[$note:meta])* $name:ident: $rule:expr, [$($from:expr => $to:expr),+ $(,)?];)+) => {
        $($(#[$note])*
        #[test]
        fn $name() {
            $crate::prove::prove($rule, &[$(($from, $to)),+]);
        })+
    };
}
pub(crate) use assertions;
