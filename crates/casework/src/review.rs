//! Reviews: four eyes on exactly one digest.

use cve::check::Finding;
use cve::hash::Digest;
use cve::id::CveId;
use serde_json::json;
use store::{DraftRow, ReviewRow, Tx};

use crate::case::{self, CaseId, CaseState, Verb};
use crate::desk::Desk;
use crate::draft;
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};

impl Desk {
    /// Approves the revision of `id` that has this digest.
    ///
    /// Gives: the state of the case.
    /// Refuses: a digest that is not the newest revision's, an author or
    /// editor since the last approval, a draft with blocking findings.
    /// Source: process section 3.3, rules 2, 3 and 6.
    pub fn approve(
        &self,
        actor: &Actor,
        id: CveId,
        digest: Digest,
        comment: &str,
    ) -> Result<CaseState, Error> {
        self.review(actor, id, digest, "approve", comment)
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
        self.review(actor, id, digest, "return", comment)
    }

    fn review(
        &self,
        actor: &Actor,
        id: CveId,
        digest: Digest,
        verdict: &'static str,
        comment: &str,
    ) -> Result<CaseState, Error> {
        check(actor, Action::Review)?;
        let (actor, comment) = (actor.clone(), comment.to_owned());
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
            let approves = verdict == "approve";
            if approves {
                refuse_own(tx, &actor, id)?;
                refuse_blocked(&newest)?;
            }
            let number = tx.reviews(id)?.len() as i64 + 1;
            let review = ReviewRow {
                number,
                digest,
                reviewer: actor.id().to_owned(),
                verdict: verdict.to_owned(),
                comment: comment.clone(),
                at: tx.now(),
            };
            tx.insert_review(id, &review)?;
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
            let state = case::settle(tx, &mut row)?;
            let detail = json!({"cve_id": id, "digest": digest, "verdict": verdict});
            case::record(
                tx,
                &actor,
                CaseId::new(row.id),
                "reviewed",
                "review",
                detail,
            );
            Ok(state)
        })
    }
}

/// The newest revision of the draft of `id`.
pub(crate) fn newest(tx: &mut Tx<'_>, id: CveId) -> Result<DraftRow, Error> {
    tx.draft(id)?
        .ok_or_else(|| Refusal::not_found(format!("a draft of {id}")).into())
}

/// Refuses whoever wrote a revision since the last approval, or this very
/// content at any time.
fn refuse_own(tx: &mut Tx<'_>, actor: &Actor, id: CveId) -> Result<(), Error> {
    let reviews = tx.reviews(id)?;
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
        .any(|r| r.author == actor.id())
    {
        return Err(Refusal::OwnDraft {
            reviewer: actor.name().to_owned(),
        }
        .into());
    }
    Ok(())
}

fn refuse_blocked(draft: &DraftRow) -> Result<(), Error> {
    let findings: Vec<Finding> = serde_json::from_str(&draft.findings)
        .map_err(|error| Error::Broken(format!("findings of {}: {error}", draft.id)))?;
    let blocking: Vec<Finding> = findings
        .into_iter()
        .filter(|finding| finding.severity.blocks())
        .collect();
    if blocking.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Findings(blocking).into())
    }
}
