//! Reviews: four eyes on exactly one digest.

use std::collections::BTreeMap;

use cve::check::{Finding, Severity};
use cve::hash::Digest;
use cve::id::CveId;
use serde_json::{Value, json};
use store::{DraftRow, ReviewRow, Tx};

use crate::case::{self, CaseId, CaseState, Verb};
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
        .map(|finding| (finding.code.clone(), reason.to_owned()))
        .collect()
}

/// What a reviewer says of a draft.
struct Said {
    verdict: &'static str,
    comment: String,
    pointer: String,
    suggestion: Option<Value>,
    acknowledged: Acknowledged,
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
            insert(tx, &actor, CaseId::new(row.id), id, newest.digest, &said)
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
            if approves {
                refuse_own(tx, &actor, id)?;
                refuse_blocked(&newest, &said.acknowledged)?;
            }
            insert(tx, &actor, CaseId::new(row.id), id, digest, &said)?;
            line.approved_digest = if approves {
                digest.to_string()
            } else {
                String::new()
            };
            line.approved_by = if approves {
                actor.name().to_owned()
            } else {
                String::new()
            };
            line.approved_at = approves.then(|| tx.now());
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
        }
    }
}

/// Writes what was said, and gives its number.
fn insert(
    tx: &mut Tx<'_>,
    actor: &Actor,
    case: CaseId,
    id: CveId,
    digest: Digest,
    said: &Said,
) -> Result<i64, Error> {
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
    };
    tx.insert_review(id, &review)?;
    let codes: Vec<_> = said.acknowledged.keys().collect();
    let detail = json!({
        "cve_id": id, "digest": digest, "verdict": said.verdict, "acknowledged": codes,
    });
    case::record(tx, actor, case, "reviewed", "review", detail);
    Ok(number)
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
    reviews.retain(|review| review.verdict != "comment");
    let revisions = tx.revisions(id)?;
    // An approval that was taken back by a later return of the same digest is
    // none; what it approved is still its author's.
    let stands = |digest: Digest| {
        let last = reviews.iter().rev().find(|review| review.digest == digest);
        last.is_some_and(|review| review.verdict == "approve")
    };
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

fn refuse_blocked(draft: &DraftRow, acknowledged: &Acknowledged) -> Result<(), Error> {
    let findings = findings_of(draft)?;
    let blocking: Vec<Finding> = findings
        .iter()
        .filter(|finding| finding.severity.blocks())
        .cloned()
        .collect();
    if !blocking.is_empty() {
        return Err(Refusal::Findings(blocking).into());
    }
    let open: Vec<Finding> = findings
        .into_iter()
        .filter(|finding| finding.severity == Severity::Warning)
        .filter(|finding| !acknowledged.contains_key(&finding.code))
        .collect();
    if open.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Unacknowledged(open).into())
    }
}
