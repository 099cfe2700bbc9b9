//! One secret in pages of its own.

use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use rustix::io::Errno;
use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mlock, mmap_anonymous, munlock, munmap};
use zeroize::Zeroize;

/// The machine did not give locked memory.
#[derive(Debug)]
pub struct LockError {
    /// The call that failed: `mmap`, `madvise` or `mlock`.
    pub call: &'static str,
    /// What the kernel answered. `mlock` answers `EAGAIN` or `ENOMEM` when `RLIMIT_MEMLOCK` is used up.
    pub errno: Errno,
}

impl std::fmt::Display for LockError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no locked memory for a secret: {} failed: {}", self.call, self.errno)
    }
}

impl std::error::Error for LockError {}

/// Bytes of a secret in locked pages. Zeroized on drop; never in a core dump; never swapped.
pub struct Locked {
    start: NonNull<u8>,
    /// Bytes in use.
    len: usize,
    /// Bytes mapped: at least one page, so that an empty secret is still a valid mapping.
    mapped: usize,
}

// SAFETY: `Locked` owns its mapping alone, as `Box<[u8]>` owns its allocation; nothing in it is tied to a thread.
unsafe impl Send for Locked {}
// SAFETY: a shared `Locked` gives out `&[u8]` only.
unsafe impl Sync for Locked {}

impl Locked {
    /// `len` zero bytes.
    ///
    /// # Errors
    /// [`LockError`] when the kernel refuses to map or to lock the pages.
    pub fn zeroed(len: usize) -> Result<Self, LockError> {
        let mapped = len.max(1).next_multiple_of(rustix::param::page_size());
        // SAFETY: an anonymous private mapping at an address of the kernel's choice aliases nothing.
        let raw = unsafe {
            mmap_anonymous(std::ptr::null_mut(), mapped, ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE)
        }
        .map_err(|errno| LockError { call: "mmap", errno })?;
        let Some(start) = NonNull::new(raw.cast::<u8>()) else {
            return Err(LockError { call: "mmap", errno: Errno::NOMEM });
        };
        // From here on, dropping `this` gives the pages back.
        let this = Self { start, len, mapped };
        // SAFETY: `raw..raw+mapped` is the mapping made above.
        unsafe { madvise(raw, mapped, Advice::LinuxDontDump) }.map_err(|errno| LockError { call: "madvise", errno })?;
        // SAFETY: as above.
        unsafe { mlock(raw, mapped) }.map_err(|errno| LockError { call: "mlock", errno })?;
        Ok(this)
    }

    /// A copy of `secret`. The caller wipes the source.
    ///
    /// # Errors
    /// As [`Locked::zeroed`].
    pub fn copy_of(secret: &[u8]) -> Result<Self, LockError> {
        let mut this = Self::zeroed(secret.len())?;
        this.copy_from_slice(secret);
        Ok(this)
    }

    /// Moves `secret` in: copies it, then wipes and frees the source.
    ///
    /// # Errors
    /// As [`Locked::zeroed`]; the source is wiped then too.
    pub fn absorb(mut secret: Vec<u8>) -> Result<Self, LockError> {
        let this = Self::copy_of(&secret);
        secret.zeroize();
        this
    }

    /// The same secret in pages of its own. Written out, because a copy of a secret should be seen in the source.
    ///
    /// # Errors
    /// As [`Locked::zeroed`].
    pub fn duplicate(&self) -> Result<Self, LockError> {
        Self::copy_of(self)
    }

    /// The secret as text.
    ///
    /// # Errors
    /// When the bytes are not UTF-8.
    pub fn text(&self) -> Result<&str, std::str::Utf8Error> {
        std::str::from_utf8(self)
    }

    /// Forgets the bytes from `len` on. A larger `len` changes nothing.
    pub fn truncate(&mut self, len: usize) {
        if len < self.len {
            self[len..].zeroize();
            self.len = len;
        }
    }
}

impl Deref for Locked {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: `start..start+len` lies in our live, readable, initialized (zero-filled) mapping.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl DerefMut for Locked {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `deref`; `&mut self` makes the borrow unique.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        self.zeroize_all();
        let raw = self.start.as_ptr().cast();
        // SAFETY: the mapping is ours and no borrow of it outlives `self`. A failure leaves zeroed pages behind, no secret.
        unsafe {
            let _ = munlock(raw, self.mapped);
            let _ = munmap(raw, self.mapped);
        }
    }
}

impl Locked {
    fn zeroize_all(&mut self) {
        self.len = self.mapped;
        self.deref_mut().zeroize();
        self.len = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_what_it_was_given_and_forgets_the_tail() {
        let mut secret = Locked::copy_of(b"TEST SECRET 1234").expect("locked memory");
        assert_eq!(&*secret, b"TEST SECRET 1234");
        secret.truncate(4);
        assert_eq!(secret.text().expect("text"), "TEST");
        secret.truncate(99);
        assert_eq!(secret.len(), 4);
    }

    #[test]
    fn an_empty_secret_is_a_secret() {
        assert!(Locked::zeroed(0).expect("locked memory").is_empty());
    }

    #[test]
    fn its_pages_are_locked_and_left_out_of_core_dumps() {
        let secret = Locked::copy_of(&[0x5a; 100]).expect("locked memory");
        let flags = vm_flags(secret.as_ptr() as usize);
        assert!(flags.contains("lo"), "not locked: {flags}");
        assert!(flags.contains("dd"), "would be dumped: {flags}");
    }

    /// The `VmFlags` line of the mapping that holds `address`.
    fn vm_flags(address: usize) -> String {
        let mut inside = false;
        for line in std::fs::read_to_string("/proc/self/smaps").expect("smaps").lines() {
            if let Some((range, _)) = line.split_once(' ')
                && let Some((from, to)) = range.split_once('-')
                && let (Ok(from), Ok(to)) = (usize::from_str_radix(from, 16), usize::from_str_radix(to, 16))
            {
                inside = (from..to).contains(&address);
            }
            if inside && line.starts_with("VmFlags:") {
                return line.to_owned();
            }
        }
        String::new()
    }
}
