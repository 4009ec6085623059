//! `-F`: a line per job with chosen columns, as `printf` would: `%-22I %-16S %-8H`.

use crate::messages::JobInfo;
use std::str::FromStr;

/// What a letter stands for; the help shows this list.
const LETTERS: [(char, &str); 11] = [
    ('I', "job id"),
    ('S', "state"),
    ('H', "host"),
    ('Q', "queue"),
    ('L', "label"),
    ('P', "project"),
    ('O', "owner"),
    ('T', "time of submission"),
    ('N', "number of attempts"),
    ('X', "exit code"),
    ('R', "remark"),
];

/// A format that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Format(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Column { letter: char, width: usize, left: bool },
}

impl Format {
    /// The line for a job, without blanks at its end.
    pub(crate) fn line(&self, job: &JobInfo) -> String {
        let mut line = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => line.push_str(text),
                Piece::Column { letter, width, left } => {
                    let value = value(job, *letter);
                    line.push_str(&if *left { format!("{value:<width$}") } else { format!("{value:>width$}") });
                }
            }
        }
        line.trim_end_matches(' ').to_owned()
    }
}

fn value(job: &JobInfo, letter: char) -> String {
    let attempt = job.last_attempt.as_ref();
    let known = match letter {
        'I' => Some(job.job_id.clone()),
        'S' => Some(job.status.clone()),
        'H' => attempt.and_then(|attempt| attempt.host_name.clone()),
        'Q' => attempt.and_then(|attempt| attempt.queue.clone()),
        'L' => Some(job.app_id.clone()),
        'P' => job.project.clone(),
        'O' => Some(job.user_dn.clone()),
        'T' => Some(job.submission_time.clone()),
        'N' => Some(job.history_length.to_string()),
        'X' => job.exit_code.map(|code| code.to_string()),
        _ => job.error_description.clone().or_else(|| job.status_description.clone()),
    };
    known.filter(|value| !value.is_empty()).map_or_else(|| "-".to_owned(), |value| value.replace('\n', " "))
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            match (c, rest.peek()) {
                ('%', Some('%')) | ('\\', Some('\\' | 'n' | 't')) => plain.push(match rest.next() {
                    Some('n') => '\n',
                    Some('t') => '\t',
                    same => same.unwrap_or(c),
                }),
                ('%', _) => {
                    let left = rest.next_if_eq(&'-').is_some();
                    let mut digits = String::new();
                    while let Some(digit) = rest.next_if(char::is_ascii_digit) {
                        digits.push(digit);
                    }
                    let width =
                        if digits.is_empty() { 0 } else { digits.parse::<u16>().map_err(|_| too_wide(&digits))? };
                    let letter = rest.next().filter(|letter| LETTERS.iter().any(|(known, _)| known == letter));
                    let letter = letter.ok_or_else(unknown)?;
                    if !plain.is_empty() {
                        pieces.push(Piece::Text(std::mem::take(&mut plain)));
                    }
                    pieces.push(Piece::Column { letter, width: usize::from(width), left });
                }
                _ => plain.push(c),
            }
        }
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self(pieces))
    }
}

fn too_wide(digits: &str) -> String {
    format!("a column of {digits} characters is too wide; at most {} fit", u16::MAX)
}

fn unknown() -> String {
    format!("after % stand an optional -, an optional width and one of {}; %% is a percent sign", letters())
}

/// `I job id, S state, …`.
pub(crate) fn letters() -> String {
    LETTERS.map(|(letter, meaning)| format!("{letter} ({meaning})")).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::Attempt;

    fn job() -> JobInfo {
        let attempt = Attempt { host_name: Some("hydra".to_owned()), ..Attempt::default() };
        JobInfo {
            job_id: "17_a_1".to_owned(),
            status: "RUNNING".to_owned(),
            last_attempt: Some(attempt),
            ..JobInfo::default()
        }
    }

    fn line(format: &str) -> String {
        format.parse::<Format>().expect("a format").line(&job())
    }

    #[test]
    fn columns_have_widths_and_sides_and_never_cut_a_value() {
        assert_eq!(line("%-22I %-16S %-8H"), "17_a_1                 RUNNING          hydra");
        assert_eq!(line("[%9S] %2I"), "[  RUNNING] 17_a_1");
        assert_eq!(line("%I\\t%Q 100%%\\\\"), "17_a_1\t- 100%\\");
        assert_eq!(line(""), "");
    }

    #[test]
    fn what_is_no_column_is_refused_with_the_list_of_columns() {
        for wrong in ["%Z", "%", "%-", "%5", "%s"] {
            let error = wrong.parse::<Format>().expect_err(wrong);
            assert!(error.contains("I (job id)"), "{error}");
        }
        assert!("%99999999I".parse::<Format>().expect_err("too wide").contains("too wide"));
    }
}
