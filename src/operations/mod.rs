//! What a caller may ask: one file an operation, named as in `wsdl/grms.wsdl`.
//!
//! Operations know no wire format: they take and give [`Parts`], so every codec shares them. They never touch a cluster, a
//! transfer or a mail: they read and change the store in one short transaction, and workers do the rest.

mod access;
mod error;
mod page;
mod parts;
mod views;

mod cancel_job;
mod find_resources;
mod get_all_jobs_list;
mod get_job_history;
mod get_job_info;
mod get_jobs_list;
mod get_service_description;
mod submit_job;
mod test_job_description;

pub use error::{FaultKind, OperationError};
pub use parts::{Fields, Kind, Member, Occurs, Parts, Value};

use crate::clock::Clock;
use crate::description::{Accepted, Diagnostic, Rules, Severity};
use crate::identity::{Caller, Policy};
use crate::job::{Code, Dialect, Scheme};
use crate::store::Store;
use async_trait::async_trait;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Every operation, in the order of the contract.
pub static ALL: &[&dyn Operation] = &[
    &submit_job::SubmitJob,
    &test_job_description::TestJobDescription,
    &find_resources::FindResources,
    &cancel_job::CancelJob,
    &get_jobs_list::GetJobsList,
    &get_all_jobs_list::GetAllJobsList,
    &get_job_info::GetJobInfo,
    &get_job_history::GetJobHistory,
    &get_service_description::GetServiceDescription,
];

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
}

impl Context {
    /// Puts the pieces together.
    #[must_use]
    pub fn new(store: Store, clock: Arc<dyn Clock>, policy: Policy, settings: Settings) -> Self {
        Self { store, clock, policy: Arc::new(policy), settings, serial: AtomicU32::new(rand::random()) }
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
        let rules = Rules {
            max_bytes: self.settings.max_description,
            max_depth: self.settings.max_depth,
            local_managers: self.settings.local_managers.clone(),
            schemes: self.settings.schemes.clone(),
            logical_files: false,
            ignorable: self.settings.ignore_namespaces.clone(),
            now: self.clock.now(),
        };
        let accepted = crate::description::read(text, &rules)?;
        let found = accepted.spec.dialect;
        if let Some(asked) = dialect.filter(|asked| *asked != found) {
            let (asked, found) = (asked.as_str(), found.as_str());
            let message =
                format!("the document is in dialect {found}, not in {asked}; leave the dialect out or name {found}");
            let (severity, code, path) = (Severity::Error, Code::DescUnknownDialect, "/".to_owned());
            return Err(vec![Diagnostic { severity, code, line: 1, column: 1, path, message }]);
        }
        Ok(accepted)
    }
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
