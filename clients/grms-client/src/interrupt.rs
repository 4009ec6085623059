//! Ctrl-C while this program waits: the jobs go on, and the user reads how to find them again.

use crate::output;

/// What a shell expects of a program that was interrupted.
const EXIT: i32 = 130;
/// As many ids as a person wants to read.
const SHOWN: usize = 5;

/// From now on Ctrl-C ends this program with a remark about these jobs.
pub(crate) fn explain(job_ids: &[String]) {
    let text = remark(job_ids);
    // It can be set once in a program; a second set of jobs would only change the remark.
    let _already_set = ctrlc::set_handler(move || {
        output::remark(&text);
        std::process::exit(EXIT);
    });
}

fn remark(job_ids: &[String]) -> String {
    let ids = job_ids.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(" ");
    match job_ids.len() {
        0 => "grms-client: interrupted; the jobs go on, see them with: grms-client list".to_owned(),
        1 => format!("grms-client: interrupted; the job goes on, find it again with: grms-client wait {ids}"),
        n if n <= SHOWN => {
            format!("grms-client: interrupted; the jobs go on, find them again with: grms-client wait {ids}")
        }
        n => format!(
            "grms-client: interrupted; the {n} jobs go on, see them with grms-client list; the first are: {ids}"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remark_names_the_jobs_unless_they_are_many() {
        let ids = |n: usize| (0..n).map(|id| format!("1_a_{id}")).collect::<Vec<_>>();
        assert!(remark(&ids(1)).ends_with("grms-client wait 1_a_0"));
        assert!(remark(&ids(3)).ends_with("grms-client wait 1_a_0 1_a_1 1_a_2"));
        assert!(remark(&ids(9)).ends_with("1_a_4") && remark(&ids(9)).contains("the 9 jobs"));
        assert!(remark(&[]).contains("grms-client list"));
    }
}
