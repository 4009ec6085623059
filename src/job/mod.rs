//! The model of a job: what was asked, where it stands, what happened to it.
//!
//! Pure: no input or output, no clock (time comes in as an argument), no store, no wire format. Everything
//! else in the broker is built on these types, and [`transition`] is the only function that knows the life cycle.

mod access;
mod attempt;
mod calendar;
mod code;
pub mod entry;
mod event;
mod failure;
mod id;
mod inline;
mod iteration;
mod limit;
mod location;
mod notification;
mod phase;
mod preference;
mod requirement;
mod spec;
mod state;
mod transition;
pub mod variable;
mod workflow;

pub use access::{ApplicationAccess, ServiceLocation};
pub use attempt::{Attempt, Outcome, Usage};
pub use calendar::Start;
pub use code::{Code, Retry, Role};
pub use entry::{EntryChange, FileEntry};
pub use event::{Control, Event};
pub use failure::Failure;
pub use id::{ClusterName, InvalidName, JobId, LocalJobId, NotificationId, TaskId, Token};
pub use location::{BadLocation, Location, RelativeName, Scheme, Url};
pub use notification::{EventType, Model, Notification, Protocol};
pub use phase::Phase;
pub use preference::{Better, Preference, PreferenceKind, Preferences, Subject};
pub use requirement::{
    ApplicationRequirement, Attribute, Bound, Clause, Condition, Interval, Limits, NetworkClause, NetworkMeasure,
    OtherClause, ResourceRequest,
};
pub use spec::{
    Calendar, Checkpoint, CreationFlag, Day, Dialect, Direction, ExecutionTime, FileKind, Launch, Layout, PeriodEnd,
    ProcessLimit, Program, Reservation, SlotEnd, Spec, Staged, TaskSpec, TimeSlot,
};
pub use state::{Ending, Exit, Preparation, State, Status, Waiting, WaitingKind};
pub use transition::{Illegal, transition};
pub use variable::{Variable, resolve};
pub use workflow::{Axis, Parameter, Parent, Product, Sweep, Trigger, Values, cycles};
