//! Which keys there are, what they mean and what they are when nobody says anything.

use super::reader::{Document, Fault, Section, nearest};
use super::{Application, Broker, Cluster, Config, DatabaseUrl, Overrides, RunAs, Server, Transfers};
use crate::identity::{Subject, TlsSettings};
use crate::job::{Attribute, ClusterName, Scheme, Url};
use crate::soap::classic::{self, Profile};
use jiff::tz::TimeZone;
use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

const fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}

/// The facts that an administrator may state; the others are found by surveys.
const FACTS: &[Attribute] = &[
    Attribute::OsName,
    Attribute::OsType,
    Attribute::OsVersion,
    Attribute::OsRelease,
    Attribute::CpuArchitecture,
    Attribute::Memory,
    Attribute::CpuCount,
    Attribute::GpuCount,
    Attribute::CpuSpeed,
    Attribute::DiskSpace,
];

/// Every key that was looked for, with its section.
pub(super) type Keys = BTreeSet<(String, &'static str)>;

/// The configuration or its faults, and the keys.
pub(super) fn read(text: &str, path: &Path, overrides: &Overrides) -> (Result<Config, Vec<Fault>>, Keys) {
    let document = Document::new(text);
    let config = document.parse().and_then(|tree| {
        let mut root = Section::root(&document, &tree);
        let base = path.parent().unwrap_or(Path::new("/"));
        let server = read_server(root.section("server"), base);
        let classic = read_classic(root.section("classic"));
        let database = read_database(root.section("database"), base, overrides);
        let mut users = root.section("users");
        let map = users.path("map").map(|map| base.join(map));
        users.finish();
        let broker = read_broker(root.section("broker"));
        let transfers = read_transfers(root.section("transfers"));
        let mut descriptions = root.section("descriptions");
        let ignore_namespaces = descriptions.list("ignore_namespaces", |text| Ok::<_, String>(text.trim().to_owned()));
        descriptions.finish();
        let clusters = read_clusters(&document, root.sections("cluster"), base, text);
        root.finish();
        let config = (server?, database?, classic, broker, transfers, clusters);
        let (server, database, classic, broker, transfers, clusters) = config;
        let file = path.to_owned();
        Some(Config { file, server, classic, database, users: map, broker, transfers, ignore_namespaces, clusters })
    });
    let keys = document.known();
    let faults = document.into_faults();
    let result = config.filter(|_| faults.is_empty()).ok_or(faults);
    (result, keys)
}

fn read_server(mut section: Section<'_, '_>, base: &Path) -> Option<Server> {
    let listen = section
        .parsed("listen", |text| {
            let expected = "expected an address and a port, such as 127.0.0.1:8443";
            text.parse::<SocketAddr>().map_err(|_| format!("`{text}` is no address; {expected}"))
        })
        .unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 8443)));
    let url = section.parsed("url", parse_base).unwrap_or_else(|| format!("https://localhost:{}", listen.port()));
    let mut path = |key, what| {
        let path = section.path(key);
        if path.is_none() {
            section.missing(key, what);
        }
        path.map(|path| base.join(path))
    };
    let certificate = path("certificate", "the PEM file of the host's certificate");
    let key = path("key", "the PEM file of the host's key");
    let authorities =
        path("authorities", "the directory of trusted authorities, such as /etc/grid-security/certificates");
    let require_crl = section.boolean("require_crl").unwrap_or(false);
    let reload_every = section.duration("reload_every").unwrap_or(seconds(60));
    let administrators = section.list("administrators", Subject::parse);
    let max_body = section.bytes("max_body").unwrap_or(4 << 20);
    let max_description = section.bytes("max_description").unwrap_or(1 << 20);
    let max_jobs_per_user = section.number("max_jobs_per_user", 1..=10_000_000);
    let max_bulk = section.number("max_bulk", 1..=100_000).unwrap_or(1000);
    let longest_wait = section.duration("longest_wait").unwrap_or(seconds(60));
    section.finish();
    let tls = TlsSettings { certificate: certificate?, key: key?, authorities: authorities?, require_crl };
    Some(Server {
        listen,
        url,
        tls,
        reload_every,
        administrators,
        max_body,
        max_description,
        max_jobs_per_user,
        max_bulk,
        longest_wait,
    })
}

fn parse_base(text: &str) -> Result<String, String> {
    let wrong = || format!("`{text}` is no address of a server; expected the form https://grid.example.org:8443");
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    let bare = matches!(url.path(), "" | "/");
    if url.scheme() == Scheme::Https && bare { Ok(text.trim().trim_end_matches('/').to_owned()) } else { Err(wrong()) }
}

fn read_classic(mut section: Section<'_, '_>) -> classic::Settings {
    let default = classic::Settings::default();
    let number = |found: Option<u32>| found.and_then(|found| usize::try_from(found).ok());
    let settings = classic::Settings {
        profile: section.parsed("profile", Profile::parse).unwrap_or(default.profile),
        max_list: number(section.number("max_list", 1..=10_000_000)).unwrap_or(default.max_list),
        max_hops: number(section.number("max_hops", 1..=1000)).unwrap_or(default.max_hops),
    };
    section.finish();
    settings
}

fn read_database(mut section: Section<'_, '_>, base: &Path, overrides: &Overrides) -> Option<DatabaseUrl> {
    let parse = |text: &str| {
        if let Some(file) = text.strip_prefix("sqlite:").filter(|file| !file.is_empty()) {
            return Ok(DatabaseUrl(format!("sqlite:{}", base.join(file).display())));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(DatabaseUrl(text.to_owned()));
        }
        // The text may hold a password and is not repeated.
        Err("no database is given like this; expected sqlite:FILE or postgres://USER@HOST:PORT/NAME")
    };
    let written = section.parsed("url", parse);
    let database = match &overrides.database_url {
        Some(url) => match parse(url) {
            Ok(database) => Some(database),
            Err(why) => {
                section.fault(&format!("GRMS_DATABASE_URL: {why}"));
                None
            }
        },
        None if section.at().is_none() => {
            section.missing("url", "write [database] url = \"sqlite:grms.db\"");
            None
        }
        None => written,
    };
    section.finish();
    database
}

fn read_broker(mut section: Section<'_, '_>) -> Broker {
    let broker = Broker {
        lease: section.duration("lease").unwrap_or(seconds(60)),
        tick: section.duration("tick").unwrap_or(seconds(1)),
        max_attempts: section.number("max_attempts", 1..=100).unwrap_or(3),
        settle: section.duration("settle").unwrap_or(seconds(20)),
        lost_after: section.duration("lost_after").unwrap_or(seconds(3600)),
        survey_every: section.duration("survey_every").unwrap_or(seconds(60)),
        drain: section.duration("drain").unwrap_or(seconds(20)),
        time_zone: section
            .parsed("time_zone", |name| {
                let why = "is no time zone; expected a name such as Europe/Warsaw or UTC";
                TimeZone::get(name).map_err(|_| format!("`{name}` {why}"))
            })
            .unwrap_or(TimeZone::UTC),
    };
    section.finish();
    broker
}

fn read_transfers(mut section: Section<'_, '_>) -> Transfers {
    let transfers = Transfers {
        at_once: section.number("at_once", 1..=1000).unwrap_or(16),
        tries: section.number("tries", 1..=100).unwrap_or(6),
        stall: section.duration("stall").unwrap_or(seconds(120)),
        retry_after: section.duration("retry_after").unwrap_or(seconds(2)),
    };
    section.finish();
    transfers
}

fn read_clusters(document: &Document<'_>, sections: Vec<Section<'_, '_>>, base: &Path, text: &str) -> Vec<Cluster> {
    // The drivers take ordinary TOML values; the walk keeps places instead. The same text gives both.
    let plain: toml::Table = text.parse().unwrap_or_default();
    let tables = plain.get("cluster").and_then(toml::Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut clusters: Vec<Cluster> = Vec::new();
    for (section, table) in sections.into_iter().zip(tables) {
        let at = section.at();
        let Some(cluster) = read_cluster(document, section, base, table.as_table().cloned().unwrap_or_default()) else {
            continue;
        };
        if clusters.iter().any(|other| other.name == cluster.name) {
            document.fault(at, format!("there are two clusters named `{}`: give one another name", cluster.name));
        }
        clusters.push(cluster);
    }
    clusters
}

fn read_cluster(
    document: &Document<'_>,
    mut section: Section<'_, '_>,
    base: &Path,
    mut table: toml::Table,
) -> Option<Cluster> {
    let place = document.place(section.at().unwrap_or(0));
    let name = section.parsed("name", ClusterName::parse);
    let kind = section.text("kind");
    let work_dir = section.path("work_dir");
    let contact = section.text("contact");
    let run_as = section.parsed("run_as", |text| match text {
        "mapped" => Ok(RunAs::Mapped),
        "self" => Ok(RunAs::Broker),
        other => {
            Err(format!("`{other}` is nobody; expected \"mapped\" (by [users] map) or \"self\" (the broker's account)"))
        }
    });
    let poll = section.duration("poll").unwrap_or(seconds(1));
    let grace = section.duration("grace").unwrap_or(seconds(10));
    let mut stated = section.section("facts");
    let facts = FACTS.iter().filter_map(|fact| stated.plain(fact.as_str()).map(|value| (*fact, value))).collect();
    stated.finish();
    let applications = section.sections("application").into_iter().filter_map(read_application).collect();
    for (key, given, expected) in [
        ("name", table.contains_key("name"), "the name users see, such as \"local\""),
        ("kind", table.contains_key("kind"), "the batch system, such as \"fork\" or \"slurm\""),
        ("work_dir", table.contains_key("work_dir"), "the directory for working directories of jobs"),
    ] {
        if !given {
            section.missing(key, expected);
        }
    }
    let setting_places = section.rest();
    table.retain(|key, _| setting_places.contains_key(key));
    let work_dir = base.join(work_dir?);
    let (name, kind) = (name?, kind?);
    let settings = table;
    Some(Cluster {
        name,
        kind,
        work_dir,
        contact,
        run_as,
        poll,
        grace,
        facts,
        applications,
        settings,
        place,
        setting_places,
    })
}

fn read_application(mut section: Section<'_, '_>) -> Option<Application> {
    let name = section.text("name");
    if name.is_none() {
        section.missing("name", "the name that job descriptions use");
    }
    let application =
        Application { name: name.unwrap_or_default(), version: section.plain("version"), path: section.path("path") };
    section.finish();
    Some(application).filter(|application| !application.name.is_empty())
}

/// Keys of `[[cluster]]` that belong to no driver.
const COMMON: &[&str] = &["name", "kind", "work_dir", "contact", "run_as", "poll", "grace", "facts", "application"];

pub(super) fn explain(cluster: &Cluster, complaint: &str) -> Fault {
    let named =
        complaint.split('`').skip(1).step_by(2).find_map(|word| Some((word, *cluster.setting_places.get(word)?)));
    let place = named.map_or(cluster.place, |(_, place)| place);
    let near = named.and_then(|(word, _)| nearest(word, COMMON.iter().copied()));
    let hint = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
    Fault { place: Some(place), message: format!("cluster {}: {complaint}{hint}", cluster.name) }
}

pub(super) fn cluster_faults(config: &Config, cluster: &Cluster, kinds: &[&str], root: bool) -> Vec<Fault> {
    let fault =
        |message: String| Fault { place: Some(cluster.place), message: format!("cluster {}: {message}", cluster.name) };
    let mut faults = Vec::new();
    if !kinds.contains(&cluster.kind.as_str()) {
        let near = nearest(&cluster.kind, kinds.iter().copied());
        let hint =
            near.map_or_else(|| format!("known are {}", kinds.join(", ")), |near| format!("did you mean `{near}`?"));
        faults.push(fault(format!("there is no kind `{}`: {hint}", cluster.kind)));
    }
    match cluster.run_as(root) {
        RunAs::Broker if root => faults.push(fault(
            "the broker is root and jobs never run as root: write run_as = \"mapped\" and a [users] map, or start the \
             broker from an ordinary account"
                .to_owned(),
        )),
        RunAs::Mapped if !root => faults.push(fault(
            "run_as = \"mapped\" needs a broker that is root: write run_as = \"self\", or start the broker as root"
                .to_owned(),
        )),
        RunAs::Mapped if config.users.is_none() => faults.push(fault(
            "jobs run as mapped accounts, and there is no map: write [users] map = \"grid-mapfile\"".to_owned(),
        )),
        RunAs::Mapped | RunAs::Broker => {}
    }
    faults
}
