//! Every fault with its place, and an example that leaves nothing out.

use super::*;
use std::time::Duration;

const EXAMPLE: &str = include_str!("../../examples/grms.toml");
const FILE: &str = "/etc/grms/grms.toml";

const SMALL: &str = r#"[server]
certificate = "hostcert.pem"
key = "hostkey.pem"
authorities = "/etc/grid-security/certificates"

[database]
url = "sqlite:grms.db"

[[cluster]]
name = "local"
kind = "fork"
work_dir = "work"
slots = 3
"#;

fn parse(text: &str) -> Result<Config, Vec<Fault>> {
    Config::parse(text, Path::new(FILE), &Overrides::default())
}

/// Faults as `line: message`.
fn faults(text: &str) -> Vec<String> {
    let faults = parse(text).expect_err("the text was accepted");
    faults.iter().map(|fault| format!("{}: {}", fault.place.map_or(0, |place| place.line), fault.message)).collect()
}

fn assert_told(text: &str, line: usize, words: &str) {
    let told = faults(text);
    let fits = told.iter().any(|fault| fault.starts_with(&format!("{line}: ")) && fault.contains(words));
    assert!(fits, "expected `{words}` in line {line}, got {told:#?}");
}

#[test]
fn a_small_file_is_enough_and_relative_paths_belong_to_it() {
    let config = parse(SMALL).unwrap();
    assert_eq!(config.server.tls.certificate, Path::new("/etc/grms/hostcert.pem"));
    assert_eq!(config.server.tls.authorities, Path::new("/etc/grid-security/certificates"));
    assert_eq!(config.server.url, "https://localhost:8443");
    assert_eq!(config.database.file(), Some(Path::new("/etc/grms/grms.db")));
    assert_eq!(config.clusters[0].work_dir, Path::new("/etc/grms/work"));
    assert_eq!(config.clusters[0].settings, "slots = 3".parse().unwrap());
    assert_eq!(config.broker.tick, Duration::from_secs(1));
    assert_eq!(config.classic.profile, classic::Profile::V196);
    let old = parse(&format!("{SMALL}[classic]\nprofile = \"1.9.0\"")).unwrap();
    assert_eq!(old.classic.profile, classic::Profile::V190);
    assert_eq!(config.faults(&["fork"], false), []);
}

#[test]
fn the_example_is_accepted_and_names_every_key() {
    let (config, keys) = read::read(EXAMPLE, Path::new(FILE), &Overrides::default());
    let config = config.unwrap();
    assert_eq!(config.clusters[0].facts.len(), 10);
    assert_eq!(config.clusters[0].applications[0].path.as_deref(), Some(Path::new("/opt/gaussian/16/g16")));
    let mut section = String::new();
    let mut written = std::collections::BTreeSet::new();
    for line in EXAMPLE.lines() {
        let line = line.trim_start_matches("# ");
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_matches(['[', ']']).to_owned();
            let (parent, key) = section.rsplit_once('.').unwrap_or(("", &section));
            written.insert((parent.to_owned(), key.to_owned()));
        } else if let Some((key, _)) = line.split_once(" = ") {
            written.insert((section.clone(), key.to_owned()));
        }
    }
    let missing: Vec<_> =
        keys.iter().filter(|(section, key)| !written.contains(&(section.clone(), (*key).to_owned()))).collect();
    assert!(missing.is_empty(), "examples/grms.toml does not show {missing:?}");
}

#[test]
fn what_the_example_shows_as_default_is_the_default() {
    let uncommented: String = EXAMPLE
        .lines()
        .map(|line| line.strip_prefix("# ").filter(|line| line.contains(" = ")).unwrap_or(line))
        .fold(String::new(), |text, line| text + line + "\n");
    let (shown, default) = (parse(&uncommented).unwrap(), parse(EXAMPLE).unwrap());
    assert_eq!(shown.broker, default.broker);
    assert_eq!(shown.transfers, default.transfers);
    assert_eq!(shown.server, default.server);
    assert_eq!((shown.classic, default.classic), (classic::Settings::default(), classic::Settings::default()));
    let (shown, default) = (&shown.clusters[0], &default.clusters[0]);
    assert_eq!((shown.poll, shown.grace), (default.poll, default.grace));
}

#[test]
fn unknown_keys_are_told_with_line_and_suggestion_all_at_once() {
    let text = SMALL
        .replace("[database]", "listn = \"127.0.0.1:1\"\ntick = \"1s\"\n[databse]\nurl = \"x\"\n[database]")
        + "[brokr]\n[transfers]\nwrong = 1\n";
    let told = faults(&text);
    assert_eq!(told.len(), 5, "{told:#?}");
    assert_eq!(told[0], "6: unknown key `listn` in [server]: did you mean `listen`?");
    assert_eq!(told[1], "7: unknown key `tick` in [server]: it belongs to [broker]");
    assert_eq!(told[2], "8: unknown key `databse` in the file: did you mean `database`?");
    assert_eq!(told[3], "18: unknown key `brokr` in the file: did you mean `broker`?");
    assert_eq!(told[4], "20: unknown key `wrong` in [transfers]: known are at_once, retry_after, stall, tries");
}

#[test]
fn wrong_values_are_told_with_what_was_expected() {
    let server = |line: &str| SMALL.replace("[server]", &format!("[server]\n{line}"));
    assert_told(&server("listen = \"8443\""), 2, "such as 127.0.0.1:8443");
    assert_told(&server("url = \"http://x\""), 2, "https://grid.example.org:8443");
    assert_told(&server("url = \"https://x/services\""), 2, "https://grid.example.org:8443");
    assert_told(&server("max_body = \"4 apples\""), 2, "such as 4MiB");
    assert_told(&server("require_crl = \"yes\""), 2, "must be true or false");
    assert_told(&server("max_jobs_per_user = 0"), 2, "a whole number from 1 to");
    assert_told(&server("administrators = [\"/CN=Ada\",\n \"Ada\"]"), 3, "/C=PL/O=Example/CN=Ada Nowak");
    assert_told(&server("administrators = \"/CN=Ada\""), 2, "a list of texts");
    assert_told(&format!("{SMALL}[classic]\nprofile = \"1.9\""), 15, "expected \"1.9.0\" or \"1.9.6\"");
    assert_told(&format!("{SMALL}[classic]\nmax_list = 0"), 15, "a whole number from 1 to");
    assert_told(&format!("{SMALL}[broker]\ntick = \"soon\""), 15, "such as 90s");
    assert_told(&format!("{SMALL}[broker]\ntime_zone = \"Mars\""), 15, "Europe/Warsaw");
    assert_told(&SMALL.replace("\"local\"", "\"a b\""), 10, "cluster name `a b` is not usable");
    assert_told(&SMALL.replace("slots = 3", "run_as = \"root\""), 13, "\"mapped\"");
    assert_told(&SMALL.replace("\"sqlite:grms.db\"", "\"mysql://u:geheim@h/d\""), 7, "expected sqlite:FILE");
    assert!(!faults(&SMALL.replace("\"sqlite:grms.db\"", "\"mysql://u:geheim@h/d\"")).concat().contains("geheim"));
}

#[test]
fn missing_keys_are_told_with_the_place_of_their_section() {
    assert_told(
        &SMALL.replace("key =", "kay ="),
        1,
        "`key` is missing in [server]: the PEM file of the host's key; is `kay`",
    );
    assert_told(&SMALL.replace("work_dir", "workdir"), 9, "is `workdir` meant to be it?");
    assert_told(&SMALL.replace("[database]\nurl = \"sqlite:grms.db\"", ""), 0, "[database] url = \"sqlite:grms.db\"");
    assert_told("", 0, "`certificate` is missing in [server]");
    assert_told(
        &format!("{SMALL}[[cluster.application]]\nversion = 3\n"),
        14,
        "`name` is missing in [[cluster.application]]",
    );
}

#[test]
fn errors_of_syntax_are_told_alone_and_all_of_them() {
    let told = faults(&SMALL.replace("kind = \"fork\"", "kind = fork").replace("[server]", "[server"));
    assert!(told.iter().any(|fault| fault.starts_with("1: ")), "{told:#?}");
    assert!(told.iter().any(|fault| fault.starts_with("11: ")), "{told:#?}");
    assert!(!told.iter().any(|fault| fault.contains("missing")), "{told:#?}");
}

#[test]
fn clusters_have_names_of_their_own() {
    let second = "[[cluster]]\nname = \"local\"\nkind = \"slurm\"\nwork_dir = \"/w\"\n";
    assert_told(&format!("{SMALL}{second}"), 14, "two clusters named `local`");
}

#[test]
fn a_drivers_complaint_gets_the_place_of_the_key_it_names() {
    let config = parse(&SMALL.replace("slots = 3", "slots = 3\nworkdir = \"x\"")).unwrap();
    let told = config.explain(&config.clusters[0], "`slots` must be more than 3").to_string();
    assert_eq!(told, format!("{FILE}:13:1: cluster local: `slots` must be more than 3"));
    let told = config.explain(&config.clusters[0], "unknown key `workdir`").to_string();
    assert_eq!(told, format!("{FILE}:14:1: cluster local: unknown key `workdir`; did you mean `work_dir`?"));
    let told = config.explain(&config.clusters[0], "no queue is open").to_string();
    assert_eq!(told, format!("{FILE}:9:1: cluster local: no queue is open"));
}

#[test]
fn what_the_machine_decides_is_checked_against_it() {
    let config = parse(SMALL).unwrap();
    let told = |config: &Config, root| {
        config.faults(&["fork", "slurm"], root).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    assert!(told(&config, true).contains("9:1: cluster local: jobs run as mapped accounts, and there is no map"));
    assert!(
        told(&parse(&SMALL.replace("slots = 3", "run_as = \"self\"")).unwrap(), true).contains("never run as root")
    );
    assert!(told(&parse(&SMALL.replace("slots = 3", "run_as = \"mapped\"")).unwrap(), false).contains("that is root"));
    assert!(told(&parse(&SMALL.replace("\"fork\"", "\"slrum\"")).unwrap(), false).contains("did you mean `slurm`?"));
    assert!(told(&parse(&SMALL.replace("\"fork\"", "\"x\"")).unwrap(), false).contains("known are fork, slurm"));
}

#[test]
fn the_environment_goes_before_the_file_and_passwords_are_never_shown() {
    let overrides = Overrides { database_url: Some("postgres://grms:geheim@db:5432/grms?password=geheim".to_owned()) };
    let config = Config::parse(SMALL, Path::new(FILE), &overrides).unwrap();
    assert!(config.database.reveal().contains("geheim"));
    assert_eq!(config.database.to_string(), "postgres://…@db:5432/grms");
    assert!(!format!("{config:?}").contains("geheim"));
    let overrides = Overrides { database_url: Some("geheim".to_owned()) };
    let told = Config::parse(SMALL, Path::new(FILE), &overrides).unwrap_err();
    assert!(told[0].message.starts_with("GRMS_DATABASE_URL: ") && !told[0].message.contains("geheim"));
}

#[test]
fn a_report_shows_what_was_understood_and_what_is_wrong() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("grms.toml");
    std::fs::write(&file, SMALL.replace("/etc/grid-security/certificates", "certificates")).unwrap();
    std::fs::create_dir(directory.path().join("certificates")).unwrap();
    let config = Config::load(&file, &Overrides::default()).unwrap();
    let mut report = Report::of(&config, false);
    report.add("database", Err("cannot be opened:\nno such directory".to_owned()));
    assert!(!report.ok());
    let text = report.to_string();
    assert!(text.contains("FAIL certificate      cannot read host certificate"), "{text}");
    assert!(text.contains("FAIL authorities "), "{text}");
    assert!(text.contains("ok   cluster local    kind fork, this host, jobs run as the broker's account"), "{text}");
    assert!(text.contains("\n                      no such directory"), "{text}");
    assert!(
        Config::load(&directory.path().join("none"), &Overrides::default()).unwrap_err().to_string().contains("init")
    );
}
