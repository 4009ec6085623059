//! Quiet: the bare values, one per line, nothing at all for nothing.

/// The lines as text.
pub(crate) fn lines(values: &[String]) -> String {
    values.iter().map(|value| format!("{value}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn nothing_is_printed_as_nothing() {
        assert_eq!(lines(&[]), "");
        assert_eq!(lines(&["a".to_owned(), "b".to_owned()]), "a\nb\n");
    }
}
