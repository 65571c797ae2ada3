//! Giving CVE IDs, with their records, to another organisation.

use cve::id::CveId;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{IdFilter, IdState, OrgRow, Tx, Visibility};

use super::{Administrator, Denied, bad, body};
use crate::answer::Answer;
use crate::call::Call;
use crate::error::{Error, Refusal};
use crate::router::Authority;

/// IDs one request may move; a request that names none moves so many at most
/// and says what is left.
const MAX_IDS: usize = 500;

#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
struct Transfer {
    /// Short name of the new owner.
    to: String,
    /// The IDs; nothing for those of `from`.
    #[serde(default)]
    ids: Vec<CveId>,
    /// Short name of the owner all IDs are taken from.
    #[serde(default)]
    from: Option<String>,
    /// Only the IDs of `from` in this state.
    #[serde(default)]
    state: Option<String>,
}

/// POST /transfers: all or none. Who reserved an ID and what its record says
/// stay; the quota of the new owner is not asked, as CVE Services does not.
///
/// Source: cve-services section 6.1 (transfer).
pub(crate) fn transfer(
    authority: &Authority,
    who: Administrator,
    call: &mut Call,
) -> Result<Answer, Error> {
    who.may_change()?;
    let asked: Transfer = body(call)?;
    if asked.ids.is_empty() == asked.from.is_none() {
        return Err(bad("ids", "expected either `ids` or `from`").into());
    }
    if asked.ids.len() > MAX_IDS {
        let msg = format!("{} IDs, expected at most {MAX_IDS}", asked.ids.len());
        return Err(bad("ids", msg).into());
    }
    let state = asked
        .state
        .as_ref()
        .map(|state| state.to_uppercase().parse::<IdState>())
        .transpose()
        .map_err(|problem| bad("state", problem))?;
    if state.is_some() && asked.from.is_none() {
        return Err(bad("state", "goes with `from`").into());
    }
    let (moved, left) = authority.store.write(move |tx| {
        let to = who.seen_org(tx, &asked.to)?;
        let (ids, left) = match &asked.from {
            Some(from) => {
                let from = who.seen_org(tx, from)?;
                of_owner(tx, &from, &to, state)?
            }
            None => (asked.ids.clone(), 0),
        };
        Ok::<_, Error>((carry_out(tx, &who, &ids, &to)?, left))
    })?;
    Ok(Answer::ok(&json!({"transferred": moved, "left": left})))
}

fn of_owner(
    tx: &mut Tx<'_>,
    from: &OrgRow,
    to: &OrgRow,
    state: Option<IdState>,
) -> Result<(Vec<CveId>, i64), Error> {
    if from.uuid == to.uuid {
        return Err(bad("to", "is the owner already, expected another organization").into());
    }
    let filter = IdFilter {
        owner: Some(from.uuid.clone()),
        state,
        ..IdFilter::default()
    };
    let limit = u32::try_from(MAX_IDS).unwrap_or(u32::MAX);
    let (total, rows) = tx.cve_ids(&filter, 0, limit)?;
    let ids: Vec<CveId> = rows.iter().map(|row| row.id).collect();
    let left = total - ids.len() as i64;
    Ok((ids, left))
}

fn carry_out(
    tx: &mut Tx<'_>,
    who: &Administrator,
    ids: &[CveId],
    to: &OrgRow,
) -> Result<Vec<Value>, Error> {
    let mut ids = ids.to_vec();
    // In one order everywhere, so that no two transfers wait for each other.
    ids.sort_by_key(CveId::to_string);
    ids.dedup();
    let (mut moved, mut unknown) = (Vec::new(), Vec::new());
    for id in ids {
        let row = tx.take_cve_id(id)?;
        let row = row.filter(|row| row.state != IdState::Available);
        let row = match row {
            Some(row) if who.sees(tx, &row.owner)? => row,
            _ => {
                unknown.push(id.to_string());
                continue;
            }
        };
        if row.owner == to.uuid {
            continue;
        }
        let now = tx.now();
        tx.change_cve_id(&row, row.state, &to.uuid, now)?;
        let object = id.to_string();
        tx.change("id.transferred", &to.uuid, &object, Visibility::Restricted);
        let detail = json!({
            "from": {"state": row.state.as_str(), "owner": row.owner},
            "to": {"state": row.state.as_str(), "owner": to.uuid},
        });
        tx.audit(who.did("id.change", &object, detail));
        moved.push(json!({"cve_id": id, "from": row.owner_name, "to": to.short_name}));
    }
    match unknown.is_empty() {
        true => Ok(moved),
        false => Err(Refusal::from(Denied::UnknownIds(unknown)).into()),
    }
}
