//! `executionTime` and the reservation of version 1.

use super::duration::{iso, number};
use super::markup::Markup;
use crate::job::{Calendar, Day, ExecutionTime, PeriodEnd, Reservation, SlotEnd, TimeSlot};
use jiff::civil;

const WEEK: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

pub(super) fn execution_time(markup: &mut Markup, times: &ExecutionTime) {
    markup.element("executionTime", &[], |markup| {
        if let Some(slot) = &times.slot {
            markup.element("timeSlot", &[], |markup| {
                markup.leaf("slotStart", &[], &time(slot.start, slot));
                match slot.end {
                    SlotEnd::At(end) => markup.leaf("slotEnd", &[], &time(end, slot)),
                    SlotEnd::After(after) => markup.leaf("slotDuration", &[], &iso(after)),
                }
            });
        }
        markup.leaf("executionDuration", &[], &iso(times.duration));
        if let Some(period) = &times.period {
            markup.element("timePeriod", &[], |markup| calendar(markup, period));
        }
    });
}

/// A time of day in the zone of its window.
pub(super) fn time(time: civil::Time, slot: &TimeSlot) -> String {
    match slot.offset_minutes {
        None => time.to_string(),
        Some(0) => format!("{time}Z"),
        Some(minutes) => {
            let (sign, minutes) = (if minutes < 0 { '-' } else { '+' }, minutes.unsigned_abs());
            format!("{time}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
        }
    }
}

fn calendar(markup: &mut Markup, period: &Calendar) {
    if let Some(start) = period.start {
        markup.leaf("periodStart", &[], &start.to_string());
    }
    match period.end {
        PeriodEnd::At(end) => markup.leaf("periodEnd", &[], &end.to_string()),
        PeriodEnd::After(length) => markup.leaf("periodDuration", &[], &iso(length)),
    }
    for (name, days) in [("excluding", &period.excluding), ("including", &period.including)] {
        markup.section(name, |markup| {
            for named in days {
                match named {
                    Day::Week(_) => markup.leaf("weekDay", &[], &day(*named)),
                    Day::Date(_) => markup.leaf("dateDay", &[], &day(*named)),
                }
            }
        });
    }
}

/// A day as documents name it.
pub(super) fn day(day: Day) -> String {
    match day {
        Day::Week(number) => {
            let index = usize::try_from(number).unwrap_or(0).saturating_sub(1);
            WEEK.get(index).copied().unwrap_or(WEEK[0]).to_owned()
        }
        Day::Date(date) => date.to_string(),
    }
}

pub(super) fn reservation(markup: &mut Markup, reservation: &Reservation) {
    markup.element("reservation", &[], |markup| {
        if let Some(deadline) = reservation.deadline {
            markup.leaf("deadline", &[], &deadline.to_string());
        }
        if let Some(start) = reservation.earliest_start {
            markup.leaf("estime", &[], &start.to_string());
        }
        if let Some(size) = reservation.data_size {
            markup.leaf("datasize", &[], &number(size));
        }
    });
}
