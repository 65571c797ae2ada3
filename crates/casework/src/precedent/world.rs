//! What is given, as the rules see it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::format::{Given, ProductText};
use crate::decision::{Claim, Hierarchy, Part, Sheet, Station};

/// Reads the merged map of what is given.
///
/// Refuses: an unknown key, or a value of the wrong shape, by its path.
pub(crate) fn read(given: &Map<String, Value>) -> Result<Given, String> {
    let text = Value::Object(given.clone());
    let mut given: Given = serde_path_to_error::deserialize(text).map_err(|error| {
        let place = match error.path().to_string() {
            path if path == "." => "given".to_owned(),
            path => format!("given.{path}"),
        };
        format!("{place}: {}", error.into_inner())
    })?;
    if given.findings.is_empty() {
        // A report that is not taken apart claims one thing.
        given.findings.insert("report".into(), Default::default());
    }
    for (name, finding) in &given.findings {
        for product in &finding.products {
            if !given.products.contains_key(product) {
                return Err(format!(
                    "given.findings.{name}: `{product}` is not among given.products"
                ));
            }
        }
        for line in &finding.lines {
            line_end(&given, line)?;
        }
    }
    if let Some(name) = &given.profile {
        crate::decision::profile(name).map_err(|error| format!("given.profile: {error}"))?;
    }
    if let Some(mistake) = given.findings.values().find_map(|finding| {
        finding
            .mistake
            .as_ref()
            .filter(|word| crate::lifecycle::mistake::hints(word).is_none())
    }) {
        return Err(format!(
            "given.findings: `{mistake}` is not a kind of mistake; `docs/scenarios.md` lists them"
        ));
    }
    if let Some(error) = super::words::unknown(&given) {
        return Err(error);
    }
    if given.us.is_empty() {
        return Err("given.us: nobody decides; name the organisation".into());
    }
    if !given.organisations.contains_key(&given.us) {
        return Err(format!(
            "given.us: `{}` is not among given.organisations",
            given.us
        ));
    }
    Ok(given)
}

/// Who reports to whom.
pub(crate) fn hierarchy(given: &Given) -> Hierarchy {
    let station = |(name, org): (&String, &super::format::OrganisationText)| {
        let station = Station {
            roles: org.roles.clone(),
            root: org.root.clone(),
            tl_root: org.tl_root.clone(),
            last_resort: org.last_resort.clone(),
        };
        (name.clone(), station)
    };
    Hierarchy {
        stations: given.organisations.iter().map(station).collect(),
    }
}

/// What the report claims.
pub(crate) fn claims(given: &Given) -> Vec<Claim> {
    given
        .findings
        .iter()
        .map(|(name, finding)| {
            let known: Vec<(&String, &ProductText)> = finding
                .products
                .iter()
                .filter_map(|product| given.products.get_key_value(product))
                .collect();
            let mut suppliers: Vec<_> = known
                .iter()
                .filter_map(|(_, product)| product.supplier.clone())
                .collect();
            suppliers.sort();
            suppliers.dedup();
            Claim {
                name: name.clone(),
                products: known
                    .iter()
                    .map(|(name, product)| Part {
                        product: (*name).clone(),
                        codebases: product.codebases.clone(),
                    })
                    .collect(),
                supplier: (suppliers.len() == 1).then(|| suppliers.remove(0)),
                implementations: finding.implementations,
            }
        })
        .collect()
}

/// When the support of `product line` ends: `supported`, or a day.
fn line_end<'a>(given: &'a Given, text: &str) -> Result<&'a str, String> {
    let (product, line) = text.split_once(' ').ok_or_else(|| {
        format!("given: `{text}` is not a product and a line, such as `acme-api 3.x`")
    })?;
    let lines = given.products.get(product).map(|product| &product.lines);
    let end = lines.and_then(|lines| lines.get(line));
    end.map(String::as_str)
        .ok_or_else(|| format!("given: no product `{product}` with a line `{line}`"))
}

/// Answers that what is given contradicts; a scenario that has one tells two
/// stories.
pub(crate) fn contradiction(given: &Given, sheet: &Sheet, day: &str) -> Option<String> {
    support(given, sheet, day)
        .or_else(|| hosted(given, sheet))
        .or_else(|| owners(given, sheet))
}

fn support(given: &Given, sheet: &Sheet, day: &str) -> Option<String> {
    let answer = sheet.case("B6")?.value.as_str();
    let mut supported = BTreeMap::new();
    for line in given.findings.values().flat_map(|finding| &finding.lines) {
        let end = line_end(given, line).ok()?;
        supported.insert(line, end == "supported" || end >= day);
    }
    if supported.is_empty() {
        return None;
    }
    let fits = match answer {
        "all_supported" => supported.values().all(|is| *is),
        "mixed" => supported.values().any(|is| *is) && supported.values().any(|is| !*is),
        _ => supported.values().all(|is| !*is),
    };
    let lines: Vec<_> = supported.keys().map(|line| line.as_str()).collect();
    let excluded = given
        .organisations
        .get(&given.us)?
        .scope
        .end_of_life
        .as_deref();
    let covered = !(answer == "eol_only_excluded"
        && excluded.is_some_and(|word| word != "excluded")
        || answer == "eol_only_covered" && excluded == Some("excluded"));
    (!fits || !covered).then(|| {
        format!(
            "answer B6 `{answer}` contradicts given: lines {} on {day}, our scope about end of life: {}",
            lines.join(", "),
            excluded.unwrap_or("silent")
        )
    })
}

fn hosted(given: &Given, sheet: &Sheet) -> Option<String> {
    let answer = sheet.case("E3")?.value.as_str();
    let products = given
        .findings
        .values()
        .flat_map(|finding| &finding.products);
    let mut hosted = Vec::new();
    for product in products {
        hosted.push(given.products.get(product)?.delivery.as_deref()? == "hosted");
    }
    if hosted.is_empty() {
        return None;
    }
    let is = hosted.iter().all(|is| *is);
    (is != (answer == "yes")).then(|| {
        format!("answer E3 `{answer}` contradicts given: `delivery` of the affected products")
    })
}

fn owners(given: &Given, sheet: &Sheet) -> Option<String> {
    let answer = sheet.case("B1")?.value.as_str();
    let products = given
        .findings
        .values()
        .flat_map(|finding| &finding.products);
    let suppliers: Vec<&str> = products
        .filter_map(|product| given.products.get(product)?.supplier.as_deref())
        .collect();
    let ours = suppliers.iter().any(|name| *name == given.us);
    let wrong = match answer {
        "ours" => !suppliers.is_empty() && !ours,
        "other" => ours,
        _ => false,
    };
    if wrong {
        return Some(format!(
            "answer B1 `{answer}` contradicts given: the affected products are supplied by {}",
            suppliers.join(", ")
        ));
    }
    let cna = |node: &str, wanted: &str| {
        let reply = sheet.case(node).filter(|reply| reply.value == wanted)?;
        let named = reply
            .names
            .first()
            .cloned()
            .or_else(|| suppliers.first().map(|s| (*s).to_owned()))?;
        Some((
            given
                .organisations
                .get(&named)?
                .roles
                .iter()
                .any(|role| role.starts_with("cna")),
            named,
        ))
    };
    for (node, value, must_be_cna) in [
        ("B3", "supplier_cna", true),
        ("B4", "cna", true),
        ("B4", "not_cna_in_scope", false),
        ("B4", "not_cna_out_of_scope", false),
    ] {
        if let Some((is, name)) = cna(node, value)
            && is != must_be_cna
        {
            return Some(format!(
                "answer {node} `{value}` contradicts given: the roles of `{name}`"
            ));
        }
    }
    let third_party = given.organisations.get(&given.us)?.scope.third_party?;
    let says = sheet.case("B4")?.value.as_str();
    let fits = match says {
        "not_cna_in_scope" => third_party,
        "not_cna_out_of_scope" => !third_party,
        _ => true,
    };
    (!fits).then(|| format!("answer B4 `{says}` contradicts given: `third_party` of our scope"))
}
