//! Drafts as forms, and what they begin with.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use casework::describe::Details;
use casework::form::FormFormat;
use casework::{FormCheck, FormView, Revision, Start};
use cve::convert::Source;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::body::JsonBody;
use super::records::cve_id;
use crate::door::Door;
use crate::session::Caller;
use crate::stop::Stop;

/// The format a path names.
fn format(text: &str) -> Result<FormFormat, Stop> {
    text.parse()
        .map_err(|error: casework::form::InvalidFormFormat| Stop::not_found(error.to_string()))
}

/// Which revision is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    revision: Option<i64>,
}

pub(super) async fn show(
    State(door): State<Door>,
    caller: Caller,
    Path((id, word)): Path<(String, String)>,
    Query(which): Query<Which>,
) -> Result<Json<FormView>, Stop> {
    door.work(caller, move |desk, actor| {
        let (id, format) = (cve_id(&id)?, format(&word)?);
        Ok(Json(desk.form(actor, id, which.revision, format)?))
    })
    .await
}

/// A form, and the revision it was made from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    text: String,
    base: Option<i64>,
}

pub(super) async fn save(
    State(door): State<Door>,
    caller: Caller,
    Path((id, word)): Path<(String, String)>,
    body: JsonBody,
) -> Result<(StatusCode, Json<Revision>), Stop> {
    door.work(caller, move |desk, actor| {
        let (id, format) = (cve_id(&id)?, format(&word)?);
        let written: Written = body.read()?;
        let revision = desk.save_form(actor, id, &written.text, format, written.base)?;
        Ok((StatusCode::CREATED, Json(revision)))
    })
    .await
}

pub(super) async fn check(
    State(door): State<Door>,
    caller: Caller,
    Path((id, word)): Path<(String, String)>,
    body: JsonBody,
) -> Result<Json<FormCheck>, Stop> {
    door.work(caller, move |desk, actor| {
        let (id, format) = (cve_id(&id)?, format(&word)?);
        let written: Written = body.read()?;
        Ok(Json(desk.check_form(actor, id, &written.text, format)?))
    })
    .await
}

/// What a draft begins with.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewStart {
    clone: Option<String>,
    document: Option<String>,
    source: Option<String>,
    template: Option<String>,
    reported: Option<Reported>,
}

/// The document that came as the report, or another attachment.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reported {
    attachment: Option<i64>,
}

pub(super) async fn start(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<(StatusCode, Json<Revision>), Stop> {
    door.work(caller, move |desk, actor| {
        let id = cve_id(&id)?;
        let wanted: NewStart = body.read()?;
        let start = match (
            wanted.clone,
            wanted.document,
            wanted.template,
            wanted.reported,
        ) {
            (Some(other), None, None, None) => Start::Clone(cve_id(&other)?),
            (None, None, None, Some(reported)) => Start::Reported(reported.attachment),
            (None, Some(text), None, None) => {
                let source = wanted.source.map(|word| {
                    word.parse::<Source>()
                        .map_err(|error| Stop::invalid("source", error.to_string()))
                });
                Start::Document(text, source.transpose()?)
            }
            (None, None, Some(product), None) => Start::Template(product),
            _ => {
                let problem =
                    "expected exactly one of `clone`, `document`, `template` and `reported`";
                return Err(Stop::invalid("start", problem));
            }
        };
        Ok((
            StatusCode::CREATED,
            Json(desk.start_draft(actor, id, &start)?),
        ))
    })
    .await
}

pub(super) async fn describe(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<(StatusCode, Json<Revision>), Stop> {
    door.work(caller, move |desk, actor| {
        let id = cve_id(&id)?;
        let told: Map<String, Value> = body.read()?;
        let mut details = Details::default();
        for (key, value) in &told {
            let value = value
                .as_str()
                .ok_or_else(|| Stop::invalid(key.as_str(), "expected a text"))?;
            details
                .set(key, value)
                .map_err(|problem| Stop::invalid(key.as_str(), problem))?;
        }
        Ok((
            StatusCode::CREATED,
            Json(desk.describe(actor, id, &details)?),
        ))
    })
    .await
}

/// Ranges of a product.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ranges {
    versions: Vec<Value>,
    product: Option<String>,
    repo: Option<String>,
}

pub(super) async fn ranges(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<(StatusCode, Json<Revision>), Stop> {
    door.work(caller, move |desk, actor| {
        let id = cve_id(&id)?;
        let ranges: Ranges = body.read()?;
        let (product, repo) = (ranges.product.as_deref(), ranges.repo.as_deref());
        let revision = desk.set_ranges(actor, id, product, repo, &ranges.versions)?;
        Ok((StatusCode::CREATED, Json(revision)))
    })
    .await
}

pub(super) async fn template(
    State(door): State<Door>,
    caller: Caller,
    Path(name): Path<String>,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        Ok(Json(json!({"template": desk.template(actor, &name)?})))
    })
    .await
}

/// What drafts of a product begin with.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Template {
    template: Value,
}

pub(super) async fn put_template(
    State(door): State<Door>,
    caller: Caller,
    Path(name): Path<String>,
    body: JsonBody,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        let wanted: Template = body.read()?;
        desk.put_template(actor, &name, &wanted.template)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}
