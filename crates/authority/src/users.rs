//! Users: list, create, show, update, and give a new key.

use serde_json::{Value, json};
use store::{OrgRow, UserRow, Visibility};

use crate::admin::{self, NewUser};
use crate::answer::Answer;
use crate::call::{Call, upper_words};
use crate::caller::{Caller, Partner, Secretariat, UserMaker};
use crate::error::{Error, Refusal};
use crate::key::ApiKey;
use crate::orgs::{self, distinct, has_key};
use crate::page;
use crate::parameters;
use crate::router::Authority;

/// Users an organisation may have.
///
/// Source: cve-services section 6.5.
pub(crate) const MAX_USERS: i64 = 100;

/// The parts of a name, in the order they are kept.
const NAME_PARTS: [&str; 4] = ["first", "last", "middle", "suffix"];

/// A user as answers show it.
///
/// Source: cve-services section 5.
pub(crate) fn shown(user: &UserRow) -> Value {
    let [first, last, middle, suffix] = &user.name;
    json!({
        "org_UUID": user.org,
        "username": user.username,
        "UUID": user.uuid,
        "active": user.active,
        "authority": {"active_roles": user.roles},
        "name": {"first": first, "last": last, "middle": middle, "suffix": suffix},
        "time": {"created": user.created, "modified": user.modified},
    })
}

/// GET /users.
///
/// Gives: by organisation and name; the reference server has no stable order.
/// Source: cve-services section 6.5.
pub(crate) fn list(
    authority: &Authority,
    _: Secretariat,
    call: &mut Call,
) -> Result<Answer, Error> {
    call.check(&parameters::LIST_USERS)?;
    let page = call.page();
    let (total, users) = authority.store.read(|reader| {
        let total = reader.count_users()?;
        let users = reader.users(page::offset(page), page::PAGE)?;
        Ok::<_, Error>((total, users))
    })?;
    let items = users.iter().map(shown).collect();
    Ok(Answer::ok(&page::list("users", items, total, page)))
}

/// GET /org/:shortname/users.
pub(crate) fn list_of_org(
    authority: &Authority,
    caller: Caller,
    call: &mut Call,
) -> Result<Answer, Error> {
    call.check(&parameters::LIST_ORG_USERS)?;
    // Unknown comes before forbidden here, and only here.
    let org = org_in_path(authority, call)?;
    if !caller.may_see(org.short_name.as_str()) {
        return Err(Refusal::NotSameOrg.into());
    }
    let page = call.page();
    let (total, users) = authority.store.read(|reader| {
        let total = reader.count_users_of(&org.uuid)?;
        let users = reader.users_of(&org.uuid, page::offset(page), page::PAGE)?;
        Ok::<_, Error>((total, users))
    })?;
    let items = users.iter().map(shown).collect();
    Ok(Answer::ok(&page::list("users", items, total, page)))
}

fn org_in_path(authority: &Authority, call: &Call) -> Result<OrgRow, Error> {
    let short_name = call.path("shortname").trim();
    let unknown = || Refusal::UnknownOrgInPath(short_name.to_owned());
    Ok(orgs::named(authority, short_name)?.ok_or_else(unknown)?)
}

fn user_in_path(authority: &Authority, org: &OrgRow, call: &Call) -> Result<UserRow, Error> {
    let username = call.path("username").trim();
    let unknown = || Refusal::UnknownUser(username.to_owned());
    let user = authority
        .store
        .read(|reader| reader.user(&org.uuid, username))?;
    Ok(user.ok_or_else(unknown)?)
}

/// GET /org/:shortname/user/:username.
pub(crate) fn show(
    authority: &Authority,
    caller: Caller,
    call: &mut Call,
) -> Result<Answer, Error> {
    call.check(&parameters::ONE_USER)?;
    if !caller.may_see(call.path("shortname").trim()) {
        return Err(Refusal::NotSameOrg.into());
    }
    let org = org_in_path(authority, call)?;
    let user = user_in_path(authority, &org, call)?;
    Ok(Answer::ok(&shown(&user)))
}

/// POST /org/:shortname/user.
///
/// Gives: the key, here and never again.
/// Source: cve-services section 6.5.
pub(crate) fn create(
    authority: &Authority,
    UserMaker(caller): UserMaker,
    call: &mut Call,
) -> Result<Answer, Error> {
    call.check(&parameters::CREATE_USER)?;
    let org = org_in_path(authority, call)?;
    // cve-services answers 400 to a UUID in the body and creates the user all
    // the same; here nothing is created.
    let with_uuid = [("org_uuid", "org"), ("uuid", "user")]
        .into_iter()
        .find(|(key, _)| has_key(&call.body, key))
        .map(|(_, what)| Refusal::UuidProvided(what));
    let foreign_admin = !caller.may_see(org.short_name.as_str());
    let new = NewUser {
        username: call.body_text("username").unwrap_or_default().to_owned(),
        name: NAME_PARTS.map(|part| {
            let text = call.body_text(&format!("name.{part}"));
            text.unwrap_or_default().to_owned()
        }),
        roles: distinct(upper_words(call.in_body("authority.active_roles"))),
    };
    let (user, key) = admin::user_row(&authority.world, &org, new);
    let event = caller.did("user.create", &user.uuid, shown(&user));
    let created = authority.store.write(move |tx| {
        let unknown = || Refusal::UnknownOrgInPath(org.short_name.to_string());
        let org = tx.take_org(&org.uuid)?.ok_or_else(unknown)?;
        if tx.count_users_of(&org.uuid)? >= MAX_USERS {
            return Err(Refusal::TooManyUsers.into());
        }
        if let Some(refusal) = &with_uuid {
            return Err(refusal.clone().into());
        }
        if foreign_admin {
            return Err(Refusal::NotAdminOrSecretariat.into());
        }
        if tx.user(&org.uuid, &user.username)?.is_some() {
            return Err(Refusal::UserExists(user.username.clone()).into());
        }
        admin::insert_user(tx, &user, event.clone())
    });
    let exists = Refusal::UserExists(call.body_text("username").unwrap_or_default().to_owned());
    let created = created.map_err(|error| error.or_duplicate(exists))?;
    let mut body = json!({
        "message": format!("{} was successfully created.", created.username),
        "created": shown(&created),
    });
    body["created"]["secret"] = json!(key.reveal());
    Ok(Answer::ok(&body))
}

/// What an update of a user asks for.
struct Update {
    username: Option<String>,
    org: Option<Result<OrgRow, Refusal>>,
    active: Option<bool>,
    name: [Option<String>; 4],
    add: Vec<String>,
    remove: Vec<String>,
}

impl Update {
    /// Says whether it changes anything but the name.
    fn beyond_names(&self) -> bool {
        let roles = !self.add.is_empty() || !self.remove.is_empty();
        self.username.is_some() || self.org.is_some() || self.active.is_some() || roles
    }

    fn is_empty(&self) -> bool {
        !self.beyond_names() && self.name.iter().all(Option::is_none)
    }
}

/// PUT /org/:shortname/user/:username.
///
/// Source: cve-services section 6.5, in its order.
pub(crate) fn update(
    authority: &Authority,
    Partner(caller): Partner,
    call: &mut Call,
) -> Result<Answer, Error> {
    call.check(&parameters::UPDATE_USER)?;
    let org = org_in_path(authority, call)?;
    let user = changeable(authority, &caller, &org, call)?;
    let update = asked(authority, call)?;
    if update.org.is_some() && !caller.is_secretariat() {
        return Err(Refusal::CannotChangeOrg.into());
    }
    if update.beyond_names() && !caller.is_secretariat() && !caller.is_admin() {
        return Err(Refusal::OnlyNames.into());
    }
    let removes_admin = update.remove.iter().any(|role| role == "ADMIN");
    if removes_admin && user.uuid == caller.user.uuid {
        return Err(Refusal::CannotSelfDemote.into());
    }
    let message = if update.is_empty() {
        format!("No updates were specified for {}.", user.username)
    } else {
        format!("{} was successfully updated.", user.username)
    };
    let updated = authority
        .store
        .write(move |tx| carry_out(tx, &caller, &org, &user, &update))?;
    Ok(Answer::ok(
        &json!({"message": message, "updated": shown(&updated)}),
    ))
}

/// The user in the path, when the caller may change it.
fn changeable(
    authority: &Authority,
    caller: &Caller,
    org: &OrgRow,
    call: &Call,
) -> Result<UserRow, Error> {
    if !caller.may_see(org.short_name.as_str()) {
        return Err(Refusal::NotSameOrg.into());
    }
    let user = user_in_path(authority, org, call)?;
    if user.uuid != caller.user.uuid && !caller.is_admin() && !caller.is_secretariat() {
        return Err(Refusal::NotSameUser.into());
    }
    Ok(user)
}

fn asked(authority: &Authority, call: &Call) -> Result<Update, Error> {
    let text = |name: &str| call.text(name).map(str::to_owned);
    let org = text("org_short_name").map(|short_name| {
        let found = orgs::named(authority, &short_name)?;
        Ok::<_, Error>(found.ok_or_else(|| Refusal::UnknownOrg {
            org: short_name,
            named_by: "org_short_name query",
            status: 404,
        }))
    });
    Ok(Update {
        username: text("new_username"),
        org: org.transpose()?,
        active: call.text("active").and_then(parameters::truth),
        name: NAME_PARTS.map(|part| text(&format!("name.{part}"))),
        add: call.words("active_roles.add"),
        remove: call.words("active_roles.remove"),
    })
}

fn carry_out(
    tx: &mut store::Tx<'_>,
    caller: &Caller,
    org: &OrgRow,
    user: &UserRow,
    update: &Update,
) -> Result<UserRow, Error> {
    let unknown = || Refusal::UnknownUser(user.username.clone());
    let mut user = tx
        .take_user(&user.uuid)?
        .filter(|user| user.org == org.uuid)
        .ok_or_else(unknown)?;
    let old_name = user.username.clone();
    let mut target = org.short_name.to_string();
    if let Some(found) = &update.org {
        let new = found.clone()?;
        if new.uuid == user.org {
            return Err(Refusal::UserAlreadyInOrg {
                org: target,
                username: old_name,
            }
            .into());
        }
        target = new.short_name.to_string();
        user.org = new.uuid;
    }
    if let Some(username) = &update.username {
        user.username.clone_from(username);
    }
    if update.org.is_some() || update.username.is_some() {
        let taken = tx.user(&user.org, &user.username)?;
        // Renaming a user to its own name is refused too.
        if taken.is_some() {
            let (org, username) = (target, user.username);
            return Err(Refusal::DuplicateUser { org, username }.into());
        }
    }
    user.active = update.active.unwrap_or(user.active);
    for (own, new) in user.name.iter_mut().zip(&update.name) {
        if let Some(new) = new {
            own.clone_from(new);
        }
    }
    user.roles.extend(update.add.iter().cloned());
    user.roles = distinct(std::mem::take(&mut user.roles));
    user.roles.retain(|role| !update.remove.contains(role));
    user.modified = tx.now();
    tx.update_user(&user).map_err(|error| {
        let (org, username) = (target, user.username.clone());
        Error::from(error).or_duplicate(Refusal::DuplicateUser { org, username })
    })?;
    tx.change(
        "user.updated",
        &user.org,
        &user.uuid,
        Visibility::Restricted,
    );
    tx.audit(caller.did("user.update", &user.uuid, shown(&user)));
    Ok(user)
}

/// PUT /org/:shortname/user/:username/reset_secret: the old key stops working
/// with the commit, on every node.
///
/// Source: cve-services section 6.5.
pub(crate) fn reset_key(
    authority: &Authority,
    Partner(caller): Partner,
    call: &mut Call,
) -> Result<Answer, Error> {
    call.check(&parameters::ONE_USER)?;
    let org = org_in_path(authority, call)?;
    let uuid = changeable(authority, &caller, &org, call)?.uuid;
    let key = ApiKey::new(&authority.world);
    let stored = key.stored();
    authority.store.write(move |tx| {
        let unknown = || Refusal::UnknownUser(uuid.clone());
        let user = tx.take_user(&uuid)?.filter(|user| user.org == org.uuid);
        let mut user = user.ok_or_else(unknown)?;
        user.key_hash.clone_from(&stored);
        user.key_created = tx.now();
        user.modified = tx.now();
        tx.update_user(&user)?;
        tx.change("user.key_reset", &user.org, &uuid, Visibility::Restricted);
        tx.audit(caller.did("user.reset_key", &uuid, json!({"username": user.username})));
        Ok::<_, Error>(())
    })?;
    Ok(Answer::ok(&json!({"API-secret": key.reveal()})))
}
