//! The page, as a program that reads HTML sees it.

use std::path::Path;
use std::process::Command;

use crate::played::{Copied, NEWEST};

/// tests/publish/page.py looks at it; it says what is wrong, line by line.
fn checked(page: &Path) -> String {
    let run = Command::new("python3").arg("tests/publish/page.py").arg(page).output().expect("python3 is installed");
    assert!(run.stderr.is_empty(), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).unwrap()
}

#[test]
fn the_page_is_whole_and_can_be_read_aloud() {
    let (_copied, www) = Copied::published();
    assert_eq!(checked(&www.join("index.html")), "");
}

#[test]
fn a_broken_page_would_be_seen() {
    let (copied, www) = Copied::published();
    let page = std::fs::read_to_string(www.join("index.html")).unwrap();
    for (from, to, fault) in [
        ("</section>", "", "is not closed"),
        ("<html lang=\"en\">", "<html>", "no language"),
        ("<h3>", "<h4>", "after h"),
        (" scope=\"col\"", "", "without scope"),
        ("<footer>", "<footer><script>1</script>", "script"),
        ("<footer>", "<footer><img src=\"x\">", "img"),
        ("<a href=\"KEYS\">", "<a href=\"KEYZ\">", "leads nowhere"),
        ("<a href=\"KEYS\">", "<a href=\"https://example.org\">", "leads elsewhere"),
        ("--link: #0b4fa8", "--link: #9ab0c8", "contrast"),
    ] {
        assert!(page.contains(from), "{from}");
        let changed = www.join("changed.html");
        std::fs::write(&changed, page.replacen(from, to, 1)).unwrap();
        let said = checked(&changed);
        assert!(said.contains(fault), "{from} -> {to}: {said}");
    }
    drop(copied);
}

#[test]
fn the_page_and_the_text_say_the_same_commands() {
    let (_copied, www) = Copied::published();
    let text = std::fs::read_to_string(www.join("how-to-verify.txt")).unwrap();
    let in_text: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| ["gpg", "gpgv", "sq", "echo", "sha256sum", "keyrite"].contains(&line.split(' ').next().unwrap()))
        .collect();
    let page = std::fs::read_to_string(www.join("index.html")).unwrap();
    let on_page = crate::commands::commands(&page);
    assert!(in_text.len() > 12, "{in_text:?}");
    let on_page: Vec<&str> = on_page.iter().map(String::as_str).filter(|line| !line.contains(" minutes/")).collect();
    assert_eq!(on_page, in_text);
}

#[test]
fn a_page_of_a_rehearsal_is_marked() {
    let copied = Copied::new();
    let told = copied.publish(NEWEST, "www", &[]).done().out.clone();
    assert!(told.starts_with("REHEARSAL, NOT FOR USE\n"), "{told}");
    let page = std::fs::read_to_string(copied.path("www/index.html")).unwrap();
    assert!(page.contains("<title>REHEARSAL, NOT FOR USE: Release keys of Example Organization</title>"));
    assert!(page.contains("<p class=\"mark\">REHEARSAL, NOT FOR USE."));
}
