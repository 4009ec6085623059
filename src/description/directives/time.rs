//! When a script may run, and how long.

use super::{Given, Script};
use crate::description::findings::short;
use crate::job::{Calendar, Code, ExecutionTime, Limits, PeriodEnd, Reservation};
use crate::xml::lexical;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// What the directives of time come to.
#[derive(Default)]
pub(super) struct Times {
    pub(super) limits: Limits,
    pub(super) reservation: Option<Reservation>,
    pub(super) execution_time: Option<ExecutionTime>,
}

impl<'t> Script<'t, '_> {
    /// Reads `walltime`, `not-before`, `not-after` (the last start) and `deadline` (the end).
    pub(super) fn times(&mut self) -> Times {
        let wall = self.walltime();
        let before = self.moment("not-before").map(|(moment, _)| moment);
        let after = self.moment("not-after");
        let deadline = self.moment("deadline");
        let mut last = None;
        for (moment, given) in [&after, &deadline].into_iter().flatten() {
            let is_deadline = given.known.name == "deadline";
            let latest = match wall.filter(|_| is_deadline) {
                Some(wall) => earlier(*moment, wall),
                None => *moment,
            };
            if self.is_possible(given, *moment, latest, before) {
                last = Some(last.map_or(latest, |last: Timestamp| last.min(latest)));
            }
        }
        let limits = Limits { wall, ..Limits::default() };
        let end = deadline.map(|(moment, _)| moment);
        let reservation = (before.is_some() || end.is_some()).then_some(Reservation {
            deadline: end,
            earliest_start: before,
            data_size: None,
        });
        let execution_time = match (wall, last, &after) {
            (Some(duration), Some(last), _) => {
                let period =
                    Calendar { start: before, end: PeriodEnd::At(last), excluding: Vec::new(), including: Vec::new() };
                Some(ExecutionTime { slot: None, duration, period: Some(period) })
            }
            (None, _, Some((_, given))) if self.one("walltime").is_none() => {
                let say = "not-after needs a walltime beside it; add #QCG walltime=PT1H, or give a deadline instead";
                self.reader.inconsistent(given.at(), say);
                None
            }
            _ => None,
        };
        Times { limits, reservation, execution_time }
    }

    /// Whether a start is possible before `latest`, which follows from what was `given`.
    fn is_possible(
        &mut self,
        given: &Given<'_>,
        moment: Timestamp,
        latest: Timestamp,
        before: Option<Timestamp>,
    ) -> bool {
        let name = given.known.name;
        let say = if moment <= self.reader.rules.now {
            format!("{name} {moment} is over; give a later one")
        } else if before.is_some_and(|before| before >= moment) {
            format!("{name} is not later than not-before; no time remains")
        } else if latest <= before.map_or(self.reader.rules.now, |before| before.max(self.reader.rules.now)) {
            format!("{name} leaves no room for the walltime; give a later one, or a shorter walltime")
        } else {
            return true;
        };
        self.reader.inconsistent(given.at(), say);
        false
    }

    fn walltime(&mut self) -> Option<Duration> {
        let given = self.one("walltime")?;
        let text = self.text(given.value);
        let Some(duration) = lexical::duration(&text) else {
            let say =
                format!("walltime `{}` is not a duration such as PT1H30M, without years and months", short(&text));
            self.reader.findings.error(Code::DescInvalid, given.at(), say);
            return None;
        };
        if duration.is_zero() {
            self.reader.inconsistent(given.at(), "walltime must be longer than nothing");
        }
        (!duration.is_zero()).then_some(duration)
    }

    fn moment(&mut self, name: &'static str) -> Option<(Timestamp, Given<'t>)> {
        let given = self.one(name)?;
        let text = self.text(given.value);
        let Some(moment) = lexical::date_time(&text) else {
            let say = format!("{name} `{}` is not a date and time such as 2026-12-31T18:00:00Z", short(&text));
            self.reader.findings.error(Code::DescInvalid, given.at(), say);
            return None;
        };
        let Some(moment) = moment.timestamp() else {
            self.reader.inconsistent(given.at(), format!("{name} lies outside the years 1 to 9998"));
            return None;
        };
        Some((moment, given))
    }
}

fn earlier(moment: Timestamp, by: Duration) -> Timestamp {
    SignedDuration::try_from(by).ok().and_then(|by| moment.checked_sub(by).ok()).unwrap_or(Timestamp::MIN)
}
