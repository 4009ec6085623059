//! `reservation` of 1.9.0 and the `executionTime` calendar of every later version. Periods in which no start is possible any more are
//! refused here; one that runs out later is the workers' business.

use super::Reader;
use crate::description::findings::At;
use crate::description::{grammar, view};
use crate::job::{Calendar, Code, Day, ExecutionTime, PeriodEnd, Reservation, SlotEnd, TimeSlot};
use crate::xml::lexical::{self, Moment};
use jiff::{SignedDuration, Timestamp, civil};
use roxmltree::Node;
use std::time::Duration;

const MINUTES_A_DAY: i64 = 24 * 60;

impl Reader<'_> {
    /// `reservation` of version 1.
    pub(in crate::description) fn reservation(&mut self, node: Node<'_, '_>) -> Option<Reservation> {
        let deadline = self.timestamp(node, "deadline");
        let earliest_start = self.timestamp(node, "estime");
        if let (Some(deadline), Some(at)) = (deadline, view::child(node, "deadline").map(At::Text)) {
            if deadline <= self.rules.now {
                self.inconsistent(at, format!("the deadline {deadline} is over; give a later one"));
            } else if earliest_start.is_some_and(|start| start >= deadline) {
                self.inconsistent(at, "the deadline is not later than the earliest start (estime); no time remains");
            }
        }
        let data_size = view::child(node, "datasize").and_then(|size| {
            let value = lexical::double(&view::text(size))?;
            let good = value.is_finite() && value >= 0.0;
            if !good {
                self.inconsistent(At::Text(size), "datasize must be a number of megabytes, 0 or more");
            }
            good.then_some(value)
        });
        Some(Reservation { deadline, earliest_start, data_size })
    }

    /// `executionTime`, whose duration is the element of this name.
    pub(in crate::description) fn execution_time(
        &mut self,
        node: Node<'_, '_>,
        duration: &'static str,
    ) -> Option<ExecutionTime> {
        let slot = view::child(node, "timeSlot").map(|slot| self.slot(slot));
        let duration = self.duration(node, duration);
        let period = view::child(node, "timePeriod").map(|period| self.period(period));
        Some(ExecutionTime { slot: slot.unwrap_or_default(), duration: duration?, period: period.unwrap_or_default() })
    }

    fn slot(&mut self, node: Node<'_, '_>) -> Option<TimeSlot> {
        let start = lexical::time(&view::trimmed(view::child(node, "slotStart")?))?;
        if view::child(node, "slotDuration").is_some() {
            let after = self.duration(node, "slotDuration")?;
            return Some(slot(start, SlotEnd::After(after)));
        }
        let end_node = view::child(node, "slotEnd")?;
        let end = lexical::time(&view::trimmed(end_node))?;
        if start.offset_minutes.is_some() != end.offset_minutes.is_some() {
            let say = "slotStart and slotEnd must both name a zone or both leave it out";
            self.inconsistent(At::Text(end_node), say);
            return None;
        }
        let shift = i64::from(start.offset_minutes.unwrap_or(0)) - i64::from(end.offset_minutes.unwrap_or(0));
        // A day is added so that the shift never counts backwards; times of day wrap around.
        let end_time = end.time().wrapping_add(SignedDuration::from_mins(shift + MINUTES_A_DAY));
        if end_time == start.time() {
            self.inconsistent(At::Text(end_node), "the slot is empty; slotEnd must differ from slotStart");
            return None;
        }
        Some(slot(start, SlotEnd::At(end_time)))
    }

    fn period(&mut self, node: Node<'_, '_>) -> Option<Calendar> {
        let start = self.timestamp(node, "periodStart");
        let excluding = view::child(node, "excluding").map(|days| self.days(days)).unwrap_or_default();
        let including = view::child(node, "including").map(|days| self.days(days)).unwrap_or_default();
        let begin = start.unwrap_or(self.rules.now);
        let (place, last, end) = if let Some(place) = view::child(node, "periodEnd") {
            let end = self.timestamp(node, "periodEnd")?;
            (place, Some(end), PeriodEnd::At(end))
        } else {
            let place = view::child(node, "periodDuration")?;
            let length = self.duration(node, "periodDuration")?;
            let last = SignedDuration::try_from(length).ok().and_then(|length| begin.checked_add(length).ok());
            (place, last, PeriodEnd::After(length))
        };
        if last.is_some_and(|last| last <= begin) {
            let say = match start {
                Some(_) => "the period is empty; its end must be later than periodStart",
                None => "the period is empty: it is already over; its end must lie in the future",
            };
            self.inconsistent(At::Text(place), say);
        } else if last.is_some_and(|last| last <= self.rules.now) {
            let say = "the period is empty: it is already over; its end must lie in the future";
            self.inconsistent(At::Text(place), say);
        } else if let Some(days) = view::child(node, "including")
            && self.all_over(&including)
        {
            self.inconsistent(At::Element(days), "every day of including is over; name a day in the future");
        }
        Some(Calendar { start, end, excluding, including })
    }

    /// Whether only dates are named and all of them are past, in every zone.
    fn all_over(&self, days: &[Day]) -> bool {
        let yesterday = self.rules.now.to_zoned(jiff::tz::TimeZone::UTC).date().yesterday();
        let over = |day: &Day| match (day, &yesterday) {
            (Day::Date(date), Ok(yesterday)) => date < yesterday,
            _ => false,
        };
        !days.is_empty() && days.iter().all(over)
    }

    fn days(&mut self, node: Node<'_, '_>) -> Vec<Day> {
        view::elements(node).filter_map(|day| self.day(day)).collect()
    }

    fn day(&mut self, node: Node<'_, '_>) -> Option<Day> {
        let text = view::text(node);
        if view::is(node, "weekDay") {
            return grammar::week_day_number(&text).map(Day::Week);
        }
        let moment = lexical::date(&text).filter(|_| view::is(node, "dateDay"))?;
        if moment.offset_minutes.is_some() {
            let say = "the zone of a date is not honoured; days are days in the broker's own zone";
            self.findings.warning(Code::DescInconsistent, At::Text(node), say);
        }
        self.reachable(moment.date(), node).map(Day::Date)
    }

    fn timestamp(&mut self, parent: Node<'_, '_>, name: &'static str) -> Option<Timestamp> {
        let node = view::child(parent, name)?;
        let moment = lexical::date_time(&view::text(node))?;
        self.reachable(moment.timestamp(), node)
    }

    fn reachable<T>(&mut self, value: Option<T>, node: Node<'_, '_>) -> Option<T> {
        if value.is_none() {
            let name = node.tag_name().name();
            self.inconsistent(At::Text(node), format!("{name} lies outside the years 1 to 9998"));
        }
        value
    }

    fn duration(&mut self, parent: Node<'_, '_>, name: &'static str) -> Option<Duration> {
        let node = view::child(parent, name)?;
        let duration = lexical::duration(&view::text(node))?;
        if duration.is_zero() {
            self.inconsistent(At::Text(node), format!("{name} must be longer than nothing"));
        }
        (!duration.is_zero()).then_some(duration)
    }
}

fn slot(start: Moment, end: SlotEnd) -> TimeSlot {
    let time: civil::Time = start.time();
    TimeSlot { start: time, offset_minutes: start.offset_minutes, end }
}
