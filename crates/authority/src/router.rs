//! The way every request takes.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use cve::hash::Digest;
use cve::id::CveId;
use cve::time::Timestamp;
use cve::world::World;
use http::{Crossing, Limits, Spelling};
use serde_json::Value;
use store::{Ahead, Found, RecordVersion, Store, VersionMark};

use crate::answer::{self, Answer, Constants};
use crate::call::{Call, Noted, Pace};
use crate::caller::{Credentials, Key};
use crate::error::{Error, Refusal};
use crate::form;
use crate::key::{self, Recognised};
use crate::key_uses::KeyUses;
use crate::metrics::Metrics;
use crate::openapi::Documents;
use crate::payload::{self, Kind};
use crate::plain::Plain;
use crate::rate::{Gates, RateLimits};
use crate::records;
use crate::request_log::{self, RequestLine, RequestLog};
use crate::routes::{self, Beginning, Place, Route, Step};
use crate::seldom::Seldom;

/// Which version of CVE Services the authority behaves as.
///
/// Source: cve-services section 13.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compat {
    /// The reference server of 2024: no `/cve_count`, no `erlcheck`, dates
    /// kept as sent, records stamped `5.1`.
    V2_3,
    /// The server of 2026.
    #[default]
    Current,
}

/// What an operator decides about the authority.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Path all endpoints of CVE Services lie under, without a slash at its end.
    pub base_path: String,
    /// Version it behaves as.
    pub compat: Compat,
    /// How often a client may ask.
    pub rate_limits: RateLimits,
    /// Addresses of proxies in front: of a request from one of them, the last
    /// entry of `X-Forwarded-For` says whose it is.
    pub proxies: Vec<IpAddr>,
    /// Address where published records appear, with a slash at its end; part
    /// of the answers to a publication.
    pub public_site: String,
    /// Sizes and times of a request.
    pub limits: Limits,
    /// Where a line for each request goes; nothing for nowhere.
    pub log: Option<RequestLog>,
    /// The digest of a token; who sends it as `Authorization: Bearer` to the
    /// administration counts as [`Operator`].
    pub operator_token: Option<Digest>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            base_path: "/api".into(),
            compat: Compat::Current,
            rate_limits: RateLimits::default(),
            proxies: Vec::new(),
            public_site: "https://cve.org/".into(),
            limits: Limits::default(),
            log: None,
            operator_token: None,
        }
    }
}

/// Says, among the extensions of a request, that it comes from whoever owns
/// the data: the administration lets it in without a key.
///
/// No byte of a request becomes an extension, so only code in this process
/// can say so. The executable uses it to dispatch a command to this router,
/// and for whoever holds the token in the data folder.
#[derive(Debug, Clone, Copy)]
pub struct Operator;

/// What handlers work with.
pub(crate) struct Authority {
    pub(crate) store: Store,
    pub(crate) world: World,
    pub(crate) settings: Settings,
    pub(crate) recognised: Recognised,
    pub(crate) gates: Gates,
    pub(crate) key_uses: KeyUses,
    /// That the changes of others cannot be read, which every conditional
    /// request notices while the database is away.
    pub(crate) behind: Seldom,
    pub(crate) documents: Documents,
    pub(crate) is_ending: AtomicBool,
    pub(crate) crossing: Crossing,
}

/// Everything the router shares.
pub(crate) struct Served {
    pub(crate) authority: Arc<Authority>,
    pub(crate) routes: Vec<Route>,
    /// Method and whole pattern of each route, for log and metrics.
    pub(crate) names: Vec<(String, Arc<str>)>,
    pub(crate) metrics: Metrics,
    spelling: Spelling,
    constants: Constants,
}

impl Served {
    pub(crate) fn new(store: Store, world: World, settings: Settings) -> Served {
        let routes = routes::routes(settings.compat);
        let template = |route: &Route| route.template(&settings.base_path);
        let names: Vec<_> = routes
            .iter()
            .map(|route| (route.method.to_string(), template(route).into()))
            .collect();
        Served {
            metrics: Metrics::new(routes.len()),
            // compare.py and other clients look for these letters.
            spelling: Spelling::of(&[QUOTA_HEADER]),
            constants: Constants::new(),
            authority: Arc::new(Authority {
                store,
                world,
                recognised: Recognised::default(),
                gates: Gates::new(settings.rate_limits),
                key_uses: KeyUses::default(),
                behind: Seldom::default(),
                documents: Documents::new(&routes, &settings),
                is_ending: AtomicBool::new(false),
                crossing: Crossing::default(),
                settings,
            }),
            names,
            routes,
        }
    }
}

/// The one header of ours, as CVE Services spells it.
///
/// Source: cve-services section 6.1, POST /cve-id.
const QUOTA_HEADER: &str = "CVE-API-REMAINING-QUOTA";

/// Builds the authority's router.
///
/// Takes: an open store. Requests should carry `ConnectInfo<SocketAddr>`, as
/// `http::serve` adds it; without, all clients share one rate limit.
/// Gives: a router that answers every path, unknown ones with 404.
/// Source: cve-services.
pub fn router(store: Store, world: World, settings: Settings) -> Router {
    crate::Service::new(store, world, settings).router()
}

pub(crate) fn serving(served: Arc<Served>) -> Router {
    // In a box, once: what a request holds on its way is thousands of bytes,
    // which every layer around it would move.
    let boxed = |State(served): State<Arc<Served>>, request: Request| {
        let client = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let client = client.map(|client| client.0);
        Box::pin(serve(served, client, request)) as Pin<Box<dyn Future<Output = Response> + Send>>
    };
    Router::new().fallback(boxed).with_state(served)
}

/// The way of every request: body, route, one crossing, headers, log.
pub(crate) async fn serve(
    served: Arc<Served>,
    client: Option<SocketAddr>,
    request: Request,
) -> Response {
    let begun = Instant::now();
    let under_way = served.metrics.begin();
    let (parts, body) = request.into_parts();
    let told = Told::about(&served, &parts);
    let (response, noted) = if parts.method == Method::OPTIONS {
        (preflight(&parts.headers), Noted::default())
    } else {
        answered(&served, client, parts, body, told.route).await
    };
    drop(under_way);
    let took = begun.elapsed();
    let now = served.authority.world.now();
    served
        .metrics
        .count(told.route, response.status().as_u16(), took);
    told.log(&served, now, response.status(), took, noted.org);
    if served.authority.key_uses.are_due(now) {
        let authority = served.authority.clone();
        let crossing = authority.crossing.clone();
        crossing.send(move || authority.key_uses.write(&authority.store));
    }
    if served.authority.store.is_behind() {
        let authority = served.authority.clone();
        let crossing = authority.crossing.clone();
        crossing.send(move || {
            if let Err(failure) = authority.store.catch_up()
                && authority.behind.is_due(authority.world.now())
            {
                tracing::warn!(%failure, "the changes of others could not be read");
            }
        });
    }
    response
}

/// What log and metrics tell of a request.
struct Told {
    method: &'static str,
    route: Option<usize>,
}

impl Told {
    fn about(served: &Served, parts: &Parts) -> Told {
        let base = &served.authority.settings.base_path;
        let found = routes::segments(parts.uri.path(), base);
        let route = found.and_then(|(place, segments)| {
            routes::find(&served.routes, reading(&parts.method), place, &segments)
        });
        Told {
            method: request_log::method(&parts.method),
            route,
        }
    }

    fn log(
        &self,
        served: &Served,
        at: Timestamp,
        status: StatusCode,
        took: std::time::Duration,
        org: Option<String>,
    ) {
        let Some(log) = &served.authority.settings.log else {
            return;
        };
        let route = self.route.and_then(|route| served.names.get(route));
        log.write(RequestLine {
            at,
            random: served.authority.world.random(),
            method: self.method,
            route: route.map_or_else(|| "-".into(), |(_, route)| route.clone()),
            status: status.as_u16(),
            took,
            org,
        });
    }
}

/// The method whose endpoint answers: HEAD is answered as GET is.
fn reading(method: &Method) -> &Method {
    match method {
        head if head == Method::HEAD => &Method::GET,
        method => method,
    }
}

/// Bytes of a body up to which reading it counts as short.
const SHORT_BODY: usize = 64 * 1024;

async fn answered(
    served: &Arc<Served>,
    peer: Option<SocketAddr>,
    parts: Parts,
    body: axum::body::Body,
    route: Option<usize>,
) -> (Response, Noted) {
    let reads = matches!(parts.method, Method::GET | Method::HEAD);
    let known = parts.headers.get(header::IF_NONE_MATCH).cloned();
    let limits = served.authority.settings.limits;
    let answered = limits.in_time(Box::pin(async {
        let kind = payload::kind(&parts.headers)?;
        let bytes = match kind {
            Kind::Ignored => Bytes::new(),
            Kind::Json | Kind::Form => limits.read_body(body).await?,
        };
        let asked = Asked {
            client: client(peer, &parts.headers, &served.authority.settings.proxies),
            parts,
            kind,
            bytes,
            route,
            found: Found::default(),
            kept: None,
            mark: served.authority.store.version_mark(),
        };
        worked(served, asked).await
    }));
    let (answer, noted) = match answered.await {
        Ok(Ok(answered)) => answered,
        Ok(Err(refusal)) => (refusal.answer(), Noted::default()),
        Err(failure) => (Refusal::from(failure).answer(), Noted::default()),
    };
    let mut response = answer.response(reads, known.as_ref(), &served.constants);
    if response.headers().contains_key(QUOTA_HEADER) {
        served.spelling.mark(&mut response);
    }
    (response, noted)
}

/// A request that has arrived whole.
struct Asked {
    /// The address it comes from.
    client: IpAddr,
    parts: Parts,
    kind: Kind,
    bytes: Bytes,
    route: Option<usize>,
    /// What was found out before it began.
    found: Found,
    /// The version of the record it shows, when this node keeps it.
    kept: Option<RecordVersion>,
    /// Since when what is read for it counts as read.
    mark: VersionMark,
}

/// Works on a request: what is short where the store answers in this process
/// is done here, everything else crosses to a blocking thread; and when the
/// handler waits for a commit, no thread waits with it.
///
/// Source: docs/architecture.md, decision 3.1.
async fn worked(served: &Arc<Served>, mut asked: Asked) -> Result<(Answer, Noted), Refusal> {
    let route = asked.route.and_then(|route| served.routes.get(route));
    asked.kept = route.and_then(|route| kept(served, &asked, route));
    let mut asks_nothing = asked.kept.is_some();
    if let Some(route) = route.filter(|_| !asks_nothing) {
        asks_nothing = look_ahead(served, &mut asked, route).await;
    }
    let is_short = (asks_nothing || served.authority.store.answers_here())
        && asked.bytes.len() <= SHORT_BODY
        // A path that leads nowhere is answered without a look at the store.
        && route.is_none_or(|route| route.is_short);
    let route = asked.route;
    let here = match is_short {
        true => Some(Crossing::here(|| begin(served, &asked, Pace::Short))?),
        false => None,
    };
    let (step, noted) = match here {
        Some((step, noted)) if !noted.takes_long => (step, noted),
        begun => {
            let pace = match &begun {
                // The organisation is noted when its key was recognised.
                Some((_, noted)) => Pace::Again {
                    key_counted: noted.org.is_some(),
                },
                None => Pace::Long,
            };
            let shared = served.clone();
            let work = move || begin(&shared, &asked, pace);
            let (step, mut noted) = served.authority.crossing.cross(work).await?;
            // Counted when it was begun.
            noted.standing = noted
                .standing
                .or(begun.and_then(|(_, noted)| noted.standing));
            (step, noted)
        }
    };
    let result = match step {
        Ok(Step::Done(answer)) => Ok(answer),
        Ok(Step::Later(later)) => later.await,
        Err(error) => Err(error),
    };
    Ok((ended(served, result, route, &noted), noted))
}

/// Finds out what the endpoint of a request begins with: from what is kept, or
/// together with other requests where asking alone would be a journey.
///
/// Gives: whether it did.
async fn look_ahead(served: &Served, asked: &mut Asked, route: &Route) -> bool {
    let authority = &served.authority;
    let store = &authority.store;
    let parts = &asked.parts;
    if store.answers_here() || route.begins_with == Beginning::Own {
        return false;
    }
    if authority
        .gates
        .is_refused(asked.client, authority.world.now())
    {
        return false;
    }
    let mut ahead = Ahead::default();
    match route.begins_with {
        Beginning::Own => return false,
        Beginning::Caller => {
            let Credentials { org, username, key } = credentials(&parts.headers);
            if org.is_empty() || username.is_empty() || key.is_empty() {
                return false;
            }
            let names = (org, username);
            if let Some(kept) = store.kept_caller(&names) {
                asked.found.caller = Some(Some(kept));
                return true;
            }
            ahead.caller = Some(names);
        }
        Beginning::Record => match id_in(authority, parts, route) {
            Some(id) => ahead.record = Some(id),
            None => return false,
        },
    }
    let names = ahead.caller.clone();
    let mark = store.caller_mark();
    let Some(looking) = store.look_ahead(ahead) else {
        return false;
    };
    // What could not be found out is asked again by the handler, and fails there.
    asked.found = looking.await.unwrap_or_default();
    if let (Some(names), Some(Some(found))) = (names, &asked.found.caller) {
        store.keep_caller(names, found.clone(), mark);
    }
    true
}

/// The version this node keeps of the record a request shows, when that is
/// the one its client has.
fn kept(served: &Served, asked: &Asked, route: &Route) -> Option<RecordVersion> {
    if route.begins_with != Beginning::Record {
        return None;
    }
    let known = asked.parts.headers.get(header::IF_NONE_MATCH)?;
    let id = id_in(&served.authority, &asked.parts, route)?;
    let version = served.authority.store.kept_version(id)?;
    answer::matches(known, &records::tag(&version)).then_some(version)
}

/// The CVE ID in the path of a request; nothing when no such ID can exist.
fn id_in(authority: &Authority, parts: &Parts, route: &Route) -> Option<CveId> {
    let (_, segments) = routes::segments(parts.uri.path(), &authority.settings.base_path)?;
    let mut captured = routes::captured(route.pattern, &segments);
    captured.find(|(name, _)| *name == "id")?.1.parse().ok()
}

/// The answer to a browser that asks before it asks; on every path. It has no
/// length, as RFC 9110 wants of a 204; the reference server says 0.
///
/// Source: cve-services section 1 (CORS).
fn preflight(headers: &HeaderMap) -> Response {
    let mut answer = Response::default();
    *answer.status_mut() = StatusCode::NO_CONTENT;
    let own = answer.headers_mut();
    own.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    own.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET,HEAD,PUT,PATCH,POST,DELETE"),
    );
    if let Some(asked) = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        own.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
    }
    own.insert(
        header::VARY,
        HeaderValue::from_static("Access-Control-Request-Headers"),
    );
    answer
}

/// The synchronous part: everything from the parsing of the body on.
fn begin(served: &Served, asked: &Asked, pace: Pace) -> (Result<Step, Error>, Noted) {
    let mut noted = Noted::default();
    let step = read(served, asked)
        .map_err(Error::from)
        .and_then(|body| run(served, asked, body, pace, &mut noted));
    (step, noted)
}

/// Reads the body: as a container alone where one is published and nothing in
/// it has to be looked at again, otherwise as a tree.
fn read(served: &Served, asked: &Asked) -> Result<(Value, Option<Plain>), Refusal> {
    let route = asked.route.and_then(|route| served.routes.get(route));
    if asked.kind == Kind::Json && route.is_some_and(|route| route.publishes) {
        let compat = served.authority.settings.compat;
        let plain = Plain::of(&asked.bytes, compat, served.authority.world.now());
        if plain.is_some() {
            return Ok((Value::Null, plain));
        }
    }
    Ok((payload::read(asked.kind, &asked.bytes)?, None))
}

/// What is answered.
fn ended(
    served: &Served,
    result: Result<Answer, Error>,
    route: Option<usize>,
    noted: &Noted,
) -> Answer {
    let mut answer = match result {
        Ok(answer) => answer,
        Err(Error::Refused(refusal)) => refusal.answer(),
        Err(Error::Failed(failure)) => {
            let route = route.and_then(|route| served.names.get(route));
            let route = route.map_or("-", |(_, route)| &**route);
            tracing::error!(%failure, route, "a request failed");
            Refusal::Unavailable.answer()
        }
    };
    let limit = served.authority.settings.rate_limits.address;
    if let (Some(standing), Some(limit)) = (noted.standing, limit) {
        answer = answer
            .header("ratelimit-limit", &limit.max_requests.to_string())
            .header("ratelimit-remaining", &standing.remaining.to_string())
            .header("ratelimit-reset", &standing.reset_seconds.to_string());
    }
    answer
}

fn run(
    served: &Served,
    asked: &Asked,
    (body, plain): (Value, Option<Plain>),
    pace: Pace,
    noted: &mut Noted,
) -> Result<Step, Error> {
    let authority = &served.authority;
    let parts = &asked.parts;
    let path = parts.uri.path();
    let route = asked.route.and_then(|route| served.routes.get(route));
    let found = route.zip(routes::segments(path, &authority.settings.base_path));
    let (route, (_, segments)) = found.ok_or(Refusal::NotFound)?;
    let client = asked.client;
    if route.is_limited
        && !matches!(pace, Pace::Again { .. })
        && let Some((limit, standing)) = authority.gates.address(client, authority.world.now())
    {
        noted.standing = Some(standing);
        if standing.over {
            // The reference server says the whole window, whatever is left.
            return Err(Refusal::TooManyRequests {
                retry_after_seconds: limit.window_seconds,
            }
            .into());
        }
    }
    let mut call = Call {
        client,
        is_operator: route.place == Place::Administration
            && is_operator(parts, authority.settings.operator_token),
        ends_in_slash: path.ends_with('/'),
        credentials: match route.key {
            Key::Ignored => Credentials::default(),
            Key::Welcome | Key::Needed => credentials(&parts.headers),
        },
        query: form::parse(parts.uri.query().unwrap_or_default()),
        body,
        plain,
        sent: asked.bytes.clone(),
        path: decode_path(routes::captured(route.pattern, &segments))?,
        known: matches!(parts.method, Method::GET | Method::HEAD)
            .then(|| parts.headers.get(header::IF_NONE_MATCH).cloned())
            .flatten(),
        found: asked.found.clone(),
        kept: asked.kept.clone(),
        mark: asked.mark,
        pace,
        noted: std::cell::RefCell::default(),
    };
    let step = (route.handler)(authority, &mut call);
    let told = call.noted.into_inner();
    noted.org = told.org;
    noted.takes_long = told.takes_long;
    step
}

/// The address a request comes from; behind a proxy of ours, the one the proxy
/// names last, which nobody but the proxy can have written.
fn client(peer: Option<SocketAddr>, headers: &HeaderMap, proxies: &[IpAddr]) -> IpAddr {
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    if !proxies.contains(&peer.to_canonical()) {
        return peer;
    }
    let forwarded = headers.get_all("x-forwarded-for").iter().next_back();
    let last = forwarded
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.rsplit(',').next())
        .and_then(|address| address.trim().parse().ok());
    last.unwrap_or(peer)
}

fn is_operator(parts: &Parts, token: Option<Digest>) -> bool {
    let bearer = || {
        let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        value.strip_prefix("Bearer ")
    };
    parts.extensions.get::<Operator>().is_some()
        || token
            .zip(bearer())
            .is_some_and(|(own, sent)| key::same(own, Digest::of(sent.as_bytes())))
}

fn credentials(headers: &HeaderMap) -> Credentials {
    let text = |name: &str| {
        headers
            .get(name)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .unwrap_or_default()
    };
    Credentials {
        org: text("cve-api-org"),
        username: text("cve-api-user"),
        key: text("cve-api-key"),
    }
}

fn decode_path<'p>(
    path: impl Iterator<Item = (&'static str, &'p str)>,
) -> Result<Vec<(&'static str, String)>, Refusal> {
    path.map(|(name, escaped)| match form::unescape(escaped) {
        Some(value) => Ok((name, value)),
        None => {
            let letters: String = escaped
                .chars()
                .filter(char::is_ascii_alphanumeric)
                .collect();
            Err(Refusal::BadJson(format!(
                "Failed to decode param {letters}"
            )))
        }
    })
    .collect()
}

impl Authority {
    /// From now on it is not ready for more.
    pub(crate) fn end(&self) {
        self.is_ending.store(true, Ordering::Relaxed);
    }
}
