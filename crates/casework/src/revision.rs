//! Revisions of a draft, kept for ever: read, listed, compared.

use cve::check::Finding;
use cve::compare::{Change, changes};
use cve::hash::Digest;
use cve::id::CveId;
use cve::score::score;
use cve::time::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use store::{DraftRow, Reader};

use crate::case::{CaseId, DraftView, Names, is_visible};
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};

/// A revision in a list.
#[derive(Debug, Clone, Serialize)]
pub struct RevisionLine {
    /// Its number, from 1.
    pub revision: i64,
    /// What an approval binds to.
    pub digest: Digest,
    /// Name of whoever wrote it.
    pub author: String,
    /// Name of whoever suggested what it took; empty for nobody.
    pub suggested_by: String,
    /// When.
    pub at: Timestamp,
    /// How many findings refuse it.
    pub blocking: usize,
    /// How many findings it has in all.
    pub findings: usize,
    /// How complete its record is, 0 to 100.
    pub score: u8,
    /// Whether the record was read back equal to it.
    pub published: bool,
}

/// What was said of a draft.
#[derive(Debug, Clone, Serialize)]
pub struct ReviewLine {
    /// Its number, from 1.
    pub number: i64,
    /// The revision it is about.
    pub revision: i64,
    /// Name of whoever said it.
    pub reviewer: String,
    /// `approve`, `return` or `comment`; `after` for the review of an override.
    pub verdict: String,
    /// In words.
    pub comment: String,
    /// JSON pointer to what a comment is about; empty for the whole.
    pub pointer: String,
    /// The value a comment suggests there; nothing for none.
    pub suggestion: Option<Value>,
    /// Warnings an approval takes, with the reason for each.
    pub acknowledged: Value,
    /// `solo` for an approval by its author, `emergency` for an override and
    /// its review; empty for what is usual.
    pub mode: String,
    /// When.
    pub at: Timestamp,
}

/// What differs between two revisions.
#[derive(Debug, Clone, Serialize)]
pub struct Difference {
    /// The earlier revision.
    pub from: i64,
    /// The later one.
    pub to: i64,
    /// Field by field; pointers are into the document of a draft.
    pub changes: Vec<Change>,
}

impl Desk {
    /// The revisions of the draft of `id`, oldest first.
    ///
    /// Refuses: an ID of a case the actor is not on, as one that is not there.
    pub fn revisions(&self, actor: &Actor, id: CveId) -> Result<Vec<RevisionLine>, Error> {
        self.of_record(actor, id, |reader, names| {
            let published: Vec<Digest> = reader
                .publications(id)?
                .into_iter()
                .map(|publication| publication.digest)
                .collect();
            let rows = reader.revisions(id)?;
            rows.iter()
                .map(|row| {
                    let findings = findings_of(row)?;
                    let document = document_of(row)?;
                    Ok(RevisionLine {
                        revision: row.revision,
                        digest: row.digest,
                        author: names.of(&row.author),
                        suggested_by: names.of(&row.suggested_by),
                        at: row.at,
                        blocking: findings.iter().filter(|f| f.severity.blocks()).count(),
                        findings: findings.len(),
                        score: score(&document["cna"]).completeness(),
                        published: published.contains(&row.digest),
                    })
                })
                .collect()
        })
    }

    /// One revision of the draft of `id`; the newest when `revision` is none.
    pub fn revision(
        &self,
        actor: &Actor,
        id: CveId,
        revision: Option<i64>,
    ) -> Result<DraftView, Error> {
        self.of_record(actor, id, |reader, names| {
            let row = one(reader, id, revision)?;
            Ok(DraftView {
                revision: row.revision,
                digest: row.digest,
                author: names.of(&row.author),
                at: row.at,
                findings: findings_of(&row)?,
                document: document_of(&row)?,
            })
        })
    }

    /// What `to` changes in `from`, field by field.
    ///
    /// Takes: numbers of revisions; `to` is the newest when it is none, and
    /// `from` the one before `to`.
    pub fn revision_changes(
        &self,
        actor: &Actor,
        id: CveId,
        from: Option<i64>,
        to: Option<i64>,
    ) -> Result<Difference, Error> {
        self.of_record(actor, id, |reader, _| {
            let to = one(reader, id, to)?;
            let from = one(reader, id, Some(from.unwrap_or((to.revision - 1).max(1))))?;
            Ok(Difference {
                changes: changes(&document_of(&from)?, &document_of(&to)?),
                from: from.revision,
                to: to.revision,
            })
        })
    }

    /// What was said of the draft of `id`, oldest first.
    pub fn reviews(&self, actor: &Actor, id: CveId) -> Result<Vec<ReviewLine>, Error> {
        self.of_record(actor, id, |reader, names| {
            let revisions = reader.revisions(id)?;
            let reviews = reader.reviews(id)?;
            let number = |digest: Digest| {
                let of = revisions.iter().rev().find(|row| row.digest == digest);
                of.map_or(0, |row| row.revision)
            };
            Ok(reviews
                .into_iter()
                .map(|row| ReviewLine {
                    number: row.number,
                    revision: number(row.digest),
                    reviewer: names.of(&row.reviewer),
                    verdict: row.verdict,
                    comment: row.comment,
                    pointer: row.pointer,
                    suggestion: serde_json::from_str(&row.suggestion).ok(),
                    acknowledged: serde_json::from_str(&row.acknowledged).unwrap_or(json!({})),
                    mode: row.mode,
                    at: row.at,
                })
                .collect())
        })
    }

    /// Reads something of the record of `id`, when the actor is on its case;
    /// a look into an embargoed case is written to the audit chain.
    pub(crate) fn of_record<T>(
        &self,
        actor: &Actor,
        id: CveId,
        read: impl Fn(&mut Reader<'_>, &Names) -> Result<T, Error>,
    ) -> Result<T, Error> {
        check(actor, Action::See)?;
        let not_found = || Refusal::not_found(id.to_string());
        let (found, case, embargoed) = self.store.snapshot(|reader| {
            let line = reader.ledger_line(id)?.ok_or_else(not_found)?;
            let case = line.case_id.ok_or_else(not_found)?;
            if !is_visible(reader, actor, case)? {
                return Err(Error::from(not_found()));
            }
            let row = reader.case(case)?.ok_or_else(not_found)?;
            let names = Names::load(reader)?;
            Ok((read(reader, &names)?, CaseId::new(case), row.embargoed))
        })?;
        if embargoed {
            self.note_view(actor, case)?;
        }
        Ok(found)
    }
}

/// The revision with this number, or the newest.
pub(crate) fn one(
    reader: &mut Reader<'_>,
    id: CveId,
    revision: Option<i64>,
) -> Result<DraftRow, Error> {
    let Some(number) = revision else {
        let newest = reader.draft(id)?;
        return newest.ok_or_else(|| Refusal::not_found(format!("a draft of {id}")).into());
    };
    let mut rows = reader.revisions(id)?.into_iter();
    rows.find(|row| row.revision == number)
        .ok_or_else(|| Refusal::not_found(format!("revision {number} of the draft of {id}")).into())
}

/// The document of a stored revision.
pub(crate) fn document_of(row: &DraftRow) -> Result<Value, Error> {
    serde_json::from_str(&row.document)
        .map_err(|error| Error::Broken(format!("the draft of {} cannot be read: {error}", row.id)))
}

/// The findings of a stored revision.
pub(crate) fn findings_of(row: &DraftRow) -> Result<Vec<Finding>, Error> {
    serde_json::from_str(&row.findings)
        .map_err(|error| Error::Broken(format!("findings of {}: {error}", row.id)))
}
