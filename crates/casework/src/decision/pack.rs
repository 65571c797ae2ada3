//! Rule packs: what each version of the CNA rules has, under stable keys.
//!
//! Rule numbers move between versions, so nothing here is called by its
//! number. A pack maps stable keys, such as `scope.outside`, to the numbers of
//! its version. The tables are data: `packs/versions.txt`, `packs/rules.txt`.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use serde::Serialize;

/// How binding a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Level {
    /// Says something, asks nothing.
    Info,
    /// Permits.
    May,
    /// Asks not to, unless there is a reason.
    ShouldNot,
    /// Asks, unless there is a reason.
    Should,
    /// Forbids.
    MustNot,
    /// Demands.
    Must,
}

impl Level {
    /// Whether nobody of the CNA may decide otherwise, for whatever reason.
    ///
    /// Source: process section 2.3, C4b; only the Board grants exceptions.
    pub fn is_binding(self) -> bool {
        matches!(self, Level::Must | Level::MustNot)
    }

    fn parse(word: &str) -> Option<Level> {
        Some(match word {
            "INFO" => Level::Info,
            "MAY" => Level::May,
            "SHOULDNOT" => Level::ShouldNot,
            "SHOULD" => Level::Should,
            "MUSTNOT" => Level::MustNot,
            "MUST" => Level::Must,
            _ => return None,
        })
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Level::Info => "INFO",
            Level::May => "MAY",
            Level::ShouldNot => "SHOULD NOT",
            Level::Should => "SHOULD",
            Level::MustNot => "MUST NOT",
            Level::Must => "MUST",
        })
    }
}

/// A rule of a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PackRule {
    /// Its stable key.
    pub key: &'static str,
    /// Its number in the version of the pack.
    pub number: &'static str,
    /// How binding it is.
    pub level: Level,
}

/// One version of the CNA rules.
///
/// Always true: keys are unique, and mean the same in every pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pack {
    /// The version, such as `4.2.0`.
    pub version: &'static str,
    /// The day it came into force, `2026-08-25`.
    pub effective: &'static str,
    /// Its rules, in the order of the table.
    pub rules: Vec<PackRule>,
}

/// There is no such version of the rules.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a version of the CNA rules: expected one of {known}", known = known())]
pub struct UnknownPack(pub String);

fn known() -> String {
    let versions: Vec<_> = packs().iter().map(|pack| pack.version).collect();
    versions.join(", ")
}

static PACKS: LazyLock<Vec<Pack>> = LazyLock::new(|| {
    read(
        include_str!("packs/versions.txt"),
        include_str!("packs/rules.txt"),
    )
});

/// Every pack, oldest first.
pub fn packs() -> &'static [Pack] {
    &PACKS
}

impl Pack {
    /// The pack that was in force on a day, `2026-11-03`; the oldest for days
    /// before it.
    ///
    /// Source: CNA Rules 2.1.5, rules are never applied retroactively.
    pub fn on(day: &str) -> &'static Pack {
        let packs = packs();
        let later = packs.iter().rev().find(|pack| pack.effective <= day);
        // A test makes sure that there are packs.
        later.unwrap_or(&packs[0])
    }

    /// The pack the product works by unless a case is older.
    pub fn newest() -> &'static Pack {
        let packs = packs();
        &packs[packs.len() - 1]
    }

    /// The rule with this key, when the version has it.
    pub fn rule(&self, key: &str) -> Option<&PackRule> {
        self.rules.iter().find(|rule| rule.key == key)
    }

    /// Whether the version has a rule of this key.
    pub fn has(&self, key: &str) -> bool {
        self.rule(key).is_some()
    }

    /// Whether the version has a rule of this number.
    pub fn numbers(&self, number: &str) -> bool {
        self.rules.iter().any(|rule| rule.number == number)
    }

    /// The numbers of those keys the version has, in the order of the keys.
    pub fn cited(&self, keys: &[&str]) -> Vec<&'static str> {
        let mut numbers = Vec::new();
        for rule in keys.iter().filter_map(|key| self.rule(key)) {
            if !numbers.contains(&rule.number) {
                numbers.push(rule.number);
            }
        }
        numbers
    }

    /// How binding the rule is here; where the version does not have it, how
    /// binding it is in the newest, so that a decision is not looser for
    /// being old.
    pub fn level(&self, key: &str) -> Level {
        let rule = self.rule(key).or_else(|| Pack::newest().rule(key));
        rule.map_or(Level::Info, |rule| rule.level)
    }
}

impl FromStr for &'static Pack {
    type Err = UnknownPack;

    /// Reads a version: `4.2.0`, or its beginning up to a dot, `4.2`.
    fn from_str(text: &str) -> Result<&'static Pack, UnknownPack> {
        let is_it = |pack: &&Pack| {
            pack.version == text
                || pack
                    .version
                    .strip_prefix(text)
                    .is_some_and(|rest| rest.starts_with('.'))
                || text
                    .strip_prefix(pack.version)
                    .is_some_and(|rest| rest == ".0")
        };
        let found = packs().iter().find(is_it);
        found.ok_or_else(|| UnknownPack(text.chars().take(32).collect()))
    }
}

/// Reads the tables. They are part of the program; tests prove them whole, so
/// a line that cannot be read is left out here.
fn read(versions: &'static str, rules: &'static str) -> Vec<Pack> {
    let mut packs: Vec<Pack> = lines(versions)
        .filter_map(|line| match line.as_slice() {
            [version, effective] => Some(Pack {
                version,
                effective,
                rules: Vec::new(),
            }),
            _ => None,
        })
        .collect();
    for line in lines(rules).skip(1) {
        let [key, level, numbers @ ..] = line.as_slice() else {
            continue;
        };
        let Some(level) = Level::parse(level) else {
            continue;
        };
        for (pack, number) in packs.iter_mut().zip(numbers) {
            if *number != "-" {
                pack.rules.push(PackRule { key, number, level });
            }
        }
    }
    packs
}

fn lines(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .map(|line| {
            // Two blanks part columns, because a number may hold one: `App E`.
            let cells = line.split("  ").map(str::trim);
            cells.filter(|cell| !cell.is_empty()).collect()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_tables_is_read() {
        for line in lines(include_str!("packs/rules.txt")).skip(1) {
            assert_eq!(line.len(), 2 + packs().len(), "{line:?}");
            assert!(Level::parse(line[1]).is_some(), "{line:?}");
        }
        let versions: Vec<_> = packs().iter().map(|pack| pack.version).collect();
        assert_eq!(versions, ["2.0", "3.0", "4.0.0", "4.1.0", "4.2.0"]);
    }

    #[test]
    fn a_key_stands_for_one_rule() {
        for pack in packs() {
            for (place, rule) in pack.rules.iter().enumerate() {
                let again = pack.rules[..place]
                    .iter()
                    .any(|other| other.key == rule.key);
                assert!(!again, "{} {}", pack.version, rule.key);
            }
        }
    }

    #[test]
    fn the_pack_of_a_day_is_the_one_in_force() {
        for (day, version) in [
            ("2017-05-01", "2.0"),
            ("2020-03-04", "2.0"),
            ("2020-03-05", "3.0"),
            ("2024-08-08", "4.0.0"),
            ("2025-05-14", "4.1.0"),
            ("2026-08-24", "4.1.0"),
            ("2026-08-25", "4.2.0"),
        ] {
            assert_eq!(Pack::on(day).version, version, "{day}");
        }
    }

    #[test]
    fn the_insecure_default_has_another_number_in_each_version() {
        let of = |version: &str| version.parse::<&'static Pack>().unwrap();
        for (version, number) in [("4.0", "4.1.4"), ("4.1", "4.1.4"), ("4.2.0", "4.1.3")] {
            assert_eq!(of(version).cited(&["vuln.default"]), [number]);
        }
        assert!(!of("4.1").has("vuln.default-understood"));
    }

    #[test]
    fn a_version_nobody_wrote_is_refused() {
        let error = "4.9".parse::<&'static Pack>().unwrap_err().to_string();
        assert_eq!(
            error,
            "`4.9` is not a version of the CNA rules: expected one of 2.0, 3.0, 4.0.0, 4.1.0, 4.2.0"
        );
    }
}
