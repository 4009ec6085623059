//! The directives there are.

/// A directive of the language.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    /// The word before `=`.
    pub(super) name: &'static str,
    /// What its value looks like, for people.
    pub(super) shape: &'static str,
    /// Whether it may be given more than once.
    pub(super) many: bool,
    /// Whether a value may be missing or empty.
    pub(super) empty: Empty,
    /// What is done with it.
    pub(super) fate: Fate,
}

/// Whether a directive needs a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Empty {
    /// It needs one.
    Never,
    /// An empty text is one.
    Text,
    /// Without one it means `true`.
    Flag,
}

/// What is done with a directive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is carried out.
    Honoured,
    /// It changes what the job does and cannot be carried out by this broker: a submission is refused. What to do instead.
    Beyond(&'static str),
    /// It is a convenience; the job runs as well without it.
    Hint(&'static str),
}

const fn one(name: &'static str, shape: &'static str) -> Known {
    Known { name, shape, many: false, empty: Empty::Never, fate: Fate::Honoured }
}

const fn many(name: &'static str, shape: &'static str) -> Known {
    Known { many: true, ..one(name, shape) }
}

const fn text(known: Known) -> Known {
    Known { empty: Empty::Text, ..known }
}

const fn flag(name: &'static str) -> Known {
    Known { empty: Empty::Flag, ..one(name, "true") }
}

const fn beyond(known: Known, instead: &'static str) -> Known {
    Known { fate: Fate::Beyond(instead), ..known }
}

const fn hint(known: Known, effect: &'static str) -> Known {
    Known { fate: Fate::Hint(effect), ..known }
}

const IN_THE_SCRIPT: &str = "write the commands into the script itself";
const BY_GETJOBINFO: &str = "ask getJobInfo and getJobHistory instead";

/// Every directive, by name.
pub(super) static ALL: &[Known] = &[
    one("application", "NAME [VERSION]"),
    text(many("argument", "TEXT")),
    hint(many("assistant", "NAME"), "no assistant is started"),
    one("deadline", "2026-12-31T18:00:00Z"),
    many("environment", "NAME=VALUE"),
    one("error", "URL"),
    one("executable", "URL"),
    one("grant", "NAME"),
    many("host", "NAME"),
    beyond(many("include", "FILE"), "the broker sees no files of yours; copy its lines into the script"),
    one("input", "URL"),
    one("memory", "MEGABYTES"),
    one("memory-per-slot", "MEGABYTES"),
    beyond(many("module", "NAME"), IN_THE_SCRIPT),
    hint(many("monitor", "NAME"), "nothing is monitored while the job runs"),
    text(one("name", "TEXT")),
    beyond(many("native", "OPTIONS"), "options of one batch system are not handed on; ask for the resource itself"),
    one("nodes", "NODES:SLOTS[:PROCESSES]"),
    one("not-after", "2026-12-31T18:00:00Z"),
    one("not-before", "2026-12-31T18:00:00Z"),
    text(one("note", "TEXT")),
    beyond(many("notify", "mailto:ADDRESS"), BY_GETJOBINFO),
    one("output", "URL"),
    flag("persistent"),
    beyond(many("postprocess", "COMMAND"), IN_THE_SCRIPT),
    beyond(many("preprocess", "COMMAND"), IN_THE_SCRIPT),
    one("procs", "PROCESSES"),
    many("properties", "NAME,NAME"),
    one("queue", "NAME"),
    beyond(one("reservation", "ID"), "reservations are not known here; leave it out, or name a queue"),
    many("stage-in-dir", "URL -> NAME"),
    many("stage-in-file", "URL -> NAME"),
    many("stage-out-dir", "NAME -> URL"),
    many("stage-out-file", "NAME -> URL"),
    beyond(one("use-reservation", "ID"), "reservations are not known here; leave it out, or name a queue"),
    hint(flag("use-scratch"), "the job runs in the working directory of the cluster"),
    many("variable", "NAME=VALUE"),
    one("walltime", "PT1H30M"),
    hint(many("watch-output", "ADDRESS"), "output is delivered when the job has ended"),
];

/// The directive of this name.
pub(super) fn find(name: &str) -> Option<&'static Known> {
    ALL.iter().find(|known| known.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_sorted() {
        assert!(ALL.windows(2).all(|pair| pair[0].name < pair[1].name));
        assert_eq!(ALL.len(), 39);
    }
}
