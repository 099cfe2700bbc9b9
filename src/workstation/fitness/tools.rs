//! Stock tools that check what keyrite makes, or do its work without it.

use super::Diagnosis;
use super::files::shown;
use super::own::Tool;

const SECOND_OPINION: &str = "tools.second-opinion";

pub(super) fn second_opinion(tools: &[Tool]) -> Diagnosis {
    let (there, missing): (Vec<&Tool>, Vec<&Tool>) = tools.iter().partition(|tool| tool.found);
    let there = there.into_iter().map(|tool| match &tool.version {
        Some(version) => format!("{} {}", tool.name, shown(version)),
        None => tool.name.to_owned(),
    });
    let there = there.collect::<Vec<_>>().join(", ");
    if missing.is_empty() {
        return Diagnosis::fit(SECOND_OPINION, format!("installed: {there}"));
    }
    let missing = missing.iter().map(|tool| tool.name).collect::<Vec<_>>().join(", ");
    let there = if there.is_empty() { String::new() } else { format!("; installed: {there}") };
    Diagnosis::note(
        SECOND_OPINION,
        format!("not installed: {missing}{there}"),
        Some("install gnupg (checks certifications) and libgfshare-bin (joins shares)"),
    )
}
