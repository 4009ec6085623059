//! The two versions of the classic contract, and which of them a request is in.
//!
//! Old clients do not say their version, and they break on members they do not know. So it is chosen for each request, from what the request
//! itself shows, and only then from the configuration.

use super::operations::Entry;
use std::fmt;

/// A version of the classic contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Profile {
    /// GRMS 1.9.0.
    V190,
    /// GRMS 1.9.6.
    #[default]
    V196,
}

impl Profile {
    /// Both.
    pub const ALL: [Self; 2] = [Self::V190, Self::V196];

    /// Its number.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V190 => "1.9.0",
            Self::V196 => "1.9.6",
        }
    }

    /// The version with this number.
    ///
    /// # Errors
    /// A sentence that names the versions there are.
    pub fn parse(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|profile| profile.as_str() == text.trim());
        found.ok_or_else(|| format!("`{text}` is no version of the classic service; expected \"1.9.0\" or \"1.9.6\""))
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a request shows of its version.
#[derive(Debug, Clone, Copy)]
pub(super) struct Traits<'a> {
    /// The version that the address belongs to, if it belongs to one.
    pub(super) pinned: Option<Profile>,
    /// The rows that operation and parts fit: of one version where the operation, or the set of its parts, is.
    pub(super) fitting: &'a [&'static Entry],
    /// The version whose spelling of a physical file is used, if one is named.
    pub(super) spelling: Option<Profile>,
    /// What the administrator chose.
    pub(super) default: Profile,
}

/// The version of a request: the first that says anything of address, operation and parts, spelling, configuration.
pub(super) fn choose(traits: &Traits<'_>) -> Profile {
    traits.pinned.or_else(|| only(traits.fitting.iter().copied())).or(traits.spelling).unwrap_or(traits.default)
}

/// The version that all entries belong to, if it is one.
fn only<'e>(entries: impl Iterator<Item = &'e Entry>) -> Option<Profile> {
    let mut all = entries.flat_map(|entry| entry.profiles.iter().copied());
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::super::operations;
    use super::*;
    use Profile::{V190, V196};

    fn fitting(name: &str, parts: &[&str]) -> Vec<&'static Entry> {
        operations::OPERATIONS
            .iter()
            .filter(|entry| entry.name == name)
            .filter(|entry| entry.request.iter().map(|part| part.name).collect::<Vec<_>>() == parts)
            .collect()
    }

    /// Pinned, operation, parts, spelling, default, expected.
    type Case = (Option<Profile>, &'static str, &'static [&'static str], Option<Profile>, Profile, Profile);

    #[test]
    fn each_rule_decides_only_when_those_before_it_are_silent() {
        let cases: &[Case] = &[
            (Some(V190), "getJobInfo", &["jobId"], None, V196, V190),
            (Some(V196), "addCheckpointFileDirs", &["jobId", "items"], Some(V190), V190, V196),
            (None, "addOutFileDirs", &["jobId", "items"], Some(V196), V196, V190),
            (None, "addOutputFileDirs", &["jobId", "items"], Some(V190), V190, V196),
            (None, "getNotificationsList", &["jobId"], None, V190, V196),
            (None, "registerNotification", &["client", "request"], None, V196, V190),
            (None, "registerNotification", &["jobId", "request"], None, V190, V196),
            (None, "unregisterNotification", &["notificationId"], None, V196, V190),
            (None, "unregisterNotification", &["jobId", "notificationId"], None, V190, V196),
            (None, "addCheckpointFileDirs", &["jobId", "items"], Some(V190), V196, V190),
            (None, "addCheckpointFileDirs", &["jobId", "items"], Some(V196), V190, V196),
            (None, "addCheckpointFileDirs", &["jobId", "items"], None, V190, V190),
            (None, "getJobInfo", &["jobId"], None, V190, V190),
            (None, "getJobInfo", &["jobId"], None, V196, V196),
        ];
        for (pinned, name, parts, spelling, default, expected) in cases {
            let fitting = fitting(name, parts);
            assert!(!fitting.is_empty(), "{name}");
            let traits = Traits { pinned: *pinned, fitting: &fitting, spelling: *spelling, default: *default };
            assert_eq!(choose(&traits), *expected, "{name} {parts:?}");
        }
    }
}
