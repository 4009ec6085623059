//! The lines of a script that speak to the broker: `#QCG key=value`. Everything else belongs to the interpreter.

/// The word that begins a directive.
pub(super) const MARK: &str = "#QCG";

/// A line that begins with the mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line<'t> {
    /// Its number, from 1.
    pub(super) number: usize,
    /// The byte at which the line begins.
    pub(super) offset: usize,
    /// What was found in it.
    pub(super) said: Said<'t>,
}

/// What a line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said<'t> {
    /// `#QCG key`, or `#QCG key=value`.
    Directive {
        /// Without blanks around it; may be empty.
        key: Word<'t>,
        /// Without blanks around it; absent without `=`.
        value: Option<Word<'t>>,
    },
    /// Something that looks like a directive and is a comment.
    NearMiss,
}

/// A piece of the text and where it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word<'t> {
    pub(super) text: &'t str,
    pub(super) offset: usize,
}

impl<'t> Word<'t> {
    /// The word without blanks around it.
    pub(super) fn trim(self) -> Self {
        let end = self.text.trim_end();
        let text = end.trim_start();
        Self { text, offset: self.offset + (end.len() - text.len()) }
    }

    /// The two sides of a separator, without blanks around them.
    pub(super) fn split(self, separator: &str) -> Option<(Self, Self)> {
        let (left, right) = self.text.split_once(separator)?;
        let behind = self.offset + left.len() + separator.len();
        let left = Word { text: left, offset: self.offset };
        Some((left.trim(), Word { text: right, offset: behind }.trim()))
    }
}

/// The lines of a script that are, or look like, directives.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut offset = 0;
    let numbered = text.split_inclusive('\n').zip(1..).map(move |(line, number)| {
        let begin = offset;
        offset += line.len();
        (number, begin, line)
    });
    numbered.filter_map(|(number, offset, line)| Some(Line { number, offset, said: read(line, offset)? }))
}

/// Whether a line is a directive.
pub(in crate::description) fn is_directive(line: &str) -> bool {
    matches!(read(line, 0), Some(Said::Directive { .. }))
}

fn read(line: &str, offset: usize) -> Option<Said<'_>> {
    let (mark, rest) = line.split_at_checked(MARK.len())?;
    if !mark.eq_ignore_ascii_case(MARK) {
        return None;
    }
    if !(rest.is_empty() || rest.starts_with(char::is_whitespace)) {
        // `#QCG-foo` is any comment; `#QCGname=x` was meant.
        return (rest.starts_with(|c: char| c.is_ascii_alphabetic()) && rest.contains('=')).then_some(Said::NearMiss);
    }
    if mark != MARK {
        return Some(Said::NearMiss);
    }
    let rest = Word { text: rest, offset: offset + MARK.len() };
    Some(match rest.split("=") {
        Some((key, value)) => Said::Directive { key, value: Some(value) },
        None => Said::Directive { key: rest.trim(), value: None },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(text: &str) -> Vec<(usize, String, Option<String>)> {
        let one = |line: Line<'_>| match line.said {
            Said::Directive { key, value } => {
                (line.number, key.text.to_owned(), value.map(|value| value.text.to_owned()))
            }
            Said::NearMiss => (line.number, "?".to_owned(), None),
        };
        lines(text).map(one).collect()
    }

    #[test]
    fn directives_are_told_from_comments() {
        for (line, expected) in [
            ("#QCG walltime=PT1H", Some(("walltime", Some("PT1H")))),
            ("#QCG\t walltime =  PT1H \r", Some(("walltime", Some("PT1H")))),
            ("#QCG environment=A=b=c", Some(("environment", Some("A=b=c")))),
            ("#QCG persistent", Some(("persistent", None))),
            ("#QCG argument=", Some(("argument", Some("")))),
            ("#QCG", Some(("", None))),
            ("#qcg name=x", Some(("?", None))),
            ("#QCGname=x", Some(("?", None))),
            ("#QCG-note: none", None),
            ("# QCG name=x", None),
            ("##QCG name=x", None),
            (" #QCG name=x", None),
            ("echo '#QCG name=x'", None),
            ("#QÇG", None),
        ] {
            let expected: Vec<_> =
                expected.into_iter().map(|(key, value)| (1, key.to_owned(), value.map(str::to_owned))).collect();
            assert_eq!(told(line), expected, "{line}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            entries in prop::collection::vec(("[a-z-]{1,12}", prop::option::of("[!-~]([ -~é]{0,20}[!-~])?"), 0..3_usize), 0..20),
        ) {
            let mut text = String::from("#!/bin/sh\n");
            let mut expected = Vec::new();
            for (key, value, comments) in entries {
                text.push_str(&"echo # not a directive\n".repeat(comments));
                let number = text.matches('\n').count() + 1;
                match &value {
                    Some(value) => text.push_str(&format!("#QCG {key}={value}\n")),
                    None => text.push_str(&format!("#QCG {key}\n")),
                }
                expected.push((number, key, value));
            }
            prop_assert_eq!(told(&text), expected);
        }

        #[test]
        fn every_word_stands_where_it_is_said_to(text in "(#QCG[ \t]{0,2}[a-z= é>-]{0,12}\r?\n|[#QCG a=\n]{0,9}){0,8}") {
            for line in lines(&text) {
                prop_assert_eq!(text[..line.offset].matches('\n').count() + 1, line.number);
                if let Said::Directive { key, value } = line.said {
                    for word in [Some(key), value].into_iter().flatten() {
                        prop_assert!(text[word.offset..].starts_with(word.text));
                    }
                }
            }
        }
    }
}
