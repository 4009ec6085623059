//! `grmsd init`: a site out of nothing in about a second, and its users.
//!
//! A site is a directory: configuration, a private certificate authority for trying things out, a host certificate and
//! one user. Nothing that exists is ever overwritten, and keys are never readable for others.

mod files;
pub mod pki;
mod site;
mod users;

pub use site::{Site, site};
pub use users::{User, add_user, revoke_user};

use openssl::error::ErrorStack;
use std::path::PathBuf;

/// Arguments of `grmsd init`.
#[derive(Debug, Clone, clap::Args)]
pub struct InitArgs {
    /// Directory of the new site; it is created
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
    /// Port of the web service, on this machine only
    #[arg(long, value_name = "N", default_value_t = 8443, value_parser = clap::value_parser!(u16).range(1..))]
    pub port: u16,
}

/// Arguments of `grmsd add-user` and `grmsd revoke-user`.
#[derive(Debug, Clone, clap::Args)]
pub struct UserArgs {
    /// Directory of a site made by `grmsd init`
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
    /// Name of the person, which becomes the last part of the certificate's subject
    #[arg(value_name = "NAME")]
    pub name: String,
}

/// Why a site or a user was not made.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// Something is there already.
    #[error(
        "{path} exists already, and a site is never overwritten: choose another directory, or remove this one first"
    )]
    Exists {
        /// What.
        path: PathBuf,
    },
    /// The directory holds no site.
    #[error("{path} is missing, so there is no site made by `grmsd init` here")]
    NoSite {
        /// What was looked for.
        path: PathBuf,
    },
    /// Not a name for a certificate and a directory.
    #[error(
        "`{name}` cannot be a user's name here: expected 1 to 64 of A-Z a-z 0-9 . _ - and blank, a letter or digit first"
    )]
    BadName {
        /// What was given.
        name: String,
    },
    /// There is one, with a good certificate.
    #[error("user {name} exists already: {directory}")]
    UserExists {
        /// Who.
        name: String,
        /// Where.
        directory: PathBuf,
    },
    /// There is none.
    #[error("there is no user {name}: {directory} is missing")]
    NoUser {
        /// Who.
        name: String,
        /// Where it should be.
        directory: PathBuf,
    },
    /// Twice is once too often.
    #[error("the certificate of {name} was revoked before")]
    AlreadyRevoked {
        /// Who.
        name: String,
    },
    /// The file system.
    #[error("cannot {action} {path}")]
    File {
        /// What was tried.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file of the site is damaged.
    #[error("{path} cannot be used: {why}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// OpenSSL.
    #[error("OpenSSL could not {action}")]
    OpenSsl {
        /// What was tried.
        action: &'static str,
        /// Its words.
        #[source]
        source: ErrorStack,
    },
}

fn openssl(action: &'static str) -> impl FnOnce(ErrorStack) -> InitError {
    move |source| InitError::OpenSsl { action, source }
}
