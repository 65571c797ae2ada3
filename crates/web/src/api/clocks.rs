//! Deadlines: those that run, breaches, what happened, embargoes, settings.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use casework::clocks::{
    Calendar, Embargo, EventKind, Happening, InvalidCalendar, NewEmbargo, Settings, Severity,
    Timing, Wanted,
};
use cve::time::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::body::JsonBody;
use super::case_id;
use crate::door::Door;
use crate::session::Caller;
use crate::stop::Stop;

/// Which deadlines are asked for.
#[derive(Debug, Deserialize)]
pub(super) struct Part {
    until: Option<Timestamp>,
    #[serde(default)]
    offset: u32,
    #[serde(default = "hundred")]
    limit: u32,
}

fn hundred() -> u32 {
    100
}

fn within(limit: u32) -> Result<(), Stop> {
    if (1..=500).contains(&limit) {
        return Ok(());
    }
    let problem = format!("it is {limit}: expected 1 to 500");
    Err(Stop::invalid("limit", problem))
}

pub(super) async fn list(
    State(door): State<Door>,
    caller: Caller,
    Query(part): Query<Part>,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        within(part.limit)?;
        let wanted = Wanted {
            until: part.until,
            offset: part.offset,
            limit: part.limit,
        };
        let clocks = desk.clocks(actor, wanted)?;
        let zone = desk.timing()?.calendar.zone_name().to_owned();
        Ok(Json(json!({"zone": zone, "clocks": clocks})))
    })
    .await
}

pub(super) async fn of_case(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        let clocks = desk.clocks_of(actor, case_id(&id)?)?;
        let zone = desk.timing()?.calendar.zone_name().to_owned();
        Ok(Json(json!({"zone": zone, "clocks": clocks})))
    })
    .await
}

pub(super) async fn breaches(
    State(door): State<Door>,
    caller: Caller,
    Query(part): Query<Part>,
) -> Result<Json<Value>, Stop> {
    door.work(caller, move |desk, actor| {
        within(part.limit)?;
        let breaches = desk.breaches(actor, part.limit)?;
        Ok(Json(json!({"breaches": breaches})))
    })
    .await
}

/// Zone, holidays and choices, each of which is told by its name when it is
/// wrong.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TimingBody {
    calendar: CalendarBody,
    #[serde(default)]
    clocks: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarBody {
    zone: String,
    #[serde(default)]
    holidays: Vec<String>,
}

impl TimingBody {
    fn timing(self) -> Result<Timing, Stop> {
        let holidays = self.calendar.holidays.iter().map(String::as_str);
        let calendar = Calendar::new(&self.calendar.zone, holidays);
        let calendar = calendar.map_err(|error| {
            let field = match error {
                InvalidCalendar::Zone(_) => "zone",
                _ => "holidays",
            };
            Stop::invalid(field, error.to_string())
        })?;
        let clocks = match self.clocks {
            Some(clocks) => serde_json::from_value(clocks)
                .map_err(|error| Stop::invalid("clocks", error.to_string()))?,
            None => Settings::default(),
        };
        Ok(Timing { calendar, clocks })
    }
}

pub(super) async fn settings(
    State(door): State<Door>,
    caller: Caller,
) -> Result<Json<Timing>, Stop> {
    door.work(caller, |desk, _| Ok(Json(desk.timing()?))).await
}

pub(super) async fn set(
    State(door): State<Door>,
    caller: Caller,
    body: JsonBody,
) -> Result<Json<Timing>, Stop> {
    door.work(caller, move |desk, actor| {
        let timing = body.read::<TimingBody>()?.timing()?;
        desk.set_timing(actor, &timing)?;
        Ok(Json(timing))
    })
    .await
}

/// Something that happened.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewEvent {
    kind: EventKind,
    at: Option<Timestamp>,
    #[serde(default)]
    subject: String,
    date: Option<Timestamp>,
    severity: Option<Severity>,
    #[serde(default)]
    note: String,
}

impl NewEvent {
    fn happening(self) -> Happening {
        Happening {
            kind: self.kind,
            at: self.at,
            subject: self.subject,
            date: self.date,
            severity: self.severity,
            note: self.note,
        }
    }
}

pub(super) async fn record(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        let event: NewEvent = body.read()?;
        desk.record_event(actor, Some(case_id(&id)?), &event.happening())?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

pub(super) async fn record_of_desk(
    State(door): State<Door>,
    caller: Caller,
    body: JsonBody,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        let event: NewEvent = body.read()?;
        desk.record_event(actor, None, &event.happening())?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// An embargo to be set.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EmbargoBody {
    until: String,
    zone: Option<String>,
    #[serde(default)]
    conditions: String,
}

pub(super) async fn set_embargo(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<Json<Embargo>, Stop> {
    door.work(caller, move |desk, actor| {
        let body: EmbargoBody = body.read()?;
        let new = NewEmbargo {
            until: body.until,
            zone: body.zone,
            conditions: body.conditions,
        };
        Ok(Json(desk.set_embargo(actor, case_id(&id)?, &new)?))
    })
    .await
}

pub(super) async fn embargo(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Option<Embargo>>, Stop> {
    door.work(caller, move |desk, actor| {
        Ok(Json(desk.embargo(actor, case_id(&id)?)?))
    })
    .await
}

/// Why an embargo ends.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lifting {
    reason: String,
}

pub(super) async fn lift_embargo(
    State(door): State<Door>,
    caller: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<StatusCode, Stop> {
    door.work(caller, move |desk, actor| {
        let lifting: Lifting = body.read()?;
        desk.lift_embargo(actor, case_id(&id)?, &lifting.reason)?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}
