//! The version types a record may name, and the order each defines.

use std::cmp::Ordering;

use super::{deb, gem, maven, numbers, python, rpm, semver};

/// A way of numbering versions, with an order of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Semantic Versioning, and what orders its versions the same: npm,
    /// Cargo, Go and Hex.
    Semver,
    /// Python packages (PEP 440).
    Python,
    /// Maven artifacts.
    Maven,
    /// RPM packages.
    Rpm,
    /// Debian packages.
    Deb,
    /// Ruby gems.
    Gem,
    /// NuGet packages.
    Nuget,
    /// Calendar days, `2026-01-31`.
    Date,
    /// Commits and tags; without the graph only equality is known.
    Git,
    /// No order is defined; dotted numbers are compared, as a guess.
    Custom,
}

/// The types the schema names, then those of ecosystems, as records write
/// them, each with its scheme.
const NAMES: [(&str, Scheme); 20] = [
    ("custom", Scheme::Custom),
    ("git", Scheme::Git),
    ("maven", Scheme::Maven),
    ("python", Scheme::Python),
    ("rpm", Scheme::Rpm),
    ("semver", Scheme::Semver),
    ("cargo", Scheme::Semver),
    ("date", Scheme::Date),
    ("deb", Scheme::Deb),
    ("dpkg", Scheme::Deb),
    ("gem", Scheme::Gem),
    ("go", Scheme::Semver),
    ("golang", Scheme::Semver),
    ("hex", Scheme::Semver),
    ("npm", Scheme::Semver),
    ("nuget", Scheme::Nuget),
    ("pep440", Scheme::Python),
    ("pypi", Scheme::Python),
    ("ruby", Scheme::Gem),
    ("rubygems", Scheme::Gem),
];

impl Scheme {
    /// The scheme a `versionType` names; letter case does not count.
    ///
    /// Gives: `None` for a type that is not known here.
    /// Source: CVE Record Format `versionType`; formats section 2.2.
    pub fn of(version_type: &str) -> Option<Scheme> {
        NAMES
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(version_type))
            .map(|(_, scheme)| *scheme)
    }

    /// The registered spelling a misspelt `versionType` comes closest to.
    ///
    /// Gives: `None` when it resembles none.
    pub fn resembled(version_type: &str) -> Option<&'static str> {
        let bare: String = version_type
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        let known = NAMES.iter().map(|(name, _)| *name);
        let by_spelling = known.clone().find(|name| *name == bare);
        let by_beginning = known
            .filter(|name| name.len() > 2 && bare.starts_with(name))
            .max_by_key(|name| name.len());
        by_spelling.or(by_beginning).or(match bare.as_str() {
            "semanticversioning" | "semantic" | "sermver" | "semvar" => Some("semver"),
            "commit" | "hash" | "sha" | "commithash" => Some("git"),
            "debian" | "ubuntu" | "apt" => Some("deb"),
            "redhat" | "rhel" | "fedora" | "rpmpackage" => Some("rpm"),
            "pip" => Some("python"),
            _ => None,
        })
    }

    /// Says whether the type is spelt as it is registered.
    pub fn is_registered(version_type: &str) -> bool {
        NAMES.iter().any(|(name, _)| *name == version_type)
    }

    /// Says whether an order this scheme gives is only a guess.
    pub fn guesses(self) -> bool {
        self == Scheme::Custom
    }

    /// The order of two versions under this scheme.
    ///
    /// Gives: `None` when one of them is not a version of the scheme, or when
    /// the scheme cannot tell without more than the two texts.
    pub fn compare(self, a: &str, b: &str) -> Option<Ordering> {
        if a == b {
            return Some(Ordering::Equal);
        }
        match self {
            Scheme::Semver => semver::compare(a, b),
            Scheme::Python => python::compare(a, b),
            Scheme::Maven => maven::compare(a, b),
            Scheme::Rpm => rpm::compare(a, b),
            Scheme::Deb => deb::compare(a, b),
            Scheme::Gem => gem::compare(a, b),
            Scheme::Nuget => semver::compare_nuget(a, b),
            Scheme::Date => compare_dates(a, b),
            Scheme::Git => a.eq_ignore_ascii_case(b).then_some(Ordering::Equal),
            Scheme::Custom => compare_custom(a, b),
        }
    }

    /// Says whether `text` is a version of the scheme.
    pub fn reads(self, text: &str) -> bool {
        match self {
            Scheme::Semver => semver::reads(text),
            Scheme::Python => python::compare(text, text).is_some(),
            Scheme::Maven => maven::compare(text, text).is_some(),
            Scheme::Rpm => rpm::compare(text, text).is_some(),
            Scheme::Deb => deb::compare(text, text).is_some(),
            Scheme::Gem => gem::compare(text, text).is_some(),
            Scheme::Nuget => semver::compare_nuget(text, text).is_some(),
            Scheme::Date => compare_dates(text, text).is_some(),
            Scheme::Git | Scheme::Custom => true,
        }
    }
}

/// The guess for versions whose order nobody defined: numbers with dots
/// between them, and one leading `v` skipped, are compared number by number.
///
/// Source: formats section 2.2.
fn compare_custom(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (numbers::without_v(a), numbers::without_v(b));
    let both = numbers::is_dotted(a) && numbers::is_dotted(b);
    both.then(|| numbers::compare_dotted(a, b))
}

fn compare_dates(a: &str, b: &str) -> Option<Ordering> {
    let (a, b): (jiff::civil::Date, jiff::civil::Date) = (a.parse().ok()?, b.parse().ok()?);
    Some(a.cmp(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [Scheme; 10] = [
        Scheme::Semver,
        Scheme::Python,
        Scheme::Maven,
        Scheme::Rpm,
        Scheme::Deb,
        Scheme::Gem,
        Scheme::Nuget,
        Scheme::Date,
        Scheme::Git,
        Scheme::Custom,
    ];

    #[test]
    fn a_type_is_found_in_any_letter_case() {
        assert_eq!(Scheme::of("SemVer"), Some(Scheme::Semver));
        assert_eq!(Scheme::of("pypi"), Some(Scheme::Python));
        assert_eq!(Scheme::of("patch"), None);
        assert!(!Scheme::is_registered("SemVer"));
    }

    #[test]
    fn a_misspelt_type_is_recognised() {
        for (found, meant) in [
            ("SemVer", "semver"),
            ("semver 2.0", "semver"),
            ("Git commit", "git"),
            ("RPM", "rpm"),
            ("debian", "deb"),
        ] {
            assert_eq!(Scheme::resembled(found), Some(meant), "{found}");
        }
        assert_eq!(Scheme::resembled("original_commit_for_fix"), None);
    }

    #[test]
    fn versions_without_a_defined_order_are_compared_only_as_numbers() {
        let compare = |a, b| Scheme::Custom.compare(a, b);
        assert_eq!(compare("1.9", "1.10"), Some(Ordering::Less));
        assert_eq!(compare("v1.0", "1"), Some(Ordering::Equal));
        assert_eq!(compare("1.0 SP1", "1.0 SP2"), None);
        assert_eq!(compare("7.0u3", "7.0u3"), Some(Ordering::Equal));
    }

    #[test]
    fn commits_are_equal_or_not_comparable() {
        let compare = |a, b| Scheme::Git.compare(a, b);
        assert_eq!(
            compare("1da177e4c3f4", "1DA177E4C3F4"),
            Some(Ordering::Equal)
        );
        assert_eq!(compare("1da177e4c3f4", "8f0bfc25c907"), None);
    }

    #[test]
    fn days_are_ordered_and_must_exist() {
        let compare = |a, b| Scheme::Date.compare(a, b);
        assert_eq!(compare("2026-02-28", "2026-03-01"), Some(Ordering::Less));
        assert_eq!(compare("2026-02-30", "2026-03-01"), None);
    }

    /// Texts that many schemes read, from few characters, so that close
    /// versions come up.
    fn version_like() -> impl Strategy<Value = String> {
        prop_oneof![
            "v?[0-2]{1,2}(\\.[0-2]{1,2}){0,3}([-.](rc|alpha|b|pre)[.-]?[0-2]?)?",
            "([0-9]:)?[0-2](\\.[0-2a~^+]{1,2}){0,2}(-[0-2a~]{1,2})?",
            "[0-1a-b.~^+_-]{1,6}",
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn the_order_turns_round_when_its_sides_do(a in version_like(), b in version_like()) {
            for scheme in ALL {
                let turned = scheme.compare(&b, &a).map(Ordering::reverse);
                prop_assert_eq!(scheme.compare(&a, &b), turned, "{:?}", scheme);
            }
        }

        #[test]
        fn the_order_of_three_is_consistent(a in version_like(), b in version_like(), c in version_like()) {
            for scheme in ALL {
                let orders = (scheme.compare(&a, &b), scheme.compare(&b, &c), scheme.compare(&a, &c));
                if let (Some(first), Some(second), Some(third)) = orders
                    && (first == second || second.is_eq())
                {
                    prop_assert_eq!(third, first, "{:?} {} {} {}", scheme, a, b, c);
                }
            }
        }

        #[test]
        fn no_text_stops_any_order(a in "\\PC{0,20}", b in "\\PC{0,20}") {
            for scheme in ALL {
                let _ = scheme.compare(&a, &b);
                prop_assert_eq!(scheme.compare(&a, &a), Some(Ordering::Equal));
            }
        }
    }
}
