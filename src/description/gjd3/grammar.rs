//! The structure of version 3, with our own additions. Says the same as `schemas/gjd-3.xsd`.

use crate::description::table::{
    Attribute, Content, Element, Particle, Type, any, attribute, may, need, required, some, text, text_with, unordered,
    usual,
};

const LAUNCHES: &[&str] =
    &["single", "multiple", "mpi", "mpichg", "open_mpi", "open_mp", "mpi_mp", "proactive", "mapper"];
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
const HOST_PARAMETERS: &[&str] = &[
    "osname",
    "ostype",
    "cpuarch",
    "osversion",
    "osrelease",
    "memory",
    "freememory",
    "cpucount",
    "gpucount",
    "freecpus",
    "cpuspeed",
    "application",
    "diskspace",
    "freediskspace",
    "remoteSubmissionInterface",
    "localResourceManager",
    "hostname",
    "queue",
];
const NETWORK_PARAMETERS: &[&str] = &["bandwidth", "latency", "capacity"];
const LIMITS: &[&str] = &[
    "cputime",
    "filesize",
    "coredump",
    "datasegment",
    "lockedmemory",
    "memory",
    "opendescriptors",
    "pipesize",
    "stacksize",
    "processes",
    "virtualmemory",
    "threads",
];

/// The root, whatever its label.
pub(super) static ROOT: Element = usual(
    "qcgJob",
    &[
        required("appId", Type::Text),
        attribute("project", Type::Text),
        attribute("commitWait", Type::Boolean),
        attribute("priority", Type::Int),
    ],
    &[
        may(&[text("description", Type::Text)]),
        may(&[usual("annotations", &[], &[some(&[text_with("annotation", Type::Text, NAMED)])])]),
        may(&[VARIABLES]),
        may(&[TEMPLATES]),
        may(&[unordered(
            "tasksDefaults",
            &[],
            &[
                may(&[PROXY_INFO]),
                may(&[CANDIDATE_HOSTS]),
                may(&[REQUIREMENTS]),
                may(&[FAULT_TOLERANCE]),
                may(&[EXECUTION_TIME]),
            ],
        )]),
        some(&TASK),
        may(&[EXECUTION_TIME]),
    ],
);

const NAMED: &[Attribute] = &[attribute("name", Type::Text)];
const NAME: &[Attribute] = &[required("name", Type::Text)];

const VARIABLES: Element = usual("descriptionVariables", &[], &[some(&[text_with("variable", Type::Text, NAMED)])]);

static TASK: [Element; 1] = [unordered(
    "task",
    &[
        required("taskId", Type::Text),
        attribute("persistent", Type::Boolean),
        attribute("extension", Type::Text),
        attribute("crucial", Type::Boolean),
        attribute("commitWait", Type::Boolean),
        attribute("useScratchDir", Type::Boolean),
        attribute("priority", Type::Int),
    ],
    &[
        may(&[text("description", Type::Text)]),
        may(&[VARIABLES]),
        may(&[PROXY_INFO]),
        may(&[CANDIDATE_HOSTS]),
        may(&[REQUIREMENTS]),
        may(&[execution("execution")]),
        may(&[execution("postResumeExecution")]),
        may(&[EXECUTION_TIME]),
        may(&[unordered(
            "reservation",
            &[],
            &[
                may(&[text("deadline", Type::DateTime)]),
                may(&[text("estime", Type::DateTime)]),
                may(&[text("datasize", Type::Double)]),
            ],
        )]),
        may(&[Element {
            name: "workflow",
            attributes: &[],
            content: Content::OneOf(
                &[some(&[PARENT]), need(&AND), need(&OR)],
                "workflow holds parents, one and or one or; put parents beside others into the and or the or",
            ),
        }]),
        may(&[Element {
            name: "parametersSweep",
            attributes: &[],
            content: Content::OneOf(
                &[
                    some(&PARAMETER),
                    some(&[usual("product", &[], &[some(&[usual("axis", &[], &[some(&PARAMETER)])])])]),
                ],
                "parametersSweep holds parameters or products; put the parameters into a product",
            ),
        }]),
        may(&[FAULT_TOLERANCE]),
        may(&[OTHER]),
    ],
)];

const OTHER: Element = Element { name: "other", attributes: &[], content: Content::Any };
const PROXY_INFO: Element =
    usual("proxyInfo", &[], &[some(&[text_with("proxyName", Type::Text, &[attribute("lifetime", Type::Int)])])]);
const CANDIDATE_HOSTS: Element = usual("candidateHosts", &[], &[some(&[text("hostName", Type::Text)])]);

// Conditions

const EXCLUDED: Attribute = attribute("exclude", Type::Boolean);
const BOUND: &[Attribute] = &[attribute("exclusiveBound", Type::Boolean)];
const MIN: Element = text_with("min", Type::Double, BOUND);
const MAX: Element = text_with("max", Type::Double, BOUND);
const VALUE: Element = text_with("value", Type::Double, &[attribute("indiffThreshold", Type::Double), EXCLUDED]);
const RANGE: Element = usual("range", &[EXCLUDED], &[need(&[MIN]), need(&[MAX])]);
const STRING: Element = usual(
    "stringValue",
    &[attribute("value", Type::Text), EXCLUDED],
    &[any(&[usual("property", &[required("name", Type::Text), EXCLUDED], &[any(&[text("value", Type::Text)])])])],
);
const CONDITION: Content = Content::OneOf(
    &[some(&[VALUE, RANGE]), need(&[MIN]), need(&[MAX]), some(&[STRING])],
    "mixed kinds of condition; give values and ranges, or one min, or one max, or texts (stringValue)",
);

const fn parameter(name: &'static str, attributes: &'static [Attribute]) -> Element {
    Element { name, attributes, content: CONDITION }
}

const HOST_PARAMETER: Element = parameter("hostParameter", &[required("name", Type::Word(HOST_PARAMETERS))]);
const NETWORK_PARAMETER: Element = parameter(
    "networkParameter",
    &[required("name", Type::Word(NETWORK_PARAMETERS)), attribute("endpoint", Type::Text)],
);
const OTHER_PARAMETER: Element =
    parameter("otherParameter", &[required("name", Type::Text), attribute("endpoint", Type::Text)]);
const OF_COMPUTING: Particle = any(&[HOST_PARAMETER, NETWORK_PARAMETER, OTHER_PARAMETER]);
const OF_NETWORK: Particle = any(&[
    parameter("networkParameter", &[required("name", Type::Word(NETWORK_PARAMETERS))]),
    parameter("otherParameter", NAME),
]);

// Places

const TEMPLATES: Element = usual(
    "resourceTemplates",
    &[],
    &[any(&[
        usual("computingResourceTemplate", &[required("templateId", Type::Text)], &[OF_COMPUTING]),
        usual("networkResourceTemplate", &[required("templateId", Type::Text)], &[OF_NETWORK]),
    ])],
);
const REFERENCE: Particle = may(&[text("templateIdReference", Type::Text)]);

const REQUIREMENTS: Element = usual(
    "requirements",
    &[],
    &[
        may(&[TEMPLATES]),
        may(&[usual(
            "resourceRequirements",
            &[],
            &[
                any(&[usual(
                    "computingResource",
                    PLACE,
                    &[REFERENCE, OF_COMPUTING, may(&[FAULT_TOLERANCE]), may(&[TIME_LIMITS]), may(&[EXECUTABLE])],
                )]),
                may(&[PREFERENCES]),
            ],
        )]),
        any(&[TOPOLOGY]),
    ],
);
const PLACE: &[Attribute] = &[attribute("resourceId", Type::Text), attribute("tileSize", Type::Int)];
const TIME_LIMITS: Element = usual(
    "limits",
    &[attribute("time", Type::Duration), attribute("wall", Type::Duration), attribute("cpu", Type::Duration)],
    &[],
);

const PREFERENCES: Element = usual(
    "preferences",
    &[required("preferenceType", Type::Word(&["PRIORITY", "RANKING"]))],
    &[some(&[Element {
        name: "parameter",
        attributes: &[
            required("name", Type::Text),
            required("optimizationType", Type::Word(&["GAIN", "COST"])),
            required("importance", Type::Int),
            attribute("endpoint", Type::Text),
            attribute("indiffThreshold", Type::Double),
        ],
        content: Content::OneOf(
            &[may(&[VALUE]), may(&[MIN]), may(&[MAX]), may(&[RANGE]), may(&[text("stringValue", Type::Text)])],
            "a preference has one desired value, min, max, range or stringValue; keep one",
        ),
    }])],
);

// Processes

const TOPOLOGY: Element = usual(
    "topology",
    &[],
    &[
        any(&[usual(
            "group",
            &[required("groupId", Type::Text)],
            &[
                may(&[usual("processesConnection", &[], &[some(&[NETWORK_RESOURCE])])]),
                any(&[usual(
                    "groupConnection",
                    &[required("endpointGroupId", Type::Text)],
                    &[some(&[NETWORK_RESOURCE])],
                )]),
            ],
        )]),
        some(&[usual(
            "processes",
            &[
                attribute("processesId", Type::Text),
                attribute("masterGroup", Type::Boolean),
                attribute("divisible", Type::Boolean),
            ],
            &[
                any(&[text("groupIdReference", Type::Text)]),
                may(&[PROCESSES_COUNT, PROCESSES_MAP]),
                may(&[CANDIDATE_HOSTS]),
                may(&[usual(
                    "resourceRequirements",
                    &[],
                    &[
                        any(&[usual(
                            "computingResource",
                            PLACE,
                            &[
                                REFERENCE,
                                OF_COMPUTING,
                                may(&[FAULT_TOLERANCE]),
                                may(&[TIME_LIMITS]),
                                may(&[EXECUTABLE]),
                                may(&[PROCESSES_COUNT]),
                                may(&[PROCESSES_MAP]),
                            ],
                        )]),
                        may(&[PREFERENCES]),
                    ],
                )]),
            ],
        )]),
    ],
);
const NETWORK_RESOURCE: Element =
    usual("networkResource", &[attribute("resourceId", Type::Text)], &[REFERENCE, OF_NETWORK]);
const PROCESSES_MAP: Element =
    usual("processesMap", &[required("slotsPerNode", Type::Int)], &[some(&[text("processesPerNode", Type::Int)])]);
const PROCESSES_COUNT: Element = count("processesCount");

const COUNT: Content = Content::OneOf(
    &[
        need(&[text_with("value", Type::Decimal, &[attribute("indiffThreshold", Type::Int)])]),
        need(&[text_with("min", Type::Decimal, BOUND)]),
        need(&[text_with("max", Type::Decimal, BOUND)]),
        need(&[usual(
            "range",
            &[],
            &[need(&[text_with("min", Type::Decimal, BOUND)]), need(&[text_with("max", Type::Decimal, BOUND)])],
        )]),
    ],
    "a number is given by one value, min, max or range; keep one",
);

const fn count(name: &'static str) -> Element {
    Element { name, attributes: &[], content: COUNT }
}

const FAULT_TOLERANCE: Element = usual(
    "faultTolerance",
    &[],
    &[may(&[usual("additionalCPUs", &[], &[need(&[count("count"), count("percentage")])])])],
);

// Execution

const BASE: [Attribute; 5] = [
    attribute("proxyName", Type::Text),
    attribute("fileDirId", Type::Text),
    attribute("permissions", Type::Text),
    attribute("deleteOnTermination", Type::Boolean),
    attribute("size", Type::Double),
];
const PROGRAM_FILE: [Attribute; 6] = [attribute("name", Type::Text), BASE[0], BASE[1], BASE[2], BASE[3], BASE[4]];
const STAGED: [Attribute; 9] = [
    required("name", Type::Text),
    required("type", Type::Word(&["in", "out"])),
    attribute("required", Type::Boolean),
    attribute("creationFlag", Type::Word(&["APPEND", "OVERWRITE", "DONTOVERWRITE"])),
    BASE[0],
    BASE[1],
    BASE[2],
    BASE[3],
    BASE[4],
];
const LOCATION: &[Particle] = &[
    need(&[text_with(
        "location",
        Type::Text,
        &[
            required("type", Type::Word(&["URL", "DMSID", "SRBID", "REFERENCE", "LOGICAL"])),
            attribute("collection", Type::Text),
        ],
    )]),
    may(&[usual("locationProperties", &[], &[some(&[text_with("property", Type::Text, NAMED)])])]),
];
const FILES: Particle = some(&[usual("file", &STAGED, LOCATION), usual("directory", &STAGED, LOCATION)]);
const STREAM: &[Particle] = &[need(&[usual("file", &BASE, LOCATION), usual("directory", &BASE, LOCATION)])];

const EXECUTABLE: Element = Element {
    name: "executable",
    attributes: &[],
    content: Content::OneOf(
        &[
            need(&[usual(
                "application",
                &[required("name", Type::Text), attribute("version", Type::Text)],
                &[any(&[text_with("appProperty", Type::Text, NAME)])],
            )]),
            some(&[usual(
                "execFile",
                &[],
                &[
                    may(&[usual(
                        "execProperties",
                        &[],
                        &[may(&[text("resourceIdReference", Type::Text)]), any(&[HOST_PARAMETER, OTHER_PARAMETER])],
                    )]),
                    need(&[usual("file", &PROGRAM_FILE, LOCATION)]),
                ],
            )]),
        ],
        "executable holds one application or execFiles, not both; keep one kind",
    ),
};

const fn execution(name: &'static str) -> Element {
    Element { name, attributes: OF_EXECUTION, content: EXECUTION }
}

const OF_EXECUTION: &[Attribute] = &[
    required("type", Type::Word(LAUNCHES)),
    attribute("checkpointable", Type::Boolean),
    attribute("processesPerHost", Type::Int),
    attribute("threads", Type::Int),
];
const EXECUTION: Content = Content::Unordered(&[
    need(&[EXECUTABLE]),
    may(&[usual("arguments", &[], &[some(&[text("value", Type::Text)])])]),
    may(&[usual("stdin", &[], LOCATION)]),
    may(&[usual("stdout", &[], STREAM)]),
    may(&[usual("stderr", &[], STREAM)]),
    may(&[usual("stageInOut", &[], &[FILES])]),
    may(&[usual("environment", &[], &[some(&[text_with("variable", Type::Text, NAME)])])]),
    may(&[usual("checkpoint", &[], &[FILES])]),
    may(&[usual(
        "processLimits",
        &[],
        &[some(&[text_with("limit", Type::Count, &[required("name", Type::Word(LIMITS))])])],
    )]),
    may(&[OTHER]),
]);

// When

const DAYS: &[Particle] = &[some(&[text("weekDay", Type::WeekDay), text("dateDay", Type::Date)])];
const EXECUTION_TIME: Element = unordered(
    "executionTime",
    &[],
    &[
        may(&[usual(
            "timeSlot",
            &[],
            &[
                need(&[text("slotStart", Type::Time)]),
                need(&[text("slotEnd", Type::Time), text("slotDuration", Type::Duration)]),
            ],
        )]),
        need(&[text("executionDuration", Type::Duration)]),
        may(&[usual(
            "timePeriod",
            &[],
            &[
                may(&[text("periodStart", Type::DateTime)]),
                need(&[text("periodEnd", Type::DateTime), text("periodDuration", Type::Duration)]),
                may(&[usual("excluding", &[], DAYS)]),
                may(&[usual("including", &[], DAYS)]),
            ],
        )]),
    ],
);

const PARENT: Element = text_with(
    "parent",
    Type::Text,
    &[
        attribute("triggerState", Type::Word(STATES)),
        attribute("runSameHost", Type::Boolean),
        attribute("atEachIteration", Type::Boolean),
    ],
);
// What contains itself, and all that contains such, can only be a static.
static AND: [Element; 1] = [unordered("and", &[], &[any(&[PARENT]), any(&AND), any(&OR)])];
static OR: [Element; 1] = [unordered("or", &[], &[any(&[PARENT]), any(&AND), any(&OR)])];
static PARAMETER: [Element; 1] = [usual(
    "parameter",
    &[],
    &[
        need(&[text("name", Type::Text)]),
        need(&[usual(
            "value",
            &[],
            &[need(&[
                unordered(
                    "loop",
                    &[],
                    &[
                        need(&[text("start", Type::Double)]),
                        need(&[text("end", Type::Double)]),
                        need(&[text("step", Type::Double)]),
                        may(&[text("decimalPlaces", Type::Count)]),
                        may(&[usual("except", &[], &[some(&[text("value", Type::Double)])])]),
                    ],
                ),
                usual("set", &[], &[some(&[text("item", Type::Text)])]),
            ])],
        )]),
        any(&PARAMETER),
    ],
)];
