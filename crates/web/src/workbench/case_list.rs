//! The list of cases.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use casework::{Action, Actor, CaseState, CaseSummary, Desk};
use serde::Deserialize;

use crate::advisory::severity_class;
use crate::door::Door;
use crate::moment::Moment;
use crate::page::{Frame, desk_page};
use crate::session::Caller;
use crate::settings::Settings;
use crate::stop::Stop;
use crate::words::{self, capital};

/// Cases on one page.
const PAGE_SIZE: u32 = 100;

/// The list of cases.
#[derive(Template)]
#[template(path = "case_list.html")]
struct CaseList {
    frame: Frame,
    lines: Vec<CaseLine>,
    /// How many of them wait for somebody, on this page.
    open: usize,
    page: u32,
    /// Numbers of the pages beside this one; 0 where there is none.
    newer: u32,
    older: u32,
    may_receive: bool,
    has_products: bool,
}

struct CaseLine {
    id: String,
    title: String,
    state: &'static str,
    state_class: &'static str,
    next_step: &'static str,
    product: String,
    severity: String,
    severity_class: &'static str,
    embargoed: bool,
    owner: String,
    received: Moment,
    modified: Moment,
}

/// Which page is asked for, from 1.
#[derive(Debug, Deserialize)]
pub(super) struct Part {
    #[serde(default = "first")]
    page: u32,
}

fn first() -> u32 {
    1
}

pub(super) async fn show(
    State(door): State<Door>,
    caller: Result<Caller, Stop>,
    Query(part): Query<Part>,
) -> Response {
    super::answer(&door, caller, move |desk, actor, settings| {
        let page = list(desk, actor, settings, part.page)?;
        Ok(desk_page(StatusCode::OK, &page))
    })
    .await
}

fn list(desk: &Desk, actor: &Actor, settings: &Settings, page: u32) -> Result<CaseList, Stop> {
    let page = page.clamp(1, 100_000);
    let mut cases = desk.cases(actor, (page - 1) * PAGE_SIZE, PAGE_SIZE + 1)?;
    let has_more = cases.len() > PAGE_SIZE as usize;
    cases.truncate(PAGE_SIZE as usize);
    let roles = Action::Receive.roles();
    let frame = Frame::new(settings, "Cases").of(actor.name());
    Ok(CaseList {
        frame: frame.also("cna case list".into(), "GET /desk/v1/cases".into()),
        open: cases.iter().filter(|case| !is_over(case.state)).count(),
        lines: cases.into_iter().map(line).collect(),
        page,
        newer: page - 1,
        older: if has_more { page + 1 } else { 0 },
        may_receive: roles.iter().any(|role| actor.has(*role)),
        has_products: !desk.products()?.is_empty(),
    })
}

fn line(case: CaseSummary) -> CaseLine {
    CaseLine {
        id: case.id.to_string(),
        title: case.title,
        state: words::state(case.state),
        state_class: state_class(case.state),
        next_step: if is_over(case.state) {
            ""
        } else {
            case.state.next_step()
        },
        product: case.product,
        severity: capital(&case.severity),
        severity_class: severity_class(&case.severity),
        embargoed: case.embargoed,
        owner: case.owner,
        received: Moment(case.received),
        modified: Moment(case.modified),
    }
}

fn is_over(state: CaseState) -> bool {
    use CaseState::{
        Closed, ClosedDuplicate, ClosedNoAssign, ClosedNoResponse, ClosedNotVuln, ClosedRouted,
        ClosedWithdrawn, Published,
    };
    matches!(
        state,
        Published
            | ClosedDuplicate
            | ClosedNoAssign
            | ClosedNotVuln
            | ClosedRouted
            | ClosedWithdrawn
            | ClosedNoResponse
            | Closed
    )
}

/// The class of the style sheet for a state; its words say the same.
pub(super) fn state_class(state: CaseState) -> &'static str {
    use CaseState::{
        Assigned, Consulting, Coordinating, Determined, Disclosed, NeedInfo, Published, Ready,
        Received, Routed, Triage,
    };
    match state {
        Received => "new",
        Triage | Determined | Assigned => "working",
        NeedInfo | Consulting | Coordinating | Routed => "waiting",
        Ready | Disclosed => "ready",
        Published => "done",
        _ => "closed",
    }
}
