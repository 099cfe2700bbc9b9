//! What people want between a question and its answer.

use super::CeremonyError;
use super::dialogue::{Answer, Aside, Dialogue, Unanswered};
use super::minutes;
use super::scene::Scene;
use super::screen;
use crate::model::event::Event;
use crate::model::evidence::Sealed;
use crate::model::history::History;
use crate::model::name::RootName;

/// Rows of the record that are shown: less than a screen, with the question that comes again.
const ROWS: usize = 16;

/// Whether a root is somewhere else than in memory: sealed, or on a card.
pub(super) fn is_kept(history: &History, root: &RootName) -> bool {
    history.roots.get(root).is_some_and(|record| record.on_cards || record.sealed.contains_key(&Sealed::Key))
}

impl Scene<'_> {
    /// Asks, and sees to every aside first; after each, it is asked again.
    ///
    /// # Errors
    /// What the question fails with, and when an aside cannot be recorded.
    pub fn ask<T>(&mut self, mut question: impl FnMut(&mut dyn Dialogue) -> Answer<T>) -> Result<T, CeremonyError> {
        loop {
            match question(self.dialogue) {
                Ok(value) => return Ok(value),
                Err(Unanswered::Stop(error)) => return Err(error),
                Err(Unanswered::Aside(aside)) => self.aside(aside)?,
            }
        }
    }

    fn aside(&mut self, aside: Aside) -> Result<(), CeremonyError> {
        let step = self.step.clone();
        match aside {
            Aside::Exception(words) => {
                self.journal.append(Event::Exception { step, words: words.to_string() })?;
                self.dialogue.tell("The exception is recorded.");
            }
            Aside::Pause => {
                self.journal.append(Event::Paused { step: step.clone() })?;
                self.wait()?;
                self.journal.append(Event::Continued { step })?;
            }
            Aside::Room => {
                self.dialogue.tell(&format!("At step {step} it is true that"));
                for fact in self.room.facts() {
                    self.dialogue.tell(&format!("    {fact}"));
                }
            }
            Aside::Record => self.tell_record()?,
            Aside::Stop => self.stop()?,
        }
        Ok(())
    }

    /// Until the room goes on. What is wanted meanwhile is seen to; a pause in a pause is the same pause.
    fn wait(&mut self) -> Result<(), CeremonyError> {
        loop {
            match self.dialogue.pause() {
                Ok(()) => return Ok(()),
                Err(Unanswered::Stop(error)) => return Err(error),
                Err(Unanswered::Aside(Aside::Pause)) => {}
                Err(Unanswered::Aside(aside)) => self.aside(aside)?,
            }
        }
    }

    /// Stops here; where that would lose a root, only when people say so once more.
    fn stop(&mut self) -> Result<(), CeremonyError> {
        let lost: Vec<RootName> = self.held.keys().filter(|root| !is_kept(self.history(), root)).cloned().collect();
        for root in lost {
            let loss = format!("Root {root} is in this machine's memory and nowhere else: stopping now loses it.");
            match self.dialogue.again(&loss, "Stop all the same?") {
                Err(Unanswered::Stop(error)) => return Err(error),
                Ok(true) | Err(Unanswered::Aside(Aside::Stop)) => {}
                Ok(false) | Err(Unanswered::Aside(_)) => return Ok(()),
            }
        }
        Err(CeremonyError::Stopped { how: "by hand" })
    }

    fn tell_record(&mut self) -> Result<(), CeremonyError> {
        let transcript = self.register.past()?.last;
        let lines = transcript.iter().flat_map(|transcript| transcript.lines.iter().filter_map(minutes::sentence));
        let lines: Vec<String> = lines.collect();
        let mut rows = 0;
        let is_shown = |line: &&String| {
            rows += screen::told(line).len();
            rows <= ROWS
        };
        let shown: Vec<&String> = lines.iter().rev().take_while(is_shown).collect();
        shown.into_iter().rev().for_each(|line| self.dialogue.tell(line));
        Ok(())
    }
}
