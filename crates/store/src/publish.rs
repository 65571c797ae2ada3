//! Storing the first record of a CVE ID, many requests in a few statements.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use cve::hash::Digest;
use cve::id::CveId;
use cve::time::Timestamp;
use serde_json::json;

use crate::audit::AuditEvent;
use crate::changes::Visibility;
use crate::engine::Param;
use crate::error::Error;
use crate::id_key;
use crate::ids::IdState;
use crate::records::RecordState;
use crate::tx::{RowUpdate, Tx, places};

/// A request to give an ID its first record.
///
/// What the record says of its ID is written by whoever holds the ID: the
/// writer reads the IDs of many requests with one statement, and nobody can
/// change one between the look and the record.
///
/// Source: cve-services sections 6.2, 8 and 9.
pub struct Publish {
    /// The ID.
    pub id: CveId,
    /// State the record and the ID take.
    pub state: RecordState,
    /// When the CNA container was stamped.
    pub at: Timestamp,
    /// Makes the record for the ID as it is found. Run again when the batch
    /// has to be; it gives the same for the same ID.
    pub stamp: Stamp,
    /// User name of the caller, for the audit chain.
    pub actor: String,
    /// UUID of the caller's organisation.
    pub caller_org: String,
}

/// Makes the record of an ID, or nothing when the ID is not the caller's to
/// publish.
pub type Stamp = Box<dyn Fn(&FoundId) -> Option<Stamped> + Send>;

/// An ID as its publication finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundId {
    /// The ID.
    pub id: CveId,
    /// Its state.
    pub state: IdState,
    /// UUID of its owner.
    pub owner: String,
    /// Short name of the owner today; nothing when it is gone.
    pub owner_name: Option<String>,
    /// When it was reserved.
    pub reserved: Timestamp,
}

/// A record as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamped {
    /// The record, byte for byte as it will be answered.
    pub body: Vec<u8>,
    /// Its digest, for the audit chain.
    pub digest: Digest,
}

impl fmt::Debug for Publish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The record may be under embargo until it is stored.
        f.debug_struct("Publish")
            .field("id", &self.id)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// Why nothing was stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublishRefusal {
    /// The ID has a record already.
    #[error("the record exists already")]
    RecordExists,
    /// No record was made for the ID as it was found.
    #[error("the CVE ID is not the caller's to publish")]
    Declined(Option<Box<FoundId>>),
}

/// A record that was made for its ID.
struct Accepted<'a> {
    command: &'a Publish,
    found: FoundId,
    stamped: Stamped,
}

/// Runs the commands in order, as if each came alone.
pub(crate) fn run(
    tx: &mut Tx<'_>,
    commands: &[&Publish],
) -> Result<Vec<Result<Stamped, PublishRefusal>>, Error> {
    let mut ids = load_ids(tx, commands)?;
    let mut refusals = Vec::with_capacity(commands.len());
    let mut accepted = Vec::with_capacity(commands.len());
    for command in commands {
        let found = ids.get_mut(&command.id);
        let made = found.map(|(found, has_record)| {
            // The writer outlives a fault in what others wrote.
            let stamp = AssertUnwindSafe(|| (command.stamp)(found));
            let stamped = catch_unwind(stamp).unwrap_or_default();
            let stamped = stamped.ok_or_else(|| Some(Box::new(found.clone())));
            stamped.map(|stamped| (stamped, std::mem::replace(has_record, true), found))
        });
        refusals.push(match made {
            None => Some(PublishRefusal::Declined(None)),
            Some(Err(found)) => Some(PublishRefusal::Declined(found)),
            Some(Ok((_, true, _))) => Some(PublishRefusal::RecordExists),
            Some(Ok((stamped, false, found))) => {
                let found = found.clone();
                accepted.push(Accepted {
                    command,
                    found,
                    stamped,
                });
                None
            }
        });
    }
    insert_records(tx, &accepted)?;
    update_ids(tx, &accepted)?;
    free_quotas(tx, &accepted)?;
    for record in &accepted {
        tell(tx, record);
    }
    let mut stamped = accepted.into_iter().map(|record| record.stamped);
    // As many were accepted as were not refused.
    let answer = |refusal: Option<PublishRefusal>| match refusal {
        Some(refusal) => Err(refusal),
        None => stamped.next().ok_or(PublishRefusal::RecordExists),
    };
    Ok(refusals.into_iter().map(answer).collect())
}

fn id_params(commands: &[&Publish]) -> Vec<Param<'static>> {
    let ids: BTreeSet<CveId> = commands.iter().map(|command| command.id).collect();
    ids.into_iter().map(id_key::of).collect()
}

/// Reads and locks the IDs of a batch, and says which have a record.
///
/// One that is RESERVED has none: no way leads back there from a record. So
/// records are looked for where the state leaves it open, and for one ID alone.
/// A record that is not seen for that, or because another node commits it while
/// this waits for its ID, has the insert fail, and the units run again one by one.
///
/// Source: cve-services section 8.
fn load_ids(
    tx: &mut Tx<'_>,
    commands: &[&Publish],
) -> Result<BTreeMap<CveId, (FoundId, bool)>, Error> {
    let params = id_params(commands);
    let sql = format!(
        "select cve_id, owner, state, reserved from cve_ids where key in ({}) order by key{}",
        places(params.len()),
        tx.connection.for_update()
    );
    let mut ids = BTreeMap::new();
    for row in tx.query(&sql, &params)? {
        let found = FoundId {
            id: row.parse(0)?,
            owner: row.text(1)?,
            owner_name: None,
            state: row.parse(2)?,
            reserved: row.parse(3)?,
        };
        let is_open = found.state != IdState::Reserved || commands.len() == 1;
        let has_record = is_open && tx.has_record(found.id)?;
        ids.insert(found.id, (found, has_record));
    }
    name_owners(tx, &mut ids)?;
    Ok(ids)
}

/// Says what the owners are called today, who are few.
fn name_owners(tx: &mut Tx<'_>, ids: &mut BTreeMap<CveId, (FoundId, bool)>) -> Result<(), Error> {
    let owners: BTreeSet<&str> = ids.values().map(|(id, _)| id.owner.as_str()).collect();
    if owners.is_empty() {
        return Ok(());
    }
    let params: Vec<Param<'_>> = owners.into_iter().map(Param::from).collect();
    let sql = format!(
        "select uuid, short_name from orgs where uuid in ({})",
        places(params.len())
    );
    let mut names = BTreeMap::new();
    for row in tx.query(&sql, &params)? {
        names.insert(row.text(0)?, row.text(1)?);
    }
    for (id, _) in ids.values_mut() {
        id.owner_name = names.get(&id.owner).cloned();
    }
    Ok(())
}

fn insert_records(tx: &mut Tx<'_>, accepted: &[Accepted<'_>]) -> Result<(), Error> {
    let moments: Vec<_> = accepted
        .iter()
        .map(|record| (record.command.at, record.found.id))
        .collect();
    let ages = tx.record_ages(&moments)?;
    // In their order, so that each is added behind the last.
    let mut rows: Vec<_> = ages.into_iter().zip(accepted).collect();
    rows.sort_unstable_by_key(|(age, _)| *age);
    let mut values = Vec::with_capacity(accepted.len() * 10);
    for (age, record) in rows {
        let at = Param::from(record.command.at);
        values.extend([
            Param::from(record.found.id),
            Param::from(record.command.state.as_str()),
            Param::from(&record.found.owner),
            Param::from(record.found.owner_name.as_deref().unwrap_or_default()),
            at.clone(),
            Param::from(1_i64),
            Param::from(&record.stamped.body),
            at.clone(),
            at,
            Param::Int(age),
        ]);
    }
    tx.insert_rows(
        "insert into records (cve_id, state, assigner_org, assigner_name, cna_modified, revision, \
         body, created, modified, age) values",
        10,
        &values,
    )
}

const SETTLE_ID: RowUpdate = RowUpdate {
    table: "cve_ids",
    key: ("key", true),
    columns: &[("state", false), ("modified", false)],
    subtract: false,
};

fn update_ids(tx: &mut Tx<'_>, accepted: &[Accepted<'_>]) -> Result<(), Error> {
    let rows: Vec<Param<'_>> = accepted
        .iter()
        .flat_map(|record| {
            [
                id_key::of(record.found.id),
                Param::from(record.command.state.as_str()),
                Param::from(record.command.at),
            ]
        })
        .collect();
    tx.update_rows(&SETTLE_ID, &rows)
}

const FREE_QUOTA: RowUpdate = RowUpdate {
    table: "orgs",
    key: ("uuid", false),
    columns: &[("reserved", true)],
    subtract: true,
};

/// An ID that leaves RESERVED no longer counts against its owner's quota.
fn free_quotas(tx: &mut Tx<'_>, accepted: &[Accepted<'_>]) -> Result<(), Error> {
    let mut freed: BTreeMap<&str, i64> = BTreeMap::new();
    for Accepted { found, .. } in accepted {
        if found.state == IdState::Reserved {
            *freed.entry(&found.owner).or_default() += 1;
        }
    }
    let rows: Vec<Param<'_>> = freed
        .into_iter()
        .flat_map(|(owner, count)| [Param::from(owner), Param::from(count)])
        .collect();
    tx.update_rows(&FREE_QUOTA, &rows)
}

fn tell(tx: &mut Tx<'_>, record: &Accepted<'_>) {
    let Accepted {
        command,
        found,
        stamped,
    } = record;
    let (kind, action) = match command.state {
        RecordState::Published => ("record.published", "record.publish"),
        RecordState::Rejected => ("record.rejected", "record.reject"),
    };
    let object = found.id.to_string();
    tx.tally_record(found.id, command.state, 1);
    tx.change(kind, &found.owner, &object, Visibility::Public);
    tx.audit(AuditEvent {
        actor: command.actor.clone(),
        org: command.caller_org.clone(),
        action: action.into(),
        object,
        detail: json!({"sha256": stamped.digest}),
    });
}
