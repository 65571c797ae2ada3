//! Organisations: list, create, show, update.

use cve::org::ShortName;
use serde_json::{Value, json};
use store::{OrgRow, Visibility};

use crate::admin::{self, NewOrg};
use crate::answer::Answer;
use crate::call::{Call, upper_words};
use crate::caller::{Caller, Secretariat};
use crate::error::{Error, Refusal};
use crate::page;
use crate::parameters;
use crate::router::Authority;

/// Quota of an organisation that was given none.
///
/// Source: cve-services section 6.4.
pub(crate) const DEFAULT_QUOTA: i64 = 1000;

/// An organisation as answers show it.
///
/// Source: cve-services section 5.
pub(crate) fn shown(org: &OrgRow) -> Value {
    json!({
        "UUID": org.uuid,
        "authority": {"active_roles": org.roles},
        "name": org.name,
        "policies": {"id_quota": org.id_quota},
        "short_name": org.short_name,
        "time": {"created": org.created, "modified": org.modified},
    })
}

/// The organisation of this short name; a text that cannot be one names none.
pub(crate) fn named(authority: &Authority, short_name: &str) -> Result<Option<OrgRow>, Error> {
    match short_name.parse::<ShortName>() {
        Ok(name) => Ok(authority.store.read(|reader| reader.org(&name))?),
        Err(_) => Ok(None),
    }
}

/// GET /org.
pub(crate) fn list(
    authority: &Authority,
    _: Secretariat,
    call: &mut Call,
) -> Result<Answer, Error> {
    call.check(&parameters::LIST_ORGS)?;
    let page = call.page();
    let (total, orgs) = authority.store.read(|reader| {
        let total = reader.count_orgs()?;
        let orgs = reader.orgs(page::offset(page), page::PAGE)?;
        Ok::<_, Error>((total, orgs))
    })?;
    let items = orgs.iter().map(shown).collect();
    Ok(Answer::ok(&page::list("organizations", items, total, page)))
}

/// POST /org.
///
/// Source: cve-services section 6.4.
pub(crate) fn create(
    authority: &Authority,
    Secretariat(caller): Secretariat,
    call: &mut Call,
) -> Result<Answer, Error> {
    call.check(&parameters::CREATE_ORG)?;
    if has_key(&call.body, "uuid") {
        return Err(Refusal::UuidProvided("org").into());
    }
    let new = new_org(call)?;
    let short_name = new.short_name.clone();
    let org = admin::org_row(&authority.world, new);
    let event = caller.did("org.create", &org.uuid, shown(&org));
    let created = authority.store.write(move |tx| {
        if tx.org(&org.short_name)?.is_some() {
            return Err(Refusal::OrgExists(org.short_name.to_string()).into());
        }
        admin::insert_org(tx, &org, event.clone())
    });
    Ok(Answer::ok(&json!({
        "message": format!("{short_name} organization was successfully created."),
        "created": shown(&created.map_err(|error| {
            error.or_duplicate(Refusal::OrgExists(short_name.to_string()))
        })?),
    })))
}

/// Says whether an object has `key` in any letter case.
pub(crate) fn has_key(body: &Value, key: &str) -> bool {
    let object = body.as_object();
    object.is_some_and(|object| object.keys().any(|own| own.eq_ignore_ascii_case(key)))
}

fn new_org(call: &Call) -> Result<NewOrg, Refusal> {
    let short_name = call.body_text("short_name").unwrap_or_default();
    let mut roles = distinct(upper_words(call.in_body("authority.active_roles")));
    if roles.is_empty() {
        roles = vec!["CNA".to_owned()];
    }
    let asked = call
        .in_body("policies.id_quota")
        .and_then(|quota| match quota {
            Value::String(text) => parameters::quota(text),
            other => other.as_i64(),
        });
    // An ADP alone reserves nothing.
    let adp_alone = roles == ["ADP"];
    Ok(NewOrg {
        short_name: short_name
            .parse()
            .map_err(|_| bad_short_name("short_name", "body"))?,
        name: call.body_text("name").unwrap_or_default().to_owned(),
        roles,
        id_quota: if adp_alone {
            0
        } else {
            asked.unwrap_or(DEFAULT_QUOTA)
        },
    })
}

/// A short name of the right length that still is none.
fn bad_short_name(param: &str, location: &'static str) -> Refusal {
    Refusal::BadInput(vec![crate::error::BadParameter {
        msg: "Invalid value".into(),
        param: param.into(),
        location,
    }])
}

/// The words in their order, each once.
pub(crate) fn distinct(words: Vec<String>) -> Vec<String> {
    let mut seen = Vec::new();
    for word in words {
        if !seen.contains(&word) {
            seen.push(word);
        }
    }
    seen
}

/// GET /org/:identifier, a short name or a UUID.
///
/// Source: cve-services section 6.4.
pub(crate) fn show(
    authority: &Authority,
    caller: Caller,
    call: &mut Call,
) -> Result<Answer, Error> {
    call.check(&parameters::SHOW_ORG)?;
    let identifier = call.path("identifier").trim();
    let by_uuid = is_uuid(identifier);
    let own = if by_uuid {
        caller.org.uuid == identifier.to_ascii_lowercase()
    } else {
        caller.org.short_name.as_str() == identifier
    };
    if own {
        return Ok(Answer::ok(&shown(&caller.org)));
    }
    if !caller.is_secretariat() {
        return Err(Refusal::NotSameOrg.into());
    }
    let org = if by_uuid {
        let uuid = identifier.to_ascii_lowercase();
        authority.store.read(|reader| reader.org_by_uuid(&uuid))?
    } else {
        named(authority, identifier)?
    };
    let org = org.ok_or_else(|| Refusal::UnknownOrg {
        org: identifier.to_owned(),
        named_by: "identifier path",
        status: 404,
    })?;
    Ok(Answer::ok(&shown(&org)))
}

fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}

/// What an update of an organisation asks for.
struct Update {
    short_name: Option<ShortName>,
    name: Option<String>,
    id_quota: Option<i64>,
    add: Vec<String>,
    remove: Vec<String>,
}

/// PUT /org/:shortname.
///
/// Source: cve-services section 6.4.
pub(crate) fn update(
    authority: &Authority,
    Secretariat(caller): Secretariat,
    call: &mut Call,
) -> Result<Answer, Error> {
    call.check(&parameters::UPDATE_ORG)?;
    let old_name = call.path("shortname").trim().to_owned();
    let org =
        named(authority, &old_name)?.ok_or_else(|| Refusal::UnknownOrgInPath(old_name.clone()))?;
    let short_name = call.text("new_short_name").map(|name| {
        name.parse()
            .map_err(|_| bad_short_name("new_short_name", "query"))
    });
    let update = Update {
        short_name: short_name.transpose()?,
        name: call.text("name").map(str::to_owned),
        id_quota: call.text("id_quota").and_then(parameters::quota),
        add: call.words("active_roles.add"),
        remove: call.words("active_roles.remove"),
    };
    let updated = authority
        .store
        .write(move |tx| carry_out(tx, &caller, &org, &update))?;
    Ok(Answer::ok(&json!({
        "message": format!("{old_name} organization was successfully updated."),
        "updated": shown(&updated),
    })))
}

fn carry_out(
    tx: &mut store::Tx<'_>,
    caller: &Caller,
    org: &OrgRow,
    update: &Update,
) -> Result<OrgRow, Error> {
    let unknown = || Refusal::UnknownOrgInPath(org.short_name.to_string());
    let mut org = tx.take_org(&org.uuid)?.ok_or_else(unknown)?;
    if let Some(name) = &update.short_name {
        if tx.org(name)?.is_some() {
            return Err(Refusal::DuplicateShortName(name.to_string()).into());
        }
        org.short_name = name.clone();
    }
    if let Some(name) = &update.name {
        org.name.clone_from(name);
    }
    if let Some(quota) = update.id_quota {
        org.id_quota = quota;
    }
    org.roles.extend(update.add.iter().cloned());
    org.roles = distinct(org.roles);
    org.roles.retain(|role| !update.remove.contains(role));
    org.modified = tx.now();
    tx.update_org(&org).map_err(|error| {
        let taken = Refusal::DuplicateShortName(org.short_name.to_string());
        Error::from(error).or_duplicate(taken)
    })?;
    tx.change("org.updated", &org.uuid, &org.uuid, Visibility::Restricted);
    tx.audit(caller.did("org.update", &org.uuid, shown(&org)));
    Ok(org)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_a_uuid_by_its_form() {
        assert!(is_uuid("12b746bd-357f-483d-8cda-ed822fecf731"));
        assert!(!is_uuid("12b746bd"));
        assert!(!is_uuid("zzb746bd-357f-483d-8cda-ed822fecf731"));
    }

    #[test]
    fn roles_keep_their_order_and_come_once() {
        let roles = ["CNA", "ADP", "CNA"].map(str::to_owned).to_vec();
        assert_eq!(distinct(roles), ["CNA", "ADP"]);
    }
}
