//! The machine's clock.

use std::time::SystemTime;

use super::WorkstationError;
use crate::model::timestamp::Timestamp;

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
