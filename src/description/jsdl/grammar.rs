//! The structure of JSDL 1.0 with its POSIX, HPC profile and SPMD applications, file staging and parameter sweeps. Says the
//! same as `schemas/jsdl-1.0*.xsd`, but for the order of elements, which the schemas fix.

use super::names::Family;
use super::system::{ARCHITECTURES, OPERATING_SYSTEMS};
use super::walk::{Attribute, Content, Element, Foreign, Kind, Particle};

const fn need(choice: &'static [&'static Element]) -> Particle {
    Particle { choice, required: true, many: false }
}

const fn may(choice: &'static [&'static Element]) -> Particle {
    Particle { choice, required: false, many: false }
}

const fn some(choice: &'static [&'static Element]) -> Particle {
    Particle { choice, required: true, many: true }
}

const fn any(choice: &'static [&'static Element]) -> Particle {
    Particle { choice, required: false, many: true }
}

const fn attribute(name: &'static str, kind: Kind) -> Attribute {
    Attribute { name, kind, required: false }
}

const fn required(name: &'static str, kind: Kind) -> Attribute {
    Attribute { name, kind, required: true }
}

const fn text(family: Family, name: &'static str, kind: Kind) -> Element {
    Element { family, name, attributes: &[], content: Content::Text(kind) }
}

const fn plain(name: &'static str, kind: Kind) -> Element {
    text(Family::Jsdl, name, kind)
}

const fn with(element: Element, attributes: &'static [Attribute]) -> Element {
    Element { attributes, ..element }
}

const fn holds(family: Family, name: &'static str, content: &'static [Particle], foreign: Foreign) -> Element {
    Element { family, name, attributes: &[], content: Content::Children(content, foreign) }
}

const fn jsdl(name: &'static str, content: &'static [Particle], foreign: Foreign) -> Element {
    holds(Family::Jsdl, name, content, foreign)
}

/// A path, an argument or a value that may lie on a file system.
const ON_FILE_SYSTEM: &[Attribute] = &[attribute("filesystemName", Kind::Name)];
const NAMED: &[Attribute] = &[attribute("name", Kind::Name)];

/// The root.
pub(super) static ROOT: Element = Element {
    family: Family::Jsdl,
    name: "JobDefinition",
    attributes: &[attribute("id", Kind::Name)],
    content: Content::Children(&[need(&[&JOB_DESCRIPTION]), any(&[&SWEEP])], Foreign::Told),
};

static JOB_DESCRIPTION: Element = jsdl(
    "JobDescription",
    &[may(&[&IDENTIFICATION]), may(&[&APPLICATION]), may(&[&RESOURCES]), any(&[&DATA_STAGING])],
    Foreign::Told,
);

static DESCRIPTION: Element = plain("Description", Kind::Text);

static IDENTIFICATION: Element = jsdl(
    "JobIdentification",
    &[
        may(&[&plain("JobName", Kind::Text)]),
        may(&[&DESCRIPTION]),
        any(&[&plain("JobAnnotation", Kind::Text)]),
        any(&[&plain("JobProject", Kind::Text)]),
    ],
    Foreign::Told,
);

static APPLICATION: Element = jsdl(
    "Application",
    &[
        may(&[&plain("ApplicationName", Kind::Text)]),
        may(&[&plain("ApplicationVersion", Kind::Text)]),
        may(&[&DESCRIPTION]),
        may(&[&POSIX, &HPCPA, &SPMD]),
    ],
    Foreign::Refused,
);

const fn posix(name: &'static str) -> Element {
    with(text(Family::Posix, name, Kind::Text), ON_FILE_SYSTEM)
}

const fn limit(name: &'static str) -> Element {
    text(Family::Posix, name, Kind::Size)
}

const VARIABLE: &[Attribute] = &[required("name", Kind::Text), attribute("filesystemName", Kind::Name)];
static P_EXECUTABLE: Element = posix("Executable");
static P_ARGUMENT: Element = posix("Argument");
static P_INPUT: Element = posix("Input");
static P_OUTPUT: Element = posix("Output");
static P_ERROR: Element = posix("Error");
static P_DIRECTORY: Element = posix("WorkingDirectory");
static P_ENVIRONMENT: Element = with(text(Family::Posix, "Environment", Kind::Text), VARIABLE);
static P_USER: Element = text(Family::Posix, "UserName", Kind::Text);
static P_GROUP: Element = text(Family::Posix, "GroupName", Kind::Text);

/// The children of a POSIX application, which an SPMD application has too, and then its own.
macro_rules! posix_children {
    ($($own:expr),* $(,)?) => {
        &[
            may(&[&P_EXECUTABLE]),
            any(&[&P_ARGUMENT]),
            may(&[&P_INPUT]),
            may(&[&P_OUTPUT]),
            may(&[&P_ERROR]),
            may(&[&P_DIRECTORY]),
            any(&[&P_ENVIRONMENT]),
            may(&[&limit("WallTimeLimit")]),
            may(&[&limit("FileSizeLimit")]),
            may(&[&limit("CoreDumpLimit")]),
            may(&[&limit("DataSegmentLimit")]),
            may(&[&limit("LockedMemoryLimit")]),
            may(&[&limit("MemoryLimit")]),
            may(&[&limit("OpenDescriptorsLimit")]),
            may(&[&limit("PipeSizeLimit")]),
            may(&[&limit("StackSizeLimit")]),
            may(&[&limit("CPUTimeLimit")]),
            may(&[&limit("ProcessCountLimit")]),
            may(&[&limit("VirtualMemoryLimit")]),
            may(&[&limit("ThreadCountLimit")]),
            may(&[&P_USER]),
            may(&[&P_GROUP]),
            $($own),*
        ]
    };
}

static POSIX: Element = Element {
    family: Family::Posix,
    name: "POSIXApplication",
    attributes: NAMED,
    content: Content::Children(posix_children![], Foreign::Refused),
};

const fn hpcpa(name: &'static str) -> Element {
    text(Family::Hpcpa, name, Kind::Text)
}

static HPCPA: Element = Element {
    family: Family::Hpcpa,
    name: "HPCProfileApplication",
    attributes: NAMED,
    content: Content::Children(
        &[
            may(&[&hpcpa("Executable")]),
            any(&[&hpcpa("Argument")]),
            may(&[&hpcpa("Input")]),
            may(&[&hpcpa("Output")]),
            may(&[&hpcpa("Error")]),
            may(&[&hpcpa("WorkingDirectory")]),
            any(&[&with(hpcpa("Environment"), &[required("name", Kind::Text)])]),
            may(&[&hpcpa("UserName")]),
        ],
        Foreign::Refused,
    ),
};

static SPMD: Element = Element {
    family: Family::Spmd,
    name: "SPMDApplication",
    attributes: NAMED,
    content: Content::Children(
        posix_children![
            may(&[&with(
                text(Family::Spmd, "NumberOfProcesses", Kind::Count),
                &[attribute("actualTotalCPUCount", Kind::Boolean)],
            )]),
            may(&[&text(Family::Spmd, "ProcessesPerHost", Kind::Count)]),
            may(&[&with(
                text(Family::Spmd, "ThreadsPerProcess", Kind::Count),
                &[attribute("actualIndividualCPUCount", Kind::Boolean)],
            )]),
            may(&[&text(Family::Spmd, "SPMDVariation", Kind::Text)]),
        ],
        Foreign::Refused,
    ),
};

const BOUND: &[Attribute] = &[attribute("exclusiveBound", Kind::Boolean)];

const RANGE_VALUE: &[Particle] = &[
    may(&[&with(plain("UpperBoundedRange", Kind::Double), BOUND)]),
    may(&[&with(plain("LowerBoundedRange", Kind::Double), BOUND)]),
    any(&[&with(plain("Exact", Kind::Double), &[attribute("epsilon", Kind::Double)])]),
    any(&[&jsdl(
        "Range",
        &[
            need(&[&with(plain("LowerBound", Kind::Double), BOUND)]),
            need(&[&with(plain("UpperBound", Kind::Double), BOUND)]),
        ],
        Foreign::Nowhere,
    )]),
];

const fn range(name: &'static str) -> Element {
    Element { family: Family::Jsdl, name, attributes: &[], content: Content::Children(RANGE_VALUE, Foreign::Nowhere) }
}

static RESOURCES: Element = jsdl(
    "Resources",
    &[
        may(&[&jsdl("CandidateHosts", &[some(&[&plain("HostName", Kind::Text)])], Foreign::Nowhere)]),
        any(&[&FILE_SYSTEM]),
        may(&[&plain("ExclusiveExecution", Kind::Boolean)]),
        may(&[&OPERATING_SYSTEM]),
        may(&[&jsdl(
            "CPUArchitecture",
            &[need(&[&plain("CPUArchitectureName", Kind::AnyCase(ARCHITECTURES))])],
            Foreign::Refused,
        )]),
        may(&[&range("IndividualCPUSpeed")]),
        may(&[&range("IndividualCPUTime")]),
        may(&[&range("IndividualCPUCount")]),
        may(&[&range("IndividualNetworkBandwidth")]),
        may(&[&range("IndividualPhysicalMemory")]),
        may(&[&range("IndividualVirtualMemory")]),
        may(&[&range("IndividualDiskSpace")]),
        may(&[&range("TotalCPUTime")]),
        may(&[&range("TotalCPUCount")]),
        may(&[&range("TotalPhysicalMemory")]),
        may(&[&range("TotalVirtualMemory")]),
        may(&[&range("TotalDiskSpace")]),
        may(&[&range("TotalResourceCount")]),
    ],
    Foreign::Refused,
);

static OPERATING_SYSTEM: Element = jsdl(
    "OperatingSystem",
    &[
        may(&[&jsdl(
            "OperatingSystemType",
            &[need(&[&plain("OperatingSystemName", Kind::AnyCase(OPERATING_SYSTEMS))])],
            Foreign::Refused,
        )]),
        may(&[&plain("OperatingSystemVersion", Kind::Text)]),
        may(&[&DESCRIPTION]),
    ],
    Foreign::Refused,
);

static FILE_SYSTEM: Element = Element {
    family: Family::Jsdl,
    name: "FileSystem",
    attributes: &[required("name", Kind::Name)],
    content: Content::Children(
        &[
            may(&[&plain("FileSystemType", Kind::Word(&["swap", "temporary", "spool", "normal"]))]),
            may(&[&DESCRIPTION]),
            may(&[&plain("MountPoint", Kind::Text)]),
            may(&[&plain("MountSource", Kind::Text)]),
            may(&[&range("DiskSpace")]),
        ],
        Foreign::Refused,
    ),
};

static DATA_STAGING: Element = Element {
    family: Family::Jsdl,
    name: "DataStaging",
    attributes: NAMED,
    content: Content::Children(
        &[
            need(&[&plain("FileName", Kind::Text)]),
            may(&[&plain("FilesystemName", Kind::Name)]),
            need(&[&plain("CreationFlag", Kind::Word(&["overwrite", "append", "dontOverwrite"]))]),
            may(&[&plain("DeleteOnTermination", Kind::Boolean)]),
            may(&[&plain("HandleAsArchive", Kind::Boolean)]),
            may(&[&jsdl("Source", PLACE, Foreign::Refused)]),
            may(&[&jsdl("Target", PLACE, Foreign::Refused)]),
            any(&[&credential(Family::Staging), &credential(Family::Activity)]),
        ],
        Foreign::Refused,
    ),
};

const PLACE: &[Particle] = &[may(&[&plain("URI", Kind::Text)])];

const fn credential(family: Family) -> Element {
    Element { family, name: "Credential", attributes: &[], content: Content::Opaque }
}

const fn function(name: &'static str) -> Element {
    text(Family::Functions, name, Kind::Text)
}

static SWEEP: Element = holds(Family::Sweep, "Sweep", &[some(&[&ASSIGNMENT]), any(&[&SWEEP])], Foreign::Refused);

static ASSIGNMENT: Element = holds(
    Family::Sweep,
    "Assignment",
    &[
        some(&[&holds(
            Family::Sweep,
            "DocumentNode",
            &[
                any(&[&Element {
                    family: Family::Sweep,
                    name: "NamespaceBinding",
                    attributes: &[required("prefix", Kind::Text), required("ns", Kind::Text)],
                    content: Content::Children(&[], Foreign::Nowhere),
                }]),
                need(&[&text(Family::Sweep, "Match", Kind::Text)]),
            ],
            Foreign::Refused,
        )]),
        need(&[
            &Element {
                family: Family::Functions,
                name: "LoopInteger",
                attributes: &[
                    required("start", Kind::Integer),
                    required("end", Kind::Integer),
                    attribute("step", Kind::Integer),
                ],
                content: Content::Children(
                    &[any(&[&with(function("Exception"), &[required("value", Kind::Integer)])])],
                    Foreign::Refused,
                ),
            },
            &Element {
                family: Family::Functions,
                name: "LoopDouble",
                attributes: &[
                    required("start", Kind::Double),
                    required("end", Kind::Double),
                    attribute("step", Kind::Double),
                ],
                content: Content::Children(
                    &[any(&[&with(function("Exception"), &[required("value", Kind::Double)])])],
                    Foreign::Refused,
                ),
            },
            &holds(Family::Functions, "Values", &[some(&[&function("Value")])], Foreign::Refused),
        ]),
    ],
    Foreign::Refused,
);
