//! Shell scripts with `#QCG` directives. Without an executable or application the script itself is what runs: its text travels
//! inside the specification as a `data:` location.
//!
//! Every directive ends up in the [`Spec`], in a warning, or in a refusal that names it.

mod files;
mod lines;
mod program;
mod size;
mod table;
mod time;

pub(super) use lines::is_directive;

use super::Rules;
use super::findings::{At, Findings, short};
use super::reader::Reader;
use crate::job::variable::{Part, Variable, parts};
use crate::job::{Attribute, Clause, Code, Condition, Dialect, OtherClause, ResourceRequest, Spec, TaskId, TaskSpec};
use crate::xml::{lexical, nearest};
use lines::{Line, Said, Word};
use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;
use table::{Empty, Fate, Known};

/// Reads a script, whose text has no byte order mark. The specification means nothing when faults were found.
pub(super) fn decode(text: &str, rules: &Rules, findings: &mut Findings) -> Option<Spec> {
    if text.len() > rules.max_bytes {
        let (given, allowed) = (text.len(), rules.max_bytes);
        let say = format!("the script has {given} bytes, at most {allowed} are accepted; stage large data as files");
        findings.error(Code::LimitExceeded, At::Place(0, "/"), say);
        return None;
    }
    let given = collect(text, findings);
    let mut script = Script { text, given, variables: HashMap::new(), reader: Reader::new(rules, findings) };
    script.variables();
    script.fates();
    script.spec()
}

/// A directive that is known and has the value it needs.
#[derive(Debug, Clone)]
struct Given<'t> {
    known: &'static Known,
    value: Word<'t>,
    path: String,
}

impl Given<'_> {
    fn at(&self) -> At<'_, 'static> {
        At::Place(self.value.offset, &self.path)
    }

    /// A part of the value.
    fn part(&self, word: Word<'_>) -> At<'_, 'static> {
        At::Place(word.offset, &self.path)
    }
}

/// A script while it is read.
struct Script<'t, 'r> {
    text: &'t str,
    given: Vec<Given<'t>>,
    variables: HashMap<String, String>,
    reader: Reader<'r>,
}

fn path(line: &Line<'_>, key: &str) -> String {
    format!("line {}: {}", line.number, short(key.split_whitespace().next().unwrap_or(lines::MARK)))
}

/// Whether a character may stand in a text of any dialect: XML knows no other control character than the tabulator inside a line.
fn is_text(character: char) -> bool {
    character == '\t' || (character >= ' ' && !matches!(character, '\u{fffe}' | '\u{ffff}'))
}

/// The directives in the order of the text; what is none is reported.
fn collect<'t>(text: &'t str, findings: &mut Findings) -> Vec<Given<'t>> {
    let mut given: Vec<Given<'t>> = Vec::new();
    let mut first: HashMap<&str, usize> = HashMap::new();
    for line in lines::lines(text) {
        let Said::Directive { key, value } = line.said else {
            let say = "this line is a comment; a directive begins with #QCG in capitals and a blank";
            findings.warning(Code::DescInvalid, At::Place(line.offset, &path(&line, lines::MARK)), say);
            continue;
        };
        let path = path(&line, key.text);
        let at = At::Place(key.offset, &path);
        let Some(known) = table::find(key.text) else {
            findings.error(Code::DescInvalid, at, stranger(key.text, value));
            continue;
        };
        if let Some(number) = first.get(known.name).filter(|_| !known.many) {
            let say = format!("{} is given in line {number} already; give it once", known.name);
            findings.error(Code::DescInvalid, at, say);
            continue;
        }
        first.insert(known.name, line.number);
        let missing = value.is_none_or(|value| value.text.is_empty() && known.empty != Empty::Text);
        if missing && known.empty != Empty::Flag {
            let say = format!("{} has no value; write #QCG {}={}", known.name, known.name, known.shape);
            findings.error(Code::DescInvalid, at, say);
            continue;
        }
        if let Some(bad) = value.and_then(|value| value.text.chars().find(|c| !is_text(*c))) {
            let say = format!("{} contains the control character U+{:04X}; remove it", known.name, u32::from(bad));
            findings.error(Code::DescInvalid, at, say);
            continue;
        }
        given.push(Given { known, value: value.unwrap_or(Word { text: "", offset: key.offset }), path });
    }
    given
}

fn stranger(key: &str, value: Option<Word<'_>>) -> String {
    if key.is_empty() {
        return "the directive is empty; write #QCG key=value".to_owned();
    }
    let names = || table::ALL.iter().map(|known| known.name);
    // `#QCG walltime PT1H` has no `=`.
    if let (None, Some((word, rest))) = (value, key.split_once(char::is_whitespace))
        && table::find(word).is_some()
    {
        return format!("{word} is not followed by =; write #QCG {word}={}", short(rest.trim()));
    }
    let hint = match nearest(key, names()) {
        Some(meant) => format!("did you mean {meant}?"),
        None => format!("known: {}", names().collect::<Vec<_>>().join(" ")),
    };
    format!("unknown directive {}; {hint}", short(key))
}

impl<'t> Script<'t, '_> {
    /// Those given with this name.
    fn all(&self, name: &'static str) -> Vec<Given<'t>> {
        debug_assert!(table::find(name).is_some(), "{name} is a directive");
        self.given.iter().filter(|given| given.known.name == name).cloned().collect()
    }

    fn one(&self, name: &'static str) -> Option<Given<'t>> {
        self.all(name).into_iter().next()
    }

    /// A value with the script's own variables replaced.
    fn text(&self, word: Word<'_>) -> String {
        let replaced = parts(word.text).map(|part| match part {
            Part::Variable(name) => match self.variables.get(name) {
                Some(value) => value.clone(),
                None => format!("${{{name}}}"),
            },
            Part::Dollar => "$$".to_owned(),
            Part::Text(text) | Part::Unclosed(text) => text.to_owned(),
        });
        replaced.collect()
    }

    /// Reads `variable`, whose values are put in place in every other directive.
    fn variables(&mut self) {
        for given in self.all("variable") {
            let Some((name, value)) = self.assignment(&given) else { continue };
            if Variable::find(&name).is_some() {
                let say = format!("${{{name}}} is the broker's own variable; choose another name");
                self.reader.inconsistent(given.at(), say);
            } else if self.variables.insert(name.clone(), value).is_some() {
                let say = format!("the variable {} is given twice; give it once", short(&name));
                self.reader.inconsistent(given.at(), say);
            }
        }
    }

    /// `NAME=VALUE`.
    fn assignment(&mut self, given: &Given<'_>) -> Option<(String, String)> {
        let Some((name, value)) = given.value.split("=") else {
            let say = format!("{} is written NAME=VALUE, not `{}`", given.known.name, short(given.value.text));
            self.reader.findings.error(Code::DescInvalid, given.at(), say);
            return None;
        };
        Some((name.text.to_owned(), self.text(value)))
    }

    /// Reports what is not carried out.
    fn fates(&mut self) {
        for given in self.given.clone() {
            let name = given.known.name;
            if name == "notify" && !["mailto:", "xmpp:"].iter().any(|scheme| given.value.text.starts_with(scheme)) {
                let say = format!("notify is an address such as mailto:me@example.org, not `{}`", given.value.text);
                self.reader.findings.error(Code::DescInvalid, given.at(), short_say(&say));
                continue;
            }
            match given.known.fate {
                Fate::Honoured => {}
                Fate::Beyond(instead) => {
                    self.reader.findings.beyond(given.at(), format!("{name} is not offered by this broker; {instead}"));
                }
                Fate::Hint(effect) => {
                    let say = format!("{name} has no effect here: {effect}");
                    self.reader.findings.warning(Code::DescUnsupported, given.at(), say);
                }
            }
        }
    }

    fn spec(&mut self) -> Option<Spec> {
        let mut spec = Spec::new(Dialect::QcgSimple, self.plain("name").unwrap_or_default());
        spec.description = self.plain("note").filter(|note| !note.is_empty());
        spec.project = self.plain("grant");
        let (staging, brought) = self.staging();
        let program = self.program(&brought);
        let times = self.times();
        let size = self.size();
        let request = self.request(&size);
        let arguments = self.arguments();
        let environment = self.environment();
        let [stdin, stdout, stderr] = self.streams(&staging);
        let persistent = self.flag("persistent");
        self.flag("use-scratch");
        let program = program?;
        let mut task = TaskSpec::new(TaskId::main(), program.what);
        task.staging = staging.into_iter().filter(|staged| program.replaces.as_ref() != Some(&staged.name)).collect();
        task.count = size.count;
        task.layout = size.layout;
        task.arguments = arguments;
        task.environment = environment;
        (task.stdin, task.stdout, task.stderr) = (stdin, stdout, stderr);
        task.persistent = persistent;
        task.reservation = times.reservation;
        task.execution_time = times.execution_time;
        let request = ResourceRequest { limits: times.limits, ..request };
        task.resources = if request == ResourceRequest::default() { Vec::new() } else { vec![request] };
        spec.tasks.push(task);
        Some(spec)
    }

    fn plain(&mut self, name: &'static str) -> Option<String> {
        let given = self.one(name)?;
        Some(self.text(given.value))
    }

    fn flag(&mut self, name: &'static str) -> bool {
        let Some(given) = self.one(name) else { return false };
        if given.value.text.is_empty() {
            return true;
        }
        let value = lexical::boolean(given.value.text);
        if value.is_none() {
            let say = format!("{name} is true or false, not `{}`", short(given.value.text));
            self.reader.findings.error(Code::DescInvalid, given.at(), say);
        }
        value.unwrap_or(false)
    }

    /// A whole number in a range.
    fn number(&mut self, word: Word<'_>, given: &Given<'_>, what: &str, range: RangeInclusive<i64>) -> Option<i64> {
        let text = self.text(word);
        if lexical::integer(&text).is_none() {
            let say = format!("{what} `{}` is not a whole number; write {}", short(&text), given.known.shape);
            self.reader.findings.error(Code::DescInvalid, given.part(word), say);
            return None;
        }
        self.reader.within(&text, what, given.part(word), range)
    }

    fn arguments(&mut self) -> Vec<String> {
        let mut arguments = Vec::new();
        for given in self.all("argument") {
            let value = self.text(given.value);
            self.reader.data(&value, given.at());
            arguments.push(value);
        }
        arguments
    }

    fn environment(&mut self) -> Vec<(String, String)> {
        let (mut variables, mut names) = (Vec::new(), HashSet::new());
        for given in self.all("environment") {
            let Some((name, value)) = self.assignment(&given) else { continue };
            let taken = !names.insert(name.clone());
            self.reader.environment_name(&name, given.at(), taken);
            self.reader.data(&value, given.at());
            variables.push((name, value));
        }
        variables
    }

    /// Where it may run.
    fn request(&mut self, size: &size::Size) -> ResourceRequest {
        let mut request = ResourceRequest::default();
        let hosts = self.names("host");
        if !hosts.is_empty() {
            request.clauses.push(Clause { attribute: Attribute::HostName, condition: Condition::one_of(hosts) });
        }
        if let Some(given) = self.one("queue") {
            let queue = vec![self.text(given.value)];
            request.clauses.push(Clause { attribute: Attribute::Queue, condition: Condition::one_of(queue) });
        }
        if let Some(megabytes) = self.memory(size) {
            request.clauses.push(Clause { attribute: Attribute::Memory, condition: Condition::at_least(megabytes) });
        }
        for name in self.names("properties") {
            let condition = Condition::one_of(vec![name]);
            request.others.push(OtherClause { name: "properties".to_owned(), condition, host: None });
        }
        request
    }

    /// Names with commas between them, in any number of directives.
    fn names(&mut self, name: &'static str) -> Vec<String> {
        let mut names = Vec::new();
        for given in self.all(name) {
            let text = self.text(given.value);
            for word in text.split(',').map(str::trim) {
                names.extend(self.reader.word(word, name, given.at()));
            }
        }
        names
    }
}

/// A message that holds a text of the user's.
fn short_say(text: &str) -> String {
    text.chars().take(200).collect()
}
