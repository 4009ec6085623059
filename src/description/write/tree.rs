//! The tree for people. One line a fact, units named, and `(default)` behind what nobody said.

use super::duration::{iso, number};
use super::places::{measure, word};
use super::times;
use crate::job::{
    Attribute, Better, Condition, CreationFlag, Dialect, Direction, ExecutionTime, FileKind, Launch, NetworkMeasure,
    PeriodEnd, Preference, PreferenceKind, Program, ResourceRequest, SlotEnd, Spec, Staged, Subject, TaskSpec, Trigger,
    Values,
};

struct Tree {
    text: String,
    depth: usize,
}

impl Tree {
    fn line(&mut self, line: impl AsRef<str>) {
        for _ in 0..self.depth {
            self.text.push_str("  ");
        }
        // A text of the user's must not look like a line of ours.
        self.text.extend(line.as_ref().chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }));
        self.text.push('\n');
    }

    fn below(&mut self, inner: impl FnOnce(&mut Self)) {
        self.depth += 1;
        inner(self);
        self.depth -= 1;
    }
}

pub(super) fn lines(spec: &Spec) -> String {
    let mut tree = Tree { text: String::new(), depth: 0 };
    tree.line(format!("job `{}`, written in {}", spec.app_id, language(spec.dialect)));
    tree.below(|tree| {
        tree.line(
            spec.project.as_ref().map_or_else(|| "project none (default)".to_owned(), |p| format!("project {p}")),
        );
        if let Some(description) = &spec.description {
            tree.line(format!("description: {description}"));
        }
        for (name, text) in &spec.annotations {
            tree.line(format!("annotation {}: {text}", name.as_deref().unwrap_or("without name")));
        }
        if spec.commit_wait {
            tree.line("waits for a commit before it is served");
        }
        if spec.priority != 0 {
            tree.line(format!("priority {}, a hint", spec.priority));
        }
        if let Some(times) = &spec.execution_time {
            tree.line("outer bound on when its tasks may run");
            tree.below(|tree| execution_time(tree, times));
        }
        spec.tasks.iter().for_each(|one| task(tree, one));
    });
    tree.text
}

fn language(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Gjd1 => "GRMS job description 1",
        Dialect::Gjd2 => "GRMS job description 2",
        Dialect::Gjd3 => "GRMS job description 3",
        Dialect::Jsdl => "JSDL 1.0",
        Dialect::QcgSimple => "a script with #QCG directives",
    }
}

fn task(tree: &mut Tree, task: &TaskSpec) {
    tree.line(format!("task {}", task.id));
    tree.below(|tree| {
        if let Some(description) = &task.description {
            tree.line(format!("description: {description}"));
        }
        tree.line(format!("starts {}", program(&task.program)));
        tree.line(launch(task));
        for (index, argument) in task.arguments.iter().enumerate() {
            tree.line(format!("argument {} is `{argument}`", index + 1));
        }
        for (name, value) in &task.environment {
            tree.line(format!("environment {name}=`{value}`"));
        }
        streams(tree, task);
        task.staging.iter().for_each(|file| tree.line(staged(file)));
        for file in &task.checkpoint {
            tree.line(format!("checkpoint: {}", staged(file)));
        }
        for (limit, value) in &task.process_limits {
            tree.line(format!("limit of every process: {} {value} {}", limit.as_str(), limit.unit()));
        }
        behaviour(tree, task);
        when(tree, task);
        places(tree, task);
    });
}

fn program(program: &Program) -> String {
    match program {
        Program::File { name, location } => format!("the program {name} from {location}"),
        Program::Application { name, version: Some(version) } => {
            format!("the installed application {name}, version {version}")
        }
        Program::Application { name, version: None } => {
            format!("the installed application {name}, any version (default)")
        }
    }
}

fn launch(task: &TaskSpec) -> String {
    let count = task.count;
    let mut text = match task.launch {
        Launch::Single => format!("type single: started once, {count} processors"),
        Launch::Multiple => format!("type multiple: {count} copies"),
        Launch::Mpi => format!("type mpi: {count} processes by the MPI launcher"),
        Launch::MpichG => format!("type mpichg: {count} processes over several hosts"),
        Launch::OpenMpi => format!("type open_mpi: {count} processes by the launcher of Open MPI"),
        Launch::OpenMp => format!("type open_mp: one process, {count} threads"),
    };
    if count == 1 {
        text.push_str(" (default)");
    }
    if let Some(per_host) = task.layout.per_host {
        text.push_str(&format!(", {per_host} on each host"));
    }
    if let Some(threads) = task.layout.threads {
        text.push_str(&format!(", {threads} threads each"));
    }
    text
}

fn streams(tree: &mut Tree, task: &TaskSpec) {
    match &task.stdin {
        Some(location) => tree.line(format!("in: standard input from {location}")),
        None => tree.line("standard input is empty (default)"),
    }
    for (name, stream) in [("output", &task.stdout), ("error", &task.stderr)] {
        match stream {
            Some(location) => tree.line(format!("out: standard {name} to {location}")),
            None => tree.line(format!("standard {name} is lost with the working directory (default)")),
        }
    }
}

fn staged(file: &Staged) -> String {
    let kind = match file.kind {
        FileKind::File => "file",
        FileKind::Directory => "directory",
    };
    let mut text = match file.direction {
        Direction::In => format!("in: {kind} {} from {}", file.name, file.location),
        Direction::Out => format!("out: {kind} {} to {}", file.name, file.location),
        Direction::InOut => format!("in and out: {kind} {} from and to {}", file.name, file.location),
    };
    if !file.required {
        text.push_str(", may be missing");
    }
    match file.creation {
        CreationFlag::Overwrite => {}
        CreationFlag::Append => text.push_str(", added to what is there"),
        CreationFlag::DontOverwrite => text.push_str(", fails when something is there"),
    }
    if let Some(bits) = file.permissions {
        text.push_str(&format!(", permissions {bits:04o}"));
    }
    text
}

fn behaviour(tree: &mut Tree, task: &TaskSpec) {
    tree.line(if task.persistent {
        "the working directory is kept"
    } else {
        "the working directory is removed at the end (default)"
    });
    if task.checkpointable {
        tree.line("can be checkpointed on demand");
    }
    if !task.crucial {
        tree.line("its failure does not fail the job");
    }
    if task.commit_wait {
        tree.line("waits for a commit of its own");
    }
    if task.priority != 0 {
        tree.line(format!("priority {}, a hint", task.priority));
    }
}

fn when(tree: &mut Tree, task: &TaskSpec) {
    match &task.execution_time {
        Some(times) => execution_time(tree, times),
        None => tree.line("may start at any time, runs as long as the queue allows (default)"),
    }
    if let Some(reservation) = &task.reservation {
        if let Some(start) = reservation.earliest_start {
            tree.line(format!("starts not before {start}"));
        }
        if let Some(deadline) = reservation.deadline {
            tree.line(format!("must have ended by {deadline}"));
        }
        if let Some(size) = reservation.data_size {
            tree.line(format!("moves {} MB of data", number(size)));
        }
    }
    if let Some(trigger) = &task.trigger {
        tree.line("waits for");
        tree.below(|tree| waits(tree, trigger));
    }
    if let Some(sweep) = &task.sweep {
        tree.line("is repeated with");
        tree.below(|tree| {
            let axes = sweep.products.iter().flat_map(|product| &product.axes);
            for parameter in axes.flat_map(|axis| &axis.parameters) {
                tree.line(format!("${{PS_{}}} = {}", parameter.name, values(&parameter.values)));
            }
        });
    }
}

fn execution_time(tree: &mut Tree, times: &ExecutionTime) {
    tree.line(format!("runs for {} at most", iso(times.duration)));
    if let Some(slot) = &times.slot {
        let zone = if slot.offset_minutes.is_none() { " in the zone of the broker (default)" } else { "" };
        let end = match slot.end {
            SlotEnd::At(end) => times::time(end, slot),
            SlotEnd::After(after) => format!("{} later", iso(after)),
        };
        tree.line(format!("starts between {} and {end} of a day{zone}", times::time(slot.start, slot)));
    }
    let Some(period) = &times.period else { return };
    let start = period.start.map_or_else(|| "the submission (default)".to_owned(), |start| start.to_string());
    let end = match period.end {
        PeriodEnd::At(end) => end.to_string(),
        PeriodEnd::After(length) => format!("{} later", iso(length)),
    };
    tree.line(format!("starts between {start} and {end}"));
    for (word, days) in [("only on", &period.including), ("never on", &period.excluding)] {
        if !days.is_empty() {
            let days: Vec<_> = days.iter().map(|day| times::day(*day)).collect();
            tree.line(format!("{word} {}", days.join(", ")));
        }
    }
}

fn waits(tree: &mut Tree, trigger: &Trigger) {
    match trigger {
        Trigger::Parent(parent) => {
            let host = if parent.same_host { ", and runs on its host" } else { "" };
            let each = if parent.each_iteration { ", iteration by iteration" } else { "" };
            tree.line(format!("task {} to be {}{host}{each}", parent.task, parent.state.as_str()));
        }
        Trigger::All(inner) | Trigger::Any(inner) => {
            tree.line(if matches!(trigger, Trigger::All(_)) { "all of" } else { "one of" });
            tree.below(|tree| inner.iter().for_each(|one| waits(tree, one)));
        }
    }
}

fn values(values: &Values) -> String {
    match values {
        Values::Set(items) => items.join(", "),
        Values::Loop { start, end, step, except, .. } => {
            let mut text = format!("{} to {} by {}", number(*start), number(*end), number(*step));
            if !except.is_empty() {
                let except: Vec<_> = except.iter().map(|value| number(*value)).collect();
                text.push_str(&format!(" except {}", except.join(", ")));
            }
            text
        }
    }
}

fn places(tree: &mut Tree, task: &TaskSpec) {
    if task.resources.is_empty() {
        tree.line("runs on any cluster (default)");
    }
    for (index, request) in task.resources.iter().enumerate() {
        let role = if task.launch == Launch::MpichG { "part" } else { "acceptable place" };
        tree.line(format!("{role} {}", index + 1));
        tree.below(|tree| place(tree, request));
    }
    let Some(preferences) = &task.preferences else { return };
    tree.line(match preferences.kind {
        PreferenceKind::Priority => "prefers, the most important that tells two places apart decides",
        PreferenceKind::Ranking => "prefers, by the weighted sum of",
    });
    tree.below(|tree| preferences.parameters.iter().for_each(|one| tree.line(preference(one))));
}

fn place(tree: &mut Tree, request: &ResourceRequest) {
    if *request == ResourceRequest::default() {
        tree.line("any cluster");
    }
    for clause in &request.clauses {
        let needed = condition(&clause.condition, attribute_unit(clause.attribute));
        tree.line(format!("{} {needed}", word(clause.attribute)));
    }
    for one in &request.applications {
        let version = one.version.as_deref().map_or_else(String::new, |version| format!(", version {version}"));
        let instances = one.instances.map_or_else(String::new, |count| format!(", {count} instances"));
        tree.line(format!("application {} installed{version}{instances}", one.name));
    }
    for clause in &request.network {
        let needed = condition(&clause.condition, network_unit(clause.measure));
        let end = clause.host.as_deref().unwrap_or("the broker (default)");
        tree.line(format!("{} to {end} {needed}", measure(clause.measure)));
    }
    for clause in &request.others {
        let end = clause.host.as_deref().map_or_else(String::new, |host| format!(" to {host}"));
        tree.line(format!("{}{end} {}", clause.name, condition(&clause.condition, "")));
    }
    let limits = request.limits;
    for (name, limit) in [("time", limits.time), ("wall clock time", limits.wall), ("processor time", limits.cpu)] {
        if let Some(limit) = limit {
            tree.line(format!("{name} at most {}", iso(limit)));
        }
    }
    if let Some(size) = request.tile_size {
        tree.line(format!("{size} processes here"));
    }
    if let Some(here) = &request.program {
        tree.line(format!("starts here {}", program(here)));
    }
}

fn condition(condition: &Condition, unit: &str) -> String {
    let (any, none): (Vec<_>, Vec<_>) = match condition {
        Condition::Text { any, none } => (any.clone(), none.clone()),
        Condition::Number { any, none } => {
            let least = |one: &crate::job::Interval| {
                let lead = if one.most.is_none() && one.least.is_some_and(|b| !b.exclusive) { "at least " } else { "" };
                format!("{lead}{one}{unit}")
            };
            (any.iter().map(least).collect(), none.iter().map(least).collect())
        }
    };
    match (any.is_empty(), none.is_empty()) {
        (_, true) => any.join(" or "),
        (true, false) => format!("not {}", none.join(" or ")),
        (false, false) => format!("{}, not {}", any.join(" or "), none.join(" or ")),
    }
}

fn preference(preference: &Preference) -> String {
    let (name, unit) = match &preference.subject {
        Subject::Fact(attribute) => (word(*attribute).to_owned(), attribute_unit(*attribute)),
        Subject::Network(of, host) => {
            let end = host.as_deref().unwrap_or("the broker (default)");
            (format!("{} to {end}", measure(*of)), network_unit(*of))
        }
        Subject::Other(name) => (name.clone(), ""),
    };
    let way = match preference.better {
        Better::Gain => "more",
        Better::Cost => "less",
    };
    let mut text = format!("{way} {name}, importance {}", preference.importance);
    if let Some(desired) = &preference.desired {
        text.push_str(&format!(", desired {}", condition(&Condition::within(*desired), unit)));
    }
    if let Some(desired) = &preference.desired_text {
        text.push_str(&format!(", desired {desired}"));
    }
    if preference.indifference != 0.0 {
        text.push_str(&format!(", differences below {}{unit} do not count", number(preference.indifference)));
    }
    text
}

const fn attribute_unit(attribute: Attribute) -> &'static str {
    match attribute {
        Attribute::Memory | Attribute::FreeMemory | Attribute::DiskSpace | Attribute::FreeDiskSpace => " MB",
        Attribute::CpuSpeed => " MHz",
        _ => "",
    }
}

const fn network_unit(measure: NetworkMeasure) -> &'static str {
    match measure {
        NetworkMeasure::Latency => " ms",
        NetworkMeasure::Bandwidth | NetworkMeasure::Capacity => " MB/s",
    }
}
