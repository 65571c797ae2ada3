//! The audit chain, as far as an administrator may look at it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use store::{AuditEntry, Reader};

use super::{Administrator, is_under_in};
use crate::answer::Answer;
use crate::call::Call;
use crate::error::Error;
use crate::parameters;
use crate::router::Authority;

/// Events an answer holds when it is not told how many, and at most.
const LIMIT: i64 = 100;
const MAX_LIMIT: i64 = 1000;

/// Events read at once while looking for those that are asked for.
const READ: u32 = 1000;

/// GET /audit: in the order of their numbers, from `after` on.
///
/// Takes: `org`, the short name of the organisation that acted; `object`, what
/// was changed: a UUID, a CVE ID, a year.
/// Gives: `next`, to be passed as `after`; null at the end. A Root is shown
/// what its own organisation and those under it did and what was done to them.
pub(crate) fn list(
    authority: &Authority,
    who: Administrator,
    call: &mut Call,
) -> Result<Answer, Error> {
    call.check(&parameters::LIST_AUDIT)?;
    let number = |name: &str| call.text(name).map(parameters::integer);
    let limit = number("limit").unwrap_or(LIMIT).clamp(1, MAX_LIMIT);
    let after = number("after").unwrap_or(0);
    let (org, object) = (call.text("org"), call.text("object"));
    let (events, next) = authority.store.read(|reader| {
        let org = org.map(|org| who.seen_org(reader, org)).transpose()?;
        let names: BTreeMap<_, _> = reader
            .orgs(0, u32::MAX)?
            .into_iter()
            .map(|org| (org.uuid, org.short_name.to_string()))
            .collect();
        let reach = reach(reader, &who, &names)?;
        let wanted = |event: &AuditEntry| {
            org.as_ref().is_none_or(|org| event.org == org.uuid)
                && object.is_none_or(|object| event.object == object)
                && reach
                    .as_ref()
                    .is_none_or(|reach| reach.contains(&event.org) || reach.contains(&event.object))
        };
        let (found, next) = search(reader, after, limit as usize, wanted)?;
        let events: Vec<_> = found.iter().map(|event| shown(event, &names)).collect();
        Ok::<_, Error>((events, next))
    })?;
    Ok(Answer::ok(&json!({"events": events, "next": next})))
}

/// UUIDs of the organisations and users a Root is told about; nothing for
/// those who are told everything.
fn reach(
    reader: &mut Reader<'_>,
    who: &Administrator,
    names: &BTreeMap<String, String>,
) -> Result<Option<BTreeSet<String>>, Error> {
    let Some(caller) = who.root() else {
        return Ok(None);
    };
    let standings = reader.standings()?;
    let own = caller.org.uuid.as_str();
    let mut reach = BTreeSet::new();
    for org in names.keys() {
        if org == own || is_under_in(&standings, own, org) {
            let users = reader.users_of(org, 0, u32::MAX)?;
            reach.extend(users.into_iter().map(|user| user.uuid));
            reach.insert(org.clone());
        }
    }
    Ok(Some(reach))
}

/// The first events after a number that are wanted, and where to go on.
fn search(
    reader: &mut Reader<'_>,
    mut after: i64,
    limit: usize,
    wanted: impl Fn(&AuditEntry) -> bool,
) -> Result<(Vec<AuditEntry>, Option<i64>), Error> {
    let mut found = Vec::new();
    loop {
        let page = reader.audit_after(after, READ)?;
        let Some(last) = page.last() else {
            return Ok((found, None));
        };
        after = last.seq;
        for event in page.into_iter().filter(&wanted) {
            if found.len() == limit {
                let next = found.last().map(|last: &AuditEntry| last.seq);
                return Ok((found, next));
            }
            found.push(event);
        }
    }
}

fn shown(event: &AuditEntry, names: &BTreeMap<String, String>) -> Value {
    // What was erased has no text; what is no JSON is shown as it is.
    let detail = serde_json::from_str(&event.detail).unwrap_or_else(|_| json!(event.detail));
    json!({
        "seq": event.seq,
        "at": event.at,
        "actor": event.actor,
        "org": names.get(&event.org).unwrap_or(&event.org),
        "action": event.action,
        "object": event.object,
        "detail": detail,
    })
}

/// GET /audit/verify.
pub(crate) fn verify(
    authority: &Authority,
    who: Administrator,
    _: &mut Call,
) -> Result<Answer, Error> {
    who.is_beyond_roots("verify the whole audit chain")?;
    let verdict = authority.store.snapshot(|reader| reader.verify_audit())?;
    Ok(Answer::ok(&json!({
        "entries": verdict.entries,
        "erased": verdict.erased,
        "broken": verdict.broken.map(|(seq, problem)| json!({"seq": seq, "problem": problem})),
    })))
}
