//! The card as a thread of its own, since the firmware cannot move between threads.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc::{self, Receiver, Sender},
    thread,
};

use crate::{card_file::CardFile, error::Error, firmware, report};

/// The name of the card's thread, by which a panic is told to be the firmware's.
pub(crate) const THREAD: &str = "card";

/// RSA and littlefs in a build without optimization want more than the usual 2 MiB.
const STACK: usize = 8 << 20;

/// "No precise diagnosis" (ISO 7816-4): what a card says whose firmware panicked.
const NO_DIAGNOSIS: [u8; 2] = [0x6F, 0x00];

/// A running card.
pub(crate) struct Card {
    jobs: Sender<Job>,
}

enum Job {
    Transmit(Vec<u8>, Sender<Vec<u8>>),
    CutPower(Sender<()>),
}

/// Why a power cycle ended.
enum End {
    PowerCut,
    Abandoned,
}

impl Card {
    /// Gives the card power.
    pub(crate) fn start(file: CardFile) -> Result<Self, Error> {
        let (jobs, work) = mpsc::channel();
        thread::Builder::new()
            .name(THREAD.to_owned())
            .stack_size(STACK)
            .spawn(move || live(file, &work))
            .map_err(|_| Error::CardStopped)?;
        Ok(Self { jobs })
    }

    /// Executes a command APDU. When this returns, the card file holds what it changed.
    pub(crate) fn transmit(&self, apdu: &[u8]) -> Result<Vec<u8>, Error> {
        self.ask(|answer| Job::Transmit(apdu.to_vec(), answer))
    }

    /// Takes the power away and gives it again.
    pub(crate) fn cut_power(&self) -> Result<(), Error> {
        self.ask(Job::CutPower)
    }

    fn ask<A>(&self, job: impl FnOnce(Sender<A>) -> Job) -> Result<A, Error> {
        let (answer, answered) = mpsc::channel();
        self.jobs.send(job(answer)).map_err(|_| Error::CardStopped)?;
        answered.recv().map_err(|_| Error::CardStopped)
    }
}

/// One power cycle after the other.
fn live(mut file: CardFile, work: &Receiver<Job>) {
    loop {
        let end = firmware::powered(&mut file, |execute| power_cycle(work, execute)).unwrap_or_else(|error| {
            report::dead_card(&format!("its flash cannot be mounted: {error:?}"));
            power_cycle(work, &mut |_| NO_DIAGNOSIS.to_vec())
        });
        match end {
            End::PowerCut => {}
            End::Abandoned => return,
        }
    }
}

/// Works until the power is cut. A panic of the firmware makes it a dead card until then.
fn power_cycle(work: &Receiver<Job>, execute: &mut dyn FnMut(&[u8]) -> Vec<u8>) -> End {
    let mut dead = false;
    for job in work {
        // An answer nobody waits for is no error: the asker may have gone.
        match job {
            Job::Transmit(apdu, answer) => {
                let response = if dead { None } else { catch_unwind(AssertUnwindSafe(|| execute(&apdu))).ok() };
                dead = response.is_none();
                answer.send(response.unwrap_or_else(|| NO_DIAGNOSIS.to_vec())).ok();
            }
            Job::CutPower(done) => {
                done.send(()).ok();
                return End::PowerCut;
            }
        }
    }
    End::Abandoned
}

#[cfg(test)]
#[allow(clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_makes_a_dead_card_until_the_power_is_cut() {
        let (jobs, work) = mpsc::channel();
        let card = Card { jobs };
        let thread = thread::spawn(move || {
            let mut firmware = |apdu: &[u8]| {
                if apdu == b"panic" { std::panic::panic_any("firmware") } else { vec![0x90, 0] }
            };
            power_cycle(&work, &mut firmware);
            power_cycle(&work, &mut firmware);
        });
        let say = |apdu: &[u8]| card.transmit(apdu).unwrap_or_default();
        assert_eq!(say(b"select"), [0x90, 0]);
        assert_eq!(say(b"panic"), NO_DIAGNOSIS);
        assert_eq!(say(b"select"), NO_DIAGNOSIS);
        assert!(card.cut_power().is_ok());
        assert_eq!(say(b"select"), [0x90, 0]);
        drop(card);
        assert!(thread.join().is_ok());
    }
}
