//! Storing the first record of a CVE ID, many requests in a few statements.

use std::collections::{BTreeMap, BTreeSet};

use cve::hash::Digest;
use cve::id::CveId;
use cve::time::Timestamp;
use serde_json::json;

use crate::audit::AuditEvent;
use crate::changes::Visibility;
use crate::engine::Param;
use crate::error::Error;
use crate::ids::IdState;
use crate::params;
use crate::records::RecordState;
use crate::tx::{RowUpdate, Tx, places};

/// A request to give an ID its first record.
///
/// The body was stamped from the ID as it was read before; the command says
/// what was read, and is refused when that is no longer so.
///
/// Source: cve-services sections 6.2, 8 and 9.
#[derive(Debug, Clone)]
pub struct Publish {
    /// The ID.
    pub id: CveId,
    /// UUID of the owner the body was stamped for.
    pub expected_owner: String,
    /// State the record and the ID take.
    pub state: RecordState,
    /// UUID in `cveMetadata.assignerOrgId`.
    pub assigner_org: String,
    /// Short name in `cveMetadata.assignerShortName`.
    pub assigner_name: String,
    /// When the CNA container was stamped.
    pub at: Timestamp,
    /// The record, byte for byte as it will be answered.
    pub body: Vec<u8>,
    /// Digest of `body`, computed where nobody waits for it.
    pub digest: Digest,
    /// User name of the caller, for the audit chain.
    pub actor: String,
    /// UUID of the caller's organisation.
    pub caller_org: String,
}

/// Why nothing was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PublishRefusal {
    /// The ID has a record already.
    #[error("the record exists already")]
    RecordExists,
    /// The ID has another owner or is gone; read it again.
    #[error("the CVE ID changed while the record was prepared")]
    IdChanged,
}

/// Runs the commands in order, as if each came alone.
pub(crate) fn run(
    tx: &mut Tx<'_>,
    commands: &[&Publish],
) -> Result<Vec<Result<(), PublishRefusal>>, Error> {
    let mut ids = load_ids(tx, commands)?;
    let mut answers = Vec::with_capacity(commands.len());
    let mut accepted = Vec::new();
    for command in commands {
        let found = ids.get_mut(&command.id).filter(|found| {
            found.owner == command.expected_owner && found.state != IdState::Available
        });
        answers.push(match found {
            None => Err(PublishRefusal::IdChanged),
            Some(found) if found.has_record => Err(PublishRefusal::RecordExists),
            Some(found) => {
                found.has_record = true;
                accepted.push((*command, found.state));
                Ok(())
            }
        });
    }
    insert_records(tx, &accepted)?;
    update_ids(tx, &accepted)?;
    free_quotas(tx, &accepted)?;
    for (command, _) in &accepted {
        tell(tx, command);
    }
    Ok(answers)
}

fn id_params(commands: &[&Publish]) -> Vec<Param<'static>> {
    let ids: BTreeSet<CveId> = commands.iter().map(|command| command.id).collect();
    ids.into_iter().map(Param::from).collect()
}

/// An ID as a publication finds it.
struct Found {
    owner: String,
    state: IdState,
    has_record: bool,
}

/// Reads and locks the IDs of a batch.
///
/// A record that another node commits while this waits for its ID is not seen
/// here; the insert then fails, and the units run again one by one.
fn load_ids(tx: &mut Tx<'_>, commands: &[&Publish]) -> Result<BTreeMap<CveId, Found>, Error> {
    let params = id_params(commands);
    let sql = format!(
        "select cve_id, owner, state, (select count(*) from records r \
         where r.cve_id = cve_ids.cve_id) from cve_ids where cve_id in ({}) order by cve_id{}",
        places(params.len()),
        tx.connection.for_update()
    );
    tx.query(&sql, &params)?
        .iter()
        .map(|row| {
            let found = Found {
                owner: row.text(1)?,
                state: row.parse(2)?,
                has_record: row.truth(3)?,
            };
            Ok((row.parse(0)?, found))
        })
        .collect()
}

fn insert_records(tx: &mut Tx<'_>, accepted: &[(&Publish, IdState)]) -> Result<(), Error> {
    let mut values = Vec::with_capacity(accepted.len() * 9);
    for (command, _) in accepted {
        values.extend_from_slice(params![
            command.id,
            command.state.as_str(),
            &command.assigner_org,
            &command.assigner_name,
            command.at,
            1_i64,
            &command.body,
            command.at,
            command.at
        ]);
    }
    tx.insert_rows(
        "insert into records (cve_id, state, assigner_org, assigner_name, cna_modified, revision, \
         body, created, modified) values",
        9,
        &values,
    )
}

const SETTLE_ID: RowUpdate = RowUpdate {
    table: "cve_ids",
    key: ("cve_id", false),
    columns: &[("state", false), ("modified", false)],
    subtract: false,
};

fn update_ids(tx: &mut Tx<'_>, accepted: &[(&Publish, IdState)]) -> Result<(), Error> {
    let rows: Vec<Param<'_>> = accepted
        .iter()
        .flat_map(|(command, _)| {
            [
                Param::from(command.id),
                Param::from(command.state.as_str()),
                Param::from(command.at),
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
fn free_quotas(tx: &mut Tx<'_>, accepted: &[(&Publish, IdState)]) -> Result<(), Error> {
    let mut freed: BTreeMap<&str, i64> = BTreeMap::new();
    for (command, before) in accepted {
        if *before == IdState::Reserved {
            *freed.entry(&command.expected_owner).or_default() += 1;
        }
    }
    let rows: Vec<Param<'_>> = freed
        .into_iter()
        .flat_map(|(owner, count)| [Param::from(owner), Param::from(count)])
        .collect();
    tx.update_rows(&FREE_QUOTA, &rows)
}

fn tell(tx: &mut Tx<'_>, command: &Publish) {
    let (kind, action) = match command.state {
        RecordState::Published => ("record.published", "record.publish"),
        RecordState::Rejected => ("record.rejected", "record.reject"),
    };
    let object = command.id.to_string();
    tx.tally_record(command.id, command.state, 1);
    tx.change(kind, &command.expected_owner, &object, Visibility::Public);
    tx.audit(AuditEvent {
        actor: command.actor.clone(),
        org: command.caller_org.clone(),
        action: action.into(),
        object,
        detail: json!({"sha256": command.digest}),
    });
}
