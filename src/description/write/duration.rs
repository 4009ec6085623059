//! Numbers and durations as XML Schema writes them.

use std::time::Duration;

/// Seconds, minutes and hours, as far as they are there: `PT1H30M`, `PT0.5S`.
pub(super) fn iso(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let mut text = String::from("PT");
    for (number, unit) in [(hours, 'H'), (minutes, 'M')] {
        if number > 0 {
            text.push_str(&format!("{number}{unit}"));
        }
    }
    let fraction = format!("{:09}", duration.subsec_nanos());
    match fraction.trim_end_matches('0') {
        "" if rest == 0 && text.len() > 2 => {}
        "" => text.push_str(&format!("{rest}S")),
        fraction => text.push_str(&format!("{rest}.{fraction}S")),
    }
    text
}

/// The shortest digits that mean this number.
pub(super) fn number(value: f64) -> String {
    if value.is_infinite() {
        return if value > 0.0 { "INF".to_owned() } else { "-INF".to_owned() };
    }
    value.to_string()
}

/// A number of milliseconds in seconds, exactly: the point is moved in the digits.
pub(super) fn milliseconds_in_seconds(value: f64) -> String {
    if !value.is_finite() {
        return number(value);
    }
    let text = value.abs().to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let padded = format!("{whole:0>4}");
    let (whole, moved) = padded.split_at(padded.len() - 3);
    let digits = format!("{moved}{fraction}");
    let digits = digits.trim_end_matches('0');
    let sign = if value < 0.0 { "-" } else { "" };
    if digits.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{digits}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::lexical;

    #[test]
    fn durations_are_written_in_the_greatest_units_and_read_back() {
        for (millis, text) in
            [(0, "PT0S"), (500, "PT0.5S"), (60_000, "PT1M"), (5_400_000, "PT1H30M"), (90_061_001, "PT25H1M1.001S")]
        {
            let duration = Duration::from_millis(millis);
            assert_eq!(iso(duration), text);
            assert_eq!(lexical::duration(text), Some(duration));
        }
    }

    #[test]
    fn milliseconds_become_seconds_by_moving_the_point() {
        for (value, text) in
            [(0.0, "0"), (2.5, "0.0025"), (20.0, "0.02"), (1500.0, "1.5"), (12_345_000.0, "12345"), (0.1, "0.0001")]
        {
            assert_eq!(milliseconds_in_seconds(value), text);
        }
    }
}
