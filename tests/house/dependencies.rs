//! What keyrite is built from.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use crate::{files, root, text};

/// What must never be part of keyrite: the firmware of the virtual card, RSA in Rust (no patch for RUSTSEC-2023-0071), everything
/// that reaches a network, and what takes apart pages that others made.
const FORBIDDEN: &[&str] = &[
    "curl",
    "hayro",
    "hyper",
    "littlefs2",
    "native-tls",
    "opcard",
    "reqwest",
    "rsa",
    "rustls",
    "rxing",
    "tokio",
    "trussed",
    "ureq",
];

fn cargo(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(root()).output().expect("cargo");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Where keyrite's own programs are built, and where the page reader is.
const KEYRITE: &str = "Cargo.toml";
const PAGE_READER: &str = "crates/page-reader/Cargo.toml";

/// Names of all packages that `package` of a workspace needs to run, itself included.
fn tree(workspace: &str, package: &str) -> BTreeSet<String> {
    let version = String::from_utf8(cargo(&["--version", "--verbose"])).expect("text");
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host");
    let arguments =
        ["metadata", "--locked", "--manifest-path", workspace, "--format-version", "1", "--filter-platform", host];
    let metadata: Value = serde_json::from_slice(&cargo(&arguments)).expect("JSON");
    let id = |value: &Value| value["id"].as_str().expect("an id").to_owned();
    let names: BTreeMap<String, &str> = metadata["packages"]
        .as_array()
        .expect("packages")
        .iter()
        .map(|package| (id(package), package["name"].as_str().expect("a name")))
        .collect();
    let nodes: BTreeMap<String, &Value> =
        metadata["resolve"]["nodes"].as_array().expect("nodes").iter().map(|node| (id(node), node)).collect();
    let mut todo: Vec<&String> = names.iter().filter(|(_, name)| **name == package).map(|(id, _)| id).collect();
    let mut seen: BTreeSet<&String> = BTreeSet::new();
    while let Some(next) = todo.pop() {
        if seen.insert(next) {
            for dependency in nodes[next]["deps"].as_array().expect("deps") {
                let kinds = dependency["dep_kinds"].as_array().expect("kinds");
                if kinds.iter().any(|kind| kind["kind"].is_null()) {
                    let package = dependency["pkg"].as_str().expect("a package");
                    todo.push(names.get_key_value(package).expect("a known package").0);
                }
            }
        }
    }
    seen.into_iter().map(|id| names[id].to_owned()).collect()
}

#[test]
fn keyrite_has_no_firmware_no_rsa_no_network_and_no_decoders() {
    let built = tree(KEYRITE, "keyrite");
    assert!(built.contains("sequoia-openpgp") && built.len() > 50, "this is not keyrite's tree: {built:?}");
    let is_forbidden = |name: &&String| {
        FORBIDDEN.iter().any(|no| name == no || (["trussed", "littlefs2"].contains(no) && name.starts_with(no)))
    };
    let found: Vec<&String> = built.iter().filter(is_forbidden).collect();
    assert!(found.is_empty(), "keyrite is built from {found:?}");
    // The list is not idle: the same walk finds them where they belong.
    assert!(tree(KEYRITE, "keyrite-virtual-card").contains("opcard"));
    assert!(tree(PAGE_READER, "keyrite-page-reader").contains("hayro"));
}

/// Cargo builds a crate once for a workspace, with whatever anybody there asks of it: the page reader's decoders would put another
/// compressor under keyrite's papers, and the same paper would be other bytes (docs/decisions/0038-a-lock-file-of-its-own.md).
#[test]
fn papers_are_compressed_by_one_crate() {
    let compressors = |workspace| {
        let arguments =
            ["tree", "--locked", "--manifest-path", workspace, "--workspace", "--edges", "normal", "--prefix", "none"];
        let printed = String::from_utf8(cargo(&arguments)).expect("text");
        let names: BTreeSet<String> =
            printed.lines().filter_map(|line| line.split(' ').next()).map(ToOwned::to_owned).collect();
        ["flate2", "libz-sys", "miniz_oxide", "zlib-rs", "zune-inflate"].map(|name| names.contains(name))
    };
    assert_eq!(compressors(KEYRITE), [true, false, true, false, false]);
    assert!(compressors(PAGE_READER)[3], "the page reader could be of one workspace with keyrite again");
}

/// What `crates/page-reader/Cargo.toml` cannot inherit is as in `Cargo.toml`.
#[test]
fn both_workspaces_have_the_same_settings() {
    let read = |path| text(path).parse::<toml::Table>().expect("TOML");
    let (keyrite, reader) = (read(KEYRITE), read(PAGE_READER));
    let keyrite_workspace = keyrite["workspace"].as_table().expect("a workspace");
    for (field, value) in keyrite_workspace["package"].as_table().expect("a package") {
        assert_eq!(reader["package"].get(field), Some(value), "{field}");
    }
    assert_eq!(reader["lints"], keyrite_workspace["lints"]);
    assert_eq!(reader["profile"]["dev"]["package"], keyrite["profile"]["dev"]["package"]);
}

/// Lines of dependency tables without a comment above them.
fn uncommented(manifest: &str) -> Vec<String> {
    let (mut inside, mut open, mut before, mut faults) = (false, 0, "", Vec::new());
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') && open == 0 {
            inside = line.trim_end_matches(']').ends_with("dependencies");
        } else if inside && open == 0 && line.contains('=') && !line.starts_with('#') && !before.starts_with('#') {
            faults.push(line.to_owned());
        }
        if !line.starts_with('#') {
            let count = |c: char| line.matches(c).count();
            if inside && !line.starts_with('[') || open > 0 {
                open = open + count('[') + count('{') - count(']') - count('}');
            }
        }
        before = line;
    }
    faults
}

#[test]
fn every_dependency_says_why_it_is_there() {
    for path in files(".", "Cargo.toml") {
        let faults = uncommented(&text(&path));
        assert!(faults.is_empty(), "{path}: no reason above {faults:?}");
    }
    let two =
        "[dependencies]\n# Why.\na = { version = \"1\", features = [\n    \"x\",\n] }\nb = \"2\"\n[features]\nc = []\n";
    assert_eq!(uncommented(two), ["b = \"2\""]);
}
