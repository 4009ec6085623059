//! The lexical forms of XML Schema's simple types (XML Schema 1.0, part 2), as far as the house uses them. A function
//! answers `None` exactly where a schema validator says that the text is not of the type.

use jiff::{Timestamp, civil, tz::Offset};
use std::time::Duration;

/// The text without blanks around it; XML's four blanks, not Unicode's.
#[must_use]
pub fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r'])
}

/// `xs:boolean`.
#[must_use]
pub fn boolean(text: &str) -> Option<bool> {
    match trim(text) {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// `xs:integer`. Values beyond 64 bits become the least or greatest value there is.
#[must_use]
pub fn integer(text: &str) -> Option<i64> {
    let text = trim(text);
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let magnitude = digits.parse().unwrap_or(i64::MAX);
    Some(if negative { -magnitude } else { magnitude })
}

/// `xs:int`: an integer of 32 bits.
#[must_use]
pub fn int(text: &str) -> Option<i32> {
    integer(text).and_then(|value| i32::try_from(value).ok())
}

/// `xs:double`.
#[must_use]
pub fn double(text: &str) -> Option<f64> {
    match trim(text) {
        "INF" => Some(f64::INFINITY),
        "-INF" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::NAN),
        number if number.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte)) => number.parse().ok(),
        _ => None,
    }
}

/// `xs:decimal`: digits with at most one point, no exponent.
#[must_use]
pub fn decimal(text: &str) -> Option<f64> {
    let plain = |byte: u8| byte.is_ascii_digit() || b"+-.".contains(&byte);
    trim(text).bytes().all(plain).then(|| double(text)).flatten()
}

/// A moment, day or time of day as written: with or without a zone, years of any length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    year: i64,
    month: i8,
    day: i8,
    time: civil::Time,
    ends_day: bool,
    /// The zone, minutes east of UTC.
    pub offset_minutes: Option<i16>,
}

impl Moment {
    /// The point in time; no zone means UTC. Nothing for years that calendars of programs do not reach.
    #[must_use]
    pub fn timestamp(&self) -> Option<Timestamp> {
        let seconds = i32::from(self.offset_minutes.unwrap_or(0)) * 60;
        let offset = Offset::from_seconds(seconds).ok()?;
        let day = if self.ends_day { self.date()?.tomorrow().ok()? } else { self.date()? };
        offset.to_timestamp(day.to_datetime(self.time)).ok()
    }

    /// The date. Nothing for years that calendars of programs do not reach.
    #[must_use]
    pub fn date(&self) -> Option<civil::Date> {
        let year = i16::try_from(self.year).ok().filter(|year| (1..=9998).contains(year))?;
        civil::Date::new(year, self.month, self.day).ok()
    }

    /// The time of day.
    #[must_use]
    pub fn time(&self) -> civil::Time {
        self.time
    }
}

/// `xs:dateTime`.
#[must_use]
pub fn date_time(text: &str) -> Option<Moment> {
    let (date, rest) = trim(text).split_once('T')?;
    let (year, month, day) = calendar_day(date)?;
    let (time, ends_day, zone) = clock(rest)?;
    Some(Moment { year, month, day, time, ends_day, offset_minutes: offset(zone)? })
}

/// `xs:date`.
#[must_use]
pub fn date(text: &str) -> Option<Moment> {
    let text = trim(text);
    // The zone begins behind the day: year, two dashes, four digits.
    let dash = text.get(1..)?.find('-')? + 1;
    let (date, zone) = text.split_at_checked(dash + 6)?;
    let (year, month, day) = calendar_day(date)?;
    let offset_minutes = offset(zone)?;
    Some(Moment { year, month, day, time: civil::Time::midnight(), ends_day: false, offset_minutes })
}

/// `xs:time`.
#[must_use]
pub fn time(text: &str) -> Option<Moment> {
    let (time, ends_day, zone) = clock(trim(text))?;
    Some(Moment { year: 1970, month: 1, day: 1, time, ends_day, offset_minutes: offset(zone)? })
}

/// `xs:duration` without a sign, years and months, which have no fixed length.
#[must_use]
pub fn duration(text: &str) -> Option<Duration> {
    let text = trim(text).strip_prefix('P')?;
    let (days, clock) = match text.split_once('T') {
        Some((days, clock)) => (days, Some(clock)),
        None => (text, None),
    };
    let mut seconds: u64 = 0;
    let mut nanos: u32 = 0;
    let mut given = false;
    if !days.is_empty() {
        seconds = whole(days.strip_suffix('D')?)?.saturating_mul(86_400);
        given = true;
    }
    if let Some(mut rest) = clock {
        given = !rest.is_empty();
        for (letter, factor) in [('H', 3_600), ('M', 60)] {
            if let Some((digits, behind)) = rest.split_once(letter) {
                seconds = seconds.saturating_add(whole(digits)?.saturating_mul(factor));
                rest = behind;
            }
        }
        if !rest.is_empty() {
            let (digits, fraction) = split_fraction(rest.strip_suffix('S')?)?;
            seconds = seconds.saturating_add(whole(digits)?);
            nanos = fraction;
        }
    }
    given.then(|| Duration::new(seconds.min(u64::from(u32::MAX)), nanos))
}

fn whole(digits: &str) -> Option<u64> {
    let good = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    good.then(|| digits.parse().unwrap_or(u64::MAX))
}

/// Cuts `12.5` into `12` and its fraction in nanoseconds.
fn split_fraction(text: &str) -> Option<(&str, u32)> {
    let Some((whole_part, fraction)) = text.split_once('.') else {
        return Some((text, 0));
    };
    whole(fraction)?;
    let nanos = fraction.bytes().chain(std::iter::repeat(b'0')).take(9);
    Some((whole_part, nanos.fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'))))
}

fn two(text: &str, at: usize, most: i8) -> Option<i8> {
    let digits = text.get(at..at + 2).filter(|two| two.bytes().all(|byte| byte.is_ascii_digit()))?;
    digits.parse().ok().filter(|value| *value <= most)
}

fn calendar_day(text: &str) -> Option<(i64, i8, i8)> {
    let split = text.len().checked_sub(6)?;
    let (year_text, rest) = text.split_at_checked(split)?;
    let digits = year_text.strip_prefix('-').unwrap_or(year_text);
    let leads = digits.len() > 4 && digits.starts_with('0');
    if digits.len() < 4 || leads || !rest.starts_with('-') || rest.as_bytes()[3] != b'-' {
        return None;
    }
    let magnitude = i64::try_from(whole(digits)?).unwrap_or(i64::MAX);
    let year = if year_text.starts_with('-') { -magnitude } else { magnitude };
    let (month, day) = (two(rest, 1, 12)?, two(rest, 4, 31)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let longest = match month {
        2 => 28 + i8::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    (year != 0 && month > 0 && day > 0 && day <= longest).then_some((year, month, day))
}

/// Reads `hh:mm:ss(.s+)?`; answers also whether it was 24:00:00, and what follows.
fn clock(text: &str) -> Option<(civil::Time, bool, &str)> {
    let bytes = text.as_bytes();
    if bytes.get(2) != Some(&b':') || bytes.get(5) != Some(&b':') {
        return None;
    }
    let (hour, minute, second) = (two(text, 0, 24)?, two(text, 3, 59)?, two(text, 6, 59)?);
    let rest = &text[8..];
    let end = rest
        .strip_prefix('.')
        .map_or(0, |fraction| 1 + fraction.find(|c: char| !c.is_ascii_digit()).unwrap_or(fraction.len()));
    let (_, nanos) = split_fraction(&text[6..8 + end])?;
    if hour == 24 {
        return (minute == 0 && second == 0 && nanos == 0).then_some((civil::Time::midnight(), true, &rest[end..]));
    }
    let time = civil::Time::new(hour, minute, second, i32::try_from(nanos).ok()?).ok()?;
    Some((time, false, &rest[end..]))
}

/// Reads a zone. The outer `None` is a fault, the inner one the absence of a zone.
fn offset(text: &str) -> Option<Option<i16>> {
    let sign = match text.as_bytes().first() {
        None => return Some(None),
        Some(b'Z') if text.len() == 1 => return Some(Some(0)),
        Some(b'+') => 1,
        Some(b'-') => -1,
        Some(_) => return None,
    };
    let good = text.len() == 6 && text.as_bytes()[3] == b':';
    let minutes = i16::from(two(text, 1, 14)?) * 60 + i16::from(two(text, 4, 59)?);
    (good && minutes <= 14 * 60).then_some(Some(sign * minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_forms_of_the_schema() {
        assert_eq!([integer(" 4\n"), integer("+07"), integer("-1"), integer("")], [Some(4), Some(7), Some(-1), None]);
        assert_eq!([integer("1.0"), integer("0x1"), integer("two"), integer("+")], [None; 4]);
        assert_eq!(integer("123456789012345678901"), Some(i64::MAX));
        assert_eq!([int("2147483647"), int("2147483648")], [Some(i32::MAX), None]);
        assert_eq!(
            [double("1.5e3"), double(" .5 "), double("5."), double("-INF")].map(|number| number.is_some()),
            [true; 4]
        );
        assert_eq!([double("inf"), double("nan"), double("1,5"), double("")], [None; 4]);
        assert_eq!([boolean("1"), boolean(" false "), boolean("yes")], [Some(true), Some(false), None]);
    }

    #[test]
    fn moments_without_a_zone_are_utc() {
        let at = |text| date_time(text).and_then(|moment| moment.timestamp()).map(|at| at.to_string());
        assert_eq!(at("2026-01-01T10:04:05").as_deref(), Some("2026-01-01T10:04:05Z"));
        assert_eq!(at("2026-01-01T10:04:05.5+02:00").as_deref(), Some("2026-01-01T08:04:05.5Z"));
        assert_eq!(at("2026-12-31T24:00:00Z").as_deref(), Some("2027-01-01T00:00:00Z"));
        assert!(date_time("12026-01-01T00:00:00").is_some_and(|moment| moment.timestamp().is_none()));
        for bad in [
            "2026-01-01",
            "2026-02-29T00:00:00",
            "26-01-01T00:00:00",
            "2026-01-01T25:00:00",
            "2026-01-01T10:04",
            "",
            "2026-01-01T10:04:05+15:00",
            "0000-01-01T00:00:00",
            "2026-01-01T10:04:05.",
            "2026-01-01T24:00:01",
            "éééééé",
        ] {
            assert_eq!(date_time(bad), None, "{bad}");
        }
    }

    #[test]
    fn dates_times_and_durations_are_read() {
        assert_eq!(date("2024-02-29Z").and_then(|day| day.date()).unwrap().to_string(), "2024-02-29");
        assert_eq!(date("-0044-03-15").and_then(|day| day.date()), None);
        assert_eq!([date("2026-1-1"), date("2026-01-01T00:00:00"), date("-"), date("é-éééé")], [None; 4]);
        let slot = time("08:30:00.250-01:30").unwrap();
        assert_eq!((slot.time().to_string().as_str(), slot.offset_minutes), ("08:30:00.25", Some(-90)));
        assert_eq!([time("8:30:00"), time("08:30"), time("08:60:00"), time("08:30:00X")], [None; 4]);
        assert_eq!(duration("P1DT2H3M4.5S"), Some(Duration::new(93_784, 500_000_000)));
        assert_eq!(duration(" PT30M "), Some(Duration::from_secs(1800)));
        for bad in ["P", "PT", "P1DT", "P1Y", "P1M", "-PT1H", "PT1.5H", "PT1M1H", "1H", "PTS", "PT.5S", "PT1S2"] {
            assert_eq!(duration(bad), None, "{bad}");
        }
    }
}
