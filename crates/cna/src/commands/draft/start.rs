//! What a draft begins with, and what is filled in for its author.

use std::path::Path;

use anyhow::{Context as _, bail};
use casework::releases::{Found, find};
use cve::id::CveId;
use serde_json::{Map, Value, json};

use super::{MOST_BYTES, path, read_file, told};
use crate::config::Transport;
use crate::output::{line, plain};
use crate::repository;
use crate::transport::Link;

/// Begins a draft with its report, another draft, a file or a template.
///
/// Takes: `from`: `report`, `template`, a CVE ID, or a file.
pub(crate) fn new(
    transport: &Transport,
    id: CveId,
    from: &str,
    product: Option<&str>,
) -> anyhow::Result<()> {
    let (rest, body) = match from {
        "report" => ("drafts", json!({"from": "report"})),
        "template" => ("starts", json!({"template": product.unwrap_or_default()})),
        other => match other.parse::<CveId>() {
            Ok(other) => ("starts", json!({ "clone": other })),
            Err(_) => (
                "starts",
                json!({ "document": read_file(other, MOST_BYTES)? }),
            ),
        },
    };
    let link = Link::find(transport)?;
    let saved = link.post(&path(id, rest), &body)?;
    told(transport, link, id, &saved)
}

/// Begins a draft with the document that came as the report, or beside it.
pub(crate) fn new_from_document(
    transport: &Transport,
    id: CveId,
    attachment: Option<i64>,
) -> anyhow::Result<()> {
    let body = json!({"reported": {"attachment": attachment}});
    let link = Link::find(transport)?;
    let saved = link.post(&path(id, "starts"), &body)?;
    told(transport, link, id, &saved)
}

/// Writes the description from its key details.
pub(crate) fn describe(
    transport: &Transport,
    id: CveId,
    details: &[(&str, &str)],
) -> anyhow::Result<()> {
    let details: Map<String, Value> = details
        .iter()
        .map(|(key, value)| ((*key).to_owned(), json!(value)))
        .collect();
    let link = Link::find(transport)?;
    let saved = link.post(&path(id, "description"), &Value::Object(details))?;
    told(transport, link, id, &saved)
}

/// Shows the template of a product, or sets it from a file.
pub(crate) fn template(
    transport: &Transport,
    product: &str,
    from: Option<&str>,
) -> anyhow::Result<()> {
    let at = format!("/desk/v1/products/{product}/template");
    let link = Link::find(transport)?;
    if let Some(file) = from {
        let template: Value = serde_json::from_str(&read_file(file, MOST_BYTES)?)
            .with_context(|| format!("`{file}` is not JSON; expected a part of a CNA container"))?;
        link.put(&at, &json!({ "template": template }))?;
        line(&format!(
            "Drafts of {} begin with it from now on.",
            plain(product)
        ))?;
        return link.finish();
    }
    let answer = link.get(&at)?;
    if transport.json {
        line(&answer.to_string())?;
    } else if answer["template"].is_null() {
        line(&format!(
            "{} has no template. Set one with `cna draft template {0} --from FILE`.",
            plain(product)
        ))?;
    } else {
        line(&serde_json::to_string_pretty(&answer["template"])?)?;
    }
    link.finish()
}

/// What `cna draft affected` was told.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) folder: String,
    pub(crate) introduced: Vec<String>,
    pub(crate) fixed: Vec<String>,
    pub(crate) product: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) dry_run: bool,
}

/// Finds the releases that have the flaw, and writes their ranges.
pub(crate) fn affected(transport: &Transport, id: CveId, wanted: &Wanted) -> anyhow::Result<()> {
    let folder = Path::new(&wanted.folder);
    let named = repository::read(folder, &wanted.introduced, &wanted.fixed)?;
    let found = find(&named.history, &named.introduced, &named.fixed);
    if found.releases.is_empty() {
        let first = found.other_tags.first().map_or("", String::as_str);
        bail!(
            "no tag of `{}` names a version: expected such as `v1.2.3` or `1.2.3`, found such as \
             `{first}`",
            wanted.folder
        );
    }
    let has_any = found.releases.iter().any(|release| release.affected);
    if !transport.json {
        tell(&found)?;
    }
    if wanted.dry_run {
        if transport.json {
            line(&json!(found).to_string())?;
        }
        return Ok(());
    }
    if !has_any {
        bail!("no release has the flaw, so no range was written: look at the commits again");
    }
    let mut body = json!({ "versions": found.versions });
    if let Some(product) = &wanted.product {
        body["product"] = json!(product);
    }
    if let Some(url) = &wanted.url {
        body["repo"] = json!(url);
    }
    let link = Link::find(transport)?;
    let saved = link.post(&path(id, "ranges"), &body)?;
    told(transport, link, id, &saved)
}

fn tell(found: &Found) -> anyhow::Result<()> {
    let affected = found
        .releases
        .iter()
        .filter(|release| release.affected)
        .count();
    line(&format!(
        "{affected} of {} releases have the flaw.",
        found.releases.len()
    ))?;
    for range in &found.versions {
        let text = |key: &str| range[key].as_str().unwrap_or_default();
        line(&format!(
            "  {} from {} before {}",
            text("versionType"),
            plain(text("version")),
            plain(text("lessThan"))
        ))?;
    }
    if !found.other_tags.is_empty() {
        let count = found.other_tags.len();
        let first = found.other_tags.first().map_or("", String::as_str);
        line(&format!(
            "  {count} tags name no version, such as `{}`.",
            plain(first)
        ))?;
    }
    Ok(())
}
