//! GRMS' internal phases, as `requestStatus` and `phaseNumber` show them: names and powers of two.

use super::{Control, Preparation, State};

/// A phase. The number is a power of two that needs more than 32 bits for the last ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phase {
    /// The name.
    pub name: &'static str,
    /// The number.
    pub number: i64,
}

const fn phase(name: &'static str, bit: u32) -> Phase {
    Phase { name, number: 1 << bit }
}

impl Phase {
    /// The phase a task in this state is in.
    #[must_use]
    pub fn of(state: &State) -> Self {
        if let Some(Control::Cancel) = state.control()
            && !matches!(state, State::Stopped { .. } | State::Postprocessing { .. })
        {
            return phase("TASK_CANCEL", 30);
        }
        match (state, state.control()) {
            (State::Queued { .. }, _) if state.is_held() => phase("TASK_UNCOMMITTED", 32),
            (State::Queued { .. }, _) => phase("TASK_QUEUED", 0),
            (State::Preprocessing { step: Preparation::StagingIn, .. }, _) => phase("TASK_STAGE_IN", 3),
            (State::Preprocessing { step: Preparation::Submitting, .. }, _) => phase("TASK_SUBMIT", 5),
            (State::Pending { .. }, _) => phase("TASK_EXEC_PENDING", 8),
            (State::Running { control: Some(Control::Suspend | Control::Migrate) }, _) => {
                phase("MIGRATE_EXEC_SUSPEND", 18)
            }
            (State::Running { .. }, _) => phase("TASK_EXEC_ACTIVE", 9),
            (State::Stopped { .. }, Some(Control::Suspend | Control::Migrate)) => {
                phase("MIGRATE_EXEC_SUSPEND_DONE", 19)
            }
            (State::Stopped { .. }, _) => phase("TASK_EXEC_DONE", 10),
            (State::Postprocessing { .. }, Some(Control::Suspend | Control::Migrate)) => phase("MIGRATE_STAGE_OUT", 27),
            (State::Postprocessing { .. }, _) => phase("TASK_STAGE_OUT", 11),
            (State::Finished { .. }, _) => phase("TASK_DONE", 13),
            (State::Suspended { .. }, _) => phase("MIGRATE_STAGE_OUT_DONE", 28),
            (State::Failed { .. }, _) => phase("TASK_FAILED", 14),
            (State::Canceled { .. }, _) => phase("TASK_CANCEL_DONE", 15),
        }
    }
}
