//! One power cycle of the firmware: filesystems mounted, trussed started, opcard on top.

use std::{cell::RefCell, mem::ManuallyDrop};

use littlefs2::{
    fs::{Allocation, Filesystem},
    io::Error,
};
use littlefs2_core::path;
use trussed::{
    ClientImplementation,
    pipe::{ServiceEndpoint, TrussedChannel},
    service::Service,
    types::CoreContext,
};

use crate::{
    apdu::Transport,
    card_file::CardFile,
    dispatch::{BACKENDS, Dispatch},
    platform::{Call, Kernel, Platform, Store},
    storage::Flash,
};

/// Manufacturers from 0xFF00 are for cards outside the registry; 0xFFFF is for test cards (OpenPGP card 3.4, 4.2.1).
const TEST_CARD: [u8; 2] = [0xFF, 0xFF];

/// Blocks of RAM that the firmware uses as a filesystem.
const RAM_BLOCKS: usize = 128;

/// Gives `during` a card with power, which answers command APDUs.
///
/// When `during` returns, the power is gone: RAM is forgotten, and no part of the firmware runs to say good-bye.
pub(crate) fn powered<R>(
    file: &mut CardFile,
    during: impl FnOnce(&mut dyn FnMut(&[u8]) -> Vec<u8>) -> R,
) -> Result<R, Error> {
    let mut ram = Flash::<RAM_BLOCKS>::erased();
    Filesystem::format(&mut ram)?;
    let (mut in_internal, mut in_external, mut in_volatile) = (Allocation::new(), Allocation::new(), Allocation::new());
    let store = Store {
        internal: &Filesystem::mount(&mut in_internal, &mut file.internal)?,
        external: &Filesystem::mount(&mut in_external, &mut file.external)?,
        volatile: &Filesystem::mount(&mut in_volatile, &mut ram)?,
    };
    let channel = TrussedChannel::new();
    let (requester, responder) = channel.split().ok_or(Error::IO)?;
    let kernel = RefCell::new(Kernel {
        service: Service::with_dispatch(Platform::new(store), Dispatch::new(&file.hardware_key)),
        endpoints: [ServiceEndpoint::new(responder, CoreContext::new(path!("opcard").into()), BACKENDS)],
    });
    let client = ClientImplementation::new(requester, Call(&kernel), None);
    let mut options = opcard::Options::default();
    options.manufacturer = TEST_CARD;
    options.serial = file.serial;
    // opcard's Drop calls into the kernel: no cut of power does that, and after a panic it would abort the process.
    let mut card = ManuallyDrop::new(opcard::Card::<ClientImplementation<'_, _, Dispatch>>::new(client, options));
    let mut transport = Transport::new();
    Ok(during(&mut |apdu| transport.exchange(apdu, &mut |command, response| card.handle(command, response))))
}
