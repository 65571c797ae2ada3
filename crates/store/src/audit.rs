//! The audit chain: who did what, in an order nobody can rewrite.
//!
//! Every event has a digest of what happened and a hash that binds it to all
//! events before it. The texts lie beside the digest under a salt; when the
//! law asks for their erasure, text and salt go and the chain still verifies.

use cve::hash::Digest;
use cve::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::engine::{Connection, Row};
use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::{Tx, insert_rows};

/// Something somebody did, to be added to the chain.
#[derive(Debug, Clone)]
pub struct AuditEvent {
    /// Who: a person, a user name, or the name of a part of the program.
    pub actor: String,
    /// For which organisation; empty for none.
    pub org: String,
    /// What, `noun.verb`.
    pub action: String,
    /// To what.
    pub object: String,
    /// The circumstances; never a secret.
    pub detail: Value,
}

/// An event as it stands in the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Number in commit order, from 1, without gaps.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who; empty after erasure.
    pub actor: String,
    /// For which organisation.
    pub org: String,
    /// What.
    pub action: String,
    /// To what.
    pub object: String,
    /// The circumstances as JSON text; empty after erasure.
    pub detail: String,
    /// Random text that keeps the digest from being guessed; empty after erasure.
    pub salt: String,
    /// Digest of everything above but the number.
    pub digest: Digest,
    /// Digest of the previous hash, the number and this entry's digest.
    pub hash: Digest,
}

impl AuditEntry {
    fn content_digest(&self) -> Digest {
        Digest::of_parts(&[
            self.salt.as_bytes(),
            self.at.to_string().as_bytes(),
            self.actor.as_bytes(),
            self.org.as_bytes(),
            self.action.as_bytes(),
            self.object.as_bytes(),
            self.detail.as_bytes(),
        ])
    }

    fn erased(&self) -> bool {
        self.salt.is_empty()
    }
}

fn link(previous: Digest, seq: i64, digest: Digest) -> Digest {
    Digest::of_parts(&[previous.as_bytes(), &seq.to_be_bytes(), digest.as_bytes()])
}

/// The hash before the first event.
fn genesis() -> Digest {
    // Sixty-four zeros are a digest.
    "0".repeat(64).parse().unwrap_or_else(|_| Digest::of(b""))
}

/// What a walk over the chain found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditVerdict {
    /// Entries read.
    pub entries: i64,
    /// Entries whose texts were erased.
    pub erased: i64,
    /// Number of the first entry that does not fit, and why; nothing when all fit.
    pub broken: Option<(i64, String)>,
}

impl Reader<'_> {
    /// Events after number `after`, at most `limit`, in order.
    pub fn audit_after(&mut self, after: i64, limit: u32) -> Result<Vec<AuditEntry>, Error> {
        self.query(
            "select seq, at, actor, org, action, object, detail, salt, digest, hash from audit \
             where seq > ?1 order by seq limit ?2",
            params![after, limit],
        )?
        .iter()
        .map(entry)
        .collect()
    }

    /// Events about `object`, oldest first. Goes through the whole chain.
    pub fn audit_of(&mut self, object: &str) -> Result<Vec<AuditEntry>, Error> {
        self.query(
            "select seq, at, actor, org, action, object, detail, salt, digest, hash from audit \
             where object = ?1 order by seq",
            params![object],
        )?
        .iter()
        .map(entry)
        .collect()
    }

    /// Walks the whole chain and says whether it is unbroken.
    pub fn verify_audit(&mut self) -> Result<AuditVerdict, Error> {
        let mut verdict = AuditVerdict {
            entries: 0,
            erased: 0,
            broken: None,
        };
        let mut head = genesis();
        loop {
            let page = self.audit_after(verdict.entries, 1000)?;
            for entry in &page {
                if let Err(problem) = fits(entry, verdict.entries + 1, head) {
                    verdict.broken = Some((entry.seq, problem));
                    return Ok(verdict);
                }
                verdict.entries += 1;
                verdict.erased += i64::from(entry.erased());
                head = entry.hash;
            }
            if page.is_empty() {
                break;
            }
        }
        let Some(row) = self.first("select audit, head from spine where id = 1", &[])? else {
            return Ok(verdict);
        };
        if row.int(0)? != verdict.entries || row.parse::<Digest>(1)? != head {
            let problem = "the chain ends before the last number given".to_owned();
            verdict.broken = Some((verdict.entries, problem));
        }
        Ok(verdict)
    }
}

impl Tx<'_> {
    /// Empties the texts of the events about `object`; their digests stay. Goes
    /// through the whole chain.
    ///
    /// Gives: how many events were erased.
    pub fn erase_audit(&mut self, object: &str) -> Result<u64, Error> {
        self.execute(
            "update audit set actor = '', detail = '', salt = '' where object = ?1 and salt <> ''",
            params![object],
        )
    }
}

fn fits(entry: &AuditEntry, seq: i64, head: Digest) -> Result<(), String> {
    if entry.seq != seq {
        return Err(format!("number {seq} is missing"));
    }
    if !entry.erased() && entry.content_digest() != entry.digest {
        return Err("its text is not the one that was digested".into());
    }
    if link(head, entry.seq, entry.digest) != entry.hash {
        return Err("its hash does not follow from the event before it".into());
    }
    Ok(())
}

fn entry(row: &Row) -> Result<AuditEntry, Error> {
    Ok(AuditEntry {
        seq: row.int(0)?,
        at: row.parse(1)?,
        actor: row.text(2)?,
        org: row.text(3)?,
        action: row.text(4)?,
        object: row.text(5)?,
        detail: row.text(6)?,
        salt: row.text(7)?,
        digest: row.digest(8)?,
        hash: row.digest(9)?,
    })
}

/// Links `events` to `head`, the hash before the first of them.
///
/// Takes: `last`, the number of the last event; `salt`, a fresh one each call.
/// Gives: the entries in order; the last one's hash is the new head.
pub(crate) fn chain(
    events: Vec<(Timestamp, AuditEvent)>,
    last: i64,
    mut head: Digest,
    mut salt: impl FnMut() -> String,
) -> Vec<AuditEntry> {
    let first = last - events.len() as i64 + 1;
    let mut entries = Vec::with_capacity(events.len());
    for (seq, (at, event)) in (first..).zip(events) {
        let mut entry = AuditEntry {
            seq,
            at,
            actor: event.actor,
            org: event.org,
            action: event.action,
            object: event.object,
            detail: event.detail.to_string(),
            salt: salt(),
            digest: head,
            hash: head,
        };
        entry.digest = entry.content_digest();
        entry.hash = link(head, seq, entry.digest);
        head = entry.hash;
        entries.push(entry);
    }
    entries
}

pub(crate) fn write(connection: &mut Connection, entries: &[AuditEntry]) -> Result<(), Error> {
    let mut values = Vec::with_capacity(entries.len() * 10);
    for entry in entries {
        values.extend_from_slice(params![
            entry.seq,
            entry.at,
            &entry.actor,
            &entry.org,
            &entry.action,
            &entry.object,
            &entry.detail,
            &entry.salt,
            entry.digest.as_bytes().as_slice(),
            entry.hash.as_bytes().as_slice()
        ]);
    }
    insert_rows(
        connection,
        "insert into audit (seq, at, actor, org, action, object, detail, salt, digest, hash) values",
        10,
        &values,
    )
}
