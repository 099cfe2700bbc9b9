//! The machine's clock.

use std::time::{Duration, SystemTime};

use super::WorkstationError;
use crate::model::timestamp::Timestamp;

/// 2026-11-01T00:00:00Z: no clock that is right stands before this version of keyrite was written.
pub const WRITTEN: Timestamp = Timestamp(1_793_491_200);

/// How far the clock may step back within a ceremony before it is refused: an adjustment, not another day.
pub const STEP_BACK: Duration = Duration::from_secs(120);

/// What the machine's clock says, in UTC.
///
/// # Errors
/// When it stands before 1970 or after 2106.
pub fn now() -> Result<Timestamp, WorkstationError> {
    Timestamp::try_from(SystemTime::now()).map_err(|_| WorkstationError::ClockBehind {
        now: Timestamp(0),
        what: "the time that OpenPGP can write".to_owned(),
        then: Timestamp(0),
    })
}
