//! The one table of error codes: number on the wire, name, whose fault it is, and whether trying again helps.
//!
//! Diagnostics of a description, failures of a job and faults of the web service all take their code from here;
//! `schemas/faults.xsd` lists the same names, and a test holds the two together.

use serde::{Deserialize, Serialize};

/// Who has to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The request was wrong (SOAP `Client` or `Sender`).
    Client,
    /// The broker or something behind it failed (SOAP `Server` or `Receiver`).
    Server,
}

/// Whether the same request may succeed later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// It will not.
    No,
    /// It may, unchanged.
    Yes,
    /// Only after the user changed something.
    Fix,
}

macro_rules! codes {
    ($($variant:ident $number:literal $name:literal $role:ident $retry:ident $meaning:literal;)*) => {
        /// An error code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(into = "u16", try_from = "u16")]
        pub enum Code {
            $(#[doc = $meaning] $variant,)*
        }

        impl Code {
            /// Every code, in the order of the numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The integer that clients see.
            #[must_use]
            pub const fn number(self) -> u16 {
                match self { $(Self::$variant => $number,)* }
            }

            /// The name in capitals.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Whose fault it is.
            #[must_use]
            pub const fn role(self) -> Role {
                match self { $(Self::$variant => Role::$role,)* }
            }

            /// Whether trying again helps.
            #[must_use]
            pub const fn retry(self) -> Retry {
                match self { $(Self::$variant => Retry::$retry,)* }
            }

            /// One line for people.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

codes! {
    MalformedRequest 101 "MALFORMED_REQUEST" Client Fix "Message not understood, required part missing.";
    UnknownOperation 102 "UNKNOWN_OPERATION" Client Fix "No such operation.";
    BadArgument 103 "BAD_ARGUMENT" Client Fix "Value outside its type, enumeration or allowed range.";
    LimitExceeded 104 "LIMIT_EXCEEDED" Client Fix "Message, list or document above the published limit.";
    DescNotWellFormed 110 "DESC_NOT_WELL_FORMED" Client Fix "Job description is not XML, or uses a DTD.";
    DescUnknownDialect 111 "DESC_UNKNOWN_DIALECT" Client Fix "Root element or attributes match no known dialect.";
    DescInvalid 112 "DESC_INVALID" Client Fix "Violates the schema of its dialect.";
    DescInconsistent 113 "DESC_INCONSISTENT" Client Fix "Schema-valid but contradictory (min > max, tiles <> count, ...).";
    DescUnsupported 114 "DESC_UNSUPPORTED" Client No "Legal feature this broker does not offer.";
    DescBadUrl 115 "DESC_BAD_URL" Client Fix "Location not parseable or scheme not allowed.";
    DescCycle 116 "DESC_CYCLE" Client Fix "Cyclic task dependencies.";
    DescUndefinedReference 117 "DESC_UNDEFINED_REFERENCE" Client Fix "Unknown task, template, group, resource or variable named.";
    DescTooManyTasks 118 "DESC_TOO_MANY_TASKS" Client Fix "Tasks after sweep expansion above the limit.";
    NotAuthenticated 201 "NOT_AUTHENTICATED" Client Fix "No valid credential.";
    NotAuthorized 202 "NOT_AUTHORIZED" Client No "Policy denies this operation, project or job.";
    CredentialExpired 203 "CREDENTIAL_EXPIRED" Client Fix "Delegated or stored credential ran out.";
    DelegationRequired 204 "DELEGATION_REQUIRED" Client Fix "The chosen resource needs a delegated credential.";
    QuotaExceeded 205 "QUOTA_EXCEEDED" Client Yes "Per-user or per-project limit reached.";
    JobNotFound 301 "JOB_NOT_FOUND" Client No "Unknown job id, or not visible to the caller.";
    NotificationNotFound 302 "NOTIFICATION_NOT_FOUND" Client No "Unknown notification id.";
    FileEntryNotFound 303 "FILE_ENTRY_NOT_FOUND" Client No "No such output/checkpoint entry.";
    FileEntryExists 304 "FILE_ENTRY_EXISTS" Client No "Entry with this name is already registered.";
    AccessNotRegistered 305 "ACCESS_NOT_REGISTERED" Client No "Application has no access point.";
    WrongState 306 "WRONG_STATE" Client No "Operation not allowed in the present state.";
    RequestInProgress 307 "REQUEST_IN_PROGRESS" Client Yes "Another control request for this job is still being served.";
    NotCheckpointable 308 "NOT_CHECKPOINTABLE" Client No "Job is not checkpointable or has no way to be checkpointed.";
    TaskNotFound 309 "TASK_NOT_FOUND" Client No "Unknown task id.";
    RequestIdConflict 310 "REQUEST_ID_CONFLICT" Client No "Idempotency key reused with other content.";
    CursorExpired 311 "CURSOR_EXPIRED" Client Fix "Event or list cursor too old.";
    NoResourceMatch 401 "NO_RESOURCE_MATCH" Client Fix "No known resource satisfies the hard constraints.";
    ResourceUnavailable 402 "RESOURCE_UNAVAILABLE" Server Yes "Matching resources exist but none is usable now.";
    InformationUnavailable 403 "INFORMATION_UNAVAILABLE" Server Yes "Resource information missing or too old.";
    ReservationFailed 405 "RESERVATION_FAILED" Server Yes "Slot could not be reserved.";
    StageInFailed 501 "STAGE_IN_FAILED" Server Yes "Input could not be delivered.";
    StageOutFailed 502 "STAGE_OUT_FAILED" Server Yes "Output could not be collected.";
    FileNotFound 503 "FILE_NOT_FOUND" Client Fix "Source file or required output missing.";
    FileAccessDenied 504 "FILE_ACCESS_DENIED" Client Fix "Remote storage refused access.";
    TransferTimeout 505 "TRANSFER_TIMEOUT" Server Yes "Transfer stalled.";
    CatalogueError 506 "CATALOGUE_ERROR" Server Yes "Logical name could not be resolved.";
    StorageFull 507 "STORAGE_FULL" Server Yes "No space at target.";
    ChecksumMismatch 508 "CHECKSUM_MISMATCH" Server Yes "Data damaged in transfer.";
    SubmitFailed 601 "SUBMIT_FAILED" Server Yes "Local resource manager refused the job.";
    LrmError 602 "LRM_ERROR" Server Yes "Local resource manager failed later.";
    ExecutionFailed 603 "EXECUTION_FAILED" Client No "Program ended with a non-zero code or signal.";
    LimitKilled 604 "LIMIT_KILLED" Client Fix "Killed for exceeding time, memory or disk.";
    ResourceLost 605 "RESOURCE_LOST" Server Yes "Contact to the executing resource lost for good.";
    CheckpointFailed 606 "CHECKPOINT_FAILED" Server Yes "Application could not write a checkpoint.";
    CheckpointTimeout 607 "CHECKPOINT_TIMEOUT" Server Yes "Application did not answer in time.";
    MigrationFailed 608 "MIGRATION_FAILED" Server Yes "No restart on another resource possible; see errorDescription for the job's fate.";
    DeadlineMissed 609 "DEADLINE_MISSED" Client No "Execution-time window closed before the start.";
    ParentNotSatisfied 610 "PARENT_NOT_SATISFIED" Client No "Trigger condition of a task can never become true.";
    ListenerUnreachable 701 "LISTENER_UNREACHABLE" Server Yes "Notification destination does not answer.";
    NotificationUnsupported 702 "NOTIFICATION_UNSUPPORTED" Client No "Protocol or type not offered (e.g. SOCKET).";
    RecipientUnknown 703 "RECIPIENT_UNKNOWN" Client Fix "User has no address for this channel.";
    InternalError 901 "INTERNAL_ERROR" Server Yes "Bug; message carries an incident id.";
    StoreUnavailable 902 "STORE_UNAVAILABLE" Server Yes "Database not reachable.";
    ServiceBusy 903 "SERVICE_BUSY" Server Yes "Overload; retryAfter given.";
    ShuttingDown 904 "SHUTTING_DOWN" Server Yes "Restart in progress.";
    NotImplemented 905 "NOT_IMPLEMENTED" Server No "Declared but not built.";
    Timeout 906 "TIMEOUT" Server Yes "Processing exceeded the server's limit.";
}

impl From<Code> for u16 {
    fn from(code: Code) -> Self {
        code.number()
    }
}

impl TryFrom<u16> for Code {
    type Error = String;
    fn try_from(number: u16) -> Result<Self, String> {
        Self::ALL
            .iter()
            .copied()
            .find(|code| code.number() == number)
            .ok_or_else(|| format!("there is no error code {number}"))
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.name(), self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_unique_and_ordered() {
        for pair in Code::ALL.windows(2) {
            assert!(pair[0].number() < pair[1].number());
            assert_ne!(pair[0].name(), pair[1].name());
        }
        assert_eq!(Code::try_from(306), Ok(Code::WrongState));
        assert!(Code::try_from(1).is_err());
    }
}
