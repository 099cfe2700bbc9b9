//! What goes to stderr: an error and its hint, or one line about a panic.

use std::{
    io::{self, Write},
    panic::{self, PanicHookInfo},
    thread,
};

use crate::{card, error::Error};

/// Makes a panic one line on stderr, never a backtrace.
pub fn panics_as_one_line() {
    panic::set_hook(Box::new(|info| say(&line(info))));
}

/// Reports an error and its hint.
pub fn error(error: &Error) {
    say(&format!("error: {error}"));
    if let Some(hint) = error.hint() {
        say(&format!("hint: {hint}"));
    }
}

/// Reports that the card is dead, and why.
pub(crate) fn dead_card(why: &str) {
    say(&dead(why));
}

fn line(info: &PanicHookInfo<'_>) -> String {
    let what = info.payload_as_str().unwrap_or("panic").replace(char::is_control, " ");
    let place = info.location().map(|location| format!(" ({location})")).unwrap_or_default();
    if thread::current().name() == Some(card::THREAD) {
        dead(&format!("{what}{place}"))
    } else {
        format!("error: a bug: {what}{place}")
    }
}

fn dead(why: &str) -> String {
    format!("error: the card's firmware died: {why}; it answers 6F00 until its power is cut")
}

/// Where stderr is gone, there is nobody to tell.
fn say(line: &str) {
    writeln!(io::stderr(), "{line}").ok();
}
