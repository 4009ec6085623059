//! The words in which a dialect's structure is written down: constants, so that tables of them are data.

/// An element.
pub(super) struct Element {
    pub(super) name: &'static str,
    pub(super) attributes: &'static [Attribute],
    pub(super) content: Content,
}

/// An attribute.
#[derive(Clone, Copy)]
pub(super) struct Attribute {
    pub(super) name: &'static str,
    pub(super) kind: Type,
    pub(super) required: bool,
}

/// What stands in an element.
pub(super) enum Content {
    /// Text of a simple type.
    Text(Type),
    /// Elements in this order.
    Ordered(&'static [Particle]),
    /// Elements in any order.
    Unordered(&'static [Particle]),
    /// Elements for which this order is usual; another one is worth a warning.
    Usual(&'static [Particle]),
    /// The elements of one particle only. The text says what is expected of somebody who mixed them.
    OneOf(&'static [Particle], &'static str),
    /// Anything, attributes too.
    Any,
}

/// One position of a content.
pub(super) struct Particle {
    /// Any of these.
    pub(super) choice: &'static [Element],
    /// At least one must be there.
    pub(super) required: bool,
    /// More than one may be there.
    pub(super) many: bool,
}

/// A simple type.
#[derive(Clone, Copy)]
pub(super) enum Type {
    Text,
    Boolean,
    Int,
    Integer,
    Double,
    Decimal,
    Count,
    DateTime,
    Date,
    Time,
    Duration,
    /// One of these words.
    Word(&'static [&'static str]),
    /// One of these words, or one that the site allows.
    LocalManager(&'static [&'static str]),
    WeekDay,
}

/// Exactly one of these.
pub(super) const fn need(choice: &'static [Element]) -> Particle {
    Particle { choice, required: true, many: false }
}

/// At most one of these.
pub(super) const fn may(choice: &'static [Element]) -> Particle {
    Particle { choice, required: false, many: false }
}

/// At least one of these.
pub(super) const fn some(choice: &'static [Element]) -> Particle {
    Particle { choice, required: true, many: true }
}

/// Any number of these.
pub(super) const fn any(choice: &'static [Element]) -> Particle {
    Particle { choice, required: false, many: true }
}

/// An attribute that may be left out.
pub(super) const fn attribute(name: &'static str, kind: Type) -> Attribute {
    Attribute { name, kind, required: false }
}

/// An attribute that must be there.
pub(super) const fn required(name: &'static str, kind: Type) -> Attribute {
    Attribute { name, kind, required: true }
}

/// An element with a text and no attributes.
pub(super) const fn text(name: &'static str, kind: Type) -> Element {
    Element { name, attributes: &[], content: Content::Text(kind) }
}

/// An element with a text.
pub(super) const fn text_with(name: &'static str, kind: Type, attributes: &'static [Attribute]) -> Element {
    Element { name, attributes, content: Content::Text(kind) }
}

/// An element with others in order and no attributes.
pub(super) const fn ordered(name: &'static str, content: &'static [Particle]) -> Element {
    Element { name, attributes: &[], content: Content::Ordered(content) }
}

/// An element with others in order.
pub(super) const fn ordered_with(
    name: &'static str,
    attributes: &'static [Attribute],
    content: &'static [Particle],
) -> Element {
    Element { name, attributes, content: Content::Ordered(content) }
}

/// An element with others in any order.
pub(super) const fn unordered(
    name: &'static str,
    attributes: &'static [Attribute],
    content: &'static [Particle],
) -> Element {
    Element { name, attributes, content: Content::Unordered(content) }
}

/// An element with others for which this order is usual.
pub(super) const fn usual(
    name: &'static str,
    attributes: &'static [Attribute],
    content: &'static [Particle],
) -> Element {
    Element { name, attributes, content: Content::Usual(content) }
}
