//! A document's tree as descriptions use it: elements without namespace, whole texts. Faults of structure are reported by
//! the grammar; here a thing that is not there is simply absent.

use crate::xml::lexical;
use roxmltree::Node;
use std::borrow::Cow;

/// The child elements.
pub(super) fn elements<'a, 'i>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(Node::is_element)
}

/// Whether a node is an element of this name in no namespace.
pub(super) fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name && node.tag_name().namespace().is_none()
}

/// The child elements of one name.
pub(super) fn named<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(move |child| is(*child, name))
}

/// The first child element of a name.
pub(super) fn child<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> Option<Node<'a, 'i>> {
    named(node, name).next()
}

/// The whole text of an element, comments left out.
pub(super) fn text<'a>(node: Node<'a, '_>) -> Cow<'a, str> {
    let mut texts = node.children().filter(Node::is_text).filter_map(|child| child.text());
    match (texts.next(), texts.next()) {
        (None, _) => Cow::Borrowed(""),
        (Some(only), None) => Cow::Borrowed(only),
        (Some(first), Some(second)) => Cow::Owned([first, second].into_iter().chain(texts).collect()),
    }
}

/// The whole text of an element without the blanks around it.
pub(super) fn trimmed(node: Node<'_, '_>) -> String {
    lexical::trim(&text(node)).to_owned()
}

/// Whether a text is nothing but XML's blanks.
pub(super) fn is_blank(text: &str) -> bool {
    lexical::trim(text).is_empty()
}
