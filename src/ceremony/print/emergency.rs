//! One page of what to do when something is lost, forgotten, stolen or wrong, and one of the dates to come.

use std::time::Duration;

use super::{Printed, heading, text};
use crate::model::organization::{Organization, Sharing};
use crate::model::role::Role;
use crate::model::room::{Backup, Card, Drill, Fact, Requests, Reshare, Root};
use crate::paper::{Block, Column};

/// A year, as certificates count it.
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Something that happens, what is done at once, and the script and runbook that mend it.
type Case = (&'static str, String, &'static str);

/// Both pages.
pub(super) fn blocks(printed: &Printed<'_>) -> Vec<Block> {
    let columns = vec![Column::new("What happened", 3), Column::new("Do at once", 6), Column::new("Then", 4)];
    let rows =
        cases(printed.organization).into_iter().map(|(what, now, then)| vec![what.to_owned(), now, then.to_owned()]);
    let mut blocks = vec![
        heading("What to do if"),
        text(
            "Tell the leader first. Nobody tries a PIN, a card or a share outside a ceremony, \"only to see\". Stopping costs an afternoon.",
        ),
        Block::Table { columns, rows: rows.collect() },
    ];
    blocks.push(Block::NewPage);
    blocks.extend(dates(printed));
    blocks.extend(telephones(printed));
    blocks
}

fn cases(organization: &Organization) -> Vec<Case> {
    let backup = organization.roots.values().find_map(crate::model::organization::Root::backup);
    let revocation = organization.roots.values().next().map(|root| root.revocations);
    let mut cases = of_cards(backup);
    cases.extend([
        case(
            "User PIN forgotten or blocked",
            "Nothing is lost. Nobody tries the last time.",
            "card-unblock.toml (card-pins.md)",
        ),
        case(
            "A half seen, or its holder leaves",
            "Without the other half the card is safe. New halves, soon.",
            "card-pins.toml (card-pins.md)",
        ),
    ]);
    cases.extend(backup.into_iter().flat_map(of_shares));
    cases.push(stolen(revocation));
    cases.extend([
        case(
            "Somebody cannot come",
            "Without both PIN holders: another day. No half is told by telephone. Of those with shares, enough will do.",
            "card-pins.toml, if never again",
        ),
        case(
            "Power cut, or the machine stops",
            "Leave cards and papers where they are. Machine on, the same command: it goes on where it was.",
            "root-generation.md",
        ),
        case(
            "A hash, a head or a number is not the one on paper",
            "Stop. Open nothing, sign nothing. keyrite register check compares the register with its copies.",
            "delegation.md",
        ),
        case(
            "Records card lost or blocked for good",
            "Sign nothing more: its key has no backup. Keep everything as it is.",
            "no script yet: ask for help",
        ),
    ]);
    cases
}

fn case(what: &'static str, now: &str, then: &'static str) -> Case {
    (what, now.to_owned(), then)
}

/// What becomes of cards: one of a root that is backed up is loaded anew, another root stands in for one that is not.
fn of_cards(backup: Option<Sharing>) -> Vec<Case> {
    if backup.is_none() {
        let now = "Its root is gone with it; the equal root serves. If anybody may have the card, its root is revoked.";
        return vec![case("Card lost, or answers nothing", now, "card-only.md")];
    }
    vec![
        case(
            "Card lost, or its bag open",
            "Say when and where it was last seen. Nobody uses another card of its root alone.",
            "card-retire.toml, how = \"lost\"; card-replacement.toml",
        ),
        case(
            "Card answers nothing",
            "One other reader. The root's other card serves.",
            "card-retire.toml, how = \"destroyed\"; card-replacement.toml",
        ),
        case(
            "Admin PIN forgotten or blocked",
            "The card signs as before. It is erased and loaded anew, soon.",
            "card-reload.toml (card-pins.md)",
        ),
    ]
}

fn of_shares(Sharing { threshold, shares }: Sharing) -> [Case; 2] {
    let (spare, left) = (shares.saturating_sub(threshold), threshold.saturating_sub(1));
    let without = match spare {
        0 => "Every share is needed: no backup is left".to_owned(),
        1 => "The others still restore".to_owned(),
        spare => format!("With up to {spare} gone, the others still restore"),
    };
    let one = format!("{without}; {left} in strange hands open nothing. New shares, soon.");
    let several = format!(
        "{threshold} in strange hands: as if the root were stolen. More than {spare} destroyed: no backup is left; keep the cards, plan \
         another root."
    );
    [
        ("One share of the key lost or seen", one, "reshare.toml"),
        ("Several shares lost", several, "reshare.toml, while enough are left"),
    ]
}

fn stolen(revocation: Option<Sharing>) -> Case {
    let Sharing { threshold, shares } = revocation.unwrap_or(Sharing { threshold: 0, shares: 0 });
    let now = format!(
        "Sign nothing. Any {threshold} of the {shares} revocation holders open the certificate that revokes the root; two people decide \
         that it is published."
    );
    ("Theft suspected: a card and its PIN, or shares", now, "the commands on the revocation sheets")
}

fn dates(printed: &Printed<'_>) -> Vec<Block> {
    let columns = vec![Column::new("What", 6), Column::new("By", 4), Column::new("Done, by whom", 4)];
    let facts: Vec<Fact> = printed.contracts().flat_map(|contract| contract.leaves).collect();
    let organization = printed.organization;
    // What this ceremony makes lasts from its day on; of what was made before, the register says how long.
    let by = |is_made: bool, later: Duration| {
        printed.day.filter(|_| is_made).map_or_else(String::new, |day| day.plus(later).date())
    };
    let years = |validity: Duration| validity.as_secs() / YEAR.as_secs();
    let records = &organization.records;
    let mut rows = vec![(
        format!("The records key ends, {} years after it was made", years(records.validity)),
        // Its card comes into service in no other way.
        by(facts.contains(&Fact::Card(records.card.clone(), Card::InService)), records.validity),
    )];
    for (name, root) in &organization.roots {
        let is_made = facts.contains(&Fact::Root(name.clone(), Root::Drawn));
        rows.push((
            format!("Root {name} ends, {} years after it was made", years(root.validity)),
            by(is_made, root.validity),
        ));
    }
    for (name, root) in &organization.roots {
        let Some(every) = root.drill_every() else { continue };
        let is_tried = facts.contains(&Fact::Backup(name.clone(), Backup::Proved))
            || facts.contains(&Fact::Drill(name.clone(), Drill::Over))
            || facts.contains(&Fact::Reshare(name.clone(), Reshare::Replaced));
        let days = every.as_secs() / (24 * 60 * 60);
        rows.push((
            format!("Restore drill of root {name} (restore-drill.toml), {days} days after it last restored"),
            by(is_tried, every),
        ));
    }
    rows.extend([
        ("Bags of all cards looked at, and advisories of their makers read".to_owned(), by(true, YEAR)),
        ("Every holder looks whether halves and shares are there and can be read".to_owned(), by(true, YEAR)),
        ("People, roles and roster of organization.toml gone through".to_owned(), by(true, YEAR)),
    ]);
    if facts.contains(&Fact::Requests(Requests::Certified)) {
        // The requests say for how long, and the roster how long at the most.
        rows.push(("The first of the delegations of this day ends".to_owned(), String::new()));
    }
    vec![
        heading("Next dates"),
        text(
            "Into calendars today, each a month ahead. What is empty here stands in the register (keyrite status), or is for you to set.",
        ),
        Block::Table { columns, rows: rows.into_iter().map(|(what, by)| vec![what, by, String::new()]).collect() },
    ]
}

/// Whom to call. The numbers are written by hand: they are in no file.
fn telephones(printed: &Printed<'_>) -> Vec<Block> {
    let columns = vec![Column::new("Role", 4), Column::new("Name", 5), Column::new("Telephone", 5)];
    let called = [Role::Leader, Role::CardKeeper, Role::Witness];
    let mut rows: Vec<Vec<String>> = printed
        .seats()
        .filter(|seat| called.contains(&seat.role))
        .map(|seat| vec![seat.to_string(), printed.name(seat), String::new()])
        .collect();
    rows.push(vec![String::new(); 3]);
    vec![heading("Whom to call"), Block::Table { columns, rows }]
}
