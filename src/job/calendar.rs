//! When a task may be started: the daily window, the period with its named days, the 1.9.0 reservation.

use super::{Calendar, Day, ExecutionTime, PeriodEnd, Reservation, SlotEnd, Spec, TaskId, TaskSpec, TimeSlot};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan, Zoned, civil};
use std::time::Duration;

/// Whether a start is possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// Now.
    Now,
    /// Not before this moment.
    NotBefore(Timestamp),
    /// Not any more.
    Never,
}

/// How far ahead a permitted day is searched.
const HORIZON_DAYS: i32 = 800;

impl TaskSpec {
    /// Whether the task may be started now, in the broker's time zone; a period without a beginning counts from `submitted`. `outer` is the
    /// bound that the job sets: both must allow the start.
    #[must_use]
    pub fn may_start(
        &self,
        outer: Option<&ExecutionTime>,
        now: Timestamp,
        submitted: Timestamp,
        zone: &TimeZone,
    ) -> Start {
        let reserved = self.reservation.as_ref().map_or(Start::Now, |reservation| reserved(reservation, now));
        let mut moment = match reserved {
            Start::Never => return Start::Never,
            Start::NotBefore(moment) => moment,
            Start::Now => now,
        };
        let calendars: Vec<_> = self.execution_time.iter().chain(outer).collect();
        // Each calendar moves the moment on until both leave it where it is.
        for _ in 0..2 * HORIZON_DAYS {
            let before = moment;
            for times in &calendars {
                match allowed(times, moment, submitted, zone) {
                    Some(later) => moment = later,
                    None => return Start::Never,
                }
            }
            if moment == before {
                return if moment <= now { Start::Now } else { Start::NotBefore(moment) };
            }
        }
        Start::Never
    }
}

impl Spec {
    /// A task with the run time that its job allows it: its own, but not more than the job's.
    #[must_use]
    pub fn bounded(&self, id: &TaskId) -> Option<TaskSpec> {
        let mut task = self.task(id)?.clone();
        if let Some(outer) = &self.execution_time {
            let own =
                task.execution_time.get_or_insert(ExecutionTime { slot: None, duration: outer.duration, period: None });
            own.duration = own.duration.min(outer.duration);
        }
        Some(task)
    }
}

/// The first moment from `from` on at which a calendar allows a start.
fn allowed(times: &ExecutionTime, from: Timestamp, submitted: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let (earliest, latest) = period(times.period.as_ref(), submitted);
    let from = earliest.map_or(from, |earliest| from.max(earliest));
    let zone = times.slot.as_ref().and_then(own_zone).unwrap_or_else(|| zone.clone());
    first_moment(times.slot.as_ref(), times.period.as_ref(), from, latest, &zone)
}

/// The zone that a window names for its times.
fn own_zone(slot: &TimeSlot) -> Option<TimeZone> {
    let minutes = slot.offset_minutes?;
    Offset::from_seconds(i32::from(minutes) * 60).ok().map(TimeZone::fixed)
}

fn reserved(reservation: &Reservation, now: Timestamp) -> Start {
    match (reservation.deadline, reservation.earliest_start) {
        (Some(deadline), _) if deadline <= now => Start::Never,
        (_, Some(earliest)) if earliest > now => Start::NotBefore(earliest),
        _ => Start::Now,
    }
}

fn period(period: Option<&Calendar>, submitted: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
    let Some(period) = period else { return (None, None) };
    let start = period.start.unwrap_or(submitted);
    let end = match period.end {
        PeriodEnd::At(end) => end,
        PeriodEnd::After(duration) => later(start, duration),
    };
    (Some(start), Some(end))
}

fn later(moment: Timestamp, by: Duration) -> Timestamp {
    SignedDuration::try_from(by).ok().and_then(|by| moment.checked_add(by).ok()).unwrap_or(Timestamp::MAX)
}

/// The first moment at or after `from` and before `latest` that lies in the window of a permitted day.
fn first_moment(
    slot: Option<&TimeSlot>,
    period: Option<&Calendar>,
    from: Timestamp,
    latest: Option<Timestamp>,
    zone: &TimeZone,
) -> Option<Timestamp> {
    // A window that began yesterday may still be open.
    let first_day = from.to_zoned(zone.clone()).date().checked_sub(1.day()).ok()?;
    let mut day = first_day;
    for _ in 0..HORIZON_DAYS {
        if permitted(period, day)
            && let Some((opens, closes)) = window(slot, day, zone)
        {
            let moment = opens.max(from);
            if moment < closes {
                return latest.is_none_or(|latest| moment < latest).then_some(moment);
            }
        }
        day = day.checked_add(1.day()).ok()?;
    }
    None
}

fn permitted(period: Option<&Calendar>, day: civil::Date) -> bool {
    let Some(period) = period else { return true };
    let weekday = Day::Week(day.weekday().to_monday_one_offset());
    let date = Day::Date(day);
    let (included, excluded) = (&period.including, &period.excluding);
    if excluded.contains(&date) {
        return false;
    }
    if included.contains(&date) {
        return true;
    }
    !excluded.contains(&weekday) && (included.is_empty() || included.contains(&weekday))
}

fn window(slot: Option<&TimeSlot>, day: civil::Date, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
    let moment =
        |day: civil::Date, time: civil::Time| -> Option<Zoned> { day.to_datetime(time).to_zoned(zone.clone()).ok() };
    let next = day.checked_add(1.day()).ok()?;
    let Some(slot) = slot else {
        return Some((
            moment(day, civil::Time::midnight())?.timestamp(),
            moment(next, civil::Time::midnight())?.timestamp(),
        ));
    };
    let opens = moment(day, slot.start)?.timestamp();
    let closes = match slot.end {
        SlotEnd::At(end) if end > slot.start => moment(day, end)?.timestamp(),
        SlotEnd::At(end) => moment(next, end)?.timestamp(),
        SlotEnd::After(duration) => later(opens, duration),
    };
    Some((opens, closes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{Dialect, Location, Program, RelativeName, Url};

    fn task(slot: Option<TimeSlot>, period: Option<Calendar>) -> TaskSpec {
        let program = Program::File {
            name: RelativeName::parse("date").unwrap(),
            location: Location::Url(Url::parse("file:////bin/date").unwrap()),
        };
        let execution_time = Some(ExecutionTime { slot, duration: Duration::from_secs(60), period });
        TaskSpec { execution_time, ..TaskSpec::new(TaskId::main(), program) }
    }

    fn t(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn may(task: &TaskSpec, now: &str) -> Start {
        task.may_start(None, t(now), t("2026-01-01T00:00:00Z"), &TimeZone::UTC)
    }

    fn slot(start: &str, end: &str) -> Option<TimeSlot> {
        Some(TimeSlot { start: start.parse().unwrap(), offset_minutes: None, end: SlotEnd::At(end.parse().unwrap()) })
    }

    #[test]
    fn a_window_may_cross_midnight() {
        let task = task(slot("22:00", "06:00"), None);
        assert_eq!(may(&task, "2026-01-05T23:00:00Z"), Start::Now);
        assert_eq!(may(&task, "2026-01-05T05:59:59Z"), Start::Now);
        assert_eq!(may(&task, "2026-01-05T06:00:00Z"), Start::NotBefore(t("2026-01-05T22:00:00Z")));
    }

    #[test]
    fn a_window_may_name_its_own_zone() {
        let mut window = slot("22:00", "23:00").unwrap();
        window.offset_minutes = Some(120);
        let task = task(Some(window), None);
        assert_eq!(may(&task, "2026-01-05T20:30:00Z"), Start::Now);
        assert_eq!(may(&task, "2026-01-05T21:00:00Z"), Start::NotBefore(t("2026-01-06T20:00:00Z")));
    }

    #[test]
    fn a_date_beats_a_weekday_and_the_period_ends_it_all() {
        let period = Calendar {
            start: Some(t("2026-01-05T00:00:00Z")),
            end: PeriodEnd::At(t("2026-01-12T00:00:00Z")),
            excluding: vec![Day::Date("2026-01-07".parse().unwrap())],
            including: vec![Day::Week(3), Day::Date("2026-01-10".parse().unwrap())],
        };
        let task = task(None, Some(period));
        // The only Wednesday of the period is excluded by its date, so Saturday the 10th is the first day.
        assert_eq!(may(&task, "2026-01-01T12:00:00Z"), Start::NotBefore(t("2026-01-10T00:00:00Z")));
        assert_eq!(may(&task, "2026-01-10T23:00:00Z"), Start::Now);
        assert_eq!(may(&task, "2026-01-11T00:00:00Z"), Start::Never);
    }

    #[test]
    fn a_reservation_sets_the_first_and_the_last_moment() {
        let mut task = task(None, None);
        task.execution_time = None;
        task.reservation = Some(Reservation {
            deadline: Some(t("2026-01-03T00:00:00Z")),
            earliest_start: Some(t("2026-01-02T00:00:00Z")),
            data_size: None,
        });
        assert_eq!(may(&task, "2026-01-01T00:00:00Z"), Start::NotBefore(t("2026-01-02T00:00:00Z")));
        assert_eq!(may(&task, "2026-01-02T00:00:00Z"), Start::Now);
        assert_eq!(may(&task, "2026-01-03T00:00:00Z"), Start::Never);
    }

    #[test]
    fn the_bound_of_the_job_and_the_window_of_the_task_must_both_be_open() {
        let task = task(slot("22:00", "06:00"), None);
        let outer = |slot, period| ExecutionTime { slot, duration: Duration::from_secs(60), period };
        let may =
            |outer: &ExecutionTime, now| task.may_start(Some(outer), t(now), t("2026-01-01T00:00:00Z"), &TimeZone::UTC);
        let early = outer(slot("05:00", "21:00"), None);
        assert_eq!(may(&early, "2026-01-05T23:00:00Z"), Start::NotBefore(t("2026-01-06T05:00:00Z")));
        assert_eq!(may(&early, "2026-01-06T05:30:00Z"), Start::Now);
        let apart = outer(slot("07:00", "21:00"), None);
        assert_eq!(may(&apart, "2026-01-05T23:00:00Z"), Start::Never);
        let end = PeriodEnd::At(t("2026-01-05T23:30:00Z"));
        let over = outer(None, Some(Calendar { start: None, end, excluding: Vec::new(), including: Vec::new() }));
        assert_eq!(may(&over, "2026-01-05T23:00:00Z"), Start::Now);
        assert_eq!(may(&over, "2026-01-05T23:30:00Z"), Start::Never);
    }

    #[test]
    fn a_task_runs_no_longer_than_its_job_allows() {
        let mut spec = Spec::new(Dialect::Gjd3, String::new());
        spec.tasks.push(task(None, None));
        let duration = |spec: &Spec| spec.bounded(&TaskId::main()).unwrap().execution_time.map(|times| times.duration);
        assert_eq!(duration(&spec), Some(Duration::from_secs(60)));
        let outer = |seconds| Some(ExecutionTime { slot: None, duration: Duration::from_secs(seconds), period: None });
        for (seconds, expected) in [(30, 30), (90, 60)] {
            spec.execution_time = outer(seconds);
            assert_eq!(duration(&spec), Some(Duration::from_secs(expected)));
        }
        spec.tasks[0].execution_time = None;
        assert_eq!(duration(&spec), Some(Duration::from_secs(90)));
    }
}
