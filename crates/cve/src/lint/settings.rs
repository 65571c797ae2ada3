//! Which rules are asked for.

use super::table::{Id, rules};

/// A set of rules that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Profile {
    /// Our rules.
    #[default]
    Default,
    /// The rules of the program cvelint, condition for condition, its
    /// mistakes included, so that answers can be compared.
    Cvelint,
}

impl Profile {
    /// The profile with this name.
    ///
    /// Gives: `None` for a name other than `default` and `cvelint`.
    pub fn named(name: &str) -> Option<Profile> {
        match name {
            "default" => Some(Profile::Default),
            "cvelint" => Some(Profile::Cvelint),
            _ => None,
        }
    }

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Profile::Default => "default",
            Profile::Cvelint => "cvelint",
        }
    }
}

/// A CNA with rules of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Organisation {
    /// The Kubernetes security response committee: `REC-066`.
    Kubernetes,
}

/// Which rules a [`Linter`](super::Linter) applies.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The set to begin with.
    pub profile: Profile,
    /// Codes, aliases and prefixes of the rules to apply; empty means all of
    /// the profile.
    pub select: Vec<String>,
    /// Codes, aliases and prefixes of rules to leave out, stronger than
    /// `select`.
    pub ignore: Vec<String>,
    /// Applies the organisation's own rules too.
    pub organisation: Option<Organisation>,
}

/// A name that no rule of the profile has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no rule of profile `{profile}` is called `{name}`; `cna rule` lists them all", profile = profile.as_str())]
pub struct UnknownRule {
    /// The name.
    pub name: String,
    /// The profile that was searched.
    pub profile: Profile,
}

impl Settings {
    /// Which rules to apply, by their place in the table.
    pub(super) fn enabled(&self) -> Result<Vec<bool>, UnknownRule> {
        let of_profile = |id: Id| id.is_of_cvelint() == (self.profile == Profile::Cvelint);
        for name in self.select.iter().chain(&self.ignore) {
            let known = rules()
                .iter()
                .any(|rule| of_profile(rule.id) && rule.is_named(name));
            if !known {
                return Err(UnknownRule {
                    name: name.clone(),
                    profile: self.profile,
                });
            }
        }
        let names =
            |list: &[String], rule: &super::Rule| list.iter().any(|name| rule.is_named(name));
        Ok(rules()
            .iter()
            .map(|rule| {
                of_profile(rule.id)
                    && (self.organisation.is_some() || !rule.code.starts_with("REC-066"))
                    && (self.select.is_empty() || names(&self.select, rule))
                    && !names(&self.ignore, rule)
            })
            .collect())
    }
}
