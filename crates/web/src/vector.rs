//! CVSS vectors in words.
//!
//! Source: FIRST, CVSS v3.1 specification sections 2 to 4 and v4.0 sections
//! 2 and 3. Only what readers of an advisory meet: the base metrics.

/// A metric of a vector in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Metric {
    pub(crate) name: &'static str,
    pub(crate) value: &'static str,
}

/// A metric as a vector writes it, its name, and its values with their names.
type Known = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

const IMPACT: &[(&str, &str)] = &[("N", "none"), ("L", "low"), ("H", "high")];
const NEEDED: &[(&str, &str)] = &[("N", "none"), ("L", "low"), ("H", "high")];
const COMPLEXITY: &[(&str, &str)] = &[("L", "low"), ("H", "high")];
const VECTOR: &[(&str, &str)] = &[
    ("N", "network"),
    ("A", "adjacent network"),
    ("L", "local"),
    ("P", "physical access"),
];

const V3: &[Known] = &[
    ("AV", "Attack vector", VECTOR),
    ("AC", "Attack complexity", COMPLEXITY),
    ("PR", "Privileges needed", NEEDED),
    (
        "UI",
        "User interaction",
        &[("N", "none"), ("R", "required")],
    ),
    ("S", "Scope", &[("U", "unchanged"), ("C", "changed")]),
    ("C", "Confidentiality", IMPACT),
    ("I", "Integrity", IMPACT),
    ("A", "Availability", IMPACT),
];

const V4: &[Known] = &[
    ("AV", "Attack vector", VECTOR),
    ("AC", "Attack complexity", COMPLEXITY),
    (
        "AT",
        "Attack requirements",
        &[("N", "none"), ("P", "present")],
    ),
    ("PR", "Privileges needed", NEEDED),
    (
        "UI",
        "User interaction",
        &[("N", "none"), ("P", "passive"), ("A", "active")],
    ),
    ("VC", "Confidentiality, this system", IMPACT),
    ("VI", "Integrity, this system", IMPACT),
    ("VA", "Availability, this system", IMPACT),
    ("SC", "Confidentiality, other systems", IMPACT),
    ("SI", "Integrity, other systems", IMPACT),
    ("SA", "Availability, other systems", IMPACT),
];

/// The base metrics of a vector, in the order of its specification; nothing
/// for a text that is no vector of a known version.
pub(crate) fn metrics(vector: &str) -> Vec<Metric> {
    let mut parts = vector.split('/');
    let known = match parts.next() {
        Some("CVSS:3.0" | "CVSS:3.1") => V3,
        Some("CVSS:4.0") => V4,
        _ => return Vec::new(),
    };
    let given: Vec<_> = parts.filter_map(|part| part.split_once(':')).collect();
    let words = |(short, name, values): &Known| {
        let (_, value) = given.iter().find(|(given, _)| given == short)?;
        let (_, value) = values.iter().find(|(short, _)| short == value)?;
        Some(Metric { name, value })
    };
    known.iter().filter_map(words).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_is_put_in_words() {
        let metrics = metrics("CVSS:3.1/AV:L/AC:H/PR:L/UI:R/S:U/C:N/I:H/A:N");
        assert_eq!(metrics.len(), 8);
        assert_eq!(
            (metrics[0].name, metrics[0].value),
            ("Attack vector", "local")
        );
        assert_eq!(
            (metrics[3].name, metrics[3].value),
            ("User interaction", "required")
        );
    }

    #[test]
    fn a_vector_of_version_4_names_both_systems() {
        let vector = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N";
        assert_eq!(metrics(vector).len(), 11);
    }

    #[test]
    fn a_text_that_is_no_vector_says_nothing() {
        for text in ["", "7.8", "CVSS:2.0/AV:N", "<b>", "AV:N/AC:L"] {
            assert!(metrics(text).is_empty(), "{text}");
        }
    }
}
