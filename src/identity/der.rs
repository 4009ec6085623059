//! Reads the little DER that OpenSSL's safe interface does not offer: extensions, proxy policies and the strings of a
//! name. Definite lengths only, nothing is copied, nothing is read outside the given bytes.

/// Universal tags that occur here.
pub(super) mod tag {
    pub(in super::super) const INTEGER: u8 = 0x02;
    pub(in super::super) const OCTET_STRING: u8 = 0x04;
    pub(in super::super) const OBJECT: u8 = 0x06;
    pub(in super::super) const UTF8_STRING: u8 = 0x0C;
    pub(in super::super) const T61_STRING: u8 = 0x14;
    pub(in super::super) const UNIVERSAL_STRING: u8 = 0x1C;
    pub(in super::super) const BMP_STRING: u8 = 0x1E;
    pub(in super::super) const SEQUENCE: u8 = 0x30;
    /// The `extensions` field of a certificate: context tag 3, constructed.
    pub(in super::super) const EXTENSIONS: u8 = 0xA3;
}

/// A walk over neighbouring elements.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// A walk over `bytes`.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Content of the next element, when it has this tag.
    pub(super) fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        let mut ahead = *self;
        let (found, content) = ahead.next()?;
        if found != tag {
            return None;
        }
        *self = ahead;
        Some(content)
    }

    /// Goes into the next element, when it has this tag.
    pub(super) fn enter(&mut self, tag: u8) -> Option<Self> {
        self.expect(tag).map(Self)
    }
}

impl<'a> Iterator for Reader<'a> {
    type Item = (u8, &'a [u8]);

    /// Tag and content of the next element; nothing at the end and nothing when the rest is not DER.
    fn next(&mut self) -> Option<Self::Item> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, mut rest) = rest.split_first()?;
        let mut length = usize::from(first);
        if first >= 0x80 {
            let count = usize::from(first & 0x7F);
            if count == 0 || count > 4 || rest.len() < count {
                return None;
            }
            length = rest[..count].iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte));
            rest = &rest[count..];
        }
        let content = rest.get(..length)?;
        self.0 = &rest[length..];
        Some((tag, content))
    }
}

/// The value of the extension `oid` (content bytes of the identifier) of a certificate.
pub(super) fn extension<'a>(certificate: &'a [u8], oid: &[u8]) -> Option<&'a [u8]> {
    let mut fields = Reader::new(certificate).enter(tag::SEQUENCE)?.enter(tag::SEQUENCE)?;
    let (_, extensions) = fields.find(|(tag, _)| *tag == tag::EXTENSIONS)?;
    Reader::new(extensions).enter(tag::SEQUENCE)?.find_map(|(_, extension)| {
        let mut parts = Reader::new(extension);
        let found = parts.expect(tag::OBJECT)?;
        let (_, value) = parts.find(|(tag, _)| *tag == tag::OCTET_STRING)?;
        (found == oid).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lengths_of_one_and_of_several_bytes_are_read() {
        let mut long = vec![tag::OCTET_STRING, 0x82, 0x01, 0x00];
        long.extend([7; 256]);
        long.extend([tag::INTEGER, 1, 5]);
        let mut reader = Reader::new(&long);
        assert_eq!(reader.next().map(|(tag, content)| (tag, content.len())), Some((tag::OCTET_STRING, 256)));
        assert_eq!(reader.expect(tag::OBJECT), None);
        assert_eq!(reader.expect(tag::INTEGER), Some(&[5][..]));
        assert_eq!(reader.next(), None);
    }

    #[test]
    fn a_length_beyond_the_end_and_an_indefinite_length_end_the_walk() {
        assert_eq!(Reader::new(&[tag::INTEGER, 5, 1]).next(), None);
        assert_eq!(Reader::new(&[tag::SEQUENCE, 0x80, 0, 0]).next(), None);
        assert_eq!(Reader::new(&[tag::SEQUENCE, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]).next(), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_walked_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Reader::new(&bytes).count() <= bytes.len());
            let _ = extension(&bytes, &[0x55]);
        }
    }
}
