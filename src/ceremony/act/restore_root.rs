//! `restore-root`: a fresh process restores the root from shares and the sealed message alone.

use keyrite_locked::Locked;

use super::noted::{self, Row};
use super::parameters::{OfRoot, backed_up, not_backed_up};
use super::{Act, Kind};
use crate::backup::statement::SetStatement;
use crate::ceremony::CeremonyError;
use crate::ceremony::scene::Scene;
use crate::ceremony::sealing::{holders, sheet_name, take_sheet};
use crate::model::evidence::{Evidence, Sealed};
use crate::model::name::RootName;
use crate::model::organization::{Organization, Root};
use crate::model::role::Role;
use crate::model::room::{Backup, Contract, Fact, Memory, People, Source, Undo};
use crate::paper::Blank;
use crate::trust::openpgp::secret::SecretRoot;
use crate::workstation::worker;

pub(super) static KIND: Kind = Kind {
    name: "restore-root",
    read: |step, source| step.parameters(source).map(|OfRoot { root }| Box::new(RestoreRoot { root }) as _),
    examples: |organization| {
        backed_up(organization).map(|root| Box::new(RestoreRoot { root: root.clone() }) as Box<dyn Act>).collect()
    },
};

/// The act.
pub struct RestoreRoot {
    root: RootName,
}

impl RestoreRoot {
    /// For a root.
    #[must_use]
    pub fn of(root: RootName) -> Self {
        Self { root }
    }
}

impl Act for RestoreRoot {
    fn name(&self) -> &'static str {
        KIND.name
    }

    fn contract(&self, _organization: &Organization) -> Contract {
        Contract {
            needs: vec![
                Fact::People(People::Present),
                Fact::Backup(self.root.clone(), Backup::Sealed),
                Fact::Memory(self.root.clone(), Memory::Empty),
            ],
            leaves: vec![
                Fact::Memory(self.root.clone(), Memory::Held),
                Fact::Source(self.root.clone(), Source::Restored),
            ],
            undo: Undo::Harmless,
            minutes: 10,
        }
    }

    fn seats(&self, organization: &Organization) -> Vec<(Role, u8)> {
        let backup = organization.roots.get(&self.root).and_then(Root::backup);
        backup.map(|backup| (Role::Custodian, backup.threshold)).into_iter().collect()
    }

    fn faults(&self, organization: &Organization) -> Vec<String> {
        not_backed_up(&self.root, organization, "it has no backup from which it could be restored")
    }

    fn page(&self, organization: &Organization) -> Vec<String> {
        let backup = organization.roots.get(&self.root).and_then(Root::backup);
        let threshold = backup.map_or(0, |backup| backup.threshold);
        vec![
            format!("{threshold} custodians give their shares."),
            "A new process that knows nothing else opens the sealed message with them.".to_owned(),
        ]
    }

    fn blanks(&self, _organization: &Organization) -> Vec<Row> {
        vec![
            vec![Blank::new("share set"), Blank::wide("shares that were used, by their numbers", 2)],
            noted::ends(&format!("root {}", self.root)),
        ]
    }

    fn perform(&self, scene: &mut Scene<'_>) -> Result<(), CeremonyError> {
        let record = scene.root_record(&self.root)?.clone();
        let sealed = record
            .sealed
            .get(&Sealed::Key)
            .ok_or_else(|| CeremonyError::Bug(format!("root {} has no sealed backup", self.root)))?;
        let no_backup = || CeremonyError::Bug(format!("root {} has no backup", self.root));
        let threshold = scene.root(&self.root)?.backup().ok_or_else(no_backup)?.threshold;
        // Both files are compared with their recorded hashes; the fresh process reads them again itself.
        scene.register.read(&sealed.message)?;
        let statement = SetStatement::from_toml(&String::from_utf8_lossy(&scene.register.read(&sealed.statement)?))?;
        let (sheets, shares) = self.quorum(scene, &statement, threshold)?;
        let (message, statement) = (scene.path(&sealed.message.path), scene.path(&sealed.statement.path));
        let arguments = ["worker", "restore", &message.to_string_lossy(), &statement.to_string_lossy()];
        let life = scene.dialogue.busy("The fresh process works.");
        let secret = worker::run(&scene.programs.keyrite, &arguments, &framed(&sheets)?)?;
        drop(life);
        drop(sheets);
        let fingerprint = SecretRoot::parse(&secret)?.fingerprint();
        if fingerprint != record.fingerprint {
            return Err(CeremonyError::NotTheRoot { root: self.root.to_string() });
        }
        scene.held.insert(self.root.clone(), secret);
        scene.dialogue.tell(&format!("Restored: root {} {}", self.root, fingerprint.groups()));
        let set = sealed.set.clone();
        scene.note(Evidence::RootRestored { root: self.root.clone(), fingerprint, set, shares })
    }
}

impl RestoreRoot {
    /// The sheets of as many custodians as are needed, and their shares' numbers. Any of those who are here will do: who does
    /// not have their share is passed over, as long as enough are left.
    fn quorum(
        &self,
        scene: &mut Scene<'_>,
        statement: &SetStatement,
        threshold: u8,
    ) -> Result<(Vec<Locked>, Vec<u8>), CeremonyError> {
        let here = scene.header.roles.get(&Role::Custodian).copied().unwrap_or(threshold);
        let mut spare = here.min(statement.quorum().shares()).saturating_sub(threshold);
        let (mut sheets, mut shares) = (Vec::new(), Vec::new());
        for seat in holders(Sealed::Key, threshold.saturating_add(spare)) {
            if shares.len() == usize::from(threshold) {
                break;
            }
            let name = sheet_name(&self.root, statement, seat.number);
            match take_sheet(scene, seat, &name, statement) {
                // The fresh process takes the share from the sheet, as if nobody had looked at it before.
                Ok((sheet, _)) => {
                    sheets.push(sheet);
                    shares.push(seat.number);
                }
                Err(error @ CeremonyError::Missing { .. }) if spare > 0 => {
                    spare -= 1;
                    if !scene.ask(|room| room.again(&error.to_string(), "Ask another custodian?"))? {
                        return Err(error);
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok((sheets, shares))
    }
}

/// Sheets one after the other, each behind its length in four bytes, for the pipe to the fresh process.
fn framed(sheets: &[Locked]) -> Result<Locked, CeremonyError> {
    let mut all = Locked::zeroed(sheets.iter().map(|sheet| 4 + sheet.len()).sum())?;
    let mut at = 0;
    for sheet in sheets {
        let length = u32::try_from(sheet.len()).unwrap_or(u32::MAX).to_be_bytes();
        for part in [&length[..], sheet] {
            all.get_mut(at..at + part.len())
                .ok_or_else(|| CeremonyError::Bug("a sheet outgrew its frame".to_owned()))?
                .copy_from_slice(part);
            at += part.len();
        }
    }
    Ok(all)
}
