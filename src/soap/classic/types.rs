//! The types of the classic contract, both versions in one: a member or a word that only one of them has says so.
//!
//! Each knows what it is called in the modern contract, so reading and writing are a walk along the type. Spellings are the historical ones.

use super::Profile;

/// A type.
#[derive(Debug, Clone, Copy)]
pub enum Type {
    /// `xsd:string`.
    String,
    /// `xsd:int`.
    Int,
    /// `xsd:int` for the number of an internal phase: two phases have numbers beyond 32 bits and are shown as 1.
    Phase,
    /// `xsd:boolean`.
    Boolean,
    /// `xsd:dateTime`.
    DateTime,
    /// A word of a list.
    Enum(&'static Enum),
    /// Members with names.
    Struct(&'static Struct),
    /// A `soapenc:Array`.
    Array(&'static Array),
}

impl Type {
    /// Its name with the prefix that answers declare: `xsd:string`, `g:FileDir`, `soapenc:Array`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "xsd:string",
            Self::Int | Self::Phase => "xsd:int",
            Self::Boolean => "xsd:boolean",
            Self::DateTime => "xsd:dateTime",
            Self::Enum(list) => list.name,
            Self::Struct(of) => of.name,
            Self::Array(_) => "soapenc:Array",
        }
    }
}

/// An enumeration.
#[derive(Debug)]
pub struct Enum {
    /// Its name with prefix.
    pub name: &'static str,
    /// The versions that have it.
    pub profiles: &'static [Profile],
    /// Its words.
    pub words: &'static [Word],
    /// The word shown for a modern one that is not among them.
    pub otherwise: Option<&'static str>,
}

/// A word of an enumeration.
#[derive(Debug, Clone, Copy)]
pub struct Word {
    /// As it is written.
    pub text: &'static str,
    /// What the modern contract calls it.
    pub modern: &'static str,
    /// The only version that writes it; every version reads it.
    pub only: Option<Profile>,
}

/// A structure.
#[derive(Debug)]
pub struct Struct {
    /// Its name with prefix.
    pub name: &'static str,
    /// Its members, in the order of the wire.
    pub members: &'static [Member],
}

impl Struct {
    /// The members that it has in a version.
    pub fn members(&self, profile: Profile) -> impl Iterator<Item = &'static Member> {
        self.members.iter().filter(move |member| member.only.is_none_or(|only| only == profile))
    }
}

/// A member of a structure.
#[derive(Debug, Clone, Copy)]
pub struct Member {
    /// Its name.
    pub name: &'static str,
    /// What the modern contract calls it.
    pub modern: &'static str,
    /// Its type.
    pub kind: Type,
    /// Whether the schema says nillable. Without it an absent text is written empty; other types have no empty form.
    pub nillable: bool,
    /// Whether the element is repeated.
    pub repeated: bool,
    /// The only version that has it.
    pub only: Option<Profile>,
}

/// An array.
#[derive(Debug)]
pub struct Array {
    /// Its name with prefix.
    pub name: &'static str,
    /// The type of its items.
    pub item: Type,
}

const fn word(text: &'static str) -> Word {
    Word { text, modern: text, only: None }
}

const fn member(name: &'static str, modern: &'static str, kind: Type) -> Member {
    Member { name, modern, kind, nillable: false, repeated: false, only: None }
}

const fn text(name: &'static str, modern: &'static str) -> Member {
    Member { nillable: true, ..member(name, modern, Type::String) }
}

const fn only(profile: Profile, member: Member) -> Member {
    Member { only: Some(profile), ..member }
}

/// `EventType`.
pub static EVENT_TYPE: Enum =
    Enum { name: "g:EventType", profiles: &Profile::ALL, words: &[word("STATUS"), word("REQUEST")], otherwise: None };

/// `NotificationType`: how a portal tells a user.
pub static NOTIFICATION_TYPE: Enum = Enum {
    name: "g:NotificationType",
    profiles: &[Profile::V190],
    words: &[word("PROFILE"), word("SMS"), word("MAIL")],
    otherwise: None,
};

/// `ProtocolType`. Ways of today are shown as SOAP, like registrations of version 1.9.0.
pub static PROTOCOL_TYPE: Enum = Enum {
    name: "g:ProtocolType",
    profiles: &[Profile::V196],
    words: &[word("SOAP"), word("GASS"), word("SOCKET")],
    otherwise: Some("SOAP"),
};

/// `UrlType`, with the misspelling of version 1.9.0.
pub static URL_TYPE: Enum = Enum {
    name: "g:UrlType",
    profiles: &Profile::ALL,
    words: &[
        Word { text: "PHISICAL", modern: "PHYSICAL", only: Some(Profile::V190) },
        Word { text: "PHYSICAL", modern: "PHYSICAL", only: Some(Profile::V196) },
        word("LOGICAL"),
    ],
    otherwise: None,
};

/// `PathType`.
pub static PATH_TYPE: Enum =
    Enum { name: "g:PathType", profiles: &Profile::ALL, words: &[word("FILE"), word("DIRECTORY")], otherwise: None };

/// `DescriptionType`.
pub static DESCRIPTION_TYPE: Enum =
    Enum { name: "g:DescriptionType", profiles: &Profile::ALL, words: &[word("SHORT"), word("FULL")], otherwise: None };

/// `JobStatusType`: the ten states.
pub static JOB_STATUS_TYPE: Enum = Enum {
    name: "g:JobStatusType",
    profiles: &Profile::ALL,
    words: &[
        word("QUEUED"),
        word("PREPROCESSING"),
        word("PENDING"),
        word("RUNNING"),
        word("STOPPED"),
        word("POSTPROCESSING"),
        word("FINISHED"),
        word("SUSPENDED"),
        word("FAILED"),
        word("CANCELED"),
    ],
    otherwise: None,
};

/// `GrmsResponse`: how it went.
pub static GRMS_RESPONSE: Struct = Struct {
    name: "g:GrmsResponse",
    members: &[member("errorCode", "errorCode", Type::Int), text("errorMessage", "errorMessage")],
};

/// `jobHistory`: one attempt.
pub static JOB_HISTORY: Struct = Struct {
    name: "g:jobHistory",
    members: &[
        text("hostName", "hostName"),
        member("startTime", "startTime", Type::DateTime),
        member("localSubmissionTime", "localSubmissionTime", Type::DateTime),
        member("localStartTime", "localStartTime", Type::DateTime),
        member("localFinishTime", "localFinishTime", Type::DateTime),
        text("jobDescription", "jobDescription"),
        only(Profile::V196, member("applicationAccess", "applicationAccess", Type::String)),
    ],
};

/// `jobInformation`: where a job stands.
pub static JOB_INFORMATION: Struct = Struct {
    name: "g:jobInformation",
    members: &[
        only(Profile::V196, text("project", "project")),
        text("userDn", "userDn"),
        Member { nillable: true, ..member("jobStatus", "status", Type::Enum(&JOB_STATUS_TYPE)) },
        member("submissionTime", "submissionTime", Type::DateTime),
        member("finishTime", "finishTime", Type::DateTime),
        text("requestStatus", "phase"),
        member("reqNumStatus", "phaseNumber", Type::Phase),
        text("errorDescription", "errorDescription"),
        Member { nillable: true, ..member("lastHistory", "lastAttempt", Type::Struct(&JOB_HISTORY)) },
        member("historyLength", "historyLength", Type::Int),
    ],
};

/// `NotificationRequest`: two models that share a name.
pub static NOTIFICATION_REQUEST: Struct = Struct {
    name: "g:NotificationRequest",
    members: &[
        only(Profile::V190, text("jobId", "jobId")),
        member("eventType", "eventType", Type::Enum(&EVENT_TYPE)),
        only(Profile::V190, member("notificationType", "notificationType", Type::Enum(&NOTIFICATION_TYPE))),
        only(Profile::V190, text("listener", "destination")),
        only(Profile::V190, Member { repeated: true, ..text("users", "user") }),
        only(Profile::V196, member("protocol", "protocol", Type::Enum(&PROTOCOL_TYPE))),
        only(Profile::V196, text("destination", "destination")),
        only(Profile::V196, member("append", "append", Type::Boolean)),
        only(Profile::V196, text("format", "format")),
    ],
};

/// `FileDir`: a file or directory to carry, and where.
pub static FILE_DIR: Struct = Struct {
    name: "g:FileDir",
    members: &[
        text("name", "name"),
        text("path", "path"),
        member("urltype", "urlType", Type::Enum(&URL_TYPE)),
        member("pathtype", "pathType", Type::Enum(&PATH_TYPE)),
    ],
};

/// `ArrayOf_xsd_string`.
pub static STRINGS: Array = Array { name: "g:ArrayOf_xsd_string", item: Type::String };
/// `ArrayOfjobHistory`.
pub static HISTORIES: Array = Array { name: "g:ArrayOfjobHistory", item: Type::Struct(&JOB_HISTORY) };
/// `ArrayOfFileDir`.
pub static FILE_DIRS: Array = Array { name: "g:ArrayOfFileDir", item: Type::Struct(&FILE_DIR) };
/// `ArrayOfGrmsResponse`.
pub static RESPONSES: Array = Array { name: "g:ArrayOfGrmsResponse", item: Type::Struct(&GRMS_RESPONSE) };

/// Every enumeration.
pub static ENUMS: &[&Enum] =
    &[&EVENT_TYPE, &NOTIFICATION_TYPE, &PROTOCOL_TYPE, &URL_TYPE, &PATH_TYPE, &DESCRIPTION_TYPE, &JOB_STATUS_TYPE];
/// Every structure.
pub static STRUCTS: &[&Struct] = &[&GRMS_RESPONSE, &JOB_HISTORY, &JOB_INFORMATION, &NOTIFICATION_REQUEST, &FILE_DIR];
/// Every array.
pub static ARRAYS: &[&Array] = &[&STRINGS, &HISTORIES, &FILE_DIRS, &RESPONSES];
