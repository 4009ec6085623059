//! From byte offsets to lines and columns, for a list of places in one walk over the text.

/// A place for people: both numbers count from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

/// Walks forward over a text; asking for places in ascending order costs one pass altogether.
#[derive(Debug)]
pub struct Places<'a> {
    text: &'a str,
    at: usize,
    place: Place,
}

impl<'a> Places<'a> {
    /// At the beginning of `text`.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0, place: Place { line: 1, column: 1 } }
    }

    /// The place of a byte offset, which must not lie before the one asked for last. Offsets behind the end, or inside a
    /// character, mean the next character's beginning.
    pub fn of(&mut self, offset: usize) -> Place {
        for (at, character) in self.text[self.at..].char_indices() {
            if self.at + at >= offset {
                self.at += at;
                return self.place;
            }
            if character == '\n' {
                self.place = Place { line: self.place.line.saturating_add(1), column: 1 };
            } else {
                self.place.column = self.place.column.saturating_add(1);
            }
        }
        self.at = self.text.len();
        self.place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_begin_at_one() {
        let text = "é<a>\n  <b/>";
        let mut places = Places::new(text);
        assert_eq!(places.of(0), Place { line: 1, column: 1 });
        assert_eq!(places.of(2), Place { line: 1, column: 2 });
        assert_eq!(places.of(text.find("<b").unwrap()), Place { line: 2, column: 3 });
        assert_eq!(places.of(1000), Place { line: 2, column: 7 });
        assert_eq!(places.of(1000), Place { line: 2, column: 7 });
    }
}
