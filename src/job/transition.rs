//! The life cycle: one function, laid out as a table. Which state follows which event, and which requests are refused.

use super::{Code, Control, Ending, Event, Failure, Outcome, Preparation, State};
use jiff::Timestamp;

/// Why an event has no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Illegal {
    /// It came too late or twice; nothing is to be done.
    #[error("the event no longer applies")]
    Ignored,
    /// The caller is told that it cannot be done now.
    #[error("refused with {0}")]
    Refused(Code),
}

/// The state after `event`, which happened at `at`.
///
/// Cancelling, suspending and migrating a task that the batch system may have is not done when it is asked for: the
/// request is remembered in the state (`control`), and the batch system's answer ends it. So CANCELED always
/// means that no batch job is left, and a program that ended by itself before is reported as ended.
///
/// # Errors
/// [`Illegal::Ignored`] for a late or repeated event, [`Illegal::Refused`] for a request that the state does not allow.
#[expect(clippy::too_many_lines, reason = "a table is read as one")]
pub fn transition(state: &State, event: &Event, at: Timestamp) -> Result<State, Illegal> {
    use Event as E;
    use State as S;
    match event {
        E::Committed => match state {
            S::Queued { .. } if state.is_held() => Ok(S::Queued { waiting: None }),
            S::Queued { .. }
            | S::Preprocessing { .. }
            | S::Pending { .. }
            | S::Running { .. }
            | S::Stopped { .. }
            | S::Postprocessing { .. }
            | S::Finished { .. }
            | S::Suspended { .. }
            | S::Failed { .. }
            | S::Canceled { .. } => Err(Illegal::Refused(Code::WrongState)),
        },
        E::Waits(waiting) => match state {
            S::Queued { .. } if state.is_held() => Err(Illegal::Ignored),
            S::Queued { .. } => Ok(S::Queued { waiting: Some(waiting.clone()) }),
            S::Preprocessing { .. }
            | S::Pending { .. }
            | S::Running { .. }
            | S::Stopped { .. }
            | S::Postprocessing { .. }
            | S::Finished { .. }
            | S::Suspended { .. }
            | S::Failed { .. }
            | S::Canceled { .. } => Err(Illegal::Ignored),
        },
        E::Placed => match state {
            S::Queued { .. } if state.is_held() => Err(Illegal::Ignored),
            S::Queued { .. } => Ok(S::Preprocessing { step: Preparation::StagingIn, control: None }),
            S::Preprocessing { .. }
            | S::Pending { .. }
            | S::Running { .. }
            | S::Stopped { .. }
            | S::Postprocessing { .. }
            | S::Finished { .. }
            | S::Suspended { .. }
            | S::Failed { .. }
            | S::Canceled { .. } => Err(Illegal::Ignored),
        },
        E::StagedIn => match state {
            S::Preprocessing { step: Preparation::StagingIn, control } => {
                Ok(S::Preprocessing { step: Preparation::Submitting, control: *control })
            }
            S::Queued { .. }
            | S::Preprocessing { step: Preparation::Submitting, .. }
            | S::Pending { .. }
            | S::Running { .. }
            | S::Stopped { .. }
            | S::Postprocessing { .. }
            | S::Finished { .. }
            | S::Suspended { .. }
            | S::Failed { .. }
            | S::Canceled { .. } => Err(Illegal::Ignored),
        },
        E::LocallyQueued { reason } => match state {
            S::Preprocessing { step: Preparation::Submitting, control }
            | S::Pending { control, .. }
            | S::Running { control } => Ok(S::Pending { reason: reason.clone(), control: *control }),
            S::Queued { .. }
            | S::Preprocessing { step: Preparation::StagingIn, .. }
            | S::Stopped { .. }
            | S::Postprocessing { .. }
            | S::Finished { .. }
            | S::Suspended { .. }
            | S::Failed { .. }
            | S::Canceled { .. } => Err(Illegal::Ignored),
        },
        E::LocallyActive => match state {
            S::Preprocessing { step: Preparation::Submitting, control } | S::Pending { control, .. } => {
                Ok(S::Running { control: *control })
            }
            S::Queued { .. }
            | S::Preprocessing { step: Preparation::StagingIn, .. }
            | S::Running { .. }
            | S::Stopped { .. }
            | S::Postprocessing { .. }
            | S::Finished { .. }
            | S::Suspended { .. }
            | S::Failed { .. }
            | S::Canceled { .. } => Err(Illegal::Ignored),
        },
        E::LocallyEnded(ending) => match state {
            S::Preprocessing { step: Preparation::Submitting, control }
            | S::Pending { control, .. }
            | S::Running { control } => Ok(ended(ending, *control, at)),
            S::Queued { .. }
            | S::Preprocessing { step: Preparation::StagingIn, .. }
            | S::Stopped { .. }
            | S::Postprocessing { .. }
            | S::Finished { .. }
            | S::Suspended { .. }
            | S::Failed { .. }
            | S::Canceled { .. } => Err(Illegal::Ignored),
        },
        E::AttemptFailed { retry, .. } => match state {
            S::Preprocessing { control, .. } | S::Pending { control, .. } | S::Running { control } => {
                Ok(match control {
                    Some(Control::Cancel) => S::Canceled { at },
                    Some(Control::Suspend) => S::Suspended { at },
                    Some(Control::Migrate) | None => S::Queued { waiting: Some(retry.clone()) },
                })
            }
            S::Queued { .. }
            | S::Stopped { .. }
            | S::Postprocessing { .. }
            | S::Finished { .. }
            | S::Suspended { .. }
            | S::Failed { .. }
            | S::Canceled { .. } => Err(Illegal::Ignored),
        },
        E::GaveUp(failure) => match state {
            S::Preprocessing { control: Some(Control::Cancel), .. } => Ok(S::Canceled { at }),
            S::Queued { .. } if state.is_held() => Err(Illegal::Ignored),
            S::Queued { .. } | S::Preprocessing { .. } => Ok(S::Failed { at, failure: failure.clone() }),
            S::Pending { .. }
            | S::Running { .. }
            | S::Stopped { .. }
            | S::Postprocessing { .. }
            | S::Finished { .. }
            | S::Suspended { .. }
            | S::Failed { .. }
            | S::Canceled { .. } => Err(Illegal::Ignored),
        },
        E::CollectionBegan => match state {
            S::Stopped { ending, control } => Ok(S::Postprocessing { ending: ending.clone(), control: *control }),
            S::Queued { .. }
            | S::Preprocessing { .. }
            | S::Pending { .. }
            | S::Running { .. }
            | S::Postprocessing { .. }
            | S::Finished { .. }
            | S::Suspended { .. }
            | S::Failed { .. }
            | S::Canceled { .. } => Err(Illegal::Ignored),
        },
        E::CollectionDone => match state {
            S::Postprocessing { ending, control } => Ok(collected(ending, *control, at)),
            S::Queued { .. }
            | S::Preprocessing { .. }
            | S::Pending { .. }
            | S::Running { .. }
            | S::Stopped { .. }
            | S::Finished { .. }
            | S::Suspended { .. }
            | S::Failed { .. }
            | S::Canceled { .. } => Err(Illegal::Ignored),
        },
        E::CollectionFailed(failure) => match state {
            S::Postprocessing { ending, .. } => Ok(match (ending.outcome, &ending.failure) {
                (Outcome::Canceled, _) => S::Canceled { at },
                // The run's own failure explains more than the outputs it did not write.
                (Outcome::Failed | Outcome::Lost, Some(first)) => S::Failed { at, failure: first.clone() },
                _ => S::Failed { at, failure: failure.clone() },
            }),
            S::Queued { .. }
            | S::Preprocessing { .. }
            | S::Pending { .. }
            | S::Running { .. }
            | S::Stopped { .. }
            | S::Finished { .. }
            | S::Suspended { .. }
            | S::Failed { .. }
            | S::Canceled { .. } => Err(Illegal::Ignored),
        },
        E::CancelRequested => match state {
            // What a canceled program left is on its way to its owner: asking again must not lose it.
            S::Stopped { control: Some(Control::Cancel), .. }
            | S::Postprocessing { control: Some(Control::Cancel), .. } => Ok(state.clone()),
            S::Queued { .. }
            | S::Preprocessing { step: Preparation::StagingIn, .. }
            | S::Stopped { .. }
            | S::Postprocessing { .. }
            | S::Suspended { .. } => Ok(S::Canceled { at }),
            S::Preprocessing { step: Preparation::Submitting, .. } | S::Pending { .. } | S::Running { .. } => {
                with_control(state, Control::Cancel)
            }
            S::Finished { .. } | S::Failed { .. } | S::Canceled { .. } => Err(Illegal::Refused(Code::WrongState)),
        },
        E::SuspendRequested => match state {
            // It waits already, and resuming it must not take the place of the commit.
            S::Queued { .. } if state.is_held() => Err(Illegal::Refused(Code::WrongState)),
            S::Queued { .. } | S::Preprocessing { step: Preparation::StagingIn, .. } => Ok(S::Suspended { at }),
            S::Preprocessing { step: Preparation::Submitting, .. } | S::Pending { .. } | S::Running { .. } => {
                with_control(state, Control::Suspend)
            }
            S::Stopped { .. }
            | S::Postprocessing { .. }
            | S::Finished { .. }
            | S::Suspended { .. }
            | S::Failed { .. }
            | S::Canceled { .. } => Err(Illegal::Refused(Code::WrongState)),
        },
        E::ResumeRequested => match state {
            S::Suspended { .. } => Ok(S::Queued { waiting: None }),
            S::Queued { .. }
            | S::Preprocessing { .. }
            | S::Pending { .. }
            | S::Running { .. }
            | S::Stopped { .. }
            | S::Postprocessing { .. }
            | S::Finished { .. }
            | S::Failed { .. }
            | S::Canceled { .. } => Err(Illegal::Refused(Code::WrongState)),
        },
        E::MigrateRequested => match state {
            S::Queued { .. } if state.is_held() => Err(Illegal::Refused(Code::WrongState)),
            // It has no place to leave: all places are looked at again.
            S::Queued { .. } => Ok(S::Queued { waiting: None }),
            S::Pending { .. } | S::Running { .. } => with_control(state, Control::Migrate),
            S::Preprocessing { .. }
            | S::Stopped { .. }
            | S::Postprocessing { .. }
            | S::Finished { .. }
            | S::Suspended { .. }
            | S::Failed { .. }
            | S::Canceled { .. } => Err(Illegal::Refused(Code::WrongState)),
        },
        E::ControlFailed => match state {
            S::Pending { reason, control: Some(Control::Suspend | Control::Migrate) } => {
                Ok(S::Pending { reason: reason.clone(), control: None })
            }
            S::Running { control: Some(Control::Suspend | Control::Migrate) } => Ok(S::Running { control: None }),
            S::Queued { .. }
            | S::Preprocessing { .. }
            | S::Pending { .. }
            | S::Running { .. }
            | S::Stopped { .. }
            | S::Postprocessing { .. }
            | S::Finished { .. }
            | S::Suspended { .. }
            | S::Failed { .. }
            | S::Canceled { .. } => Err(Illegal::Ignored),
        },
        E::WindowClosed(failure) => match state {
            S::Queued { .. } | S::Preprocessing { step: Preparation::StagingIn, .. } | S::Suspended { .. } => {
                Ok(S::Failed { at, failure: failure.clone() })
            }
            S::Preprocessing { step: Preparation::Submitting, .. }
            | S::Pending { .. }
            | S::Running { .. }
            | S::Stopped { .. }
            | S::Postprocessing { .. }
            | S::Finished { .. }
            | S::Failed { .. }
            | S::Canceled { .. } => Err(Illegal::Ignored),
        },
    }
}

/// The same state with a control request in it. Cancel always wins; anything else waits for the one being served.
fn with_control(state: &State, wanted: Control) -> Result<State, Illegal> {
    match (state.control(), wanted) {
        (Some(now), wanted) if now == wanted && wanted == Control::Cancel => return Ok(state.clone()),
        (Some(_), Control::Suspend | Control::Migrate) => return Err(Illegal::Refused(Code::RequestInProgress)),
        (_, Control::Cancel) | (None, _) => {}
    }
    let mut next = state.clone();
    match &mut next {
        State::Preprocessing { control, .. } | State::Pending { control, .. } | State::Running { control } => {
            *control = Some(wanted);
        }
        _ => return Err(Illegal::Refused(Code::WrongState)),
    }
    Ok(next)
}

/// A batch job that was withdrawn before it ran leaves nothing to collect; anything else goes to STOPPED.
fn ended(ending: &Ending, control: Option<Control>, at: Timestamp) -> State {
    let never_ran = ending.outcome == Outcome::Canceled && ending.exit.is_none();
    match (never_ran, control) {
        (true, Some(Control::Suspend)) => State::Suspended { at },
        (true, Some(Control::Migrate)) => State::Queued { waiting: None },
        (true, Some(Control::Cancel) | None) | (false, _) => State::Stopped { ending: ending.clone(), control },
    }
}

/// What a collected run comes to.
fn collected(ending: &Ending, control: Option<Control>, at: Timestamp) -> State {
    match (ending.outcome, control) {
        (Outcome::Done, _) => State::Finished { at },
        (Outcome::Canceled, _) => State::Canceled { at },
        (Outcome::Checkpointed, Some(Control::Migrate)) => State::Queued { waiting: None },
        (Outcome::Checkpointed, _) => State::Suspended { at },
        (Outcome::Failed | Outcome::Lost, _) => State::Failed {
            at,
            failure: ending
                .failure
                .clone()
                .unwrap_or_else(|| Failure::new(Code::ExecutionFailed, "the program did not end well")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{Exit, Waiting, WaitingKind};
    use std::fmt::Write;

    fn ending(outcome: Outcome, exit: Option<Exit>) -> Ending {
        Ending { at: Timestamp::UNIX_EPOCH, outcome, exit, failure: None, evidence: "exit record".into() }
    }

    fn waiting() -> Waiting {
        Waiting { kind: WaitingKind::Retry, reason: "again".into(), next: None, looks: 0 }
    }

    fn states() -> Vec<(&'static str, State)> {
        use Control::{Cancel, Migrate, Suspend};
        let done = || ending(Outcome::Done, Some(Exit::Code(0)));
        let at = Timestamp::UNIX_EPOCH;
        let mut states = vec![
            ("QUEUED", State::Queued { waiting: None }),
            ("QUEUED, held", State::Queued { waiting: Some(Waiting::for_commit()) }),
            ("PREPROCESSING staging", State::Preprocessing { step: Preparation::StagingIn, control: None }),
            ("PREPROCESSING submitting", State::Preprocessing { step: Preparation::Submitting, control: None }),
            (
                "PREPROCESSING submitting, cancel",
                State::Preprocessing { step: Preparation::Submitting, control: Some(Cancel) },
            ),
            ("PENDING", State::Pending { reason: None, control: None }),
        ];
        states.extend(
            [("PENDING, cancel", Cancel), ("PENDING, suspend", Suspend), ("PENDING, migrate", Migrate)]
                .map(|(name, control)| (name, State::Pending { reason: None, control: Some(control) })),
        );
        states.push(("RUNNING", State::Running { control: None }));
        states.extend(
            [("RUNNING, cancel", Cancel), ("RUNNING, suspend", Suspend), ("RUNNING, migrate", Migrate)]
                .map(|(name, control)| (name, State::Running { control: Some(control) })),
        );
        states.extend([
            ("STOPPED", State::Stopped { ending: done(), control: None }),
            ("POSTPROCESSING done", State::Postprocessing { ending: done(), control: None }),
            (
                "POSTPROCESSING failed",
                State::Postprocessing { ending: ending(Outcome::Failed, Some(Exit::Code(1))), control: None },
            ),
            (
                "POSTPROCESSING canceled",
                State::Postprocessing {
                    ending: ending(Outcome::Canceled, Some(Exit::Signal(15))),
                    control: Some(Cancel),
                },
            ),
            (
                "POSTPROCESSING checkpoint, suspend",
                State::Postprocessing { ending: ending(Outcome::Checkpointed, None), control: Some(Suspend) },
            ),
            (
                "POSTPROCESSING checkpoint, migrate",
                State::Postprocessing { ending: ending(Outcome::Checkpointed, None), control: Some(Migrate) },
            ),
            ("FINISHED", State::Finished { at }),
            ("SUSPENDED", State::Suspended { at }),
            ("FAILED", State::Failed { at, failure: Failure::new(Code::LrmError, "x") }),
            ("CANCELED", State::Canceled { at }),
        ]);
        states
    }

    fn events() -> Vec<(&'static str, Event)> {
        let failure = || Failure::new(Code::StageInFailed, "x");
        vec![
            ("commit", Event::Committed),
            ("waits", Event::Waits(waiting())),
            ("placed", Event::Placed),
            ("staged in", Event::StagedIn),
            ("locally queued", Event::LocallyQueued { reason: None }),
            ("locally active", Event::LocallyActive),
            ("locally ended, code 0", Event::LocallyEnded(ending(Outcome::Done, Some(Exit::Code(0))))),
            ("withdrawn before it ran", Event::LocallyEnded(ending(Outcome::Canceled, None))),
            ("attempt failed", Event::AttemptFailed { failure: failure(), retry: waiting() }),
            ("gave up", Event::GaveUp(failure())),
            ("collection began", Event::CollectionBegan),
            ("collection done", Event::CollectionDone),
            ("collection failed", Event::CollectionFailed(Failure::new(Code::StageOutFailed, "x"))),
            ("cancel", Event::CancelRequested),
            ("suspend", Event::SuspendRequested),
            ("resume", Event::ResumeRequested),
            ("migrate", Event::MigrateRequested),
            ("control failed", Event::ControlFailed),
            ("window closed", Event::WindowClosed(Failure::new(Code::DeadlineMissed, "x"))),
        ]
    }

    fn show(state: &State) -> String {
        let mut text = state.status().as_str().to_owned();
        match state {
            State::Preprocessing { step, .. } => {
                let _ = write!(text, " {step:?}");
            }
            State::Failed { failure, .. } => {
                let _ = write!(text, " {}", failure.code.number());
            }
            State::Queued { .. } if state.is_held() => text.push_str(", held"),
            _ => {}
        }
        if let Some(control) = state.control() {
            let _ = write!(text, ", {control:?}");
        }
        text.to_lowercase()
    }

    #[test]
    fn the_whole_table_is_as_drawn() {
        let mut drawn = String::new();
        for (name, state) in states() {
            let _ = writeln!(drawn, "{name}");
            for (event_name, event) in events() {
                let after = match transition(&state, &event, Timestamp::UNIX_EPOCH) {
                    Ok(next) => show(&next),
                    Err(Illegal::Ignored) => continue,
                    Err(Illegal::Refused(code)) => format!("refused {}", code.number()),
                };
                let _ = writeln!(drawn, "    {event_name:<26} {after}");
            }
        }
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/transitions.txt");
        let known = std::fs::read_to_string(&file).unwrap_or_default();
        if known != drawn {
            let shown = file.with_extension("txt.new");
            std::fs::write(&shown, &drawn).unwrap();
            panic!(
                "the table changed; compare {} with {} and rename it if it is right",
                shown.display(),
                file.display()
            );
        }
    }

    #[test]
    fn final_states_never_change() {
        for (name, state) in states().into_iter().filter(|(_, state)| state.is_final()) {
            for (event_name, event) in events() {
                assert!(transition(&state, &event, Timestamp::UNIX_EPOCH).is_err(), "{name} + {event_name}");
            }
        }
    }

    #[test]
    fn every_state_but_the_final_ones_can_be_left_and_canceled() {
        for (name, state) in states().into_iter().filter(|(_, state)| !state.is_final()) {
            assert!(transition(&state, &Event::CancelRequested, Timestamp::UNIX_EPOCH).is_ok(), "{name}");
            let leaves = events().iter().any(|(_, event)| {
                transition(&state, event, Timestamp::UNIX_EPOCH).is_ok_and(|next| next.status() != state.status())
            });
            assert!(leaves, "{name} has no exit");
        }
    }
}
