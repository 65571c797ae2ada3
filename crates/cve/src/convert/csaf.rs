//! Records as CSAF documents, 2.0 and 2.1: security advisory and VEX, and the
//! withdrawal of a rejected record.
//!
//! Source: CSAF 2.0 and 2.1; formats section 3.

mod document;
mod head;
mod products;
mod vulnerability;

use document::Document;
use products::Products;

use super::content;
use super::finding::finding;
use super::leftover::{Part, leftovers};
use super::record::Record;
use super::{Converted, CsafProfile, CsafVersion, Loss, Options, Refused};
use crate::check::{Finding, Severity};

/// What a document holds of a CNA's container, and of the others'.
const OF_CNA: &[Part] = &[
    Part::Title,
    Part::Descriptions,
    Part::Affected,
    Part::ProblemTypes,
    Part::References,
    Part::Impacts,
    Part::Metrics,
    Part::Configurations,
    Part::Workarounds,
    Part::Solutions,
    Part::Exploits,
    Part::Timeline,
    Part::Credits,
    Part::Source,
    Part::Tags,
    Part::DatePublic,
];
const OF_ADP: &[Part] = &[Part::References, Part::Metrics];

/// Makes a CSAF document of a record.
///
/// Refuses: a record without any date, without a description, or without a
/// product whose versions have a status; and, as an advisory of version 2.1,
/// one without affected versions.
pub(super) fn convert(
    record: &Record,
    version: CsafVersion,
    profile: CsafProfile,
    options: &Options,
) -> Result<Converted, Refused> {
    let mut losses = leftovers(record, OF_CNA, OF_ADP);
    let mut findings = head::publisher_findings(options.publisher);
    let head = head::head(
        record,
        version,
        profile,
        options,
        &mut losses,
        &mut findings,
    )?;
    let name = file_name(&head.tracking.id);
    let (mut product_tree, mut vulnerabilities) = (None, Vec::new());
    if !record.is_rejected() {
        let products = Products::of(
            record,
            version,
            profile,
            options.publisher,
            &mut losses,
            &mut findings,
        );
        if products.status.is_empty() {
            return Err(Refused::because(no_products(record, &losses)));
        }
        let is_advisory = profile == CsafProfile::SecurityAdvisory;
        if is_advisory && version == CsafVersion::V2_1 && products.status.known_affected.is_empty()
        {
            return Err(Refused::because(nothing_affected()));
        }
        if content::prose(&record.cna().descriptions).is_none() {
            return Err(Refused::because(no_description()));
        }
        let (tree, one) = vulnerability::vulnerability(
            record,
            version,
            profile,
            products,
            &head,
            &mut losses,
            &mut findings,
        );
        product_tree = Some(tree);
        vulnerabilities.push(one);
    }
    let document = Document {
        schema: match version {
            CsafVersion::V2_0 => None,
            CsafVersion::V2_1 => {
                Some("https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json")
            }
        },
        document: head,
        product_tree,
        vulnerabilities,
    };
    Ok(Converted {
        document: super::json::pretty(&document),
        name,
        losses,
        findings,
    })
}

/// The file name of a document with this ID.
///
/// Source: CSAF 2.0 section 5.1.
pub(super) fn file_name(id: &str) -> String {
    let mut name = String::with_capacity(id.len() + 5);
    for character in id.chars().map(|c| c.to_ascii_lowercase()) {
        match character {
            '+' | '-' | 'a'..='z' | '0'..='9' => name.push(character),
            _ if name.ends_with('_') => {}
            _ => name.push('_'),
        }
    }
    name.push_str(".json");
    name
}

fn no_products(record: &Record, losses: &[Loss]) -> Finding {
    let left_out = losses.iter().find(|loss| loss.kind == "version-entry");
    let (pointer, message) = match left_out {
        Some(loss) => (
            loss.pointer.as_str(),
            format!("no version has a status: {}", loss.message),
        ),
        None if record.cna().affected.is_empty() => (
            "/containers/cna/affected",
            "the record names no product".to_owned(),
        ),
        None => (
            "/containers/cna/affected",
            "the record gives no version of any product a status".to_owned(),
        ),
    };
    finding(
        Severity::Error,
        "CONV-CSAF-PRODUCTS",
        pointer,
        message,
        "CSAF 6.1.27.4: the profile needs product_status",
        "name the affected products with `versions` or `defaultStatus`",
    )
}

fn nothing_affected() -> Finding {
    finding(
        Severity::Error,
        "CONV-CSAF-AFFECTED",
        "/containers/cna/affected",
        "the record has no affected version",
        "CSAF 2.1 6.1.27.12: a security advisory needs known_affected",
        "name an affected version, or write a VEX document with --to csaf-vex",
    )
}

fn no_description() -> Finding {
    finding(
        Severity::Error,
        "CONV-CSAF-NOTE",
        "/containers/cna/descriptions",
        "the record has no description",
        "CSAF 6.1.27.5: the profile needs a note",
        "describe the vulnerability",
    )
}
