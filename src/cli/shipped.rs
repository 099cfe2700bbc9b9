//! The shipped scripts and the example organization, as they stand in the repository.

/// Each with the name of its file.
pub(super) const FILES: [(&str, &str); 7] = [
    ("organization.toml", include_str!("../../ceremony/organization.toml")),
    ("root-generation.toml", include_str!("../../ceremony/root-generation.toml")),
    ("delegation.toml", include_str!("../../ceremony/delegation.toml")),
    ("card-pins.toml", PINS),
    ("card-unblock.toml", UNBLOCK),
    ("card-replace.toml", include_str!("../../ceremony/card-replace.toml")),
    ("card-retire.toml", RETIRE),
];

/// New PINs for a card in service.
pub(super) const PINS: &str = include_str!("../../ceremony/card-pins.toml");
/// A new user PIN for one.
pub(super) const UNBLOCK: &str = include_str!("../../ceremony/card-unblock.toml");
/// A card leaves.
pub(super) const RETIRE: &str = include_str!("../../ceremony/card-retire.toml");
