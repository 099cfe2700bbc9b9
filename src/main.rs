//! keyrite.
fn main() {}
