//! Descriptions built from the key details of a vulnerability.

/// The key details.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// The kind of flaw, such as `Path traversal`.
    pub kind: String,
    /// Where in the product; may be empty.
    pub component: String,
    /// The vendor; may be empty.
    pub vendor: String,
    /// The product; never empty.
    pub product: String,
    /// The versions in words, such as `before 1.4.3`; may be empty.
    pub versions: String,
    /// Why, as a clause such as `does not check links`; takes the place of the
    /// kind where it is given.
    pub root_cause: String,
    /// Who; empty stands for `attackers`.
    pub attacker: String,
    /// What they can do, such as `read files`; empty is unspecified.
    pub impact: String,
    /// By which way; empty is unspecified.
    pub vector: String,
    /// The ID a relation is to, and the relation; may be empty.
    pub note: String,
}

/// The keys of the details, as forms and commands spell them.
const KEYS: [&str; 10] = [
    "type",
    "component",
    "vendor",
    "product",
    "versions",
    "root_cause",
    "attacker",
    "impact",
    "vector",
    "note",
];

/// The relations a NOTE sentence can state, with its words around the ID.
const NOTES: [(&str, &str, &str); 6] = [
    (
        "incomplete-fix",
        "this issue exists because of an incomplete fix for ",
        ".",
    ),
    (
        "regression",
        "this issue exists because of a ",
        " regression.",
    ),
    ("split-from", "this vulnerability was SPLIT from ", "."),
    ("may-overlap", "this may overlap ", "."),
    ("may-be-same", "this may be the same as ", "."),
    ("related", "this CVE Record is related to ", "."),
];

impl Details {
    /// Sets the detail with this key.
    ///
    /// Refuses: another key; what it says names the ones there are.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        let place = match key {
            "type" => &mut self.kind,
            "component" => &mut self.component,
            "vendor" => &mut self.vendor,
            "product" => &mut self.product,
            "versions" => &mut self.versions,
            "root_cause" => &mut self.root_cause,
            "attacker" => &mut self.attacker,
            "impact" => &mut self.impact,
            "vector" => &mut self.vector,
            "note" => &mut self.note,
            _ => {
                return Err(format!(
                    "no detail has this name: expected one of {}",
                    KEYS.join(", ")
                ));
            }
        };
        value.trim().clone_into(place);
        Ok(())
    }
}

/// The description the details make.
///
/// Takes: `note` as `RELATION CVE-ID`, such as `regression CVE-1900-0001`, or
/// `unsupported` alone.
/// Refuses: no product; neither a type nor a root cause; a root cause without
/// the component it is in; placeholders; another relation.
/// Source: process section 5.3; CVE Program key details phrasing.
pub fn sentence(details: &Details) -> Result<String, String> {
    if details.product.is_empty() {
        return Err("there is no `product`: a description always names it".into());
    }
    let parts = [&details.vendor, &details.product, &details.versions];
    let named: Vec<&str> = parts
        .into_iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    let product = named.join(" ");
    let or = |text: &str, unknown: &str| {
        if text.is_empty() {
            unknown.to_owned()
        } else {
            text.to_owned()
        }
    };
    let attacker = or(&details.attacker, "attackers");
    let impact = if details.impact.is_empty() {
        "cause an unspecified impact".to_owned()
    } else {
        details.impact.clone()
    };
    let vector = or(&details.vector, "unspecified vectors");
    let end = format!("{attacker} to {impact} via {vector}.");
    let text = match (details.root_cause.as_str(), details.kind.as_str()) {
        ("", "") => {
            return Err(
                "there is neither `type` nor `root_cause`: one of them says what is wrong".into(),
            );
        }
        ("", kind) if details.component.is_empty() => format!("{kind} in {product} allows {end}"),
        ("", kind) => format!("{kind} in {} in {product} allows {end}", details.component),
        (cause, _) if details.component.is_empty() => {
            format!("{product} {cause}, which allows {end}")
        }
        (cause, _) => format!(
            "{} in {product} {cause}, which allows {end}",
            details.component
        ),
    };
    if let Some(left) = leftover(&text) {
        return Err(format!(
            "`{left}` is left over from a template: write what it stands for"
        ));
    }
    let mut text = capital(&text);
    if !details.note.is_empty() {
        text.push(' ');
        text.push_str(&note(&details.note)?);
    }
    Ok(text)
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

fn note(text: &str) -> Result<String, String> {
    if text == "unsupported" {
        return Ok(
            "NOTE: This vulnerability only affects products that are no longer supported \
                   by the maintainer."
                .into(),
        );
    }
    let known: Vec<&str> = NOTES.iter().map(|(relation, ..)| *relation).collect();
    let (relation, id) = text.split_once(' ').unwrap_or((text, ""));
    let Some((_, before, after)) = NOTES.iter().find(|(known, ..)| *known == relation) else {
        return Err(format!(
            "`{relation}` is no relation: expected `unsupported`, or one of {} and a CVE ID",
            known.join(", ")
        ));
    };
    let id: cve::id::CveId = id.trim().parse().map_err(|error| format!("{error}"))?;
    Ok(format!("NOTE: {before}{id}{after}"))
}

/// The first placeholder a text still has: `[VULNTYPE]`, `{product}`, `TODO`.
///
/// Source: process section 5.3; our choice of what counts: capitals in square
/// brackets, one lower-case word in braces, and the words TODO, TBD, FIXME and
/// XXX.
pub fn leftover(text: &str) -> Option<&str> {
    let between = |open: char, close: char, fits: fn(&str) -> bool| {
        text.match_indices(open).find_map(|(start, _)| {
            let rest = text.get(start + 1..)?;
            let end = rest.find(close)?;
            let inner = rest.get(..end)?;
            fits(inner).then(|| text.get(start..start + end + 2))?
        })
    };
    let capitals = |inner: &str| {
        inner.len() > 2
            && inner.bytes().any(|b| b.is_ascii_uppercase())
            && inner
                .bytes()
                .all(|b| b.is_ascii_uppercase() || matches!(b, b' ' | b'_' | b'/'))
    };
    let word = |inner: &str| {
        inner.starts_with(|c: char| c.is_ascii_lowercase())
            && inner
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b == b'_' || b == b' ')
    };
    between('[', ']', capitals)
        .or_else(|| between('{', '}', word))
        .or_else(|| {
            let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            words.find(|word| matches!(*word, "TODO" | "TBD" | "FIXME" | "XXX"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn details() -> Details {
        Details {
            kind: "path traversal".into(),
            component: "the log rotation".into(),
            vendor: "Example".into(),
            product: "node-agent".into(),
            versions: "before 1.4.3".into(),
            attacker: "local users".into(),
            impact: "read arbitrary files".into(),
            vector: "a symbolic link".into(),
            ..Details::default()
        }
    }

    #[test]
    fn key_details_make_a_sentence() {
        assert_eq!(
            sentence(&details()).unwrap(),
            "Path traversal in the log rotation in Example node-agent before 1.4.3 allows local \
             users to read arbitrary files via a symbolic link."
        );
    }

    #[test]
    fn a_root_cause_takes_the_place_of_the_type() {
        let with_cause = Details {
            root_cause: "follows links".into(),
            ..details()
        };
        assert_eq!(
            sentence(&with_cause).unwrap(),
            "The log rotation in Example node-agent before 1.4.3 follows links, which allows local \
             users to read arbitrary files via a symbolic link."
        );
    }

    #[test]
    fn what_is_not_known_is_said_to_be_unspecified() {
        let few = Details {
            kind: "Use after free".into(),
            product: "node-agent".into(),
            ..Details::default()
        };
        assert_eq!(
            sentence(&few).unwrap(),
            "Use after free in node-agent allows attackers to cause an unspecified impact via \
             unspecified vectors."
        );
    }

    #[test]
    fn a_relation_is_a_note_at_the_end() {
        let again = Details {
            note: "regression CVE-1900-0001".into(),
            ..details()
        };
        assert!(
            sentence(&again)
                .unwrap()
                .ends_with(" NOTE: this issue exists because of a CVE-1900-0001 regression.")
        );
    }

    #[test]
    fn placeholders_are_found_and_code_is_not_taken_for_one() {
        for (text, found) in [
            ("[VULNTYPE] in x", Some("[VULNTYPE]")),
            ("in {product} 1", Some("{product}")),
            ("TODO: say more", Some("TODO")),
            ("a[0] and {a: 1} and [CVE-1900-0001]", None),
            ("The TODOs of users", None),
        ] {
            assert_eq!(leftover(text), found, "{text}");
        }
    }
}
