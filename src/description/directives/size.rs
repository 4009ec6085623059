//! How much a script asks for: nodes, slots, processes, memory.

use super::lines::Word;
use super::{Given, Script};
use crate::job::{Code, Layout};

/// Numbers are kept as floating point, which is exact up to here.
const GREATEST: i64 = 1 << 53;
const MOST: i64 = i32::MAX as i64;

/// What was asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    /// Processes altogether.
    pub(super) count: u32,
    /// How they are laid out.
    pub(super) layout: Layout,
    /// Slots on one node.
    slots: u32,
}

impl Script<'_, '_> {
    /// Reads `nodes` (`N`, `N:SLOTS` or `N:SLOTS:PROCESSES`, the last two for each node) and `procs`, the processes altogether.
    pub(super) fn size(&mut self) -> Size {
        let procs = self.one("procs").and_then(|given| self.positive(given.value, &given).map(|procs| (procs, given)));
        let Some(nodes) = self.one("nodes") else {
            let count = procs.map_or(1, |(procs, _)| procs);
            return Size { count, layout: Layout::default(), slots: count };
        };
        let size = self.nodes(&nodes, procs.as_ref().map(|(procs, given)| (*procs, given)));
        size.unwrap_or(Size { count: 1, layout: Layout::default(), slots: 1 })
    }

    fn nodes(&mut self, given: &Given<'_>, procs: Option<(u32, &Given<'_>)>) -> Option<Size> {
        let mut words = Vec::new();
        let mut rest = given.value;
        while let Some((word, behind)) = rest.split(":") {
            words.push(word);
            rest = behind;
        }
        words.push(rest);
        if words.len() > 3 {
            let say = format!("nodes has {} parts; write {}", words.len(), given.known.shape);
            self.reader.findings.error(Code::DescInvalid, given.at(), say);
            return None;
        }
        let numbers: Vec<_> = words.iter().map(|word| self.positive(*word, given)).collect();
        let numbers: Option<Vec<_>> = numbers.into_iter().collect();
        let (nodes, slots, own) = match numbers?.as_slice() {
            [nodes] => (*nodes, 1, None),
            [nodes, slots] => (*nodes, *slots, None),
            [nodes, slots, own] => (*nodes, *slots, Some(*own)),
            _ => return None,
        };
        let each = match (own, procs) {
            (Some(_), Some((_, procs))) => {
                let say = "the third part of nodes tells the processes already; give one of them";
                self.reader.inconsistent(procs.at(), say);
                return None;
            }
            (None, Some((procs, at))) if procs % nodes != 0 => {
                let say = format!("{procs} processes cannot be shared equally by {nodes} nodes; change one of them");
                self.reader.inconsistent(at.at(), say);
                return None;
            }
            (None, Some((procs, _))) => procs / nodes,
            (Some(own), None) => own,
            (None, None) => slots,
        };
        if slots % each != 0 {
            let say =
                format!("{slots} slots of a node cannot be shared equally by {each} processes; change one of them");
            self.reader.inconsistent(given.at(), say);
            return None;
        }
        let Some(count) = each.checked_mul(nodes).filter(|count| i64::from(*count) <= MOST) else {
            self.reader.inconsistent(given.at(), format!("nodes asks for more than {MOST} processes; ask for fewer"));
            return None;
        };
        let threads = (slots > each).then_some(slots / each);
        // One process alone needs no layout.
        let per_host = (count > 1 || threads.is_some()).then_some(each);
        Some(Size { count, layout: Layout { per_host, threads }, slots })
    }

    fn positive(&mut self, word: Word<'_>, given: &Given<'_>) -> Option<u32> {
        let number = self.number(word, given, given.known.name, 1..=MOST)?;
        u32::try_from(number).ok()
    }

    /// The memory of a node, MB.
    pub(super) fn memory(&mut self, size: &Size) -> Option<f64> {
        let (whole, each) = (self.one("memory"), self.one("memory-per-slot"));
        if let (Some(_), Some(each)) = (&whole, &each) {
            let say = "memory is given as well; give one of memory and memory-per-slot";
            self.reader.inconsistent(each.at(), say);
        }
        let (given, factor) = match (whole, each) {
            (Some(given), _) => (given, 1),
            (None, Some(given)) => (given, size.slots),
            (None, None) => return None,
        };
        let megabytes = self.number(given.value, &given, given.known.name, 0..=GREATEST)?;
        Some(megabytes as f64 * f64::from(factor))
    }
}
