//! Organisation profiles: data, `packs/profiles.yaml`.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// What an organisation is like, where the rules leave it open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub meaning: String,
    /// Above which count a second trained person confirms it.
    pub confirms_above: u32,
    /// Whether private distributors are told before a disclosure.
    pub private_distributors: bool,
    /// Whether every vulnerability has a public issue that others read.
    pub public_issue: bool,
    /// Whether a published case is closed only with the text of its
    /// retrospective.
    pub retrospective: bool,
    /// Titles of the mails of a disclosure, in order.
    pub announcement_mails: Vec<String>,
    /// Which of the two tests of version 2.0 the legacy tree uses.
    pub impact_test: String,
    /// Business days until a person answers a report.
    pub first_answer_days: u32,
}

// Part of the program; a test reads it.
static PROFILES: LazyLock<Vec<Profile>> = LazyLock::new(|| {
    serde_saphyr::from_str(include_str!("packs/profiles.yaml")).unwrap_or_default()
});

/// Every profile.
pub fn profiles() -> &'static [Profile] {
    &PROFILES
}

/// The profile of a name.
///
/// Gives: an error that names those there are.
pub fn profile(name: &str) -> Result<&'static Profile, String> {
    let found = profiles().iter().find(|profile| profile.name == name);
    found.ok_or_else(|| {
        let known: Vec<_> = profiles()
            .iter()
            .map(|profile| profile.name.as_str())
            .collect();
        format!(
            "`{name}` is not a profile: expected one of {}",
            known.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_a_default_and_one_with_private_distributors() {
        let names: Vec<_> = profiles()
            .iter()
            .map(|profile| profile.name.as_str())
            .collect();
        assert_eq!(names, ["default", "kubernetes"]);
        assert!(profile("kubernetes").unwrap().private_distributors);
        assert!(profile("default").is_ok_and(|profile| !profile.public_issue));
        assert!(profile("kubernetes").unwrap().retrospective);
        assert!(profile("default").is_ok_and(|profile| !profile.retrospective));
        assert!(profile("other").is_err());
    }
}
