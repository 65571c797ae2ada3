//! IDs of ours that are named in public and have no record.
//!
//! Whoever looks (a command, a program) sends what it saw; the desk keeps the
//! places of its own reserved IDs, each once, until a person says what it
//! means. The clocks follow from that.
//!
//! Source: process section 9, and section 3.4, clock start.

use cve::id::CveId;
use cve::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{AuditEvent, HitRow, LedgerRow, Reader, Sighting, Visibility};

use crate::case::{self, CaseId, Names, is_visible};
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::lifecycle::rbp::{ratio, sighting};
use crate::people::Actor;
use crate::policy::{Action, check};

/// The most sightings of one report.
const MOST: usize = 10_000;

/// The longest name of a place.
const LONGEST_SOURCE: usize = 1_000;

/// An ID that was seen somewhere.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// The ID.
    pub cve_id: CveId,
    /// Where: an address, a file.
    pub source: String,
    /// In which line, from 1.
    pub line: i64,
}

/// A place an ID was seen at. Of a case the reader is not on, only the ID is
/// told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// The ID.
    pub cve_id: CveId,
    /// Number of the hit.
    pub number: Option<i64>,
    /// The case.
    pub case: Option<CaseId>,
    /// The place.
    pub source: Option<String>,
    /// The line it was first seen in.
    pub line: Option<i64>,
    /// When it was first seen.
    pub first_seen: Option<Timestamp>,
    /// When it was last seen.
    pub last_seen: Option<Timestamp>,
    /// `new`, `confirmed` or `dismissed`.
    pub state: Option<String>,
    /// Whether details stand there with the ID, as a person said.
    pub has_details: Option<bool>,
    /// Whether the place is ours, as a person said.
    pub is_ours: Option<bool>,
    /// What was said of it.
    pub note: Option<String>,
    /// Name of whoever said it.
    pub decided_by: Option<String>,
    /// What it means, once it is confirmed.
    pub means: Option<&'static str>,
}

/// What became of a report of sightings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HitReport {
    /// Places that were not known.
    pub new: Vec<Hit>,
    /// How many were known.
    pub known: usize,
    /// How many were of IDs that are not ours, or have a record, or stood on
    /// our own portal.
    pub ignored: usize,
}

/// What a person says of a hit.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HitVerdict {
    /// It names the vulnerability, or at least the ID; otherwise it means
    /// nothing.
    pub confirm: bool,
    /// Details that are not trivial stand there with the ID.
    pub details: bool,
    /// The place is one of our outputs.
    pub ours: bool,
    /// In words; may be empty.
    pub note: String,
}

/// The places IDs were seen at, with the share of IDs public without a record.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HitList {
    /// Newest first.
    pub hits: Vec<Hit>,
    /// IDs that are public without a record.
    pub without_record: u64,
    /// Their share of all that are public, in percent; nothing when none is.
    pub ratio: Option<f64>,
}

impl Desk {
    /// Keeps what was seen, as far as it is about our reserved IDs.
    ///
    /// Takes: at most 10,000 at once, each place with at most 1,000 characters.
    pub fn record_hits(&self, actor: &Actor, seen: Vec<Seen>) -> Result<HitReport, Error> {
        check(actor, Action::Record)?;
        if seen.len() > MOST {
            let problem = format!("there are {}: expected at most {MOST}", seen.len());
            return Err(Refusal::invalid("seen", problem).into());
        }
        for one in &seen {
            let length = one.source.chars().count();
            if length == 0 || length > LONGEST_SOURCE || one.source.contains('\n') {
                let problem = format!("`source` has {length} characters: expected 1 to 1,000");
                return Err(Refusal::invalid("seen", problem).into());
            }
        }
        let actor = actor.clone();
        let portal = self.settings.portal_url.clone();
        self.store.write(move |tx| {
            let names = Names::load(tx)?;
            let mut report = HitReport {
                new: Vec::new(),
                known: 0,
                ignored: 0,
            };
            for one in &seen {
                let line = tx.ledger_line(one.cve_id)?.filter(is_reserved);
                let (Some(line), false) = (line, is_own_page(&portal, &one.source)) else {
                    report.ignored += 1;
                    continue;
                };
                let sighting = Sighting {
                    id: one.cve_id,
                    source: one.source.clone(),
                    line: one.line.max(1),
                };
                if !tx.put_hit(&sighting)? {
                    report.known += 1;
                    continue;
                }
                if let Some(case) = line.case_id {
                    let object = case.to_string();
                    tx.change("case.seen", "", &object, Visibility::Restricted);
                }
                tx.audit(AuditEvent {
                    actor: actor.name().to_owned(),
                    org: line.account.clone(),
                    action: "id.seen".into(),
                    object: object(&line),
                    detail: json!({"cve_id": line.id, "source": one.source}),
                });
                let kept = tx.hits_of(one.cve_id)?;
                if let Some(row) = kept.into_iter().find(|row| row.source == one.source) {
                    report.new.push(shown(tx, &actor, &names, &line, row)?);
                }
            }
            Ok(report)
        })
    }

    /// The places IDs were seen at, newest first.
    ///
    /// Takes: `all`, also those a person has read.
    pub fn hits(&self, actor: &Actor, all: bool) -> Result<HitList, Error> {
        check(actor, Action::Audit)?;
        self.store.snapshot(|reader| {
            let names = Names::load(reader)?;
            let mut hits = Vec::new();
            for row in reader.hits(all)? {
                if let Some(line) = reader.ledger_line(row.id)? {
                    hits.push(shown(reader, actor, &names, &line, row)?);
                }
            }
            let (without_record, published) = reader.public_ids()?;
            Ok(HitList {
                hits,
                without_record,
                ratio: ratio(without_record, without_record + published),
            })
        })
    }

    /// Says what a hit means: the right clock starts, and an ID that is public
    /// without a record is marked so.
    ///
    /// Refuses: a hit of a case the actor is not on, as one that is not there;
    /// one somebody has read.
    pub fn decide_hit(
        &self,
        actor: &Actor,
        number: i64,
        verdict: &HitVerdict,
    ) -> Result<Hit, Error> {
        check(actor, Action::Record)?;
        if verdict.note.chars().count() > 2_000 {
            let problem = "it is longer than 2,000 characters";
            return Err(Refusal::invalid("note", problem).into());
        }
        let (actor, verdict) = (actor.clone(), verdict.clone());
        self.store.write(move |tx| {
            let unknown = || Refusal::not_found(format!("hit {number}"));
            let mut row = tx.take_hit(number)?.ok_or_else(unknown)?;
            let case = tx.ledger_line(row.id)?.and_then(|line| line.case_id);
            let mut head = None;
            if let Some(case) = case {
                if !is_visible(tx, &actor, case)? {
                    return Err(unknown().into());
                }
                head = tx.take_case(case)?;
            }
            if row.state != "new" {
                let problem = format!("it is {} already", row.state);
                return Err(Refusal::invalid("number", problem).into());
            }
            let mut line = tx.take_ledger_line(row.id)?.ok_or_else(unknown)?;
            let word = if verdict.confirm {
                "confirmed"
            } else {
                "dismissed"
            };
            row.state = word.into();
            row.has_details = verdict.confirm && verdict.details;
            row.is_ours = verdict.confirm && verdict.ours;
            row.note = verdict.note.trim().to_owned();
            row.decided_by = actor.id().to_owned();
            row.decided_at = Some(tx.now());
            tx.update_hit(&row)?;
            if verdict.confirm && ["POOL", "ASSIGNED"].contains(&line.state.as_str()) {
                line.state = "RBP".into();
                line.modified = tx.now();
                tx.update_ledger_line(&line)?;
            }
            let detail = json!({
                "cve_id": row.id, "hit": number, "verdict": word, "details": row.has_details,
                "ours": row.is_ours,
            });
            match &mut head {
                Some(head) => {
                    case::settle(tx, head)?;
                    let case = CaseId::new(head.id);
                    case::record(tx, &actor, case, "recorded", "decide-hit", detail);
                }
                None => tx.audit(AuditEvent {
                    actor: actor.name().to_owned(),
                    org: line.account.clone(),
                    action: "id.decide-hit".into(),
                    object: object(&line),
                    detail,
                }),
            }
            let names = Names::load(tx)?;
            shown(tx, &actor, &names, &line, row)
        })
    }
}

fn object(line: &LedgerRow) -> String {
    match line.case_id {
        Some(case) => CaseId::new(case).object(),
        None => format!("id {}", line.id),
    }
}

fn is_reserved(line: &LedgerRow) -> bool {
    ["POOL", "ASSIGNED", "RBP"].contains(&line.state.as_str())
}

/// Whether a place lies on our portal, which tells of nothing too early.
fn is_own_page(portal: &str, source: &str) -> bool {
    let rest = source.strip_prefix(portal);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
}

fn shown(
    reader: &mut Reader<'_>,
    actor: &Actor,
    names: &Names,
    line: &LedgerRow,
    row: HitRow,
) -> Result<Hit, Error> {
    let knows = match line.case_id {
        Some(case) => is_visible(reader, actor, case)?,
        None => true,
    };
    if !knows {
        return Ok(Hit {
            cve_id: row.id,
            number: None,
            case: None,
            source: None,
            line: None,
            first_seen: None,
            last_seen: None,
            state: None,
            has_details: None,
            is_ours: None,
            note: None,
            decided_by: None,
            means: None,
        });
    }
    let means = (row.state == "confirmed").then(|| {
        let is_assigned = line.case_id.is_some();
        match sighting(row.has_details, row.is_ours, is_assigned) {
            "find_right_id_and_correct_page" => {
                "the ID names nothing: find the right one and correct the page; never assign it"
            }
            "publish_now_own" => "we disclosed it: publish the record, D-06 and D-07 run",
            "publish_now_third_party" => {
                "somebody else disclosed it: publish the record, D-08 runs"
            }
            _ => "the bare ID is public: decide whether to disclose earlier, D-08 runs as a TARGET",
        }
    });
    Ok(Hit {
        cve_id: row.id,
        number: Some(row.number),
        case: line.case_id.map(CaseId::new),
        source: Some(row.source),
        line: Some(row.line),
        first_seen: Some(row.first_seen),
        last_seen: Some(row.last_seen),
        state: Some(row.state),
        has_details: Some(row.has_details),
        is_ours: Some(row.is_ours),
        note: Some(row.note),
        decided_by: Some(names.of(&row.decided_by)),
        means,
    })
}

/// The CVE IDs a text names, each once, with the line it is first named in,
/// from 1.
///
/// Takes: any text. IDs are found in any letter case, with any hyphen or dash
/// between their parts, written out or as an HTML character reference, and
/// never as a part of a longer word or number.
pub fn ids_in(text: &str) -> Vec<(i64, CveId)> {
    let mut found: Vec<(i64, CveId)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let plain: String = plain(line);
        let bytes = plain.as_bytes();
        for at in 0..bytes.len() {
            let is_start = at == 0 || !is_word(bytes[at - 1]);
            if !is_start || !starts_with_cve(&bytes[at..]) {
                continue;
            }
            let length = bytes[at + 4..]
                .iter()
                .take_while(|byte| byte.is_ascii_digit() || **byte == b'-')
                .count();
            let mut rest = &plain[at + 4..at + 4 + length];
            // A hyphen behind the ID belongs to the text, such as a range.
            if let Some((year, number)) = rest.split_once('-') {
                let digits = number.bytes().take_while(u8::is_ascii_digit).count();
                rest = &rest[..year.len() + 1 + digits];
            }
            let end = at + 4 + rest.len();
            if bytes.get(end).is_some_and(|byte| is_word(*byte)) {
                continue;
            }
            if let Ok(id) = format!("CVE-{rest}").parse::<CveId>()
                && !found.iter().any(|(_, known)| *known == id)
            {
                found.push((i64::try_from(index).unwrap_or(i64::MAX - 1) + 1, id));
            }
        }
    }
    found
}

fn starts_with_cve(bytes: &[u8]) -> bool {
    bytes.len() > 4 && bytes[..3].eq_ignore_ascii_case(b"cve") && bytes[3] == b'-'
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// The line with every dash as a hyphen, and without what is not seen.
fn plain(line: &str) -> String {
    const REFERENCES: [(&str, &str); 9] = [
        ("&#45;", "-"),
        ("&#x2d;", "-"),
        ("&#8208;", "-"),
        ("&#8209;", "-"),
        ("&#8211;", "-"),
        ("&ndash;", "-"),
        ("&hyphen;", "-"),
        ("&dash;", "-"),
        ("&shy;", ""),
    ];
    let mut line = line.to_owned();
    if line.contains('&') {
        for (reference, text) in REFERENCES {
            line = line.replace(reference, text);
        }
    }
    line.chars()
        .filter(|letter| !matches!(letter, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}'))
        .map(|letter| match letter {
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => '-',
            letter => letter,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &str) -> Vec<String> {
        let found = ids_in(text).into_iter();
        found.map(|(line, id)| format!("{line} {id}")).collect()
    }

    #[test]
    fn ids_are_found_however_they_are_written() {
        for text in [
            "see CVE-1900-20001.",
            "(cve-1900-20001)",
            "CVE\u{2011}1900\u{2011}20001",
            "CVE\u{2013}1900\u{2212}20001,",
            "CVE&#8209;1900&ndash;20001",
            "C\u{ad}VE-1900-20001",
            "https://example.org/cve-1900-20001/index.html",
            "CVE-1900-20001-fix",
        ] {
            assert_eq!(ids(text), ["1 CVE-1900-20001"], "{text}");
        }
    }

    #[test]
    fn what_is_part_of_something_longer_is_no_id() {
        for text in [
            "xCVE-1900-20001",
            "CVE-1900-20001a",
            "CVE-1900-20001_2",
            "CVE-190-20001",
            "CVE-1900-1",
            "CVE-1900",
            "CVE-",
            "\u{e9}CVE-1900-20001",
        ] {
            assert_eq!(ids(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn an_id_is_told_once_with_its_first_line() {
        let text = "a\nCVE-1900-20002 and CVE-1900-20001\nCVE-1900-20002";
        assert_eq!(ids(text), ["2 CVE-1900-20002", "2 CVE-1900-20001"]);
    }

    #[test]
    fn only_addresses_of_the_portal_are_our_own_pages() {
        let portal = "https://security.example.org";
        assert!(is_own_page(
            portal,
            "https://security.example.org/advisories/x"
        ));
        assert!(!is_own_page(
            portal,
            "https://security.example.org.evil.example/x"
        ));
        assert!(!is_own_page(portal, "https://blog.example.org/x"));
    }
}
