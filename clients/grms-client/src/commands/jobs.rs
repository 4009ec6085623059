//! How jobs are named on the command line: by id, by `last` for the one submitted last to this broker, by `-` for a
//! list on standard input.

use crate::broker::Broker;
use crate::failure::Failure;
use crate::memory::Memory;
use clap::Args;
use std::io::Read;

/// The word for the job submitted last.
const LAST: &str = "last";
/// The word for standard input.
const STANDARD_INPUT: &str = "-";

/// Jobs to ask about.
#[derive(Debug, Args)]
pub(crate) struct Asked {
    /// The jobs: ids, `last`, or - for ids on standard input; without any the job submitted last.
    #[arg(value_name = "JOB_ID", value_parser = job_id)]
    job_ids: Vec<String>,
}

/// Jobs that something is done to; none of them is ever meant without being named.
#[derive(Debug, Args)]
pub(crate) struct Named {
    /// The jobs: ids, `last` for the job submitted last, or - for ids on standard input.
    #[arg(value_name = "JOB_ID", required = true, value_parser = job_id)]
    job_ids: Vec<String>,
}

impl Asked {
    /// Their ids.
    pub(crate) fn resolve(&self, broker: &Broker) -> Result<Vec<String>, Failure> {
        if self.job_ids.is_empty() { Ok(vec![last(broker)?]) } else { resolve(broker, &self.job_ids) }
    }
}

impl Named {
    /// Their ids.
    pub(crate) fn resolve(&self, broker: &Broker) -> Result<Vec<String>, Failure> {
        resolve(broker, &self.job_ids)
    }
}

/// The one job named, or the one submitted last.
pub(crate) fn one(broker: &Broker, named: Option<&str>) -> Result<String, Failure> {
    match named {
        None | Some(LAST) => last(broker),
        Some(STANDARD_INPUT) => match from(std::io::stdin())?.as_slice() {
            [job_id] => Ok(job_id.clone()),
            ids => Err(Failure::Usage(format!("one job is expected on standard input, there are {}", ids.len()))),
        },
        Some(job_id) => Ok(job_id.to_owned()),
    }
}

/// The ids behind the words.
pub(crate) fn resolve(broker: &Broker, words: &[String]) -> Result<Vec<String>, Failure> {
    let mut ids = Vec::new();
    for word in words {
        match word.as_str() {
            LAST => ids.push(last(broker)?),
            STANDARD_INPUT => ids.extend(from(std::io::stdin())?),
            job_id => ids.push(job_id.to_owned()),
        }
    }
    Ok(ids)
}

fn last(broker: &Broker) -> Result<String, Failure> {
    Memory::of(broker.endpoint()).recall().ok_or_else(|| {
        Failure::Usage(format!(
            "no job is named, and none was submitted to {} from this account; name one, grms-client list shows them",
            broker.endpoint()
        ))
    })
}

fn from(mut input: impl Read) -> Result<Vec<String>, Failure> {
    let mut text = String::new();
    input
        .read_to_string(&mut text)
        .map_err(|error| Failure::Usage(format!("standard input cannot be read: {error}; job ids are expected")))?;
    let ids = text.split_whitespace().map(|word| {
        job_id(word).map_err(|why| Failure::Usage(format!("standard input: `{}`: {why}", word.escape_debug())))
    });
    ids.collect()
}

/// A job id is an opaque word; what cannot be one is refused before it is sent.
pub(crate) fn job_id(text: &str) -> Result<String, String> {
    if text.is_empty() || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err("a job id is one word without blanks, as submit prints it".to_owned());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_on_standard_input_stand_in_lines_or_beside_each_other() {
        assert_eq!(from("1_a_1\n2_b_2 3_c_3\n\n".as_bytes()).expect("ids"), ["1_a_1", "2_b_2", "3_c_3"]);
        assert_eq!(from("".as_bytes()).expect("none"), [] as [&str; 0]);
        assert!(from("1_a\u{7}_1".as_bytes()).expect_err("refused").to_string().contains("\\u{7}"));
        assert!(from([0xff].as_slice()).is_err());
    }
}
