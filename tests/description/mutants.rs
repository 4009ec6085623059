//! Documents that can be changed by chance, and the words they are changed with.

use std::fmt::Write as _;

/// Numbers that look random and are the same in every run (xorshift).
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }

    pub(super) fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }
}

pub(super) const ELEMENTS: &[&str] = &[
    "grmsjob",
    "qcgJob",
    "simplejob",
    "workflowjob",
    "resource",
    "executable",
    "task",
    "execfile",
    "candidateHosts",
    "hostName",
    "hardConstraints",
    "softConstraints",
    "parameter",
    "range",
    "min",
    "workflow",
    "parent",
    "file",
    "directory",
    "url",
    "value",
    "collectionfile",
    "collection",
    "stdin",
    "stdout",
    "arguments",
    "osname",
    "cpucount",
    "hostname",
    "localrmname",
    "bandwidth",
    "applications",
    "application",
    "environment",
    "variable",
    "checkpoint",
    "reservation",
    "deadline",
    "executionTime",
    "execDuration",
    "timeSlot",
    "slotEnd",
    "periodEnd",
    "including",
    "weekDay",
    "dateDay",
    "stranger",
];
pub(super) const ATTRIBUTES: &[&str] = &[
    "name",
    "type",
    "count",
    "checkpointable",
    "appid",
    "appId",
    "taskid",
    "append",
    "triggerState",
    "crucial",
    "persistent",
    "project",
    "tileSize",
    "tailSize",
    "hostname",
    "version",
    "instanceCount",
    "stranger",
    "xml:lang",
];
/// The same for version 3.
pub(super) const ELEMENTS_3: &[&str] = &[
    "task",
    "description",
    "annotations",
    "annotation",
    "descriptionVariables",
    "variable",
    "resourceTemplates",
    "computingResourceTemplate",
    "tasksDefaults",
    "requirements",
    "resourceRequirements",
    "computingResource",
    "hostParameter",
    "networkParameter",
    "otherParameter",
    "value",
    "range",
    "min",
    "max",
    "stringValue",
    "property",
    "preferences",
    "parameter",
    "topology",
    "processes",
    "processesCount",
    "processesMap",
    "candidateHosts",
    "hostName",
    "execution",
    "executable",
    "execFile",
    "application",
    "file",
    "directory",
    "location",
    "arguments",
    "stdin",
    "stdout",
    "stageInOut",
    "environment",
    "checkpoint",
    "executionTime",
    "executionDuration",
    "timeSlot",
    "timePeriod",
    "workflow",
    "parent",
    "and",
    "or",
    "parametersSweep",
    "product",
    "axis",
    "loop",
    "set",
    "item",
    "name",
    "limits",
    "other",
    "faultTolerance",
    "stranger",
];
pub(super) const ATTRIBUTES_3: &[&str] = &[
    "taskId",
    "appId",
    "name",
    "type",
    "templateId",
    "resourceId",
    "value",
    "exclude",
    "exclusiveBound",
    "indiffThreshold",
    "importance",
    "endpoint",
    "triggerState",
    "required",
    "creationFlag",
    "permissions",
    "fileDirId",
    "checkpointable",
    "persistent",
    "priority",
    "crucial",
    "tileSize",
    "threads",
    "wall",
    "collection",
    "stranger",
];
pub(super) const VALUES: &[&str] = &[
    "",
    " ",
    "two",
    "0",
    "-1",
    "+7",
    " 4 ",
    "1.5",
    "2147483648",
    "1e3",
    "INF",
    "inf",
    "NaN",
    "true",
    "1",
    "yes",
    "in",
    "inout",
    " out ",
    "single",
    "mpichg",
    "Single",
    "fork",
    "ccs",
    "slurm",
    "Monday",
    "monday",
    "2027-01-01",
    "2027-02-29",
    "2027-01-01Z",
    "2027-01-01+15:00",
    "2027-01-01T00:00:00",
    "2027-01-01T24:00:00Z",
    "-2027-01-01T00:00:00",
    "2027-01-01T00:00:00.5-14:00",
    "12027-01-01T00:00:00Z",
    "0000-01-01",
    "08:00:00",
    "24:00:00",
    "24:00:01",
    "8:00:00",
    "08:00:00.",
    "08:00:00.25Z",
    "08:00:00+01:00",
    "PT1H",
    "P1D",
    "P1DT",
    "PT",
    "P",
    "P1Y",
    "P1M",
    "PT0.5S",
    "-PT1H",
    "P1DT2H3M4S",
    ".5",
    "5.",
    "1 2",
    "\u{a0}4",
    "RUNNING",
    " FINISHED ",
    "memory",
];

/// A document that can be changed.
#[derive(Clone)]
pub(super) struct Tree {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) children: Vec<Child>,
}

#[derive(Clone)]
pub(super) enum Child {
    Element(Tree),
    Text(String),
}

impl Tree {
    pub(super) fn read(text: &str) -> Self {
        Self::of(roxmltree::Document::parse(text).unwrap().root_element())
    }

    fn of(node: roxmltree::Node<'_, '_>) -> Self {
        let attributes = node.attributes().filter(|a| a.namespace().is_none());
        Self {
            name: node.tag_name().name().to_owned(),
            attributes: attributes.map(|a| (a.name().to_owned(), a.value().to_owned())).collect(),
            children: node
                .children()
                .filter_map(|child| match child {
                    element if element.is_element() => Some(Child::Element(Self::of(element))),
                    other => other.text().filter(|_| other.is_text()).map(|text| Child::Text(text.to_owned())),
                })
                .collect(),
        }
    }

    pub(super) fn elements(&self) -> usize {
        let inner = |child: &Child| if let Child::Element(tree) = child { tree.elements() } else { 0 };
        1 + self.children.iter().map(inner).sum::<usize>()
    }

    /// The element of this number in the order of the document.
    pub(super) fn element(&mut self, number: usize) -> &mut Self {
        if number == 0 {
            return self;
        }
        let mut rest = number - 1;
        for child in &mut self.children {
            if let Child::Element(tree) = child {
                let size = tree.elements();
                if rest < size {
                    return tree.element(rest);
                }
                rest -= size;
            }
        }
        unreachable!("the number is below elements()")
    }

    pub(super) fn mutate(&mut self, chance: &mut Chance, elements: &[&str], attributes: &[&str]) {
        let number = chance.below(self.elements());
        let target = self.element(number);
        let places = target.children.len();
        match chance.below(12) {
            0 if places > 0 => drop(target.children.remove(chance.below(places))),
            1 if places > 0 => {
                let copy = target.children[chance.below(places)].clone();
                target.children.insert(chance.below(places + 1), copy);
            }
            2 if places > 1 => target.children.swap(chance.below(places), chance.below(places)),
            3 => chance.of(elements).clone_into(&mut target.name),
            4 => {
                let name = chance.of(elements).to_owned();
                let new = Self { name, attributes: Vec::new(), children: Vec::new() };
                target.children.insert(chance.below(places + 1), Child::Element(new));
            }
            5 if !target.attributes.is_empty() => {
                let at = chance.below(target.attributes.len());
                target.attributes.remove(at);
            }
            6 => {
                let name = chance.of(attributes);
                target.attributes.retain(|(known, _)| known != name);
                target.attributes.push((name.to_owned(), chance.of(VALUES).trim().to_owned()));
            }
            7 | 8 if !target.attributes.is_empty() => {
                let at = chance.below(target.attributes.len());
                chance.of(VALUES).trim().clone_into(&mut target.attributes[at].1);
            }
            9 => target.children.insert(chance.below(places + 1), Child::Text(chance.of(VALUES).trim().to_owned())),
            _ => {
                let texts = target.children.iter_mut().filter_map(|child| match child {
                    Child::Text(text) => Some(text),
                    Child::Element(_) => None,
                });
                texts.for_each(|text| chance.of(VALUES).clone_into(text));
            }
        }
    }

    pub(super) fn write(&self) -> String {
        let mut out = String::new();
        self.write_to(&mut out);
        out
    }

    fn write_to(&self, out: &mut String) {
        let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
        write!(out, "<{}", self.name).unwrap();
        for (name, value) in &self.attributes {
            write!(out, " {name}=\"{}\"", escape(value)).unwrap();
        }
        out.push('>');
        for child in &self.children {
            match child {
                Child::Element(tree) => tree.write_to(out),
                Child::Text(text) => out.push_str(&escape(text)),
            }
        }
        write!(out, "</{}>", self.name).unwrap();
    }
}
