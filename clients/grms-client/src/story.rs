//! What a watched job went through, told line by line: when, which state, where and why.
//!
//! A job passes several states between two questions. Its times tell of those too, so that no state is left out that
//! the broker gives a time for; nothing is told twice.

use crate::messages::{Attempt, JobInfo, JobStatus};
use crate::output::table;
use crate::time;

/// What was told so far.
#[derive(Default)]
pub(crate) struct Story {
    /// The attempt and the state of the life cycle that were reached.
    reached: Option<(i32, usize)>,
    /// The last line without its time.
    last: Option<String>,
}

/// A state that the job was or is in.
struct Step<'a> {
    attempt: i32,
    status: &'a str,
    at: Option<&'a str>,
}

impl Step<'_> {
    /// Comparable: later in the life of the job is greater.
    fn place(&self) -> (i32, usize) {
        (self.attempt, rank(self.status))
    }
}

impl Story {
    /// The lines for what is new.
    pub(crate) fn tell(&mut self, job: &JobInfo) -> Vec<String> {
        let now = present(job);
        let mut lines = Vec::new();
        for step in passed(job).into_iter().filter(|step| step.place() != now.place()) {
            if Some(step.place()) > self.reached {
                self.reached = Some(step.place());
                lines.push(dated(step.at, &words(job, step.status, step.attempt > 0, "")));
            }
        }
        let text = words(job, now.status, now.attempt > 0, &remark(job));
        let same_state = self.reached == Some(now.place());
        self.reached = self.reached.max(Some(now.place()));
        if self.last.as_ref() != Some(&text) {
            // A new reason for the same state is younger than the state.
            lines.push(dated(now.at.filter(|_| !same_state), &text));
        }
        self.last = Some(text);
        lines
    }
}

/// The line for the state that the job is in.
pub(crate) fn ending(job: &JobInfo) -> String {
    let now = present(job);
    dated(now.at, &words(job, now.status, now.attempt > 0, &remark(job)))
}

/// The attempt that the state belongs to. A job that is queued while its attempt has not ended was seen between two
/// changes: the attempt is the one that comes next.
fn attempt(job: &JobInfo) -> Option<&Attempt> {
    job.last_attempt.as_ref().filter(|attempt| job.status != "QUEUED" || attempt.outcome.is_some())
}

/// The states that the job's times tell of, in the order of its life.
fn passed(job: &JobInfo) -> Vec<Step<'_>> {
    let mut steps = vec![Step { attempt: 0, status: "QUEUED", at: Some(&job.submission_time) }];
    if let Some(attempt) = attempt(job) {
        let times = [
            ("PREPROCESSING", &attempt.start_time),
            ("PENDING", &attempt.local_submission_time),
            ("RUNNING", &attempt.local_start_time),
            ("STOPPED", &attempt.local_finish_time),
        ];
        let known = times.into_iter().filter_map(|(status, at)| Some((status, at.as_deref()?)));
        steps.extend(known.map(|(status, at)| Step { attempt: attempt.number, status, at: Some(at) }));
    }
    steps
}

/// The state it is in now, with the time when it entered it if that is known.
fn present(job: &JobInfo) -> Step<'_> {
    let number = attempt(job).map_or(0, |attempt| attempt.number);
    let entered = passed(job).into_iter().find(|step| step.status == job.status && step.attempt == number);
    let at = if is_final(&job.status) { job.finish_time.as_deref() } else { entered.and_then(|step| step.at) };
    Step { attempt: number, status: &job.status, at }
}

/// Where a state stands in the life of an attempt.
fn rank(status: &str) -> usize {
    const LIFE: [&str; 6] = ["QUEUED", "PREPROCESSING", "PENDING", "RUNNING", "STOPPED", "POSTPROCESSING"];
    LIFE.iter().position(|known| *known == status).unwrap_or(LIFE.len())
}

fn is_final(status: &str) -> bool {
    JobStatus::from_word(status).is_some_and(JobStatus::is_final)
}

/// Why it is in its state, or how it ended.
fn remark(job: &JobInfo) -> String {
    let said = job.error_description.clone().or_else(|| job.status_description.clone());
    let ended = || job.exit_code.filter(|_| job.status == "FINISHED").map(|code| format!("exit code {code}"));
    said.or_else(ended).unwrap_or_default()
}

fn words(job: &JobInfo, status: &str, placed: bool, remark: &str) -> String {
    let host = attempt(job).filter(|_| placed).and_then(|attempt| attempt.host_name.as_deref());
    let tail = match (host, remark) {
        (Some(host), "") => format!("on {host}"),
        (Some(host), remark) => format!("on {host}: {remark}"),
        (None, remark) => remark.to_owned(),
    };
    let padding = " ".repeat(14_usize.saturating_sub(status.len()));
    format!("{}{padding}  {tail}", table::colored(status)).trim_end().to_owned()
}

fn dated(at: Option<&str>, text: &str) -> String {
    format!("{}  {text}", at.map_or_else(|| time::render(time::now()), time::clock_time))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(status: &str, attempt: i32, times: [Option<&str>; 3], reason: Option<&str>) -> JobInfo {
        let [submitted, started, finished] = times.map(|time| time.map(str::to_owned));
        let last_attempt = (attempt > 0).then(|| Attempt {
            number: attempt,
            host_name: Some("hydra".to_owned()),
            start_time: Some("2026-01-02T03:04:06Z".to_owned()),
            local_submission_time: submitted,
            local_start_time: started,
            local_finish_time: finished,
            ..Attempt::default()
        });
        JobInfo {
            status: status.to_owned(),
            status_description: reason.map(str::to_owned),
            submission_time: "2026-01-02T03:04:05Z".to_owned(),
            finish_time: is_final(status).then(|| "2026-01-02T03:05:00Z".to_owned()),
            last_attempt,
            ..JobInfo::default()
        }
    }

    /// The lines without times and colours, blanks made single.
    fn plain(lines: &[String]) -> Vec<String> {
        let bare = |line: &String| {
            let mut text = Vec::new();
            std::io::Write::write_all(&mut anstream::StripStream::new(&mut text), line.as_bytes()).expect("memory");
            let text = String::from_utf8(text).expect("UTF-8");
            text.split_whitespace().skip(2).collect::<Vec<_>>().join(" ")
        };
        lines.iter().map(bare).collect()
    }

    const ALL: [Option<&str>; 3] =
        [Some("2026-01-02T03:04:07Z"), Some("2026-01-02T03:04:08Z"), Some("2026-01-02T03:04:09Z")];

    #[test]
    fn a_job_that_was_faster_than_the_questions_is_told_whole_with_the_times_of_the_broker() {
        let mut story = Story::default();
        let lines = story.tell(&job("FINISHED", 1, ALL, None));
        let states =
            ["PREPROCESSING", "PENDING", "RUNNING", "STOPPED", "FINISHED"].map(|word| format!("{word} on hydra"));
        assert_eq!(plain(&lines)[0], "QUEUED");
        assert_eq!(plain(&lines)[1..], states);
        assert!(lines[1].contains(&time::clock_time("2026-01-02T03:04:06Z")), "{lines:?}");
        assert!(lines[5].contains(&time::clock_time("2026-01-02T03:05:00Z")), "{lines:?}");
        assert!(story.tell(&job("FINISHED", 1, ALL, None)).is_empty());
    }

    #[test]
    fn each_state_and_each_new_reason_is_told_once() {
        let mut story = Story::default();
        let told = |story: &mut Story, status, attempt, times, reason| {
            plain(&story.tell(&job(status, attempt, times, reason)))
        };
        let none = [None, None, None];
        assert_eq!(told(&mut story, "QUEUED", 0, none, Some("no slot")), ["QUEUED no slot"]);
        assert_eq!(told(&mut story, "QUEUED", 0, none, Some("no slot")), [] as [&str; 0]);
        assert_eq!(told(&mut story, "QUEUED", 0, none, Some("closed")), ["QUEUED closed"]);
        let waiting = [ALL[0], None, None];
        let lines = told(&mut story, "PENDING", 1, waiting, Some("3rd in line"));
        assert_eq!(lines, ["PREPROCESSING on hydra", "PENDING on hydra: 3rd in line"]);
        assert_eq!(told(&mut story, "POSTPROCESSING", 1, ALL, None)[2], "POSTPROCESSING on hydra");
        assert_eq!(told(&mut story, "CANCELED", 1, ALL, None), ["CANCELED on hydra"]);
    }

    #[test]
    fn an_answer_between_two_changes_tells_no_state_twice() {
        let mut story = Story::default();
        let none = [None, None, None];
        assert_eq!(plain(&story.tell(&job("QUEUED", 0, none, None))), ["QUEUED"]);
        assert!(story.tell(&job("QUEUED", 1, none, None)).is_empty());
        assert_eq!(plain(&story.tell(&job("PREPROCESSING", 1, none, None))), ["PREPROCESSING on hydra"]);
    }

    #[test]
    fn a_second_attempt_is_told_from_its_beginning() {
        let mut story = Story::default();
        assert_eq!(story.tell(&job("PENDING", 1, [ALL[0], None, None], None)).len(), 3);
        let mut again = job("QUEUED", 1, ALL, Some("looks again"));
        again.last_attempt.as_mut().expect("one").outcome = Some("LOST".to_owned());
        assert_eq!(plain(&story.tell(&again)).last().expect("a line"), "QUEUED on hydra: looks again");
        let lines = plain(&story.tell(&job("RUNNING", 2, [ALL[0], ALL[1], None], None)));
        assert_eq!(lines, ["PREPROCESSING on hydra", "PENDING on hydra", "RUNNING on hydra"]);
    }
}
