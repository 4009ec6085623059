//! The contract in types: one file per operation, with the member names, order and namespaces of `urn:grms:2`.
//!
//! Wrappers are qualified, everything inside them is not; what is absent is left out, never sent empty. The same
//! names appear in `--json`, so a reader of the contract knows the output.

mod cancel_job;
mod envelope;
mod fault;
mod find_resources;
mod get_job_history;
mod get_job_info;
mod get_jobs_list;
mod get_service_description;
mod status;
mod submit_job;
mod test_job_description;

pub(crate) use cancel_job::CancelJob;
pub(crate) use envelope::{NAMESPACE, Operation, decode, encode};
pub(crate) use fault::{Diagnostic, Fault, GrmsFault, SoapFault};
pub(crate) use find_resources::{FindResources, FindResourcesResponse};
pub(crate) use get_job_history::{Attempt, GetJobHistory, GetJobHistoryResponse};
pub(crate) use get_job_info::{GetJobInfo, GetJobInfoResponse, JobInfo};
pub(crate) use get_jobs_list::{GetAllJobsList, GetJobsList, JobsPage};
pub(crate) use get_service_description::{GetServiceDescription, GetServiceDescriptionResponse};
pub(crate) use status::JobStatus;
pub(crate) use submit_job::{SubmitJob, SubmitJobResponse};
pub(crate) use test_job_description::{TestJobDescription, TestJobDescriptionResponse};
