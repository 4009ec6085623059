//! Users of a site's private authority: made, and taken back.

use super::files::{self, KEY, PRIVATE, PUBLIC, failed, make_directory, write_new};
use super::pki::{self, Authority, Purpose, Revocation};
use super::site::{
    ORGANISATION, account_for, client_env, damaged, open_authority, quote, read_certificate, subject_of,
    write_revocation_list,
};
use super::{InitError, openssl};
use crate::identity::{GridMap, Subject};
use jiff::Timestamp;
use std::path::{Path, PathBuf};

/// A user with a certificate of the site's authority.
#[derive(Debug, Clone)]
pub struct User {
    /// Who.
    pub name: String,
    /// The certificate's subject.
    pub subject: Subject,
    /// Everything of this user.
    pub directory: PathBuf,
    /// The certificate, PEM.
    pub certificate: PathBuf,
    /// Its key, PEM, mode 0400.
    pub key: PathBuf,
    /// Both and the authority, PKCS#12, for browsers.
    pub pkcs12: PathBuf,
    /// The file with the password of the PKCS#12 file.
    pub password: PathBuf,
    /// Settings for clients, to be read by a shell.
    pub env: PathBuf,
    /// Whom jobs run as, where the site has a grid-mapfile.
    pub account: Option<String>,
}

impl std::fmt::Display for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{} has a certificate in {}", self.subject, self.directory.display())?;
        if let Some(account) = &self.account {
            writeln!(f, "  jobs run as {account} (grid-mapfile)")?;
        }
        writeln!(f, "Use it: . {}", quote(&self.env))
    }
}

/// Makes one more user of the site in `directory`. A name whose certificate was revoked can be given again.
///
/// # Errors
/// [`InitError`], among others when the user exists.
pub fn add_user(directory: &Path, name: &str, now: Timestamp) -> Result<User, InitError> {
    let directory = std::path::absolute(directory).map_err(failed("find", directory))?;
    let (authority, revoked) = open_authority(&directory)?;
    let place = directory.join("users").join(file_name(name)?);
    if place.exists() {
        let serial = serial(&place.join("usercert.pem"))?;
        if !revoked.iter().any(|revocation| revocation.serial == serial) {
            return Err(InitError::UserExists { name: name.to_owned(), directory: place });
        }
        let aside = directory.join("users").join(format!("{}.revoked-{serial}", file_name(name)?));
        std::fs::rename(&place, &aside).map_err(failed("rename", &place))?;
    }
    let base = server_url(&directory.join("grms.toml"))?;
    write_revocation_list(&directory, &authority, &revoked, now)?;
    add_user_to(&directory, &authority, name, &base, now)
}

/// Takes a user's certificate back: the new revocation list is in place when this returns. The user's files stay.
///
/// # Errors
/// [`InitError`], among others when there is no such user.
pub fn revoke_user(directory: &Path, name: &str, now: Timestamp) -> Result<Subject, InitError> {
    let (authority, mut revoked) = open_authority(directory)?;
    let place = directory.join("users").join(file_name(name)?);
    if !place.exists() {
        return Err(InitError::NoUser { name: name.to_owned(), directory: place });
    }
    let path = place.join("usercert.pem");
    let serial = serial(&path)?;
    if revoked.iter().any(|revocation| revocation.serial == serial) {
        return Err(InitError::AlreadyRevoked { name: name.to_owned() });
    }
    revoked.push(Revocation { serial, at: now.as_second() });
    write_revocation_list(directory, &authority, &revoked, now)?;
    subject_of(&read_certificate(&path)?, &path)
}

pub(super) fn add_user_to(
    directory: &Path,
    authority: &Authority,
    name: &str,
    base: &str,
    now: Timestamp,
) -> Result<User, InitError> {
    let place = directory.join("users").join(file_name(name)?);
    let make = || {
        let subject = pki::name(&[("O", ORGANISATION), ("CN", name)])?;
        let user = authority.issue(&subject, Purpose::User, pki::key()?, now, pki::CERTIFICATE_VALIDITY)?;
        let mut password = [0; 16];
        openssl::rand::rand_bytes(&mut password)?;
        let password: String = password.iter().map(|byte| format!("{byte:02x}")).collect();
        let label = format!("{name} at {ORGANISATION}");
        let pkcs12 = pki::pkcs12(&user, &authority.identity().certificate, &label, &password)?;
        Ok((user, pkcs12, password))
    };
    let (identity, pkcs12, password) = make().map_err(openssl("make a user certificate"))?;
    let subject = subject_of(&identity.certificate, &place)?;
    let user = User {
        name: name.to_owned(),
        certificate: place.join("usercert.pem"),
        key: place.join("userkey.pem"),
        pkcs12: place.join("user.p12"),
        password: place.join("user.p12.password"),
        env: place.join("client.env"),
        account: map(directory, name, &subject)?,
        subject,
        directory: place,
    };
    make_directory(&user.directory, 0o700)?;
    let key = identity.key.private_key_to_pem_pkcs8().map_err(openssl("write a key"))?;
    let certificate = identity.certificate.to_pem().map_err(openssl("write a certificate"))?;
    write_new(&user.key, key, KEY)?;
    write_new(&user.pkcs12, pkcs12, PRIVATE)?;
    write_new(&user.password, format!("{password}\n"), KEY)?;
    write_new(&user.env, client_env(directory, &user, base), PUBLIC)?;
    write_new(&user.certificate, certificate, PUBLIC)?;
    Ok(user)
}

/// Writes the user into the grid-mapfile, where there is one. A line that is there already stays.
fn map(directory: &Path, name: &str, subject: &Subject) -> Result<Option<String>, InitError> {
    let path = directory.join("grid-mapfile");
    if !path.exists() {
        return Ok(None);
    }
    let known = GridMap::load(&path).map_err(|error| damaged(&path, &error.to_string()))?;
    if let Some(account) = known.account(subject) {
        return Ok(Some(account.to_owned()));
    }
    let account = account_for(name);
    let text = files::read(&path)?;
    files::replace(&path, format!("{}\n\"{subject}\" {account}\n", text.trim_end()), PUBLIC)?;
    Ok(Some(account))
}

fn serial(certificate: &Path) -> Result<String, InitError> {
    pki::serial(&read_certificate(certificate)?).map_err(openssl("read a serial number"))
}

/// `[server] url`, the one line of the configuration that clients need.
fn server_url(config: &Path) -> Result<String, InitError> {
    let settings: toml::Table = files::read(config)?.parse().map_err(|_| damaged(config, "it is no TOML"))?;
    let url = settings.get("server").and_then(|server| server.get("url")).and_then(toml::Value::as_str);
    url.map(str::to_owned).ok_or_else(|| damaged(config, "[server] url is missing"))
}

/// The directory of a user is called like the user.
fn file_name(name: &str) -> Result<&str, InitError> {
    let usable = (1..=64).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && !name.ends_with(' ')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || " ._-".contains(c));
    if usable { Ok(name) } else { Err(InitError::BadName { name: name.to_owned() }) }
}
