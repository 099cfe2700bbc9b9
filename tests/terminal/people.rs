//! People who answer as they should.

use std::time::SystemTime;

/// What the right person answers to the last question of a screen; `paper` is all that was shown before.
pub(crate) fn answer(screen: &str, paper: &str) -> String {
    let question = screen.rsplit('\n').next().unwrap_or_default();
    match question.trim_start_matches([' ', '>']) {
        q if q.starts_with("It cannot be undone") => "Yes".to_owned(),
        q if q.starts_with("y or n") || q.starts_with("Copied") => "y".to_owned(),
        q if q.starts_with("HH:MM:SS") => now(),
        q if q.starts_with("type ") => q.trim_start_matches("type ").split(", or n").next().unwrap().to_owned(),
        q if q.starts_with("compared") => "in person".to_owned(),
        q if q.starts_with("Nothing is shown") || q.starts_with("Once more") => half(screen),
        q if q.starts_with("as it stands there") => head_word(screen, paper),
        q if q.contains("Enter") => String::new(),
        q => panic!("nobody knows what to say to {q:?}"),
    }
}

#[allow(dead_code, reason = "each test program needs some of this")]
/// Whether a known half is asked for, and not a new one.
pub(crate) fn is_known_half(screen: &str) -> bool {
    screen.contains(": your half of") && screen.contains(">> Nothing is shown")
}

/// Each holder's half, from what the question names: `1urecords`.
fn half(screen: &str) -> String {
    let text = screen.replace('\n', " ").split_whitespace().collect::<Vec<_>>().join(" ");
    let (seat, asked) = text.rsplit_once("-holder ").expect("a holder");
    let number = asked.chars().next().unwrap();
    let (_, code) = asked.split_once("half of the ").unwrap_or_else(|| panic!("{seat}"));
    let (code, card) = code.split_once(" of card ").unwrap();
    let card: String =
        card.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').filter(|c| *c != '-').collect();
    format!("{number}{}{card}", code.chars().next().unwrap())
}

/// What a witness wrote down of the head, of which eight rows of four words were shown.
fn head_word(screen: &str, paper: &str) -> String {
    let (_, shown) = paper.rsplit_once("The head that the minutes bind, in words:").expect("the head");
    let mut words = shown.lines().skip(1).take(8).flat_map(str::split_whitespace);
    let word = if screen.contains("the first word") { words.next() } else { words.last() };
    word.expect("a word").to_owned()
}

fn now() -> String {
    let seconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() % 86_400;
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}
