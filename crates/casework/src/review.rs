//! Reviews: four eyes on exactly one digest.

use std::collections::BTreeMap;

use cve::check::{Finding, Severity};
use cve::hash::Digest;
use cve::id::CveId;
use serde_json::{Value, json};
use store::{DraftRow, ReviewRow, Tx};

use crate::approvals::{self, AFTER, EMERGENCY, SOLO};
use crate::case::{self, CaseId, CaseState, Names, Verb};
use crate::desk::Desk;
use crate::draft::{self, Revision};
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::revision::{document_of, findings_of};

/// Warnings a reviewer takes, by their code, with the reason for each.
pub type Acknowledged = BTreeMap<String, String>;

/// Takes every warning of `findings` for one reason.
pub fn acknowledging(findings: &[Finding], reason: &str) -> Acknowledged {
    findings
        .iter()
        .filter(|finding| finding.severity == Severity::Warning)
        .map(|finding| (finding.code.to_string(), reason.to_owned()))
        .collect()
}

/// What a reviewer says of a draft.
#[derive(Clone)]
struct Said {
    verdict: &'static str,
    comment: String,
    pointer: String,
    suggestion: Option<Value>,
    acknowledged: Acknowledged,
    mode: &'static str,
}

impl Desk {
    /// Approves the revision of `id` that has this digest.
    ///
    /// Takes: `acknowledged`, a reason for each warning the draft has.
    /// Gives: the state of the case.
    /// Refuses: a digest that is not the newest revision's, an author or
    /// editor since the last approval, a draft with blocking findings or with
    /// a warning nobody acknowledged.
    /// Source: process section 3.3, rules 2, 3 and 6.
    pub fn approve(
        &self,
        actor: &Actor,
        id: CveId,
        digest: Digest,
        comment: &str,
        acknowledged: &Acknowledged,
    ) -> Result<CaseState, Error> {
        for (code, reason) in acknowledged {
            if reason.trim().is_empty() {
                let field = format!("acknowledged.{code}");
                return Err(Refusal::invalid(field, "it is empty: say why it is taken").into());
            }
        }
        let said = Said {
            acknowledged: acknowledged.clone(),
            ..Said::new("approve", comment)
        };
        self.review(actor, id, digest, said)
    }

    /// Returns the revision of `id` that has this digest to its author.
    pub fn return_draft(
        &self,
        actor: &Actor,
        id: CveId,
        digest: Digest,
        comment: &str,
    ) -> Result<CaseState, Error> {
        if comment.trim().is_empty() {
            return Err(Refusal::invalid("comment", "it is empty: say what to change").into());
        }
        self.review(actor, id, digest, Said::new("return", comment))
    }

    /// Says something of a place in the newest revision of `id`, and what
    /// should be there.
    ///
    /// Takes: `pointer` into the document of the draft, empty for the whole;
    /// `suggestion`, the value that should be there.
    /// Refuses: a pointer to nothing, unless its parent is an object or list
    /// and a value is suggested.
    pub fn comment_on_draft(
        &self,
        actor: &Actor,
        id: CveId,
        pointer: &str,
        comment: &str,
        suggestion: Option<&Value>,
    ) -> Result<i64, Error> {
        check(actor, Action::Review)?;
        if comment.trim().is_empty() && suggestion.is_none() {
            let problem = "it is empty: say something, or suggest a value";
            return Err(Refusal::invalid("comment", problem).into());
        }
        let said = Said {
            pointer: pointer.to_owned(),
            suggestion: suggestion.cloned(),
            ..Said::new("comment", comment)
        };
        let actor = actor.clone();
        self.store.write(move |tx| {
            let (row, _) = draft::take(tx, &actor, id, Verb::Review)?;
            let newest = newest(tx, id)?;
            let mut document = document_of(&newest)?;
            match &said.suggestion {
                Some(value) => put(&mut document, &said.pointer, value.clone())?,
                None if document.pointer(&said.pointer).is_some() => {}
                None => return Err(no_place(&said.pointer).into()),
            }
            insert(tx, &actor, CaseId::new(row.id), &newest, &said)
        })
    }

    /// Takes the value that comment `number` suggests into a further revision,
    /// which is then its author's as much as the actor's.
    ///
    /// Refuses: a comment that suggests nothing, a place that is gone.
    pub fn accept_suggestion(
        &self,
        actor: &Actor,
        id: CveId,
        number: i64,
    ) -> Result<Revision, Error> {
        check(actor, Action::Draft)?;
        let (actor, products) = (actor.clone(), self.products()?);
        self.store.write(move |tx| {
            let (mut row, mut line) = draft::take(tx, &actor, id, Verb::Draft)?;
            let unknown = || Refusal::not_found(format!("comment {number} on the draft of {id}"));
            let reviews = tx.reviews(id)?;
            let review = reviews.iter().find(|review| review.number == number);
            let review = review.ok_or_else(unknown)?;
            let value: Value = serde_json::from_str(&review.suggestion).map_err(|_| {
                let problem = format!("comment {number} suggests no value");
                Refusal::invalid("number", problem)
            })?;
            let mut document = document_of(&newest(tx, id)?)?;
            put(&mut document, &review.pointer, value)?;
            let by = &review.reviewer;
            draft::save(tx, &actor, &mut row, &mut line, document, by, &products)
        })
    }

    fn review(
        &self,
        actor: &Actor,
        id: CveId,
        digest: Digest,
        said: Said,
    ) -> Result<CaseState, Error> {
        check(actor, Action::Review)?;
        let actor = actor.clone();
        self.store.write(move |tx| {
            let (mut row, mut line) = draft::take(tx, &actor, id, Verb::Review)?;
            let newest = newest(tx, id)?;
            if newest.digest != digest {
                let digest = newest.digest.to_string();
                return Err(Refusal::Stale {
                    revision: newest.revision,
                    digest,
                }
                .into());
            }
            let approves = said.verdict == "approve";
            let mut said = said.clone();
            if approves {
                said.mode = mode(tx, &actor, id)?;
                refuse_blocked(&newest, &said.acknowledged)?;
            }
            insert(tx, &actor, CaseId::new(row.id), &newest, &said)?;
            if approves {
                let by = approvals::approvers(&tx.reviews(id)?, &newest);
                if by.len() < usize::from(approvals::rule(tx)?.approvals) {
                    // One of several; what was approved before stays so.
                    return case::settle(tx, &mut row);
                }
                let names = Names::load(tx)?;
                let by: Vec<String> = by.iter().map(|id| names.of(id)).collect();
                let mode = approvals::mode_of(&tx.reviews(id)?, &newest);
                line.approved_digest = digest.to_string();
                line.approved_by = approvals::named(&by, &mode);
                line.approved_at = Some(tx.now());
            } else {
                line.approved_digest.clear();
                line.approved_by.clear();
                line.approved_at = None;
            }
            line.modified = tx.now();
            tx.update_ledger_line(&line)?;
            case::settle(tx, &mut row)
        })
    }
}

impl Said {
    fn new(verdict: &'static str, comment: &str) -> Said {
        Said {
            verdict,
            comment: comment.to_owned(),
            pointer: String::new(),
            suggestion: None,
            acknowledged: Acknowledged::new(),
            mode: "",
        }
    }
}

/// Writes what was said, and gives its number.
fn insert(
    tx: &mut Tx<'_>,
    actor: &Actor,
    case: CaseId,
    about: &DraftRow,
    said: &Said,
) -> Result<i64, Error> {
    let (id, digest) = (about.id, about.digest);
    let needed = i64::from(approvals::rule(tx)?.approvals);
    let number = tx.reviews(id)?.len() as i64 + 1;
    let review = ReviewRow {
        number,
        digest,
        reviewer: actor.id().to_owned(),
        verdict: said.verdict.to_owned(),
        comment: said.comment.clone(),
        pointer: said.pointer.clone(),
        suggestion: said
            .suggestion
            .as_ref()
            .map(Value::to_string)
            .unwrap_or_default(),
        acknowledged: json!(said.acknowledged).to_string(),
        at: tx.now(),
        revision: about.revision,
        needed: if said.mode == EMERGENCY { 1 } else { needed },
        mode: said.mode.to_owned(),
    };
    tx.insert_review(id, &review)?;
    let codes: Vec<_> = said.acknowledged.keys().collect();
    let mut detail = json!({
        "cve_id": id, "digest": digest, "verdict": said.verdict, "acknowledged": codes,
    });
    if !said.mode.is_empty() {
        detail["mode"] = json!(said.mode);
    }
    case::record(tx, actor, case, "reviewed", "review", detail);
    Ok(number)
}

/// Writes an approval by the emergency override.
pub(crate) fn insert_override(
    tx: &mut Tx<'_>,
    actor: &Actor,
    case: CaseId,
    about: &DraftRow,
    reason: &str,
) -> Result<i64, Error> {
    let said = Said {
        mode: EMERGENCY,
        ..Said::new("approve", reason)
    };
    insert(tx, actor, case, about, &said)
}

/// Writes the review that follows an emergency.
pub(crate) fn insert_after(
    tx: &mut Tx<'_>,
    actor: &Actor,
    case: CaseId,
    id: CveId,
    digest: Digest,
    revision: i64,
    comment: &str,
) -> Result<i64, Error> {
    let revisions = tx.revisions(id)?;
    let about = revisions
        .iter()
        .find(|row| row.digest == digest && row.revision == revision)
        .ok_or_else(|| Error::Broken(format!("revision {revision} of {id} is gone")))?;
    let said = Said {
        mode: EMERGENCY,
        ..Said::new(AFTER, comment)
    };
    insert(tx, actor, case, about, &said)
}

/// How this approval differs from what is usual: in solo mode, authors may.
fn mode(tx: &mut Tx<'_>, actor: &Actor, id: CveId) -> Result<&'static str, Error> {
    match refuse_own(tx, actor, id) {
        Ok(()) => Ok(""),
        Err(Error::Refused(Refusal::OwnDraft { .. })) if approvals::rule(tx)?.solo.is_some() => {
            Ok(SOLO)
        }
        Err(error) => Err(error),
    }
}

/// Puts a value where `pointer` leads: in the place of what is there, as a
/// new key of an object, or with `-` at the end of a list.
///
/// Source: RFC 6901; `-` as RFC 6902 has it.
pub(crate) fn put(document: &mut Value, pointer: &str, value: Value) -> Result<(), Refusal> {
    if let Some(place) = document.pointer_mut(pointer) {
        *place = value;
        return Ok(());
    }
    let (parent, key) = pointer.rsplit_once('/').ok_or_else(|| no_place(pointer))?;
    match document.pointer_mut(parent) {
        Some(Value::Object(object)) => {
            object.insert(key.replace("~1", "/").replace("~0", "~"), value);
        }
        Some(Value::Array(list)) if key == "-" || key.parse() == Ok(list.len()) => list.push(value),
        _ => return Err(no_place(pointer)),
    }
    Ok(())
}

fn no_place(pointer: &str) -> Refusal {
    let problem = format!(
        "`{pointer}` leads to nothing in the draft: expected a JSON pointer such as `/cna/title`"
    );
    Refusal::invalid("pointer", problem)
}

/// The newest revision of the draft of `id`.
pub(crate) fn newest(tx: &mut Tx<'_>, id: CveId) -> Result<DraftRow, Error> {
    tx.draft(id)?
        .ok_or_else(|| Refusal::not_found(format!("a draft of {id}")).into())
}

/// Refuses whoever wrote a revision since the last approval, or this very
/// content at any time.
fn refuse_own(tx: &mut Tx<'_>, actor: &Actor, id: CveId) -> Result<(), Error> {
    let mut reviews = tx.reviews(id)?;
    reviews.retain(|review| matches!(review.verdict.as_str(), "approve" | "return"));
    let revisions = tx.revisions(id)?;
    // An approval that was taken back by a later return of the same digest is
    // none, nor is one of several that were needed; what it approved is still
    // its author's.
    let stands = |digest: Digest| approvals::stands(&reviews, digest);
    // Where a draft went back to an approved text, the first revision with it
    // counts: whoever edited in between has edited since.
    let last_approved = reviews
        .iter()
        .filter(|review| stands(review.digest))
        .filter_map(|review| revisions.iter().find(|r| r.digest == review.digest))
        .map(|revision| revision.revision)
        .max()
        .unwrap_or(0);
    let newest = revisions.last().map(|revision| revision.digest);
    if revisions
        .iter()
        .filter(|r| r.revision > last_approved || Some(r.digest) == newest)
        .any(|r| r.author == actor.id() || r.suggested_by == actor.id())
    {
        return Err(Refusal::OwnDraft {
            reviewer: actor.name().to_owned(),
        }
        .into());
    }
    Ok(())
}

/// Refuses a revision with a finding that blocks it.
pub(crate) fn refuse_errors(draft: &DraftRow) -> Result<(), Error> {
    let mut blocking = findings_of(draft)?;
    blocking.retain(|finding| finding.severity.blocks());
    if blocking.is_empty() {
        return Ok(());
    }
    Err(Refusal::Findings(blocking).into())
}

fn refuse_blocked(draft: &DraftRow, acknowledged: &Acknowledged) -> Result<(), Error> {
    refuse_errors(draft)?;
    let findings = findings_of(draft)?;
    let open: Vec<Finding> = findings
        .into_iter()
        .filter(|finding| finding.severity == Severity::Warning)
        .filter(|finding| !acknowledged.contains_key(&*finding.code))
        .collect();
    if open.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Unacknowledged(open).into())
    }
}
