//! One page of what to do when something is lost, forgotten, stolen or wrong, and one of the dates to come.

use std::time::Duration;

use super::{Printed, heading, text};
use crate::model::organization::{Organization, Sharing};
use crate::model::role::Role;
use crate::model::room::{Backup, Card, Fact, Requests, Root};
use crate::paper::{Block, Column};

/// A year, as certificates count it.
const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Something that happens, what is done at once, and the script and runbook that mend it.
type Case = (&'static str, String, &'static str);

/// Both pages.
pub(super) fn blocks(printed: &Printed<'_>) -> Vec<Block> {
    let columns = vec![Column::new("What happened", 4), Column::new("Do at once", 7), Column::new("Then", 4)];
    let rows =
        cases(printed.organization).into_iter().map(|(what, now, then)| vec![what.to_owned(), now, then.to_owned()]);
    let mut blocks = vec![
        Block::Title("What to do if".to_owned()),
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
        (
            "A half of a user PIN is forgotten, or the user PIN is blocked",
            "Nothing is lost. Nobody tries the last time.".to_owned(),
            "card-unblock.toml (card-pins.md)",
        ),
        (
            "A half was seen, or its holder leaves",
            "The card is safe: the other half is needed too. New halves, soon.".to_owned(),
            "card-pins.toml (card-pins.md)",
        ),
    ]);
    cases.extend(backup.into_iter().flat_map(of_shares));
    cases.extend([
        ("Theft is suspected: a card, and halves of its PIN", stolen(revocation), "the commands on the revocation sheets"),
        (
            "Somebody cannot come",
            "Halves are told by no telephone. Without both PIN holders there is no signature: another day. Of those with \
             shares, any that reach the threshold will do."
                .to_owned(),
            "card-pins.toml, if they never come again",
        ),
        (
            "The power goes in a ceremony, or the machine stops",
            "Leave cards and papers where they are. Machine on, then the same command: keyrite asks the cards how far it came.".to_owned(),
            "root-generation.md, When something goes wrong",
        ),
        (
            "A hash, a head or a bag's number is not the one on paper",
            "Stop. Open nothing, sign nothing. Compare the register with its copies: keyrite register check.".to_owned(),
            "delegation.md, When something goes wrong",
        ),
        (
            "The records card is lost or blocked for good",
            "Sign nothing more. Its key has no backup. Keep everything as it is.".to_owned(),
            "no script yet: ask for help",
        ),
    ]);
    cases
}

/// What becomes of cards: one of a root that is backed up is loaded anew, another root stands in for one that is not.
fn of_cards(backup: Option<Sharing>) -> Vec<Case> {
    if backup.is_none() {
        return vec![(
            "A card is lost, or answers nothing",
            "Its root is gone with it; the equal root serves. If anybody may have the card, revoke its root."
                .to_owned(),
            "card-only.md",
        )];
    }
    vec![
        (
            "A card is lost, or its bag is open",
            "Nobody uses another card of that root alone. Say when and where it was last seen.".to_owned(),
            "card-retire.toml with how = \"lost\" (card-retire.md), then card-replacement.toml",
        ),
        (
            "A card answers nothing",
            "Another reader, once. The root's other card serves.".to_owned(),
            "card-retire.toml with how = \"destroyed\" (card-retire.md), then card-replacement.toml",
        ),
        (
            "A half of an admin PIN is forgotten, or the admin PIN is blocked",
            "The card signs as before. In good time, it is erased and loaded anew.".to_owned(),
            "card-replace.toml (card-pins.md)",
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
    [
        (
            "A share is lost, or somebody saw it",
            format!("{without}; {left} in strange hands open nothing. New shares, soon."),
            "restore-drill.toml, then reshare.toml",
        ),
        (
            "Several shares are lost",
            format!(
                "{threshold} or more in strange hands: the root may be theirs. Treat it as stolen. More than {spare} destroyed: no \
                 backup is left; keep the cards, and plan another root."
            ),
            "reshare.toml, as long as enough are left",
        ),
    ]
}

fn stolen(revocation: Option<Sharing>) -> String {
    let Sharing { threshold, shares } = revocation.unwrap_or(Sharing { threshold: 0, shares: 0 });
    format!(
        "Sign nothing more. Any {threshold} of the {shares} revocation holders open the certificate that revokes the root, with the \
         commands on their sheets; two people decide that it is published."
    )
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
    for name in organization.roots.iter().filter(|(_, root)| root.backup().is_some()).map(|(name, _)| name) {
        let is_proved = facts.contains(&Fact::Backup(name.clone(), Backup::Proved));
        rows.push((format!("Restore drill of root {name}, within a year of the last proof"), by(is_proved, YEAR)));
    }
    rows.extend([
        ("Bags of all cards looked at, and advisories of their makers read".to_owned(), by(true, YEAR)),
        ("Every holder looks whether halves and shares are there and can be read".to_owned(), by(true, YEAR)),
        ("People, roles and roster of organization.toml gone through".to_owned(), by(true, YEAR)),
    ]);
    if facts.contains(&Fact::Requests(Requests::Certified)) {
        rows.push(("Delegations of this day end at the latest".to_owned(), by(true, organization.delegation.longest)));
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
