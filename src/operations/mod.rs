//! What a caller may ask: one file an operation, named as in `wsdl/grms.wsdl`.
//!
//! Operations know no wire format: they take and give [`Parts`], so every codec shares them. They never touch a cluster, a
//! transfer or a mail: they read and change the store in one short transaction, and workers do the rest.

mod access;
mod application;
mod bulk;
mod control;
mod entries;
mod error;
mod fields;
mod notification;
mod once;
mod page;
mod parts;
mod submission;
mod views;
mod waiting;

mod add_checkpoint_file_dirs;
mod add_output_file_dirs;
mod cancel_job;
mod cancel_jobs;
mod commit_job;
mod delete_checkpoint_file_dirs;
mod delete_jobs;
mod delete_output_file_dirs;
mod find_resources;
mod get_all_jobs_list;
mod get_application_access;
mod get_checkpoint_file_dirs;
mod get_job_history;
mod get_job_info;
mod get_job_info_list;
mod get_jobs_list;
mod get_notification_information;
mod get_notifications_list;
mod get_output_file_dirs;
mod get_project_jobs_list;
mod get_service_description;
mod migrate_job;
mod migrate_jobs;
mod register_application_access;
mod register_notification;
mod resume_job;
mod resume_jobs;
mod submit_job;
mod submit_jobs;
mod suspend_job;
mod suspend_jobs;
mod test_job_description;
mod translate_job_description;
mod unregister_application_access;
mod unregister_notification;
mod wait_for_events;
mod wait_for_jobs;

pub use error::{FaultKind, OperationError};
pub use fields::{Fields, Kind, Member, Occurs, Structure};
pub use parts::{Legacy, Parts, Value};

use crate::clock::Clock;
use crate::description::{Accepted, Diagnostic, Rules, Severity};
use crate::identity::{Caller, Policy};
use crate::job::{Code, Dialect, Scheme};
use crate::store::Store;
use async_trait::async_trait;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::watch;

/// Every operation, in the order of the contract.
pub static ALL: &[&dyn Operation] = &[
    &submit_job::SubmitJob,
    &submit_jobs::SubmitJobs,
    &commit_job::CommitJob,
    &test_job_description::TestJobDescription,
    &translate_job_description::TranslateJobDescription,
    &find_resources::FindResources,
    &cancel_job::CancelJob,
    &cancel_jobs::CancelJobs,
    &suspend_job::SuspendJob,
    &suspend_jobs::SuspendJobs,
    &resume_job::ResumeJob,
    &resume_jobs::ResumeJobs,
    &migrate_job::MigrateJob,
    &migrate_jobs::MigrateJobs,
    &delete_jobs::DeleteJobs,
    &get_jobs_list::GetJobsList,
    &get_project_jobs_list::GetProjectJobsList,
    &get_all_jobs_list::GetAllJobsList,
    &get_job_info::GetJobInfo,
    &get_job_info_list::GetJobInfoList,
    &get_job_history::GetJobHistory,
    &register_application_access::RegisterApplicationAccess,
    &get_application_access::GetApplicationAccess,
    &unregister_application_access::UnregisterApplicationAccess,
    &register_notification::RegisterNotification,
    &get_notifications_list::GetNotificationsList,
    &get_notification_information::GetNotificationInformation,
    &unregister_notification::UnregisterNotification,
    &add_output_file_dirs::AddOutputFileDirs,
    &delete_output_file_dirs::DeleteOutputFileDirs,
    &get_output_file_dirs::GetOutputFileDirs,
    &add_checkpoint_file_dirs::AddCheckpointFileDirs,
    &delete_checkpoint_file_dirs::DeleteCheckpointFileDirs,
    &get_checkpoint_file_dirs::GetCheckpointFileDirs,
    &wait_for_jobs::WaitForJobs,
    &wait_for_events::WaitForEvents,
    &get_service_description::GetServiceDescription,
];

/// Every type with members that requests carry.
pub static STRUCTURES: &[Structure] = &[submit_jobs::ITEM, notification::NOTIFICATION, entries::FILE_DIR];

/// The operation with this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Operation> {
    ALL.iter().copied().find(|operation| operation.contract().name == name)
}

/// What the contract says of an operation.
#[derive(Debug)]
pub struct Contract {
    /// Its name.
    pub name: &'static str,
    /// The members of the request, in order.
    pub request: &'static [Member],
    /// The members of the answer, in order.
    pub response: &'static [Member],
    /// The faults it can raise.
    pub faults: &'static [FaultKind],
}

/// Something a caller may ask for.
#[async_trait]
pub trait Operation: Send + Sync {
    /// What the contract says of it.
    fn contract(&self) -> &'static Contract;

    /// Decodes the request, asks whether the caller may, acts, and gives the answer.
    ///
    /// # Errors
    /// [`OperationError`], of a kind that the contract declares.
    async fn run(&self, context: &Context, caller: &Caller, parts: Parts) -> Result<Parts, OperationError>;
}

/// What an administrator can set.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Greatest size of a job description, bytes.
    pub max_description: usize,
    /// Greatest depth of elements in a job description.
    pub max_depth: usize,
    /// The most ids in one list; also the number given when none was asked for.
    pub max_list: u32,
    /// The words that `localrmname` may have at this site beside those of the language.
    pub local_managers: Vec<String>,
    /// The ways in which this site moves files.
    pub schemes: Vec<Scheme>,
    /// Namespaces whose elements in a job description are passed over with a warning.
    pub ignore_namespaces: Vec<String>,
    /// Unfinished jobs one user may have; absent: any number.
    pub max_jobs_per_user: Option<u32>,
    /// The most items of one bulk request.
    pub max_bulk: u32,
    /// The longest that a caller who waits for a change is kept waiting.
    pub longest_wait: Duration,
    /// How many requests may wait at once.
    pub max_waiting: usize,
    /// How many of them may be one caller's.
    pub max_waiting_per_user: usize,
    /// Registered notifications that one job may have, and one user for all jobs.
    pub max_notifications: u32,
    /// Output or checkpoint entries in one request, and added to one job.
    pub max_file_entries: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_description: 512 * 1024,
            max_depth: 64,
            max_list: 1000,
            local_managers: Vec::new(),
            schemes: Scheme::ALL.to_vec(),
            ignore_namespaces: Vec::new(),
            max_jobs_per_user: None,
            max_bulk: 1000,
            longest_wait: Duration::from_secs(60),
            max_waiting: 10_000,
            max_waiting_per_user: 1000,
            max_notifications: 20,
            max_file_entries: 1000,
        }
    }
}

/// What operations work with.
pub struct Context {
    store: Store,
    clock: Arc<dyn Clock>,
    policy: Arc<Policy>,
    settings: Settings,
    serial: AtomicU32,
    waiting: waiting::Places,
    stopping: watch::Receiver<bool>,
}

impl Context {
    /// Puts the pieces together.
    #[must_use]
    pub fn new(store: Store, clock: Arc<dyn Clock>, policy: Policy, settings: Settings) -> Self {
        let waiting = waiting::Places::new(settings.max_waiting, settings.max_waiting_per_user);
        let serial = AtomicU32::new(rand::random());
        let (_, stopping) = watch::channel(false);
        Self { store, clock, policy: Arc::new(policy), settings, serial, waiting, stopping }
    }

    /// Answers callers who wait as soon as `stopping` becomes true.
    #[must_use]
    pub fn stopped_by(self, stopping: watch::Receiver<bool>) -> Self {
        Self { stopping, ..self }
    }

    /// Returns when the broker stops.
    async fn stopped(&self) {
        if self.stopping.clone().wait_for(|stop| *stop).await.is_err() {
            // Nobody can stop it any more.
            std::future::pending::<()>().await;
        }
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    fn next_serial(&self) -> u32 {
        self.serial.fetch_add(1, Ordering::Relaxed)
    }

    /// Reads a description, in the dialect that was asked for if one was.
    fn read_description(&self, text: &str, dialect: Option<Dialect>) -> Result<Accepted, Vec<Diagnostic>> {
        let accepted = crate::description::read(text, &self.rules())?;
        match dialect.filter(|asked| *asked != accepted.spec.dialect) {
            Some(asked) => Err(vec![other_dialect(asked, accepted.spec.dialect)]),
            None => Ok(accepted),
        }
    }

    /// The rules by which descriptions are read at this moment.
    fn rules(&self) -> Rules {
        Rules {
            max_bytes: self.settings.max_description,
            max_depth: self.settings.max_depth,
            local_managers: self.settings.local_managers.clone(),
            schemes: self.settings.schemes.clone(),
            logical_files: false,
            max_tasks: 100_000,
            ignorable: self.settings.ignore_namespaces.clone(),
            now: self.clock.now(),
        }
    }
}

/// A description in another dialect than was said.
fn other_dialect(asked: Dialect, found: Dialect) -> Diagnostic {
    let (asked, found) = (asked.as_str(), found.as_str());
    let message = format!("the description is written in {found}, not in {asked}; correct the dialect or leave it out");
    let (line, column, path) = (1, 1, "/".to_owned());
    Diagnostic { severity: Severity::Error, code: Code::DescUnknownDialect, line, column, path, message }
}

/// The dialect a request names.
fn parse_dialect(text: &str) -> Result<Dialect, OperationError> {
    Dialect::ALL.iter().copied().find(|dialect| dialect.as_str() == text.trim()).ok_or_else(|| {
        let known: Vec<_> = Dialect::ALL.iter().map(|dialect| dialect.as_str()).collect();
        let given: String = text.chars().take(60).collect();
        OperationError::new(
            Code::DescUnknownDialect,
            format!("dialect: `{given}` is not known; known: {}; leave it out to have it detected", known.join(", ")),
        )
    })
}

fn take_dialect(fields: &mut Fields) -> Result<Option<Dialect>, OperationError> {
    fields.maybe_text("dialect")?.map(|text| parse_dialect(&text)).transpose()
}

/// Faults that every operation can raise.
macro_rules! faults {
    ($($more:ident),*) => {
        &[
            $crate::operations::FaultKind::Request,
            $crate::operations::FaultKind::Security,
            $crate::operations::FaultKind::Service
            $(, $crate::operations::FaultKind::$more)*
        ]
    };
}
use faults;
