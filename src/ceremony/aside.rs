//! What people want between a question and its answer.

use super::CeremonyError;
use super::dialogue::{Answer, Aside, Dialogue, Unanswered};
use super::minutes;
use super::scene::Scene;
use crate::model::event::Event;

/// Lines of the record that are shown: less than a screen.
const LINES: usize = 12;

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

    fn tell_record(&mut self) -> Result<(), CeremonyError> {
        let transcript = self.register.past()?.last;
        let lines = transcript.iter().flat_map(|transcript| transcript.lines.iter().filter_map(minutes::sentence));
        let lines: Vec<String> = lines.collect();
        for line in &lines[lines.len().saturating_sub(LINES)..] {
            self.dialogue.tell(line);
        }
        Ok(())
    }
}
