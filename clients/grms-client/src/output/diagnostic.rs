//! A fault of a job description as a compiler shows one: what is wrong, where, the line itself and a caret under the
//! column. Columns count characters from 1; a place outside the text is named but not drawn.

use crate::document::Document;
use crate::failure::code_label;
use crate::messages::Diagnostic;
use owo_colors::OwoColorize;

/// Room for an excerpt when the width of the terminal is not known.
const USUAL_WIDTH: usize = 120;

/// The text with its last line break. Colours are in it; the stream takes them out where they do not belong.
pub(crate) fn render(diagnostic: &Diagnostic, document: Option<&Document>, width: Option<u16>) -> String {
    let severity = if diagnostic.is_error() {
        format!("error[{}]", code_label(diagnostic.code)).red().bold().to_string()
    } else {
        format!("warning[{}]", code_label(diagnostic.code)).yellow().bold().to_string()
    };
    let mut text = format!("{severity}: {}\n", diagnostic.message.bold());
    let line = diagnostic.line.unwrap_or(0);
    let number = line.to_string();
    let margin = " ".repeat(number.len());
    let place = place(diagnostic, document);
    if !place.is_empty() {
        text.push_str(&format!("{margin}{} {place}\n", "-->".blue().bold()));
    }
    let source = document.and_then(|document| document.text.lines().nth(usize::try_from(line).ok()?.checked_sub(1)?));
    if let Some(source) = source {
        let room = width.map_or(USUAL_WIDTH, usize::from).saturating_sub(number.len() + 3).max(20);
        let bar = "|".blue().bold().to_string();
        let (shown, caret) = excerpt(source, diagnostic.column, room);
        text.push_str(&format!("{margin} {bar}\n{} {bar} {shown}\n", number.blue().bold()));
        if let Some(indent) = caret {
            text.push_str(&format!("{margin} {bar} {indent}{}\n", "^".red().bold()));
        }
    }
    text.push('\n');
    text
}

/// `tar.xml:12:5 at /grmsJob/simpleJob`.
fn place(diagnostic: &Diagnostic, document: Option<&Document>) -> String {
    let name = document.map_or("job description", |document| document.name.as_str());
    let mut place = match (diagnostic.line, diagnostic.column) {
        (Some(line), Some(column)) => format!("{name}:{line}:{column}"),
        (Some(line), None) => format!("{name}:{line}"),
        _ => String::new(),
    };
    if let Some(path) = &diagnostic.path {
        place = if place.is_empty() { format!("{name} at {path}") } else { format!("{place} at {path}") };
    }
    place
}

/// The part of a line around the column, tabs shown as four blanks, and the blanks that put a caret under it.
fn excerpt(source: &str, column: Option<u32>, room: usize) -> (String, Option<String>) {
    let mut shown = Vec::new();
    let mut caret = None;
    let column = column.and_then(|column| usize::try_from(column).ok()?.checked_sub(1));
    for (index, c) in source.trim_end().chars().enumerate() {
        if Some(index) == column {
            caret = Some(shown.len());
        }
        match c {
            '\t' => shown.extend([' '; 4]),
            c if c.is_control() => shown.push('\u{fffd}'),
            c => shown.push(c),
        }
    }
    let caret = caret.or_else(|| column.filter(|column| *column <= source.chars().count()).map(|_| shown.len()));
    let start = caret.unwrap_or(0).saturating_sub(room * 2 / 3);
    let start = if shown.len() <= room { 0 } else { start.min(shown.len() - room.min(shown.len())) };
    let end = shown.len().min(start + room);
    let mut part: Vec<char> = shown[start..end].to_vec();
    if start > 0 {
        part[0] = '…';
    }
    if end < shown.len() {
        part[end - start - 1] = '…';
    }
    (part.into_iter().collect(), caret.map(|caret| " ".repeat(caret - start)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, line: u32, column: u32, width: u16) -> String {
        let document = Document { name: "tar.xml".to_owned(), text: text.to_owned() };
        let diagnostic = Diagnostic {
            severity: "ERROR".to_owned(),
            code: 112,
            line: Some(line),
            column: Some(column),
            path: Some("/grmsJob".to_owned()),
            message: "no appid".to_owned(),
        };
        let mut plain = Vec::new();
        let styled = render(&diagnostic, Some(&document), Some(width));
        std::io::Write::write_all(&mut anstream::StripStream::new(&mut plain), styled.as_bytes()).expect("memory");
        String::from_utf8(plain).expect("UTF-8")
    }

    #[test]
    fn the_caret_stands_under_the_column_also_behind_tabs_and_wide_lines() {
        let text = "<a>\n\t<grmsJob ą='1'>\n</a>";
        let expected = "error[DESC_INVALID (112)]: no appid\n --> tar.xml:2:11 at /grmsJob\n  |\n2 |     <grmsJob ą='1'>\n  |              ^\n\n";
        assert_eq!(shown(text, 2, 11, 80), expected);
        let long = format!("{}<here/>{}", "x".repeat(300), "y".repeat(300));
        let text = shown(&long, 1, 301, 60);
        let lines: Vec<_> = text.lines().collect();
        let caret = lines[4].chars().position(|c| c == '^').expect("a caret");
        assert_eq!(lines[3].chars().nth(caret), Some('<'), "{text}");
        assert!(lines.iter().all(|line| line.chars().count() <= 60), "{text}");
    }

    #[test]
    fn a_place_outside_the_text_is_named_but_not_drawn() {
        assert!(shown("<a/>", 7, 1, 80).ends_with("--> tar.xml:7:1 at /grmsJob\n\n"));
        assert!(shown("<a/>", 1, 5, 80).contains("  |     ^"));
        assert!(!shown("<a/>", 1, 90, 80).contains('^'));
    }
}
