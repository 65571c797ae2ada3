//! Users with the age and the last use of their keys.

use axum::http::StatusCode;
use cve::time::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{OrgRow, UserRow, Visibility};

use super::{Administrator, bad, body, user_of};
use crate::admin::{self, NewUser};
use crate::answer::Answer;
use crate::call::Call;
use crate::error::{Error, Refusal};
use crate::key::ApiKey;
use crate::orgs::distinct;
use crate::parameters::{self, USER_ROLES};
use crate::router::Authority;
use crate::users::MAX_USERS;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn shown(org: &OrgRow, user: &UserRow, last_used: Option<&Timestamp>, now: Timestamp) -> Value {
    let [first, last, middle, suffix] = &user.name;
    json!({
        "username": user.username,
        "uuid": user.uuid,
        "org": org.short_name,
        "active": user.active,
        "roles": user.roles,
        "name": {"first": first, "last": last, "middle": middle, "suffix": suffix},
        "key": {
            "created": user.key_created,
            "age_days": now.ms_since(user.key_created) / DAY_MS,
            "last_used": last_used,
        },
        "created": user.created,
        "modified": user.modified,
    })
}

/// GET /orgs/:org/users: by name.
///
/// Gives: `last_used` to the minute, and up to some seconds late; null for a
/// key that was never used.
pub(crate) fn list(
    authority: &Authority,
    who: Administrator,
    call: &mut Call,
) -> Result<Answer, Error> {
    let (org, users, uses) = authority.store.read(|reader| {
        let org = who.seen_org(reader, call.path("org"))?;
        let users = reader.users_of(&org.uuid, 0, u32::MAX)?;
        let uses = reader.key_uses(&org.uuid)?;
        Ok::<_, Error>((org, users, uses))
    })?;
    let now = authority.world.now();
    let users: Vec<_> = users
        .iter()
        .map(|user| shown(&org, user, uses.get(&user.uuid), now))
        .collect();
    Ok(Answer::ok(&json!({"users": users})))
}

/// GET /orgs/:org/users/:username.
pub(crate) fn show(
    authority: &Authority,
    who: Administrator,
    call: &mut Call,
) -> Result<Answer, Error> {
    let now = authority.world.now();
    let user = authority.store.read(|reader| {
        let org = who.seen_org(reader, call.path("org"))?;
        let user = user_of(reader, &org, call.path("username"))?;
        let uses = reader.key_uses(&org.uuid)?;
        Ok::<_, Error>(shown(&org, &user, uses.get(&user.uuid), now))
    })?;
    Ok(Answer::ok(&user))
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Name {
    first: Option<String>,
    last: Option<String>,
    middle: Option<String>,
    suffix: Option<String>,
}

impl Name {
    /// The parts that are named, in the order they are kept.
    ///
    /// Source: cve-services section 4 (name).
    fn parts(self) -> Result<[Option<String>; 4], Refusal> {
        let parts = [self.first, self.last, self.middle, self.suffix];
        if parts
            .iter()
            .flatten()
            .any(|part| part.chars().count() > 100)
        {
            return Err(bad(
                "name",
                "a part is too long, expected at most 100 characters",
            ));
        }
        Ok(parts.map(|part| part.map(|part| part.trim().to_owned())))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    username: String,
    #[serde(default)]
    name: Name,
    #[serde(default)]
    roles: Vec<String>,
}

fn roles(roles: &[String]) -> Result<Vec<String>, Refusal> {
    let roles = distinct(
        roles
            .iter()
            .map(|role| role.trim().to_uppercase())
            .collect(),
    );
    match roles
        .iter()
        .find(|role| !USER_ROLES.contains(&role.as_str()))
    {
        Some(unknown) => Err(bad(
            "roles",
            format!("`{unknown}` is no role of a user, expected ADMIN or none"),
        )),
        None => Ok(roles),
    }
}

/// POST /orgs/:org/users.
///
/// Gives: the key in `key.secret`, here and never again.
pub(crate) fn create(
    authority: &Authority,
    who: Administrator,
    call: &mut Call,
) -> Result<Answer, Error> {
    let short_name = call.path("org").to_owned();
    let org = authority
        .store
        .read(|reader| who.own_org(reader, &short_name))?;
    let new: New = body(call)?;
    if !parameters::has_username_form(&new.username) {
        let msg = "expected 3 to 128 letters, digits and -_@.";
        return Err(bad("username", msg).into());
    }
    let new = NewUser {
        roles: roles(&new.roles)?,
        name: new.name.parts()?.map(Option::unwrap_or_default),
        username: new.username,
    };
    let (user, key) = admin::user_row(&authority.world, &org, new);
    let exists = Refusal::UserExists(user.username.clone());
    let taken = exists.clone();
    let created = authority.store.write(move |tx| {
        let org = who.own_org(tx, &short_name)?;
        // Held, so that no two are the hundredth.
        tx.take_org(&org.uuid)?;
        if tx.count_users_of(&org.uuid)? >= MAX_USERS {
            return Err(Refusal::TooManyUsers.into());
        }
        if tx.user(&org.uuid, &user.username)?.is_some() {
            return Err(exists.clone().into());
        }
        let event = who.did("user.create", &user.uuid, crate::users::shown(&user));
        admin::insert_user(tx, &user, event)
    });
    let created = created.map_err(|error: Error| error.or_duplicate(taken))?;
    let mut shown = shown(&org, &created, None, authority.world.now());
    shown["key"]["secret"] = json!(key.reveal());
    Ok(Answer::json(StatusCode::CREATED, &shown))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    #[serde(default)]
    username: Option<String>,
    #[serde(default)]
    name: Name,
    #[serde(default)]
    roles: Option<Vec<String>>,
    #[serde(default)]
    active: Option<bool>,
}

/// PUT /orgs/:org/users/:username: what is named changes, everything else
/// stays.
pub(crate) fn update(
    authority: &Authority,
    who: Administrator,
    call: &mut Call,
) -> Result<Answer, Error> {
    let (short_name, username) = in_path(call);
    authority.store.read(|reader| {
        let org = who.own_org(reader, &short_name)?;
        user_of(reader, &org, &username)
    })?;
    let change: Change = body(call)?;
    let new_name = change.username;
    if new_name
        .as_deref()
        .is_some_and(|name| !parameters::has_username_form(name))
    {
        let msg = "expected 3 to 128 letters, digits and -_@.";
        return Err(bad("username", msg).into());
    }
    let parts = change.name.parts()?;
    let new_roles = change.roles.map(|asked| roles(&asked)).transpose()?;
    let active = change.active;
    let (org, user, used) = authority.store.write(move |tx| {
        let org = who.own_org(tx, &short_name)?;
        let user = user_of(tx, &org, &username)?;
        let unknown = || Refusal::UnknownUser(username.clone());
        let mut user = tx.take_user(&user.uuid)?.ok_or_else(unknown)?;
        if let Some(new_name) = new_name.as_ref().filter(|new| **new != user.username) {
            let duplicate = || Refusal::DuplicateUser {
                org: org.short_name.to_string(),
                username: new_name.clone(),
            };
            if tx.user(&org.uuid, new_name)?.is_some() {
                return Err(duplicate().into());
            }
            user.username.clone_from(new_name);
        }
        for (own, new) in user.name.iter_mut().zip(&parts) {
            if let Some(new) = new {
                own.clone_from(new);
            }
        }
        if let Some(roles) = &new_roles {
            user.roles.clone_from(roles);
        }
        user.active = active.unwrap_or(user.active);
        user.modified = tx.now();
        tx.update_user(&user)?;
        tx.change(
            "user.updated",
            &user.org,
            &user.uuid,
            Visibility::Restricted,
        );
        tx.audit(who.did("user.update", &user.uuid, crate::users::shown(&user)));
        let used = tx.key_uses(&org.uuid)?.remove(&user.uuid);
        Ok::<_, Error>((org, user, used))
    })?;
    let now = authority.world.now();
    Ok(Answer::ok(&shown(&org, &user, used.as_ref(), now)))
}

fn in_path(call: &Call) -> (String, String) {
    (
        call.path("org").to_owned(),
        call.path("username").to_owned(),
    )
}

/// POST /orgs/:org/users/:username/key: the old key stops working with the
/// commit.
///
/// Gives: the new one in `key.secret`, here and never again.
pub(crate) fn reset_key(
    authority: &Authority,
    who: Administrator,
    call: &mut Call,
) -> Result<Answer, Error> {
    let (short_name, username) = in_path(call);
    let key = ApiKey::new(&authority.world);
    let stored = key.stored();
    let (org, user) = authority.store.write(move |tx| {
        let org = who.own_org(tx, &short_name)?;
        let user = user_of(tx, &org, &username)?;
        let unknown = || Refusal::UnknownUser(username.clone());
        let mut user = tx.take_user(&user.uuid)?.ok_or_else(unknown)?;
        user.key_hash.clone_from(&stored);
        user.key_created = tx.now();
        user.modified = tx.now();
        tx.update_user(&user)?;
        tx.change(
            "user.key_reset",
            &user.org,
            &user.uuid,
            Visibility::Restricted,
        );
        let detail = json!({"username": user.username});
        tx.audit(who.did("user.reset_key", &user.uuid, detail));
        Ok::<_, Error>((org, user))
    })?;
    let mut shown = shown(&org, &user, None, authority.world.now());
    shown["key"]["secret"] = json!(key.reveal());
    Ok(Answer::ok(&shown))
}
