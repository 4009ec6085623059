//! Holding answers against the contract: the schema is cut out of the WSDL, `xmllint` judges.

use super::app::Answer;
use std::fs;
use std::process::Command;

const WSDL: &str = include_str!("../../wsdl/grms.wsdl");

/// Messages to be judged together.
pub(crate) struct Judge {
    dir: tempfile::TempDir,
    files: Vec<String>,
}

impl Judge {
    pub(crate) fn new() -> Self {
        let document = roxmltree::Document::parse(WSDL).unwrap();
        let schema = document.descendants().find(|node| node.tag_name().name() == "schema").unwrap();
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("grms.xsd"), &WSDL[schema.range()]).unwrap();
        Self { dir, files: Vec::new() }
    }

    /// Takes what is in the Body, or in the detail of a fault.
    pub(crate) fn take(&mut self, name: &str, answer: &Answer) {
        let payload = answer.payload().unwrap_or_else(|| panic!("{name}: nothing in the Body: {}", answer.body));
        let file = format!("{:03}-{name}.xml", self.files.len());
        fs::write(self.dir.path().join(&file), payload).unwrap();
        self.files.push(file);
    }

    /// Judges all of them.
    #[expect(clippy::disallowed_methods, reason = "the validator is another program")]
    pub(crate) fn validate(self) {
        assert!(!self.files.is_empty());
        let found = Command::new("xmllint")
            .args(["--noout", "--nonet", "--schema", "grms.xsd"])
            .args(&self.files)
            .current_dir(self.dir.path())
            .output()
            .expect("xmllint is installed (package libxml2-utils)");
        assert!(found.status.success(), "{}", String::from_utf8_lossy(&found.stderr));
    }
}
