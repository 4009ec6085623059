//! `Resources`: what the place must be like. Speeds keep the whole set of numbers; of amounts one number is asked for.

use super::Jsdl;
use super::application::tighten;
use super::names::{self, Family};
use super::range::{Choice, Range};
use super::system;
use crate::description::findings::{At, short};
use crate::description::view;
use crate::job::{Attribute, Clause, Condition, NetworkClause, NetworkMeasure, ProcessLimit, ResourceRequest};
use roxmltree::Node;
use std::time::Duration;

const MEGABYTE: f64 = 1_048_576.0;
/// Numbers are kept as floating point, which is exact up to here.
const GREATEST: f64 = 9_007_199_254_740_992.0;

/// What `Resources` says, apart from the counts.
#[derive(Debug, Default)]
pub(super) struct Place {
    /// What the place must be like.
    pub(super) request: ResourceRequest,
    /// Upper bounds on memory.
    pub(super) limits: Vec<(ProcessLimit, u64)>,
}

impl Jsdl<'_, '_, '_> {
    /// Everything but the counts. `hosts` is the number of hosts over which totals are spread.
    pub(super) fn place(&mut self, node: Node<'_, '_>, hosts: u32) -> Place {
        let mut place = Place::default();
        self.hosts(node, &mut place.request);
        self.file_systems(node, &mut place.request);
        self.exclusive(node);
        self.system(node, &mut place.request);
        self.speeds(node, &mut place.request);
        self.cpu_time(node, &mut place.request);
        self.memory(node, hosts, &mut place);
        for (name, share) in [("IndividualDiskSpace", 1), ("TotalDiskSpace", hosts)] {
            if let Some((range, bytes)) = self.amount(node, name) {
                self.disk(range, bytes, share, &mut place.request);
            }
        }
        place
    }

    fn hosts(&mut self, node: Node<'_, '_>, request: &mut ResourceRequest) {
        let Some(candidates) = names::child(node, Family::Jsdl, "CandidateHosts") else { return };
        let mut hosts = Vec::new();
        for host in names::named(candidates, Family::Jsdl, "HostName") {
            hosts.extend(self.reader.word(&view::text(host), "HostName", At::Element(host)));
        }
        request.clauses.push(clause(Attribute::HostName, Condition::one_of(hosts)));
    }

    fn file_systems(&mut self, node: Node<'_, '_>, request: &mut ResourceRequest) {
        for file_system in names::named(node, Family::Jsdl, "FileSystem") {
            let is_swap = names::said(file_system, Family::Jsdl, "FileSystemType").as_deref() == Some("swap");
            let Some((range, bytes)) = self.amount(file_system, "DiskSpace") else { continue };
            if is_swap {
                let say =
                    "how much swap space a place has is not known here; leave DiskSpace of the swap file system out";
                self.reader.findings.beyond(At::Element(range), say);
            } else {
                self.disk(range, bytes, 1, request);
            }
        }
    }

    fn exclusive(&mut self, node: Node<'_, '_>) {
        let Some(exclusive) = names::child(node, Family::Jsdl, "ExclusiveExecution") else { return };
        if names::boolean(&view::trimmed(exclusive)) == Some(true) {
            let say = "this broker does not take hosts for one job alone; leave ExclusiveExecution out or write false";
            self.reader.findings.beyond(At::Element(exclusive), say);
        }
    }

    fn system(&mut self, node: Node<'_, '_>, request: &mut ResourceRequest) {
        if let Some(system) = names::child(node, Family::Jsdl, "OperatingSystem") {
            let name = names::child(system, Family::Jsdl, "OperatingSystemType")
                .and_then(|kind| names::child(kind, Family::Jsdl, "OperatingSystemName"));
            if let Some(name) = name {
                self.one_of(name, Attribute::OsName, system::operating_systems, request);
            }
            if let Some(version) = names::said(system, Family::Jsdl, "OperatingSystemVersion") {
                request.clauses.push(clause(Attribute::OsVersion, Condition::one_of(vec![version])));
            }
        }
        let processor = names::child(node, Family::Jsdl, "CPUArchitecture")
            .and_then(|node| names::child(node, Family::Jsdl, "CPUArchitectureName"));
        if let Some(name) = processor {
            self.one_of(name, Attribute::CpuArchitecture, system::architectures, request);
        }
    }

    fn one_of(
        &mut self,
        node: Node<'_, '_>,
        attribute: Attribute,
        known: fn(&str) -> Vec<String>,
        request: &mut ResourceRequest,
    ) {
        let name = view::trimmed(node);
        let texts = known(&name);
        if texts.is_empty() {
            let say = format!("`{}` names nothing that a place could be asked for; leave it out", short(&name));
            self.reader.findings.beyond(At::Text(node), say);
            return;
        }
        request.clauses.push(clause(attribute, Condition::one_of(texts)));
    }

    /// Facts about the place, for which every number of the set will do.
    fn speeds(&mut self, node: Node<'_, '_>, request: &mut ResourceRequest) {
        let condition = |range: Range| Condition::Number { any: range.0, none: Vec::new() };
        if let Some((_, range)) = self.range(node, "IndividualCPUSpeed", 1e-6) {
            request.clauses.push(clause(Attribute::CpuSpeed, condition(range)));
        }
        if let Some((_, range)) = self.range(node, "IndividualNetworkBandwidth", 1.0 / (8.0 * MEGABYTE)) {
            let (measure, condition) = (NetworkMeasure::Bandwidth, condition(range));
            request.network.push(NetworkClause { measure, condition, host: None });
        }
    }

    fn cpu_time(&mut self, node: Node<'_, '_>, request: &mut ResourceRequest) {
        for name in ["IndividualCPUTime", "TotalCPUTime"] {
            let Some((at, range)) = self.range(node, name, 1.0) else { continue };
            let seconds = match range.time() {
                Some(Choice::Most(seconds) | Choice::Least(seconds)) if seconds < GREATEST => seconds,
                Some(Choice::Anything) => {
                    self.anything(at);
                    continue;
                }
                _ => {
                    self.inconsistent(
                        At::Element(at),
                        format!("{name} allows no number of seconds; at least 1 is needed"),
                    );
                    continue;
                }
            };
            self.tell(at, &range, &format!("{seconds} s of processor time are the limit"));
            let time = Duration::from_secs(seconds as u64);
            request.limits.cpu = Some(request.limits.cpu.map_or(time, |known| known.min(time)));
        }
    }

    fn memory(&mut self, node: Node<'_, '_>, hosts: u32, place: &mut Place) {
        let kinds = [
            ("IndividualPhysicalMemory", true, 1),
            ("TotalPhysicalMemory", true, hosts),
            ("IndividualVirtualMemory", false, 1),
            ("TotalVirtualMemory", false, hosts),
        ];
        let mut most = None;
        for (name, physical, share) in kinds {
            let Some((at, choice)) = self.amount(node, name) else { continue };
            match choice {
                Choice::Least(bytes) if physical => {
                    let megabytes = (bytes / f64::from(share) / MEGABYTE).ceil();
                    most = Some(most.map_or(megabytes, |known: f64| known.max(megabytes)));
                }
                Choice::Least(_) => {
                    let say = "how much virtual memory a place has is not known here; ask for physical memory instead";
                    self.reader.findings.beyond(At::Element(at), say);
                }
                Choice::Most(bytes) => {
                    tighten(&mut place.limits, ProcessLimit::VirtualMemory, (bytes / f64::from(share)) as u64);
                }
                Choice::Anything => {}
            }
        }
        let clauses = most.map(|megabytes| clause(Attribute::Memory, Condition::at_least(megabytes)));
        place.request.clauses.extend(clauses);
    }

    fn disk(&mut self, at: Node<'_, '_>, choice: Choice, hosts: u32, request: &mut ResourceRequest) {
        match choice {
            Choice::Least(bytes) => {
                let megabytes = (bytes / f64::from(hosts) / MEGABYTE).ceil();
                request.clauses.push(clause(Attribute::FreeDiskSpace, Condition::at_least(megabytes)));
            }
            Choice::Most(_) => {
                let say = "an upper bound on disk space has no effect here; FileSizeLimit limits a file";
                self.remark(At::Element(at), say);
            }
            Choice::Anything => {}
        }
    }

    /// The bytes that are asked for.
    fn amount<'a, 'i>(&mut self, parent: Node<'a, 'i>, name: &'static str) -> Option<(Node<'a, 'i>, Choice)> {
        self.number(parent, name, 0.0, "bytes")
    }

    /// The whole number that is asked for, of at least `floor`.
    pub(super) fn number<'a, 'i>(
        &mut self,
        parent: Node<'a, 'i>,
        name: &'static str,
        floor: f64,
        unit: &str,
    ) -> Option<(Node<'a, 'i>, Choice)> {
        let (node, range) = self.range(parent, name, 1.0)?;
        let choice = range.choose(floor);
        match choice {
            Some(Choice::Least(number) | Choice::Most(number)) if number > GREATEST => {
                self.inconsistent(At::Element(node), format!("{name} asks for more than any place can have"));
                return None;
            }
            None => {
                let say = format!("{name} allows no whole number of {unit} that is at least {floor}");
                self.inconsistent(At::Element(node), say);
            }
            Some(Choice::Anything) => self.anything(node),
            Some(Choice::Least(number)) => {
                self.tell(node, &range, &format!("{number} {unit} are asked for, the smallest number of the set"));
            }
            Some(Choice::Most(number)) => {
                self.tell(node, &range, &format!("{number} {unit} are the limit, the upper bound of the set"));
            }
        }
        Some((node, choice?))
    }

    fn anything(&mut self, node: Node<'_, '_>) {
        let say = format!("{} allows every number and so asks for nothing", node.tag_name().name());
        self.remark(At::Element(node), say);
    }

    /// Tells what is made of a set that leaves a choice.
    fn tell(&mut self, node: Node<'_, '_>, range: &Range, what: &str) {
        if !range.is_plain() {
            self.remark(At::Element(node), format!("of {} {what}", node.tag_name().name()));
        }
    }
}

const fn clause(attribute: Attribute, condition: Condition) -> Clause {
    Clause { attribute, condition }
}
