//! `list_jobs [LIMIT] [STATE]` and `list_user_jobs [LIMIT] [STATE] USER`.

use crate::broker::Broker;
use crate::commands::list::{How, of_user, own, words};
use crate::failure::{Exit, Failure};
use crate::messages::{GetJobsList, JobStatus};
use crate::output::Output;
use clap::Args;

/// List your jobs, at most so many, in one state.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  grms-client list_jobs 10 RUNNING")]
pub(crate) struct ListJobs {
    /// At most so many, and in which state; both may be left out.
    #[arg(value_name = "LIMIT|STATE", num_args = 0..=2)]
    words: Vec<String>,
}

impl ListJobs {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        let (limit, states) = read(&self.words)?;
        let question = GetJobsList { status: words(&states), ..GetJobsList::default() };
        own(broker, output, &question, &How::limited(limit))?;
        Ok(Exit::Success)
    }
}

/// List the jobs of a user (administrators).
#[derive(Debug, Args)]
#[command(after_help = "Example:
  grms-client list_user_jobs 10 RUNNING '/O=Grid/CN=Jan Kowalski'")]
pub(crate) struct ListUserJobs {
    /// At most so many, in which state, and last the user.
    #[arg(value_name = "LIMIT|STATE|USER", num_args = 1..=3, required = true)]
    words: Vec<String>,
}

impl ListUserJobs {
    /// Runs the command.
    pub(crate) fn run(&self, broker: &Broker, output: &Output) -> Result<Exit, Failure> {
        let (user, words) =
            self.words.split_last().map_or_else(|| (String::new(), &[][..]), |(user, rest)| (user.clone(), rest));
        let (limit, states) = read(words)?;
        of_user(broker, output, &states, Some(&user), &How::limited(limit))?;
        Ok(Exit::Success)
    }
}

/// A number is the limit, a word the state, each at most once.
fn read(words: &[String]) -> Result<(Option<u32>, Vec<JobStatus>), Failure> {
    let (mut limit, mut states) = (None, Vec::new());
    for word in words {
        let state = JobStatus::from_word(&word.to_ascii_uppercase());
        match (word.parse::<u32>(), state) {
            (Ok(number), _) if number > 0 && limit.is_none() => limit = Some(number),
            (_, Some(state)) if states.is_empty() => states.push(state),
            _ => {
                return Err(Failure::Usage(format!(
                    "`{word}` is neither a limit nor a state here; write a number from 1, then one of {}",
                    JobStatus::words().join(", ")
                )));
            }
        }
    }
    Ok((limit, states))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn understood(words: &[&str]) -> Result<(Option<u32>, Vec<JobStatus>), Failure> {
        read(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn a_limit_and_a_state_are_told_apart() {
        assert_eq!(understood(&["10", "running"]).expect("both"), (Some(10), vec![JobStatus::Running]));
        assert_eq!(understood(&["FAILED"]).expect("a state"), (None, vec![JobStatus::Failed]));
        assert_eq!(understood(&[]).expect("nothing"), (None, vec![]));
        for wrong in [&["0"][..], &["1", "2"], &["DONE"], &["FAILED", "RUNNING"]] {
            assert!(understood(wrong).expect_err("refused").to_string().contains("QUEUED"), "{wrong:?}");
        }
    }
}
