//! `resource`: hard clauses, network clauses, applications, limits and the tile sizes of `mpichg`.

use super::Reader;
use crate::description::findings::At;
use crate::description::view;
use crate::job::{
    ApplicationRequirement, Attribute, Clause, Code, Condition, Interval, Launch, NetworkClause, NetworkMeasure,
    ResourceRequest,
};
use crate::xml::lexical;
use roxmltree::Node;
use std::time::Duration;

const TEXTS: &[Attribute] = &[
    Attribute::OsName,
    Attribute::OsType,
    Attribute::OsVersion,
    Attribute::OsRelease,
    Attribute::HostName,
    Attribute::LocalManager,
    Attribute::Queue,
];
const NUMBERS: &[Attribute] = &[
    Attribute::Memory,
    Attribute::FreeMemory,
    Attribute::CpuCount,
    Attribute::FreeCpus,
    Attribute::CpuSpeed,
    Attribute::DiskSpace,
    Attribute::FreeDiskSpace,
];
const MEASURES: &[(&str, NetworkMeasure)] = &[
    ("bandwidth", NetworkMeasure::Bandwidth),
    ("latency", NetworkMeasure::Latency),
    ("capacity", NetworkMeasure::Capacity),
];
/// Numbers are kept as floating point, which is exact up to here.
const GREATEST: i64 = 1 << 53;
/// A thousand years; batch systems end earlier.
const MOST_MINUTES: i64 = 60 * 24 * 366 * 1000;

impl Reader<'_> {
    /// One alternative; nothing when a part of it is at fault.
    pub(super) fn resource(&mut self, node: Node<'_, '_>) -> Option<ResourceRequest> {
        let mut request = ResourceRequest { tile_size: self.tile_size(node), ..ResourceRequest::default() };
        let mut whole = true;
        for child in view::elements(node) {
            whole &= self.requirement(child, &mut request).is_some();
        }
        whole.then_some(request)
    }

    fn requirement(&mut self, node: Node<'_, '_>, request: &mut ResourceRequest) -> Option<()> {
        let name = node.tag_name().name();
        let at = At::Text(node);
        let find = |known: &[Attribute]| known.iter().copied().find(|attribute| attribute.as_str() == name);
        if let Some(attribute) = find(TEXTS) {
            let text = self.word(&view::text(node), name, at)?;
            request.clauses.push(Clause { attribute, condition: Condition::one_of(vec![text]) });
        } else if let Some(attribute) = find(NUMBERS) {
            let least = self.number(node, name)?;
            request.clauses.push(Clause { attribute, condition: Condition::at_least(least) });
        } else if let Some((_, measure)) = MEASURES.iter().find(|(measure, _)| *measure == name) {
            let value = self.number(node, name)?;
            let host = match node.attribute("hostname") {
                Some(host) => Some(self.word(host, "hostname", At::Attribute(node, "hostname"))?),
                None => None,
            };
            let bound = match measure {
                NetworkMeasure::Latency => Interval::at_most(value),
                NetworkMeasure::Bandwidth | NetworkMeasure::Capacity => Interval::at_least(value),
            };
            request.network.push(NetworkClause { measure: *measure, condition: Condition::within(bound), host });
        } else if name == "applications" {
            for application in view::named(node, "application") {
                request.applications.push(self.application(application)?);
            }
        } else {
            let limit = match name {
                "maxtime" => &mut request.limits.time,
                "maxwalltime" => &mut request.limits.wall,
                "maxcputime" => &mut request.limits.cpu,
                _ => return None,
            };
            let minutes = self.within(&view::text(node), name, at, 1..=MOST_MINUTES)?;
            *limit = Some(Duration::from_secs(60 * minutes.unsigned_abs()));
        }
        Some(())
    }

    fn number(&mut self, node: Node<'_, '_>, name: &str) -> Option<f64> {
        let value = self.within(&view::text(node), name, At::Text(node), 0..=GREATEST)?;
        Some(value as f64)
    }

    pub(super) fn application(&mut self, node: Node<'_, '_>) -> Option<ApplicationRequirement> {
        let name = self.word(&view::text(node), "application", At::Text(node))?;
        let version = match node.attribute("version") {
            Some(version) => Some(self.word(version, "version", At::Attribute(node, "version"))?),
            None => None,
        };
        Some(ApplicationRequirement { name, version, instances: self.count(node, "instanceCount") })
    }

    /// The tile size, which producers wrote in two spellings at two places.
    fn tile_size(&mut self, resource: Node<'_, '_>) -> Option<u32> {
        let mut size = None;
        for (node, name) in tiles(resource) {
            let Some(given) = self.count(node, name) else { continue };
            if size.is_some_and(|size| size != given) {
                let say =
                    format!("{name} {given} contradicts another tile size of this resource; give it once, on hostname");
                self.inconsistent(At::Attribute(node, name), say);
            }
            size = Some(given);
        }
        size
    }

    /// Holds the tile sizes against the way of launching.
    pub(super) fn tiles(&mut self, executable: Node<'_, '_>, simplejob: Node<'_, '_>, read: &[ResourceRequest]) {
        let resources: Vec<_> = view::named(simplejob, "resource").collect();
        if executable.attribute("type").map(lexical::trim) != Some(Launch::MpichG.as_str()) {
            for (node, name) in resources.into_iter().flat_map(tiles) {
                let say = format!("{name} has an effect with type mpichg only");
                self.findings.warning(Code::DescInconsistent, At::Attribute(node, name), say);
            }
            return;
        }
        if resources.is_empty() {
            let say = "mpichg needs one resource for each part of the run, each with a hostname and a tile size";
            self.inconsistent(At::Element(executable), say);
            return;
        }
        for resource in &resources {
            if view::child(*resource, "hostname").is_none() || tiles(*resource).next().is_none() {
                let say = "every resource of an mpichg run needs a hostname and a tile size: <hostname tileSize=\"2\">";
                self.inconsistent(At::Element(*resource), say);
            }
        }
        let sizes = read.iter().filter_map(|request| request.tile_size.map(i64::from));
        let (parts, sum) = sizes.fold((0, 0), |(parts, sum), size| (parts + 1, sum + size));
        let count = executable.attribute("count").map_or(Some(1), lexical::integer);
        if let Some(count) = count.filter(|count| parts == resources.len() && sum != *count) {
            let given = executable.has_attribute("count");
            let at = if given { At::Attribute(executable, "count") } else { At::Element(executable) };
            self.inconsistent(at, format!("sum of tile sizes is {sum}, count is {count}; make them equal"));
        }
    }
}

/// The attributes that give a tile size, on a resource and on its hostname.
fn tiles<'a, 'i>(resource: Node<'a, 'i>) -> impl Iterator<Item = (Node<'a, 'i>, &'static str)> {
    let holders = [Some(resource), view::child(resource, "hostname")].into_iter().flatten();
    let both = holders.flat_map(|node| ["tileSize", "tailSize"].map(|name| (node, name)));
    both.filter(|(node, name)| node.has_attribute(*name))
}
