//! What the forms of a case do. Each leads back to the case, by a redirect
//! when it was done and with the reason when it was refused.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use casework::{About, Acknowledged, Actor, CaseId, Desk, FindingChange, NewAnswer};
use serde::Deserialize;

use super::case_page::{Typed, refused};
use crate::api::{case_id, cve_id, digest};
use crate::door::Door;
use crate::session::Caller;
use crate::stop::Stop;

type Asked = Result<Caller, Stop>;

/// Does `work` on a case and leads back to it.
async fn act(
    door: &Door,
    caller: Asked,
    id: String,
    done: &'static str,
    typed: Typed,
    work: impl FnOnce(&Desk, &Actor, CaseId) -> Result<(), Stop> + Send + 'static,
) -> Response {
    super::answer(door, caller, move |desk, actor, settings| {
        let id = case_id(&id)?;
        match work(desk, actor, id) {
            Ok(()) => {
                let location = format!("/desk/cases/{id}?done={done}");
                Ok((StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response())
            }
            Err(stop) => refused(desk, actor, settings, id, stop.explain(), typed),
        }
    })
    .await
}

pub(super) async fn take(
    State(door): State<Door>,
    caller: Asked,
    Path(id): Path<String>,
) -> Response {
    act(
        &door,
        caller,
        id,
        "taken",
        Typed::default(),
        |desk, actor, id| {
            desk.take(actor, id)?;
            Ok(())
        },
    )
    .await
}

/// An answer to a question of the tree.
#[derive(Debug, Deserialize)]
pub(super) struct AnswerForm {
    #[serde(default)]
    node: String,
    #[serde(default)]
    value: String,
    #[serde(default)]
    reason: String,
    /// The finding it is about, or the first of a pair; empty for the report.
    #[serde(default)]
    finding: String,
    /// The other finding of a pair.
    #[serde(default)]
    other: String,
    /// One a line.
    #[serde(default)]
    names: String,
    /// One a line.
    #[serde(default)]
    evidence: String,
    #[serde(default)]
    overriding: String,
    #[serde(default)]
    exception: String,
}

impl AnswerForm {
    fn answer(self) -> NewAnswer {
        let about = match (self.finding.is_empty(), self.other.is_empty()) {
            (true, _) => About::Case,
            (false, true) => About::Finding(self.finding),
            (false, false) => About::pair(&self.finding, &self.other),
        };
        let given = |text: String| Some(text).filter(|text| !text.trim().is_empty());
        NewAnswer {
            node: self.node,
            about,
            value: self.value,
            reason: self.reason,
            evidence: lines(&self.evidence),
            names: lines(&self.names),
            overriding: given(self.overriding),
            exception: given(self.exception),
        }
    }
}

/// The lines of a field that are not blank.
fn lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The decision the page showed.
#[derive(Debug, Deserialize)]
pub(super) struct ConfirmForm {
    #[serde(default)]
    digest: String,
    #[serde(default)]
    comment: String,
}

pub(super) async fn confirm(
    State(door): State<Door>,
    caller: Asked,
    Path(id): Path<String>,
    Form(form): Form<ConfirmForm>,
) -> Response {
    let typed = Typed {
        comment: form.comment.clone(),
        ..Typed::default()
    };
    act(
        &door,
        caller,
        id,
        "confirmed",
        typed,
        move |desk, actor, id| {
            desk.confirm_count(actor, id, digest(&form.digest)?, &form.comment)?;
            Ok(())
        },
    )
    .await
}

/// A finding that is added.
#[derive(Debug, Deserialize)]
pub(super) struct FindingForm {
    #[serde(default)]
    name: String,
}

pub(super) async fn add_finding(
    State(door): State<Door>,
    caller: Asked,
    Path(id): Path<String>,
    Form(form): Form<FindingForm>,
) -> Response {
    act(
        &door,
        caller,
        id,
        "finding",
        Typed::default(),
        move |desk, actor, id| {
            let change = FindingChange {
                name: Some(form.name.trim().to_owned()),
                ..FindingChange::default()
            };
            desk.add_finding(actor, id, &change)?;
            Ok(())
        },
    )
    .await
}

pub(super) async fn answer(
    State(door): State<Door>,
    caller: Asked,
    Path(id): Path<String>,
    Form(form): Form<AnswerForm>,
) -> Response {
    let typed = Typed {
        reason: form.reason.clone(),
        ..Typed::default()
    };
    act(
        &door,
        caller,
        id,
        "answered",
        typed,
        move |desk, actor, id| {
            if form.value.is_empty() {
                return Err(Stop::invalid("answer", "choose one of the answers"));
            }
            desk.answer_about(actor, id, &form.answer())?;
            Ok(())
        },
    )
    .await
}

pub(super) async fn assign(
    State(door): State<Door>,
    caller: Asked,
    Path(id): Path<String>,
) -> Response {
    act(
        &door,
        caller,
        id,
        "assigned",
        Typed::default(),
        |desk, actor, id| {
            desk.assign(actor, id, None)?;
            Ok(())
        },
    )
    .await
}

/// A message for the people on the case.
#[derive(Debug, Deserialize)]
pub(super) struct MessageForm {
    #[serde(default)]
    body: String,
}

pub(super) async fn comment(
    State(door): State<Door>,
    caller: Asked,
    Path(id): Path<String>,
    Form(form): Form<MessageForm>,
) -> Response {
    let typed = Typed {
        message: form.body.clone(),
        ..Typed::default()
    };
    act(
        &door,
        caller,
        id,
        "commented",
        typed,
        move |desk, actor, id| Ok(desk.comment(actor, id, &form.body)?),
    )
    .await
}

pub(super) async fn retry(
    State(door): State<Door>,
    caller: Asked,
    Path((id, followup)): Path<(String, String)>,
) -> Response {
    act(
        &door,
        caller,
        id,
        "retried",
        Typed::default(),
        move |desk, actor, id| Ok(desk.retry(actor, id, &followup)?),
    )
    .await
}

/// A revision; without a document it is written from the report.
#[derive(Debug, Deserialize)]
pub(super) struct DraftForm {
    document: Option<String>,
}

pub(super) async fn draft(
    State(door): State<Door>,
    caller: Asked,
    Path((id, record)): Path<(String, String)>,
    Form(form): Form<DraftForm>,
) -> Response {
    let typed = Typed {
        record: record.clone(),
        document: form.document.clone().unwrap_or_default(),
        ..Typed::default()
    };
    act(
        &door,
        caller,
        id,
        "drafted",
        typed,
        move |desk, actor, _| {
            let record = cve_id(&record)?;
            match form.document {
                None => desk.draft_from_report(actor, record)?,
                Some(text) => {
                    let document = serde_json::from_str(&text).map_err(|error| {
                        Stop::invalid("the draft is not JSON", error.to_string())
                    })?;
                    desk.save_draft(actor, record, &document, None)?
                }
            };
            Ok(())
        },
    )
    .await
}

/// What a reviewer says about a revision.
#[derive(Debug, Deserialize)]
pub(super) struct ReviewForm {
    #[serde(default)]
    digest: String,
    #[serde(default)]
    comment: String,
    /// Codes of the warnings the page showed, with blanks between them.
    #[serde(default)]
    warnings: String,
    /// Why they are taken.
    #[serde(default)]
    reason: String,
}

impl ReviewForm {
    fn acknowledged(&self) -> Acknowledged {
        let codes = self.warnings.split_whitespace().map(str::to_owned);
        codes.map(|code| (code, self.reason.clone())).collect()
    }
}

pub(super) async fn approve(
    State(door): State<Door>,
    caller: Asked,
    Path((id, record)): Path<(String, String)>,
    Form(form): Form<ReviewForm>,
) -> Response {
    let typed = Typed {
        comment: form.comment.clone(),
        ..Typed::default()
    };
    act(
        &door,
        caller,
        id,
        "approved",
        typed,
        move |desk, actor, _| {
            let digest = digest(&form.digest)?;
            let taken = form.acknowledged();
            desk.approve(actor, cve_id(&record)?, digest, &form.comment, &taken)?;
            Ok(())
        },
    )
    .await
}

pub(super) async fn give_back(
    State(door): State<Door>,
    caller: Asked,
    Path((id, record)): Path<(String, String)>,
    Form(form): Form<ReviewForm>,
) -> Response {
    act(
        &door,
        caller,
        id,
        "returned",
        Typed::default(),
        move |desk, actor, _| {
            let digest = digest(&form.digest)?;
            desk.return_draft(actor, cve_id(&record)?, digest, &form.comment)?;
            Ok(())
        },
    )
    .await
}

/// The CVE ID, typed by hand: nothing goes out by a slip of the mouse.
#[derive(Debug, Deserialize)]
pub(super) struct PublishForm {
    #[serde(default)]
    confirm: String,
}

pub(super) async fn publish(
    State(door): State<Door>,
    caller: Asked,
    Path((id, record)): Path<(String, String)>,
    Form(form): Form<PublishForm>,
) -> Response {
    act(
        &door,
        caller,
        id,
        "published",
        Typed::default(),
        move |desk, actor, _| {
            let record = cve_id(&record)?;
            if !form
                .confirm
                .trim()
                .eq_ignore_ascii_case(&record.to_string())
            {
                let problem = format!("type {record} into the field, then publish");
                return Err(Stop::invalid("not confirmed", problem));
            }
            desk.publish(actor, record)?;
            Ok(())
        },
    )
    .await
}
