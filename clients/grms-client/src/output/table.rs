//! Tables and blocks for people. A table is never wider than the terminal: long cells wrap, the first column does not.

use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use owo_colors::OwoColorize;

/// The width of the terminal behind standard output, or `COLUMNS`; `None` when it does not matter.
pub(crate) fn terminal_width() -> Option<u16> {
    let named = || std::env::var("COLUMNS").ok()?.parse().ok().filter(|width| *width > 0);
    Table::new().width().or_else(named)
}

/// Rows under headings.
pub(crate) fn grid(headings: &[&str], rows: Vec<Vec<String>>) -> String {
    grid_within(terminal_width(), headings, rows)
}

fn grid_within(width: Option<u16>, headings: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(headings).add_rows(rows);
    if let Some(width) = width {
        table.set_width(width).set_content_arrangement(ContentArrangement::Dynamic);
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if index == 0 {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// Labels and values, one per line; what is not known is left out.
pub(crate) fn block(pairs: Vec<(&str, Option<String>)>) -> String {
    let known: Vec<_> = pairs.into_iter().filter_map(|(label, value)| Some((label, value?))).collect();
    let width = known.iter().map(|(label, _)| label.len()).max().unwrap_or(0);
    let lines = known.into_iter().map(|(label, value)| {
        let indent = format!("\n{:width$}  ", "");
        format!("{label:width$}  {}", value.trim_end().replace('\n', &indent))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A state word in its colour.
pub(crate) fn colored(status: &str) -> String {
    match status {
        "FINISHED" => status.green().to_string(),
        "FAILED" => status.red().bold().to_string(),
        "CANCELED" | "SUSPENDED" => status.yellow().to_string(),
        "RUNNING" => status.cyan().to_string(),
        _ => status.to_owned(),
    }
}

/// A cell for something that may be unknown.
pub(crate) fn cell(value: Option<&str>) -> String {
    value.filter(|value| !value.is_empty()).unwrap_or("-").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_fits_the_terminal_and_keeps_the_first_column_whole() {
        let id = "1767261845123_clock_0417";
        let reason = "waits for a free slot in queue normal, two jobs of this user run already";
        let row = vec![id.to_owned(), "QUEUED".to_owned(), reason.to_owned()];
        let text = grid_within(Some(60), &["Job id", "Status", "Reason"], vec![row]);
        assert!(text.lines().all(|line| line.chars().count() <= 60), "{text}");
        assert!(text.contains(id) && text.lines().count() > 2, "{text}");
    }

    #[test]
    fn a_block_leaves_out_what_is_not_known_and_indents_long_values() {
        let pairs = vec![("A", Some("1".to_owned())), ("Long", None), ("BC", Some("x\ny".to_owned()))];
        assert_eq!(block(pairs), "A   1\nBC  x\n    y");
    }
}
