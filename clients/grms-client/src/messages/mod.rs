//! The contract in types: one file per operation, with the member names, order and namespaces of `urn:grms:2`.
//!
//! Wrappers are qualified, everything inside them is not; what is absent is left out, never sent empty. The same
//! names appear in `--json`, so a reader of the contract knows the output.

mod access;
mod bulk;
mod control_job;
mod envelope;
mod fault;
mod file_dirs;
mod find_resources;
mod get_job_history;
mod get_job_info;
mod get_jobs_list;
mod get_service_description;
mod notification;
mod status;
mod submit_job;
mod test_job_description;
mod translate_job_description;
mod wait;

pub(crate) use access::{
    GetApplicationAccess, GetApplicationAccessResponse, RegisterApplicationAccess, UnregisterApplicationAccess,
};
pub(crate) use bulk::{BulkResponse, CancelJobs, DeleteJobs, ItemResult, MigrateJobs, ResumeJobs, SuspendJobs};
pub(crate) use control_job::{CancelJob, CommitJob, MigrateJob, ResumeJob, StatusResponse, SuspendJob};
pub(crate) use envelope::{NAMESPACE, Nothing, Operation, decode, encode};
pub(crate) use fault::{Diagnostic, Fault, GrmsFault, SoapFault};
pub(crate) use file_dirs::{
    AddCheckpointFileDirs, AddOutputFileDirs, DeleteCheckpointFileDirs, DeleteOutputFileDirs, FileDir, FileDirs,
    GetCheckpointFileDirs, GetOutputFileDirs,
};
pub(crate) use find_resources::{FindResources, FindResourcesResponse};
pub(crate) use get_job_history::{Attempt, GetJobHistory, GetJobHistoryResponse};
pub(crate) use get_job_info::{GetJobInfo, GetJobInfoList, GetJobInfoListResponse, GetJobInfoResponse, JobInfo};
pub(crate) use get_jobs_list::{GetAllJobsList, GetJobsList, GetProjectJobsList, JobsPage};
pub(crate) use get_service_description::{GetServiceDescription, GetServiceDescriptionResponse};
pub(crate) use notification::{
    GetNotificationInformation, GetNotificationInformationResponse, GetNotificationsList, Notification,
    RegisterNotification, RegisterNotificationResponse, UnregisterNotification,
};
pub(crate) use status::JobStatus;
pub(crate) use submit_job::{JobToSubmit, SubmitJob, SubmitJobResponse, SubmitJobs};
pub(crate) use test_job_description::{TestJobDescription, TestJobDescriptionResponse};
pub(crate) use translate_job_description::{TranslateJobDescription, TranslateJobDescriptionResponse};
pub(crate) use wait::{Event, WaitForEvents, WaitForEventsResponse, WaitForJobs, WaitForJobsResponse};
