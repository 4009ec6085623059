//! The namespaces of JSDL and its extensions, each under every name that producers have given it, and a tree seen through them.

use crate::description::view;
use crate::xml::{XSI, lexical};
use roxmltree::Node;

/// A vocabulary, whatever the name of its namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// JSDL itself.
    Jsdl,
    /// The POSIX application.
    Posix,
    /// The application of the HPC basic profile.
    Hpcpa,
    /// The parallel application.
    Spmd,
    /// Parameter sweeps.
    Sweep,
    /// The functions that give a sweep its values.
    Functions,
    /// File staging of the HPC profile, where credentials stand.
    Staging,
    /// The same credentials under another name.
    Activity,
}

impl Family {
    const ALL: &'static [Self] = &[
        Self::Jsdl,
        Self::Posix,
        Self::Hpcpa,
        Self::Spmd,
        Self::Sweep,
        Self::Functions,
        Self::Staging,
        Self::Activity,
    ];

    /// Every name of its namespace, the published one first.
    pub(super) const fn namespaces(self) -> &'static [&'static str] {
        match self {
            Self::Jsdl => &["http://schemas.ggf.org/jsdl/2005/11/jsdl", "http://schemas.ggf.org/jsdl/2005/04/jsdl"],
            Self::Posix => {
                &["http://schemas.ggf.org/jsdl/2005/11/jsdl-posix", "http://schemas.ggf.org/jsdl/2005/04/jsdl-posix"]
            }
            Self::Hpcpa => {
                &["http://schemas.ggf.org/jsdl/2006/07/jsdl-hpcpa", "http://schemas.ogf.org/jsdl/2006/07/jsdl-hpcpa"]
            }
            Self::Spmd => &["http://schemas.ogf.org/jsdl/2007/02/jsdl-spmd"],
            Self::Sweep => &["http://schemas.ogf.org/jsdl/2009/03/sweep"],
            Self::Functions => &["http://schemas.ogf.org/jsdl/2009/03/sweep/functions"],
            Self::Staging => &["http://schemas.ogf.org/hpcp/2007/01/fs"],
            Self::Activity => &["http://schemas.ogf.org/hpcp/2007/11/ac"],
        }
    }

    /// The vocabulary of a namespace.
    pub(super) fn of(namespace: Option<&str>) -> Option<Self> {
        let namespace = namespace?;
        Self::ALL.iter().copied().find(|family| family.namespaces().contains(&namespace))
    }
}

/// Whether a node is this element of a vocabulary.
pub(super) fn is(node: Node<'_, '_>, family: Family, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name && Family::of(node.tag_name().namespace()) == Some(family)
}

/// Whether an element says that it is not there: `xsi:nil="true"`.
pub(super) fn is_nil(node: Node<'_, '_>) -> bool {
    node.attribute((XSI, "nil")).and_then(lexical::boolean).unwrap_or(false)
}

/// The child elements of one name that are there.
pub(super) fn named<'a, 'i>(
    node: Node<'a, 'i>,
    family: Family,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'i>> {
    view::elements(node).filter(move |child| is(*child, family, name) && !is_nil(*child))
}

/// The first child element of a name that is there.
pub(super) fn child<'a, 'i>(node: Node<'a, 'i>, family: Family, name: &'static str) -> Option<Node<'a, 'i>> {
    named(node, family, name).next()
}

/// The text of an element's child, without the blanks around it; nothing when it is blank.
pub(super) fn said(node: Node<'_, '_>, family: Family, name: &'static str) -> Option<String> {
    child(node, family, name).map(view::trimmed).filter(|text| !text.is_empty())
}

/// `true` and `false` in any letter case, `1` and `0`.
pub(super) fn boolean(text: &str) -> Option<bool> {
    lexical::boolean(&text.to_ascii_lowercase())
}

/// The truth of an attribute; false when it is absent.
pub(super) fn flag(node: Node<'_, '_>, name: &str) -> bool {
    node.attribute(name).and_then(boolean).unwrap_or(false)
}
