//! The connections that are open: to drop them at an eject, and to know when nobody is left.

use std::{
    collections::BTreeMap,
    io,
    net::Shutdown,
    os::unix::net::UnixStream,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// All open connections of the server.
pub(crate) struct Lobby {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    open: BTreeMap<u64, UnixStream>,
    entered: u64,
    quiet_since: Instant,
    closed: bool,
}

/// One open connection; dropping it is leaving.
pub(crate) struct Guest<'a> {
    lobby: &'a Lobby,
    number: u64,
}

impl Lobby {
    pub(crate) fn new() -> Self {
        let state = State { open: BTreeMap::new(), entered: 0, quiet_since: Instant::now(), closed: false };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Counts a connection as open.
    pub(crate) fn enter(&self, stream: &UnixStream) -> io::Result<Guest<'_>> {
        let stream = stream.try_clone()?;
        let mut state = self.state();
        state.entered += 1;
        let number = state.entered;
        state.open.insert(number, stream);
        Ok(Guest { lobby: self, number })
    }

    /// Lets [`Lobby::wait`] return.
    pub(crate) fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }

    /// Waits for [`Lobby::close`], or until nobody has been here for as long as `idle`.
    pub(crate) fn wait(&self, idle: Option<Duration>) {
        let mut state = self.state();
        while !state.closed {
            let left = match idle {
                Some(idle) if state.open.is_empty() => match idle.checked_sub(state.quiet_since.elapsed()) {
                    Some(left) if !left.is_zero() => left,
                    _ => return,
                },
                // Whoever leaves or closes gives notice.
                _ => Duration::MAX,
            };
            state = match self.changed.wait_timeout(state, left) {
                Ok((state, _)) => state,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Guest<'_> {
    /// Shuts all other connections down.
    pub(crate) fn drop_others(&self) {
        for (number, stream) in &self.lobby.state().open {
            if *number != self.number {
                // One that is closed already cannot be shut down: good.
                stream.shutdown(Shutdown::Both).ok();
            }
        }
    }
}

impl Drop for Guest<'_> {
    fn drop(&mut self) {
        let mut state = self.lobby.state();
        state.open.remove(&self.number);
        state.quiet_since = Instant::now();
        self.lobby.changed.notify_all();
    }
}
