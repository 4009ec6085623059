//! Points in time for people: local clock time and age. The only place that asks for the time of day.

use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};
use std::time::{Duration, SystemTime};

/// The present moment.
pub(crate) fn now() -> Timestamp {
    Timestamp::try_from(SystemTime::now()).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// `2026-11-21 06:05:30` in the caller's time zone; text that is no time is shown as it came.
pub(crate) fn clock_time(rfc3339: &str) -> String {
    match rfc3339.parse::<Timestamp>() {
        Ok(at) => render(at),
        Err(_) => rfc3339.to_owned(),
    }
}

/// The same for a moment of this program's own.
pub(crate) fn render(at: Timestamp) -> String {
    at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Clock time followed by its age: `2026-11-21 06:05:30 (3 min ago)`.
pub(crate) fn with_age(rfc3339: &str, now: Timestamp) -> String {
    match rfc3339.parse::<Timestamp>() {
        Ok(at) => format!("{} ({})", render(at), age(at, now)),
        Err(_) => rfc3339.to_owned(),
    }
}

/// `3 min ago`, `in 2 h`, `now`.
pub(crate) fn age(at: Timestamp, now: Timestamp) -> String {
    let distance = now.duration_since(at);
    match distance.as_secs() {
        0 => "now".to_owned(),
        1.. => format!("{} ago", length(distance)),
        _ => format!("in {}", length(-distance)),
    }
}

/// The time between two moments: `42 s`, `3 min 5 s`; `None` unless both are known.
pub(crate) fn between(from: Option<&str>, to: Option<&str>) -> Option<String> {
    let (from, to) = (from?.parse::<Timestamp>().ok()?, to?.parse::<Timestamp>().ok()?);
    let whole = to.duration_since(from);
    let (minutes, seconds) = (whole.as_secs() / 60, whole.as_secs() % 60);
    Some(if (1..60).contains(&minutes) && seconds > 0 { format!("{minutes} min {seconds} s") } else { length(whole) })
}

fn length(distance: SignedDuration) -> String {
    match distance.as_secs() {
        seconds @ ..60 => format!("{seconds} s"),
        seconds @ 60..3600 => format!("{} min", seconds / 60),
        seconds @ 3600..172_800 => format!("{} h", seconds / 3600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

/// Reads `90`, `90s`, `15m`, `2h` and `1d`.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[number.len()..] {
        "" | "s" => 1,
        "m" | "min" => 60,
        "h" => 3600,
        "d" => 86_400,
        other => return Err(format!("`{other}` is no unit of time; write seconds, or 90s, 15m, 2h, 1d")),
    };
    let count: u64 = number.parse().map_err(|_| "write seconds, or 90s, 15m, 2h, 1d".to_owned())?;
    count.checked_mul(unit).map(Duration::from_secs).ok_or_else(|| "that is too long".to_owned())
}

/// Reads a moment as RFC 3339 in UTC: `2h` is so long ago, `2026-11-21` and `2026-11-21T06:05` are in the caller's time zone.
pub(crate) fn parse_moment(text: &str) -> Result<String, String> {
    moment(text, |age| now().checked_sub(age).ok())
}

/// The same for a moment to come: `7d` is in seven days.
pub(crate) fn parse_expiry(text: &str) -> Result<String, String> {
    moment(text, |distance| now().checked_add(distance).ok())
}

fn moment(text: &str, from_now: impl Fn(Duration) -> Option<Timestamp>) -> Result<String, String> {
    let relative = || parse_duration(text).ok().and_then(from_now);
    let local = || Some(text.parse::<civil::DateTime>().ok()?.to_zoned(TimeZone::system()).ok()?.timestamp());
    let moment = text.parse::<Timestamp>().ok().or_else(local).or_else(relative);
    let moment =
        moment.ok_or("write a distance (90s, 15m, 2h, 3d), 2026-11-21, 2026-11-21T06:00 or 2026-11-21T06:00:00Z")?;
    Ok(format!("{moment:.0}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    #[test]
    fn an_age_names_one_unit() {
        let cases = [(0, "now"), (59, "59 s ago"), (60, "1 min ago"), (7199, "1 h ago"), (172_800, "2 days ago")];
        for (seconds, expected) in cases {
            assert_eq!(age(at(1_000_000), at(1_000_000 + seconds)), expected);
        }
        assert_eq!(age(at(1_000_120), at(1_000_000)), "in 2 min");
    }

    #[test]
    fn a_span_is_known_only_with_both_ends() {
        let (from, to) = (Some("2026-01-01T00:00:00Z"), Some("2026-01-01T00:03:05.5Z"));
        assert_eq!(between(from, to).as_deref(), Some("3 min 5 s"));
        assert_eq!(between(from, None), None);
    }

    #[test]
    fn durations_have_units_and_nonsense_is_explained() {
        assert_eq!(parse_duration("90"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_duration("2h"), Ok(Duration::from_secs(7200)));
        assert!(parse_duration("2 weeks").is_err());
        assert!(parse_duration("").is_err());
        assert!(parse_duration("99999999999999999999d").is_err());
    }

    #[test]
    fn a_moment_is_a_date_a_time_or_an_age() {
        assert_eq!(parse_moment("2026-11-21T06:00:00+02:00").as_deref(), Ok("2026-11-21T04:00:00Z"));
        let day = parse_moment("2026-11-21").expect("a day").parse::<Timestamp>().expect("RFC 3339");
        assert_eq!(render(day), "2026-11-21 00:00:00");
        let age = now().duration_since(parse_moment("2h").expect("an age").parse().expect("RFC 3339"));
        assert!((7199..=7201).contains(&age.as_secs()), "{age}");
        for wrong in ["yesterday", "", "2026-13-01", "-5"] {
            assert!(parse_moment(wrong).is_err(), "{wrong}");
        }
    }
}
