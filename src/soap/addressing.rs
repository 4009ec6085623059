//! WS-Addressing 1.0, as much as an answer on the same connection needs. Optional, never demanded.
//!
//! A reply goes back on the connection or nowhere: an address of somebody else is refused, so nobody can make the broker call.

use super::fault::Fault;
use crate::xml::{Element, Writer};

const NAMESPACE: &str = "http://www.w3.org/2005/08/addressing";
const ANONYMOUS: &str = "http://www.w3.org/2005/08/addressing/anonymous";
const NONE: &str = "http://www.w3.org/2005/08/addressing/none";

/// What the request's headers say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Addressing {
    used: bool,
    message_id: Option<String>,
    reply_to: Option<String>,
    fault_to: Option<String>,
}

impl Addressing {
    /// Reads the headers.
    pub(super) fn read(headers: &[Element<'_>]) -> Self {
        let mut found = Self::default();
        for header in headers.iter().filter(|header| Self::understands(header)) {
            found.used = true;
            let address = || {
                let child = header.children.iter().find(|child| child.name.is(NAMESPACE, "Address"));
                child.map(|child| child.text.trim().to_owned())
            };
            match header.name.local {
                "MessageID" => found.message_id = Some(header.text.trim().to_owned()),
                "ReplyTo" => found.reply_to = address(),
                "FaultTo" => found.fault_to = address(),
                _ => {}
            }
        }
        found
    }

    /// Whether a header is one of these.
    pub(super) fn understands(header: &Element<'_>) -> bool {
        const KNOWN: [&str; 8] =
            ["To", "From", "ReplyTo", "FaultTo", "Action", "MessageID", "RelatesTo", "ReferenceParameters"];
        *header.name.namespace == *NAMESPACE && KNOWN.contains(&header.name.local)
    }

    /// Refuses replies to anywhere but the connection.
    pub(super) fn check(&self) -> Result<(), Fault> {
        let elsewhere = |address: &&String| ![ANONYMOUS, NONE].contains(&address.as_str());
        match [&self.reply_to, &self.fault_to].into_iter().flatten().find(elsewhere) {
            None => Ok(()),
            Some(_) => Err(Fault::OnlyAnonymousAddress),
        }
    }

    /// Whether nobody wants the answer.
    pub(super) fn is_one_way(&self, fault: bool) -> bool {
        let address = if fault { self.fault_to.as_ref().or(self.reply_to.as_ref()) } else { self.reply_to.as_ref() };
        address.is_some_and(|address| address == NONE)
    }

    /// The header blocks of the answer; empty when the request had none.
    pub(super) fn reply(&self, action: &str) -> String {
        if !self.used {
            return String::new();
        }
        let mut writer = Writer::new("", 256);
        let mut block = |name: &str, text: &str| {
            for markup in ["<wsa:", name, " xmlns:wsa=\"", NAMESPACE, "\">"] {
                writer.markup(markup);
            }
            writer.text(text);
            for markup in ["</wsa:", name, ">"] {
                writer.markup(markup);
            }
        };
        block("Action", action);
        if let Some(id) = &self.message_id {
            block("RelatesTo", id);
        }
        block("To", ANONYMOUS);
        writer.finish()
    }
}
