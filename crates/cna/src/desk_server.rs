//! The desk with everything around it: store, runner, router, listener.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use anyhow::Context as _;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router};
use casework::{Desk, Pace, Settings};
use cve::hash::Digest;
use cve::world::World;
use serde_json::json;
use store::Store;
use tokio::net::TcpListener;

use crate::config::{Place, variable};
use crate::folder::Held;

/// What a desk needs besides its place.
#[derive(Debug, Clone)]
pub(crate) struct DeskOptions {
    /// Address of the portal, without a slash at the end.
    pub(crate) portal_url: String,
    /// Let the desk ask servers at private and loopback addresses.
    pub(crate) allow_private_addresses: bool,
    /// How patient follow-ups are.
    pub(crate) pace: Pace,
}

/// What pages say of themselves.
///
/// Takes: `environment`, `production`, `test` or `practice`; `portal_url`, from
/// which follows whether cookies need HTTPS.
pub(crate) fn page_settings(
    desk: &Desk,
    environment: &str,
    portal_url: &str,
) -> anyhow::Result<web::Settings> {
    let product = match desk.organisation()? {
        Some(organisation) => organisation.name,
        None => "Security".to_owned(),
    };
    Ok(web::Settings {
        product,
        environment: environment.to_owned(),
        secure_cookies: portal_url.starts_with("https://"),
        security_contact: None,
        proxies: Vec::new(),
    })
}

/// Opens the desk of a place.
pub(crate) fn open(
    place: &Place,
    held: &Held,
    world: &World,
    options: DeskOptions,
) -> anyhow::Result<Desk> {
    crate::folder::make_private(&place.database)?;
    let store = Store::open(place.database.clone(), world.clone())?;
    let has_accounts = !store.read(|reader| reader.accounts())?.is_empty();
    let master_key = held.master_key(world, has_accounts)?;
    let addresses = if options.allow_private_addresses {
        client::Addresses::Any
    } else {
        client::Addresses::Public
    };
    let defaults = client::Settings::default();
    // A request is given up no later than the server is sure to have finished.
    let patience_ms = u64::try_from(options.pace.server_limit_ms).unwrap_or(u64::MAX);
    let settings = client::Settings {
        addresses,
        total_timeout_ms: defaults.total_timeout_ms.min(patience_ms),
        proxy: variable("HTTPS_PROXY").or_else(|| variable("https_proxy")),
        ..defaults
    };
    let request = client::Request::new(settings).context("setting up outgoing requests")?;
    let desk = Desk::new(
        store,
        world.clone(),
        Settings {
            portal_url: options.portal_url,
            master_key,
            request: Arc::new(request),
            pace: options.pace,
        },
    )
    .with_cve_list(store::cve_list::CveList::inside(&place.data))
    .with_templates(templates(&place.data)?);
    desk.check_account_keys().context(
        "the master key does not fit this database: restore it, or name its file with \
         CNA_MASTER_KEY_FILE",
    )?;
    Ok(desk)
}

/// The templates of announcements: ours, and in their place what lies in
/// `templates/NAME.txt` in the data folder.
fn templates(data: &std::path::Path) -> anyhow::Result<casework::Templates> {
    let mut templates = casework::Templates::default();
    let folder = data.join("templates");
    if !folder.is_dir() {
        return Ok(templates);
    }
    let reading = || format!("reading {}", folder.display());
    for entry in std::fs::read_dir(&folder).with_context(reading)? {
        let path = entry.with_context(reading)?.path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("reading the template {}", path.display()))?;
        templates
            .replace(&name, text)
            .map_err(|problem| anyhow::anyhow!("{}: {problem}", path.display()))?;
    }
    Ok(templates)
}

/// The pace of follow-ups: `CNA_PACE=patient` for the Program's servers, or
/// `CNA_PACE=MS`, the time a practice server may take for a request.
pub(crate) fn pace() -> anyhow::Result<Pace> {
    let Some(text) = variable("CNA_PACE").filter(|text| text != "patient") else {
        return Ok(Pace::default());
    };
    let limit: i64 = text.parse().with_context(|| {
        format!("CNA_PACE is `{text}`, expected `patient` or a number of milliseconds")
    })?;
    Ok(Pace {
        lease_ms: limit * 2 + 500,
        server_limit_ms: limit,
        first_wait_ms: 50,
        longest_wait_ms: 1_000,
    })
}

/// The thread that works off follow-ups; stopped when dropped.
#[derive(Debug)]
pub(crate) struct RunnerThread {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl RunnerThread {
    pub(crate) fn start(desk: &Desk) -> anyhow::Result<RunnerThread> {
        let stop = Arc::new(AtomicBool::new(false));
        let (runner, stopped) = (desk.runner(), stop.clone());
        let thread = std::thread::Builder::new()
            .name("runner".into())
            .spawn(move || runner.run(&stopped))
            .context("starting the runner")?;
        Ok(RunnerThread {
            stop,
            thread: Some(thread),
        })
    }
}

impl Drop for RunnerThread {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            // The runner logs what goes wrong; there is nobody else to tell.
            let _ = thread.join();
        }
    }
}

/// Listens on `address`, or says why it cannot.
pub(crate) async fn listen(address: &str) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!("listening on `{address}`: expected a free ADDRESS:PORT, such as 127.0.0.1:8080")
    })?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// The desk's router, which also takes the folder's local token.
///
/// The token is made anew at each start and lies in a file only the folder's
/// owner can read; whoever holds it owns the database anyway, and names with
/// `Desk-As` the person to act as.
pub(crate) fn router(desk: &Desk, settings: web::Settings, local_token: Option<&str>) -> Router {
    let router = web::router(desk.clone(), settings);
    let Some(token) = local_token else {
        return router;
    };
    let (desk, expected) = (desk.clone(), Digest::of(token.as_bytes()));
    router.layer(from_fn(move |request, next| {
        let desk = desk.clone();
        async move { as_local(desk, expected, request, next).await }
    }))
}

async fn as_local(desk: Desk, expected: Digest, mut request: Request, next: Next) -> Response {
    let Some(person) = local_person(&request, expected) else {
        return next.run(request).await;
    };
    let find = move || desk.actor_in_folder(person.as_deref());
    match tokio::task::spawn_blocking(find).await {
        Ok(Ok(actor)) => {
            request.extensions_mut().insert(actor);
        }
        Ok(Err(casework::Error::Refused(refusal))) => {
            let body = json!({"error": refusal.code(), "message": refusal.to_string()});
            return (StatusCode::UNPROCESSABLE_ENTITY, Json(body)).into_response();
        }
        // Not signed in, then: the router refuses it.
        Ok(Err(error)) => tracing::error!(%error, "finding the person to act as"),
        Err(_) => {}
    }
    next.run(request).await
}

/// The person named beside the local token; nothing without that token.
fn local_person(request: &Request, expected: Digest) -> Option<Option<String>> {
    let header = |name: &str| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let token = header("authorization")?.strip_prefix("Bearer ")?;
    // Digests are compared, so the time it takes tells nothing of the token.
    let is_local = Digest::of(token.as_bytes()) == expected;
    is_local.then(|| header("desk-as").map(str::to_owned))
}
