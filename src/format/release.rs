//! The manifest of a release, `NAME.SHA256SUMS`: what `sha256sum` writes and checks, with a head in comments.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::str::{FromStr, Lines};

use super::FormatError;
use super::place::shortened;
use crate::model::hash::Hash;
use crate::model::release::{FileName, Head, Release, ReleaseFile, ReleaseName};
use crate::model::shown::{Shown, is_plain};
use crate::model::timestamp::Timestamp;

/// How the file's name ends.
pub const ENDING: &str = ".SHA256SUMS";
/// The largest manifest that is read.
pub const LARGEST: usize = 1024 * 1024;
/// The most files of a release.
pub const MOST_FILES: usize = 10_000;
/// The first line of one that keyrite writes.
const MAGIC: &str = "# keyrite-release 1";
/// The most characters of a value in the head.
const LONGEST: usize = 200;

/// The name of the manifest of this release.
#[must_use]
pub fn file_name(name: &ReleaseName) -> String {
    format!("{name}{ENDING}")
}

/// Reads a manifest that is called `file`. One without a head has the name of its file.
///
/// # Errors
/// The first line that `sha256sum` would not have written, that names a file as no release may, or that names one twice; a head
/// that is not whole; [`FormatError::TooLarge`].
pub fn read(file: &str, bytes: &[u8]) -> Result<Release, FormatError> {
    if bytes.len() > LARGEST {
        let file = Shown::new(file).to_string();
        return Err(FormatError::TooLarge { file, size: bytes.len(), largest: LARGEST });
    }
    let mut reader = Reader::new(file, bytes)?;
    let (name, head) = reader.head()?;
    let files = reader.files()?;
    let own = file_name(&name);
    match files.iter().find(|listed| listed.name.as_str() == own) {
        Some(_) => Err(reader.fault("a manifest does not name itself")),
        None => Ok(Release { name, head, files }),
    }
}

/// The manifest, with the head that it has.
#[must_use]
pub fn write(release: &Release) -> String {
    let mut text = String::new();
    if let Some(head) = &release.head {
        let date = head.date.to_string();
        let given = [
            ("release", Some(release.name.as_str())),
            ("organization", Some(head.organization.as_str())),
            ("scope", Some(head.scope.as_str())),
            ("date", Some(date.as_str())),
            ("source", head.source.as_deref()),
            ("prepared-by", head.prepared_by.as_deref()),
        ];
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{MAGIC}");
        for (key, value) in given.iter().filter_map(|(key, value)| value.map(|value| (key, value))) {
            let _ = writeln!(text, "# {key}: {value}");
        }
    }
    for ReleaseFile { name, hash } in &release.files {
        let _ = writeln!(text, "{hash}  {name}");
    }
    text
}

/// Whether this may stand behind a key of the head: 1 to 200 characters, each of which is seen, no space at either end.
#[must_use]
pub fn is_value(text: &str) -> bool {
    (1..=LONGEST).contains(&text.chars().count()) && text.chars().all(is_plain) && text.trim() == text
}

struct Reader<'a> {
    file: &'a str,
    lines: std::iter::Peekable<std::iter::Enumerate<Lines<'a>>>,
    /// The line that was read last, from 1.
    line: usize,
}

impl<'a> Reader<'a> {
    fn new(file: &'a str, bytes: &'a [u8]) -> Result<Self, FormatError> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            FormatError::NotUtf8 { file: Shown::new(file).to_string(), line }
        })?;
        let this = Self { file, lines: text.lines().enumerate().peekable(), line: 1 };
        if let Some(at) = text.find('\r') {
            let line = text.get(..at).unwrap_or_default().matches('\n').count() + 1;
            let what = "a carriage return: lines end with a line feed alone";
            return Err(Self { line, ..this }.faulty(what, "write it with sha256sum, or convert it with dos2unix"));
        }
        match text.ends_with('\n') {
            true => Ok(this),
            false => Err(Self { line: text.lines().count().max(1), ..this }.fault("the last line is not ended")),
        }
    }

    fn fault(&self, what: &str) -> FormatError {
        self.faulty(what, "write it with keyrite release prepare, or with sha256sum FILE... >NAME.SHA256SUMS")
    }

    fn faulty(&self, what: &str, hint: &'static str) -> FormatError {
        let (file, line) = (Shown::new(self.file).to_string(), self.line);
        FormatError::Release { file, line, what: shortened(what), hint }
    }

    /// The next line of a comment.
    fn comment(&mut self) -> Option<&'a str> {
        let (at, line) = self.lines.next_if(|(_, line)| line.starts_with('#'))?;
        self.line = at + 1;
        Some(line)
    }

    /// The name, and the rest of the head.
    fn head(&mut self) -> Result<(ReleaseName, Option<Head>), FormatError> {
        let stem = self.file.strip_suffix(ENDING).unwrap_or_default();
        let named: ReleaseName = stem.parse().map_err(|_| {
            self.faulty(
                "a manifest's file is called NAME.SHA256SUMS",
                "name it for the release: keyrite-1.2.SHA256SUMS",
            )
        })?;
        match self.comment() {
            Some(MAGIC) => {}
            None => return Ok((named, None)),
            Some(line) => return self.plain_comments(line).map(|()| (named, None)),
        }
        let name: ReleaseName = self.parsed("release")?;
        if name != named {
            return Err(self.fault(&format!("it is of release {name}, and the file is called for {named}")));
        }
        let (organization, scope) = (self.value("organization")?, self.value("scope")?);
        let date: Timestamp = self.parsed("date")?;
        let (mut source, mut prepared_by) = (None, None);
        while let Some(line) = self.comment() {
            match line {
                _ if line.starts_with("# source: ") && source.is_none() && prepared_by.is_none() => {
                    source = Some(self.value_of(line, "source")?);
                }
                _ if prepared_by.is_none() => prepared_by = Some(self.value_of(line, "prepared-by")?),
                _ => return Err(self.fault("something else in the head")),
            }
        }
        Ok((name, Some(Head { organization, scope, date, source, prepared_by })))
    }

    /// What sha256sum skips, and what is no half of a head either.
    fn plain_comments(&mut self, first: &str) -> Result<(), FormatError> {
        const KEYS: [&str; 6] = ["release", "organization", "scope", "date", "source", "prepared-by"];
        let mut next = Some(first);
        while let Some(line) = next {
            let text = line.trim_start_matches('#').trim();
            let key = text.split(':').next().unwrap_or_default();
            if text.starts_with("keyrite-release") || KEYS.contains(&key) {
                return Err(self.fault("a head begins with \"# keyrite-release 1\", and is whole"));
            }
            next = self.comment();
        }
        Ok(())
    }

    fn value(&mut self, key: &str) -> Result<String, FormatError> {
        let line = self.comment().unwrap_or_default();
        self.value_of(line, key)
    }

    fn value_of(&self, line: &str, key: &str) -> Result<String, FormatError> {
        let value = line.strip_prefix("# ").and_then(|line| line.strip_prefix(key)).and_then(|l| l.strip_prefix(": "));
        match value {
            Some(value) if is_value(value) => Ok(value.to_owned()),
            Some(_) => Err(self.fault(&format!("{key} has no value of 1 to {LONGEST} plain characters"))),
            None => Err(self.fault(&format!("the head has \"# {key}: \" here"))),
        }
    }

    fn parsed<T: FromStr<Err: std::fmt::Display>>(&mut self, key: &str) -> Result<T, FormatError> {
        let value = self.value(key)?;
        value.parse().map_err(|error| self.fault(&format!("{key}: {error}")))
    }

    fn files(&mut self) -> Result<Vec<ReleaseFile>, FormatError> {
        let (mut files, mut names) = (Vec::new(), BTreeSet::new());
        while let Some((at, line)) = self.lines.next() {
            self.line = at + 1;
            let file = self.one(line)?;
            if !names.insert(file.name.clone()) {
                return Err(self.fault(&format!("{} stands here twice", file.name)));
            }
            files.push(file);
            if files.len() > MOST_FILES {
                return Err(self.fault(&format!("more than {MOST_FILES} files")));
            }
        }
        if files.is_empty() { Err(self.fault("it names no file")) } else { Ok(files) }
    }

    fn one(&self, line: &str) -> Result<ReleaseFile, FormatError> {
        if line.starts_with('\\') {
            let hint = "give the file a name without backslashes and line ends";
            return Err(self.faulty("a name that sha256sum had to escape", hint));
        }
        if line.starts_with("SHA256 (") {
            return Err(self.faulty("the form of BSD (--tag)", "write it with sha256sum without --tag"));
        }
        let (digits, rest) = line.split_at_checked(64).ok_or_else(|| self.fault(FORM))?;
        let is_lower = !digits.bytes().any(|byte| byte.is_ascii_uppercase());
        let hash = digits.parse::<Hash>().ok().filter(|_| is_lower).ok_or_else(|| self.fault(FORM))?;
        let name = rest.strip_prefix("  ").or_else(|| rest.strip_prefix(" *")).ok_or_else(|| self.fault(FORM))?;
        let name: FileName = name.parse().map_err(|error| self.fault(&format!("{error} ({})", Shown::new(name))))?;
        Ok(ReleaseFile { name, hash })
    }
}

const FORM: &str = "not a hash, two spaces and a file's name";

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    fn hash() -> Hash {
        Hash::of(b"")
    }

    fn refused(text: &str) -> String {
        let error = read("r-1.SHA256SUMS", text.as_bytes()).expect_err("refused");
        error.to_string()
    }

    const HEAD: &str = "# keyrite-release 1\n# release: r-1\n# organization: Example\n# scope: packages\n\
                        # date: 2026-11-23T10:00:00Z\n";

    #[test]
    fn both_forms_of_sha256sum_are_read() {
        let text = format!("{}  a.tar\n{} *b.tar\n", hash(), hash());
        let release = read("r-1.SHA256SUMS", text.as_bytes()).expect("a manifest");
        assert_eq!((release.name.as_str(), release.head.is_none(), release.files.len()), ("r-1", true, 2));
        assert_eq!(release.hash_of("b.tar"), Some(hash()));
        let commented = format!("# made by hand\n#\n{text}");
        assert!(read("r-1.SHA256SUMS", commented.as_bytes()).expect("a manifest").head.is_none());
    }

    #[test]
    fn a_head_is_whole_or_not_there() {
        let line = format!("{}  a\n", hash());
        let release = read("r-1.SHA256SUMS", format!("{HEAD}{line}").as_bytes()).expect("a manifest");
        assert_eq!(release.head.expect("a head").scope, "packages");
        for (at, left_out) in HEAD.lines().enumerate() {
            let text: String =
                HEAD.lines().enumerate().filter(|(i, _)| *i != at).map(|(_, l)| format!("{l}\n")).collect();
            assert!(!refused(&format!("{text}{line}")).is_empty(), "{left_out}");
        }
        for more in ["# scope: docs\n", "# note: x\n", "# prepared-by: x\n# source: y\n", "# source: \n", "#\n"] {
            refused(&format!("{HEAD}{more}{line}"));
        }
        let other = HEAD.replace("r-1", "r-2");
        assert!(refused(&format!("{other}{line}")).contains("line 2: it is of release r-2"));
        let name = read("SHA256SUMS", line.as_bytes()).expect_err("no name");
        assert!(name.to_string().contains("NAME.SHA256SUMS"), "{name}");
    }

    #[test]
    fn what_sha256sum_would_not_write_is_refused_with_its_line() {
        let (hash, good) = (hash(), format!("{}  a\n", hash()));
        for (bad, why) in [
            (format!("SHA256 (b) = {hash}\n"), "BSD"),
            (format!("\\{hash}  b\\\\c\n"), "escape"),
            (format!("{hash} b\n"), "two spaces"),
            (format!("{}  b\n", hash.to_string().to_uppercase()), "two spaces"),
            (format!("{hash}  a\n"), "a stands here twice"),
            (format!("{hash}  ../a\n"), "a path"),
            (format!("{hash}  -rf\n"), "begins with"),
            (format!("{hash}  .a\n"), "begins with"),
            (format!("{hash}  b\u{1b}[2J\n"), "plainly seen"),
            (format!("{hash}  r-1.SHA256SUMS\n"), "itself"),
            (format!("{hash}  b\r\n"), "carriage return"),
            (format!("{hash}  b"), "not ended"),
            ("\n".to_owned(), "two spaces"),
            ("# late\n".to_owned(), "two spaces"),
        ] {
            let said = refused(&format!("{good}{bad}"));
            assert!(said.starts_with("r-1.SHA256SUMS, line 2: ") && said.contains(why), "{bad:?}: {said}");
        }
        assert!(refused("").contains("not ended"));
        assert!(refused("# nothing\n").contains("names no file"));
        assert!(refused(&"x".repeat(LARGEST + 1)).contains("at most"));
        let many: String = (0..=MOST_FILES).map(|n| format!("{hash}  f{n}\n")).collect();
        assert!(refused(&many).contains("more than 10000 files"));
    }

    fn releases() -> impl Strategy<Value = Release> {
        let words = "[A-Za-z0-9é:#][A-Za-z0-9 é:#*]{0,20}[A-Za-z0-9é]";
        let head = (words, words, any::<u32>(), proptest::option::of(words), proptest::option::of(words));
        let head = head.prop_map(|(organization, scope, date, source, prepared_by)| Head {
            organization,
            scope,
            date: Timestamp(date),
            source,
            prepared_by,
        });
        let name = "[A-Za-z0-9_+][A-Za-z0-9._+-]{0,30}";
        let files = proptest::collection::btree_map("[a-zé#*][a-z0-9é *#_~+-]{0,20}[a-z0-9]", any::<[u8; 32]>(), 1..8);
        (name, proptest::option::of(head), files).prop_map(|(name, head, files)| Release {
            name: name.parse().expect("a name"),
            head,
            files: files
                .into_iter()
                .map(|(name, hash)| ReleaseFile { name: name.parse().expect("a name"), hash: Hash(hash) })
                .collect(),
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(release in releases()) {
            let text = write(&release);
            let read = read(&file_name(&release.name), text.as_bytes()).expect("own output");
            prop_assert_eq!(write(&read), text);
            prop_assert_eq!(read, release);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read("r-1.SHA256SUMS", &bytes);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn sha256sum_checks_what_is_written(release in releases(), content in "[a-z]{0,40}") {
            let folder = tempfile::tempdir().expect("a folder");
            let mut release = release;
            for file in &mut release.files {
                file.hash = Hash::of(content.as_bytes());
                std::fs::write(folder.path().join(file.name.as_str()), &content).expect("written");
            }
            let check = |release: &Release| {
                let path = folder.path().join(file_name(&release.name));
                std::fs::write(&path, write(release)).expect("written");
                let mut sums = Command::new("sha256sum");
                sums.args(["--check", "--strict", "--warn"]).arg(&path).current_dir(folder.path()).output().expect("coreutils")
            };
            let good = check(&release);
            prop_assert!(good.status.success(), "{good:?}");
            prop_assert_eq!(String::from_utf8_lossy(&good.stdout).lines().count(), release.files.len());
            release.files[0].hash = Hash([7; 32]);
            prop_assert!(!check(&release).status.success());
        }
    }
}
