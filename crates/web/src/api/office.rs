//! The office of a case: tasks, links, hand-over, members, lanes, erasure.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use casework::clocks::{DeadlineId, Severity};
use casework::{DraftEnd, Lane, LinkTarget, NewTask, PersonContact, Relation, TaskEnd};
use cve::time::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::JsonBody;
use super::case_id;
use crate::door::Door;
use crate::session::Caller;
use crate::stop::Stop;

/// Reads a word of a closed list.
fn word<T: std::str::FromStr<Err = String>>(field: &'static str, text: &str) -> Result<T, Stop> {
    text.parse()
        .map_err(|problem| Stop::invalid(field, problem))
}

/// A number in a path; a text that is none names nothing that is there.
fn number(what: &str, text: &str) -> Result<i64, Stop> {
    let shown: String = text.chars().take(64).collect();
    text.parse()
        .map_err(|_| Stop::not_found(format!("{what} `{shown}`")))
}

/// Which tasks are asked for.
#[derive(Debug, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    all: bool,
}

pub(super) async fn tasks(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    Query(which): Query<Which>,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let tasks = desk.tasks(actor, case_id(&id)?, which.all)?;
        Ok(Json(json!({"tasks": tasks})))
    })
    .await
}

/// A task to be made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TaskBody {
    #[serde(default)]
    title: String,
    owner: Option<String>,
    due: Option<Timestamp>,
    clock: Option<String>,
    origin: Option<String>,
}

pub(super) async fn add_task(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<(StatusCode, Json<casework::Task>), Stop> {
    door.work(caller, move |desk, actor| {
        let body: TaskBody = body.read()?;
        let clock = body.clock.as_deref();
        let new = NewTask {
            clock: clock
                .map(|id| word::<DeadlineId>("clock", id))
                .transpose()?,
            title: body.title,
            owner: body.owner,
            due: body.due,
            origin: body.origin,
        };
        let task = desk.add_task(actor, case_id(&id)?, &new)?;
        Ok((StatusCode::CREATED, Json(task)))
    })
    .await
}

/// What is said with something; may be left out.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    #[serde(default)]
    note: String,
}

/// Why something is done.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    #[serde(default)]
    reason: String,
}

pub(super) async fn task_done(
    State(door): State<Door>,
    caller: Caller,
    Path((id, task)): Path<(String, String)>,
    body: JsonBody,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        let Note { note } = body.read_or_default()?;
        let task = number("task", &task)?;
        desk.end_task(actor, case_id(&id)?, task, TaskEnd::Done, &note)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

pub(super) async fn task_dropped(
    State(door): State<Door>,
    caller: Caller,
    Path((id, task)): Path<(String, String)>,
    body: JsonBody,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        let Reason { reason } = body.read_or_default()?;
        let task = number("task", &task)?;
        desk.end_task(actor, case_id(&id)?, task, TaskEnd::Dropped, &reason)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

pub(super) async fn links(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let links = desk.links(actor, case_id(&id)?)?;
        Ok(Json(json!({"links": links})))
    })
    .await
}

/// A link to be made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LinkBody {
    relation: String,
    target: String,
    #[serde(default)]
    note: String,
}

pub(super) async fn relate(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<(StatusCode, Json<Value>), Stop> {
    door.work(caller, move |desk, actor| {
        let body: LinkBody = body.read()?;
        let relation: Relation = word("relation", &body.relation)?;
        let target: LinkTarget = word("target", &body.target)?;
        let made = desk.relate(actor, case_id(&id)?, relation, &target, &body.note)?;
        Ok((StatusCode::CREATED, Json(json!({"number": made}))))
    })
    .await
}

pub(super) async fn unrelate(
    State(door): State<Door>,
    caller: Caller,
    Path((id, link)): Path<(String, String)>,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        desk.unrelate(actor, case_id(&id)?, number("link", &link)?)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// An offer to lead a case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfferBody {
    to: String,
    #[serde(default)]
    comment: String,
}

pub(super) async fn hand_over(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        let body: OfferBody = body.read()?;
        desk.hand_over(actor, case_id(&id)?, &body.to, &body.comment)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

pub(super) async fn offer(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        Ok(Json(json!(desk.offer(actor, case_id(&id)?)?)))
    })
    .await
}

pub(super) async fn accept(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let state = desk.accept_case(actor, case_id(&id)?)?;
        Ok(Json(json!({"state": state})))
    })
    .await
}

/// Somebody, by name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonBody {
    person: String,
}

pub(super) async fn add_member(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        let PersonBody { person } = body.read()?;
        desk.add_member(actor, case_id(&id)?, &person)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

pub(super) async fn remove_member(
    State(door): State<Door>,
    caller: Caller,
    Path((id, person)): Path<(String, String)>,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        desk.remove_member(actor, case_id(&id)?, &person)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// How severe a case is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeverityBody {
    severity: String,
    #[serde(default)]
    reason: String,
}

pub(super) async fn severity(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        let body: SeverityBody = body.read()?;
        let severity: Severity = word("severity", &body.severity)?;
        desk.set_severity(actor, case_id(&id)?, severity, &body.reason)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

pub(super) async fn outgoing(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let outgoing = desk.outgoing(actor, case_id(&id)?)?;
        Ok(Json(json!({"outgoing": outgoing})))
    })
    .await
}

/// A message to be drafted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DraftBody {
    lane: String,
    contact: Option<String>,
    body: String,
}

pub(super) async fn draft_message(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<(StatusCode, Json<Value>), Stop> {
    door.work(caller, move |desk, actor| {
        let body: DraftBody = body.read()?;
        let (lane, contact): (Lane, _) = (word("lane", &body.lane)?, body.contact.as_deref());
        let made = desk.draft_message(actor, case_id(&id)?, lane, contact, &body.body)?;
        Ok((StatusCode::CREATED, Json(json!({"number": made}))))
    })
    .await
}

/// How a message is sent.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct SendBody {
    by_hand: bool,
}

pub(super) async fn send_message(
    State(door): State<Door>,
    caller: Caller,
    Path((id, draft)): Path<(String, String)>,
    body: JsonBody,
) -> Result<Json<casework::Sending>, Stop> {
    door.work(caller, move |desk, actor| {
        let draft = number("draft", &draft)?;
        let SendBody { by_hand } = body.read_or_default()?;
        let end = match by_hand {
            true => DraftEnd::SentByHand,
            false => DraftEnd::Sent,
        };
        let sending = desk.end_message(actor, case_id(&id)?, draft, end)?;
        Ok(Json(sending))
    })
    .await
}

pub(super) async fn drop_message(
    State(door): State<Door>,
    caller: Caller,
    Path((id, draft)): Path<(String, String)>,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        let draft = number("draft", &draft)?;
        desk.end_message(actor, case_id(&id)?, draft, DraftEnd::Dropped)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

pub(super) async fn vendors(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let vendors = desk.vendor_contacts(actor, case_id(&id)?)?;
        Ok(Json(json!({"vendors": vendors})))
    })
    .await
}

/// A vendor of a case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct VendorBody {
    name: String,
    #[serde(default)]
    address: String,
}

pub(super) async fn put_vendor(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        let body: VendorBody = body.read()?;
        desk.put_vendor_contact(actor, case_id(&id)?, &body.name, &body.address)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

pub(super) async fn erase_reporter(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        let Reason { reason } = body.read_or_default()?;
        desk.erase_reporter(actor, case_id(&id)?, &reason)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

pub(super) async fn erase_person(
    State(door): State<Door>,
    caller: Caller,
    Path(name): Path<String>,
    body: JsonBody,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let Reason { reason } = body.read_or_default()?;
        let instead = desk.erase_person(actor, &name, &reason)?;
        Ok(Json(json!({"name": instead})))
    })
    .await
}

/// Where mail reaches somebody.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ContactBody {
    mail: String,
    #[serde(default)]
    zone: String,
    #[serde(default = "morning")]
    hour: u8,
}

fn morning() -> u8 {
    8
}

pub(super) async fn contact(
    State(door): State<Door>,
    caller: Caller,
    Path(name): Path<String>,
    body: JsonBody,
) -> Result<Json<PersonContact>, Stop> {
    door.work(caller, move |desk, actor| {
        let body: ContactBody = body.read()?;
        let contact = PersonContact {
            mail: body.mail,
            zone: body.zone,
            hour: body.hour,
        };
        desk.set_contact(actor, &name, &contact)?;
        Ok(Json(contact))
    })
    .await
}

pub(super) async fn reminders(
    State(door): State<Door>,
    caller: Caller,
) -> Result<Json<Value>, Stop> {
    door.work(caller, |desk, actor| {
        Ok(Json(json!({"reminders": desk.due_reminders(actor)?})))
    })
    .await
}

pub(super) async fn give_reminders(
    State(door): State<Door>,
    caller: Caller,
) -> Result<Json<Value>, Stop> {
    door.work(caller, |desk, actor| {
        Ok(Json(json!({"mails": desk.give_reminders_now(actor)?})))
    })
    .await
}
