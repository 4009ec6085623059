//! `${NAME}` in locations, arguments and environment values. The only place that knows how variables are written.
//!
//! A text is resolved once, with every value known: resolving what was resolved would expand a `$$` that meant `$`.

/// A variable that the broker or the executing machine gives a value to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Variable {
    /// The job's id.
    JobId,
    /// The task's id.
    TaskId,
    /// The user's label of the job.
    AppId,
    /// The working directory of the task, on the executing machine.
    TaskDir,
    /// The home directory of the user, on the executing machine.
    Home,
    /// The executing machine.
    Host,
}

impl Variable {
    /// Every variable of the language.
    pub const ALL: &'static [Self] = &[Self::JobId, Self::TaskId, Self::AppId, Self::TaskDir, Self::Home, Self::Host];

    /// The name between the braces.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::JobId => "JOB_ID",
            Self::TaskId => "TASK_ID",
            Self::AppId => "APP_ID",
            Self::TaskDir => "TASK_DIR",
            Self::Home => "HOME",
            Self::Host => "HOST",
        }
    }

    /// The variable with this name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|variable| variable.as_str() == name)
    }
}

/// A piece of a text with variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// Stands for itself.
    Text(&'a str),
    /// `$$`, which stands for `$`.
    Dollar,
    /// `${NAME}`; the name.
    Variable(&'a str),
    /// `${` without a `}`; stands for itself, up to the end of the text.
    Unclosed(&'a str),
}

/// Cuts a text into its parts. Joined together again they are the whole text.
pub fn parts(text: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (part, length) = first(rest);
        rest = &rest[length..];
        Some(part)
    })
}

fn first(text: &str) -> (Part<'_>, usize) {
    if text.starts_with("$$") {
        return (Part::Dollar, 2);
    }
    if let Some(inner) = text.strip_prefix("${") {
        return match inner.find('}') {
            Some(end) => (Part::Variable(&inner[..end]), end + 3),
            None => (Part::Unclosed(text), text.len()),
        };
    }
    let next = text
        .bytes()
        .enumerate()
        .skip(1)
        .find(|&(at, byte)| byte == b'$' && matches!(text.as_bytes().get(at + 1), Some(b'$' | b'{')));
    let end = next.map_or(text.len(), |(at, _)| at);
    (Part::Text(&text[..end]), end)
}

/// The text with every variable that `lookup` knows replaced by its value. Others stay as they are written; `$$` becomes `$`.
#[must_use]
pub fn resolve(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> String {
    let mut resolved = String::with_capacity(text.len());
    for part in parts(text) {
        match part {
            Part::Text(plain) | Part::Unclosed(plain) => resolved.push_str(plain),
            Part::Dollar => resolved.push('$'),
            Part::Variable(name) => match lookup(name) {
                Some(value) => resolved.push_str(&value),
                None => resolved.extend(["${", name, "}"]),
            },
        }
    }
    resolved
}

/// The text with every variable that `lookup` knows replaced, to be resolved later: `$$` and what is not known stay as written, and a value
/// may hold variables of its own.
#[must_use]
pub fn substitute(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> String {
    let mut substituted = String::with_capacity(text.len());
    for part in parts(text) {
        match part {
            Part::Text(plain) | Part::Unclosed(plain) => substituted.push_str(plain),
            Part::Dollar => substituted.push_str("$$"),
            Part::Variable(name) => match lookup(name) {
                Some(value) => substituted.push_str(&value),
                None => substituted.extend(["${", name, "}"]),
            },
        }
    }
    substituted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home(name: &str) -> Option<String> {
        (name == "HOME").then(|| "/home/${HOST}".to_owned())
    }

    #[test]
    fn known_variables_are_replaced_and_values_are_not_read_again() {
        for (text, expected) in [
            ("", ""),
            ("plain", "plain"),
            ("${HOME}/x", "/home/${HOST}/x"),
            ("a${HOME}b${HOME}", "a/home/${HOST}b/home/${HOST}"),
            ("${OTHER}-${HOME}", "${OTHER}-/home/${HOST}"),
            ("$$", "$"),
            ("$${HOME}", "${HOME}"),
            ("$$${HOME}", "$/home/${HOST}"),
            ("5$ and $HOME", "5$ and $HOME"),
            ("é${HOME}é", "é/home/${HOST}é"),
            ("${HOME", "${HOME"),
            ("a$", "a$"),
            ("${}", "${}"),
        ] {
            assert_eq!(resolve(text, &home), expected, "{text}");
        }
    }

    #[test]
    fn parts_name_what_a_text_refers_to() {
        let seen: Vec<_> = parts("a$$${JOB_ID}$x${").collect();
        let expected =
            [Part::Text("a"), Part::Dollar, Part::Variable("JOB_ID"), Part::Text("$x"), Part::Unclosed("${")];
        assert_eq!(seen, expected);
        assert_eq!(Variable::find("TASK_DIR"), Some(Variable::TaskDir));
        assert_eq!(Variable::find("home"), None);
    }
}
