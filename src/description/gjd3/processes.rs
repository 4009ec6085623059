//! `topology`: how many processes. One kind of process on one cluster is honoured; groups and maps are named and left.

use super::Job;
use super::resource::{MOST, Place, Places, Templates};
use crate::description::findings::At;
use crate::description::view;
use crate::job::Code;
use crate::xml::lexical;
use roxmltree::Node;

impl<'a, 'i> Job<'a, 'i, '_> {
    /// Every topology of a task: alternatives in order of preference.
    pub(super) fn topologies(&mut self, requirements: Node<'a, 'i>, local: &Templates<'a, 'i>, places: &mut Places) {
        let nodes: Vec<_> = view::named(requirements, "topology").collect();
        let mut chosen: Option<u32> = None;
        let mut all: Option<Vec<Place>> = None;
        for node in &nodes {
            let mut inner =
                Places { alternatives: places.alternatives.clone(), preferences: None, count: 1, whole: true };
            self.topology(*node, local, &mut inner);
            places.whole &= inner.whole;
            places.preferences = inner.preferences.or_else(|| places.preferences.take());
            if chosen.is_some_and(|chosen| chosen != inner.count) {
                let say = "alternatives with different numbers of processes are not offered; give all topologies the same number";
                self.reader.findings.beyond(At::Element(*node), say);
            }
            chosen.get_or_insert(inner.count);
            if let Some(found) = inner.alternatives {
                let all = all.get_or_insert_default();
                all.extend(found);
                if all.len() > MOST {
                    self.too_many(*node);
                    places.whole = false;
                    return;
                }
            }
        }
        places.count = chosen.unwrap_or(1);
        places.alternatives = all.or_else(|| places.alternatives.take());
    }

    fn topology(&mut self, node: Node<'a, 'i>, local: &Templates<'a, 'i>, places: &mut Places) {
        let kinds: Vec<_> = view::named(node, "processes").collect();
        let beyond = [view::child(node, "group"), kinds.get(1).copied()];
        for found in beyond.into_iter().flatten() {
            let say = "groups and several kinds of processes are not offered; write one processes without a group";
            self.reader.findings.beyond(At::Element(found), say);
        }
        for processes in kinds {
            if let Some(group) = view::child(processes, "groupIdReference") {
                self.group_exists(node, group);
            }
            if let Some(count) = view::child(processes, "processesCount") {
                places.count = self.number(count).unwrap_or(1);
            }
            self.map(processes);
            if let Some(inner) = view::child(processes, "resourceRequirements") {
                for resource in view::named(inner, "computingResource") {
                    for name in ["processesCount", "processesMap"] {
                        if let Some(found) = view::child(resource, name) {
                            let say = format!("{name} of one resource is not offered; write it in processes");
                            self.reader.findings.beyond(At::Element(found), say);
                        }
                    }
                }
                self.requirements(inner, local, places);
            }
            if let Some(hosts) = view::child(processes, "candidateHosts") {
                self.narrow(hosts, places);
            }
        }
    }

    fn group_exists(&mut self, topology: Node<'_, '_>, reference: Node<'_, '_>) {
        let id = view::trimmed(reference);
        let mut groups = view::named(topology, "group").filter_map(|group| group.attribute("groupId"));
        if !groups.any(|group| lexical::trim(group) == id) {
            let say = format!("no group {} in this topology", crate::description::findings::short(&id));
            self.reader.findings.error(Code::DescUndefinedReference, At::Text(reference), say);
        }
    }

    fn map(&mut self, processes: Node<'_, '_>) {
        if let Some(map) = view::child(processes, "processesMap") {
            let say = "processesMap is not offered; write processesCount, and processesPerHost in execution";
            self.reader.findings.beyond(At::Element(map), say);
        }
    }

    /// The smallest number of processes that satisfies a count. Whoever left a choice is told what was chosen.
    pub(super) fn number(&mut self, node: Node<'_, '_>) -> Option<u32> {
        let kind = view::elements(node).next()?;
        let least = match kind.tag_name().name() {
            "range" => view::child(kind, "min"),
            "max" => None,
            _ => Some(kind),
        };
        let most = match kind.tag_name().name() {
            "range" => view::child(kind, "max"),
            "max" => Some(kind),
            _ => None,
        };
        let read = |node: Node<'_, '_>| {
            let value = lexical::decimal(&view::text(node))?;
            Some((value, crate::description::reader::flag(node, "exclusiveBound")))
        };
        let (from, not_from) = least.map_or(Some((1.0, false)), read)?;
        let count = if not_from { from.floor() + 1.0 } else { from.ceil() }.max(1.0);
        if view::is(kind, "value") && (from < 1.0 || from.fract() != 0.0) {
            let say = format!("the number of processes must be an integer of at least 1, not {from}");
            self.reader.inconsistent(At::Text(kind), say);
            return None;
        }
        if let Some((to, not_to)) = most.and_then(read)
            && (count > to || (not_to && count >= to))
        {
            self.reader.inconsistent(At::Element(kind), "range is empty: no number of processes lies in it");
            return None;
        }
        if count > f64::from(i32::MAX) {
            let say = format!("the number of processes must be at most {}", i32::MAX);
            self.reader.inconsistent(At::Element(kind), say);
            return None;
        }
        if view::is(kind, "value") {
            if kind.has_attribute("indiffThreshold") {
                let say = "indiffThreshold of a number of processes has no effect; exactly this number is asked for";
                self.reader.findings.warning(Code::DescInconsistent, At::Attribute(kind, "indiffThreshold"), say);
            }
        } else {
            let say = format!("{count} processes are asked for, the smallest number that satisfies this");
            self.reader.findings.warning(Code::DescInconsistent, At::Element(kind), say);
        }
        // In range: between 1 and the greatest 32-bit integer.
        Some(count as u32)
    }
}
