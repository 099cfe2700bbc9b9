//! Setting a card up beside its key and codes: how often it asks for its PIN, whether it wants to be touched, and what stands
//! on it for people to read.

use openpgp_card::ocard::Transaction;

use super::client::Client;
use super::error::CardError;
use super::guarded::GuardedCard;
use super::kdf::CodeForm;
use super::survey;
use crate::model::settings::{HOLDER_MAX, Settings, Touch, URL_MAX, is_storable};
use crate::model::shown::Shown;

/// The length of a hash, in bytes: SHA-256.
const HASH: u8 = 32;

const READING: &str = "reading how it is set up";

/// GET DATA (7.2.6) for the User Interaction Flag of SIG (DO D6, 4.4.3.6).
const READ_TOUCH: [u8; 5] = [0x00, 0xca, 0x00, 0xd6, 0x00];

/// The User Interaction Flag of SIG: a policy, and what there is to touch (general feature management, 4.1.3.2).
struct Flag {
    policy: u8,
    features: u8,
}

impl Flag {
    /// What YubiKeys have beyond the standard, a touch that holds for a while, is none of these.
    fn touch(&self) -> Option<Touch> {
        match self.policy {
            0 => Some(Touch::Off),
            1 => Some(Touch::On),
            2 => Some(Touch::Permanent),
            _ => None,
        }
    }
}

impl GuardedCard<'_> {
    /// What the card says now of the settings that are `asked` for. One that it has in a way nobody can want here is missing.
    ///
    /// # Errors
    /// When the card does not answer, or not as it should.
    pub fn settings(&mut self, asked: &Settings) -> Result<Settings, CardError> {
        let touch = match asked.touch {
            // A card that cannot be touched does not want to be.
            Some(_) => self.flag()?.map_or(Some(Touch::Off), |flag| flag.touch()),
            None => None,
        };
        let holder = asked.holder.as_ref().map(|_| survey::read_holder(&mut self.client)).transpose()?;
        let url = asked.url.as_ref().map(|_| url(&mut self.client)).transpose()?;
        let pin_each_signature = asked.pin_each_signature.map(|_| self.survey().pin_once);
        let kdf = asked.kdf.map(|_| self.code_form().map(|form| *form != CodeForm::Plain)).transpose()?;
        Ok(Settings { pin_each_signature, touch, kdf, holder, url })
    }

    /// CARD-5, as far as the card itself tells: it can be set up as `wanted`. To be asked before anybody sets a PIN.
    ///
    /// # Errors
    /// [`CardError::Unsettable`]; when the card does not answer.
    pub fn require_settable(&mut self, wanted: &Settings) -> Result<(), CardError> {
        let capabilities = self
            .client
            .call(READING, |tx: &mut Transaction<'_>| tx.application_related_data()?.extended_capabilities())?;
        let has_other = wanted.pin_each_signature.is_some_and(|each| each != self.survey().pin_once);
        let longest = capabilities.max_len_special_do().map_or(URL_MAX, usize::from);
        let what = if has_other && !capabilities.pw_status_change() {
            "how often it asks for its user PIN cannot be changed"
        } else if wanted.url.as_ref().is_some_and(|url| url.len() > longest) {
            "it has no room for a URL of this length"
        } else if let Some(what) = self.unhashable(wanted.kdf, capabilities.kdf_do())? {
            what
        } else {
            match wanted.touch {
                Some(touch) => match untouchable(touch, self.flag()?.as_ref()) {
                    Some(what) => what,
                    None => return Ok(()),
                },
                None => return Ok(()),
            }
        };
        Err(CardError::Unsettable { card: self.which().clone(), what })
    }

    /// Why the card cannot take its codes so.
    fn unhashable(&mut self, wanted: Option<bool>, has_kdf: bool) -> Result<Option<&'static str>, CardError> {
        let Some(wanted) = wanted else { return Ok(None) };
        let hashes = *self.code_form()? != CodeForm::Plain;
        let status = self.client.call(READING, |tx| tx.application_related_data()?.pw_status_bytes())?;
        let shortest = status.pw1_max_len().min(status.pw3_max_len()).min(status.rc_max_len());
        Ok(match wanted {
            false if hashes => Some("it takes its codes as hashes already, which a reset takes back"),
            true if !has_kdf => Some("it does not announce that it can take codes as hashes (KDF)"),
            true if shortest < HASH => Some("its codes are too short for hashes"),
            _ => None,
        })
    }

    /// Writes what is not as `wanted`, but for KDF. The admin PIN has been verified.
    pub(super) fn set_up(&mut self, wanted: &Settings) -> Result<(), CardError> {
        let wanted = &self.marked(wanted)?;
        let has = self.settings(wanted)?;
        if let Some(each) = wanted.pin_each_signature.filter(|each| has.pin_each_signature != Some(*each)) {
            // DO C4, of which one byte is written: 00 for one PSO:CDS, 01 for several.
            self.put("setting how often it asks for its PIN", &[0x00, 0xda, 0x00, 0xc4, 1, u8::from(!each)])?;
        }
        if let Some(touch) = wanted.touch.filter(|touch| has.touch != Some(*touch)) {
            let policy = match touch {
                Touch::Off => 0,
                Touch::On => 1,
                Touch::Permanent => 2,
            };
            // What there is to touch is written back as it is.
            let features = self.flag()?.map_or(0, |flag| flag.features);
            self.put("setting whether it wants to be touched", &[0x00, 0xda, 0x00, 0xd6, 2, policy, features])?;
        }
        if let Some(holder) = wanted.holder.as_ref().filter(|holder| has.holder.as_ref() != Some(*holder)) {
            self.client.call("writing its cardholder name", |tx| tx.set_name(holder.as_bytes()))?;
        }
        if let Some(url) = wanted.url.as_ref().filter(|url| has.url.as_ref() != Some(*url)) {
            self.client.call("writing its URL", |tx| tx.set_url(url.as_bytes()))?;
        }
        Ok(())
    }

    /// Reads what was wanted again, after [`GuardedCard::resurvey`], and compares.
    pub(super) fn set_up_so(&mut self, wanted: &Settings) -> Result<Settings, CardError> {
        let wanted = self.marked(wanted)?;
        let kept = self.settings(&wanted)?;
        let what = if kept.pin_each_signature != wanted.pin_each_signature {
            "how often it asks for its user PIN"
        } else if kept.touch != wanted.touch {
            "whether it wants to be touched"
        } else if kept.kdf != wanted.kdf {
            "how it takes its codes"
        } else if kept.holder != wanted.holder {
            "its cardholder name"
        } else if kept.url != wanted.url {
            "its URL"
        } else {
            return Ok(kept);
        };
        Err(CardError::NotKept { card: self.which().clone(), what })
    }

    /// In a rehearsal, writes its mark: before the key, so that no key of a rehearsal is ever without one (MODE-1).
    /// The admin PIN has been verified.
    pub(super) fn mark(&mut self) -> Result<(), CardError> {
        match self.mode.mark() {
            Some(mark) if self.survey().holder.as_deref() != Some(mark) => {
                self.client.call("writing the mark of a rehearsal", |tx| tx.set_name(mark.as_bytes()))
            }
            _ => Ok(()),
        }
    }

    /// In a rehearsal its mark stands where the holder would.
    fn marked(&self, wanted: &Settings) -> Result<Settings, CardError> {
        let too_long = |what, max| CardError::Label { card: self.which().clone(), what, max };
        if wanted.holder.as_ref().is_some_and(|holder| !is_storable(holder, HOLDER_MAX)) {
            return Err(too_long("cardholder name", HOLDER_MAX));
        }
        if wanted.url.as_ref().is_some_and(|url| !is_storable(url, URL_MAX)) {
            return Err(too_long("URL", URL_MAX));
        }
        let holder = wanted.holder.as_ref().map(|holder| self.mode.mark().map_or(holder.clone(), str::to_owned));
        Ok(Settings { holder, ..wanted.clone() })
    }

    /// None where the card does not announce it.
    fn flag(&mut self) -> Result<Option<Flag>, CardError> {
        Ok(match self.client.raw(READING, READ_TOUCH.to_vec())?.as_deref() {
            Ok([policy, features]) => Some(Flag { policy: *policy, features: *features }),
            _ => None,
        })
    }

    /// Sends a PUT DATA (7.2.8) of our own.
    pub(super) fn put(&mut self, act: &'static str, command: &[u8]) -> Result<(), CardError> {
        match self.client.raw(act, command.to_vec())? {
            Ok(_) => Ok(()),
            Err(status) => Err(CardError::Status { card: self.which().clone(), act, status }),
        }
    }
}

/// Its URL, escaped (DO 5F50); empty where there is none.
pub(super) fn url(client: &mut Client<'_>) -> Result<String, CardError> {
    let url = client.ask(READING, Transaction::url)?;
    Ok(url.map_or_else(|_| String::new(), |url| Shown::from_bytes(&url).to_string()))
}

/// Why a card with this flag cannot be set so.
fn untouchable(wanted: Touch, flag: Option<&Flag>) -> Option<&'static str> {
    match (wanted, flag) {
        (Touch::Off, None) => None,
        (Touch::On | Touch::Permanent, None) => Some("it does not announce that it can be touched"),
        (_, Some(flag)) if flag.touch() == Some(wanted) => None,
        // 02, and 04 of YubiKeys.
        (_, Some(Flag { policy: 2 | 4, .. })) => Some("it wants to be touched for good, which only a reset takes back"),
        (Touch::On | Touch::Permanent, Some(Flag { features: 0, .. })) => Some("it has nothing to be touched"),
        (_, Some(_)) => None,
    }
}
