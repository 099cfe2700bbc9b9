//! Panics of the card client, made into values.
//!
//! `openpgp-card` 0.7 panics on some answers (`unreachable!` on 61xx with extended length, an index into a short DO). A card
//! is outside input, so none of that may end a ceremony.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    /// Set while this thread is inside [`contained`]: its panics are answers, not news.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work`; `None` when it panicked. What `work` borrowed mutably must not be used after that.
pub(super) fn contained<T>(work: impl FnOnce() -> T) -> Option<T> {
    static HOOK: Once = Once::new();
    // The hook is one for the whole process, so ours asks which thread panics, and passes other threads' panics on.
    HOOK.call_once(|| {
        let earlier = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                earlier(info);
            }
        }));
    });
    let before = QUIET.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    QUIET.set(before);
    result.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_value() {
        assert_eq!(contained(|| 1), Some(1));
        assert_eq!(contained(|| if QUIET.get() { panic!("inside") } else { 2 }), None);
        assert!(!QUIET.get());
    }
}
