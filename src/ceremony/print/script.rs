//! The script on paper: cover, people, every step, exception sheets, what comes afterwards, signatures.

use super::{Printed, heading, item, text};
use crate::ceremony::lint::LintedStep;
use crate::ceremony::run::PROGRAM;
use crate::model::role::{Role, Seat};
use crate::model::room::Undo;
use crate::paper::{Blank, Block, Column};

/// How many exceptions there is room for.
const EXCEPTIONS: usize = 4;

/// All of it.
pub(super) fn blocks(printed: &Printed<'_>) -> Vec<Block> {
    let mut blocks = cover(printed);
    blocks.extend(people(printed));
    blocks.extend(steps(printed));
    blocks.extend(afterwards(printed));
    blocks.extend(exceptions());
    blocks.extend(signatures(printed));
    blocks
}

/// `1 h 53 min`.
fn duration(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes:02} min"),
    }
}

/// The last part of a file's path: where it lay is nobody's business.
fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn cover(printed: &Printed<'_>) -> Vec<Block> {
    let header = &printed.script.header;
    let minutes: u32 = printed.contracts().map(|contract| u32::from(contract.minutes)).sum();
    let mut blocks = vec![
        Block::Title(super::shown(&header.title)),
        Block::Text(super::shown(&printed.organization.name)),
        text(header.kind.purpose()),
        Block::Gap,
        Block::field("Ceremony", header.kind),
        Block::field("Mode", printed.mode),
        Block::field("Program", PROGRAM),
        Block::field("Steps", format!("{}, about {} without breaks", printed.script.steps.len(), duration(minutes))),
    ];
    blocks.extend(printed.day.map(|day| Block::field("Day", day.date())));
    let mut row: Vec<Blank> = if printed.day.is_some() { Vec::new() } else { vec![Blank::new("day")] };
    row.extend([Blank::wide("place", 2), Blank::new("begun, UTC"), Blank::new("this copy is of")]);
    blocks.push(Block::Fill(row));
    blocks.extend([
        heading(&format!("SHA-256 of {}", file_name(&printed.script.file))),
        text("The script that runs. keyrite ceremony check shows it, and it stands in the minutes."),
        Block::hash(printed.script.sha256),
        heading("SHA-256 of the organization"),
        text("The organization.toml that names people, roots and cards. sha256sum shows it, and it stands in the minutes."),
        Block::hash(printed.organization_sha256),
    ]);
    blocks
}

fn people(printed: &Printed<'_>) -> Vec<Block> {
    let columns =
        vec![Column::new("Role", 4), Column::new("Name", 5), Column::new("Signature", 6), Column::new("Initials", 2)];
    vec![Block::NewPage, heading("People"), Block::Table { columns, rows: seats(printed, 2) }]
}

/// A row for each seat, with so many empty cells behind its name.
fn seats(printed: &Printed<'_>, empty: usize) -> Vec<Vec<String>> {
    let row = |seat: Seat| {
        let mut row = vec![seat.to_string(), printed.name(seat)];
        row.extend(vec![String::new(); empty]);
        row
    };
    printed.seats().map(row).collect()
}

fn steps(printed: &Printed<'_>) -> Vec<Block> {
    let (mut blocks, mut begun) = (how_to_read(), 0);
    for (step, contract) in printed.script.steps.iter().zip(printed.contracts()) {
        let ended = begun + u32::from(contract.minutes);
        blocks.push(Block::Together(one(printed, step, contract.undo, (begun, ended))));
        begun = ended;
    }
    blocks
}

fn how_to_read() -> Vec<Block> {
    vec![
        Block::NewPage,
        heading("How this is read"),
        item(
            "What stands beside a bar the leader reads aloud, and nothing else. The points under it say what is about to happen.",
        ),
        item(
            "Everybody does what stands under their role, when it is their turn, and says so. Whoever doubts says no; stopping is no shame.",
        ),
        item(
            "When a step is done, whoever has this copy writes initials and time in UTC, and what the step's lines ask for. Nothing is written ahead.",
        ),
        item(
            "What differs from this script is an exception: ! at the screen records it, a sheet at the end of this copy tells of it.",
        ),
        item("Nobody writes a PIN, a half of one or a share on this paper."),
        heading("The steps"),
        Block::Rule,
    ]
}

fn one(printed: &Printed<'_>, step: &LintedStep, undo: Undo, (begun, ended): (u32, u32)) -> Vec<Block> {
    let (words, act) = (&step.step, &step.act);
    let minutes = format!("{} min, from minute {begun} to {ended}", ended - begun);
    let mut blocks = vec![
        heading(&format!("{} {}", words.id, words.who)),
        text(&format!("{}. {minutes}.", with(printed, step))),
        Block::Say(super::shown(&words.say)),
    ];
    blocks.extend(act.page(printed.organization).iter().map(|line| item(&super::shown(line))));
    if undo == Undo::Irreversible {
        blocks.push(Block::Framed(vec![text(
            "This cannot be undone. Nobody goes on before everybody has said that they are ready.",
        )]));
    }
    blocks.extend(act.blanks(printed.organization).into_iter().map(Block::Fill));
    blocks.push(Block::Fill(vec![Blank::wide("note", 4), Blank::new("initials"), Blank::new("done at, UTC")]));
    blocks.push(Block::Rule);
    blocks
}

/// Who takes part in a step: who acts, and whom its act asks.
fn with(printed: &Printed<'_>, step: &LintedStep) -> String {
    let mut roles = step.act.seats(printed.organization);
    if !roles.iter().any(|(role, _)| *role == step.step.who) {
        roles.insert(0, (step.step.who, 1));
    }
    let seats = roles.into_iter().flat_map(|(role, count)| Seat::all(role, count));
    seats.map(|seat| printed.who(seat)).collect::<Vec<_>>().join("; ")
}

/// What the room does when the minutes are signed: nothing of it is in the script, and the next ceremony hangs on it.
fn afterwards(printed: &Printed<'_>) -> Vec<Block> {
    let columns =
        |heads: [(&str, u8); 4]| -> Vec<Column> { heads.map(|(head, share)| Column::new(head, share)).into() };
    // The records card is bagged last: it signs the minutes.
    let mut cards = printed.cards();
    let is_first = cards.first() == Some(&printed.organization.records.card);
    cards.rotate_left(usize::from(is_first));
    let bags = cards.iter().map(|card| [card.as_str(), "", "", ""].map(str::to_owned).into()).collect();
    let tick = |words: &str| Block::Tick(words.to_owned());
    vec![
        Block::NewPage,
        heading("When the minutes are signed"),
        tick("keyrite minutes check: transcript, minutes and every file are as recorded."),
        tick("Each card goes into its bag before a witness, the records card last. Each number is read from the bag."),
        Block::Table {
            columns: columns([
                ("Card", 4),
                ("Number of its bag", 4),
                ("Card keeper, witness", 4),
                ("Closed at, UTC", 3),
            ]),
            rows: bags,
        },
        tick("Receipts are signed for every card, share and half that somebody takes away."),
        tick("keyrite minutes close: the numbers of the bags, the copies, and the time of power-off."),
        tick("keyrite register copy, once for each medium that leaves the room. The copies leave with two people."),
        Block::Table {
            columns: columns([("Medium", 4), ("Leaves with", 4), ("Goes to", 4), ("At, UTC", 3)]),
            rows: vec![vec![String::new(); 4]; 2],
        },
        tick("Drafts, spoiled sheets and old halves are destroyed, two people watching."),
        tick("The machine is switched off and goes into its bag."),
        Block::Fill(vec![
            Blank::new("power off at, UTC"),
            Blank::new("bag of the machine"),
            Blank::wide("operator, witness", 2),
        ]),
    ]
}

fn exceptions() -> Vec<Block> {
    let mut blocks = Vec::new();
    for number in 1..=EXCEPTIONS {
        blocks.push(if number % 2 == 1 { Block::NewPage } else { Block::Gap });
        blocks.push(exception(number));
    }
    blocks
}

fn exception(number: usize) -> Block {
    let line = || Block::Fill(vec![Blank::new("")]);
    Block::Together(vec![
        heading(&format!("Exception {number}")),
        Block::Fill(vec![Blank::new("at step"), Blank::new("at, UTC"), Blank::wide("noted at the screen (!) by", 2)]),
        line(),
        Block::Fill(vec![Blank::new("what happened")]),
        line(),
        Block::Fill(vec![Blank::new("why the ceremony goes on, or stops")]),
        Block::Fill(vec![
            Blank::wide("who decided", 2),
            Blank::new("leader"),
            Blank::new("witness"),
            Blank::new("witness"),
        ]),
    ])
}

fn signatures(printed: &Printed<'_>) -> Vec<Block> {
    let columns =
        vec![Column::new("Role", 4), Column::new("Name", 5), Column::new("Signature", 6), Column::new("At, UTC", 3)];
    let witnesses = printed.script.header.roles.get(&Role::Witness).copied().unwrap_or(0);
    let mut blocks = vec![
        Block::NewPage,
        heading("Signatures"),
        text(
            "Whoever signs was in the room for what their initials stand at, and saw it done as it is written here; what was done \
             otherwise stands on the exception sheets.",
        ),
        Block::Fill(vec![
            Blank::wide("name of the ceremony", 2),
            Blank::new("ended at, UTC"),
            Blank::new("exception sheets"),
        ]),
    ];
    for seat in Seat::all(Role::Witness, witnesses) {
        let label = format!("head of the minutes, as {seat} has it: first word");
        blocks.push(Block::Fill(vec![Blank::wide(&label, 2), Blank::new("last word")]));
    }
    blocks.push(Block::Table { columns, rows: seats(printed, 2) });
    blocks
}
