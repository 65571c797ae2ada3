//! Rejected records.

use super::{Parts, Walk, english, quoted};
use crate::check::Key;
use crate::lint::context::OtherRecord;
use crate::lint::table::Id;

/// The codes a reason of rejection may have.
const REASONS: [&str; 11] = [
    "unused",
    "not_vuln",
    "no_evidence",
    "duplicate",
    "reservation_duplicate",
    "merged",
    "wrong_id",
    "out_of_scope",
    "not_disclosed",
    "issued_in_error",
    "test",
];

/// Sentences that editors put, which explain nothing.
const STOCK: [&str; 4] = [
    "thiscveidhasbeenrejectedorwithdrawnbyitscvenumberingauthority",
    "thiscveidhasbeenrejectedorwithdrawn",
    "rejectedreasonthiscveidhasbeenrejectedorwithdrawnbyitscvenumberingauthority",
    "thiscveidhasbeenrejectedorwithdrawnbyitscvenumberingauthorityfornote",
];

impl<'a> Walk<'a, '_> {
    pub(super) fn rejected(&mut self, parts: &Parts, id: Option<&str>) {
        let doc = self.document;
        if let Some(list) = parts.rejected_reasons {
            self.texts(list);
            self.english_once(list);
            for (at, text) in english(&doc, list) {
                self.reason(at, text);
                self.replacement(parts, at, text, id);
            }
        }
        self.replaced_by(parts, id);
        self.rejected_facts(parts);
    }

    fn reason(&mut self, at: usize, text: &str) {
        let trimmed = text.trim();
        if trimmed.chars().count() < 10 {
            self.sink.hit(Id::ReasonShort, at, || {
                format!("the reason is {}, expected a sentence", quoted(text))
            });
            return;
        }
        if trimmed.starts_with("** REJECT **") {
            self.sink.hit(
                Id::LegacyPrefix,
                at,
                || "the text begins with `** REJECT **`, which the state says already",
            );
        }
        let letters: String = trimmed
            .chars()
            .take(200)
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect();
        if STOCK.contains(&letters.as_str()) {
            let id = match self.context.was_published {
                Some(true) => Id::ReasonStockPublished,
                _ => Id::ReasonStock,
            };
            self.sink
                .hit(id, at, || "the text says that the ID is rejected, not why");
        }
    }

    /// The IDs the text says are to be used, and those of `replacedBy`.
    fn replacement(&mut self, parts: &Parts, at: usize, text: &str, id: Option<&str>) {
        let doc = self.document;
        let lower = text.to_ascii_lowercase();
        let mut named: Vec<String> = Vec::new();
        for phrase in [
            "duplicate of cve-",
            "use cve-",
            "use of cve-",
            "consultids: cve-",
            "refer to cve-",
        ] {
            let mut rest = 0;
            while let Some(place) = lower.get(rest..).and_then(|text| text.find(phrase)) {
                let start = rest + place + phrase.len() - 4;
                let found = lower[start..]
                    .find(|c: char| !c.is_ascii_alphanumeric() && c != '-')
                    .map_or(&lower[start..], |end| &lower[start..start + end]);
                let found = found.trim_end_matches('-').to_ascii_uppercase();
                if found.len() >= 13 && Some(found.as_str()) != id && !named.contains(&found) {
                    named.push(found);
                }
                rest = start + 4;
            }
        }
        let Some(first) = named.first() else { return };
        let Some(list) = parts.replaced_by else {
            self.sink.hit(Id::ReplacementMissing, at, || {
                format!("the text names {first}, `replacedBy` is missing")
            });
            return;
        };
        let is_replacement =
            |name: &String| doc.items(list).any(|item| doc.text(item) == Some(name));
        if !named.iter().any(is_replacement) {
            self.sink.hit(Id::ReplacementDiffers, list, || {
                format!("the text names {first}, `replacedBy` other IDs")
            });
        }
    }

    fn replaced_by(&mut self, parts: &Parts, id: Option<&str>) {
        let doc = self.document;
        for at in parts
            .replaced_by
            .into_iter()
            .flat_map(|list| doc.items(list))
        {
            let Some(other) = doc.text(at) else { continue };
            if Some(other) == id {
                self.sink.hit(Id::ReplacementSelf, at, || {
                    format!("{other} is replaced by itself")
                });
                continue;
            }
            let Some(others) = self.context.others else {
                continue;
            };
            if let Some(fault) = void(others, other, id) {
                self.sink
                    .hit(Id::ReplacementVoid, at, || format!("{other} {fault}"));
            }
        }
    }

    fn rejected_facts(&mut self, parts: &Parts) {
        let Some(case) = self.context.case else {
            return;
        };
        let at = parts.rejected_reasons.unwrap_or(parts.container);
        let known = case
            .reject_reason
            .as_deref()
            .is_some_and(|reason| REASONS.contains(&reason));
        if !known {
            self.sink
                .hit(Id::ReasonCode, at, || match &case.reject_reason {
                    Some(reason) => format!("the case has the reason {}", quoted(reason)),
                    None => "the case has no reason of rejection".to_owned(),
                });
        }
        if case.is_target_updated == Some(false) {
            let at = parts.replaced_by.unwrap_or(at);
            self.sink.hit(
                Id::TargetUpdated,
                at,
                || "the record that stays has not been brought up to date",
            );
        }
        if case.is_archived == Some(false) {
            self.sink.hit(
                Id::ContentKept,
                parts.container,
                || "the content that the rejection removes has not been kept",
            );
        }
        if case.is_still_announced == Some(true) {
            self.sink.hit(
                Id::StillAnnounced,
                parts.container,
                || "advisory or announcement still use the ID",
            );
        }
    }
}

/// Why `name` cannot stand for a rejected record; records that are not known
/// are taken to be well.
fn void(others: &[OtherRecord], name: &str, id: Option<&str>) -> Option<&'static str> {
    let find = |name: &str| others.iter().find(|other| other.id == name);
    let target = find(name)?;
    if !target.is_rejected {
        return None;
    }
    let mut at = target;
    for _ in 0..others.len() {
        let Some(next) = at.replaced_by.first() else {
            return Some("is rejected");
        };
        if Some(next.as_str()) == id || next == name {
            return Some("is rejected, and leads back here");
        }
        match find(next) {
            Some(next) => at = next,
            None => break,
        }
    }
    Some("is rejected")
}

impl Walk<'_, '_> {
    /// ID and state, by the CNA's ledger.
    pub(super) fn identity(&mut self, metadata: usize, id: Option<&str>) {
        let Some(row) = self.context.ledger else {
            return;
        };
        let doc = self.document;
        let at = doc.get(metadata, Key::CveId).unwrap_or(metadata);
        let id = id.unwrap_or_default();
        let number: Option<crate::id::CveId> = id.parse().ok();
        let fault = if id != row.id {
            Some(format!(
                "the record is about {id}, the ledger's line about {}",
                row.id
            ))
        } else if !row.is_ours {
            Some(format!("{id} belongs to another CNA"))
        } else if number.is_none_or(crate::id::CveId::is_example) {
            Some(format!("{id} is no ID that can be published"))
        } else {
            None
        };
        if let Some(fault) = fault {
            self.sink.hit(Id::NotOurs, at, || fault);
        }
        let year = number.map(crate::id::CveId::year);
        if let Some(year) = year
            && !row.years.is_empty()
            && !row.years.contains(&year)
        {
            self.sink.hit(Id::WrongYear, at, || {
                let years: Vec<String> = row.years.iter().map(ToString::to_string).collect();
                format!(
                    "the ID's year is {year}, its case allows {}",
                    years.join(", ")
                )
            });
        }
    }
}
