//! Setting an instance up, without HTTP.
//!
//! Source: docs/architecture.md, section 2: the authority's administration.

use cve::id::Year;
use cve::org::ShortName;
use cve::world::World;
use serde_json::json;
use store::{AuditEvent, OrgRow, Store, Tx, UserRow, Visibility};

use crate::administration::OPERATOR;
use crate::error::{Error, Refusal};
use crate::key::ApiKey;
use crate::{orgs, parameters, users};

/// An organisation to be created.
#[derive(Debug, Clone)]
pub struct NewOrg {
    /// Its short name; no other organisation has it.
    pub short_name: ShortName,
    /// Its full name.
    pub name: String,
    /// Its roles: `SECRETARIAT`, `CNA`, `BULK_DOWNLOAD`, `ROOT_CNA`, `ADP`.
    pub roles: Vec<String>,
    /// IDs it may hold in state RESERVED, 0 to 100000.
    pub id_quota: i64,
}

/// A user to be created.
#[derive(Debug, Clone, Default)]
pub struct NewUser {
    /// Its name: 3 to 128 letters, digits and `-_@.`; unique in its organisation.
    pub username: String,
    /// First, last, middle name and suffix; empty where not given.
    pub name: [String; 4],
    /// Its roles: `ADMIN` or none.
    pub roles: Vec<String>,
}

/// Creates an organisation.
///
/// Refuses: [`Refusal::OrgExists`]; [`Refusal::BadInput`] for a role or a
/// quota that does not exist.
/// Source: cve-services section 6.4.
pub fn create_org(store: &Store, world: &World, new: NewOrg) -> Result<OrgRow, Error> {
    let known = |role: &String| parameters::ORG_ROLES.contains(&role.as_str());
    if !new.roles.iter().all(known) {
        return Err(bad("roles", "Organization role does not exist.").into());
    }
    if parameters::quota(&new.id_quota.to_string()).is_none() {
        let msg = "The id_quota does not comply with CVE id quota limitations";
        return Err(bad("id_quota", msg).into());
    }
    let org = org_row(world, new);
    let event = done("org.create", &org.uuid, orgs::shown(&org));
    store.write(move |tx| {
        if tx.org(&org.short_name)?.is_some() {
            return Err(Refusal::OrgExists(org.short_name.to_string()).into());
        }
        insert_org(tx, &org, event.clone())
    })
}

/// Creates a user of the organisation `org` and its key.
///
/// Gives: the key, here and never again.
/// Refuses: [`Refusal::UnknownOrgInPath`], [`Refusal::UserExists`];
/// [`Refusal::BadInput`] for a name or a role that does not exist.
/// Source: cve-services section 6.5.
pub fn create_user(
    store: &Store,
    world: &World,
    org: &ShortName,
    new: NewUser,
) -> Result<(UserRow, ApiKey), Error> {
    if !parameters::has_username_form(&new.username) {
        let msg = "Username should be 3-128 characters. Allowed characters are alphanumeric \
                   and -_@.";
        return Err(bad("username", msg).into());
    }
    let known = |role: &String| parameters::USER_ROLES.contains(&role.as_str());
    if !new.roles.iter().all(known) {
        return Err(bad("roles", "User role does not exist.").into());
    }
    let unknown = || Refusal::UnknownOrgInPath(org.to_string());
    let org = store.read(|reader| reader.org(org))?.ok_or_else(unknown)?;
    let (user, key) = user_row(world, &org, new);
    let event = done("user.create", &user.uuid, users::shown(&user));
    let user = store.write(move |tx| {
        if tx.user(&user.org, &user.username)?.is_some() {
            return Err(Refusal::UserExists(user.username.clone()).into());
        }
        insert_user(tx, &user, event.clone())
    })?;
    Ok((user, key))
}

/// Opens a year, so that IDs can be reserved in it.
///
/// Gives: `false` when it is open already.
/// Source: cve-services section 6.1, POST /cve-id-range.
pub fn open_year(store: &Store, year: Year) -> Result<bool, Error> {
    let event = done("year.open", &year.to_string(), json!({}));
    store.write(move |tx| open_year_in(tx, year, event.clone()))
}

fn bad(param: &str, msg: &str) -> Refusal {
    Refusal::BadInput(vec![crate::error::BadParameter {
        msg: msg.into(),
        param: param.into(),
        location: "body",
    }])
}

fn done(action: &str, object: &str, detail: serde_json::Value) -> AuditEvent {
    AuditEvent {
        actor: OPERATOR.into(),
        org: String::new(),
        action: action.into(),
        object: object.into(),
        detail,
    }
}

pub(crate) fn org_row(world: &World, new: NewOrg) -> OrgRow {
    let now = world.now();
    OrgRow {
        uuid: world.uuid(),
        short_name: new.short_name,
        name: new.name,
        roles: new.roles,
        id_quota: new.id_quota,
        reserved: 0,
        created: now,
        modified: now,
    }
}

pub(crate) fn user_row(world: &World, org: &OrgRow, new: NewUser) -> (UserRow, ApiKey) {
    let now = world.now();
    let key = ApiKey::new(world);
    let user = UserRow {
        uuid: world.uuid(),
        org: org.uuid.clone(),
        username: new.username,
        active: true,
        name: new.name,
        roles: new.roles,
        key_hash: key.stored(),
        key_created: now,
        created: now,
        modified: now,
    };
    (user, key)
}

pub(crate) fn insert_org(
    tx: &mut Tx<'_>,
    org: &OrgRow,
    event: AuditEvent,
) -> Result<OrgRow, Error> {
    tx.insert_org(org)?;
    tx.change("org.created", &org.uuid, &org.uuid, Visibility::Restricted);
    tx.audit(event);
    Ok(org.clone())
}

pub(crate) fn insert_user(
    tx: &mut Tx<'_>,
    user: &UserRow,
    event: AuditEvent,
) -> Result<UserRow, Error> {
    tx.insert_user(user)?;
    tx.change(
        "user.created",
        &user.org,
        &user.uuid,
        Visibility::Restricted,
    );
    tx.audit(event);
    Ok(user.clone())
}

pub(crate) fn open_year_in(tx: &mut Tx<'_>, year: Year, event: AuditEvent) -> Result<bool, Error> {
    let opened = tx.open_year(year)?;
    if opened {
        tx.change("year.opened", "", &year.to_string(), Visibility::Restricted);
        tx.audit(event);
    }
    Ok(opened)
}
