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
            let value = view::text(node);
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
            let name = self.variable_name(node, &mut names);
            let value = view::text(node);
            self.data(&value, At::Text(node));
            variables.extend(name.map(|name| (name, value.into_owned())));
        }
        variables
    }

    /// The `name` of a variable; `known` are those before it.
    pub(in crate::description) fn variable_name(
        &mut self,
        node: Node<'_, '_>,
        known: &mut HashSet<String>,
    ) -> Option<String> {
        let name = node.attribute("name")?;
        let at = At::Attribute(node, "name");
        if !is_variable_name(name) {
            let say = "is no name of a variable; use letters, digits and _, beginning with no digit";
            self.inconsistent(at, format!("`{}` {say}", short(name)));
        } else if name.starts_with(RESERVED) {
            let say = "names beginning with GRMS_ are set by the broker; choose another name";
            self.inconsistent(at, format!("the variable {} cannot be set: {say}", short(name)));
        } else if !known.insert(name.to_owned()) {
            let say = format!("the variable {} is set twice; the last value counts", short(name));
            self.findings.warning(Code::DescInconsistent, at, say);
        }
        Some(name.to_owned())
    }
}

fn is_variable_name(name: &str) -> bool {
    let starts = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    starts && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
