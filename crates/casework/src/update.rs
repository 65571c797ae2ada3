//! Updates of a published record: ours, merged with what is live.
//!
//! Others change a published record, too: the Secretariat adds a reference, a
//! colleague edits it with another tool. Nothing of that is overwritten. A
//! publish that finds the live record changed since it was last seen stops,
//! and here the three are made one: what was last seen, what is live, and
//! our draft. The result is a further revision, which is approved like any.
//!
//! Source: docs/architecture.md, decision 3.10.

use cve::id::CveId;
use cve::merge::{Conflict, merge};
use serde::Serialize;
use serde_json::Value;

use crate::case::Verb;
use crate::desk::Desk;
use crate::documents::{self, RECORD, documents};
use crate::draft::{self, Revision};
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::review;
use crate::revision::document_of;

/// Whose value a field keeps that both sides changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// That of the draft.
    Ours,
    /// That of the live record.
    Live,
}

/// What came of merging the live record into a draft.
#[derive(Debug, Clone, Serialize)]
pub struct Update {
    /// The revision that holds both sides' changes; nothing when there was a
    /// conflict, or nothing to merge.
    pub revision: Option<Revision>,
    /// What both sides changed differently; empty once a side was chosen.
    pub conflicts: Vec<Conflict>,
}

impl Desk {
    /// Merges the live record of `id` into its newest revision.
    ///
    /// Takes: `side`, whose value is kept where both changed a field; with
    /// none, a conflict is told and nothing is saved.
    /// Refuses: an ID that is not public, one whose record cannot be read.
    pub fn merge_live(
        &self,
        actor: &Actor,
        id: CveId,
        side: Option<Side>,
    ) -> Result<Update, Error> {
        check(actor, Action::Draft)?;
        let (newest, line) = self.of_record(actor, id, |reader, _| {
            let newest = reader.draft(id)?;
            let newest = newest.ok_or_else(|| Refusal::not_found(format!("a draft of {id}")))?;
            Ok((newest, reader.ledger_line(id)?))
        })?;
        let account = line.map(|line| line.account).unwrap_or_default();
        let (advisory, base) = self.last_seen(id)?;
        let live = self.live_record(id, &account)?;
        let mut document = document_of(&newest)?;
        let (live_cna, base_cna) = (&live["containers"]["cna"], &base["containers"]["cna"]);
        let merged = match side {
            Some(Side::Live) => merge(base_cna, &document["cna"], live_cna),
            _ => merge(base_cna, live_cna, &document["cna"]),
        };
        if side.is_none() && !merged.conflicts.is_empty() {
            return Ok(Update {
                revision: None,
                conflicts: merged.conflicts,
            });
        }
        let url = draft::advisory_url(&self.settings.portal_url, &advisory);
        let made = documents(self, &url, &live)?;
        let is_new = !cve::compare::is_same(&document["cna"], &merged.container);
        document["cna"] = merged.container;
        let (actor, products) = (actor.clone(), self.products()?);
        let revision = self.store.write(move |tx| {
            let (mut row, mut line) = draft::take(tx, &actor, id, Verb::Draft)?;
            let now = review::newest(tx, id)?;
            if now.digest != newest.digest {
                return Err(Error::from(Refusal::Stale {
                    revision: now.revision,
                    digest: now.digest.to_string(),
                }));
            }
            // What is live has been seen now.
            documents::put(tx, &advisory, &made)?;
            crate::rebuild::keep_live(tx, id, &made)?;
            if !is_new {
                return Ok(None);
            }
            let document = document.clone();
            draft::save(tx, &actor, &mut row, &mut line, document, "", &products).map(Some)
        })?;
        Ok(Update {
            revision,
            conflicts: Vec::new(),
        })
    }

    /// The public advisory of `id`, and its record as we last saw it; null
    /// when none was read yet.
    fn last_seen(&self, id: CveId) -> Result<(String, Value), Error> {
        let advisory = self.store.published(|reader| reader.advisory_of(id))?;
        let Some(advisory) = advisory else {
            let problem = "it is not public yet: there is no live record to merge";
            return Err(Refusal::invalid("cve_id", problem).into());
        };
        let base = self.record_beside(&advisory.id)?;
        Ok((advisory.id, base.unwrap_or(Value::Null)))
    }

    /// The record kept beside an advisory, as we last saw it.
    pub(crate) fn record_beside(&self, advisory: &str) -> Result<Option<Value>, Error> {
        let kept = self
            .store
            .published(|reader| reader.document(advisory, RECORD))?;
        kept.map(|kept| serde_json::from_slice(&kept.body))
            .transpose()
            .map_err(|error| Error::Broken(format!("the record beside {advisory}: {error}")))
    }

    fn live_record(&self, id: CveId, account: &str) -> Result<Value, Error> {
        let answer = self.services(account)?.record(id);
        let live = answer.map_err(|error| Refusal::invalid("cve_id", error.to_string()))?;
        let Some(live) = live else {
            let problem = format!("CVE Services has no record of {id}: there is nothing to merge");
            return Err(Refusal::invalid("cve_id", problem).into());
        };
        Ok(live.raw)
    }
}
