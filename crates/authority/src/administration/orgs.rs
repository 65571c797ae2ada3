//! Organisations: who they are, under which Root, with which quota, and
//! whether they can sign in.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use cve::org::ShortName;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{OrgRow, Reader, Standing, Tx, Visibility};

use super::{Administrator, Denied, bad, body, is_under, is_under_in};
use crate::admin::{self, NewOrg};
use crate::answer::Answer;
use crate::call::Call;
use crate::error::{Error, Refusal};
use crate::orgs::{DEFAULT_QUOTA, distinct};
use crate::parameters::{self, ORG_ROLES};
use crate::router::Authority;

/// GET /me.
pub(crate) fn me(_: &Authority, who: Administrator, _: &mut Call) -> Result<Answer, Error> {
    let role = match &who {
        Administrator::Operator => "operator",
        Administrator::Secretariat(_) => "secretariat",
        Administrator::Root(_) => "root",
    };
    let caller = who.caller();
    Ok(Answer::ok(&json!({
        "role": role,
        "org": caller.map(|caller| &caller.org.short_name),
        "username": caller.map(|caller| &caller.user.username),
        "may_change": who.may_change().is_ok(),
    })))
}

/// Names of organisations by UUID, for parents.
type Names = BTreeMap<String, ShortName>;

fn shown(org: &OrgRow, standing: &Standing, parent: Option<&ShortName>, users: i64) -> Value {
    json!({
        "short_name": org.short_name,
        "name": org.name,
        "uuid": org.uuid,
        "roles": org.roles,
        "parent": parent,
        "disabled": standing.disabled,
        "disabled_reason": standing.reason,
        "id_quota": org.id_quota,
        "reserved": org.reserved,
        "available": org.id_quota - org.reserved,
        "users": users,
        "created": org.created,
        "modified": org.modified,
    })
}

/// One organisation with everything about it.
fn whole(reader: &mut Reader<'_>, org: &OrgRow) -> Result<Value, Error> {
    let standing = reader.standing(&org.uuid)?;
    let parent = match &standing.parent {
        Some(parent) => reader.org_by_uuid(parent)?,
        None => None,
    };
    let users = reader.count_users_of(&org.uuid)?;
    let parent = parent.map(|parent| parent.short_name);
    Ok(shown(org, &standing, parent.as_ref(), users))
}

/// GET /orgs: by short name.
pub(crate) fn list(
    authority: &Authority,
    who: Administrator,
    _: &mut Call,
) -> Result<Answer, Error> {
    let (orgs, standings, counts) = authority.store.snapshot(|reader| {
        Ok::<_, Error>((
            reader.orgs(0, u32::MAX)?,
            reader.standings()?,
            reader.user_counts()?,
        ))
    })?;
    let names: Names = orgs
        .iter()
        .map(|org| (org.uuid.clone(), org.short_name.clone()))
        .collect();
    let none = Standing::default();
    let root = who.root().map(|caller| caller.org.uuid.as_str());
    let listed: Vec<Value> = orgs
        .iter()
        .filter(|org| {
            root.is_none_or(|root| org.uuid == root || is_under_in(&standings, root, &org.uuid))
        })
        .map(|org| {
            let standing = standings.get(&org.uuid).unwrap_or(&none);
            let parent = standing.parent.as_ref().and_then(|uuid| names.get(uuid));
            let users = counts.get(&org.uuid).copied().unwrap_or_default();
            shown(org, standing, parent, users)
        })
        .collect();
    Ok(Answer::ok(&json!({"orgs": listed})))
}

/// GET /orgs/:org.
pub(crate) fn show(
    authority: &Authority,
    who: Administrator,
    call: &mut Call,
) -> Result<Answer, Error> {
    let org = authority.store.read(|reader| {
        let org = who.seen_org(reader, call.path("org"))?;
        whole(reader, &org)
    })?;
    Ok(Answer::ok(&org))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    short_name: ShortName,
    name: String,
    #[serde(default)]
    roles: Option<Vec<String>>,
    #[serde(default)]
    id_quota: Option<i64>,
    /// Short name of a Root.
    #[serde(default)]
    parent: Option<ShortName>,
}

/// POST /orgs: a Root's new organisation is under it, and a CNA.
pub(crate) fn create(
    authority: &Authority,
    who: Administrator,
    call: &mut Call,
) -> Result<Answer, Error> {
    who.may_change()?;
    let new: New = body(call)?;
    let roles = roles(&who, new.roles.unwrap_or_else(|| vec!["CNA".into()]))?;
    let name = new.name.trim().to_owned();
    if name.is_empty() {
        return Err(bad("name", "is empty, expected a name").into());
    }
    let parent = match who.root() {
        Some(caller)
            if new
                .parent
                .as_ref()
                .is_none_or(|own| *own == caller.org.short_name) =>
        {
            Some(caller.org.short_name.clone())
        }
        Some(_) => return Err(Denied::BeyondRoot("put an organization under another").into()),
        None => new.parent,
    };
    let org = admin::org_row(
        &authority.world,
        NewOrg {
            short_name: new.short_name,
            name,
            roles,
            id_quota: checked_quota(new.id_quota.unwrap_or(DEFAULT_QUOTA))?,
        },
    );
    let exists = Refusal::OrgExists(org.short_name.to_string());
    let taken = exists.clone();
    let created = authority.store.write(move |tx| {
        if tx.org(&org.short_name)?.is_some() {
            return Err(exists.clone().into());
        }
        let parent = parent.as_ref().map(|parent| root_named(tx, parent));
        let parent = parent.transpose()?;
        let event = who.did(
            "org.create",
            &org.uuid,
            json!({"org": crate::orgs::shown(&org), "parent": parent.as_ref().map(|root| &root.uuid)}),
        );
        admin::insert_org(tx, &org, event)?;
        if let Some(parent) = parent {
            let standing = Standing {
                parent: Some(parent.uuid),
                ..Standing::default()
            };
            tx.set_standing(&org.uuid, &standing)?;
        }
        whole(tx, &org)
    });
    let created = created.map_err(|error| error.or_duplicate(taken))?;
    Ok(Answer::json(StatusCode::CREATED, &created))
}

/// Known roles, upper case, each once; a Root gives none but `CNA`.
fn roles(who: &Administrator, roles: Vec<String>) -> Result<Vec<String>, Refusal> {
    let roles = distinct(
        roles
            .iter()
            .map(|role| role.trim().to_uppercase())
            .collect(),
    );
    if let Some(unknown) = roles
        .iter()
        .find(|role| !ORG_ROLES.contains(&role.as_str()))
    {
        let msg = format!("`{unknown}` is no role, expected {}", ORG_ROLES.join(", "));
        return Err(bad("roles", msg));
    }
    if who.root().is_some() && roles != ["CNA"] && !roles.is_empty() {
        return Err(Denied::BeyondRoot("give roles other than CNA").into());
    }
    Ok(roles)
}

fn checked_quota(quota: i64) -> Result<i64, Refusal> {
    match parameters::quota(&quota.to_string()) {
        Some(quota) => Ok(quota),
        None => Err(bad(
            "id_quota",
            format!("`{quota}` is out of range, expected 0 to 100000"),
        )),
    }
}

fn root_named(reader: &mut Reader<'_>, name: &ShortName) -> Result<OrgRow, Error> {
    let root = reader.org(name)?.filter(|org| org.has_role("ROOT_CNA"));
    Ok(root.ok_or_else(|| Denied::NotARoot(name.to_string()))?)
}

/// Tells a field that is absent from one that is null.
fn some<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    #[serde(default)]
    short_name: Option<ShortName>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    roles: Option<Vec<String>>,
    /// Null takes it from under its Root.
    #[serde(default, deserialize_with = "some")]
    parent: Option<Option<ShortName>>,
}

/// PUT /orgs/:org: what is named changes, everything else stays.
pub(crate) fn update(
    authority: &Authority,
    who: Administrator,
    call: &mut Call,
) -> Result<Answer, Error> {
    let short_name = own_name(authority, &who, call)?;
    let change: Change = body(call)?;
    if change.parent.is_some() {
        who.is_beyond_roots("change under which Root an organization is")?;
    }
    let new_roles = change.roles.map(|asked| roles(&who, asked)).transpose()?;
    let name = change.name.map(|name| name.trim().to_owned());
    if name.as_ref().is_some_and(String::is_empty) {
        return Err(bad("name", "is empty, expected a name").into());
    }
    let (new_name, parent) = (change.short_name, change.parent);
    let updated = authority.store.write(move |tx| {
        let mut org = taken(tx, &who, &short_name)?;
        let had = has_secretariat(tx)?;
        let mut detail = json!({});
        if let Some(new_name) = new_name.as_ref().filter(|new| **new != org.short_name) {
            if tx.org(new_name)?.is_some() {
                return Err(Refusal::DuplicateShortName(new_name.to_string()).into());
            }
            detail["short_name"] = json!({"from": org.short_name, "to": new_name});
            org.short_name = new_name.clone();
        }
        if let Some(name) = &name {
            detail["name"] = json!({"from": org.name, "to": name});
            org.name.clone_from(name);
        }
        if let Some(roles) = &new_roles {
            keeps_its_rank(&who, &org)?;
            detail["roles"] = json!({"from": org.roles, "to": roles});
            org.roles.clone_from(roles);
        }
        if let Some(parent) = &parent {
            let mut standing = tx.standing(&org.uuid)?;
            let root = parent.as_ref().map(|parent| root_named(tx, parent));
            let root = root.transpose()?;
            if let Some(root) = &root
                && (root.uuid == org.uuid || is_under(tx, &org.uuid, &root.uuid)?)
            {
                return Err(Denied::RootUnderItself.into());
            }
            let uuid = root.map(|root| root.uuid);
            detail["parent"] = json!({"from": standing.parent, "to": uuid});
            standing.parent = uuid;
            tx.set_standing(&org.uuid, &standing)?;
        }
        org.modified = tx.now();
        let duplicate = Refusal::DuplicateShortName(org.short_name.to_string());
        tx.update_org(&org)
            .map_err(|error| Error::from(error).or_duplicate(duplicate))?;
        keeps_secretariat(tx, had)?;
        tx.change("org.updated", &org.uuid, &org.uuid, Visibility::Restricted);
        tx.audit(who.did("org.update", &org.uuid, detail));
        whole(tx, &org)
    })?;
    Ok(Answer::ok(&updated))
}

/// A Root cannot take from an organisation what it could not give.
fn keeps_its_rank(who: &Administrator, org: &OrgRow) -> Result<(), Refusal> {
    if who.root().is_some() && org.roles.iter().any(|role| role != "CNA") {
        return Err(Denied::BeyondRoot("change roles other than CNA").into());
    }
    Ok(())
}

/// The organisation, to be changed, which nobody else changes meanwhile.
fn taken(tx: &mut Tx<'_>, who: &Administrator, short_name: &str) -> Result<OrgRow, Error> {
    let org = who.own_org(tx, short_name)?;
    let unknown = || Refusal::UnknownOrgInPath(short_name.to_owned());
    Ok(tx.take_org(&org.uuid)?.ok_or_else(unknown)?)
}

/// Says whether there is a Secretariat that can sign in.
fn has_secretariat(tx: &mut Tx<'_>) -> Result<bool, Error> {
    let standings = tx.standings()?;
    let is_enabled = |org: &OrgRow| {
        let standing = standings.get(&org.uuid);
        standing.is_none_or(|standing| standing.disabled.is_none())
    };
    let orgs = tx.orgs(0, u32::MAX)?;
    Ok(orgs
        .iter()
        .any(|org| org.has_role("SECRETARIAT") && is_enabled(org)))
}

/// Refuses to leave no Secretariat that can sign in, where there was one: an
/// authority that never had one, as one for practice, needs none.
fn keeps_secretariat(tx: &mut Tx<'_>, had: bool) -> Result<(), Error> {
    match had && !has_secretariat(tx)? {
        true => Err(Denied::LastSecretariat.into()),
        false => Ok(()),
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Disabling {
    reason: String,
}

/// The short name in the path, when it is of an organisation the caller may
/// change; asked again in the unit of work that changes it.
fn own_name(authority: &Authority, who: &Administrator, call: &Call) -> Result<String, Error> {
    let short_name = call.path("org").to_owned();
    authority
        .store
        .read(|reader| who.own_org(reader, &short_name))?;
    Ok(short_name)
}

/// POST /orgs/:org/disable: its users are answered as unknown ones from the
/// commit on, on every node.
pub(crate) fn disable(
    authority: &Authority,
    who: Administrator,
    call: &mut Call,
) -> Result<Answer, Error> {
    let short_name = own_name(authority, &who, call)?;
    let Disabling { reason } = body(call)?;
    if reason.chars().count() > 1000 {
        return Err(bad("reason", "is too long, expected at most 1000 characters").into());
    }
    let disabled = authority.store.write(move |tx| {
        let org = taken(tx, &who, &short_name)?;
        let had = has_secretariat(tx)?;
        let mut standing = tx.standing(&org.uuid)?;
        standing.disabled.get_or_insert(tx.now());
        standing.reason.clone_from(&reason);
        tx.set_standing(&org.uuid, &standing)?;
        keeps_secretariat(tx, had)?;
        tx.change("org.disabled", &org.uuid, &org.uuid, Visibility::Restricted);
        tx.audit(who.did("org.disable", &org.uuid, json!({"reason": reason})));
        whole(tx, &org)
    })?;
    Ok(Answer::ok(&disabled))
}

/// POST /orgs/:org/enable: the keys of its users work again.
pub(crate) fn enable(
    authority: &Authority,
    who: Administrator,
    call: &mut Call,
) -> Result<Answer, Error> {
    let short_name = call.path("org").to_owned();
    let enabled = authority.store.write(move |tx| {
        let org = taken(tx, &who, &short_name)?;
        let mut standing = tx.standing(&org.uuid)?;
        if standing.disabled.take().is_some() {
            standing.reason.clear();
            tx.set_standing(&org.uuid, &standing)?;
            tx.change("org.enabled", &org.uuid, &org.uuid, Visibility::Restricted);
            tx.audit(who.did("org.enable", &org.uuid, json!({})));
        }
        whole(tx, &org)
    })?;
    Ok(Answer::ok(&enabled))
}

fn quota_of(org: &OrgRow) -> Value {
    json!({
        "short_name": org.short_name,
        "id_quota": org.id_quota,
        "reserved": org.reserved,
        "available": org.id_quota - org.reserved,
    })
}

/// GET /orgs/:org/quota.
pub(crate) fn quota(
    authority: &Authority,
    who: Administrator,
    call: &mut Call,
) -> Result<Answer, Error> {
    let org = authority
        .store
        .read(|reader| who.seen_org(reader, call.path("org")))?;
    Ok(Answer::ok(&quota_of(&org)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewQuota {
    id_quota: i64,
}

/// PUT /orgs/:org/quota.
pub(crate) fn set_quota(
    authority: &Authority,
    who: Administrator,
    call: &mut Call,
) -> Result<Answer, Error> {
    let short_name = own_name(authority, &who, call)?;
    let NewQuota { id_quota } = body(call)?;
    let id_quota = checked_quota(id_quota)?;
    let org = authority.store.write(move |tx| {
        let mut org = taken(tx, &who, &short_name)?;
        let detail = json!({"id_quota": {"from": org.id_quota, "to": id_quota}});
        org.id_quota = id_quota;
        org.modified = tx.now();
        tx.update_org(&org)?;
        tx.change("org.updated", &org.uuid, &org.uuid, Visibility::Restricted);
        tx.audit(who.did("org.quota", &org.uuid, detail));
        Ok::<_, Error>(org)
    })?;
    Ok(Answer::ok(&quota_of(&org)))
}
