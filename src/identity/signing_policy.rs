//! Signing policies: which subjects an authority is believed for. `<hash>.signing_policy` beside its certificate, in
//! the form that Globus and the grid's authorities use.
//!
//! An authority without a file is believed for every subject, as OpenSSL does; one with a file only for what the file
//! grants.

use super::subject::Subject;
use openssl::x509::X509Ref;
use std::path::Path;

/// Whether the policies in `authorities` let each authority of a verified chain, leaf first, sign the member before it.
/// Proxies are left out: their issuers are no authorities.
///
/// # Errors
/// A text that says which authority must not sign whom.
pub(super) fn check<'a>(authorities: &Path, chain: impl IntoIterator<Item = &'a X509Ref>) -> Result<(), String> {
    let chain: Vec<&X509Ref> = chain.into_iter().collect();
    for pair in chain.windows(2) {
        let [member, issuer] = pair else { continue };
        let path = authorities.join(format!("{:08x}.signing_policy", issuer.subject_name_hash()));
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(format!("{} cannot be read: {error}", path.display())),
        };
        let member = Subject::of(member.subject_name()).map_err(|bad| bad.to_string())?;
        let issuer = Subject::of(issuer.subject_name()).map_err(|bad| bad.to_string())?;
        if !grants(&text, &issuer, &member) {
            return Err(format!("{} does not let the authority {issuer} sign {member}", path.display()));
        }
    }
    Ok(())
}

/// Blocks of `access_id_CA X509 'subject'`, `pos_rights globus CA:sign`, `cond_subjects globus '"pattern" "pattern"'`.
fn grants(policy: &str, issuer: &Subject, member: &Subject) -> bool {
    let mut mine = false;
    let mut signs = false;
    for line in policy.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        let Some((key, rest)) = line.split_once(char::is_whitespace) else { continue };
        let Some((kind, value)) = rest.trim_start().split_once(char::is_whitespace) else { continue };
        let value = value.trim();
        match (key, kind) {
            ("access_id_CA", "X509") => {
                mine = Subject::parse(unquote(value)).is_ok_and(|subject| subject == *issuer);
                signs = false;
            }
            ("pos_rights", "globus") => signs = mine && value == "CA:sign",
            ("cond_subjects", "globus")
                if signs && patterns(unquote(value)).any(|one| matches(one.as_bytes(), member.as_str().as_bytes())) =>
            {
                return true;
            }
            _ => {}
        }
    }
    false
}

fn unquote(value: &str) -> &str {
    let value = value.trim();
    value
        .strip_prefix('\'')
        .and_then(|value| value.split_once('\''))
        .or_else(|| value.strip_prefix('"').and_then(|value| value.split_once('"')))
        .map_or(value, |(inside, _)| inside)
}

/// One bare pattern, or several in quotation marks.
fn patterns(value: &str) -> impl Iterator<Item = String> {
    let quoted: Vec<&str> = value.split('"').skip(1).step_by(2).collect();
    let all = if value.contains('"') { quoted } else { vec![value] };
    let canonical = |text: &str| text.trim().replace("/Email=", "/emailAddress=").replace("/E=", "/emailAddress=");
    all.into_iter().filter(|pattern| !pattern.trim().is_empty()).map(canonical).collect::<Vec<_>>().into_iter()
}

/// `*` is any text, `?` one byte. Walks back to the last star only, so the time is bounded by the product of the
/// lengths.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star = None;
    while t < text.len() {
        if pattern.get(p) == Some(&b'*') {
            star = Some((p, t));
            p += 1;
        } else if pattern.get(p).is_some_and(|c| *c == b'?' || *c == text[t]) {
            p += 1;
            t += 1;
        } else if let Some((at, from)) = star {
            star = Some((at, from + 1));
            p = at + 1;
            t = from + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(text: &str) -> Subject {
        Subject::parse(text).unwrap()
    }

    const POLICY: &str = r#"
# EACL
access_id_CA  X509	'/C=PL/O=GRID/CN=Polish Grid CA'
pos_rights    globus  CA:sign
cond_subjects globus  '"/C=PL/O=GRID/*"   "/C=PL/O=PSNC/CN=?"'

access_id_CA  X509   "/C=PL/O=GRID/CN=Other CA"
pos_rights    globus CA:sign
cond_subjects globus '/C=PL/Email=*@example.org'
"#;

    #[test]
    fn only_the_authoritys_own_block_counts_and_only_its_patterns() {
        let (polish, other) = (subject("/C=PL/O=GRID/CN=Polish Grid CA"), subject("/C=PL/O=GRID/CN=Other CA"));
        assert!(grants(POLICY, &polish, &subject("/C=PL/O=GRID/CN=Ada")));
        assert!(grants(POLICY, &polish, &subject("/C=PL/O=PSNC/CN=x")));
        assert!(!grants(POLICY, &polish, &subject("/C=PL/O=PSNC/CN=xy")));
        assert!(!grants(POLICY, &polish, &subject("/C=DE/C=PL/O=GRID/CN=Ada")));
        assert!(!grants(POLICY, &other, &subject("/C=PL/O=GRID/CN=Ada")));
        assert!(grants(POLICY, &other, &subject("/C=PL/emailAddress=ada@example.org")));
        assert!(!grants(POLICY, &subject("/CN=Third CA"), &subject("/C=PL/O=GRID/CN=Ada")));
        assert!(!grants(&POLICY.replace("CA:sign", "CA:read"), &polish, &subject("/C=PL/O=GRID/CN=Ada")));
        assert!(!grants("", &polish, &subject("/C=PL/O=GRID/CN=Ada")));
    }

    #[test]
    fn patterns_with_many_stars_end_soon() {
        let pattern = "*a".repeat(50) + "b";
        assert!(!matches(pattern.as_bytes(), "a".repeat(2000).as_bytes()));
        assert!(matches(b"*a*?c*", b"xxabbc"));
    }
}
