//! `cna publish`: the plan, printed before anything happens, and then done.

use std::time::Duration;

use anyhow::bail;
use cve::id::CveId;
use serde_json::{Value, json};

use crate::config::Transport;
use crate::output::{Style, line, plain};
use crate::transport::Link;

/// How long the command watches the record on its way, at most.
const WATCHED: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(200);

/// Publishes, or says what publishing would do.
pub(crate) fn run(transport: &Transport, id: CveId, dry_run: bool) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let plan = link.get(&format!("/desk/v1/records/{id}/plan"))?;
    let obstacles: Vec<&str> = plan["obstacles"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if dry_run && transport.json {
        line(&plan.to_string())?;
    } else if !transport.json {
        print_plan(id, &plan, dry_run)?;
    }
    if let Some(first) = obstacles.first() {
        link.finish()?;
        bail!("{id} cannot be published: {first}");
    }
    if dry_run {
        return link.finish();
    }
    let begun = link.post(&format!("/desk/v1/records/{id}/publish"), &json!({}))?;
    if !transport.json {
        let address = begun["advisory_url"].as_str().unwrap_or_default();
        line(&format!("The advisory is public at {address}"))?;
    }
    let followup = begun["followup"].as_str().unwrap_or_default().to_owned();
    let case = format!("/desk/v1/cases/{}", begun["case"]);
    let ended = link.watch(WATCHED, PAUSE, || {
        let case = link.get(&case)?;
        let all = case["followups"].as_array().into_iter().flatten();
        let ours = all.into_iter().find(|one| one["id"] == followup.as_str());
        Ok(ours.cloned().unwrap_or_default())
    })?;
    let state = ended["state"].as_str().unwrap_or_default();
    let answer = ended["last_answer"].as_str().unwrap_or_default();
    if transport.json {
        line(&json!({"plan": begun, "followup": ended}).to_string())?;
    } else if state == "done" {
        line(answer)?;
    }
    link.finish()?;
    match state {
        "done" => Ok(()),
        "held" | "failed" => bail!("{answer}"),
        _ => bail!("the record is not published yet, and is tried again by itself: {answer}"),
    }
}

fn print_plan(id: CveId, plan: &Value, whole: bool) -> anyhow::Result<()> {
    let style = Style::stdout();
    let what = if plan["is_update"] == true {
        "update"
    } else {
        "publish"
    };
    line(&style.bold(&format!(
        "Plan to {what} {id}, revision {}, sha-256 {}",
        plan["revision"],
        plan["digest"].as_str().unwrap_or_default()
    )))?;
    let approval = plan["approval"].as_str().unwrap_or_default();
    if !approval.is_empty() {
        line(&format!("  Approved by {}", plain(approval)))?;
    }
    let open: Vec<Value> = plan["checklist"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|item| whole || matches!(item["state"].as_str(), Some("open")))
        .cloned()
        .collect();
    super::release::print_checklist(&open)?;
    for (index, step) in plan["steps"].as_array().into_iter().flatten().enumerate() {
        let does = step["does"].as_str().unwrap_or_default();
        line(&format!("  {}. {does}", index + 1))?;
        let request = &step["request"];
        if let Some(url) = request["url"].as_str() {
            let method = request["method"].as_str().unwrap_or_default();
            line(&style.dim(&format!("     {method} {url}")))?;
        }
        if whole && let Some(body) = request.get("body") {
            line(&style.dim(&format!("     {body}")))?;
        }
    }
    Ok(())
}
