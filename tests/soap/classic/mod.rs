//! The classic contract from outside: requests as clients of GRMS 1.9 send them, answers as they read them.

mod accept;
mod access;
mod axis;
mod contract;
mod golden;
mod lists;
mod profiles;
mod protocol;
mod refuse;
mod registrations;

use super::app::{ADA, Answer, Broker, DATE, escaped};
use grms::soap::classic::operations::{Entry, In};
use grms::soap::classic::types::{Array, Struct, Type};
use grms::soap::classic::{NAMESPACE, Profile};
use grms::soap::{CLASSIC_190_PATH, CLASSIC_196_PATH, CLASSIC_PATH, Version};

/// The address of a version.
pub(crate) const fn path(profile: Profile) -> &'static str {
    match profile {
        Profile::V190 => CLASSIC_190_PATH,
        Profile::V196 => CLASSIC_196_PATH,
    }
}

/// The envelope of the worked examples around anything.
pub(crate) fn around(body: &str) -> String {
    format!(
        "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:soapenc=\"http://schemas.xmlsoap.org/soap/encoding/\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:g=\"{NAMESPACE}\"><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    )
}

/// A call with its parts as XML.
pub(crate) fn envelope(operation: &str, parts: &str) -> String {
    around(&format!(
        "<g:{operation} soapenv:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\">{parts}</g:{operation}>"
    ))
}

impl Broker {
    /// Calls a classic operation of Ada's at the address for both versions.
    pub(crate) async fn classic(&self, operation: &str, parts: &str) -> Answer {
        self.classic_at(CLASSIC_PATH, operation, parts, Some(ADA)).await
    }

    /// Calls a classic operation.
    pub(crate) async fn classic_at(&self, path: &str, operation: &str, parts: &str, caller: Option<&str>) -> Answer {
        self.post_to(path, Version::V11, envelope(operation, parts), caller).await
    }

    /// Posts to the address for both versions.
    pub(crate) async fn classic_raw(&self, envelope: impl Into<Vec<u8>>) -> Answer {
        self.post_to(CLASSIC_PATH, Version::V11, envelope, Some(ADA)).await
    }
}

impl Answer {
    /// The error code of an answer that is no fault.
    pub(crate) fn error_code(&self) -> String {
        assert_eq!(self.status, 200, "{}", self.body);
        let document = roxmltree::Document::parse(&self.body).unwrap();
        let returned = document.descendants().find(|node| node.tag_name().name().ends_with("Return"));
        let returned = returned.unwrap_or_else(|| panic!("no return value: {}", self.body));
        let code = returned.children().find(|node| node.tag_name().name() == "errorCode");
        code.and_then(|node| node.text()).unwrap_or_else(|| panic!("no error code: {}", self.body)).to_owned()
    }

    /// The sentence of an answer that is no fault.
    pub(crate) fn error_message(&self) -> String {
        let document = roxmltree::Document::parse(&self.body).unwrap();
        let returned = document.descendants().find(|node| node.tag_name().name().ends_with("Return")).unwrap();
        let message = returned.children().find(|node| node.tag_name().name() == "errorMessage");
        message.and_then(|node| node.text()).unwrap_or("").to_owned()
    }

    /// The texts of all elements with this local name.
    pub(crate) fn texts(&self, local: &str) -> Vec<String> {
        let document = roxmltree::Document::parse(&self.body).unwrap();
        let nodes = document.descendants().filter(|node| node.tag_name().name() == local);
        nodes.map(|node| node.text().unwrap_or("").to_owned()).collect()
    }

    /// Asserts that it is a fault for the client, and gives the sentence.
    pub(crate) fn client_fault(&self) -> String {
        assert_eq!(self.status, 500, "{}", self.body);
        assert_eq!(self.text("faultcode"), "soap:Client", "{}", self.body);
        assert!(!self.body.contains("detail"), "the contract declares no detail: {}", self.body);
        assert_eq!(self.header("content-type"), Version::V11.content_type());
        self.text("faultstring")
    }
}

/// What the values of a sample request are about.
#[derive(Clone, Copy)]
pub(crate) struct About<'a> {
    pub(crate) job: &'a str,
    pub(crate) notification: &'a str,
}

/// The parts of a request that is right as far as the contract goes, made from the table.
pub(crate) fn sample(entry: &Entry, profile: Profile, about: About<'_>) -> String {
    entry.request.iter().map(|part| element(part.name, part.kind, &text(part, about), profile, about)).collect()
}

fn text(part: &In, about: About<'_>) -> String {
    match (part.name, part.kind) {
        ("jobDefinition" | "JobDescription" | "resourceDefinition", _) => escaped(DATE),
        ("jobId", _) => about.job.to_owned(),
        ("notificationId", _) => about.notification.to_owned(),
        ("project", _) => "grid".to_owned(),
        ("client", _) => "portal-1".to_owned(),
        ("service_location", _) => "https://node7.example.org:7000/checkpoint".to_owned(),
        ("pid", _) => "4711".to_owned(),
        ("status", _) => "RUNNING".to_owned(),
        ("type", _) => "FULL".to_owned(),
        (_, Type::Array(_) | Type::Struct(_)) => String::new(),
        (other, _) => panic!("write a sample of the part {other}"),
    }
}

fn element(name: &str, kind: Type, text: &str, profile: Profile, about: About<'_>) -> String {
    match kind {
        Type::Struct(of) => structure(name, of, profile, about),
        Type::Array(of) => array(name, of, profile, about),
        _ => format!("<{name} xsi:type=\"{}\">{text}</{name}>", kind.name()),
    }
}

fn array(name: &str, of: &Array, profile: Profile, about: About<'_>) -> String {
    let item = element("item", of.item, "", profile, about);
    format!("<{name} xsi:type=\"soapenc:Array\" soapenc:arrayType=\"{}[1]\">{item}</{name}>", of.item.name())
}

fn structure(name: &str, of: &'static Struct, profile: Profile, about: About<'_>) -> String {
    let members = of.members(profile).map(|member| {
        let text = match (member.name, member.kind) {
            ("jobId", _) => about.job.to_owned(),
            ("listener" | "destination", _) => "https://portal.example.org/listener".to_owned(),
            ("users", _) => "ada@example.org".to_owned(),
            ("append", _) => "false".to_owned(),
            ("format", _) => "%j %s".to_owned(),
            ("name", _) => "frames".to_owned(),
            ("path", _) => "https://store.example.org/frames".to_owned(),
            (_, Type::Enum(list)) => {
                let spelled = |only: Option<Profile>| only.is_none_or(|only| only == profile);
                list.words.iter().find(|word| spelled(word.only)).unwrap().text.to_owned()
            }
            (other, _) => panic!("write a sample of the member {other}"),
        };
        element(member.name, member.kind, &text, profile, about)
    });
    format!("<{name} xsi:type=\"{}\">{}</{name}>", of.name, members.collect::<String>())
}

/// Some `FileDir`s as an array.
pub(crate) fn files(names: &[&str]) -> String {
    let items: String =
        names.iter().map(|name| format!("<item xsi:type=\"g:FileDir\">{}</item>", members(name))).collect();
    format!("<items xsi:type=\"soapenc:Array\" soapenc:arrayType=\"g:FileDir[{}]\">{items}</items>", names.len())
}

/// The members of a `FileDir`.
pub(crate) fn members(name: &str) -> String {
    format!(
        "<name>{name}</name><path>https://store.example.org/{name}</path><urltype>PHYSICAL</urltype><pathtype>FILE</pathtype>"
    )
}
