//! The hardware that the firmware sees: randomness, three filesystems, and a finger that always touches.

use std::cell::RefCell;

use littlefs2_core::DynFilesystem;
use rand_core::OsRng;
use trussed::{
    pipe::ServiceEndpoint,
    platform::{self, Syscall},
    service::Service,
    store,
};
use trussed_core::types::consent::Level;

use crate::dispatch::{Backend, Dispatch, DispatchContext};

/// The firmware's hardware.
pub(crate) struct Platform<'a> {
    random: OsRng,
    store: Store<'a>,
    touch: Touch,
}

/// The three filesystems.
#[derive(Clone, Copy)]
pub(crate) struct Store<'a> {
    pub(crate) internal: &'a dyn DynFilesystem,
    pub(crate) external: &'a dyn DynFilesystem,
    pub(crate) volatile: &'a dyn DynFilesystem,
}

/// Somebody always touches the card when it asks for that.
pub(crate) struct Touch;

impl<'a> Platform<'a> {
    pub(crate) fn new(store: Store<'a>) -> Self {
        Self { random: OsRng, store, touch: Touch }
    }
}

impl<'a> platform::Platform for Platform<'a> {
    type R = OsRng;
    type S = Store<'a>;
    type UI = Touch;

    fn rng(&mut self) -> &mut OsRng {
        &mut self.random
    }

    fn store(&self) -> Store<'a> {
        self.store
    }

    fn user_interface(&mut self) -> &mut Touch {
        &mut self.touch
    }
}

impl store::Store for Store<'_> {
    fn ifs(&self) -> &dyn DynFilesystem {
        self.internal
    }

    fn efs(&self) -> &dyn DynFilesystem {
        self.external
    }

    fn vfs(&self) -> &dyn DynFilesystem {
        self.volatile
    }
}

impl platform::UserInterface for Touch {
    fn check_user_presence(&mut self) -> Level {
        Level::Normal
    }
}

/// The operating system, with the one channel it serves.
pub(crate) struct Kernel<'a> {
    pub(crate) service: Service<Platform<'a>, Dispatch>,
    pub(crate) endpoints: [ServiceEndpoint<'a, Backend, DispatchContext>; 1],
}

/// A call into the operating system, made directly: no thread, no polling.
pub(crate) struct Call<'k, 'a>(pub(crate) &'k RefCell<Kernel<'a>>);

impl Syscall for Call<'_, '_> {
    fn syscall(&mut self) {
        let Kernel { service, endpoints } = &mut *self.0.borrow_mut();
        service.process(endpoints);
    }
}
