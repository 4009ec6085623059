//! The ten words for the state of a job.

use clap::ValueEnum;

/// A state, as every GRMS client knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "UPPER")]
pub(crate) enum JobStatus {
    /// Accepted, waits to be served.
    Queued,
    /// The broker does what must precede the start.
    Preprocessing,
    /// Waits in the batch system.
    Pending,
    /// The program is being executed.
    Running,
    /// The program has ended, its files are not collected yet.
    Stopped,
    /// The broker collects output and cleans up.
    Postprocessing,
    /// Everything is complete.
    Finished,
    /// Stopped on request, waits for resume.
    Suspended,
    /// Could not be carried out, or the program or a transfer failed.
    Failed,
    /// Removed by its owner or an administrator.
    Canceled,
}

impl JobStatus {
    /// The word on the wire.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "QUEUED",
            Self::Preprocessing => "PREPROCESSING",
            Self::Pending => "PENDING",
            Self::Running => "RUNNING",
            Self::Stopped => "STOPPED",
            Self::Postprocessing => "POSTPROCESSING",
            Self::Finished => "FINISHED",
            Self::Suspended => "SUSPENDED",
            Self::Failed => "FAILED",
            Self::Canceled => "CANCELED",
        }
    }

    /// The state with this word; `None` for a word of a newer broker.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::value_variants().iter().copied().find(|status| status.as_str() == word)
    }

    /// All ten words.
    pub(crate) fn words() -> Vec<&'static str> {
        Self::value_variants().iter().map(|status| status.as_str()).collect()
    }

    /// Whether nothing can follow.
    pub(crate) const fn is_final(self) -> bool {
        matches!(self, Self::Finished | Self::Failed | Self::Canceled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_command_line_are_the_words_on_the_wire() {
        for status in JobStatus::value_variants() {
            let word = status.to_possible_value().expect("no state is hidden");
            assert_eq!(word.get_name(), status.as_str());
            assert_eq!(JobStatus::from_word(status.as_str()), Some(*status));
        }
        assert_eq!(JobStatus::value_variants().len(), 10);
        assert_eq!(JobStatus::from_word("BROKEN"), None);
    }
}
