//! The shipped scripts and the example organizations, as they stand in the repository.

/// A shipped file: its name, and what stands in it.
pub(super) type Shipped = (&'static str, &'static str);

/// For roots that are sealed.
pub(super) const BACKED_UP: &[Shipped] = &[
    ("incoming/roster.toml", ROSTER),
    ("organization.toml", include_str!("../../ceremony/organization.toml")),
    ("root-generation.toml", include_str!("../../ceremony/root-generation.toml")),
    ("delegation.toml", include_str!("../../ceremony/delegation.toml")),
    ("card-pins.toml", PINS),
    ("card-unblock.toml", UNBLOCK),
    ("card-reload.toml", include_str!("../../ceremony/card-reload.toml")),
    ("card-replacement.toml", include_str!("../../ceremony/card-replacement.toml")),
    ("card-retire.toml", RETIRE),
    ("restore-drill.toml", include_str!("../../ceremony/restore-drill.toml")),
    ("reshare.toml", include_str!("../../ceremony/reshare.toml")),
];

/// For roots that their cards alone have. Codes are served by the same scripts; such a card is never erased.
pub(super) const CARD_ONLY: &[Shipped] = &[
    ("incoming/roster.toml", ROSTER),
    ("organization.toml", include_str!("../../ceremony/card-only/organization.toml")),
    ("root-generation.toml", include_str!("../../ceremony/card-only/root-generation.toml")),
    ("delegation.toml", include_str!("../../ceremony/card-only/delegation.toml")),
    ("card-pins.toml", PINS),
    ("card-unblock.toml", UNBLOCK),
];

/// Who may be delegated.
pub(super) const ROSTER: &str = include_str!("../../ceremony/incoming/roster.toml");
/// New PINs for a card in service.
pub(super) const PINS: &str = include_str!("../../ceremony/card-pins.toml");
/// A new user PIN for one.
pub(super) const UNBLOCK: &str = include_str!("../../ceremony/card-unblock.toml");
/// A card leaves.
pub(super) const RETIRE: &str = include_str!("../../ceremony/card-retire.toml");
