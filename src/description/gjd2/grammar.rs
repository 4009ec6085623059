//! The structure of version 2. No schema of it survived, so the order of elements inside `task` and `executable` is free.
//! Says the same as `schemas/gjd-2.xsd`.

use crate::description::gjd1::grammar::{APPLICATION, DIRECTIONS, EXECUTION_TIME, LAUNCHES, RESOURCE, VARIABLES};
use crate::description::table::{
    Attribute, Content, Element, Particle, Type, any, attribute, may, need, ordered, ordered_with, required, some,
    text, text_with,
};

const STATES: &[&str] = &[
    "QUEUED",
    "PREPROCESSING",
    "PENDING",
    "RUNNING",
    "STOPPED",
    "POSTPROCESSING",
    "SUSPENDED",
    "FINISHED",
    "CANCELED",
    "FAILED",
];
const MEASURES: &[&str] = &["cpuspeed", "cpucount", "bandwidth", "memory", "diskspace"];

/// The root, whatever its label.
pub(super) static ROOT: Element =
    ordered_with("grmsjob", &[attribute("appid", Type::Text), attribute("project", Type::Text)], &[some(&[TASK])]);

const TASK: Element = Element {
    name: "task",
    attributes: &[
        required("taskid", Type::Text),
        attribute("persistent", Type::Boolean),
        attribute("crucial", Type::Boolean),
        attribute("extension", Type::Text),
    ],
    content: Content::Unordered(&[
        may(&[ordered("candidateHosts", &[some(&[text("hostName", Type::Text)])])]),
        may(&[RESOURCE]),
        may(&[ordered("hardConstraints", &[some(&[PARAMETER])])]),
        may(&[Element { name: "softConstraints", attributes: &[], content: Content::Any }]),
        need(&[EXECUTABLE]),
        may(&[EXECUTION_TIME]),
        may(&[ordered(
            "workflow",
            &[some(&[text_with("parent", Type::Text, &[attribute("triggerState", Type::Word(STATES))])])],
        )]),
    ]),
};

const PARAMETER: Element = ordered_with(
    "parameter",
    &[required("name", Type::Word(MEASURES))],
    &[some(&[
        text("value", Type::Double),
        ordered("range", &[may(&[text("min", Type::Double)]), may(&[text("max", Type::Double)])]),
    ])],
);

const LOCATION: &[Particle] = &[need(&[text("url", Type::Text)])];
const STAGED: &[Attribute] = &[required("name", Type::Text), required("type", Type::Word(DIRECTIONS))];
const APPENDED: &[Attribute] =
    &[required("name", Type::Text), required("type", Type::Word(DIRECTIONS)), attribute("append", Type::Boolean)];
const FILE: Element = ordered_with("file", APPENDED, LOCATION);
const DIRECTORY: Element = ordered_with("directory", STAGED, LOCATION);

const EXECUTABLE: Element = Element {
    name: "executable",
    attributes: &[
        required("type", Type::Word(LAUNCHES)),
        attribute("count", Type::Int),
        attribute("checkpointable", Type::Boolean),
    ],
    content: Content::Unordered(&[
        need(&[ordered_with("execfile", &[required("name", Type::Text)], LOCATION), APPLICATION]),
        may(&[ordered("arguments", &[any(&[text("value", Type::Text), FILE, DIRECTORY])])]),
        may(&[ordered("stdin", LOCATION)]),
        may(&[ordered("stdout", LOCATION)]),
        may(&[ordered("stderr", LOCATION)]),
        may(&[VARIABLES]),
        may(&[ordered("checkpoint", &[some(&[FILE, DIRECTORY])])]),
    ]),
};
