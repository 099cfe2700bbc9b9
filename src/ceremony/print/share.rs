//! A share sheet on paper, as the records key signed it. It is a secret, and so is everything that is made of it here: the PDF and
//! the texts of its codes lie in locked memory; what is in between lies on the heap, which is wiped as it is freed (docs/memory.md).

use keyrite_locked::Locked;

use super::{heading, text};
use crate::backup::frames::Frames;
use crate::backup::reading::UntrustedSheet;
use crate::backup::sheet;
use crate::ceremony::CeremonyError;
use crate::model::mode::Mode;
use crate::paper::code::Code;
use crate::paper::{Block, Document, PaperError, Size};

/// Where the parts of a sheet begin.
const HASH: &str = "SHA-256 of the sealed message";
const RESTORING: &str = "TO RESTORE";
/// What stands around its text.
const SIGNED: &str = "-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----";

/// A sheet that is ready to be printed.
pub struct SharePaper {
    /// The PDF.
    pub pdf: Locked,
    /// The share as its code says it, and the whole of the signed sheet.
    codes: [Frames; 2],
}

impl SharePaper {
    /// A sheet on paper of this size.
    ///
    /// # Errors
    /// A sheet that keyrite did not write, or without locked memory.
    pub fn of(signed: &[u8], size: Size) -> Result<Self, CeremonyError> {
        let foreign = || CeremonyError::Bug("a share sheet that is not as it was written".to_owned());
        let written = std::str::from_utf8(signed).ok().and_then(Parts::of).ok_or_else(foreign)?;
        let read = UntrustedSheet::parse(signed)?;
        let (number, name) = (read.number(), format!("Share {} of set {}", read.number(), read.set()));
        let codes = [read.into_frames()?, Frames::of(signed)?];
        let failed = |reason| CeremonyError::Paper { file: "share.pdf".to_owned(), reason };
        let blocks = written.blocks(number, &name, &codes).map_err(failed)?;
        let document = Document {
            size,
            title: "Share sheet".to_owned(),
            head: name,
            foot: "A secret. Show it to nobody outside a ceremony.".to_owned(),
            mark: written.mark.map(str::to_owned),
            blocks,
        };
        Ok(Self { pdf: Locked::absorb(document.to_pdf().map_err(failed)?)?, codes })
    }

    /// What its codes must say when they are read back.
    pub fn expected(&self) -> Vec<&[u8]> {
        self.codes.iter().flat_map(Frames::texts).map(|text| &**text).collect()
    }
}

/// The text of a sheet in the parts that stand together on paper.
struct Parts<'a> {
    share: Vec<&'a str>,
    hash: Vec<&'a str>,
    restoring: Vec<&'a str>,
    mark: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn of(signed: &'a str) -> Option<Self> {
        let text = signed.strip_prefix(SIGNED)?.split_once("\n\n")?.1.split_once(SIGNATURE)?.0;
        let lines: Vec<&str> = text.lines().collect();
        let begins = |words: &str| lines.iter().position(|line| line.starts_with(words));
        let (hash, restoring) = (begins(HASH)?, begins(RESTORING)?);
        let marks: Vec<&str> = [Mode::Rehearsal, Mode::DressRehearsal].into_iter().filter_map(Mode::mark).collect();
        Some(Self {
            share: lines.get(..hash)?.to_vec(),
            hash: lines.get(hash..restoring)?.to_vec(),
            restoring: lines.get(restoring..)?.to_vec(),
            mark: lines.iter().copied().find(|line| marks.contains(line)),
        })
    }

    fn blocks(&self, number: u8, name: &str, codes: &[Frames; 2]) -> Result<Vec<Block>, PaperError> {
        let [share, whole] = codes;
        let mut blocks = vec![Block::Title(name.to_owned()), fixed(&self.share), heading("The same share as a code")];
        let code =
            |text: &Locked| Code::smallest(text).map(|code| ("This code is as secret as the lines".to_owned(), code));
        blocks.push(Block::Codes(share.texts().iter().map(code).collect::<Result<_, _>>()?));
        blocks.extend([Block::NewPage, fixed(&self.hash), fixed(&self.restoring)]);
        blocks.push(text("Instead of typing it, the share can be read from a scan or a photograph of its code alone (package zbar-tools):"));
        let file = sheet::file(number);
        blocks.push(fixed(&[
            "    $ zbarimg --raw -q --nodbus page1.png | cut -c9- | tr -d '\\n' | \\",
            &format!("          base32 -d > {file}; sha256sum {file}"),
        ]));
        let count = whole.texts().len();
        blocks.extend([Block::NewPage, heading("This sheet, as the records key signed it")]);
        blocks.push(text(
            "Only to prove where the sheet comes from; to restore, nobody needs these codes. They hold the share too.",
        ));
        let code = |(at, text): (usize, &Locked)| Ok((format!("Code {at} of {count}"), Code::full(text)?));
        blocks.push(Block::Codes((1..).zip(whole.texts()).map(code).collect::<Result<_, PaperError>>()?));
        Ok(blocks)
    }
}

fn fixed(lines: &[&str]) -> Block {
    Block::Fixed(lines.iter().map(|line| (*line).to_owned()).collect())
}
