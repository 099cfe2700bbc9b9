//! The commands of the page, taken from the page and run, by people in fresh homes.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::gpg::Home;
use crate::played::{Copied, bert, release};
use crate::stage::keyrite;

/// The shell commands of a page: the `<code>` in its `<pre>`.
pub(crate) fn commands(page: &str) -> Vec<String> {
    let blocks = page.split("<pre><code>").skip(1).map(|rest| rest.split("</code></pre>").next().unwrap());
    let plain = |code: &str| {
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
            .iter()
            .fold(code.trim_end().to_owned(), |text, (from, to)| text.replace(from, to))
    };
    blocks.flat_map(|block| block.split("</code><code>").map(plain).collect::<Vec<_>>()).collect()
}

/// Somebody with the published folder, a home of their own, and the page.
struct Reader<'a> {
    www: &'a Path,
    home: Home,
    commands: Vec<String>,
}

/// How a command ended: its status lines and its code.
#[derive(Debug)]
struct Said {
    status: String,
    code: Option<i32>,
    screen: String,
}

impl<'a> Reader<'a> {
    fn new(www: &'a Path) -> Self {
        let home = Home::new();
        // gpg asks nobody, and writes what programs read; the commands are those of the page.
        let quiet = "--batch --yes --pinentry-mode loopback --passphrase ''";
        for (tool, options) in [("gpg", quiet), ("gpgv", "")] {
            let script = format!("#!/bin/sh\nexec /usr/bin/{tool} --status-fd 3 {options} \"$@\" 3>\"$STATUS\"\n");
            let path = home.write(tool, script.as_bytes());
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        std::os::unix::fs::symlink(keyrite(), home.path().join("keyrite")).unwrap();
        let page = std::fs::read_to_string(www.join("index.html")).unwrap();
        Self { www, home, commands: commands(&page) }
    }

    /// Runs the commands of the page that begin so, one after another. Gives what the last one said.
    fn runs(&self, beginnings: &[&str]) -> Said {
        let mut said = None;
        for beginning in beginnings {
            let found: Vec<&String> = self.commands.iter().filter(|line| line.starts_with(beginning)).collect();
            assert!(!found.is_empty(), "the page has no command {beginning}: {:?}", self.commands);
            for command in found {
                said = Some(self.run(command));
            }
        }
        said.expect("a command")
    }

    fn run(&self, command: &str) -> Said {
        let status = self.home.path().join("status");
        let _ = std::fs::remove_file(&status);
        let path = format!("{}:/usr/bin:/bin", self.home.path().display());
        let mut run = Command::new("sh");
        run.args(["-c", command]).current_dir(self.www).stdin(Stdio::null());
        run.env("PATH", path).env("GNUPGHOME", self.home.path()).env("STATUS", &status);
        run.env("HOME", self.home.path()).env("LC_ALL", "C.UTF-8").env("no_proxy", "127.0.0.1");
        let output = run.output().expect("a shell");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Said {
            // Notations in it are any bytes.
            status: text(&std::fs::read(&status).unwrap_or_default()),
            code: output.status.code(),
            screen: text(&output.stdout) + &text(&output.stderr),
        }
    }

    /// As the page says: a key of their own, the root imported and trusted.
    fn trusts_the_root(&self) {
        self.runs(&["gpg --quick-gen-key", "gpg --import ", "gpg --fingerprint"]);
        self.runs(&["gpg --quick-lsign-key", "echo "]);
    }
}

impl Said {
    fn has(&self, words: &[&str]) -> &Self {
        for word in words {
            let has = self.status.lines().any(|line| line.split(' ').nth(1) == Some(word));
            assert!(has, "{word}: {self:?}");
        }
        self
    }

    fn has_not(&self, word: &str) -> &Self {
        assert!(!self.status.lines().any(|line| line.split(' ').nth(1) == Some(word)), "{word}: {self:?}");
        self
    }
}

#[test]
fn a_release_verifies_by_every_command_of_the_page() {
    let (copied, www) = Copied::published();
    let signer = release(&www, true);
    let reader = Reader::new(&www);
    let said = reader.runs(&["gpgv --keyring ./current.gpg"]);
    assert_eq!(said.has(&["GOODSIG", "VALIDSIG"]).code, Some(0));
    assert!(said.status.contains(&format!("VALIDSIG {signer}")));
    assert_eq!(reader.runs(&["gpgv --keyring ./archive.gpg"]).has(&["VALIDSIG"]).code, Some(0));

    reader.trusts_the_root();
    let said = reader.runs(&["gpg --verify"]);
    assert!(!said.has(&["VALIDSIG", "TRUST_FULLY"]).screen.contains("WARNING"), "{said:?}");
    assert!(said.screen.contains("Good signature"), "{said:?}");

    let shown = reader.runs(&["gpg --show-keys records.gpg"]);
    assert!(shown.screen.contains("records@example.org"), "{shown:?}");
    assert_eq!(reader.runs(&["gpgv --keyring ./records.gpg minutes/"]).has(&["VALIDSIG"]).code, Some(0));
    let page = std::fs::read_to_string(www.join("index.html")).unwrap();
    assert!(page.contains(&copied.root().groups()));
}

#[test]
fn keyrite_says_good_and_not_good_from_a_published_folder() {
    let (_copied, www) = Copied::published();
    release(&www, true);
    let reader = Reader::new(&www);
    let said = reader.runs(&["keyrite release check"]);
    assert!(said.screen.contains("\nGOOD: FILE.tar.gz ") && said.code == Some(0), "{said:?}");
    std::fs::write(www.join("FILE.tar.gz"), b"another release\n").unwrap();
    let said = reader.runs(&["keyrite release check"]);
    assert!(said.screen.contains("\nNOT GOOD: ") && said.code == Some(1), "{said:?}");
    release(&www, false);
    let said = reader.runs(&["keyrite release check"]);
    assert!(said.screen.contains("\nNOT GOOD: ") && said.code == Some(1), "{said:?}");
}

/// What the list of past releases is for.
#[test]
fn an_older_release_verifies_by_the_list_and_the_archive() {
    let (_copied, www) = Copied::published();
    let signer = release(&www, true);
    let reader = Reader::new(&www);
    let list = "gpgv --keyring ./records.gpg past-releases";
    assert_eq!(reader.runs(&[list]).has(&["VALIDSIG"]).code, Some(0));
    let said = reader.runs(&["sha256sum --check --ignore-missing"]);
    assert_eq!((said.screen.as_str(), said.code), ("FILE.tar.gz: OK\n", Some(0)));
    let said = reader.runs(&["gpgv --keyring ./archive.gpg"]);
    assert!(said.has(&["VALIDSIG"]).status.contains(&format!("VALIDSIG {signer}")), "{said:?}");
    let page = std::fs::read_to_string(www.join("index.html")).unwrap();
    assert!(page.contains(">file-1</th>"), "{page}");

    std::fs::write(www.join("FILE.tar.gz"), b"another release\n").unwrap();
    assert_ne!(reader.runs(&["sha256sum --check --ignore-missing"]).code, Some(0));
    let list_file = www.join("past-releases.txt");
    std::fs::write(&list_file, std::fs::read_to_string(&list_file).unwrap().replace("packages", "anything")).unwrap();
    reader.runs(&[list]).has(&["BADSIG"]);
}

/// The one of Debian knows other options than newer ones: the page has a command for each.
#[test]
fn a_release_verifies_by_sq() {
    let (_copied, www) = Copied::published();
    release(&www, true);
    let reader = Reader::new(&www);
    let version = reader.run("sq --version");
    let version = if version.code == Some(0) { version } else { reader.run("sq version") };
    let is_old = version.screen.contains("sq 0.");
    assert!(is_old || version.screen.contains("sq "), "sq is installed: {version:?}");
    let command = if is_old { "sq verify --signer-cert" } else { "sq --cert-store=none" };
    assert_eq!(reader.runs(&[command]).code, Some(0));
    std::fs::write(www.join("FILE.tar.gz"), b"another release\n").unwrap();
    assert_ne!(reader.runs(&[command]).code, Some(0));
}

#[test]
fn a_tampered_release_and_one_of_somebody_else_do_not_verify() {
    let (_copied, www) = Copied::published();
    release(&www, true);
    std::fs::write(www.join("FILE.tar.gz"), b"another release\n").unwrap();
    let reader = Reader::new(&www);
    reader.trusts_the_root();
    for command in ["gpgv --keyring ./current.gpg", "gpgv --keyring ./archive.gpg", "gpg --verify"] {
        let said = reader.runs(&[command]);
        said.has(&["BADSIG"]).has_not("VALIDSIG");
        assert_ne!(said.code, Some(0), "{said:?}");
    }
    release(&www, false);
    let said = reader.runs(&["gpgv --keyring ./current.gpg"]);
    said.has(&["ERRSIG", "NO_PUBKEY"]).has_not("VALIDSIG");
    assert_ne!(said.code, Some(0));
    // With their key at hand, gpg says that it does not trust them.
    reader.home.gpg(&["--import"], bert().as_bytes());
    let said = reader.runs(&["gpg --verify"]);
    assert!(said.has(&["VALIDSIG", "TRUST_UNDEFINED"]).screen.contains("WARNING"), "{said:?}");
}

/// The folder over HTTP on the loopback.
struct Server(Child, String);

impl Server {
    fn of(folder: &Path) -> Self {
        let mut serve = Command::new("python3");
        serve.args(["-u", "-m", "http.server", "--bind", "127.0.0.1", "0", "--directory"]).arg(folder);
        let mut child = serve.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("python3 is installed");
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line).unwrap();
        let port = line.split(" port ").nth(1).expect("a port").split(' ').next().unwrap().to_owned();
        Self(child, format!("http://127.0.0.1:{port}"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Why the page warns of the plain command, and what it says instead.
#[test]
fn a_fetched_key_loses_the_roots_word_unless_gpg_is_told() {
    let (_copied, www) = Copied::published();
    release(&www, true);
    let server = Server::of(&www);
    for (as_the_page_says, trust) in [(true, "TRUST_FULLY"), (false, "TRUST_UNDEFINED")] {
        let reader = Reader::new(&www);
        reader.runs(&["gpg --quick-gen-key"]);
        let command = reader.commands.iter().find(|line| line.contains("--fetch-keys")).expect("a command");
        let command = command.replace("URL", &server.1);
        let plain = command.replace("--keyserver-options no-self-sigs-only ", "");
        assert_ne!(command, plain);
        reader.run(if as_the_page_says { &command } else { &plain });
        reader.runs(&["gpg --quick-lsign-key", "echo "]);
        reader.runs(&["gpg --verify"]).has(&["VALIDSIG", trust]);
    }
}
