//! The kernel's randomness.

use std::path::Path;

use keyrite_locked::Locked;

use super::WorkstationError;

/// `len` bytes from the kernel's generator, straight into locked memory. Blocks until the generator is initialised.
///
/// # Errors
/// When the kernel gives none.
pub fn kernel(len: usize) -> Result<Locked, WorkstationError> {
    let mut bytes = Locked::zeroed(len)?;
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..)
        && !rest.is_empty()
    {
        match rustix::rand::getrandom(rest, rustix::rand::GetRandomFlags::empty()) {
            Ok(count) => filled += count,
            Err(rustix::io::Errno::INTR) => {}
            Err(errno) => return Err(WorkstationError::os("get randomness from", Path::new("the kernel"))(errno)),
        }
    }
    Ok(bytes)
}
