//! The laws of the house: which room may use which, where foreign crates may be named, what a file looks like, and that the two
//! engines have the same tables.

#![expect(clippy::unwrap_used, reason = "unwrap is how tests fail")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The floors, ground first. A room may use rooms on floors strictly below its own.
const FLOORS: &[&[&str]] = &[
    &["job", "classad", "xml", "clock"],
    &["description", "matchmaking", "store", "identity", "shell"],
    &["batch", "transfer", "notify"],
    &["operations", "workers"],
    &["soap", "web"],
    &["config", "telemetry", "init"],
    &["server"],
];

/// Rooms that stay apart although the floors would allow a call.
const STRANGERS: &[(&str, &[&str])] = &[("operations", &["batch", "transfer", "notify", "shell"])];

/// A foreign name and the only rooms that may say it.
const DOORS: &[(&str, &[&str])] = &[
    ("diesel", &["store"]),
    ("actix_web", &["soap", "web", "server"]),
    ("std::process::Command", &["shell"]),
    ("tokio::process", &["shell"]),
    ("SystemTime", &["clock"]),
];

/// The ground floor: neither input and output nor waiting.
const PURE: &[&str] = &["job", "xml"];
const IMPURE_WORDS: &[&str] = &["std::fs", "std::net", "tokio::", "async fn", "Timestamp::now", "Instant::now"];

const LONGEST_FILE: usize = 500;

/// The only file that writes a state, and the columns it writes.
const STATE_WRITER: &str = "store/jobs/mod.rs";
const STATE_COLUMNS: &[&str] = &["tasks::state_json.eq", "tasks::status.eq(after", "jobs::status.eq(status"];

struct Source {
    room: String,
    path: PathBuf,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files_below(dir: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut todo = vec![dir.to_path_buf()];
    while let Some(dir) = todo.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("target") && !path.ends_with("node_modules") {
                todo.push(path);
            } else if path.extension().is_some_and(|ext| ext == extension) {
                found.push(path);
            }
        }
    }
    found
}

/// Every source file of the broker with its room; the crate roots belong to no room.
fn sources() -> Vec<Source> {
    let src = root().join("src");
    files_below(&src, "rs")
        .into_iter()
        .filter_map(|path| {
            let inner = path.strip_prefix(&src).unwrap().to_path_buf();
            let room = inner.components().next()?.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned();
            let text = fs::read_to_string(&path).unwrap();
            (!["lib", "main"].contains(&room.as_str())).then_some(Source { room, path: inner, text })
        })
        .collect()
}

fn floor_of(room: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&room))
}

/// The code before the tests of a file, without comments.
fn code(text: &str) -> String {
    let before_tests = text.split("#[cfg(test)]").next().unwrap_or(text);
    before_tests.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

/// The first segment after every `crate::`, including those in `use crate::{a, b::c}`.
fn used_rooms(code: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let Some(group) = rest.strip_prefix('{') else {
            used.insert(first_segment(rest));
            continue;
        };
        let (mut depth, mut item) = (0_usize, String::new());
        for c in group.chars() {
            match c {
                '}' if depth == 0 => break,
                ',' if depth == 0 => used.insert(first_segment(&std::mem::take(&mut item))),
                '{' => {
                    depth += 1;
                    false
                }
                '}' => {
                    depth -= 1;
                    false
                }
                _ => {
                    if depth == 0 {
                        item.push(c);
                    }
                    false
                }
            };
        }
        used.insert(first_segment(&item));
    }
    used.remove("");
    used
}

fn first_segment(path: &str) -> String {
    path.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

fn report(broken: &[String]) {
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

#[test]
fn rooms_only_look_down() {
    let mut broken = Vec::new();
    for source in sources() {
        let Some(own) = floor_of(&source.room) else {
            broken.push(format!("{}: room `{}` is on no floor", source.path.display(), source.room));
            continue;
        };
        for used in used_rooms(&code(&source.text)).into_iter().filter(|used| *used != source.room) {
            let apart = STRANGERS.iter().any(|(room, others)| *room == source.room && others.contains(&used.as_str()));
            if apart || floor_of(&used).is_some_and(|other| other >= own) {
                broken.push(format!("{}: `{}` must not use `{used}`", source.path.display(), source.room));
            }
        }
    }
    report(&broken);
}

#[test]
fn foreign_names_enter_by_their_door() {
    let mut broken = Vec::new();
    for source in sources() {
        let code = code(&source.text);
        for (name, rooms) in DOORS {
            let needle = if name.contains("::") || name.contains(char::is_uppercase) {
                (*name).to_owned()
            } else {
                format!("{name}::")
            };
            if code.contains(&needle) && !rooms.contains(&source.room.as_str()) {
                broken.push(format!("{}: `{name}` is only for {rooms:?}", source.path.display()));
            }
        }
    }
    report(&broken);
}

#[test]
fn the_ground_floor_is_pure() {
    let mut broken = Vec::new();
    for source in sources().into_iter().filter(|source| PURE.contains(&source.room.as_str())) {
        let code = code(&source.text);
        for word in IMPURE_WORDS.iter().filter(|word| code.contains(**word)) {
            broken.push(format!("{}: says `{word}`", source.path.display()));
        }
    }
    report(&broken);
}

#[test]
fn there_is_one_way_to_change_a_state() {
    let mut broken = Vec::new();
    for source in sources().into_iter().filter(|source| source.path != Path::new(STATE_WRITER)) {
        let code = code(&source.text);
        for column in ["state_json.eq(", "tasks::status.eq(", "jobs::status.eq("] {
            let set =
                code.split(".set(").skip(1).any(|part| part.split(".execute(").next().unwrap_or("").contains(column));
            if set {
                broken.push(format!("{}: writes {column}…)", source.path.display()));
            }
        }
    }
    report(&broken);
    let writer = fs::read_to_string(root().join("src").join(STATE_WRITER)).unwrap();
    for column in STATE_COLUMNS {
        assert!(writer.contains(column), "{STATE_WRITER} no longer writes {column}: this law watches the wrong words");
    }
}

#[test]
fn files_stay_short_and_say_what_they_are_for() {
    let mut broken = Vec::new();
    let mut all: Vec<PathBuf> = files_below(&root().join("src"), "rs");
    all.extend(files_below(&root().join("clients"), "rs"));
    all.extend(files_below(&root().join("tests"), "rs"));
    for path in all {
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.lines().count();
        if lines > LONGEST_FILE {
            broken.push(format!("{}: {lines} lines", path.display()));
        }
        if !text.starts_with("//!") {
            broken.push(format!("{}: does not open with `//!`", path.display()));
        }
    }
    report(&broken);
}

#[test]
fn both_engines_have_the_same_tables() {
    let names = |engine: &str| -> BTreeSet<PathBuf> {
        let dir = root().join("migrations").join(engine);
        files_below(&dir, "sql").into_iter().map(|path| path.strip_prefix(&dir).unwrap().to_path_buf()).collect()
    };
    let (sqlite, postgres) = (names("sqlite"), names("postgres"));
    assert_eq!(sqlite, postgres, "migrations are twins: same names, same order");
    for name in sqlite {
        let read = |engine: &str| fs::read_to_string(root().join("migrations").join(engine).join(&name)).unwrap();
        let same =
            read("sqlite").replace("INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL", "BIGSERIAL PRIMARY KEY NOT NULL");
        assert_eq!(same, read("postgres"), "{}", name.display());
    }
}

#[test]
fn a_forbidden_use_would_be_found() {
    let code = code("use crate::{job::Spec, store::{Tx, jobs}};\nfn f() { crate::soap::run(); } // crate::web\n");
    let used: Vec<_> = used_rooms(&code).into_iter().collect();
    assert_eq!(used, ["job", "soap", "store"]);
}
