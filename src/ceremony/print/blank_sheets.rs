//! Share sheets for handwriting: what a printed one has, with a box for each digit. No printer is needed in the room.

use super::handed::Sealing;
use super::{Printed, heading, text};
use crate::backup::passphrase::TEXT_LEN;
use crate::backup::sheet::{self, LINE_BYTES};
use crate::model::evidence::Sealed;
use crate::model::role::Seat;
use crate::paper::{Blank, Block};

/// Digits of a group: two bytes.
const GROUP: &str = "____";
/// A date.
const DAY: &str = "20__-__-__";
/// What stands in the commands for something that is only known when the sheet is written.
const UNKNOWN: &str = "________";

/// One sheet for each holder of each sealing: its front for the share, its back for the commands.
pub(super) fn blocks(printed: &Printed<'_>) -> Vec<Block> {
    let sealings = printed.sealings();
    sealings.iter().flat_map(|sealing| sealing.holders().flat_map(move |seat| of(printed, sealing, seat))).collect()
}

fn of(printed: &Printed<'_>, sealing: &Sealing, seat: Seat) -> Vec<Block> {
    let mut blocks = vec![
        Block::NewPage,
        Block::Title("Share sheet".to_owned()),
        text(
            "Empty, this is only paper. Written on, it is a secret: show it to nobody outside a ceremony, and keep it apart from \
             the sealed message. Write with a pen, 0 with a stroke, B not as 8; a slip of the pen is told when it is typed back.",
        ),
    ];
    blocks.push(Block::Gap);
    blocks.extend(labels(printed, sealing, seat));
    blocks.push(heading("The share"));
    blocks.push(text("Line number, digits, and behind the stroke the line's checksum."));
    blocks.extend(lines());
    let sealed = match sealing.sealed {
        Sealed::Key => "sealed key",
        Sealed::Revocation => "sealed revocation certificate",
    };
    let words = vec![Blank::new(&format!("sha256 of the {sealed}: first word")), Blank::new("last word")];
    blocks.push(Block::Fill(words));
    blocks.push(Block::NewPage);
    blocks.push(heading(&format!("Share {} of the {sealed} of root {}", seat.number, sealing.root)));
    blocks.push(text(
        "The back of its sheet: the share, and the words of the hash that is meant below, stand on the front.",
    ));
    blocks.push(Block::Fixed(sheet::restoring(
        sealing.sealed,
        UNKNOWN,
        sealing.sharing.threshold,
        seat.number,
        "________________  (those in shares.toml, beside the sealed message)",
    )));
    blocks
}

/// The labels of a sheet, in its order.
fn labels(printed: &Printed<'_>, sealing: &Sealing, seat: Seat) -> Vec<Block> {
    let (number, sharing) = (seat.number, sealing.sharing);
    let half = [GROUP; 5].join(" ");
    let mut labels = vec![
        Block::field("Organization", super::shown(&printed.organization.name)),
        Block::field("Root", &sealing.root),
        Block::field("Sealed", sealing.sealed),
        Block::field("Share", format!("{number} of {}; any {} restore", sharing.shares, sharing.threshold)),
        Block::field("File", sheet::file(number)),
        Block::field("Holder", printed.who(seat)),
        Block::boxes("Fingerprint", &half),
        Block::boxes("its second half", &half),
        Block::boxes("Set", UNKNOWN),
        Block::boxes("Date", DAY),
    ];
    labels.extend((sealing.sealed == Sealed::Key).then(|| Block::boxes("Drill by", DAY)));
    labels
}

/// The lines of a share, as many as a passphrase has, each with its checksum.
fn lines() -> Vec<Block> {
    let line = |(number, bytes): (usize, &[()])| {
        let groups = vec![GROUP; bytes.len().div_ceil(2)].join(" ");
        Block::boxes("", &format!("{number}: {groups} / {GROUP}"))
    };
    (1..).zip([(); TEXT_LEN].chunks(LINE_BYTES)).map(line).collect()
}
