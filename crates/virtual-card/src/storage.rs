//! Blocks of the card's flash: in memory, and written through to the card file.
//!
//! Each erase and each write of littlefs goes to the file at once and in order, so the file holds, at every moment, what
//! a flash chip would hold, and littlefs survives a cut between any two of these writes: the test in `power_cut.rs` cuts
//! at each. No write crosses a page of the kernel's cache (blocks divide 4096 and parts of the file start at a multiple
//! of it), so a kill cannot halve one. Nothing is fsynced: a killed process does not lose the page cache, and a card for
//! rehearsals need not survive more.

use std::{fs::File, os::unix::fs::FileExt, sync::Arc};

use littlefs2::{
    consts::{U16, U512},
    driver::Storage,
    io::{Error, Result},
};

/// Bytes of one block.
pub(crate) const BLOCK: usize = 512;

/// What erased flash reads as.
const ERASED: u8 = 0xFF;

/// A flash chip of so many blocks.
pub(crate) struct Flash<const BLOCKS: usize> {
    memory: Vec<u8>,
    behind: Option<Behind>,
}

/// What each change goes to before it counts: an offset, and the bytes there.
type Behind = Box<dyn FnMut(usize, &[u8]) -> std::io::Result<()> + Send>;

impl<const BLOCKS: usize> Flash<BLOCKS> {
    /// Bytes of the whole.
    pub(crate) const SIZE: usize = BLOCKS * BLOCK;

    /// Erased, and with nothing behind.
    pub(crate) fn erased() -> Self {
        Self { memory: vec![ERASED; Self::SIZE], behind: None }
    }

    /// What the file holds at `base`, written through to it from now on.
    pub(crate) fn load(file: &Arc<File>, base: u64) -> std::io::Result<Self> {
        let mut memory = vec![0; Self::SIZE];
        file.read_exact_at(&mut memory, base)?;
        let file = Arc::clone(file);
        let behind: Behind = Box::new(move |offset, data| file.write_all_at(data, base + offset as u64));
        Ok(Self { memory, behind: Some(behind) })
    }

    /// This memory, written through to `behind` from now on.
    #[cfg(test)]
    pub(crate) fn before(
        memory: Vec<u8>,
        behind: impl FnMut(usize, &[u8]) -> std::io::Result<()> + Send + 'static,
    ) -> Self {
        Self { memory, behind: Some(Box::new(behind)) }
    }

    /// All its bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.memory
    }

    /// Changes a range: what is behind first, so that memory is never ahead of it.
    fn change(&mut self, offset: usize, data: &[u8]) -> Result<usize> {
        let end = offset.checked_add(data.len()).ok_or(Error::IO)?;
        let place = self.memory.get_mut(offset..end).ok_or(Error::IO)?;
        if let Some(behind) = &mut self.behind {
            behind(offset, data).map_err(|_| Error::IO)?;
        }
        place.copy_from_slice(data);
        Ok(data.len())
    }
}

impl<const BLOCKS: usize> Storage for Flash<BLOCKS> {
    const READ_SIZE: usize = 16;
    const WRITE_SIZE: usize = 16;
    const BLOCK_SIZE: usize = BLOCK;
    const BLOCK_COUNT: usize = BLOCKS;
    type CACHE_SIZE = U512;
    type LOOKAHEAD_SIZE = U16;

    fn read(&mut self, offset: usize, buffer: &mut [u8]) -> Result<usize> {
        let end = offset.checked_add(buffer.len()).ok_or(Error::IO)?;
        buffer.copy_from_slice(self.memory.get(offset..end).ok_or(Error::IO)?);
        Ok(buffer.len())
    }

    fn write(&mut self, offset: usize, data: &[u8]) -> Result<usize> {
        self.change(offset, data)
    }

    fn erase(&mut self, offset: usize, length: usize) -> Result<usize> {
        for start in (offset..offset + length).step_by(BLOCK) {
            self.change(start, &[ERASED; BLOCK])?;
        }
        Ok(length)
    }
}
