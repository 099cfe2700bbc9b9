//! The ordinary heap, wiped as it is given back.

use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr;

/// The system's allocator; whatever is freed is filled with zeros first.
///
/// Libraries keep copies of secrets on the heap while they work: the card client its commands, OpenPGP its packets, a prompt
/// the string that grew while somebody typed. What they free, and what a growing buffer leaves behind, holds nothing any more.
/// It is not for C libraries, which have their own allocator, and not for what is still in use.
pub struct Wiping;

// SAFETY: every block comes from `System` and goes back to it with the layout that it was asked with; it is written to only
// while it is still ours.
unsafe impl GlobalAlloc for Wiping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc_zeroed`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller gives a live block of `layout.size()` bytes and never uses it again.
        unsafe {
            wipe(block, layout.size());
            System.dealloc(block, layout);
        }
    }

    // As the trait's own, so that the system never moves a block by itself: its old place would keep the bytes.
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller promises that `size`, rounded up to the alignment, does not overflow.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        // SAFETY: `size` is not zero, says the caller. The new block does not overlap the old one, which is live.
        unsafe {
            let moved = self.alloc(wanted);
            if !moved.is_null() {
                ptr::copy_nonoverlapping(block, moved, layout.size().min(size));
                self.dealloc(block, layout);
            }
            moved
        }
    }
}

/// Fills with zeros, and the compiler may not leave it out although nobody reads them.
///
/// # Safety
/// `len` bytes from `start` on are live and ours alone.
unsafe fn wipe(start: *mut u8, len: usize) {
    // SAFETY: as the caller promises.
    let bytes = unsafe {
        ptr::write_bytes(start, 0, len);
        std::slice::from_raw_parts(start, len)
    };
    zeroize::optimization_barrier(bytes);
}
