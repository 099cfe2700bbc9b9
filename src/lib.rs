//! keyrite.
