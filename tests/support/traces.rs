//! What a run of keyrite leaves behind: every file that it could have written, searched for secrets.
#![allow(dead_code, reason = "each test program needs some of this")]

use std::collections::BTreeSet;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::secrets::{self, Searched};
use crate::stage::keyrite;

/// Folders that a program may write in wherever it runs: for temporary files, and for what is to be printed.
const ANYBODYS: [&str; 6] = ["/tmp", "/var/tmp", "/dev/shm", "/run", "/var/spool", "/var/cache"];

/// Larger files in them are others': a register, a home of gpg and a printed sheet have not a tenth of it each.
const LARGEST: u64 = 16 << 20;

/// What lies in a folder where compilers write, and nobody else.
const BUILT: [&str; 2] = ["CACHEDIR.TAG", ".rustc_info.json"];

/// A run, and the folder that all of its own lies in.
pub(crate) struct Traces {
    own: PathBuf,
    since: i64,
}

impl Traces {
    /// Before the run: it gets a home and a folder for temporary files.
    pub(crate) fn begin(own: &Path) -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().try_into().unwrap();
        let this = Self { own: own.to_owned(), since };
        [this.home(), this.temporary()].iter().for_each(|folder| std::fs::create_dir_all(folder).unwrap());
        this
    }

    fn home(&self) -> PathBuf {
        self.own.join("home")
    }

    fn temporary(&self) -> PathBuf {
        self.own.join("tmp")
    }

    /// keyrite, at home there.
    pub(crate) fn keyrite(&self) -> Command {
        // In arguments: a terminal passes nothing else on.
        let mut command = Command::new("env");
        command.arg(format!("HOME={}", self.home().display())).arg(format!("TMPDIR={}", self.temporary().display()));
        command.arg(keyrite());
        command
    }

    /// Asserts that none of the secrets is in any file but below `pockets`, and no paper in its own; and that they would be found.
    pub(crate) fn assert_none_of(&self, secrets: &BTreeSet<String>, pockets: &Path) {
        assert_eq!(self.holding(secrets, pockets), []);
        let is_paper = |path: &PathBuf| contents(path).windows(5).any(|part| part == b"%PDF-");
        let own = files(std::slice::from_ref(&self.own), 0, u64::MAX);
        assert_eq!(own.into_iter().find(is_paper), None);
        self.assert_found(secrets, pockets);
    }

    /// The files that hold a secret, and in what form.
    fn holding(&self, secrets: &BTreeSet<String>, pockets: &Path) -> Vec<(PathBuf, &'static str)> {
        let mut all = files(std::slice::from_ref(&self.own), 0, u64::MAX);
        all.extend(files(&anybodys(), self.since, LARGEST).into_iter().filter(|path| !path.starts_with(&self.own)));
        let elsewhere = all.into_iter().filter(|path| !path.starts_with(pockets));
        let searched = Searched::new(secrets);
        let form = |path: &PathBuf| searched.form_in(&contents(path));
        elsewhere.filter_map(|path| form(&path).map(|form| (path, form))).collect()
    }

    /// Every secret, in every form, in one place of each kind.
    fn assert_found(&self, secrets: &BTreeSet<String>, pockets: &Path) {
        let register = self.own.join("s/register/transcripts");
        let forms: Vec<Vec<u8>> = secrets.iter().flat_map(|secret| secrets::forms(secret)).collect();
        let places = [register, self.home(), self.temporary(), "/tmp".into(), "/dev/shm".into(), "/var/tmp".into()];
        let searched = Searched::new(secrets);
        for form in &forms {
            assert!(searched.form_in(form).is_some(), "{}", String::from_utf8_lossy(form));
        }
        let plant = |place: &PathBuf| {
            let planted = tempfile::Builder::new().prefix("planted").tempdir_in(place).unwrap();
            std::fs::write(planted.path().join("file"), forms.concat()).unwrap();
            planted
        };
        let planted: Vec<tempfile::TempDir> = places.iter().map(plant).collect();
        let found: BTreeSet<PathBuf> = self.holding(secrets, pockets).into_iter().map(|(path, _)| path).collect();
        assert_eq!(found, planted.iter().map(|folder| folder.path().join("file")).collect());
    }
}

/// The folders of anybody, and every file system in memory but the kernel's own.
fn anybodys() -> Vec<PathBuf> {
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap();
    let in_memory = mounts.lines().filter_map(|line| {
        let columns: Vec<&str> = line.split(' ').collect();
        let is_in_memory = ["tmpfs", "ramfs"].contains(columns.get(2)?) && !columns[1].starts_with("/sys/");
        is_in_memory.then(|| PathBuf::from(columns[1]))
    });
    ANYBODYS.map(PathBuf::from).into_iter().chain(in_memory).collect()
}

/// The files in these folders that are not older than `since` and not larger than `largest`, but those of compilers.
fn files(folders: &[PathBuf], since: i64, largest: u64) -> BTreeSet<PathBuf> {
    let (mut found, mut left) = (BTreeSet::new(), folders.to_vec());
    while let Some(folder) = left.pop() {
        // Others write there too, and take away what they wrote.
        let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        for path in entries.map(|entry| entry.path()) {
            let Ok(file) = std::fs::symlink_metadata(&path) else { continue };
            if file.is_dir() {
                left.extend(Some(path).filter(|path| !BUILT.iter().any(|name| path.join(name).exists())));
            } else if (file.is_file() || file.is_symlink()) && file.ctime() >= since && file.len() <= largest {
                found.insert(path);
            }
        }
    }
    found
}

/// A file's name and its bytes, or where a link leads.
fn contents(path: &Path) -> Vec<u8> {
    let bytes = match std::fs::read_link(path) {
        Ok(target) => target.into_os_string().into_encoded_bytes(),
        Err(_) => std::fs::read(path).unwrap_or_default(),
    };
    [path.as_os_str().as_bytes(), b"\n", &bytes].concat()
}
