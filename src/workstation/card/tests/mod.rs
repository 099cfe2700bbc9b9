//! Cards, tried with the real `keyrite-virtual-card` process.

mod faults;
mod guard;
mod keys;
mod pins;
mod support;
mod versions;
