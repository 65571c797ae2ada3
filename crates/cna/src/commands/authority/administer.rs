//! `cna authority org|user|quota|range|transfer|audit`: an authority
//! administered from the command line.

use anyhow::bail;
use clap::ArgMatches;
use client::Method;
use serde_json::{Map, Value, json};

use super::link::{Ask, ask, encoded};
use super::print::{cell, fields, items, table};
use crate::output::{Style, line};

/// Runs one command of the administration.
///
/// Takes: `noun` and, where it has one, `verb`, as they were typed.
pub(crate) fn run(noun: &str, verb: &str, matches: &ArgMatches) -> anyhow::Result<()> {
    match (noun, verb) {
        ("org", "list") => list_orgs(matches),
        ("org", "show") => show_org(matches, get(matches, org(matches, ""))?),
        ("org", "create") => create_org(matches),
        ("org", "update") => update_org(matches),
        ("org", "disable") => disable_org(matches),
        ("org", "enable") => {
            let path = org(matches, "/enable");
            show_org(matches, tell(matches, Method::Post, path, json!({}))?)
        }
        ("user", "list") => list_users(matches),
        ("user", "show") => show_user(matches, &get(matches, user(matches, ""))?),
        ("user", "create") => create_user(matches),
        ("user", "update") => update_user(matches),
        ("user", "reset-key") => {
            let path = user(matches, "/key");
            show_user(matches, &tell(matches, Method::Post, path, json!({}))?)
        }
        ("quota", "show") => show_quota(matches, &get(matches, org(matches, "/quota"))?),
        ("quota", "set") => {
            let body = json!({"id_quota": matches.get_one::<i64>("quota")});
            let answer = tell(matches, Method::Put, org(matches, "/quota"), body)?;
            show_quota(matches, &answer)
        }
        ("range", "list") => list_ranges(matches, &get(matches, "/ranges".into())?),
        ("range", "open") => {
            let body = json!({"year": text(matches, "year")});
            let range = tell(matches, Method::Post, "/ranges".into(), body)?;
            show_range(matches, &range)
        }
        ("range", "extend") => {
            let path = format!("/ranges/{}", encoded(&text(matches, "year")));
            let body = json!({"last": matches.get_one::<i64>("last")});
            let range = tell(matches, Method::Put, path, body)?;
            show_range(matches, &range)
        }
        ("transfer", _) => transfer(matches),
        ("audit", "verify") => verify(matches),
        ("audit", _) => list_events(matches),
        // clap refuses every other word.
        _ => Ok(()),
    }
}

fn get(matches: &ArgMatches, path: String) -> anyhow::Result<Value> {
    let method = Method::Get;
    let body = None;
    ask(matches, &Ask { method, path, body })
}

fn tell(matches: &ArgMatches, method: Method, path: String, body: Value) -> anyhow::Result<Value> {
    let body = Some(body);
    ask(matches, &Ask { method, path, body })
}

fn given<'a>(matches: &'a ArgMatches, name: &str) -> Option<&'a String> {
    matches.try_get_one(name).ok().flatten()
}

fn text(matches: &ArgMatches, name: &str) -> String {
    given(matches, name).cloned().unwrap_or_default()
}

fn org(matches: &ArgMatches, rest: &str) -> String {
    format!("/orgs/{}{rest}", encoded(&text(matches, "org")))
}

fn user(matches: &ArgMatches, rest: &str) -> String {
    let user = encoded(&text(matches, "user"));
    org(matches, &format!("/users/{user}{rest}"))
}

/// Prints the document as it came, when that was asked for.
///
/// Gives: whether it did.
fn as_json(matches: &ArgMatches, document: &Value) -> anyhow::Result<bool> {
    let asked = matches.get_flag("json");
    if asked {
        line(&document.to_string())?;
    }
    Ok(asked)
}

fn list_orgs(matches: &ArgMatches) -> anyhow::Result<()> {
    let answer = get(matches, "/orgs".into())?;
    if as_json(matches, &answer)? {
        return Ok(());
    }
    let orgs = items(&answer, "orgs");
    if orgs.is_empty() {
        return line(
            "No organisations yet. Make one with `cna authority org create SHORT_NAME --name NAME`.",
        );
    }
    let rows: Vec<_> = orgs
        .iter()
        .map(|org| {
            let used = format!("{}/{}", cell(&org["reserved"]), cell(&org["id_quota"]));
            let state = match org["disabled"].is_null() {
                true => "enabled".to_owned(),
                false => "disabled".to_owned(),
            };
            vec![
                cell(&org["short_name"]),
                cell(&org["roles"]),
                cell(&org["parent"]),
                used,
                cell(&org["users"]),
                state,
                cell(&org["name"]),
            ]
        })
        .collect();
    let head = [
        "ORG", "ROLES", "UNDER", "RESERVED", "USERS", "STATE", "NAME",
    ];
    table(&head, &rows)
}

fn show_org(matches: &ArgMatches, org: Value) -> anyhow::Result<()> {
    if as_json(matches, &org)? {
        return Ok(());
    }
    let used = format!(
        "{} of {}, {} left",
        cell(&org["reserved"]),
        cell(&org["id_quota"]),
        cell(&org["available"])
    );
    fields(&[
        ("short name", cell(&org["short_name"])),
        ("name", cell(&org["name"])),
        ("uuid", cell(&org["uuid"])),
        ("roles", cell(&org["roles"])),
        ("under", cell(&org["parent"])),
        ("disabled", cell(&org["disabled"])),
        ("reason", cell(&org["disabled_reason"])),
        ("reserved", used),
        ("users", cell(&org["users"])),
        ("created", cell(&org["created"])),
        ("modified", cell(&org["modified"])),
    ])
}

fn roles(matches: &ArgMatches) -> Option<Vec<&String>> {
    let roles = matches.try_get_many::<String>("role").ok().flatten()?;
    Some(roles.collect())
}

fn create_org(matches: &ArgMatches) -> anyhow::Result<()> {
    let mut body = json!({
        "short_name": text(matches, "org"),
        "name": given(matches, "name").cloned().unwrap_or_else(|| text(matches, "org")),
    });
    if let Some(roles) = roles(matches) {
        body["roles"] = json!(roles);
    }
    if let Some(quota) = matches.get_one::<i64>("quota") {
        body["id_quota"] = json!(quota);
    }
    if let Some(root) = given(matches, "under") {
        body["parent"] = json!(root);
    }
    let created = tell(matches, Method::Post, "/orgs".into(), body)?;
    show_org(matches, created)
}

fn update_org(matches: &ArgMatches) -> anyhow::Result<()> {
    let mut body = Map::new();
    for (flag, key) in [("short-name", "short_name"), ("name", "name")] {
        if let Some(value) = given(matches, flag) {
            body.insert(key.into(), json!(value));
        }
    }
    if let Some(roles) = roles(matches) {
        body.insert("roles".into(), json!(roles));
    }
    if let Some(root) = given(matches, "under") {
        body.insert("parent".into(), json!(root));
    }
    if matches.get_flag("under-none") {
        body.insert("parent".into(), Value::Null);
    }
    if body.is_empty() {
        bail!("nothing to change: name what changes, such as --name; `--help` lists what can");
    }
    let path = org(matches, "");
    let updated = tell(matches, Method::Put, path, Value::Object(body))?;
    show_org(matches, updated)
}

fn disable_org(matches: &ArgMatches) -> anyhow::Result<()> {
    let body = json!({"reason": text(matches, "reason")});
    let disabled = tell(matches, Method::Post, org(matches, "/disable"), body)?;
    show_org(matches, disabled)
}

fn list_users(matches: &ArgMatches) -> anyhow::Result<()> {
    let answer = get(matches, org(matches, "/users"))?;
    if as_json(matches, &answer)? {
        return Ok(());
    }
    let users = items(&answer, "users");
    if users.is_empty() {
        let org = text(matches, "org");
        return line(&format!(
            "No users yet. Make one with `cna authority user create {org} NAME`."
        ));
    }
    let rows: Vec<_> = users
        .iter()
        .map(|user| {
            let last_used = match cell(&user["key"]["last_used"]) {
                none if none.is_empty() => "never".to_owned(),
                at => at,
            };
            vec![
                cell(&user["username"]),
                cell(&user["roles"]),
                cell(&user["active"]),
                format!("{} days", cell(&user["key"]["age_days"])),
                last_used,
            ]
        })
        .collect();
    let head = ["USER", "ROLES", "ACTIVE", "KEY AGE", "KEY LAST USED (UTC)"];
    table(&head, &rows)
}

fn show_user(matches: &ArgMatches, user: &Value) -> anyhow::Result<()> {
    if as_json(matches, user)? {
        return Ok(());
    }
    let name: Vec<_> = ["first", "middle", "last", "suffix"]
        .iter()
        .map(|part| cell(&user["name"][*part]))
        .filter(|part| !part.is_empty())
        .collect();
    let key = &user["key"];
    fields(&[
        ("user", cell(&user["username"])),
        ("organisation", cell(&user["org"])),
        ("uuid", cell(&user["uuid"])),
        ("name", name.join(" ")),
        ("roles", cell(&user["roles"])),
        ("active", cell(&user["active"])),
        ("key made", cell(&key["created"])),
        ("key last used", cell(&key["last_used"])),
        ("created", cell(&user["created"])),
        ("modified", cell(&user["modified"])),
    ])?;
    if let Some(secret) = key["secret"].as_str() {
        line("")?;
        line(&Style::stdout().bold("The API key, shown this once:"))?;
        line(secret)?;
    }
    Ok(())
}

/// The parts of a name that were given.
fn name(matches: &ArgMatches) -> Map<String, Value> {
    ["first", "last", "middle", "suffix"]
        .into_iter()
        .filter_map(|part| Some((part.to_owned(), json!(given(matches, part)?))))
        .collect()
}

fn create_user(matches: &ArgMatches) -> anyhow::Result<()> {
    let mut body = json!({"username": text(matches, "user"), "name": name(matches)});
    if matches.get_flag("admin") {
        body["roles"] = json!(["ADMIN"]);
    }
    let path = org(matches, "/users");
    show_user(matches, &tell(matches, Method::Post, path, body)?)
}

fn update_user(matches: &ArgMatches) -> anyhow::Result<()> {
    let mut body = Map::new();
    if let Some(new) = given(matches, "username") {
        body.insert("username".into(), json!(new));
    }
    let name = name(matches);
    if !name.is_empty() {
        body.insert("name".into(), Value::Object(name));
    }
    let is_yes = |flag: &str| given(matches, flag).map(|word| word == "yes");
    if let Some(admin) = is_yes("admin") {
        let roles: &[&str] = if admin { &["ADMIN"] } else { &[] };
        body.insert("roles".into(), json!(roles));
    }
    if let Some(active) = is_yes("active") {
        body.insert("active".into(), json!(active));
    }
    if body.is_empty() {
        bail!("nothing to change: name what changes, such as --active no; `--help` lists what can");
    }
    let path = user(matches, "");
    let updated = tell(matches, Method::Put, path, Value::Object(body))?;
    show_user(matches, &updated)
}

fn show_quota(matches: &ArgMatches, quota: &Value) -> anyhow::Result<()> {
    if as_json(matches, quota)? {
        return Ok(());
    }
    fields(&[
        ("organisation", cell(&quota["short_name"])),
        ("quota", cell(&quota["id_quota"])),
        ("reserved", cell(&quota["reserved"])),
        ("left", cell(&quota["available"])),
    ])
}

fn list_ranges(matches: &ArgMatches, answer: &Value) -> anyhow::Result<()> {
    if as_json(matches, answer)? {
        return Ok(());
    }
    let ranges = items(answer, "ranges");
    if ranges.is_empty() {
        return line("No year is open yet. Open one with `cna authority range open YEAR`.");
    }
    let rows: Vec<_> = ranges
        .iter()
        .map(|range| {
            let mut row = vec![cell(&range["year"])];
            for block in ["priority", "general"] {
                let block = &range[block];
                let span = format!("{}-{}", cell(&block["first"]), cell(&block["last"]));
                row.extend([span, cell(&block["last_given"]), cell(&block["left"])]);
            }
            row
        })
        .collect();
    let head = [
        "YEAR", "PRIORITY", "LAST", "LEFT", "GENERAL", "LAST", "LEFT",
    ];
    table(&head, &rows)
}

fn show_range(matches: &ArgMatches, range: &Value) -> anyhow::Result<()> {
    match as_json(matches, range)? {
        true => Ok(()),
        false => list_ranges(matches, &json!({"ranges": [range]})),
    }
}

fn transfer(matches: &ArgMatches) -> anyhow::Result<()> {
    let mut body = json!({"to": text(matches, "to")});
    if let Some(ids) = matches.get_many::<String>("ids") {
        body["ids"] = json!(ids.collect::<Vec<_>>());
    }
    for key in ["from", "state"] {
        if let Some(value) = given(matches, key) {
            body[key] = json!(value);
        }
    }
    let mut moved = Vec::new();
    loop {
        let answer = tell(matches, Method::Post, "/transfers".into(), body.clone())?;
        moved.extend(items(&answer, "transferred").iter().cloned());
        // A request moves so many at most; the next takes the next.
        if answer["left"].as_i64().unwrap_or_default() <= 0 {
            break;
        }
    }
    if as_json(matches, &json!({"transferred": moved, "left": 0}))? {
        return Ok(());
    }
    if moved.is_empty() {
        return line("Nothing to transfer.");
    }
    let rows: Vec<_> = moved
        .iter()
        .map(|one| vec![cell(&one["cve_id"]), cell(&one["from"]), cell(&one["to"])])
        .collect();
    table(&["CVE ID", "FROM", "TO"], &rows)
}

fn list_events(matches: &ArgMatches) -> anyhow::Result<()> {
    let mut query = Vec::new();
    for key in ["org", "object"] {
        if let Some(value) = given(matches, key) {
            query.push(format!("{key}={}", encoded(value)));
        }
    }
    for key in ["after", "limit"] {
        if let Some(value) = matches.get_one::<i64>(key) {
            query.push(format!("{key}={value}"));
        }
    }
    let answer = get(matches, format!("/audit?{}", query.join("&")))?;
    if as_json(matches, &answer)? {
        return Ok(());
    }
    let events = items(&answer, "events");
    if events.is_empty() {
        return line("No events.");
    }
    let rows: Vec<_> = events
        .iter()
        .map(|event| {
            let who = match cell(&event["org"]) {
                none if none.is_empty() => cell(&event["actor"]),
                org => format!("{} of {org}", cell(&event["actor"])),
            };
            let detail = event["detail"].to_string();
            let detail: String = detail.chars().take(80).collect();
            vec![
                cell(&event["seq"]),
                cell(&event["at"]),
                who,
                cell(&event["action"]),
                cell(&event["object"]),
                detail,
            ]
        })
        .collect();
    table(
        &["EVENT", "AT (UTC)", "WHO", "DID", "WHAT", "DETAIL"],
        &rows,
    )?;
    match answer["next"].as_i64() {
        Some(next) => line(&format!("More with --after {next}.")),
        None => Ok(()),
    }
}

fn verify(matches: &ArgMatches) -> anyhow::Result<()> {
    let verdict = get(matches, "/audit/verify".into())?;
    let printed = as_json(matches, &verdict)?;
    if !verdict["broken"].is_null() {
        bail!(
            "the audit chain is broken at event {}: {}",
            cell(&verdict["broken"]["seq"]),
            cell(&verdict["broken"]["problem"])
        );
    }
    if printed {
        return Ok(());
    }
    line(&format!(
        "The audit chain is unbroken: {} events, {} of them erased.",
        cell(&verdict["entries"]),
        cell(&verdict["erased"])
    ))
}
