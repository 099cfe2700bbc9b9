//! A page of the documents whose commands are run.

use std::process::Command;

use crate::gpg::Home;
use crate::stage::keyrite;

/// The page.
pub(crate) struct Page(String);

impl Page {
    pub(crate) fn read(path: &str) -> Self {
        Self::of(&std::fs::read_to_string(path).unwrap())
    }

    pub(crate) fn of(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The blocks of a section in this language.
    fn blocks(&self, section: &str, language: &str) -> Vec<String> {
        let begin = format!("## {section}\n");
        let (_, text) = self.0.split_once(&begin).unwrap_or_else(|| panic!("no section {section}"));
        let text = text.split("\n## ").next().unwrap();
        let fence = format!("```{language}\n");
        let blocks: Vec<String> =
            text.split(&fence).skip(1).map(|block| block.split("```").next().unwrap().to_owned()).collect();
        assert!(!blocks.is_empty(), "section {section} has nothing in {language}");
        blocks
    }

    /// The only block of a section in this language.
    pub(crate) fn block(&self, section: &str, language: &str) -> String {
        let blocks = self.blocks(section, language);
        assert_eq!(blocks.len(), 1, "section {section}");
        blocks[0].clone()
    }

    /// The commands of a section, each on its line.
    pub(crate) fn commands(&self, section: &str) -> Vec<String> {
        self.blocks(section, "sh").concat().lines().map(str::to_owned).collect()
    }

    /// Runs the commands of a section, each of which must go well; gives what they said.
    pub(crate) fn run(&self, section: &str, home: &Home) -> String {
        self.commands(section).iter().map(|command| said(home, command)).collect()
    }
}

/// What a command says in a signer's home, on standard output or else on standard error. keyrite is on the path.
pub(crate) fn said(home: &Home, command: &str) -> String {
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", keyrite().parent().unwrap().display());
    let mut shell = Command::new("sh");
    shell.args(["-ec", command]).current_dir(home.path()).env("PATH", path);
    let output = shell.env("GNUPGHOME", home.path()).env("LC_ALL", "C.UTF-8").output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command}: {out}{err}");
    // gpgv and gpg --verify say what they find on standard error.
    if out.is_empty() { err.into_owned() } else { out.into_owned() }
}
