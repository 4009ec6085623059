//! The local shell against real processes, files and accounts. What needs other accounts is tried when root runs the
//! tests.

use super::*;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

fn nobody() -> Option<LocalUser> {
    geteuid().is_root().then(|| LocalUser { name: "nobody".into() })
}

/// A directory that every account can pass through.
fn place() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o711)).unwrap();
    place
}

fn sh(script: &str) -> Command {
    Command::new("/bin/sh", ["-c", script])
}

/// Waits for something outside that gives no event.
async fn until(condition: impl Fn() -> bool) {
    for _ in 0..1000 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not happen within ten seconds");
}

fn alive(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

#[tokio::test]
async fn a_command_gets_arguments_input_and_a_clean_environment() {
    let shell = LocalShell::new();
    let mut command =
        Command::new("/bin/sh", ["-c", "printf '<%s>' \"$@\"; cat; env >&2; exit 7", "sh", "a b", "$(id)"]);
    command.stdin = Some(b"fed\0".to_vec());
    command.environment = vec![("EXTRA".into(), "1 '\"".into())];
    let output = shell.run(command).await.unwrap();
    assert_eq!(output.code, Some(7));
    assert_eq!(output.stdout, b"<a b><$(id)>fed\0");
    let environment = String::from_utf8(output.stderr).unwrap();
    assert!(
        environment.contains("EXTRA=1 '\"\n") && environment.contains("LC_ALL=C\n") && environment.contains("HOME=/")
    );
    assert!(!environment.contains("CARGO"), "{environment}");
}

#[tokio::test]
async fn a_command_that_hangs_is_killed_with_its_children() {
    let place = place();
    let pids = place.path().join("pids");
    let mut command = sh("sleep 1000 & echo $! >>pids; echo $$ >>pids; wait");
    command.directory = Some(place.path().into());
    command.timeout = Duration::from_secs(1);
    let error = LocalShell::new().run(command).await.unwrap_err();
    assert!(matches!(error, ShellError::Timeout { .. }), "{error}");
    let pids: Vec<u32> = fs::read_to_string(pids).unwrap().lines().map(|pid| pid.parse().unwrap()).collect();
    assert_eq!(pids.len(), 2);
    until(|| !pids.iter().any(|pid| alive(*pid))).await;
}

#[tokio::test]
async fn endless_output_is_refused_and_long_complaints_are_cut() {
    let shell = LocalShell::new();
    assert!(matches!(shell.run(sh("exec cat /dev/zero")).await, Err(ShellError::TooMuchOutput { .. })));
    let output = shell.run(sh("head -c 200000 /dev/zero >&2; echo end")).await.unwrap();
    assert_eq!((output.stderr.len(), output.stdout.as_slice()), (MAX_STDERR, &b"end\n"[..]));
}

#[tokio::test]
async fn a_missing_program_cannot_be_started() {
    for user in [None, nobody()] {
        let mut command = Command::new("/no/such/program", ["x"]);
        command.user = user;
        let error = LocalShell::new().run(command).await.unwrap_err();
        assert!(matches!(error, ShellError::Start { .. }), "{error}");
    }
}

#[tokio::test]
async fn root_and_unknown_accounts_are_refused() {
    let shell = LocalShell::new();
    for name in ["root", "no_such_account"] {
        let mut command = sh("id");
        command.user = Some(LocalUser { name: name.into() });
        let error = shell.run(command.clone()).await.unwrap_err();
        assert!(matches!(error, ShellError::User { .. }), "{error}");
        assert!(shell.spawn(command).await.is_err());
    }
}

#[tokio::test]
async fn a_mapped_account_has_only_its_own_rights() {
    let Some(user) = nobody() else { return };
    let mut command = sh("id -u; id -G; echo $HOME; cat /etc/shadow");
    command.user = Some(user);
    let output = LocalShell::new().run(command).await.unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "65534\n65534\n/nonexistent\n");
    assert_ne!(output.code, Some(0));
}

#[tokio::test]
async fn a_spawned_process_leads_its_group_and_leaves_no_zombie() {
    let shell = LocalShell::new();
    let mut ended = shell.ended().unwrap();
    let pid = shell.spawn(sh("kill -s STOP $$")).await.unwrap();
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let group = stat.rsplit(") ").next().unwrap().split(' ').nth(2).unwrap();
    assert_eq!(group, pid.to_string());
    nix::sys::signal::kill(Pid::from_raw(i32::try_from(pid).unwrap()), Signal::SIGKILL).unwrap();
    tokio::time::timeout(Duration::from_secs(10), ended.changed()).await.unwrap().unwrap();
    assert!(!Path::new(&format!("/proc/{pid}")).exists());
}

#[tokio::test]
async fn files_are_written_whole_and_links_are_not_read() {
    let (shell, place) = (LocalShell::new(), place());
    let (file, link) = (place.path().join("file"), place.path().join("link"));
    symlink("/etc/passwd", &link).unwrap();
    assert!(shell.read_file(&link, 1 << 20).await.is_err());
    for path in [&file, &link] {
        shell.write_file(path, b"content", 0o640).await.unwrap();
        assert_eq!(shell.read_file(path, 7).await.unwrap().as_deref(), Some(&b"content"[..]));
        assert_eq!(fs::symlink_metadata(path).unwrap().mode() & 0o7777, 0o640);
    }
    assert!(shell.read_file(&file, 6).await.is_err());
    assert!(shell.read_file(&place.path().join("none"), 1).await.unwrap().is_none());
    assert!(fs::read_to_string("/etc/passwd").unwrap().len() > 7);
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2, "no temporary file is left");
}

#[tokio::test]
async fn directories_are_private_and_can_be_removed_even_when_unwritable() {
    let (shell, place) = (LocalShell::new(), place());
    let deep = place.path().join("a/b/c");
    shell.make_directory(&deep).await.unwrap();
    shell.make_directory(&deep).await.unwrap();
    let mode = |path: &str| fs::metadata(place.path().join(path)).unwrap().mode() & 0o777;
    assert_eq!((mode("a"), mode("a/b"), mode("a/b/c")), (0o711, 0o711, 0o700));
    fs::write(deep.join("file"), "").unwrap();
    fs::set_permissions(&deep, fs::Permissions::from_mode(0o500)).unwrap();
    shell.remove_tree(&place.path().join("a")).await.unwrap();
    shell.remove_tree(&place.path().join("a")).await.unwrap();
    assert!(!place.path().join("a").exists());
}

#[tokio::test]
async fn copies_are_made_of_files_links_and_whole_directories() {
    let (shell, place) = (LocalShell::new(), place());
    let at = |name: &str| place.path().join(name);
    fs::create_dir_all(at("from/inner dir")).unwrap();
    fs::write(at("from/inner dir/-file"), "content").unwrap();
    symlink("/etc/shadow", at("from/link")).unwrap();
    symlink("from/inner dir/-file", at("link")).unwrap();
    shell.copy_as(None, &at("from"), &at("to")).await.unwrap();
    assert_eq!(fs::read_to_string(at("to/inner dir/-file")).unwrap(), "content");
    assert_eq!(fs::read_link(at("to/link")).unwrap(), Path::new("/etc/shadow"));
    shell.copy_as(None, &at("link"), &at("file")).await.unwrap();
    assert_eq!(fs::read_to_string(at("file")).unwrap(), "content");
    assert_eq!(fs::metadata(at("file")).unwrap().mode() & 0o777, 0o600);
    shell.copy_as(None, Path::new("/bin/true"), &at("true")).await.unwrap();
    assert_eq!(fs::metadata(at("true")).unwrap().mode() & 0o777, 0o700, "a program stays one");
    assert!(shell.copy_as(None, &at("link"), &at("file")).await.is_err(), "nothing is overwritten");
    let missing = shell.copy_as(None, &at("none"), &at("new")).await.unwrap_err();
    assert!(matches!(&missing, ShellError::File { source, .. } if source.kind() == std::io::ErrorKind::NotFound));
    assert!(!at("new").exists());
}

#[tokio::test]
async fn the_rights_of_root_never_read_what_an_account_points_at() {
    let Some(user) = nobody() else { return };
    let (shell, place) = (LocalShell::new(), place());
    let at = |name: &str| place.path().join(name);
    fs::create_dir(at("work")).unwrap();
    fs::write(at("secret"), "secret").unwrap();
    fs::set_permissions(at("secret"), fs::Permissions::from_mode(0o600)).unwrap();
    symlink(at("secret"), at("work/out.txt")).unwrap();
    fs::write(at("work/own.txt"), "own").unwrap();
    fs::create_dir(at("work/dir")).unwrap();
    fs::write(at("work/dir/file"), "in a directory").unwrap();
    shell.hand_over(&at("work"), &user).await.unwrap();
    assert_eq!(fs::metadata(at("secret")).unwrap().uid(), 0, "a link is not followed");
    assert_eq!(fs::metadata(at("work/dir/file")).unwrap().uid(), 65534);

    let error = shell.copy_as(Some(&user), &at("work/out.txt"), &at("stolen")).await.unwrap_err();
    assert!(matches!(&error, ShellError::File { source, .. } if source.kind() == std::io::ErrorKind::PermissionDenied));
    assert!(!at("stolen").exists());
    shell.copy_as(Some(&user), &at("work/own.txt"), &at("own")).await.unwrap();
    assert_eq!((fs::read_to_string(at("own")).unwrap().as_str(), fs::metadata(at("own")).unwrap().uid()), ("own", 0));
    shell.copy_as(Some(&user), &at("work"), &at("tree")).await.unwrap();
    assert_eq!(fs::read_to_string(at("tree/dir/file")).unwrap(), "in a directory");
    assert!(fs::symlink_metadata(at("tree/out.txt")).unwrap().is_symlink());
    assert_eq!(fs::metadata(at("tree/dir")).unwrap().uid(), 0);
}

#[tokio::test]
async fn a_hard_link_to_a_file_of_somebody_else_is_not_given_away() {
    let Some(user) = nobody() else { return };
    let (shell, place) = (LocalShell::new(), place());
    fs::create_dir(place.path().join("work")).unwrap();
    fs::write(place.path().join("secret"), "secret").unwrap();
    fs::hard_link(place.path().join("secret"), place.path().join("work/file")).unwrap();
    assert!(shell.hand_over(&place.path().join("work"), &user).await.is_err());
    assert_eq!(fs::metadata(place.path().join("secret")).unwrap().uid(), 0);
}
