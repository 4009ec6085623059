//! `resource` of versions 1 and 2: hard clauses, network clauses, applications, limits and the tile sizes of `mpichg`.

use super::Reader;
use crate::description::findings::At;
use crate::description::view;
use crate::job::{
    ApplicationRequirement, Attribute, Clause, Condition, Interval, NetworkClause, NetworkMeasure, ResourceRequest,
};
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
    pub(in crate::description) fn resource(&mut self, node: Node<'_, '_>) -> Option<ResourceRequest> {
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

    /// The text of `application` with its attributes.
    pub(in crate::description) fn application(&mut self, node: Node<'_, '_>) -> Option<ApplicationRequirement> {
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
}

/// The attributes that give a tile size, on a resource and on its hostname.
pub(in crate::description) fn tiles<'a, 'i>(
    resource: Node<'a, 'i>,
) -> impl Iterator<Item = (Node<'a, 'i>, &'static str)> {
    let holders = [Some(resource), view::child(resource, "hostname")].into_iter().flatten();
    let both = holders.flat_map(|node| ["tileSize", "tailSize"].map(|name| (node, name)));
    both.filter(|(node, name)| node.has_attribute(*name))
}
