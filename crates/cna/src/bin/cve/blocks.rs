//! The blocks in which IDs, records, users and orgs are shown.

use serde_json::Value;

use crate::console::Console;
use crate::json::python_text;
use crate::stop::Stop;
use crate::when;

/// The value at a pointer, or a failure that names what the answer lacks.
pub(crate) fn at<'a>(value: &'a Value, pointer: &str) -> Result<&'a Value, Stop> {
    value
        .pointer(pointer)
        .ok_or_else(|| Stop::failed(format!("the answer has no `{pointer}`")))
}

/// The value at a pointer as text.
pub(crate) fn text_at(value: &Value, pointer: &str) -> Result<String, Stop> {
    at(value, pointer).map(python_text)
}

/// The time at a pointer as people read it.
pub(crate) fn time_at(value: &Value, pointer: &str) -> Result<String, Stop> {
    Ok(when::readable(&text_at(value, pointer)?))
}

/// The requester of an ID: `jack@example.com (acme)`.
fn requester(id: &Value) -> Result<String, Stop> {
    let user = id.pointer("/requested_by/user").map(python_text);
    let user = user.unwrap_or_else(|| "n/a".to_owned());
    Ok(format!("{user} ({})", text_at(id, "/requested_by/cna")?))
}

/// Shows a CVE ID, as much of it as we may see.
pub(crate) fn id(console: &mut Console, id: &Value) -> Result<(), Stop> {
    let owner = text_at(id, "/owning_cna")?;
    let state = text_at(id, "/state")?;
    let mut lines = vec![("State", state), ("Owning CNA", owner)];
    if id.get("requested_by").is_some() {
        lines.push(("Reserved by", requester(id)?));
        lines.push(("Reserved on", time_at(id, "/reserved")?));
        if id.get("time").is_some() {
            lines.push(("Updated on", time_at(id, "/time/modified")?));
        }
    } else if id.get("dateUpdated").is_some() {
        lines.push(("Updated on", time_at(id, "/dateUpdated")?));
    }
    let head = console.bold(&text_at(id, "/cve_id")?);
    block(console, &head, &lines);
    Ok(())
}

/// Shows a record by its metadata.
pub(crate) fn record(console: &mut Console, record: &Value) -> Result<(), Stop> {
    let date = |key: &str| match record.pointer(&format!("/cveMetadata/{key}")) {
        Some(date) => when::readable(&python_text(date)),
        None => "N/A".to_owned(),
    };
    let lines = [
        ("State", text_at(record, "/cveMetadata/state")?),
        (
            "Owning CNA",
            text_at(record, "/cveMetadata/assignerShortName")?,
        ),
        ("Reserved on", date("dateReserved")),
        ("Updated on", date("dateUpdated")),
    ];
    let head = console.bold(&text_at(record, "/cveMetadata/cveId")?);
    block(console, &head, &lines);
    Ok(())
}

/// Shows a user; a new one with the key, which is shown this once.
pub(crate) fn user(console: &mut Console, user: &Value) -> Result<(), Stop> {
    let mut lines = Vec::new();
    if let Some(secret) = user.get("secret") {
        lines.push(("API key", python_text(secret)));
    }
    lines.push(("Active", active(at(user, "/active")?).to_owned()));
    lines.push(("Roles", roles(user)?));
    lines.push(("Created", time_at(user, "/time/created")?));
    lines.push(("Modified", time_at(user, "/time/modified")?));
    let username = text_at(user, "/username")?;
    let head = match full_name(user) {
        Some(name) => format!("{name} — {username}"),
        None => username,
    };
    block(console, &head, &lines);
    Ok(())
}

/// Shows an org.
pub(crate) fn org(console: &mut Console, org: &Value) -> Result<(), Stop> {
    let head = format!(
        "{} — {}",
        text_at(org, "/name")?,
        text_at(org, "/short_name")?
    );
    let lines = [
        ("Roles", roles(org)?),
        ("Created", time_at(org, "/time/created")?),
        ("Modified", time_at(org, "/time/modified")?),
    ];
    block(console, &head, &lines);
    Ok(())
}

/// The roles, joined by commas, or `None`.
pub(crate) fn roles(holder: &Value) -> Result<String, Stop> {
    let roles = at(holder, "/authority/active_roles")?;
    let roles: Vec<_> = roles
        .as_array()
        .into_iter()
        .flatten()
        .map(python_text)
        .collect();
    Ok(if roles.is_empty() {
        "None".to_owned()
    } else {
        roles.join(", ")
    })
}

/// First and last name, when there is any.
pub(crate) fn full_name(user: &Value) -> Option<String> {
    let part = |key: &str| {
        let part = user.pointer(&format!("/name/{key}"));
        part.map(python_text).unwrap_or_default()
    };
    let name = format!("{} {}", part("first"), part("last"));
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// Whether a user is active, in a word.
pub(crate) fn active(value: &Value) -> &'static str {
    match value {
        Value::Null => "N/A",
        Value::Bool(false) => "No",
        _ => "Yes",
    }
}

/// Prints a head and its lines, drawn as a tree.
pub(crate) fn block(console: &mut Console, head: &str, lines: &[(&str, String)]) {
    console.say(head);
    for (index, (label, value)) in lines.iter().enumerate() {
        let branch = if index + 1 == lines.len() {
            '└'
        } else {
            '├'
        };
        console.say(&format!("{branch}─ {label}:\t{value}"));
    }
}
