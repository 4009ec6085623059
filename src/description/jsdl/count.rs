//! How many processors and processes: the counts of `Resources` and those of a parallel application together.

use super::Jsdl;
use super::names::{self, Family};
use super::range::Choice;
use crate::description::findings::{At, short};
use crate::description::view;
use crate::job::{Attribute, Clause, Code, Condition, Launch, Layout, ResourceRequest};
use crate::xml::lexical;
use roxmltree::Node;

/// Counts are integers of 32 bits.
const MOST: u32 = i32::MAX.unsigned_abs();
/// The address of every variation begins like this.
const VARIATIONS: &str = "http://www.ogf.org/jsdl/2007/02/jsdl-spmd/";
/// Those that are started by the MPI launcher of the place.
const MPI: &[&str] =
    &["MPI", "GridMPI", "IntelMPI", "LAM-MPI", "MPICH1", "MPICH2", "MPICH-GM", "MPICH-MX", "MVAPICH", "MVAPICH2"];
/// Those that are published and cannot be started here.
const NOT_STARTED: &[&str] = &["POE", "PVM"];

/// The counts of `Resources`.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Counts<'a, 'i> {
    /// Processors over the whole job.
    total: Option<u32>,
    /// Processors of each host.
    individual: Option<u32>,
    /// Hosts, and where that is said.
    hosts: Option<(Node<'a, 'i>, u32)>,
}

impl Counts<'_, '_> {
    /// Over how many hosts totals are spread.
    pub(super) fn shares(&self) -> u32 {
        self.hosts.map_or(1, |(_, hosts)| hosts)
    }
}

/// How the program is started.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start {
    pub(super) launch: Launch,
    pub(super) count: u32,
    pub(super) layout: Layout,
}

impl Jsdl<'_, '_, '_> {
    /// Reads the counts; the processors of a host become a clause as well.
    pub(super) fn counts<'a, 'i>(&mut self, resources: Node<'a, 'i>, request: &mut ResourceRequest) -> Counts<'a, 'i> {
        let total = self.count_of(resources, "TotalCPUCount", "processors").map(|(_, count)| count);
        let individual = self.count_of(resources, "IndividualCPUCount", "processors").map(|(_, count)| count);
        let hosts = self.count_of(resources, "TotalResourceCount", "hosts");
        if let Some(count) = individual {
            let condition = Condition::at_least(f64::from(count));
            request.clauses.push(Clause { attribute: Attribute::CpuCount, condition });
        }
        Counts { total, individual, hosts }
    }

    fn count_of<'a, 'i>(
        &mut self,
        resources: Node<'a, 'i>,
        name: &'static str,
        unit: &str,
    ) -> Option<(Node<'a, 'i>, u32)> {
        let (node, choice) = self.number(resources, name, 1.0, unit)?;
        match choice {
            Choice::Least(number) | Choice::Most(number) if number <= f64::from(MOST) => Some((node, number as u32)),
            Choice::Anything => None,
            _ => {
                self.inconsistent(At::Element(node), format!("{name} must be at most {MOST}"));
                None
            }
        }
    }

    /// One program that is started once, on one host.
    pub(super) fn alone(&mut self, counts: Counts<'_, '_>) -> Start {
        if let Some((node, hosts @ 2..)) = counts.hosts {
            let say =
                format!("a program that is started once runs on one host, not on {hosts}; write an SPMDApplication");
            self.reader.findings.beyond(At::Element(node), say);
        }
        let count = counts.total.or(counts.individual).unwrap_or(1);
        Start { launch: Launch::Single, count, layout: Layout::default() }
    }

    /// A parallel program.
    pub(super) fn parallel(&mut self, spmd: Node<'_, '_>, counts: Counts<'_, '_>) -> Start {
        let total = counts.total.or_else(|| self.spread(spmd, counts));
        let processes = self.actual(spmd, "NumberOfProcesses", "actualTotalCPUCount", total, "TotalCPUCount");
        let threads =
            self.actual(spmd, "ThreadsPerProcess", "actualIndividualCPUCount", counts.individual, "IndividualCPUCount");
        let processes = processes.or(total).unwrap_or(1);
        let per_host = names::child(spmd, Family::Spmd, "ProcessesPerHost").and_then(|node| self.positive(node));
        if let (Some((node, hosts)), Some(per_host)) = (counts.hosts, per_host)
            && u64::from(hosts) * u64::from(per_host) < u64::from(processes)
        {
            let say =
                format!("{processes} processes do not fit on {hosts} hosts with {per_host} each; make them agree");
            self.inconsistent(At::Element(node), say);
        }
        let per_host = per_host.or_else(|| counts.hosts.map(|(_, hosts)| processes.div_ceil(hosts)));
        match self.variation(spmd) {
            Launch::OpenMp => {
                let count = threads.unwrap_or(processes);
                Start { launch: Launch::OpenMp, count, layout: Layout::default() }
            }
            launch => Start { launch, count: processes, layout: Layout { per_host, threads } },
        }
    }

    /// The processors of each host, over all hosts.
    fn spread(&mut self, spmd: Node<'_, '_>, counts: Counts<'_, '_>) -> Option<u32> {
        let total = u64::from(counts.individual?) * u64::from(counts.shares());
        let count = u32::try_from(total).ok().filter(|count| i32::try_from(*count).is_ok());
        if count.is_none() {
            let at = counts.hosts.map_or(spmd, |(node, _)| node);
            let say = format!("IndividualCPUCount on every host makes {total} processors, at most {} can be", i32::MAX);
            self.inconsistent(At::Element(at), say);
        }
        count
    }

    /// A number, or the count that is asked for in `Resources` when an attribute says so.
    fn actual(
        &mut self,
        spmd: Node<'_, '_>,
        name: &'static str,
        attribute: &'static str,
        count: Option<u32>,
        resource: &str,
    ) -> Option<u32> {
        let node = view::elements(spmd).find(|node| names::is(*node, Family::Spmd, name))?;
        if names::flag(node, attribute) {
            if !view::trimmed(node).is_empty() {
                let say = format!("{name} has a number and says {attribute}; keep one of them");
                self.inconsistent(At::Element(node), say);
            } else if count.is_none() {
                self.remark(At::Attribute(node, attribute), format!("Resources has no {resource}; 1 is taken"));
                return Some(1);
            }
            return count;
        }
        if names::is_nil(node) {
            return None;
        }
        self.positive(node)
    }

    fn positive(&mut self, node: Node<'_, '_>) -> Option<u32> {
        let text = view::trimmed(node);
        if text.is_empty() {
            let say = format!("{} is empty; write a number or leave it out", node.tag_name().name());
            self.inconsistent(At::Element(node), say);
            return None;
        }
        let number = lexical::integer(&text).filter(|number| *number > 0)?;
        let count = u32::try_from(number).ok().filter(|count| i32::try_from(*count).is_ok());
        if count.is_none() {
            let say = format!("{} must be at most {}", node.tag_name().name(), i32::MAX);
            self.inconsistent(At::Text(node), say);
        }
        count
    }

    fn variation(&mut self, spmd: Node<'_, '_>) -> Launch {
        let Some(node) = names::child(spmd, Family::Spmd, "SPMDVariation") else { return Launch::Mpi };
        let text = view::trimmed(node);
        let at = At::Text(node);
        match text.strip_prefix(VARIATIONS) {
            Some("OpenMPI") => return Launch::OpenMpi,
            Some("OpenMP") => return Launch::OpenMp,
            Some(kind) if MPI.contains(&kind) => {
                if kind != "MPI" {
                    let say = format!("{kind} is started by the MPI launcher that the place has, whichever it is");
                    self.remark(at, say);
                }
            }
            Some(kind) if NOT_STARTED.contains(&kind) => {
                let say = format!("this broker cannot start programs of {kind}; use MPI, OpenMPI or OpenMP");
                self.reader.findings.beyond(at, say);
            }
            _ => {
                let known: Vec<_> = MPI.iter().chain(&["OpenMPI", "OpenMP"]).copied().collect();
                let say = format!(
                    "the variation {} is not supported; known: {VARIATIONS} and one of {}",
                    short(&text),
                    known.join(" ")
                );
                self.reader.findings.error(Code::DescUnsupported, at, say);
            }
        }
        Launch::Mpi
    }
}
