//! Texts that reach the program: arguments and environment variables.

use super::Reader;
use crate::description::findings::{At, short};
use crate::description::view;
use crate::job::Code;
use roxmltree::Node;
use std::collections::HashSet;

/// Names that the broker sets itself.
const RESERVED: &str = "GRMS_";

impl Reader<'_> {
    /// The `value` children: the argument vector.
    pub(in crate::description) fn arguments(&mut self, arguments: Node<'_, '_>) -> Vec<String> {
        let mut values = Vec::new();
        for node in view::named(arguments, "value") {
            let value = self.text(node);
            self.data(&value, At::Text(node));
            values.push(value.into_owned());
        }
        values
    }

    /// The `variable` children.
    pub(in crate::description) fn environment(&mut self, environment: Node<'_, '_>) -> Vec<(String, String)> {
        let mut variables = Vec::new();
        let mut names = HashSet::new();
        for node in view::named(environment, "variable") {
            let Some(name) = node.attribute("name") else { continue };
            let at = At::Attribute(node, "name");
            let taken = !names.insert(name);
            self.environment_name(name, at, taken);
            let value = self.text(node);
            self.data(&value, At::Text(node));
            variables.push((name.to_owned(), value.into_owned()));
        }
        variables
    }

    /// Holds the name of an environment variable, which may be set already, against what is possible.
    pub(in crate::description) fn environment_name(&mut self, name: &str, at: At<'_, '_>, taken: bool) {
        if !is_variable_name(name) {
            let say = "is no name of a variable; use letters, digits and _, beginning with no digit";
            self.inconsistent(at, format!("`{}` {say}", short(name)));
        } else if name.starts_with(RESERVED) {
            let say = "names beginning with GRMS_ are set by the broker; choose another name";
            self.inconsistent(at, format!("the variable {} cannot be set: {say}", short(name)));
        } else if taken {
            let say = format!("the variable {} is set twice; the last value counts", short(name));
            self.findings.warning(Code::DescInconsistent, at, say);
        }
    }
}

fn is_variable_name(name: &str) -> bool {
    let starts = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    starts && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
