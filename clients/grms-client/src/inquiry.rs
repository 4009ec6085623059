//! Questions about many jobs, in portions that every broker takes.

use crate::broker::Broker;
use crate::failure::Failure;
use crate::messages::{GetJobInfoList, GetJobInfoListResponse, ItemResult};

/// As many jobs as go into one request.
pub(crate) const PORTION: usize = 100;

/// What is known of these jobs, in the order asked for; those that cannot be told about have a result that says why.
pub(crate) fn about(broker: &Broker, job_ids: &[String]) -> Result<GetJobInfoListResponse, Failure> {
    let mut all = GetJobInfoListResponse::default();
    for ids in job_ids.chunks(PORTION) {
        let answer = broker.call(&GetJobInfoList { job_id: ids.to_vec() })?;
        all.errors += answer.errors;
        all.job_info.extend(answer.job_info);
        all.cursor = answer.cursor;
        all.result.extend(answer.result);
    }
    all.result = numbered(all.result);
    Ok(all)
}

/// The items of several answers as those of one.
pub(crate) fn numbered(items: Vec<ItemResult>) -> Vec<ItemResult> {
    let places = (1..).zip(items);
    places.map(|(index, item)| ItemResult { index, ..item }).collect()
}
