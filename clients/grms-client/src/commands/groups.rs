//! The commands in the order in which people look for them: what each group is for, new spellings and old ones apart.

use super::Command;
use clap::Subcommand;

/// Headings and the commands below them.
pub(crate) const GROUPS: [(&str, &[&str]); 8] = [
    ("Descriptions and jobs", &["submit", "test", "explain", "resources", "translate"]),
    ("Looking", &["list", "list_all", "info", "history", "wait", "watch"]),
    ("Changing", &["commit", "suspend", "resume", "migrate", "cancel", "delete"]),
    ("Telling somebody", &["add_listener", "listeners", "del_listener"]),
    (
        "Files of a job on its way",
        &["add_output", "get_output", "del_output", "add_checkpoint", "get_checkpoint", "del_checkpoint"],
    ),
    ("The running program", &["register", "get_access", "unregister"]),
    ("The broker and this program", &["description", "completions", "man"]),
    (
        "As GRMS 2 and 3 spelled it; single lines that scripts read",
        &[
            "submit_job",
            "job_info",
            "task_info",
            "list_jobs",
            "list_user_jobs",
            "cancel_job",
            "suspend_job",
            "resume_job",
            "migrate_job",
            "commit_job",
            "test_description",
            "translate_description",
            "find_resources",
        ],
    ),
];

/// What the help of the program looks like.
pub(crate) fn template() -> String {
    let commands = Command::augment_subcommands(clap::Command::new("grms-client"));
    let mut text = "{about-with-newline}\n{usage-heading} {usage}\n".to_owned();
    for (heading, names) in GROUPS {
        text.push_str(&format!("\n{heading}:\n"));
        for name in names {
            text.push_str(&format!("  {name:<21}  {}\n", about(&commands, name)));
        }
    }
    text + "\nOptions:\n{options}{after-help}"
}

/// One line about a command.
pub(crate) fn about(commands: &clap::Command, name: &str) -> String {
    let command = commands.find_subcommand(name);
    command.and_then(clap::Command::get_about).map_or_else(String::new, ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_command_stands_in_one_group_and_has_a_line() {
        let commands = Command::augment_subcommands(clap::Command::new("grms-client"));
        let all: BTreeSet<_> = commands.get_subcommands().map(clap::Command::get_name).collect();
        let grouped: Vec<_> = GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        assert_eq!(grouped.len(), all.len());
        assert_eq!(grouped.iter().copied().collect::<BTreeSet<_>>(), all);
        for name in all {
            let about = about(&commands, name);
            assert!(!about.is_empty() && about.len() <= 76 && !about.contains(['{', '\n']), "{name}: {about}");
        }
    }
}
