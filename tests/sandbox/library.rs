//! The sandbox itself, in a process made for that: this test program, started again to run one test.

use std::net::{TcpStream, UdpSocket};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use keyrite::workstation::sandbox::{Sandbox, Writable};
use rustix::process::{getppid, test_kill_process};

use crate::probe::{self, EACCES, EPERM};

/// Names the folder in which [`inside`] works. Without it, it does nothing.
const FOLDER: &str = "KEYRITE_TEST_SANDBOX";
/// What [`inside`] does after the sandbox is shut.
const THEN: &str = "KEYRITE_TEST_SANDBOX_THEN";
/// The version of Landlock that it must be granted.
const LANDLOCK: &str = "KEYRITE_TEST_SANDBOX_LANDLOCK";
const SIGSYS: i32 = 31;

/// Starts this test program again, for [`inside`] alone.
fn shut(folder: &Path, then: &str) -> Output {
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "library::inside", "--ignored", "--nocapture"]).env(FOLDER, folder).env(THEN, then);
    let kernel = probe::landlock(&folder.join("probe"));
    again.env(LANDLOCK, kernel.map_or("none".to_owned(), |version| version.to_string()));
    again.output().unwrap()
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["in", "out", "emptied", "emptied/full", "emptied/empty"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
    }
    probe::build(folder.path());
    for name in ["in/kept", "out/kept", "emptied/full/kept"] {
        std::fs::write(folder.path().join(name), "kept").unwrap();
    }
    folder
}

#[test]
#[ignore = "the other tests start it, in a process of its own: it cannot be taken back"]
fn inside() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let sandbox = Sandbox::without_network();
    assert!(sandbox.no_network && sandbox.no_new_rights && sandbox.landlock.is_none());
    let (kept, out) = (folder.join("in"), folder.join("out"));
    let nowhere = kept.join("not-there");
    let writable = Writable { below: vec![kept.clone(), nowhere], emptied: vec![folder.join("emptied")] };
    let kernel = std::env::var(LANDLOCK).unwrap().parse().ok();
    let sandbox = sandbox.confined(&writable).unwrap();
    assert_eq!(sandbox, Sandbox { no_new_rights: true, no_network: true, landlock: kernel });
    match std::env::var(THEN).unwrap().as_str() {
        "network" => no_network(&folder),
        "files" if kernel.is_some() => files(&folder, &kept, &out),
        "neighbours" if kernel >= Some(6) => neighbours(&folder),
        "files" | "neighbours" => println!("not looked at: this kernel has Landlock {kernel:?}"),
        "int80" => {
            let ended = Command::new(folder.join("probe")).arg("--int80").status().unwrap();
            assert_eq!(ended.signal(), Some(SIGSYS), "{ended}");
        }
        other => panic!("{other}"),
    }
    println!("seen");
}

/// In this process by Rust's own library, in a child by the probe.
fn no_network(folder: &Path) {
    let refused = [
        TcpStream::connect("127.0.0.1:9").map(drop),
        UdpSocket::bind("127.0.0.1:0").map(drop),
        UdpSocket::bind("[::1]:0").map(drop),
    ];
    for refused in refused {
        assert_eq!(refused.unwrap_err().raw_os_error(), Some(EPERM));
    }
    probe::run(&folder.join("probe"), &[]).assert_no_network();
}

fn files(folder: &Path, kept: &Path, out: &Path) {
    let refused = |result: std::io::Result<()>| assert_eq!(result.unwrap_err().raw_os_error(), Some(EACCES));
    // Within: all that a ceremony does.
    std::fs::create_dir(kept.join("new")).unwrap();
    std::fs::write(kept.join("new/a"), "a").unwrap();
    std::fs::rename(kept.join("new/a"), kept.join("new/b")).unwrap();
    std::fs::hard_link(kept.join("new/b"), kept.join("new/c")).unwrap();
    drop(UnixListener::bind(kept.join("new/s")).unwrap());
    std::fs::remove_dir_all(kept.join("new")).unwrap();
    // Outside: nothing but reading.
    assert_eq!(std::fs::read(out.join("kept")).unwrap(), b"kept");
    refused(std::fs::write(out.join("new"), "x"));
    refused(std::fs::write(out.join("kept"), "x"));
    refused(std::fs::OpenOptions::new().append(true).open(out.join("kept")).map(drop));
    refused(std::fs::create_dir(out.join("new")));
    refused(std::fs::remove_file(out.join("kept")));
    refused(std::os::unix::fs::symlink("/", out.join("new")));
    refused(UnixListener::bind(out.join("new")).map(drop));
    // A link does not lead out, and nothing is made within that could.
    refused(std::os::unix::fs::symlink(out, kept.join("link")));
    // Only empty folders go away there.
    std::fs::remove_dir(folder.join("emptied/empty")).unwrap();
    refused(std::fs::remove_file(folder.join("emptied/full/kept")));
    refused(std::fs::create_dir(folder.join("emptied/new")));
    // Places where nothing is kept.
    std::fs::write("/dev/null", "x").unwrap();
    // What is started has no more.
    let (here, there) = (kept.join("child"), out.join("child"));
    let report = probe::run(&folder.join("probe"), &[&here, &there]);
    assert_eq!((report.writing(&here), report.writing(&there)), (0, EACCES), "{report:?}");
}

/// Processes that were there before.
fn neighbours(folder: &Path) {
    let refused = UnixStream::connect_addr(&neighbour(folder)).unwrap_err();
    assert_eq!(refused.raw_os_error(), Some(EPERM));
    let refused = test_kill_process(getppid().unwrap()).unwrap_err();
    assert_eq!(refused.raw_os_error(), EPERM);
    // One with a name among the files is for its folder's mode to guard.
    UnixStream::connect(folder.join("socket")).unwrap();
}

/// A socket that has a name and no file.
fn neighbour(folder: &Path) -> SocketAddr {
    SocketAddr::from_abstract_name(folder.as_os_str().as_encoded_bytes()).unwrap()
}

fn assert_seen(ran: &Output) {
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success() && said.contains("\nseen\n"), "{said}{}", String::from_utf8_lossy(&ran.stderr));
    for line in said.lines().filter(|line| line.starts_with("not looked at")) {
        println!("{line}");
    }
}

#[test]
fn no_socket_but_one_of_this_machine() {
    // Outside of the sandbox the same tries go well, or fail for another reason.
    let folder = folder();
    let free = probe::run(&folder.path().join("probe"), &[]);
    assert_eq!(
        (free.of("socket inet"), free.of("socket netlink"), free.of("ptrace") == EPERM),
        (0, 0, false),
        "{free:?}"
    );
    assert_seen(&shut(folder.path(), "network"));
}

#[test]
fn no_writing_elsewhere() {
    let folder = folder();
    assert_seen(&shut(folder.path(), "files"));
}

#[test]
fn no_signals_and_no_nameless_sockets_to_others() {
    let folder = folder();
    let _nameless = UnixListener::bind_addr(&neighbour(folder.path())).unwrap();
    let _named = UnixListener::bind(folder.path().join("socket")).unwrap();
    UnixStream::connect_addr(&neighbour(folder.path())).unwrap();
    assert_seen(&shut(folder.path(), "neighbours"));
}

/// Its numbers for sockets are others, and one of them has no domain among its arguments.
#[test]
#[cfg(target_arch = "x86_64")]
fn a_call_of_32_bit_x86_kills() {
    let folder = folder();
    if !Command::new(folder.path().join("probe")).arg("--int80").status().unwrap().success() {
        println!("not looked at: this kernel does not answer calls of 32-bit x86");
        return;
    }
    assert_seen(&shut(folder.path(), "int80"));
}
