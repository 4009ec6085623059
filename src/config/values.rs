//! Values with units: `90s`, `4MiB`.

use std::time::Duration;

/// Reads `500ms`, `90s`, `15m`, `12h`, `7d`.
pub(super) fn parse_duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no time span; expected a number and ms, s, m, h or d, such as 90s");
    let (number, unit) = split(text).ok_or_else(wrong)?;
    let milliseconds: u64 = match unit {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(wrong()),
    };
    // A bound of a thousand years keeps sums of times inside every calendar.
    let total = number.checked_mul(milliseconds).filter(|total| *total <= 86_400_000 * 365_250).ok_or_else(wrong)?;
    if total == 0 {
        return Err(format!("`{text}` is no time at all; expected more than nothing, such as 1s"));
    }
    Ok(Duration::from_millis(total))
}

/// Reads `4MiB`, `512KiB`, `2GB`, `1000B`.
pub(super) fn parse_bytes(text: &str) -> Result<u64, String> {
    let wrong = || format!("`{text}` is no size; expected a number and B, KiB, MiB, GiB, kB, MB or GB, such as 4MiB");
    let (number, unit) = split(text).ok_or_else(wrong)?;
    let factor: u64 = match unit {
        "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "kB" => 1000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        _ => return Err(wrong()),
    };
    number.checked_mul(factor).filter(|total| *total > 0).ok_or_else(wrong)
}

fn split(text: &str) -> Option<(u64, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    Some((text[..end].parse().ok()?, text[end..].trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_and_nothing_else_is() {
        assert_eq!(parse_duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_duration("500 ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration("7d"), Ok(Duration::from_secs(604_800)));
        assert_eq!(parse_bytes("4MiB"), Ok(4 << 20));
        assert_eq!(parse_bytes("2GB"), Ok(2_000_000_000));
        for bad in ["", "90", "s", "-1s", "1.5h", "1w", "99999999999999999999s", "999999999d", "0s"] {
            assert!(parse_duration(bad).is_err(), "{bad}");
        }
        for bad in ["", "4", "4 mib", "0B", "99999999999999GiB"] {
            assert!(parse_bytes(bad).is_err(), "{bad}");
        }
    }
}
