//! Which model a card is of, by what it says of itself.

use openpgp_card::ocard::KeyType;
use openpgp_card::ocard::data::ExtendedCapabilities;

use super::client::Client;
use super::error::CardError;
use super::guarded::GuardedCard;
use super::portrait;
use super::versions::Versions;
use crate::model::card_report::{CardModel, UNTOLD};
use crate::model::shown::Shown;

impl GuardedCard<'_> {
    /// Which model it is of, and its versions. This comes last in a session, as [`GuardedCard::versions`] does.
    ///
    /// # Errors
    /// When the card does not answer, or not as it should.
    pub fn model(&mut self) -> Result<(CardModel, Versions), CardError> {
        let serial = self.survey().serial;
        let (capabilities, algorithms) = announced(&mut self.client)?;
        let versions = Versions::read(&mut self.client)?;
        let model = CardModel {
            manufacturer: format!("{:04X}", serial.manufacturer),
            maker: serial.maker().to_owned(),
            application: versions.application.clone(),
            firmware: versions.firmware.clone().unwrap_or_else(|| UNTOLD.to_owned()),
            capabilities,
            algorithms,
        };
        Ok((model, versions))
    }

    /// The URL that is written on it (DO 5F50, 4.4.1), escaped.
    ///
    /// # Errors
    /// When the card does not answer.
    pub fn url(&mut self) -> Result<String, CardError> {
        let url = self.client.call("reading its URL", |tx| tx.url())?;
        Ok(Shown::from_bytes(&url).to_string())
    }
}

/// What it says it can do (DO C0, 4.4.3.7), and the algorithms for SIG (DO FA, 4.4.3.11), where it has a list.
fn announced(client: &mut Client<'_>) -> Result<(Vec<String>, Option<Vec<String>>), CardError> {
    const ACT: &str = "reading what it can do";
    let ard = client.call(ACT, |tx| tx.application_related_data())?;
    let capabilities = capabilities(&client.call(ACT, |_| ard.extended_capabilities())?);
    let list = client.call(ACT, |tx| Ok(tx.algorithm_information().ok().flatten()))?;
    let algorithms = list.map(|list| {
        let mut names: Vec<String> = list.for_keytype(KeyType::Signing).into_iter().map(portrait::in_words).collect();
        names.sort_unstable();
        names.dedup();
        names
    });
    Ok((capabilities, algorithms))
}

fn capabilities(said: &ExtendedCapabilities) -> Vec<String> {
    let flags = [
        ("secure messaging", said.secure_messaging()),
        ("key import", said.key_import()),
        ("PW status changeable", said.pw_status_change()),
        ("private use DOs", said.private_use_dos()),
        ("algorithm attributes changeable", said.algo_attrs_changeable()),
        ("AES", said.aes()),
        ("KDF-DO", said.kdf_do()),
        ("PIN block 2", said.pin_block_2_format_support() == Some(true)),
        ("MSE", said.mse_command_support() == Some(true)),
    ];
    let mut words: Vec<String> = flags.into_iter().filter(|(_, has)| *has).map(|(name, _)| name.to_owned()).collect();
    if said.get_challenge() {
        words.push(format!("GET CHALLENGE of {} bytes", said.max_len_challenge()));
    }
    words.push(format!("certificates of {} bytes", said.max_len_cardholder_cert()));
    words.extend(said.max_len_special_do().map(|max| format!("special DOs of {max} bytes")));
    words
}
