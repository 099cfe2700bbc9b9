//! Stock gpg and its scdaemon on the same cards.
