//! The structure of version 1: the union of releases 1.9.0 and 1.9.6, `mpichg` and the tile size included. Says the
//! same as `schemas/gjd-1.xsd`.

use crate::description::table::{
    Attribute, Content, Element, Particle, Type, any, attribute, may, need, ordered, ordered_with, required, some,
    text, text_with,
};

pub(in crate::description) const LAUNCHES: &[&str] = &["single", "multiple", "mpi", "mpichg"];
pub(in crate::description) const DIRECTIONS: &[&str] = &["in", "out", "inout"];
const LOCAL_MANAGERS: &[&str] = &["fork", "lsf", "pbs", "condor", "sge", "ccs"];

/// The root, whatever its label.
pub(super) static ROOT: Element = ordered_with(
    "grmsjob",
    &[
        attribute("appid", Type::Text),
        attribute("persistent", Type::Boolean),
        attribute("extension", Type::Text),
        attribute("project", Type::Text),
    ],
    &[need(&[
        ordered("simplejob", &[any(&[RESOURCE]), need(&[EXECUTABLE]), may(&[RESERVATION]), may(&[EXECUTION_TIME])]),
        text("workflowjob", Type::Text),
    ])],
);

const TILES: &[Attribute] = &[attribute("tileSize", Type::Int), attribute("tailSize", Type::Int)];
const OTHER_END: &[Attribute] = &[attribute("hostname", Type::Text)];

pub(in crate::description) const RESOURCE: Element = Element {
    name: "resource",
    attributes: TILES,
    content: Content::Unordered(&[
        may(&[text("osname", Type::Text)]),
        may(&[text("ostype", Type::Text)]),
        may(&[text("osversion", Type::Text)]),
        may(&[text("osrelease", Type::Text)]),
        may(&[text_with("hostname", Type::Text, TILES)]),
        may(&[text("localrmname", Type::LocalManager(LOCAL_MANAGERS))]),
        may(&[text("queue", Type::Text)]),
        may(&[text("memory", Type::Integer)]),
        may(&[text("freememory", Type::Integer)]),
        may(&[text("cpucount", Type::Integer)]),
        may(&[text("freecpus", Type::Integer)]),
        may(&[text("cpuspeed", Type::Integer)]),
        may(&[text("diskspace", Type::Integer)]),
        may(&[text("freediskspace", Type::Integer)]),
        may(&[text("maxtime", Type::Integer)]),
        may(&[text("maxwalltime", Type::Integer)]),
        may(&[text("maxcputime", Type::Integer)]),
        may(&[text_with("bandwidth", Type::Integer, OTHER_END)]),
        may(&[text_with("latency", Type::Integer, OTHER_END)]),
        may(&[text_with("capacity", Type::Integer, OTHER_END)]),
        may(&[ordered("applications", &[some(&[APPLICATION])])]),
    ]),
};

pub(in crate::description) const APPLICATION: Element =
    text_with("application", Type::Text, &[attribute("version", Type::Text), attribute("instanceCount", Type::Int)]);

const LOCATION: &[Particle] =
    &[need(&[text("url", Type::Text), text_with("collectionfile", Type::Text, &[required("name", Type::Text)])])];
const STAGED: &[Attribute] = &[required("name", Type::Text), required("type", Type::Word(DIRECTIONS))];
const FILE: Element = ordered_with("file", STAGED, LOCATION);
const DIRECTORY: Element = ordered_with(
    "directory",
    STAGED,
    &[need(&[text("url", Type::Text), text_with("collection", Type::Text, &[required("name", Type::Text)])])],
);

pub(in crate::description) const VARIABLES: Element =
    ordered("environment", &[some(&[text_with("variable", Type::Text, &[required("name", Type::Text)])])]);

const EXECUTABLE: Element = ordered_with(
    "executable",
    &[
        required("type", Type::Word(LAUNCHES)),
        attribute("count", Type::Int),
        attribute("checkpointable", Type::Boolean),
    ],
    &[
        need(&[FILE, APPLICATION]),
        may(&[ordered("arguments", &[any(&[text("value", Type::Text), FILE, DIRECTORY])])]),
        may(&[ordered("stdin", LOCATION)]),
        may(&[ordered("stdout", LOCATION)]),
        may(&[ordered("stderr", LOCATION)]),
        may(&[VARIABLES]),
        may(&[ordered("checkpoint", &[some(&[DIRECTORY, FILE])])]),
    ],
);

const RESERVATION: Element = Element {
    name: "reservation",
    attributes: &[],
    content: Content::Unordered(&[
        may(&[text("deadline", Type::DateTime)]),
        may(&[text("estime", Type::DateTime)]),
        may(&[text("datasize", Type::Double)]),
    ]),
};

const DAYS: &[Particle] = &[some(&[text("weekDay", Type::WeekDay), text("dateDay", Type::Date)])];

pub(in crate::description) const EXECUTION_TIME: Element = ordered(
    "executionTime",
    &[
        may(&[ordered(
            "timeSlot",
            &[
                need(&[text("slotStart", Type::Time)]),
                need(&[text("slotEnd", Type::Time), text("slotDuration", Type::Duration)]),
            ],
        )]),
        need(&[text("execDuration", Type::Duration)]),
        may(&[ordered(
            "timePeriod",
            &[
                may(&[text("periodStart", Type::DateTime)]),
                need(&[text("periodEnd", Type::DateTime), text("periodDuration", Type::Duration)]),
                may(&[ordered("excluding", DAYS)]),
                may(&[ordered("including", DAYS)]),
            ],
        )]),
    ],
);
