//! A recorded system on which production may be held.

use std::path::Path;

use keyrite::workstation::sandbox::Sandbox;

/// A kernel that grants everything.
pub(crate) const GRANTED: Sandbox = Sandbox { no_new_rights: true, no_network: true, landlock: Some(6) };

/// As little of a system as is not unfit.
pub(crate) const SYSTEM: &[(&str, &str)] = &[
    ("proc/net/dev", "Inter-|\n face |\n    lo: 0\n"),
    ("proc/net/route", "Iface\tDestination\n"),
    ("proc/net/fib_trie", ""),
    ("proc/swaps", "Filename\n"),
    ("sys/class/net/lo/flags", "0x9\n"),
];

/// Lays files below a folder.
pub(crate) fn lay(root: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}
