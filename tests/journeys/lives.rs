//! Jobs that are let alone: what goes in, what comes back, what they are told, and how they end.

use crate::scene::{Job, Scene, WAIT, member, wait_for_reason, wait_until};
use crate::support::element;
use crate::web::Web;
use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// What each example leaves in the user's place, and how to know it.
type Proof = fn(&Scene) -> bool;

const EXAMPLES: &[(&str, Proof)] = &[
    ("cat.xml", |scene| scene.read("notes.copy") == scene.read("notes.txt")),
    ("compared.xml", |scene| scene.read("words.compared") == "pear\napple\nquince\n"),
    ("date.xml", |_| true),
    ("linux2.xml", |scene| scene.read("uname.txt").starts_with("Linux ")),
    ("pinned.xml", |scene| scene.read("pinned.txt").contains("UTC")),
    ("sort.jsdl", |scene| {
        let mut words: Vec<String> = scene.read("words.txt").lines().map(str::to_owned).collect();
        words.sort();
        words.dedup();
        scene.read("sorted-by-jsdl.txt").lines().eq(words)
    }),
    ("sort.xml", |scene| {
        let mut words: Vec<String> = scene.read("words.txt").lines().map(str::to_owned).collect();
        words.sort();
        scene.read("words.sorted").lines().eq(words)
    }),
    ("wordcount.sh", |scene| {
        let words = scene.read("notes.txt").split_whitespace().count();
        scene.read("wordcount.log").contains("notes.txt") && scene.read("wordcount.txt").trim() == words.to_string()
    }),
    ("staged.xml", |scene| !scene.read("solution.txt").is_empty()),
    ("reversed.xml", |scene| {
        let mut words: Vec<String> = scene.read("words.txt").lines().map(str::to_owned).collect();
        words.sort();
        words.reverse();
        scene.read("words.reversed").lines().eq(words)
    }),
    ("tar.xml", |scene| {
        let (archive, content) = (fs::read(scene.path("pack.tar")).unwrap(), fs::read(scene.path("a.dat")).unwrap());
        archive.starts_with(b"a.dat\0") && archive[512..].starts_with(&content)
    }),
];

#[test]
fn every_example_really_runs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut found: Vec<String> = fs::read_dir(&root)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| [".xml", ".sh", ".jsdl"].iter().any(|end| name.ends_with(end)))
        .collect();
    found.sort();
    let mut proven: Vec<_> = EXAMPLES.iter().map(|(name, _)| *name).collect();
    proven.sort_unstable();
    assert_eq!(found, proven, "each example has its proof here");
    let scene = Scene::new();
    for name in ["a.dat", "notes.txt", "words.txt", "bin/solve"] {
        scene.write(name, fs::read(root.join("grms-demo").join(name)).unwrap());
    }
    fs::set_permissions(scene.path("bin/solve"), fs::Permissions::from_mode(0o755)).unwrap();
    let mut portal = scene.portal();
    let submitted: Vec<_> = EXAMPLES
        .iter()
        .map(|(name, proof)| {
            let text = fs::read_to_string(root.join(name)).unwrap();
            let text = text.replace("${HOME}/grms-demo", &scene.path("").display().to_string());
            (name, portal.submit(&text), proof)
        })
        .collect();
    for (name, id, proof) in submitted {
        let end = portal.wait_end(&id).body;
        assert_eq!(member(&end, "status"), "FINISHED", "{name}: {end}");
        assert_eq!(member(&end, "exitCode"), "0", "{name}");
        assert!(proof(&scene), "{name} did not do what it says");
    }
    scene.wait_swept();
}

#[test]
fn streams_files_and_directories_go_in_and_come_back() {
    let scene = Scene::new();
    scene.write("in.txt", "from stdin\n");
    scene.write("counter", "1");
    scene.write("tree/deep/er/leaf.txt", "leaf\n");
    scene.write("tree/-dash and blank", "odd\n");
    let line = "cat; echo problem >&2; printf 2 >>'sub dir/counter'; cp -r tree grown; echo more >grown/deep/new.txt";
    let end = Job::sh(line)
        .file("sub dir/counter", "inout", &scene.url("counter"))
        .directory("tree", "in", &scene.url("tree"))
        .directory("grown", "out", &scene.url("results/grown"))
        .stream("stdin", &scene.url("in.txt"))
        .stream("stdout", &scene.url("out.txt"))
        .stream("stderr", &scene.url("err.txt"))
        .run(&mut scene.portal(), "FINISHED");
    assert_eq!(member(&end, "exitCode"), "0");
    assert_eq!(scene.read("out.txt"), "from stdin\n");
    assert_eq!(scene.read("err.txt"), "problem\n");
    assert_eq!(scene.read("counter"), "12");
    assert_eq!(scene.read("results/grown/deep/er/leaf.txt"), "leaf\n");
    assert_eq!(scene.read("results/grown/-dash and blank"), "odd\n");
    assert_eq!(scene.read("results/grown/deep/new.txt"), "more\n");
    scene.wait_swept();
}

#[test]
fn arguments_and_environment_arrive_byte_for_byte() {
    let hostile = [
        "",
        " two  blanks ",
        "a\nb\n",
        "\ttab",
        "'\"`$(id)\\;&|<>*?[x]~#!",
        "$HOME $1",
        "-n",
        "--",
        "ünï 漢字 🦀",
        "%s%n\\n",
        "]]>",
        "trailing\\",
    ];
    let scene = Scene::new();
    let mut arguments = vec!["-c", "printf '%s\\0' \"$@\"; env -0 >&2", "sh"];
    arguments.extend(hostile);
    arguments.extend(["${JOB_ID}", "$${JOB_ID}", "$$"]);
    let names: Vec<String> = (0..hostile.len()).map(|index| format!("VALUE_{index}")).collect();
    let mut variables: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(hostile).collect();
    variables.extend([("PATH", "/bin:/usr/bin"), ("HERE", "${TASK_DIR}")]);
    let end = Job::of("/bin/sh", &arguments)
        .stream("stdout", &scene.url("out"))
        .stream("stderr", &scene.url("err"))
        .environment(&variables)
        .run(&mut scene.portal(), "FINISHED");
    let id = member(&end, "jobId");
    let mut expected: Vec<String> = hostile.iter().map(|text| (*text).to_owned()).collect();
    expected.extend([id.clone(), "${JOB_ID}".to_owned(), "$".to_owned()]);
    let seen = scene.read("out");
    assert_eq!(seen.strip_suffix('\0').unwrap().split('\0').collect::<Vec<_>>(), expected);
    let environment = scene.read("err");
    let environment: HashMap<&str, &str> =
        environment.split('\0').filter_map(|variable| variable.split_once('=')).collect();
    for (name, value) in variables.iter().filter(|(name, _)| *name != "HERE") {
        assert_eq!(environment.get(name), Some(value), "{name}");
    }
    assert_eq!(environment["GRMS_JOB_ID"], id);
    assert_eq!(environment["GRMS_ATTEMPT"], "1");
    assert_eq!(environment["HERE"], environment["GRMS_WORK_DIR"]);
}

#[test]
fn a_program_that_ends_badly_fails_with_its_code_and_its_output_comes_back() {
    let scene = Scene::new();
    let mut portal = scene.portal();
    for (line, code, words) in [
        ("echo result; exit 3", "3", "ended with"),
        ("echo result; kill -KILL $$$$", "137", "signal"),
        ("echo result; kill -SEGV $$$$", "139", "signal"),
    ] {
        let job = Job::sh(line).file("result", "out", &scene.url("never")).stream("stdout", &scene.url("out"));
        let end = job.run(&mut portal, "FAILED");
        assert_eq!((member(&end, "exitCode").as_str(), member(&end, "errorCode").as_str()), (code, "603"), "{end}");
        assert!(member(&end, "errorDescription").contains(words), "{end}");
        assert_eq!(scene.read("out"), "result\n");
        fs::remove_file(scene.path("out")).unwrap();
    }
    scene.wait_swept();
}

#[test]
fn limits_of_time_and_memory_hold() {
    let scene = Scene::new();
    let mut portal = scene.portal();
    let slow = Job::sh("echo begun; exec sleep 300")
        .stream("stdout", &scene.url("out"))
        .execution_time("<execDuration>PT1S</execDuration>");
    let end = slow.run(&mut portal, "FAILED");
    assert_eq!(member(&end, "errorCode"), "604", "{end}");
    assert!(member(&end, "errorDescription").contains("wall clock"), "{end}");
    assert_eq!(scene.read("out"), "begun\n");
    let greedy = Job::sh("head -c 300000000 /dev/zero | tail -c 200000000 | wc -c; exit 9")
        .resource("<memory>64</memory>")
        .stream("stdout", &scene.url("count"))
        .stream("stderr", &scene.url("err"));
    greedy.run(&mut portal, "FAILED");
    assert_eq!(scene.read("count").trim(), "0");
    assert!(scene.read("err").contains("memory"), "{}", scene.read("err"));
}

#[test]
fn several_copies_run_and_know_their_number() {
    let scene = Scene::new();
    let end = Job::sh("echo \"copy $GRMS_PROCESS\" >>log")
        .attributes("type=\"multiple\" count=\"3\"")
        .file("log", "out", &scene.url("log"))
        .run(&mut scene.portal(), "FINISHED");
    assert_eq!(member(&end, "exitCode"), "0");
    let log = scene.read("log");
    let mut lines: Vec<_> = log.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["copy 0", "copy 1", "copy 2"]);
}

#[test]
fn only_a_persistent_job_keeps_its_working_directory() {
    let scene = Scene::new();
    let mut portal = scene.portal();
    let job = Job::sh("echo kept >here; pwd").stream("stdout", &scene.url("where"));
    let persistent = job.text().replace("appid=", "persistent=\"true\" appid=");
    let id = portal.submit(&persistent);
    assert_eq!(member(&portal.wait_end(&id).body, "status"), "FINISHED");
    let directory = scene.read("where").trim().to_owned();
    job.run(&mut portal, "FINISHED");
    wait_until("only the persistent job's directory is left", || scene.left().len() == 1);
    assert_eq!(fs::read_to_string(Path::new(&directory).join("here")).unwrap(), "kept\n");
    let around = Path::new(&directory).parent().unwrap();
    wait_until("the broker's own files are gone", || fs::read_dir(around).unwrap().count() == 1);
}

#[test]
fn a_program_is_fetched_over_http_and_its_output_is_put_there() {
    let (scene, web) = (Scene::new(), Web::start());
    web.give("/bin/hello.sh", b"#!/bin/sh\necho \"hello $1\"\necho put >result\n");
    let end = Job::of("", &["world"])
        .program("hello", &web.url("/bin/hello.sh"))
        .file("result", "out", &web.url("/results/1"))
        .stream("stdout", &web.url("/results/out"))
        .run(&mut scene.portal(), "FINISHED");
    assert_eq!(member(&end, "exitCode"), "0");
    assert_eq!(web.kept("/results/1").as_deref(), Some(&b"put\n"[..]));
    assert_eq!(web.kept("/results/out").as_deref(), Some(&b"hello world\n"[..]));
    scene.wait_swept();
}

#[test]
fn a_program_with_an_odd_path_is_started_where_it_lies() {
    let scene = Scene::new();
    let name = "my tools/100 % odd";
    scene.write(name, "#!/bin/sh\necho odd\n");
    fs::set_permissions(scene.path(name), fs::Permissions::from_mode(0o755)).unwrap();
    let path = scene.path("my%20tools/100%20%25%20odd");
    Job::of(&path.display().to_string(), &[]).stream("stdout", &scene.url("out")).run(&mut scene.portal(), "FINISHED");
    assert_eq!(scene.read("out"), "odd\n");
}

#[test]
fn a_job_outside_its_time_waits_and_tells_until_when() {
    let scene = Scene::new();
    let mut portal = scene.portal();
    let period = "<execDuration>PT1M</execDuration>\
        <timePeriod><periodStart>2099-01-01T00:00:00Z</periodStart><periodDuration>P1D</periodDuration></timePeriod>";
    let id = portal.submit(&Job::sh("true").execution_time(period).text());
    let said = wait_for_reason(&mut portal, &id, &["no start before", "2099-01-01"]);
    assert_eq!(portal.status(&id), "QUEUED", "{said}");
}

#[test]
fn a_job_that_fits_nowhere_waits_and_tells_why_not() {
    let scene = Scene::new();
    let mut portal = scene.portal();
    for (resource, words) in [
        ("<hostname>nowhere.example.org</hostname>", ["local", "nowhere.example.org"]),
        ("<osname>Plan9</osname>", ["local", "Plan9"]),
        ("<memory>99000000</memory>", ["local", "99000000"]),
    ] {
        let id = portal.submit(&Job::sh("true").resource(resource).text());
        let said = wait_for_reason(&mut portal, &id, &words);
        assert!(said.contains("looked at again at"), "{said}");
        assert_eq!(portal.status(&id), "QUEUED");
    }
}

#[test]
fn the_third_job_waits_for_one_of_two_slots_and_starts_by_itself() {
    let mut scene = Scene::with("slots = 2\n");
    scene.site.start();
    let mut portal = scene.portal();
    let wait = |name: &str| {
        let go = scene.path(name).display().to_string();
        Job::of("/bin/sh", &["-c", &format!("echo >\"$0.runs\"; {WAIT}"), &go]).text()
    };
    let ids: Vec<String> = ["go1", "go2", "go3"].iter().map(|name| portal.submit(&wait(name))).collect();
    // However many tasks are looked at in one moment: slots go to those submitted first.
    scene.wait_for_file("go1.runs");
    scene.wait_for_file("go2.runs");
    let said = wait_for_reason(&mut portal, &ids[2], &["2 slots", "local"]);
    assert!(!scene.has("go3.runs"), "{said}");
    scene.write("go2", "");
    scene.wait_for_file("go3.runs");
    for name in ["go1", "go3"] {
        scene.write(name, "");
    }
    for id in &ids {
        let end = portal.wait_end(id).body;
        assert_eq!(element(&end, "status").as_deref(), Some("FINISHED"), "{end}");
    }
    scene.wait_swept();
}
