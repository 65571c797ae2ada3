//! Releasing: the checklist, plans, leaks, announcements, the public side.

use anyhow::{Context as _, bail};
use casework::CaseId;
use cve::id::CveId;
use serde_json::{Map, Value, json};

use super::case::table;
use super::draft::{minute, path};
use crate::config::Transport;
use crate::output::{Style, line, plain};
use crate::transport::Link;

fn text(value: &Value, key: &str) -> String {
    plain(value[key].as_str().unwrap_or_default())
}

fn items<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

/// Prints what was answered, or says it in words, and ends.
fn told(transport: &Transport, link: Link, answer: &Value, words: &str) -> anyhow::Result<()> {
    if transport.json {
        line(&answer.to_string())?;
    } else {
        line(words)?;
    }
    link.finish()
}

/// Shows the checklist of a record.
pub(crate) fn check(transport: &Transport, id: CveId) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let answer = link.get(&path(id, "checklist"))?;
    link.finish()?;
    if transport.json {
        line(&answer.to_string())?;
    } else {
        print_checklist(items(&answer, "checklist"))?;
    }
    let stops: Vec<String> = items(&answer, "checklist")
        .iter()
        .filter(|item| item["stops"] == true)
        .map(|item| text(item, "id"))
        .collect();
    if stops.is_empty() {
        return Ok(());
    }
    bail!("{id} cannot be published: {} open", stops.join(", "))
}

/// Prints a checklist, with what to do beneath what is open.
pub(crate) fn print_checklist(items: &[Value]) -> anyhow::Result<()> {
    let style = Style::stdout();
    for item in items {
        let mark = match item["state"].as_str() {
            Some("done") => "done  ",
            Some("waived") => "waived",
            Some("later") => "later ",
            _ if item["stops"] == true => "STOPS ",
            _ => "open  ",
        };
        line(&format!(
            "  {mark} {} {}",
            text(item, "id"),
            text(item, "what")
        ))?;
        let by = text(item, "by");
        line(&style.dim(&format!("         {} ({by})", text(item, "evidence"))))?;
        let todo = text(item, "todo");
        if !todo.is_empty() {
            line(&format!("         To do: {todo}"))?;
        }
    }
    Ok(())
}

/// Says of an item that it is done, waived or open.
pub(crate) fn tick(
    transport: &Transport,
    id: CveId,
    item: &str,
    kind: &str,
    note: &str,
) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let said = json!({"item": item, "kind": kind, "note": note});
    let answer = link.post(&path(id, "checklist"), &said)?;
    told(
        transport,
        link,
        &answer,
        &format!("{item} of {id} is {kind}."),
    )
}

/// Plans to publish later.
pub(crate) fn plan(transport: &Transport, id: CveId, wanted: &Value) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let plan = link.post(&path(id, "plans"), wanted)?;
    if transport.json {
        line(&plan.to_string())?;
    } else {
        print_plan(&plan)?;
        line("`cna serve` begins it. Cancel it with `cna publish cancel`.")?;
    }
    link.finish()
}

/// Shows the plans of a record.
pub(crate) fn show(transport: &Transport, id: CveId) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let answer = link.get(&path(id, "plans"))?;
    if transport.json {
        line(&answer.to_string())?;
    } else if items(&answer, "plans").is_empty() {
        line(&format!(
            "There is no plan of {id} yet. Make one with `cna publish {id} --at TIME`, or publish \
             now with `cna publish {id}`."
        ))?;
    } else {
        for plan in items(&answer, "plans") {
            print_plan(plan)?;
        }
    }
    link.finish()
}

fn print_plan(plan: &Value) -> anyhow::Result<()> {
    let style = Style::stdout();
    line(&style.bold(&format!(
        "Plan of {}, revision {}: {}",
        text(plan, "cve_id"),
        plan["revision"],
        text(plan, "state")
    )))?;
    if plan["state"] == "scheduled" {
        let local = text(plan, "run_at_local");
        match text(plan, "when_answers").as_str() {
            "" => line(&format!("  Begins {} UTC, {local}", text(plan, "run_at")))?,
            url => line(&format!("  Begins once {url} answers with the ID"))?,
        }
    }
    for (index, step) in items(plan, "steps").iter().enumerate() {
        let state = text(step, "state");
        line(&format!(
            "  {}. [{state}] {}",
            index + 1,
            text(step, "does")
        ))?;
        let answer = text(step, "answer");
        if !answer.is_empty() {
            line(&style.dim(&format!("     {answer}")))?;
        }
    }
    for entry in items(plan, "log") {
        let (at, by) = (minute(&text(entry, "at")), text(entry, "by"));
        line(&style.dim(&format!("  {at} UTC {by}: {}", text(entry, "words"))))?;
    }
    Ok(())
}

/// Gives up the plan that waits.
pub(crate) fn cancel(transport: &Transport, id: CveId, reason: &str) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let answer = link.post(&path(id, "plans/cancel"), &json!({"reason": reason}))?;
    let words = format!("The plan of {id} is cancelled.");
    told(transport, link, &answer, &words)
}

/// Records a leak.
pub(crate) fn leak(
    transport: &Transport,
    case: CaseId,
    url: &str,
    seen: Option<&str>,
    ours: bool,
) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let mut said = json!({"url": url, "ours": ours});
    if let Some(seen) = seen {
        said["seen"] = json!(seen);
    }
    let report = link.post(&format!("/desk/v1/cases/{case}/leak"), &said)?;
    if transport.json {
        line(&report.to_string())?;
    } else {
        let state = plain(report["state"].as_str().unwrap_or_default());
        line(&format!(
            "A leak of case {case} is recorded. Its state is {state}."
        ))?;
        for words in items(&report, "words") {
            line(&format!(
                "  - {}",
                plain(words.as_str().unwrap_or_default())
            ))?;
        }
    }
    link.finish()
}

/// Makes a set of announcements.
pub(crate) fn announce(
    transport: &Transport,
    id: CveId,
    templates: &[String],
    values: &[String],
) -> anyhow::Result<()> {
    let mut given = Map::new();
    for one in values {
        match one.split_once('=') {
            Some((name, value)) if !name.is_empty() => {
                given.insert(name.to_owned(), json!(value));
            }
            _ => bail!("--set `{one}`: expected NAME=TEXT, such as `LIST=announce@example.org`"),
        }
    }
    let link = Link::find(transport)?;
    let wanted = json!({"templates": templates, "values": given});
    let set = link.post(&path(id, "announcements"), &wanted)?;
    if transport.json {
        line(&set.to_string())?;
    } else {
        print_set(&set)?;
        line(&format!(
            "Somebody else approves it with `cna publish messages approve {id}`."
        ))?;
    }
    link.finish()
}

fn newest(link: &Link, id: CveId) -> anyhow::Result<Value> {
    Ok(link.get(&path(id, "announcements"))?["set"].take())
}

fn print_set(set: &Value) -> anyhow::Result<()> {
    let approved = match text(set, "approved_by").as_str() {
        "" => "not approved".to_owned(),
        by => format!("approved by {by}"),
    };
    line(&format!(
        "Set {} of revision {}, sha-256 {}, by {}, {approved}",
        set["number"],
        set["revision"],
        text(set, "digest"),
        text(set, "author")
    ))?;
    let rows: Vec<[String; 5]> = items(set, "announcements")
        .iter()
        .map(|one| {
            let dispatch = &one["dispatch"];
            let sent = match (one["sent_at"].as_str(), text(dispatch, "state").as_str()) {
                (None, _) => "no".to_owned(),
                (_, "failed") => format!("failed: {}", text(dispatch, "answer")),
                (Some(at), "waiting") => format!("waiting since {}", minute(at)),
                (Some(at), _) => format!("{} by {}", minute(at), text(one, "sent_by")),
            };
            [
                text(one, "id"),
                text(one, "template"),
                text(one, "to"),
                text(one, "subject"),
                sent,
            ]
        })
        .collect();
    table(["ID", "TEMPLATE", "TO", "SUBJECT", "SENT (UTC)"], &rows)?;
    for one in items(set, "announcements") {
        let todo = text(&one["dispatch"], "todo");
        if !todo.is_empty() {
            let (template, to) = (text(one, "template"), text(one, "to"));
            line(&format!("`{template}` to {to} failed: {todo}"))?;
        }
    }
    Ok(())
}

/// Lists the newest set of announcements.
pub(crate) fn messages(transport: &Transport, id: CveId) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let set = newest(&link, id)?;
    if transport.json {
        line(&json!({"set": set}).to_string())?;
    } else if set.is_null() {
        line(&format!(
            "There are no announcements of {id} yet. Make them with `cna publish announce {id}`."
        ))?;
    } else {
        print_set(&set)?;
    }
    link.finish()
}

/// Shows one announcement, or all of the newest set.
pub(crate) fn message(transport: &Transport, id: CveId, which: Option<&str>) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let set = newest(&link, id)?;
    let mut found: Vec<&Value> = items(&set, "announcements").iter().collect();
    if let Some(which) = which {
        found.retain(|one| one["id"] == which || one["template"] == which);
        if found.is_empty() {
            link.finish()?;
            bail!(
                "there is no announcement `{which}` of {id}: see `cna publish messages list {id}`"
            );
        }
    }
    if transport.json {
        line(&json!({"announcements": found}).to_string())?;
    } else {
        for one in found {
            line(&format!("To: {}", text(one, "to")))?;
            line(&format!("Subject: {}\n", text(one, "subject")))?;
            for row in one["body"].as_str().unwrap_or_default().lines() {
                line(&plain(row))?;
            }
            line("")?;
        }
    }
    link.finish()
}

/// Approves the newest set, or the one that was read.
pub(crate) fn approve(transport: &Transport, id: CveId, given: Option<&str>) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let digest = match given {
        Some(given) => given.to_owned(),
        None => text(&newest(&link, id)?, "digest"),
    };
    if digest.is_empty() {
        bail!("there are no announcements of {id}: make them with `cna publish announce {id}`");
    }
    let said = json!({"digest": digest});
    let answer = link.post(&path(id, "announcements/approve"), &said)?;
    let words = format!("Approved the announcements of {id} with digest {digest}.");
    told(transport, link, &answer, &words)
}

/// Keeps that an announcement was sent.
pub(crate) fn sent(transport: &Transport, id: CveId, which: &str) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let answer = link.post(
        &path(id, &format!("announcements/{which}/sent")),
        &json!({}),
    )?;
    told(
        transport,
        link,
        &answer,
        &format!("Marked {which} as sent."),
    )
}

/// Sends an announcement by mail.
pub(crate) fn send(transport: &Transport, id: CveId, which: &str) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let path = path(id, &format!("announcements/{which}/send"));
    let answer = link.post(&path, &json!({}))?;
    let words =
        format!("{which} is on its way; see how it fares with `cna publish messages list {id}`.");
    told(transport, link, &answer, &words)
}

/// Writes the data map of the fix.
pub(crate) fn datamap(
    transport: &Transport,
    id: CveId,
    prs: &[u64],
    issue: &str,
) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let wanted = json!({"prs": prs, "issue": issue});
    let answer = link.post(&path(id, "datamap"), &wanted)?;
    if transport.json {
        line(&answer.to_string())?;
    } else {
        line(answer["yaml"].as_str().unwrap_or_default().trim_end())?;
    }
    link.finish()
}

/// Lists the templates, or shows one.
pub(crate) fn templates(transport: &Transport, which: Option<&str>) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let answer = link.get("/desk/v1/templates")?;
    if transport.json {
        line(&answer.to_string())?;
        return link.finish();
    }
    match which {
        Some(which) => {
            let all = items(&answer, "templates");
            let found = all.iter().find(|one| one["name"] == which);
            let found = found.with_context(|| format!("there is no template `{which}`"))?;
            for row in found["text"].as_str().unwrap_or_default().lines() {
                line(&plain(row))?;
            }
        }
        None => {
            let rows: Vec<[String; 3]> = items(&answer, "templates")
                .iter()
                .map(|one| {
                    let whose = if one["is_own"] == true {
                        "yours"
                    } else {
                        "built in"
                    };
                    [text(one, "name"), text(one, "used_by"), whose.to_owned()]
                })
                .collect();
            table(["TEMPLATE", "USED BY", "WHOSE"], &rows)?;
            line("Your own go into `templates/NAME.txt` in the data folder.")?;
        }
    }
    link.finish()
}

/// Shows who approved a revision, and how many are needed.
pub(crate) fn votes(transport: &Transport, id: CveId) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let votes = link.get(&path(id, "votes"))?;
    let words = format!(
        "Revision {} of {id}: {}.",
        votes["revision"],
        text(&votes, "words")
    );
    told(transport, link, &votes, &words)
}

/// Approves in an emergency.
pub(crate) fn override_approval(
    transport: &Transport,
    id: CveId,
    what: &str,
    reason: &str,
) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let newest = link.get(&path(id, "drafts/newest"))?;
    let said = json!({"digest": newest["digest"], "for": what, "reason": reason});
    let answer = link.post(&path(id, "override"), &said)?;
    let words = format!(
        "Approved revision {} of {id} by the emergency override. Somebody else reviews it within \
         one business day: `cna review after {id} --comment TEXT`.",
        newest["revision"]
    );
    told(transport, link, &answer, &words)
}

/// Keeps the review after an emergency.
pub(crate) fn after(transport: &Transport, id: CveId, comment: &str) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let answer = link.post(&path(id, "override/review"), &json!({"comment": comment}))?;
    let words = format!("The review of the emergency override of {id} is kept.");
    told(transport, link, &answer, &words)
}

/// Shows how the organisation releases, or sets it.
pub(crate) fn rule(transport: &Transport, changes: &Value) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let is_look = changes.as_object().is_none_or(Map::is_empty);
    let rule = match is_look {
        true => link.get("/desk/v1/release-rule")?,
        false => link.put("/desk/v1/release-rule", changes)?,
    };
    if transport.json {
        line(&rule.to_string())?;
        return link.finish();
    }
    line(&format!("Approvals needed: {}", rule["approvals"]))?;
    match &rule["solo"] {
        Value::Null => line("Solo mode:        off")?,
        solo => line(&format!(
            "Solo mode:        ON since {} by {}: {}",
            minute(&text(solo, "at")),
            text(solo, "by"),
            text(solo, "reason")
        ))?,
    }
    line(&format!("Checklist:        {}", text(&rule, "profile")))?;
    let distributors = if rule["distributors"] == true {
        "yes"
    } else {
        "no"
    };
    line(&format!("Distributors:     {distributors}"))?;
    link.finish()
}

/// Makes the public side again.
pub(crate) fn rebuild(transport: &Transport) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let made = link.post("/desk/v1/portal/rebuild", &json!({}))?;
    let words = format!(
        "Made {} advisories and {} documents again.",
        made["advisories"], made["documents"]
    );
    told(transport, link, &made, &words)
}

/// Sets whom researchers reach.
pub(crate) fn security_txt(transport: &Transport, text: &Value) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let set = link.put("/desk/v1/security-txt", text)?;
    let words = "Set. It is at /.well-known/security.txt of the portal.";
    told(transport, link, &set, words)
}
