//! Requirements: one function each, which gives every reason against a candidate, or none.
//!
//! What is required but not known about a cluster is not taken on trust: it is a reason of its own, and a temporary one.

use super::candidate::{is_version, split_port};
use super::{Candidate, InstalledApplication, Refusal};
use crate::job::{
    ApplicationRequirement, Attribute, Clause, Condition, Interval, NetworkMeasure, Program, ResourceRequest, TaskSpec,
};

/// What is asked of one candidate.
pub(super) struct Question<'a> {
    /// The task.
    pub(super) task: &'a TaskSpec,
    /// One of its alternatives; absent: any place.
    pub(super) request: Option<&'a ResourceRequest>,
    /// The candidate.
    pub(super) candidate: &'a Candidate,
    /// All candidates, for what depends on what else a host offers.
    pub(super) candidates: &'a [Candidate],
}

/// Every requirement, in the order in which reasons are told.
pub(super) const PREDICATES: &[fn(&Question<'_>) -> Vec<Refusal>] = &[
    host_is_named,
    manager_is_meant,
    queue_is_named,
    facts_satisfy_clauses,
    network_is_known,
    others_are_published,
    applications_are_installed,
    wall_time_is_allowed,
    processors_exist,
    layout_is_possible,
    candidate_is_usable,
];

fn lasting(clause: &str, reason: String) -> Refusal {
    Refusal { clause: clause.to_owned(), reason, temporary: false }
}

fn temporary(clause: &str, reason: String) -> Refusal {
    Refusal { clause: clause.to_owned(), reason, temporary: true }
}

fn unknown(clause: &str, what: &str) -> Refusal {
    temporary(clause, format!("{what} is not known for this cluster"))
}

impl<'a> Question<'a> {
    /// The texts of every clause on an attribute.
    fn wanted(&self, attribute: Attribute) -> impl Iterator<Item = &'a [String]> {
        let clauses = self.request.map_or(&[][..], |request| &request.clauses);
        clauses.iter().filter(move |clause| clause.attribute == attribute).filter_map(|clause| {
            match &clause.condition {
                Condition::Text { any, .. } if !any.is_empty() => Some(any.as_slice()),
                Condition::Text { .. } | Condition::Number { .. } => None,
            }
        })
    }
}

/// The contacts among `texts` that name the candidate's host.
fn pins<'a>(texts: &'a [String], candidate: &Candidate) -> Vec<Contact<'a>> {
    texts.iter().map(|text| Contact::parse(text)).filter(|pin| pin.names(candidate)).collect()
}

/// A host as a description names it: `host`, `host:port`, `host[:port]/jobmanager`, `host[:port]/jobmanager-kind`.
struct Contact<'a> {
    host: &'a str,
    port: Option<&'a str>,
    kind: Option<&'a str>,
}

impl<'a> Contact<'a> {
    fn parse(text: &'a str) -> Self {
        let (place, service) = text.trim().split_once('/').unwrap_or((text.trim(), ""));
        let (host, port) = split_port(place);
        Self { host, port, kind: service.strip_prefix("jobmanager-") }
    }

    /// A port counts only where the site publishes one.
    fn names(&self, candidate: &Candidate) -> bool {
        let (host, port) = split_port(&candidate.host);
        let same_port = self.port.is_none() || port.is_none() || self.port == port;
        same_port && self.host.eq_ignore_ascii_case(host)
    }
}

/// `hostname` pins the task to a host.
fn host_is_named(question: &Question<'_>) -> Vec<Refusal> {
    let refuse = |wanted: &[String]| {
        lasting("hostname", format!("hostname {} required, this is {}", wanted.join(" or "), question.candidate.host))
    };
    question
        .wanted(Attribute::HostName)
        .filter(|wanted| pins(wanted, question.candidate).is_empty())
        .map(refuse)
        .collect()
}

/// `localrmname` names the kind of batch system. Without it a pinned host decides, see [`kind_a_pin_means`]; else any will do.
fn manager_is_meant(question: &Question<'_>) -> Vec<Refusal> {
    let kind = &question.candidate.kind;
    let mut named = question.wanted(Attribute::LocalManager).peekable();
    if named.peek().is_none() {
        return question.wanted(Attribute::HostName).filter_map(|wanted| kind_a_pin_means(wanted, question)).collect();
    }
    named
        .filter(|wanted| !wanted.iter().any(|word| word.trim().eq_ignore_ascii_case(kind)))
        .map(|wanted| lasting("localrmname", format!("localrmname {} required, {kind} offered", wanted.join(" or "))))
        .collect()
}

/// The kind a pinned host means: the one in a full contact; without one `fork` where the host offers it, else whatever it offers.
fn kind_a_pin_means(wanted: &[String], question: &Question<'_>) -> Option<Refusal> {
    let kind = &question.candidate.kind;
    let kinds: Vec<_> = pins(wanted, question.candidate).into_iter().map(|pin| pin.kind).collect();
    if kinds.is_empty() || kinds.iter().flatten().any(|pinned| pinned.eq_ignore_ascii_case(kind)) {
        return None;
    }
    if kinds.iter().all(Option::is_some) {
        let pinned = kinds.into_iter().flatten().collect::<Vec<_>>().join(" or ");
        return Some(lasting("localrmname", format!("jobmanager-{pinned} required, {kind} offered")));
    }
    let host = question.candidate.host_name();
    let is_fork = |kind: &str| kind.eq_ignore_ascii_case("fork");
    let offers_fork =
        question.candidates.iter().any(|other| is_fork(&other.kind) && other.host_name().eq_ignore_ascii_case(host));
    (offers_fork && !is_fork(kind)).then(|| {
        let reason =
            format!("a hostname without localrmname means fork, which {host} offers; write localrmname {kind}");
        lasting("localrmname", reason)
    })
}

/// `queue` is the queue's name; letter case does not count.
fn queue_is_named(question: &Question<'_>) -> Vec<Refusal> {
    let refuse = |wanted: &[String]| {
        let offered = match &question.candidate.queue {
            Some(queue) if wanted.iter().any(|word| word.trim().eq_ignore_ascii_case(queue)) => return None,
            Some(queue) => format!("this is {queue}"),
            None => "this cluster has no queues".to_owned(),
        };
        Some(lasting("queue", format!("queue {} required, {offered}", wanted.join(" or "))))
    };
    question.wanted(Attribute::Queue).filter_map(refuse).collect()
}

/// Every other clause on a fact. The names of host, manager and queue were judged above; what they must not be is judged here.
fn facts_satisfy_clauses(question: &Question<'_>) -> Vec<Refusal> {
    let clauses = question.request.map_or(&[][..], |request| &request.clauses);
    let named = |clause: &Clause| {
        matches!(clause.attribute, Attribute::HostName | Attribute::LocalManager | Attribute::Queue)
            && matches!(&clause.condition, Condition::Text { none, .. } if none.is_empty())
    };
    clauses
        .iter()
        .filter(|clause| !named(clause))
        .filter_map(|clause| clause_holds(clause, question.candidate).err())
        .collect()
}

/// One clause on one fact.
fn clause_holds(clause: &Clause, candidate: &Candidate) -> Result<(), Refusal> {
    let name = clause.attribute.as_str();
    let unit = unit(clause.attribute);
    let refuse = |offered: String| {
        let reason = format!("{name} {} required, {offered} offered", wanted(&clause.condition, unit));
        Err(if is_load(clause.attribute) { temporary(name, reason) } else { lasting(name, reason) })
    };
    if let Condition::Text { none, .. } = &clause.condition {
        let number = candidate.number(clause.attribute).map(|number| number.to_string());
        let Some(offered) = candidate.text(clause.attribute).or(number.as_deref()) else {
            return Err(unknown(name, name));
        };
        let unwanted = clause.attribute == Attribute::HostName && !pins(none, candidate).is_empty();
        let judged = matches!(clause.attribute, Attribute::HostName | Attribute::LocalManager | Attribute::Queue);
        let fits = if judged {
            let only_not = Condition::Text { any: Vec::new(), none: none.clone() };
            only_not.holds_for_text(offered)
        } else {
            clause.condition.holds_for_text(offered)
        };
        return if fits && !unwanted { Ok(()) } else { refuse(offered.to_owned()) };
    }
    let Some(offered) = candidate.number(clause.attribute) else {
        return Err(unknown(name, name));
    };
    if clause.condition.holds_for_number(offered) { Ok(()) } else { refuse(format!("{offered}{unit}")) }
}

/// What a condition asks for: `2048 MB`, `4 to 8 or 16, not 5`.
fn wanted(condition: &Condition, unit: &str) -> String {
    let (any, none) = match condition {
        Condition::Text { any, none } => (any.join(" or "), none.join(" or ")),
        Condition::Number { any, none } => {
            let list = |all: &[Interval]| all.iter().map(|one| format!("{one}{unit}")).collect::<Vec<_>>().join(" or ");
            (list(any), list(none))
        }
    };
    match (any.is_empty(), none.is_empty()) {
        (_, true) => any,
        (true, false) => format!("not {none}"),
        (false, false) => format!("{any}, not {none},"),
    }
}

/// The unit after a number.
const fn unit(attribute: Attribute) -> &'static str {
    match attribute {
        Attribute::Memory | Attribute::FreeMemory | Attribute::DiskSpace | Attribute::FreeDiskSpace => " MB",
        Attribute::CpuSpeed => " MHz",
        Attribute::OsName
        | Attribute::OsType
        | Attribute::OsVersion
        | Attribute::OsRelease
        | Attribute::CpuArchitecture
        | Attribute::HostName
        | Attribute::LocalManager
        | Attribute::Queue
        | Attribute::CpuCount
        | Attribute::FreeCpus
        | Attribute::GpuCount
        | Attribute::SubmissionInterface => "",
    }
}

/// Facts that change by themselves.
const fn is_load(attribute: Attribute) -> bool {
    matches!(attribute, Attribute::FreeMemory | Attribute::FreeCpus | Attribute::FreeDiskSpace)
}

/// Nothing measures the network yet, so a clause on it can only be refused.
fn network_is_known(question: &Question<'_>) -> Vec<Refusal> {
    let clauses = question.request.map_or(&[][..], |request| &request.network);
    clauses
        .iter()
        .map(|clause| {
            let word = match clause.measure {
                NetworkMeasure::Bandwidth => "bandwidth",
                NetworkMeasure::Latency => "latency",
                NetworkMeasure::Capacity => "capacity",
            };
            let end = clause.host.as_deref().unwrap_or("the broker");
            lasting(word, format!("{word} between this cluster and {end} is not known; leave the clause out"))
        })
        .collect()
}

/// No site publishes parameters of its own yet, so a clause on one can only be refused.
fn others_are_published(question: &Question<'_>) -> Vec<Refusal> {
    let clauses = question.request.map_or(&[][..], |request| &request.others);
    let refuse = |name: &str| lasting(name, format!("this cluster does not publish {name}; leave the clause out"));
    clauses.iter().map(|clause| refuse(&clause.name)).collect()
}

/// Every application asked for, the program itself included, is installed in its version and number.
fn applications_are_installed(question: &Question<'_>) -> Vec<Refusal> {
    let program = match question.task.program_at(question.request) {
        Program::Application { name, version } => {
            Some(ApplicationRequirement { name: name.clone(), version: version.clone(), instances: None })
        }
        Program::File { .. } => None,
    };
    let asked = question.request.map_or(&[][..], |request| &request.applications);
    program
        .iter()
        .chain(asked)
        .filter_map(|wanted| is_installed(wanted, &question.candidate.facts.applications).err())
        .collect()
}

fn is_installed(wanted: &ApplicationRequirement, installed: &[InstalledApplication]) -> Result<(), Refusal> {
    const CLAUSE: &str = "applications";
    let name = &wanted.name;
    let same_name: Vec<_> = installed.iter().filter(|one| one.name.eq_ignore_ascii_case(name)).collect();
    if same_name.is_empty() {
        return Err(lasting(CLAUSE, format!("application {name} is not installed")));
    }
    let fitting: Vec<_> = same_name.iter().filter(|one| is_version(wanted.version.as_deref(), one)).collect();
    if fitting.is_empty() {
        let version = wanted.version.as_deref().unwrap_or_default();
        let versions: Vec<_> = same_name.iter().map(|one| one.version.as_deref().unwrap_or("unknown")).collect();
        let reason = format!("application {name} version {version} required, {} installed", versions.join(" and "));
        return Err(lasting(CLAUSE, reason));
    }
    let Some(instances) = wanted.instances else { return Ok(()) };
    match fitting.iter().map(|one| one.instances).max().flatten() {
        None => Err(unknown(CLAUSE, &format!("the number of instances of {name}"))),
        Some(offered) if offered < instances => {
            Err(lasting(CLAUSE, format!("{instances} instances of {name} required, {offered} offered")))
        }
        Some(_) => Ok(()),
    }
}

/// The wall clock limit asked for is within the queue's.
fn wall_time_is_allowed(question: &Question<'_>) -> Vec<Refusal> {
    let wanted = question.task.limits(question.request).wall;
    match (wanted, question.candidate.facts.max_wall) {
        (Some(wanted), Some(allowed)) if wanted > allowed => {
            let minutes = |time: std::time::Duration| time.as_secs().div_ceil(60);
            let reason =
                format!("{} minutes of wall time required, {} allowed", minutes(wanted), allowed.as_secs() / 60);
            vec![lasting("maxwalltime", reason)]
        }
        _ => Vec::new(),
    }
}

/// There are at least as many slots as processes are asked for.
fn processors_exist(question: &Question<'_>) -> Vec<Refusal> {
    match question.candidate.facts.slots {
        Some(slots) if slots < question.task.count => {
            vec![lasting("count", format!("{} processors required, {slots} slots exist", question.task.count))]
        }
        _ => Vec::new(),
    }
}

/// Processes and their threads fit on the hosts: one host, where jobs run on the machine itself.
fn layout_is_possible(question: &Question<'_>) -> Vec<Refusal> {
    let (task, candidate) = (question.task, question.candidate);
    let threads = task.layout.threads.unwrap_or(1);
    let mut refusals = Vec::new();
    let one_host = candidate.kind.eq_ignore_ascii_case("fork");
    if one_host && task.layout.per_host.is_some_and(|per_host| per_host < task.count) {
        let per_host = task.layout.per_host.unwrap_or(task.count);
        let reason = format!("{} processes, {per_host} on each host, required, one host offered", task.count);
        refusals.push(lasting("processesPerHost", reason));
    }
    let needed = u64::from(task.count) * u64::from(threads);
    if let Some(slots) = candidate.facts.slots.filter(|slots| threads > 1 && u64::from(*slots) < needed) {
        let reason = format!("{} processes with {threads} threads required, {slots} slots exist", task.count);
        refusals.push(lasting("threadsPerProcess", reason));
    }
    let on_one = u64::from(task.layout.per_host.unwrap_or(1)) * u64::from(threads);
    if let Some(processors) = candidate.facts.numbers.get(&Attribute::CpuCount)
        && !one_host
        && on_one as f64 > *processors
    {
        let reason = format!("{on_one} processors on each host required, {processors} offered");
        refusals.push(lasting("processesPerHost", reason));
    }
    refusals
}

/// The cluster answers, and the queue is open.
fn candidate_is_usable(question: &Question<'_>) -> Vec<Refusal> {
    match &question.candidate.usable {
        Ok(()) => Vec::new(),
        Err(reason) => vec![temporary("status", reason.clone())],
    }
}
