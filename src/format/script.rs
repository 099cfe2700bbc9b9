//! Ceremony scripts: a header, and steps whose one sub-table is the act.
//!
//! The acts' parameters are read by the acts themselves, at the place where they stand in the file: an internally tagged
//! enum would lose it (toml issue 535).

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::FormatError;
use super::place::{Source, plainly};
use crate::model::hash::Hash;
use crate::model::name::StepId;
use crate::model::role::Role;
use crate::model::script::{Header, Kind, Step};

/// The longest title: a line on a screen.
const LONGEST_TITLE: usize = 80;
/// The most steps: far more than people do in a day.
const MOST_STEPS: usize = 500;
/// The longest words of a step: what can be read aloud in one breath or two.
const LONGEST_SAY: usize = 600;

/// A script as it stands in its file: well-formed, not yet linted.
pub struct Script<'a> {
    /// The file.
    pub source: &'a Source,
    /// SHA-256 of the file.
    pub sha256: Hash,
    /// The part above the steps.
    pub header: Header,
    /// The steps, in order.
    pub steps: Vec<UnreadStep<'a>>,
}

/// A step whose act nobody has read yet.
pub struct UnreadStep<'a> {
    /// Its words.
    pub step: Step,
    /// The act's name.
    pub act: String,
    /// Where the act's name stands.
    pub place: Range<usize>,
    parameters: Spanned<DeValue<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct HeaderTable {
    kind: Kind,
    title: Spanned<String>,
    roles: BTreeMap<Role, u8>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct StepTable {
    id: StepId,
    who: Role,
    say: Spanned<String>,
}

impl UnreadStep<'_> {
    /// Reads the act's parameters.
    ///
    /// # Errors
    /// With the place, for a key that `T` does not know or a value it does not take.
    pub fn parameters<T: DeserializeOwned>(&self, source: &Source) -> Result<T, FormatError> {
        T::deserialize(ValueDeserializer::from(self.parameters.clone())).map_err(|error| {
            let span = error.span().unwrap_or_else(|| self.place.clone());
            source.fault(span, &plainly(error.message()))
        })
    }
}

/// Reads a script.
///
/// # Errors
/// A fault with file, line and column.
pub fn read(source: &Source) -> Result<Script<'_>, FormatError> {
    let text = source.text();
    if let (Some(place), None) = (source.place_of("roots"), source.place_of("step")) {
        let message = "this is an organization, and not a ceremony script: look which file was named";
        return Err(source.fault(place, message));
    }
    let document = DeTable::parse(text).map_err(|error| source.error(&error))?;
    let (mut head, mut steps) = (DeTable::new(), Vec::new());
    for (key, value) in document.into_inner() {
        if key.get_ref() == "step" {
            steps = read_steps(source, &value)?;
        } else {
            head.insert(key, value);
        }
    }
    let head = Spanned::new(0..0, DeValue::Table(head));
    let HeaderTable { kind, title, roles } =
        HeaderTable::deserialize(ValueDeserializer::from(head)).map_err(|error| source.error(&error))?;
    if steps.is_empty() {
        return Err(source.fault(text.len()..text.len(), "a script needs at least one [[step]]"));
    }
    let title = source.line(&title, LONGEST_TITLE)?;
    Ok(Script { source, sha256: Hash::of(text.as_bytes()), header: Header { kind, title, roles }, steps })
}

fn read_steps<'a>(source: &Source, value: &Spanned<DeValue<'a>>) -> Result<Vec<UnreadStep<'a>>, FormatError> {
    let Some(array) = value.get_ref().as_array() else {
        return Err(source.fault(value.span(), "steps are written as [[step]]"));
    };
    let mut steps: Vec<UnreadStep<'a>> = Vec::new();
    if let Some(beyond) = array.get(MOST_STEPS) {
        return Err(source.fault(beyond.span(), &format!("a script has at most {MOST_STEPS} steps")));
    }
    for item in array.iter() {
        let step = read_step(source, item)?;
        if steps.iter().any(|other| other.step.id == step.step.id) {
            return Err(source.fault(item.span(), &format!("step {} stands twice", step.step.id)));
        }
        steps.push(step);
    }
    Ok(steps)
}

fn read_step<'a>(source: &Source, item: &Spanned<DeValue<'a>>) -> Result<UnreadStep<'a>, FormatError> {
    let Some(table) = item.get_ref().as_table() else {
        return Err(source.fault(item.span(), "steps are written as [[step]]"));
    };
    let (mut words, mut act) = (DeTable::new(), None);
    for (key, value) in table {
        if value.get_ref().is_table() {
            if act.is_some() {
                return Err(source.fault(key.span(), "a step does one act; this is its second"));
            }
            act = Some((key.get_ref().to_string(), key.span(), value.clone()));
        } else {
            words.insert(key.clone(), value.clone());
        }
    }
    let words = Spanned::new(item.span(), DeValue::Table(words));
    let StepTable { id, who, say } =
        StepTable::deserialize(ValueDeserializer::from(words)).map_err(|error| source.error(&error))?;
    let Some((act, place, parameters)) = act else {
        return Err(source.fault(item.span(), &format!("step {id} has no act: add a table such as [step.gather]")));
    };
    let say = source.line(&say, LONGEST_SAY)?;
    Ok(UnreadStep { step: Step { id, who, say }, act, place, parameters })
}
