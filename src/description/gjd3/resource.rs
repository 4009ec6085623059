//! Acceptable places: templates, parameters, candidate hosts, applications, preferences.

use super::Job;
use super::condition::{condition, interval, shifted};
use crate::description::findings::{At, short};
use crate::description::reader::{Reader, flag};
use crate::description::view;
use crate::description::write::{measure, word};
use crate::job::{
    ApplicationRequirement, Attribute, Better, Clause, Code, Condition, NetworkClause, NetworkMeasure, OtherClause,
    Preference, PreferenceKind, Preferences, ResourceRequest, Subject,
};
use crate::xml::{lexical, nearest};
use roxmltree::Node;
use std::collections::HashMap;

/// Alternatives beyond this number are refused: each is held against every cluster.
pub(super) const MOST: usize = 1000;

const MEASURES: [NetworkMeasure; 3] = [NetworkMeasure::Bandwidth, NetworkMeasure::Latency, NetworkMeasure::Capacity];

const ATTRIBUTES: [Attribute; 17] = [
    Attribute::OsName,
    Attribute::OsType,
    Attribute::OsVersion,
    Attribute::OsRelease,
    Attribute::CpuArchitecture,
    Attribute::HostName,
    Attribute::LocalManager,
    Attribute::Queue,
    Attribute::SubmissionInterface,
    Attribute::Memory,
    Attribute::FreeMemory,
    Attribute::CpuCount,
    Attribute::FreeCpus,
    Attribute::GpuCount,
    Attribute::CpuSpeed,
    Attribute::DiskSpace,
    Attribute::FreeDiskSpace,
];
/// So many of them, from the front, are texts.
const TEXTS: usize = 9;

fn attribute(name: &str) -> Option<(Attribute, bool)> {
    let found = ATTRIBUTES.iter().position(|one| word(*one) == name)?;
    Some((ATTRIBUTES[found], found < TEXTS))
}

fn network(name: &str) -> Option<NetworkMeasure> {
    MEASURES.into_iter().find(|one| measure(*one) == name)
}

/// Latency is given in seconds and kept in milliseconds.
fn shift(measure: NetworkMeasure) -> i32 {
    if measure == NetworkMeasure::Latency { 3 } else { 0 }
}

/// Templates by their id.
#[derive(Clone, Default)]
pub(super) struct Templates<'a, 'i>(HashMap<&'a str, Node<'a, 'i>>);

impl<'a, 'i> Templates<'a, 'i> {
    /// Those that stand in a job or in requirements.
    pub(super) fn of(reader: &mut Reader<'_>, node: Node<'a, 'i>) -> Self {
        let mut templates = HashMap::new();
        for template in view::child(node, "resourceTemplates").into_iter().flat_map(view::elements) {
            let Some(id) = template.attribute("templateId") else { continue };
            if templates.insert(lexical::trim(id), template).is_some() {
                let say = format!("template {} is defined twice; give one of them another id", short(id));
                reader.inconsistent(At::Attribute(template, "templateId"), say);
            }
            // What nobody refers to is read all the same, for its faults.
            parameters(reader, template, &mut vec![ResourceRequest::default()]);
        }
        Self(templates)
    }
}

/// One alternative, with the id under which programs refer to it.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) id: Option<String>,
    pub(super) request: ResourceRequest,
    /// The program it names itself.
    pub(super) program: Option<crate::job::Program>,
}

/// What a task requires.
pub(super) struct Places {
    /// Absent: no section says anything; the program may run anywhere.
    pub(super) alternatives: Option<Vec<Place>>,
    pub(super) preferences: Option<Preferences>,
    pub(super) count: u32,
    /// Whether everything was readable.
    pub(super) whole: bool,
}

impl<'a, 'i> Job<'a, 'i, '_> {
    /// `requirements` and `candidateHosts` of a task.
    pub(super) fn places(&mut self, task: Node<'a, 'i>) -> Places {
        let mut places = Places { alternatives: None, preferences: None, count: 1, whole: true };
        let requirements = self.section(task, "requirements");
        if let Some(requirements) = requirements {
            let local = Templates::of(&mut self.reader, requirements);
            if let Some(node) = view::child(requirements, "resourceRequirements") {
                self.requirements(node, &local, &mut places);
            }
            self.topologies(requirements, &local, &mut places);
        }
        if let Some(hosts) = self.section(task, "candidateHosts") {
            self.narrow(hosts, &mut places);
        }
        places
    }

    /// `resourceRequirements`, which narrow what is there already.
    pub(super) fn requirements(&mut self, node: Node<'a, 'i>, local: &Templates<'a, 'i>, places: &mut Places) {
        let mut alternatives = Vec::new();
        for resource in view::named(node, "computingResource") {
            match self.resource(resource, local) {
                Some(found) => alternatives.extend(found),
                None => places.whole = false,
            }
            if alternatives.len() > MOST {
                self.too_many(resource);
                places.whole = false;
                return;
            }
        }
        if !alternatives.is_empty() {
            places.alternatives = match places.alternatives.take() {
                None => Some(alternatives),
                Some(outer) => self.both(node, &outer, &alternatives, places),
            };
        }
        if let Some(preferences) = view::child(node, "preferences") {
            places.preferences = self.preferences(preferences);
        }
    }

    /// Every pair of an outer and an inner alternative.
    fn both(
        &mut self,
        node: Node<'_, '_>,
        outer: &[Place],
        inner: &[Place],
        places: &mut Places,
    ) -> Option<Vec<Place>> {
        if outer.len() * inner.len() > MOST {
            self.too_many(node);
            places.whole = false;
            return None;
        }
        let pairs = outer.iter().flat_map(|outer| inner.iter().map(move |inner| (outer, inner)));
        let joined = pairs.map(|(outer, inner)| Place {
            id: inner.id.clone().or_else(|| outer.id.clone()),
            request: join(&outer.request, &inner.request),
            program: inner.program.clone().or_else(|| outer.program.clone()),
        });
        Some(joined.collect())
    }

    pub(super) fn too_many(&mut self, node: Node<'_, '_>) {
        let say = format!("more than {MOST} alternatives; write fewer resources, variants or application values");
        self.reader.findings.error(Code::LimitExceeded, At::Element(node), say);
    }

    /// `candidateHosts`: one of these and no other.
    pub(super) fn narrow(&mut self, hosts: Node<'_, '_>, places: &mut Places) {
        let mut names = Vec::new();
        for host in view::named(hosts, "hostName") {
            match self.reader.word(&view::text(host), "hostName", At::Element(host)) {
                Some(name) => names.push(name),
                None => places.whole = false,
            }
        }
        let clause = Clause { attribute: Attribute::HostName, condition: Condition::one_of(names) };
        let anywhere = || vec![Place { id: None, request: ResourceRequest::default(), program: None }];
        for place in places.alternatives.get_or_insert_with(anywhere) {
            place.request.clauses.push(clause.clone());
        }
    }

    /// `computingResource`: one alternative, or one for every way in which its applications may be had.
    fn resource(&mut self, node: Node<'a, 'i>, local: &Templates<'a, 'i>) -> Option<Vec<Place>> {
        let mut requests = vec![ResourceRequest::default()];
        let mut whole = true;
        if let Some(reference) = view::child(node, "templateIdReference") {
            match self.template(reference, local) {
                Some(template) => whole &= parameters(&mut self.reader, template, &mut requests),
                None => whole = false,
            }
        }
        whole &= parameters(&mut self.reader, node, &mut requests);
        self.not_here(node, &["faultTolerance"]);
        if let Some(limits) = view::child(node, "limits") {
            let limit = |name| limits.attribute(name).and_then(lexical::duration);
            let [time, wall, cpu] = ["time", "wall", "cpu"].map(limit);
            requests.iter_mut().for_each(|one| one.limits = crate::job::Limits { time, wall, cpu });
        }
        if node.has_attribute("tileSize") {
            let size = self.reader.count(node, "tileSize");
            requests.iter_mut().for_each(|one| one.tile_size = size);
        }
        let program = match view::child(node, "executable") {
            None => None,
            Some(executable) => match self.one_program(executable) {
                Some(program) => Some(program),
                None => return None,
            },
        };
        let id = node.attribute("resourceId").map(|id| lexical::trim(id).to_owned());
        let place = |request| Place { id: id.clone(), request, program: program.clone() };
        whole.then(|| requests.into_iter().map(place).collect())
    }

    fn template(&mut self, reference: Node<'a, 'i>, local: &Templates<'a, 'i>) -> Option<Node<'a, 'i>> {
        let text = view::trimmed(reference);
        let found = local.0.get(text.as_str()).or_else(|| self.templates.0.get(text.as_str())).copied();
        let found = found.filter(|template| view::is(*template, "computingResourceTemplate"));
        if found.is_none() {
            let known = local.0.keys().chain(self.templates.0.keys()).copied().take(1000);
            let hint = nearest(&text, known).map_or_else(
                || "define it in resourceTemplates of the task or of the job".to_owned(),
                |meant| format!("did you mean {meant}?"),
            );
            let say = format!("no template {} for a computing resource; {hint}", short(&text));
            self.reader.findings.error(Code::DescUndefinedReference, At::Text(reference), say);
        }
        found
    }

    fn preferences(&mut self, node: Node<'_, '_>) -> Option<Preferences> {
        let kind = match lexical::trim(node.attribute("preferenceType")?) {
            "PRIORITY" => PreferenceKind::Priority,
            _ => PreferenceKind::Ranking,
        };
        let parameters = view::named(node, "parameter").filter_map(|node| self.preference(node)).collect();
        Some(Preferences { kind, parameters })
    }

    fn preference(&mut self, node: Node<'_, '_>) -> Option<Preference> {
        let name = self.reader.word(node.attribute("name")?, "name", At::Attribute(node, "name"))?;
        let endpoint = node.attribute("endpoint").map(|host| lexical::trim(host).to_owned());
        let (subject, power) = match (network(&name), attribute(&name)) {
            (Some(of), _) => (Subject::Network(of, endpoint.clone()), shift(of)),
            (None, Some((attribute, _))) => (Subject::Fact(attribute), 0),
            (None, None) => (Subject::Other(name.clone()), 0),
        };
        if endpoint.is_some() && !matches!(subject, Subject::Network(..)) {
            let say = format!("endpoint belongs to a parameter of the network; {} has none", short(&name));
            self.reader.findings.warning(Code::DescInconsistent, At::Attribute(node, "endpoint"), say);
        }
        if matches!(subject, Subject::Other(_)) {
            let say = format!("no cluster publishes {}; the preference tells no places apart", short(&name));
            self.reader.findings.warning(Code::DescUnsupported, At::Attribute(node, "name"), say);
        }
        let better = if node.attribute("optimizationType").map(lexical::trim) == Some("COST") {
            Better::Cost
        } else {
            Better::Gain
        };
        let desired = view::elements(node).next();
        let text = desired.filter(|node| view::is(*node, "stringValue"));
        let value = desired.filter(|node| view::is(*node, "value"));
        let threshold = node.attribute("indiffThreshold").map(|text| (node, text));
        let threshold = value.and_then(|node| Some((node, node.attribute("indiffThreshold")?))).or(threshold);
        let indifference = threshold.and_then(|(_, text)| shifted(text, power)).unwrap_or(0.0);
        if let Some((holder, _)) = threshold.filter(|_| !(indifference.is_finite() && indifference >= 0.0)) {
            let say = "indiffThreshold must be a number of at least 0";
            self.reader.inconsistent(At::Attribute(holder, "indiffThreshold"), say);
            return None;
        }
        if let Some(excluded) = desired.filter(|node| flag(*node, "exclude")) {
            let say = "a preference cannot exclude; write a hard condition in computingResource";
            self.reader.inconsistent(At::Attribute(excluded, "exclude"), say);
        }
        let zone = match desired.filter(|_| text.is_none()) {
            Some(node) => Some(interval(&mut self.reader, node, power)?),
            None => None,
        };
        Some(Preference {
            subject,
            better,
            importance: node.attribute("importance").and_then(lexical::int)?,
            desired: zone,
            desired_text: text.map(view::trimmed),
            indifference,
        })
    }
}

/// Reads the parameters of a resource or template into every request; an application that may be had in several ways multiplies them.
pub(super) fn parameters(reader: &mut Reader<'_>, node: Node<'_, '_>, requests: &mut Vec<ResourceRequest>) -> bool {
    let mut whole = true;
    for child in view::elements(node) {
        let Some(name) = child.attribute("name").map(lexical::trim) else { continue };
        let read = match child.tag_name().name() {
            "hostParameter" if name == "application" => applications(reader, child, requests),
            "hostParameter" => host(reader, child, name, requests),
            "networkParameter" => network_clause(reader, child, name, requests),
            "otherParameter" => other(reader, child, name, requests),
            _ => Some(()),
        };
        whole &= read.is_some();
    }
    whole
}

fn host(reader: &mut Reader<'_>, node: Node<'_, '_>, name: &str, requests: &mut [ResourceRequest]) -> Option<()> {
    let (attribute, is_text) = attribute(name)?;
    let condition = condition(reader, node, 0)?;
    match (&condition, is_text) {
        (Condition::Text { .. }, false) => {
            let say = format!("{name} is a number; write value, range, min or max instead of stringValue");
            reader.inconsistent(At::Element(node), say);
            return None;
        }
        (Condition::Number { .. }, true) => {
            let say = format!("{name} is a text; write <stringValue value=\"…\"/>");
            reader.inconsistent(At::Element(node), say);
            return None;
        }
        _ => {}
    }
    let clause = Clause { attribute, condition };
    requests.iter_mut().for_each(|request| request.clauses.push(clause.clone()));
    Some(())
}

fn endpoint(reader: &mut Reader<'_>, node: Node<'_, '_>) -> Option<Option<String>> {
    match node.attribute("endpoint") {
        None => Some(None),
        Some(host) => reader.word(host, "endpoint", At::Attribute(node, "endpoint")).map(Some),
    }
}

fn network_clause(
    reader: &mut Reader<'_>,
    node: Node<'_, '_>,
    name: &str,
    requests: &mut [ResourceRequest],
) -> Option<()> {
    let measure = network(name)?;
    let host = endpoint(reader, node);
    let condition = condition(reader, node, shift(measure))?;
    if matches!(condition, Condition::Text { .. }) {
        let say = format!("{name} is a number; write value, range, min or max instead of stringValue");
        reader.inconsistent(At::Element(node), say);
        return None;
    }
    let clause = NetworkClause { measure, condition, host: host? };
    requests.iter_mut().for_each(|request| request.network.push(clause.clone()));
    Some(())
}

fn other(reader: &mut Reader<'_>, node: Node<'_, '_>, name: &str, requests: &mut [ResourceRequest]) -> Option<()> {
    let name = reader.word(name, "name", At::Attribute(node, "name"));
    let host = endpoint(reader, node);
    let condition = condition(reader, node, 0)?;
    let clause = OtherClause { name: name?, condition, host: host? };
    requests.iter_mut().for_each(|request| request.others.push(clause.clone()));
    Some(())
}

fn applications(reader: &mut Reader<'_>, node: Node<'_, '_>, requests: &mut Vec<ResourceRequest>) -> Option<()> {
    let mut ways = Vec::new();
    for string in view::elements(node) {
        if !view::is(string, "stringValue") {
            reader.inconsistent(At::Element(string), "an application is named by a text; write stringValue");
            return None;
        }
        if flag(string, "exclude") {
            let say = "an application that must not be installed cannot be asked for; leave the parameter out";
            reader.findings.error(Code::DescUnsupported, At::Attribute(string, "exclude"), say);
            return None;
        }
        ways.extend(application(reader, string)?);
    }
    if ways.is_empty() {
        return None;
    }
    if ways.len() * requests.len() > MOST {
        let say = format!("more than {MOST} alternatives; write fewer values of applications");
        reader.findings.error(Code::LimitExceeded, At::Element(node), say);
        return None;
    }
    let with = |request: &ResourceRequest, way: &ApplicationRequirement| {
        let mut request = request.clone();
        request.applications.push(way.clone());
        request
    };
    *requests = requests.iter().flat_map(|request| ways.iter().map(move |way| with(request, way))).collect();
    Some(())
}

/// The ways in which one `stringValue` may be satisfied: one for each version it names.
fn application(reader: &mut Reader<'_>, node: Node<'_, '_>) -> Option<Vec<ApplicationRequirement>> {
    let Some(name) = node.attribute("value") else {
        reader.inconsistent(At::Element(node), "the application has no name; write <stringValue value=\"solver\"/>");
        return None;
    };
    let name = reader.word(name, "value", At::Attribute(node, "value"))?;
    let (mut versions, mut instances) = (Vec::new(), None);
    for property in view::named(node, "property") {
        let values: Vec<_> = view::named(property, "value").collect();
        let kind = property.attribute("name").map(lexical::trim).unwrap_or_default();
        if flag(property, "exclude") || !["version", "instances"].contains(&kind) {
            let say = format!(
                "the property {} of an application is not known here, nor is exclude; use version",
                short(kind)
            );
            reader.findings.error(Code::DescUnsupported, At::Element(property), say);
            return None;
        }
        if kind == "version" {
            for value in values {
                versions.push(Some(reader.word(&view::text(value), "version", At::Element(value))?));
            }
        } else if let Some(value) = values.first() {
            let number = reader.within(&view::text(*value), "instances", At::Text(*value), 1..=i64::from(i32::MAX));
            let Some(number) = number else {
                reader.inconsistent(At::Element(*value), "instances must be an integer of at least 1");
                return None;
            };
            instances = u32::try_from(number).ok();
        }
    }
    if versions.is_empty() {
        versions.push(None);
    }
    let way = |version| ApplicationRequirement { name: name.clone(), version, instances };
    Some(versions.into_iter().map(way).collect())
}

/// Both requests at once.
pub(super) fn join(a: &ResourceRequest, b: &ResourceRequest) -> ResourceRequest {
    let mut joined = a.clone();
    joined.clauses.extend_from_slice(&b.clauses);
    joined.network.extend_from_slice(&b.network);
    joined.others.extend_from_slice(&b.others);
    joined.applications.extend_from_slice(&b.applications);
    joined.tile_size = b.tile_size.or(a.tile_size);
    joined.limits = crate::job::Limits {
        time: tighter(a.limits.time, b.limits.time),
        wall: tighter(a.limits.wall, b.limits.wall),
        cpu: tighter(a.limits.cpu, b.limits.cpu),
    };
    joined
}

fn tighter<T: Ord + Copy>(a: Option<T>, b: Option<T>) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}
