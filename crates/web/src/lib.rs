//! Pages, portal and the desk's REST API.
//!
//! Three doors, one router. The portal holds a [`casework::Published`] and
//! nothing else, so no handler of it can reach an embargoed case; the
//! workbench and the API hold a [`casework::Desk`] and bring an
//! [`casework::Actor`] to every call.
//!
//! | module | holds |
//! |---|---|
//! | `settings`, `route` | what the operator set; one table of every route |
//! | `door`, `stop` | the crossing to synchronous work; why it gave no answer |
//! | `session` | who is asking: token, cookie, or the executable itself |
//! | `client_address` | from where, also behind proxies |
//! | `api/` | the desk's REST API under `/desk/v1` |
//! | `workbench/` | the desk's pages under `/desk`, and signing in |
//! | `portal/` | what the public reads |
//! | `page`, `advisory`, `markdown`, `moment`, `words`, `asset`, `headers` | what pages are made of |
//!
//! Templates are in `templates/`, named after the struct they print.

mod advisory;
mod api;
mod asset;
mod client_address;
mod door;
mod headers;
mod markdown;
mod moment;
mod page;
mod portal;
mod route;
mod session;
mod settings;
mod stop;
mod words;
mod workbench;

use axum::Router;
use casework::Desk;
use http::Crossing;

use crate::door::{Door, Gate};
use crate::portal::reception::Inbox;

pub use api::api_table;
pub use route::{Audience, Route, routes};
pub use settings::{SecurityContact, Settings};

/// How large and how slow a request may be.
///
/// Source: our choice; a report has at most 1 MiB, and so has everything else.
pub const LIMITS: http::Limits = http::Limits {
    max_body_bytes: casework::MAX_REPORT_BYTES,
    max_header_bytes: 64 * 1024,
    header_timeout_ms: 30_000,
    body_timeout_ms: 30_000,
    request_timeout_ms: 60_000,
    max_connections: 4096,
};

/// Builds the router of portal, workbench and API.
///
/// An [`casework::Actor`] among the extensions of a request counts as signed
/// in. That is safe because no byte of a request becomes an extension: only
/// code in this process can insert one, and only `casework` can make one.
/// The executable uses it to dispatch a command to this router without a
/// socket (docs/architecture.md, decision 3.12).
pub fn router(desk: Desk, settings: Settings) -> Router {
    let crossing = Crossing::default();
    let secure = settings.secure_cookies;
    let settings = std::sync::Arc::new(settings);
    let gate = Gate::new(desk.published(), crossing.clone(), settings.clone());
    let inbox = Inbox::new(&desk, crossing.clone(), settings.clone());
    let door = Door::new(desk, crossing, settings);
    let router = portal::router(gate)
        .merge(portal::reception::router(inbox))
        .merge(workbench::router(door.clone()))
        .nest("/desk/v1", api::router(door));
    headers::stamped(router, secure)
}
