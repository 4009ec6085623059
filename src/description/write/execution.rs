//! `execution`: the program, its arguments, streams, files and environment.

use super::duration::number;
use super::markup::Markup;
use crate::job::variable::{Part, parts};
use crate::job::{CreationFlag, Direction, FileKind, Location, Program, RelativeName, Staged, TaskSpec};

/// Attributes that are false when they are absent.
pub(super) fn yes(flag: bool) -> Option<String> {
    flag.then(|| "true".to_owned())
}

pub(super) fn execution(markup: &mut Markup, task: &TaskSpec) {
    let attributes = [
        ("type", Some(task.launch.as_str().to_owned())),
        ("checkpointable", yes(task.checkpointable)),
        ("processesPerHost", task.layout.per_host.map(|count| count.to_string())),
        ("threads", task.layout.threads.map(|count| count.to_string())),
    ];
    markup.element("execution", &attributes, |markup| {
        program(markup, &task.program);
        markup.section("arguments", |markup| {
            task.arguments.iter().for_each(|value| markup.leaf("value", &[], &plain(task, value)));
        });
        if let Some(stdin) = &task.stdin {
            markup.element("stdin", &[], |markup| location(markup, stdin));
        }
        for (name, stream) in [("stdout", &task.stdout), ("stderr", &task.stderr)] {
            if let Some(stream) = stream {
                markup.element(name, &[], |markup| {
                    markup.element("file", &[], |markup| location(markup, stream));
                });
            }
        }
        markup.section("stageInOut", |markup| files(markup, &task.staging));
        markup.section("environment", |markup| {
            for (name, value) in &task.environment {
                markup.leaf("variable", &[("name", Some(name.clone()))], &plain(task, value));
            }
        });
        markup.section("checkpoint", |markup| files(markup, &task.checkpoint));
        markup.section("processLimits", |markup| {
            for (limit, value) in &task.process_limits {
                markup.leaf("limit", &[("name", Some(limit.as_str().to_owned()))], &value.to_string());
            }
        });
    });
}

/// A text for the program, in which `${PS_x}` without a parameter x is written as the text that it stays in dialects without sweeps.
fn plain(task: &TaskSpec, text: &str) -> String {
    let products = task.sweep.iter().flat_map(|sweep| &sweep.products);
    let known: Vec<&str> =
        products.flat_map(|p| &p.axes).flat_map(|axis| &axis.parameters).map(|one| one.name.as_str()).collect();
    let part = |part| match part {
        Part::Variable(name) => match name.strip_prefix("PS_") {
            Some(parameter) if !known.contains(&parameter) => format!("$${{{name}}}"),
            _ => format!("${{{name}}}"),
        },
        Part::Dollar => "$$".to_owned(),
        Part::Text(text) | Part::Unclosed(text) => text.to_owned(),
    };
    parts(text).map(part).collect()
}

/// `executable` with one program.
pub(super) fn program(markup: &mut Markup, program: &Program) {
    markup.element("executable", &[], |markup| match program {
        Program::Application { name, version } => {
            markup.empty("application", &[("name", Some(name.clone())), ("version", version.clone())]);
        }
        Program::File { name, location: place } => markup.element("execFile", &[], |markup| {
            let attributes = [("name", Some(name.to_string()))];
            markup.element("file", &attributes, |markup| location(markup, place));
        }),
    });
}

pub(super) fn location(markup: &mut Markup, location: &Location) {
    let of = |kind: &str| ("type", Some(kind.to_owned()));
    match location {
        Location::Url(url) => markup.leaf("location", &[of("URL")], &String::from(url.clone())),
        Location::Logical { collection, name } => {
            markup.leaf("location", &[of("LOGICAL"), ("collection", Some(collection.clone()))], name);
        }
    }
}

fn files(markup: &mut Markup, files: &[Staged]) {
    for file in files {
        for direction in directions(file.direction) {
            staged(markup, file, &file.name, direction);
        }
    }
}

/// The words for a direction. One entry for both ways does not exist in this dialect.
fn directions(direction: Direction) -> &'static [&'static str] {
    match direction {
        Direction::In => &["in"],
        Direction::Out => &["out"],
        Direction::InOut => &["in", "out"],
    }
}

fn staged(markup: &mut Markup, file: &Staged, name: &RelativeName, direction: &str) {
    let element = match file.kind {
        FileKind::File => "file",
        FileKind::Directory => "directory",
    };
    let creation = match file.creation {
        CreationFlag::Overwrite => None,
        CreationFlag::Append => Some("APPEND".to_owned()),
        CreationFlag::DontOverwrite => Some("DONTOVERWRITE".to_owned()),
    };
    let attributes = [
        ("name", Some(name.to_string())),
        ("type", Some(direction.to_owned())),
        ("required", (!file.required).then(|| "false".to_owned())),
        ("creationFlag", creation),
        ("permissions", file.permissions.map(|bits| format!("{bits:04o}"))),
    ];
    markup.element(element, &attributes, |markup| location(markup, &file.location));
}

/// A number of a count type: `value`.
pub(super) fn count(markup: &mut Markup, count: u32) {
    markup.element("processesCount", &[], |markup| markup.leaf("value", &[], &number(f64::from(count))));
}
