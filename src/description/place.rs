//! Places outside, wherever they are named: which URLs a site accepts, and which variables their paths may hold.

use super::Rules;
use super::findings::short;
use crate::job::variable::{Part, Variable, parts};
use crate::job::{Code, Scheme, Url};
use crate::xml::nearest;

/// Reads a URL as a description has it between the tags.
///
/// # Errors
/// Everything that is wrong with it, each with its code: a variable that does not exist, no URL, a scheme that the site does not move
/// files by, a `file:` path that is not absolute.
pub fn url(text: &str, rules: &Rules) -> Result<Url, Vec<(Code, String)>> {
    let unknown: Vec<_> = strangers(text).map(|say| (Code::DescUndefinedReference, say)).collect();
    if !unknown.is_empty() {
        return Err(unknown);
    }
    let bad = |say: String| Err(vec![(Code::DescBadUrl, say)]);
    let url = match Url::parse(text) {
        Ok(url) => url,
        Err(why) => return bad(why.to_string()),
    };
    if !rules.schemes.contains(&url.scheme()) {
        let offered: Vec<_> = rules.schemes.iter().map(|scheme| scheme.as_str()).collect();
        return bad(format!("this broker moves no files by {}; offered: {}", url.scheme().as_str(), offered.join(" ")));
    }
    let path = url.path();
    if url.scheme() == Scheme::File && !path.starts_with('/') {
        let absolute = [Variable::Home, Variable::TaskDir];
        if let Some(Part::Variable(name)) = parts(path).next()
            && !absolute.iter().any(|variable| variable.as_str() == name)
        {
            return bad(format!(
                "a file: path cannot begin with ${{{name}}}; begin with /, ${{HOME}} or ${{TASK_DIR}}"
            ));
        }
    }
    Ok(url)
}

/// What is wrong with each variable of a text that has no value.
pub(super) fn strangers(text: &str) -> impl Iterator<Item = String> {
    let names = || Variable::ALL.iter().map(|variable| variable.as_str());
    parts(text).filter_map(move |part| match part {
        Part::Variable(name) if Variable::find(name).is_none() => {
            let hint = match nearest(name, names()) {
                Some(meant) => format!("did you mean {meant}?"),
                None => format!("known: {}", names().collect::<Vec<_>>().join(" ")),
            };
            Some(format!("unknown variable ${{{}}}; {hint}", short(name)))
        }
        Part::Unclosed(rest) => Some(format!("`{}` has no closing brace", short(rest))),
        _ => None,
    })
}
