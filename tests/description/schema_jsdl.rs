//! `schemas/jsdl-1.0*.xsd` are what we publish for JSDL; the decoder judges by itself. Here xmllint holds every kept document
//! and some hundreds of mutants against them, and the two verdicts on the structure must be the same.
//!
//! Intended differences, none of which occurs among the documents compared:
//! - the decoder understands elements in another order and warns; the schemas fix the order. That warning counts as a fault here;
//! - elements of one of JSDL's vocabularies where only another vocabulary is at home pass the schemas' wildcards; the decoder tells;
//! - a document type declaration is refused here even when it declares nothing;
//! - the earlier and vendors' names of namespaces are not in the schemas;
//! - what is only the decoder's to say is no matter of structure: 104, 113, 114, 115, 117.

use super::mutants::Chance;
use super::*;
use grms::job::Code;
use std::fmt::Write as _;

const FOLDER: &str = "tests/fixtures/description/jsdl";
const NAMESPACES: &[(&str, &str)] = &[
    ("j", "http://schemas.ggf.org/jsdl/2005/11/jsdl"),
    ("p", "http://schemas.ggf.org/jsdl/2005/11/jsdl-posix"),
    ("h", "http://schemas.ggf.org/jsdl/2006/07/jsdl-hpcpa"),
    ("s", "http://schemas.ogf.org/jsdl/2007/02/jsdl-spmd"),
    ("w", "http://schemas.ogf.org/jsdl/2009/03/sweep"),
    ("f", "http://schemas.ogf.org/jsdl/2009/03/sweep/functions"),
];

/// Whether the decoder finds fault with the structure, or with the order.
fn is_misbuilt(text: &str) -> bool {
    findings(&read(text, &rules())).iter().any(|found| match (found.severity, found.code) {
        (Severity::Warning, Code::DescInvalid) => found.message.contains("usually comes before"),
        (Severity::Warning, _) => false,
        (Severity::Error, Code::DescNotWellFormed | Code::DescUnknownDialect | Code::DescInvalid) => true,
        (Severity::Error, _) => false,
    })
}

fn compare(files: &[PathBuf]) -> (usize, Vec<String>) {
    #[expect(clippy::disallowed_methods, reason = "the second opinion is another program")]
    let mut command = std::process::Command::new("xmllint");
    let schema = path("schemas/jsdl-1.0.xsd");
    let output = command.args(["--noout", "--nonet", "--schema"]).arg(schema).args(files).output();
    let said = output.expect("xmllint runs (Debian package libxml2-utils)").stderr;
    let said = String::from_utf8_lossy(&said).into_owned();
    let (mut count, mut wrong) = (0, Vec::new());
    for file in files {
        let valid = said.contains(&format!("{} validates\n", file.display()));
        count += usize::from(valid);
        let text = std::fs::read_to_string(file).unwrap();
        if is_misbuilt(&text) == valid {
            let name = file.display().to_string();
            let theirs: Vec<_> = said.lines().filter(|line| line.starts_with(&name)).collect();
            let ours = render(findings(&read(&text, &rules())));
            wrong.push(format!("{text}\nxmllint:\n{}\nours:\n{ours}", theirs.join("\n")));
        }
    }
    (count, wrong)
}

#[test]
fn the_schemas_and_the_decoder_agree_on_every_kept_document() {
    let folders = ["valid", "invalid"].map(|kind| format!("{FOLDER}/{kind}"));
    let mut files: Vec<_> = folders.iter().flat_map(|folder| documents(folder)).collect();
    files.retain(|file| !["producers.xml", "14_doctype.xml"].contains(&file.file_name().unwrap().to_str().unwrap()));
    files.extend(ending("examples", "jsdl"));
    let (valid, wrong) = compare(&files);
    assert!(valid > 10, "xmllint accepts only {valid}");
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n----\n"));
}

#[test]
fn the_schemas_and_the_decoder_agree_on_mutants() {
    let seeds: Vec<_> = documents(&format!("{FOLDER}/valid"))
        .into_iter()
        .filter(|file| !["producers.xml", "beyond.xml"].map(|name| file.ends_with(name)).contains(&true))
        .map(|file| Tree::read(&std::fs::read_to_string(file).unwrap()))
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let mut chance = Chance(0x2545_F491_4F6C_DD1D);
    let files: Vec<_> = (0..1200)
        .map(|number| {
            let mut tree = seeds[chance.below(seeds.len())].clone();
            tree.mutate(&mut chance);
            let file = folder.path().join(format!("{number}.xml"));
            std::fs::write(&file, tree.write()).unwrap();
            file
        })
        .collect();
    let (valid, wrong) = compare(&files);
    assert!((200..1000).contains(&valid), "the mutants are one-sided: {valid} of 1200 are valid");
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n----\n"));
}

#[test]
fn the_documentation_tells_of_every_element() {
    let told = std::fs::read_to_string(path("docs/jsdl.md")).unwrap();
    let schemas = std::fs::read_dir(path("schemas")).unwrap().map(|entry| entry.unwrap().path());
    let schemas: Vec<_> = schemas.filter(|file| file.to_string_lossy().contains("/jsdl-1.0")).collect();
    assert_eq!(schemas.len(), 6);
    let mut missing = Vec::new();
    for file in schemas {
        let text = std::fs::read_to_string(file).unwrap();
        let names = text.split("<xs:element name=\"").skip(1).filter_map(|rest| rest.split('"').next());
        missing.extend(names.filter(|name| !told.contains(&format!("`{name}`"))).map(str::to_owned));
    }
    // These hold the others.
    missing.retain(|name| !["JobIdentification", "Application", "Resources"].contains(&name.as_str()));
    assert!(missing.is_empty(), "{missing:?}");
}

const VALUES: &[&str] = &[
    "",
    " ",
    "two",
    "0",
    "-1",
    "+7",
    " 4 ",
    "1.5",
    "1e3",
    "INF",
    "inf",
    "NaN",
    "true",
    "FALSE",
    "yes",
    "swap",
    "overwrite",
    "Append",
    "x86_64",
    "LINUX",
    "linux",
    "Linus",
    "a b",
    "a:b",
    "HOME",
    "-x",
    "1.",
    ".5",
    "\u{a0}4",
];
const ATTRIBUTES: &[&str] = &[
    "name",
    "id",
    "filesystemName",
    "exclusiveBound",
    "epsilon",
    "actualTotalCPUCount",
    "start",
    "step",
    "value",
    "stranger",
    "xml:lang",
];
/// Elements in which the schemas let other vocabularies stand, whichever they are.
const OPEN: &[&str] = &["JobDefinition", "Application", "Assignment", "SPMDApplication"];

/// A document that can be changed.
#[derive(Clone)]
struct Tree {
    prefix: &'static str,
    name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Tree>,
    text: String,
}

impl Tree {
    fn read(text: &str) -> Self {
        Self::of(roxmltree::Document::parse(text).unwrap().root_element())
    }

    fn of(node: roxmltree::Node<'_, '_>) -> Self {
        let namespace = node.tag_name().namespace().unwrap().replace("ogf.org/jsdl/2006", "ggf.org/jsdl/2006");
        let inner: Vec<_> = node.children().filter(roxmltree::Node::is_element).map(Self::of).collect();
        let text: String = node.children().filter_map(|child| child.text().filter(|_| child.is_text())).collect();
        Self {
            prefix: NAMESPACES.iter().find(|(_, known)| *known == namespace).unwrap().0,
            name: node.tag_name().name().to_owned(),
            attributes: node
                .attributes()
                .filter(|a| a.namespace().is_none())
                .map(|a| (a.name().to_owned(), a.value().to_owned()))
                .collect(),
            text: if inner.is_empty() { text } else { String::new() },
            children: inner,
        }
    }

    fn elements(&self) -> usize {
        1 + self.children.iter().map(Self::elements).sum::<usize>()
    }

    /// The element of this number in the order of the document.
    fn element(&mut self, number: usize) -> &mut Self {
        if number == 0 {
            return self;
        }
        let mut rest = number - 1;
        for child in &mut self.children {
            let size = child.elements();
            if rest < size {
                return child.element(rest);
            }
            rest -= size;
        }
        unreachable!("the number is below elements()")
    }

    fn mutate(&mut self, chance: &mut Chance) {
        let number = chance.below(self.elements());
        let target = self.element(number);
        let places = target.children.len();
        let open = OPEN.contains(&target.name.as_str());
        match chance.below(10) {
            0 | 1 if places > 0 && !open => drop(target.children.remove(chance.below(places))),
            2 if places > 0 && !open => {
                let copy = target.children[chance.below(places)].clone();
                target.children.insert(chance.below(places + 1), copy);
            }
            3 if places > 1 && !open => target.children.swap(chance.below(places), chance.below(places)),
            4 if places > 0 && !open => {
                let child = chance.below(places);
                target.children[child].name.push('s');
            }
            5 if !target.attributes.is_empty() => {
                let at = chance.below(target.attributes.len());
                target.attributes.remove(at);
            }
            6 => {
                let name = chance.of(ATTRIBUTES);
                target.attributes.retain(|(known, _)| known != name);
                target.attributes.push((name.to_owned(), chance.of(VALUES).trim().to_owned()));
            }
            7 if !target.attributes.is_empty() => {
                let at = chance.below(target.attributes.len());
                chance.of(VALUES).trim().clone_into(&mut target.attributes[at].1);
            }
            _ => chance.of(VALUES).clone_into(&mut target.text),
        }
    }

    fn write(&self) -> String {
        let mut out = String::new();
        self.write_to(&mut out, true);
        out
    }

    fn write_to(&self, out: &mut String, root: bool) {
        let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
        write!(out, "<{}:{}", self.prefix, self.name).unwrap();
        if root {
            NAMESPACES.iter().for_each(|(prefix, namespace)| write!(out, " xmlns:{prefix}=\"{namespace}\"").unwrap());
        }
        for (name, value) in &self.attributes {
            write!(out, " {name}=\"{}\"", escape(value)).unwrap();
        }
        write!(out, ">{}", escape(&self.text)).unwrap();
        self.children.iter().for_each(|child| child.write_to(out, false));
        write!(out, "</{}:{}>", self.prefix, self.name).unwrap();
    }
}
