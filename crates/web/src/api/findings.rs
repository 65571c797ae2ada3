//! Findings of a case, answers about them, the confirmed count; closing and
//! reopening; the settings of the decision.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use casework::{About, CaseDecision, DecisionSettings, FindingChange, FindingView, NewAnswer};
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::JsonBody;
use super::cases::case_id;
use super::records::digest;
use crate::door::Door;
use crate::session::Caller;
use crate::stop::Stop;

pub(super) async fn list(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let findings = desk.findings(actor, case_id(&id)?)?;
        Ok(Json(json!({"findings": findings})))
    })
    .await
}

pub(super) async fn add(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<(StatusCode, Json<FindingView>), Stop> {
    door.work(caller, move |desk, actor| {
        let change: FindingChange = body.read()?;
        let finding = desk.add_finding(actor, case_id(&id)?, &change)?;
        Ok((StatusCode::CREATED, Json(finding)))
    })
    .await
}

/// Which finding changes, and what of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    finding: String,
    change: FindingChange,
}

pub(super) async fn edit(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<Json<FindingView>, Stop> {
    door.work(caller, move |desk, actor| {
        let edit: Edit = body.read()?;
        let id = case_id(&id)?;
        Ok(Json(desk.edit_finding(
            actor,
            id,
            &edit.finding,
            &edit.change,
        )?))
    })
    .await
}

/// Which finding goes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    finding: String,
}

pub(super) async fn remove(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        let named: Named = body.read()?;
        desk.remove_finding(actor, case_id(&id)?, &named.finding)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// An answer to a question of the tree.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenBody {
    node: String,
    value: String,
    #[serde(default)]
    reason: String,
    finding: Option<String>,
    pair: Option<[String; 2]>,
    #[serde(default)]
    evidence: Vec<String>,
    #[serde(default)]
    names: Vec<String>,
    #[serde(rename = "override")]
    overriding: Option<String>,
    exception: Option<String>,
}

impl GivenBody {
    fn answer(self) -> Result<NewAnswer, Stop> {
        let about = match (self.finding, self.pair) {
            (None, None) => About::Case,
            (Some(name), None) => About::Finding(name),
            (None, Some([one, other])) => About::pair(&one, &other),
            (Some(_), Some(_)) => {
                let problem = "it names a finding and a pair: expected one of the two";
                return Err(Stop::invalid("finding", problem));
            }
        };
        Ok(NewAnswer {
            node: self.node,
            about,
            value: self.value,
            reason: self.reason,
            evidence: self.evidence,
            names: self.names,
            overriding: self.overriding,
            exception: self.exception,
        })
    }
}

pub(super) async fn answer(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<Json<CaseDecision>, Stop> {
    door.work(caller, move |desk, actor| {
        let given: GivenBody = body.read()?;
        let answer = given.answer()?;
        Ok(Json(desk.answer_about(actor, case_id(&id)?, &answer)?))
    })
    .await
}

/// The decision somebody has read.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewConfirmation {
    digest: String,
    #[serde(default)]
    comment: String,
}

pub(super) async fn confirm(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<Json<CaseDecision>, Stop> {
    door.work(caller, move |desk, actor| {
        let new: NewConfirmation = body.read()?;
        let (id, digest) = (case_id(&id)?, digest(&new.digest)?);
        Ok(Json(desk.confirm_count(actor, id, digest, &new.comment)?))
    })
    .await
}

/// Why a case is closed or opened again.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Because {
    reason: String,
}

pub(super) async fn close(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let because: Because = body.read()?;
        let state = desk.close_case(actor, case_id(&id)?, &because.reason)?;
        Ok(Json(json!({"state": state})))
    })
    .await
}

pub(super) async fn reopen(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let because: Because = body.read()?;
        let state = desk.reopen_case(actor, case_id(&id)?, &because.reason)?;
        Ok(Json(json!({"state": state})))
    })
    .await
}

pub(super) async fn settings(
    State(door): State<Door>,
    caller: Caller,
) -> Result<Json<DecisionSettings>, Stop> {
    door.work(caller, move |desk, actor| {
        Ok(Json(desk.decision_settings(actor)?))
    })
    .await
}

pub(super) async fn set_settings(
    State(door): State<Door>,
    caller: Caller,
    body: JsonBody,
) -> Result<Json<DecisionSettings>, Stop> {
    door.work(caller, move |desk, actor| {
        let settings: DecisionSettings = body.read()?;
        desk.set_decision_settings(actor, &settings)?;
        Ok(Json(settings))
    })
    .await
}
