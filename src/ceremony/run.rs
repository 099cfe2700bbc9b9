//! The run: a linted script, step by step, or from where it was cut off.

use std::collections::BTreeMap;
use std::path::Path;

use keyrite_locked::Locked;

use super::CeremonyError;
use super::act::{self, Act, Outside};
use super::aside::is_kept;
use super::clearing;
use super::dialogue::{Announcement, Dialogue};
use super::inbox::Inbox;
use super::lint::{self, Linted};
use super::records::closing;
use super::resume::{self, Planned};
use super::scene::{Bundles, Programs, Scene};
use super::settle;
use crate::format::script::Script;
use crate::format::transcript::Transcript;
use crate::model::event::{Event, Opening};
use crate::model::evidence::Evidence;
use crate::model::hash::Hash;
use crate::model::history::History;
use crate::model::mode::Mode;
use crate::model::name::{RootName, StepId};
use crate::model::organization::Organization;
use crate::model::pgp_words;
use crate::model::role::{Role, Seat};
use crate::model::room::{Contract, Fact, Machine, Room, Undo};
use crate::workstation::card::Rack;
use crate::workstation::fitness::{self, Probe};
use crate::workstation::journal::{Journal, Observer};
use crate::workstation::machine;
use crate::workstation::register::{Past, Register};

/// The program's name and version, as transcripts name it.
pub const PROGRAM: &str = concat!("keyrite ", env!("CARGO_PKG_VERSION"));

/// The program, its version and how it was built. Its file's hash stands beside it and says which one it was.
pub(super) fn build() -> String {
    let profile = if cfg!(debug_assertions) { "debug" } else { "release" };
    let readers = if cfg!(feature = "pcsc") { "with" } else { "without" };
    let (os, architecture) = (std::env::consts::OS, std::env::consts::ARCH);
    format!("{PROGRAM}, {profile} build for {architecture} {os}, {readers} PC/SC")
}

/// What a run needs.
pub struct Setting<'a> {
    /// The organization.
    pub organization: &'a Organization,
    /// SHA-256 of its file.
    pub organization_sha256: Hash,
    /// How much this counts.
    pub mode: Mode,
    /// The register.
    pub register: &'a Register,
    /// The card readers.
    pub rack: &'a mut dyn Rack,
    /// The people.
    pub dialogue: &'a mut dyn Dialogue,
    /// Programs beside this one.
    pub programs: &'a Programs,
    /// Bundles.
    pub bundles: &'a Bundles,
    /// The machine.
    pub probe: Probe,
    /// Told after each line of the transcript.
    pub observer: Option<Observer>,
    /// Whether every card is reset at the end: of the last ceremony of a dress rehearsal.
    pub clears: bool,
}

/// How a run ended well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// The ceremony's name.
    pub ceremony: String,
    /// The head of its transcript.
    pub head: Hash,
    /// Whether it went on after a cut.
    pub resumed: bool,
}

/// Lints a script and runs it, or goes on with it when the register's last ceremony is this one and is not finished.
///
/// # Errors
/// Whatever stops it; the journal says how far it came.
pub fn run(script: &Script<'_>, setting: Setting<'_>) -> Result<Finished, CeremonyError> {
    let past = setting.register.past()?;
    let unfinished = past.history.current.opening.clone().filter(|_| !past.history.current.finished);
    if let Some(register) = past.history.mode.filter(|mode| *mode != setting.mode) {
        return Err(CeremonyError::OtherMode { register, ceremony: setting.mode });
    }
    if let Some(opening) = &unfinished {
        same_ceremony(opening, script, &setting)?;
    }
    let before = if unfinished.is_some() { &past.earlier } else { &past.history };
    let linted = lint::lint(script, setting.organization, Some(before)).map_err(|faults| {
        // The same script once more, after its end: say that, and not what is wrong with doing it twice. One that was given up
        // did not come to its end: what it left is what stands in the way.
        let current = &past.history.current;
        match &current.opening {
            Some(last) if unfinished.is_none() && !current.abandoned && last.script == script.sha256 => {
                CeremonyError::Over { ceremony: last.ceremony.clone() }
            }
            _ => CeremonyError::Lint(faults),
        }
    })?;
    let outside = Outside {
        bundles: setting.bundles,
        organization: setting.organization,
        register: setting.register,
        history: &past.history,
        is_open: unfinished.is_some(),
    };
    for step in &linted.steps {
        step.act.ready(&outside)?;
    }
    match unfinished {
        Some(_) => go_on(&linted, setting, past),
        None => begin(&linted, setting, past),
    }
}

fn same_ceremony(opening: &Opening, script: &Script<'_>, setting: &Setting<'_>) -> Result<(), CeremonyError> {
    let differs = |what| Err(CeremonyError::Unfinished { ceremony: opening.ceremony.clone(), what });
    if opening.script != script.sha256 {
        return differs("script");
    }
    if opening.organization != setting.organization_sha256 {
        return differs("organization");
    }
    Ok(())
}

fn begin(script: &Linted, setting: Setting<'_>, past: Past) -> Result<Finished, CeremonyError> {
    // A transcript without a line is begun again under its own number.
    let written = past.names.len() - usize::from(past.last.as_ref().is_some_and(|last| last.lines.is_empty()));
    let opening = Opening {
        format: 1,
        ceremony: format!("{:04}-{}", written + 1, script.header.kind),
        kind: script.header.kind,
        mode: setting.mode,
        program: build(),
        binary: machine::program_hash(&setting.programs.keyrite)?,
        script: script.sha256,
        title: script.header.title.clone(),
        organization: setting.organization_sha256,
        organization_name: setting.organization.name.clone(),
        previous_head: past.head,
        previous_closing: closing::to_bind(setting.register, setting.mode)?,
    };
    if let Some(last) = &past.last {
        present(setting.dialogue, &past.history, last);
    }
    tell_of_backups(setting.dialogue, &past.history);
    let room = lint::start(script.header.kind, setting.organization, Some(&past.history));
    let journal = Journal::begin(setting.register, past, opening)?;
    let mut run = Run::new(script, setting, journal);
    for at in 0..script.steps.len() {
        run.plan.push(Planned::Step(at));
    }
    run.perform(room, false)
}

/// Each ceremony presents the head that the last one's witnesses have on paper.
fn present(dialogue: &mut dyn Dialogue, history: &History, last: &Transcript) {
    let signed = last.lines.iter().rev().find_map(|line| match &line.entry {
        Event::Noted { evidence: Evidence::MinutesSigned { head, .. } } => Some(*head),
        _ => None,
    });
    let words = signed.map(|head| pgp_words::words(&head.0));
    if let Some([first, .., end]) = words.as_deref() {
        dialogue.tell(&format!("The last ceremony was {}. On its witnesses' papers stands:", history.ceremony()));
        dialogue.tell(&format!("    {first} ... {end}"));
        dialogue.tell("If a paper says otherwise, stop.");
    }
}

/// What is wrong with backups is told whenever people come together.
fn tell_of_backups(dialogue: &mut dyn Dialogue, history: &History) {
    for (root, record) in &history.roots {
        if record.care.at_large.is_some() {
            dialogue
                .tell(&format!("Root {root} MUST BE ROTATED: enough old sheets are missing to restore it (BACKUP-5)."));
        }
        if let Some((held, _)) = record.care.failed {
            dialogue
                .tell(&format!("The drill of root {root} on {} FAILED: see to its backup (BACKUP-3).", held.date()));
        }
    }
}

fn go_on(script: &Linted, setting: Setting<'_>, past: Past) -> Result<Finished, CeremonyError> {
    let (journal, torn) = Journal::reopen(setting.register, past)?;
    let mut run = Run::new(script, setting, journal);
    let next = run.next();
    let first = script.steps.get(next).or(script.steps.last()).map(|step| step.step.id.clone());
    let first = first.ok_or_else(|| CeremonyError::Bug("a script without steps".to_owned()))?;
    let settled = run.journal.history().room();
    settle::settle(&mut run.scene(first.clone(), &settled))?;
    let mut room = run.journal.history().room();
    room.drop_volatile();
    let plan = resume::plan(script, run.setting.organization, &room, next).ok_or_else(|| CeremonyError::Stuck {
        ceremony: run.journal.history().ceremony().to_owned(),
        step: first.to_string(),
    })?;
    let mends = plan.iter().filter_map(|planned| match planned {
        Planned::Mend(_, act) => Some(act.name().to_owned()),
        Planned::Step(_) | Planned::Again(..) => None,
    });
    let step = plan.iter().find_map(|planned| match planned {
        Planned::Step(at) => script.steps.get(*at).map(|step| step.step.id.clone()),
        Planned::Mend(..) | Planned::Again(..) => None,
    });
    let (step, mends) = (step.unwrap_or(first), mends.collect());
    run.setting.dialogue.tell(&format!("This ceremony was cut off. It goes on at step {step}."));
    run.journal.append(Event::Resumed { step, mends, torn })?;
    run.plan = plan;
    run.perform(room, true)
}

struct Run<'s, 'a> {
    script: &'s Linted,
    setting: Setting<'a>,
    journal: Journal,
    held: BTreeMap<RootName, Locked>,
    dice: Option<Locked>,
    inbox: Inbox,
    plan: Vec<Planned>,
}

impl<'s, 'a> Run<'s, 'a> {
    fn new(script: &'s Linted, mut setting: Setting<'a>, mut journal: Journal) -> Self {
        if let Some(observer) = setting.observer.take() {
            journal.observe(observer);
        }
        Self { script, setting, journal, held: BTreeMap::new(), dice: None, inbox: Inbox::default(), plan: Vec::new() }
    }

    fn scene<'r>(&'r mut self, step: StepId, room: &'r Room) -> Scene<'r> {
        Scene {
            organization: self.setting.organization,
            mode: self.setting.mode,
            header: &self.script.header,
            register: self.setting.register,
            journal: &mut self.journal,
            rack: self.setting.rack,
            dialogue: self.setting.dialogue,
            programs: self.setting.programs,
            bundles: self.setting.bundles,
            probe: &self.setting.probe,
            held: &mut self.held,
            dice: &mut self.dice,
            inbox: &mut self.inbox,
            room,
            step,
        }
    }

    /// The step after the last one that was done.
    fn next(&self) -> usize {
        let done = self.journal.history().current.done.last();
        self.script.steps.iter().position(|step| Some(&step.step.id) == done).map_or(0, |at| at + 1)
    }

    fn perform(mut self, mut room: Room, resumed: bool) -> Result<Finished, CeremonyError> {
        for planned in std::mem::take(&mut self.plan) {
            let ended = match &planned {
                Planned::Step(at) => self.step(*at, *at, None, &mut room),
                Planned::Again(before, at) => self.step(*before, *at, None, &mut room),
                Planned::Mend(before, act) => self.step(*before, *before, Some(act.as_ref()), &mut room),
            };
            ended.inspect_err(|_| self.tell_what_goes())?;
        }
        if let (true, Some(last)) = (self.setting.clears, self.script.steps.last()) {
            clearing::clear(&mut self.scene(last.step.id.clone(), &room))?;
        }
        self.journal.append(Event::Finished)?;
        let ceremony = self.journal.history().ceremony().to_owned();
        Ok(Finished { ceremony, head: self.journal.head(), resumed })
    }

    /// Whether the machine got a network since it was checked. What is new is told and recorded once; in production, what is
    /// there refuses every time.
    fn watch(&mut self) -> Result<(), CeremonyError> {
        let ways = self.setting.probe.ways_out();
        let known = &self.journal.history().current.ways;
        let new: Vec<String> = ways.difference(known).cloned().collect();
        if !new.is_empty() {
            self.setting.dialogue.tell("This machine got a network since it was checked:");
            for way in &new {
                self.setting.dialogue.tell(&format!("    {way}"));
            }
            self.journal.note(Evidence::NetworkAppeared { ways: new })?;
        }
        Ok(fitness::judge_ways(self.setting.mode, &ways)?)
    }

    /// What leaves the memory with this process, and what that means for people.
    fn tell_what_goes(&mut self) {
        for root in self.held.keys() {
            let words = if is_kept(self.journal.history(), root) {
                format!("Root {root} leaves this machine's memory. Its custodians are asked for their shares again.")
            } else {
                format!(
                    "Root {root} was in memory only and is lost. Another is drawn; destroy every sheet that names it."
                )
            };
            self.setting.dialogue.tell(&words);
        }
    }

    /// Does the act of step `at`, or `mend` in its place, on behalf of step `before`.
    fn step(&mut self, before: usize, at: usize, mend: Option<&dyn Act>, room: &mut Room) -> Result<(), CeremonyError> {
        let script = self.script;
        let (Some(behalf), Some(own)) = (script.steps.get(before), script.steps.get(at)) else {
            return Err(CeremonyError::Bug("a plan beyond the script".to_owned()));
        };
        let act = mend.unwrap_or(own.act.as_ref());
        let is_mend = mend.is_some() || before != at;
        let contract = act.contract(self.setting.organization);
        if let Err(lacks) = act::admit(act, room, self.setting.organization) {
            let lacks: Vec<String> = lacks.iter().map(ToString::to_string).collect();
            return Err(CeremonyError::Bug(format!("step {}: {}", behalf.step.id, lacks.join("; "))));
        }
        self.setting.dialogue.announce(&Announcement {
            step: &behalf.step.id,
            who: Seat::first(role(act, own.step.who, mend.is_some(), self.setting.organization)),
            say: if mend.is_some() { said_of_a_mend(&contract) } else { &own.step.say },
            expect: act.page(self.setting.organization),
            undo: contract.undo,
            mend: is_mend,
        });
        let step = behalf.step.id.clone();
        self.scene(step.clone(), room).ask(|room| room.begin())?;
        // An act that looks at the machine itself says more.
        if !contract.leaves.contains(&Fact::Machine(Machine::Checked)) {
            self.watch()?;
        }
        let name = act.name().to_owned();
        self.journal.append(Event::Begun { step: step.clone(), act: name.clone(), mend: is_mend })?;
        act.perform(&mut self.scene(step.clone(), room))?;
        room.leave(&contract);
        kept_its_word(&name, &contract, self.journal.history())?;
        Ok(self.journal.append(Event::Done { step, act: name, mend: is_mend })?)
    }
}

/// Who acts: whom the step names, or, for a mend, whom the act needs first.
fn role(act: &dyn Act, named: Role, mend: bool, organization: &Organization) -> Role {
    if mend { act.seats(organization).first().map_or(named, |(role, _)| *role) } else { named }
}

/// What the leader reads before something that the script does not have here.
fn said_of_a_mend(contract: &Contract) -> &'static str {
    match contract.undo {
        Undo::Repeatable => "Since the cut nobody has seen this: it is looked at again.",
        Undo::Harmless | Undo::Irreversible => "A cut left this half done: it is mended first.",
    }
}

/// Compares what an act says it leaves with what the evidence says, as far as it lasts: lint and run must not disagree.
fn kept_its_word(act: &str, contract: &Contract, history: &History) -> Result<(), CeremonyError> {
    let mut promised = Room::default();
    promised.leave(contract);
    promised.drop_volatile();
    let seen = history.room();
    match contract.leaves.iter().find(|fact| promised.holds(fact) && !is_initial(fact) && !seen.holds(fact)) {
        None => Ok(()),
        Some(fact) => Err(CeremonyError::Bug(format!("{act} was to leave that {fact}"))),
    }
}

/// Whether a fact is what is true of its subject before anything happens: then its absence says it too.
fn is_initial(fact: &Fact) -> bool {
    Room::default().holds(fact)
}

/// The path of the running program, as the fresh process is started.
///
/// # Errors
/// When the system does not say.
pub fn own_path() -> Result<std::path::PathBuf, crate::workstation::WorkstationError> {
    std::env::current_exe().map_err(crate::workstation::WorkstationError::io("find", Path::new("the running program")))
}
