//! What a container holds, as yes or no for each criterion.

use serde_json::Value;

use super::CRITERIA;
use crate::versions::Scheme;

/// Shorter descriptions say too little to act on.
///
/// Source: our choice.
const USEFUL_CHARACTERS: usize = 50;

/// The keys of `metrics` that hold a CVSS score.
const SCORES: [&str; 4] = ["cvssV4_0", "cvssV3_1", "cvssV3_0", "cvssV2_0"];

pub(super) struct Facts<'a> {
    container: &'a Value,
}

impl<'a> Facts<'a> {
    pub(super) fn of(container: &'a Value) -> Facts<'a> {
        Facts { container }
    }

    /// Whether each criterion is met, in their order.
    pub(super) fn met(&self) -> [bool; CRITERIA.len()] {
        CRITERIA.map(|criterion| self.meets(criterion.key))
    }

    fn meets(&self, key: &str) -> bool {
        match key {
            "description" => items(self.container, "descriptions").any(|entry| {
                let long = |text: &str| text.trim().chars().count() >= USEFUL_CHARACTERS;
                is_english(entry) && entry["value"].as_str().is_some_and(long)
            }),
            "title" => is_said(&self.container["title"]),
            "product" => self.all_products(|product| {
                let package =
                    is_said(&product["collectionURL"]) && is_named(product, "packageName");
                (is_named(product, "vendor") && is_named(product, "product")) || package
            }),
            "versions" => self.all_products(|product| {
                let listed = items(product, "versions").any(|entry| is_named(entry, "version"));
                listed
                    || matches!(
                        product["defaultStatus"].as_str(),
                        Some("affected" | "unaffected")
                    )
            }),
            "ranges" => items(self.container, "affected")
                .flat_map(|product| items(product, "versions"))
                .any(is_comparable_range),
            "cwe" => items(self.container, "problemTypes")
                .flat_map(|problem| items(problem, "descriptions"))
                .any(|description| is_said(&description["cweId"])),
            "cvss" => items(self.container, "metrics")
                .any(|metric| SCORES.iter().any(|score| metric[score].is_object())),
            "identifier" => {
                let named = |product: &Value| {
                    is_said(&product["packageURL"]) || items(product, "cpes").next().is_some()
                };
                items(self.container, "affected").any(named)
                    || items(self.container, "cpeApplicability").next().is_some()
            }
            "references" => {
                items(self.container, "references").any(|reference| is_said(&reference["url"]))
            }
            "patch" => items(self.container, "references")
                .flat_map(|reference| items(reference, "tags"))
                .any(|tag| tag == "patch"),
            "solution" => ["solutions", "workarounds"]
                .iter()
                .any(|key| self.lists(key)),
            "credits" => self.lists("credits"),
            "impact" => self.lists("impacts"),
            "dates" => is_said(&self.container["datePublic"]) || self.lists("timeline"),
            _ => false,
        }
    }

    fn lists(&self, key: &str) -> bool {
        items(self.container, key).next().is_some()
    }

    /// Says whether there are products and all are so.
    fn all_products(&self, is_so: impl Fn(&Value) -> bool) -> bool {
        let mut products = items(self.container, "affected").peekable();
        products.peek().is_some() && products.all(is_so)
    }
}

fn items<'a>(holder: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    holder[key].as_array().into_iter().flatten()
}

fn is_said(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty())
}

/// Says whether a key holds a text that is no placeholder.
fn is_named(holder: &Value, key: &str) -> bool {
    let text = holder[key].as_str().unwrap_or_default().trim();
    let empty = ["", "-", "n/a", "na", "none", "unknown", "unspecified", "?"];
    !empty.iter().any(|word| text.eq_ignore_ascii_case(word))
}

fn is_english(entry: &Value) -> bool {
    let lang = entry["lang"].as_str().unwrap_or_default();
    lang.get(..2)
        .is_some_and(|start| start.eq_ignore_ascii_case("en"))
}

/// Says whether a range has an upper end and a type whose versions can be
/// compared.
fn is_comparable_range(entry: &Value) -> bool {
    let end = ["lessThan", "lessThanOrEqual"]
        .iter()
        .any(|key| is_named(entry, key) && entry[key] != "*");
    let ordered = entry["versionType"]
        .as_str()
        .and_then(Scheme::of)
        .is_some_and(|scheme| !scheme.guesses());
    // An entry that says where it is fixed has an end as well.
    (end || items(entry, "changes").next().is_some()) && ordered
}
