//! Records of ceremonies: minutes checked, cosigned and closed; registers copied and recovered. By the real programs, with
//! stock gpg, on one finished rehearsal.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod backups;
mod bags;
mod closing;
mod copies;
mod cosign;
#[path = "../support/engineer.rs"]
mod engineer;
mod forge;
mod formats;

#[path = "../support/gpg.rs"]
mod gpg;
mod minutes;
#[path = "../support/organization.rs"]
mod organization;
mod played;
mod print;
mod recover;
#[path = "../support/report.rs"]
mod report;
mod sheets;
#[path = "../support/stage.rs"]
mod stage;
mod versions;
