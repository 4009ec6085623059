//! The directory of a site.
//!
//! ```text
//! grms.toml  client.env   configuration; the first user's settings for clients
//! ca/                     the private authority: key, certificate, list of revocations
//! certificates/           what everybody may read: the authority by hash, revocation list, signing policy
//! host/                   certificate and key of the web service
//! users/NAME/             certificate, key, PKCS#12 and client settings of one user
//! state/  work/           the database; working directories of jobs
//! ```

use super::files::{self, KEY, PRIVATE, PUBLIC, failed, make_directory, write_new};
use super::pki::{self, Authority, Identity, Purpose, Revocation};
use super::users::{User, add_user_to};
use super::{InitError, openssl};
use crate::identity::Subject;
use jiff::Timestamp;
use nix::unistd::{Uid, User as Account, gethostname, getuid};
use openssl::pkey::PKey;
use openssl::x509::X509;
use std::fmt::Write as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// The organisation in every subject of a site's private authority.
pub(super) const ORGANISATION: &str = "GRMS Test";

/// A site that was made.
#[derive(Debug, Clone)]
pub struct Site {
    /// Its directory, absolute.
    pub directory: PathBuf,
    /// `grms.toml`.
    pub config: PathBuf,
    /// The directory of trusted authorities.
    pub authorities: PathBuf,
    /// The address of the web service.
    pub endpoint: String,
    /// The first user.
    pub user: User,
}

/// What was made and what to do next.
impl std::fmt::Display for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { directory, config, user, endpoint, .. } = self;
        writeln!(f, "A site is ready in {}", directory.display())?;
        writeln!(f, "  service      {endpoint}")?;
        writeln!(f, "  user         {}", user.subject)?;
        if let Some(account) = &user.account {
            writeln!(f, "  jobs run as  {account} (grid-mapfile)")?;
        }
        writeln!(f, "  for browsers {} with the password in {}", user.pkcs12.display(), user.password.display())?;
        writeln!(f, "Start it:      grmsd serve --config {}", quote(config))?;
        writeln!(f, "Then:          . {} && grms-client list", quote(&directory.join("client.env")))
    }
}

/// Makes a site in `directory`, which is created, for a web service on `port` of this machine. The first user is called
/// like the account that runs this.
///
/// # Errors
/// [`InitError`]; an existing site stays untouched.
pub fn site(directory: &Path, port: u16, now: Timestamp) -> Result<Site, InitError> {
    let directory = std::path::absolute(directory).map_err(failed("find", directory))?;
    for name in ["grms.toml", "client.env", "grid-mapfile", "ca", "certificates", "host", "users", "state", "work"] {
        let path = directory.join(name);
        if path.symlink_metadata().is_ok() {
            return Err(InitError::Exists { path });
        }
    }
    if !directory.exists() {
        // Mapped accounts must reach their working directories, and see nothing else on the way.
        make_directory(&directory, 0o711)?;
    }
    for (name, mode) in
        [("ca", 0o700), ("certificates", 0o755), ("host", 0o700), ("users", 0o700), ("state", 0o700), ("work", 0o711)]
    {
        make_directory(&directory.join(name), mode)?;
    }
    let authority = make_authority(&directory, now)?;
    make_host(&directory, &authority, now)?;
    if getuid().is_root() {
        write_new(&directory.join("grid-mapfile"), "# \"subject\" local account\n", PUBLIC)?;
    }
    let base = format!("https://localhost:{port}");
    let user = add_user_to(&directory, &authority, &login_name(), &base, now)?;
    write_new(&directory.join("client.env"), client_env(&directory, &user, &base), PUBLIC)?;
    // Written last: a directory with a configuration is a whole site.
    let config = directory.join("grms.toml");
    write_new(&config, configuration(port, &base, &user), PRIVATE)?;
    let authorities = directory.join("certificates");
    Ok(Site { directory, config, authorities, endpoint: endpoint(&base), user })
}

pub(super) fn endpoint(base: &str) -> String {
    format!("{base}/services/grms")
}

fn make_authority(directory: &Path, now: Timestamp) -> Result<Authority, InitError> {
    let mut mark = [0; 4];
    openssl::rand::rand_bytes(&mut mark).map_err(openssl("draw random bytes"))?;
    let mark: String = mark.iter().map(|byte| format!("{byte:02x}")).collect();
    let make = || {
        // A name of its own keeps the authorities of several sites apart in one directory or browser.
        let name = pki::name(&[("O", ORGANISATION), ("CN", &format!("GRMS Test CA {mark}"))])?;
        let authority = Authority::create(&name, pki::key()?, now)?;
        let Identity { certificate, key } = authority.identity();
        Ok((certificate.to_pem()?, key.private_key_to_pem_pkcs8()?, authority))
    };
    let (certificate, key, authority) = make().map_err(openssl("make an authority"))?;
    write_new(&directory.join("ca/ca-key.pem"), key, KEY)?;
    write_new(&directory.join("ca/ca-cert.pem"), &certificate, PUBLIC)?;
    write_new(&directory.join("ca/revoked"), "", PRIVATE)?;
    let hash = authority.hash();
    let subject = subject_of(&authority.identity().certificate, &directory.join("ca/ca-cert.pem"))?;
    let public = directory.join("certificates");
    write_new(&public.join(format!("{hash}.0")), certificate, PUBLIC)?;
    let policy = pki::signing_policy(subject.as_str(), &format!("/O={ORGANISATION}"));
    write_new(&public.join(format!("{hash}.signing_policy")), policy, PUBLIC)?;
    write_revocation_list(directory, &authority, &[], now)?;
    if let Some(old) = authority.old_hash().filter(|old| *old != hash) {
        for suffix in ["0", "r0", "signing_policy"] {
            let link = public.join(format!("{old}.{suffix}"));
            symlink(format!("{hash}.{suffix}"), &link).map_err(failed("create", &link))?;
        }
    }
    Ok(authority)
}

fn make_host(directory: &Path, authority: &Authority, now: Timestamp) -> Result<(), InitError> {
    let own = gethostname().ok().and_then(|name| name.into_string().ok()).unwrap_or_default();
    let usable = |name: &&str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c));
    let names: Vec<&str> = ["localhost"].into_iter().chain(Some(own.as_str()).filter(usable)).collect();
    let make = || {
        let name = pki::name(&[("O", ORGANISATION), ("CN", "localhost")])?;
        let purpose = Purpose::Host { names: &names, addresses: &["127.0.0.1", "::1"] };
        let host = authority.issue(&name, purpose, pki::key()?, now, pki::CERTIFICATE_VALIDITY)?;
        Ok((host.certificate.to_pem()?, host.key.private_key_to_pem_pkcs8()?))
    };
    let (certificate, key) = make().map_err(openssl("make a host certificate"))?;
    write_new(&directory.join("host/hostcert.pem"), certificate, PUBLIC)?;
    write_new(&directory.join("host/hostkey.pem"), key, KEY)
}

/// The authority of an existing site, with what it took back so far.
pub(super) fn open_authority(directory: &Path) -> Result<(Authority, Vec<Revocation>), InitError> {
    let path = directory.join("ca/ca-key.pem");
    if !path.exists() {
        return Err(InitError::NoSite { path });
    }
    let key = files::read(&path)?;
    let key = PKey::private_key_from_pem(key.as_bytes()).map_err(|_| damaged(&path, "it is no PEM key"))?;
    let certificate = read_certificate(&directory.join("ca/ca-cert.pem"))?;
    let path = directory.join("ca/revoked");
    let mut revoked = Vec::new();
    for line in files::read(&path)?.lines() {
        let (serial, at) = line.split_once(' ').ok_or_else(|| damaged(&path, "expected a serial number and a time"))?;
        let at = at.parse().map_err(|_| damaged(&path, "a time is no number"))?;
        revoked.push(Revocation { serial: serial.to_owned(), at });
    }
    Ok((Authority::open(Identity { certificate, key }), revoked))
}

/// Writes what was taken back: for the authority itself, then for the world.
pub(super) fn write_revocation_list(
    directory: &Path,
    authority: &Authority,
    revoked: &[Revocation],
    now: Timestamp,
) -> Result<(), InitError> {
    let record = revoked.iter().fold(String::new(), |mut text, Revocation { serial, at }| {
        writeln!(text, "{serial} {at}").expect("writing to a string cannot fail");
        text
    });
    files::replace(&directory.join("ca/revoked"), record, PRIVATE)?;
    // Revocations are only ever added, so their count grows as the number of a list must.
    let number = u32::try_from(revoked.len() + 1).unwrap_or(u32::MAX);
    let list = authority.revocation_list(revoked, number, now).and_then(|list| list.to_pem());
    let list = list.map_err(openssl("make a revocation list"))?;
    files::replace(&directory.join(format!("certificates/{}.r0", authority.hash())), list, PUBLIC)
}

pub(super) fn read_certificate(path: &Path) -> Result<X509, InitError> {
    X509::from_pem(files::read(path)?.as_bytes()).map_err(|_| damaged(path, "it is no PEM certificate"))
}

pub(super) fn subject_of(certificate: &X509, path: &Path) -> Result<Subject, InitError> {
    Subject::of(certificate.subject_name()).map_err(|bad| damaged(path, &bad.to_string()))
}

pub(super) fn damaged(path: &Path, why: &str) -> InitError {
    InitError::Damaged { path: path.to_owned(), why: why.to_owned() }
}

/// Settings for clients, to be read by a shell.
pub(super) fn client_env(directory: &Path, user: &User, base: &str) -> String {
    let User { certificate, key, .. } = user;
    format!(
        "# Settings for grms-client and grid tools as {}\n\
         export GRMS_ENDPOINT='{}'\n\
         export X509_USER_CERT={}\n\
         export X509_USER_KEY={}\n\
         export X509_CERT_DIR={}\n",
        user.subject,
        endpoint(base),
        quote(certificate),
        quote(key),
        quote(&directory.join("certificates")),
    )
}

/// One word of a shell.
pub(super) fn quote(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

fn configuration(port: u16, base: &str, user: &User) -> String {
    let users = if user.account.is_some() { "\n[users]\nmap = \"grid-mapfile\"\n" } else { "" };
    format!(
        r#"[server]
listen = "127.0.0.1:{port}"
url = "{base}"
certificate = "host/hostcert.pem"
key = "host/hostkey.pem"
authorities = "certificates"
# administrators = ["{subject}"]   # sees and cancels everybody's jobs

[database]
url = "sqlite:state/grms.db"
{users}
[[cluster]]
name = "local"
kind = "fork"
work_dir = "work"
contact = "localhost"
"#,
        subject = user.subject,
    )
}

fn login_name() -> String {
    let name = Account::from_uid(getuid()).ok().flatten().map_or_else(|| "user".to_owned(), |account| account.name);
    let usable = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    let name: String = name.chars().map(usable).take(64).collect();
    if name.starts_with(|c: char| c.is_ascii_alphanumeric()) { name } else { format!("u{name}") }
}

/// Whom jobs of a user run as when the broker is root: the account of the same name, or whoever became root, or nobody.
pub(super) fn account_for(name: &str) -> String {
    let ordinary = |name: &str| {
        let account = Account::from_name(name).ok().flatten();
        account.filter(|account| account.uid != Uid::from_raw(0)).map(|account| account.name)
    };
    ordinary(name)
        .or_else(|| std::env::var("SUDO_USER").ok().as_deref().and_then(ordinary))
        .unwrap_or_else(|| "nobody".to_owned())
}
