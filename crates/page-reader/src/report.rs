//! What goes to stderr: an error and its hint.

use std::io::{self, Write};
use std::panic;

use crate::error::Error;

/// A decoder that panics is an error like another ([`Error::Panicked`]): its words say nothing to people.
pub fn panics_silently() {
    panic::set_hook(Box::new(|_| {}));
}

/// Reports an error and its hint.
pub fn error(error: &Error) {
    say(&format!("error: {error}"));
    say(&format!("hint: {}", error.hint()));
}

/// Where stderr is gone, there is nobody to tell.
fn say(line: &str) {
    writeln!(io::stderr(), "{line}").ok();
}
