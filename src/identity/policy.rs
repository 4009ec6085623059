//! The one policy table: who may do what to whose job.
//!
//! A job is its owner's; administrators of the site see and cancel everything; a limited proxy reads. Commands take an
//! [`Allowed`] as proof, which only [`Policy::may`] makes, so a path without the question does not compile.

use super::peer::Peer;
use super::subject::Subject;
use crate::job::Code;

/// What a caller wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Ask about the service: describe it, test a description, find resources.
    Inquire,
    /// Submit a job.
    Submit,
    /// List the caller's own jobs.
    List,
    /// List everybody's jobs.
    ListAll,
    /// Read one job: state, history, description, files.
    Read,
    /// Cancel one job.
    Cancel,
    /// Change one job in any other way: suspend, resume, migrate, output entries.
    Control,
}

impl Action {
    /// Every action, for tables and tests.
    pub const ALL: &'static [Self] =
        &[Self::Inquire, Self::Submit, Self::List, Self::ListAll, Self::Read, Self::Cancel, Self::Control];
}

/// An authenticated caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who.
    pub subject: Subject,
    /// Whether the proof is a limited proxy.
    pub limited: bool,
}

impl From<&Peer> for Caller {
    fn from(peer: &Peer) -> Self {
        Self { subject: peer.subject.clone(), limited: peer.limited }
    }
}

/// Proof that an action was allowed. Made by [`Policy::may`] only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    caller: Caller,
    action: Action,
    as_administrator: bool,
}

impl Allowed {
    /// Who acts.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// What was allowed.
    #[must_use]
    pub fn action(&self) -> Action {
        self.action
    }

    /// Whether it was allowed because the caller is an administrator, not because the job is the caller's.
    #[must_use]
    pub fn as_administrator(&self) -> bool {
        self.as_administrator
    }
}

/// Why an action is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Another's job: it must look exactly like no job at all.
    #[error("there is no such job")]
    NoSuchJob,
    /// A limited proxy wants to change something.
    #[error("a limited proxy may read but neither submit nor change jobs: use a full proxy")]
    LimitedProxy,
    /// Only administrators may.
    #[error(
        "only administrators of this broker may do this: the configuration lists them under [server] administrators"
    )]
    NotAdministrator,
    /// Only the owner may, although the caller may see the job.
    #[error("only its owner may do this to a job; administrators see and cancel jobs of others")]
    NotOwner,
}

impl Denied {
    /// The code that the caller sees.
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::NoSuchJob => Code::JobNotFound,
            Self::LimitedProxy | Self::NotAdministrator | Self::NotOwner => Code::NotAuthorized,
        }
    }
}

/// The rules of one site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// Who sees and cancels everybody's jobs.
    pub administrators: Vec<Subject>,
}

impl Policy {
    /// Whether `caller` may do `action`. `owner` is the job's owner for actions on one job and nobody for the others;
    /// an action on a job without an owner is refused like one on another's job.
    ///
    /// # Errors
    /// [`Denied`] tells why not.
    pub fn may(&self, caller: &Caller, action: Action, owner: Option<&Subject>) -> Result<Allowed, Denied> {
        let administrator = self.administrators.contains(&caller.subject);
        let own = owner == Some(&caller.subject);
        let as_administrator = match action {
            Action::Inquire | Action::Submit | Action::List => false,
            Action::ListAll if administrator => true,
            Action::ListAll => return Err(Denied::NotAdministrator),
            Action::Read | Action::Cancel | Action::Control if own => false,
            Action::Read | Action::Cancel if administrator && owner.is_some() => true,
            Action::Control if administrator && owner.is_some() => return Err(Denied::NotOwner),
            Action::Read | Action::Cancel | Action::Control => return Err(Denied::NoSuchJob),
        };
        let changes = matches!(action, Action::Submit | Action::Cancel | Action::Control);
        if changes && caller.limited {
            return Err(Denied::LimitedProxy);
        }
        Ok(Allowed { caller: caller.clone(), action, as_administrator })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(name: &str) -> Subject {
        Subject::parse(&format!("/O=Example/CN={name}")).unwrap()
    }

    fn caller(name: &str, limited: bool) -> Caller {
        Caller { subject: subject(name), limited }
    }

    fn policy() -> Policy {
        Policy { administrators: vec![subject("Root")] }
    }

    /// One row a caller and owner, one letter an action in the order of `Action::ALL`: `+` allowed, `a` allowed as
    /// administrator, `?` no such job, `l` limited proxy, `n` not an administrator, `o` not the owner.
    #[test]
    fn the_whole_table() {
        let mut table = String::new();
        for name in ["Ada", "Root"] {
            for limited in [false, true] {
                for owner in [None, Some("Ada"), Some("Eve")] {
                    let row: String = Action::ALL
                        .iter()
                        .map(|action| {
                            match policy().may(&caller(name, limited), *action, owner.map(subject).as_ref()) {
                                Ok(allowed) if allowed.as_administrator() => 'a',
                                Ok(_) => '+',
                                Err(Denied::NoSuchJob) => '?',
                                Err(Denied::LimitedProxy) => 'l',
                                Err(Denied::NotAdministrator) => 'n',
                                Err(Denied::NotOwner) => 'o',
                            }
                        })
                        .collect();
                    let limited = if limited { "limited" } else { "full" };
                    table.push_str(&format!("{name} {limited} {} {row}\n", owner.unwrap_or("-")));
                }
            }
        }
        let expected = "\
Ada full - +++n???
Ada full Ada +++n+++
Ada full Eve +++n???
Ada limited - +l+n???
Ada limited Ada +l+n+ll
Ada limited Eve +l+n???
Root full - +++a???
Root full Ada +++aaao
Root full Eve +++aaao
Root limited - +l+a???
Root limited Ada +l+aalo
Root limited Eve +l+aalo
";
        assert_eq!(table, expected);
    }

    #[test]
    fn anothers_job_looks_like_no_job_and_never_like_a_forbidden_one() {
        let denied = policy().may(&caller("Ada", true), Action::Cancel, Some(&subject("Eve"))).unwrap_err();
        assert_eq!(denied.code(), Code::JobNotFound);
    }

    #[test]
    fn subjects_compare_exactly() {
        let nearly = Caller { subject: Subject::parse("/O=Example/CN=root").unwrap(), limited: false };
        assert_eq!(policy().may(&nearly, Action::ListAll, None), Err(Denied::NotAdministrator));
    }
}
