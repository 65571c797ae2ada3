//! The table of all endpoints, and the way every request takes.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use cve::world::World;
use http::{Crossing, Limits};
use serde_json::Value;
use store::Store;

use crate::answer::Answer;
use crate::call::Call;
use crate::caller::{Credentials, Guard};
use crate::error::{Error, Refusal};
use crate::form;
use crate::key::Recognised;
use crate::payload::{self, Kind};
use crate::rate::{Buckets, RateLimit, Standing};
use crate::{allocate, ids, library, orgs, quota, records, system, users};

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
    /// Path all endpoints lie under, without a slash at its end.
    pub base_path: String,
    /// Version it behaves as.
    pub compat: Compat,
    /// Limit of the two endpoints that need no key; nothing for none.
    pub rate_limit: Option<RateLimit>,
    /// Address where published records appear, with a slash at its end; part
    /// of the answers to a publication.
    pub public_site: String,
    /// Sizes and times of a request.
    pub limits: Limits,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            base_path: "/api".into(),
            compat: Compat::Current,
            rate_limit: None,
            public_site: "https://cve.org/".into(),
            limits: Limits::default(),
        }
    }
}

/// What handlers work with.
pub(crate) struct Authority {
    pub(crate) store: Store,
    pub(crate) world: World,
    pub(crate) settings: Settings,
    pub(crate) recognised: Recognised,
}

type Handler = Box<dyn Fn(&Authority, &mut Call) -> Result<Answer, Error> + Send + Sync>;

/// One endpoint.
struct Route {
    method: Method,
    /// Segments below the base path; `:name` stands for any one.
    pattern: &'static [&'static str],
    rate_limited: bool,
    handler: Handler,
}

/// A handler that runs when its guard admits the caller.
fn guarded<G: Guard + 'static>(
    handler: fn(&Authority, G, &mut Call) -> Result<Answer, Error>,
) -> Handler {
    Box::new(move |authority, call| handler(authority, G::admit(authority, call)?, call))
}

/// All endpoints.
///
/// Source: cve-services section 6.
fn routes(compat: Compat) -> Vec<Route> {
    let route = |method: Method, pattern, handler| Route {
        method,
        pattern,
        rate_limited: false,
        handler,
    };
    let limited = |route: Route| Route {
        rate_limited: true,
        ..route
    };
    let (get, post, put) = (|| Method::GET, || Method::POST, || Method::PUT);
    let mut routes = vec![
        limited(route(get(), &["cve", ":id"], guarded(records::show))),
        route(post(), &["cve", ":id", "cna"], guarded(records::publish)),
        route(put(), &["cve", ":id", "cna"], guarded(records::update)),
        route(post(), &["cve-id"], guarded(allocate::reserve)),
        route(get(), &["cve-id"], guarded(ids::list)),
        limited(route(get(), &["cve-id", ":id"], guarded(ids::show))),
        route(put(), &["cve-id", ":id"], guarded(ids::change)),
        route(post(), &["cve-id-range", ":year"], guarded(ids::open_year)),
        route(post(), &["cve", ":id", "reject"], guarded(records::reject)),
        route(
            put(),
            &["cve", ":id", "reject"],
            guarded(records::reject_again),
        ),
        route(put(), &["cve", ":id", "adp"], guarded(records::enrich)),
        route(post(), &["cve", ":id"], guarded(records::create_whole)),
        route(put(), &["cve", ":id"], guarded(records::replace_whole)),
        route(get(), &["cve"], guarded(library::list)),
        route(get(), &["cve_cursor"], guarded(library::walk)),
        route(get(), &["org"], guarded(orgs::list)),
        route(post(), &["org"], guarded(orgs::create)),
        route(get(), &["org", ":identifier"], guarded(orgs::show)),
        route(put(), &["org", ":shortname"], guarded(orgs::update)),
        route(
            get(),
            &["org", ":shortname", "id_quota"],
            guarded(quota::show),
        ),
        route(
            get(),
            &["org", ":shortname", "users"],
            guarded(users::list_of_org),
        ),
        route(
            post(),
            &["org", ":shortname", "user"],
            guarded(users::create),
        ),
        route(
            get(),
            &["org", ":shortname", "user", ":username"],
            guarded(users::show),
        ),
        route(
            put(),
            &["org", ":shortname", "user", ":username"],
            guarded(users::update),
        ),
        route(
            put(),
            &["org", ":shortname", "user", ":username", "reset_secret"],
            guarded(users::reset_key),
        ),
        route(get(), &["users"], guarded(users::list)),
        route(get(), &["health-check"], guarded(system::health)),
    ];
    if compat == Compat::Current {
        routes.push(route(get(), &["cve_count"], guarded(library::count)));
    }
    routes
}

/// Everything the router shares.
struct Served {
    authority: Authority,
    routes: Vec<Route>,
    crossing: Crossing,
    buckets: Buckets,
}

/// Builds the authority's router.
///
/// Takes: an open store. Requests should carry `ConnectInfo<SocketAddr>`, as
/// `http::serve` adds it; without, all clients share one rate limit.
/// Gives: a router that answers every path, unknown ones with 404.
/// Source: cve-services.
pub fn router(store: Store, world: World, settings: Settings) -> Router {
    let served = Served {
        routes: routes(settings.compat),
        authority: Authority {
            store,
            world,
            settings,
            recognised: Recognised::default(),
        },
        crossing: Crossing::default(),
        buckets: Buckets::default(),
    };
    Router::new().fallback(serve).with_state(Arc::new(served))
}

/// The way of every request: body, route, one crossing, headers.
async fn serve(State(served): State<Arc<Served>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if parts.method == Method::OPTIONS {
        return preflight(&parts.headers);
    }
    let reads = matches!(parts.method, Method::GET | Method::HEAD);
    let known = parts.headers.get(header::IF_NONE_MATCH).cloned();
    let limits = served.authority.settings.limits;
    let answered = limits.in_time(async {
        let kind = payload::kind(&parts.headers)?;
        let bytes = match kind {
            Kind::Ignored => Bytes::new(),
            Kind::Json | Kind::Form => limits.read_body(body).await?,
        };
        let crossing = served.crossing.clone();
        crossing
            .cross(move || answer(&served, &parts, kind, &bytes))
            .await
            .map_err(Refusal::from)
    });
    let answer = match answered.await {
        Ok(Ok(answer)) => answer,
        Ok(Err(refusal)) => refusal.answer(),
        Err(failure) => Refusal::from(failure).answer(),
    };
    let mut response = answer.response(reads, known.as_ref());
    http::headers::stamp(response.headers_mut(), http::headers::CAREFUL);
    http::headers::stamp(response.headers_mut(), ALWAYS);
    response
}

/// What every answer says besides.
///
/// Source: cve-services section 1.
const ALWAYS: &[(&str, &str)] = &[
    ("access-control-allow-origin", "*"),
    ("cache-control", "no-store"),
];

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
fn answer(
    served: &Served,
    parts: &axum::http::request::Parts,
    kind: Kind,
    bytes: &Bytes,
) -> Answer {
    let mut standing = None;
    let result = payload::read(kind, bytes)
        .map_err(Error::from)
        .and_then(|body| run(served, parts, body, &mut standing));
    tracing::debug!(method = %parts.method, path = parts.uri.path(), ok = result.is_ok());
    let mut answer = match result {
        Ok(answer) => answer,
        Err(Error::Refused(refusal)) => refusal.answer(),
        Err(Error::Failed(failure)) => {
            tracing::error!(%failure, path = parts.uri.path(), "a request failed");
            Refusal::Unavailable.answer()
        }
    };
    if let (Some(standing), Some(limit)) = (standing, served.authority.settings.rate_limit) {
        answer = answer
            .header("ratelimit-limit", &limit.max_requests.to_string())
            .header("ratelimit-remaining", &standing.remaining.to_string())
            .header("ratelimit-reset", &standing.reset_seconds.to_string());
        if standing.over {
            answer = answer.header("retry-after", &limit.window_seconds.to_string());
        }
    }
    answer
}

fn run(
    served: &Served,
    parts: &axum::http::request::Parts,
    body: Value,
    standing: &mut Option<Standing>,
) -> Result<Answer, Error> {
    let method = match &parts.method {
        head if head == Method::HEAD => &Method::GET,
        method => method,
    };
    let authority = &served.authority;
    let segments = segments(parts.uri.path(), &authority.settings.base_path);
    let (route, path) = segments
        .and_then(|segments| find(&served.routes, method, &segments))
        .ok_or(Refusal::NotFound)?;
    if let (true, Some(limit)) = (route.rate_limited, authority.settings.rate_limit) {
        let stands = served
            .buckets
            .count(limit, client(parts), authority.world.now());
        *standing = Some(stands);
        if stands.over {
            return Err(Refusal::TooManyRequests.into());
        }
    }
    let mut call = Call {
        credentials: credentials(&parts.headers),
        query: form::parse(parts.uri.query().unwrap_or_default()),
        body,
        path: decode_path(path)?,
    };
    (route.handler)(authority, &mut call)
}

fn client(parts: &axum::http::request::Parts) -> IpAddr {
    parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |client| client.0.ip())
}

fn credentials(headers: &HeaderMap) -> Credentials {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    Credentials {
        org: text("cve-api-org"),
        username: text("cve-api-user"),
        key: text("cve-api-key"),
    }
}

/// The segments of `path` below `base`, whatever its case, with or without
/// one slash at the end.
fn segments<'a>(path: &'a str, base: &str) -> Option<Vec<&'a str>> {
    let (own, rest) = path.split_at_checked(base.len())?;
    if !own.eq_ignore_ascii_case(base) {
        return None;
    }
    let rest = rest.strip_prefix('/')?;
    Some(rest.strip_suffix('/').unwrap_or(rest).split('/').collect())
}

type Captured<'a> = Vec<(&'static str, &'a str)>;

fn find<'r, 'p>(
    routes: &'r [Route],
    method: &Method,
    segments: &[&'p str],
) -> Option<(&'r Route, Captured<'p>)> {
    routes
        .iter()
        .filter(|route| route.method == method)
        .find_map(|route| Some((route, captured(route.pattern, segments)?)))
}

/// The parts of a path that a pattern leaves open; nothing when it differs.
fn captured<'p>(pattern: &[&'static str], segments: &[&'p str]) -> Option<Captured<'p>> {
    if pattern.len() != segments.len() {
        return None;
    }
    let mut captured = Vec::new();
    for (part, segment) in pattern.iter().zip(segments) {
        match part.strip_prefix(':') {
            Some(name) if !segment.is_empty() => captured.push((name, *segment)),
            None if part.eq_ignore_ascii_case(segment) => {}
            _ => return None,
        }
    }
    Some(captured)
}

fn decode_path(path: Captured<'_>) -> Result<Vec<(&'static str, String)>, Refusal> {
    path.into_iter()
        .map(|(name, escaped)| match form::unescape(escaped) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_in_any_case_with_one_slash_at_its_end() {
        for (path, expected) in [
            ("/api/cve-id", Some(vec!["cve-id"])),
            ("/API/Cve-Id/", Some(vec!["Cve-Id"])),
            ("/api/org/a/users", Some(vec!["org", "a", "users"])),
            ("/api/cve-id//", Some(vec!["cve-id", ""])),
            ("/apix/cve-id", None),
            ("/api", None),
            ("/", None),
        ] {
            assert_eq!(segments(path, "/api"), expected, "{path}");
        }
    }

    #[test]
    fn the_case_of_what_a_pattern_leaves_open_is_kept() {
        let captured = captured(&["org", ":shortname"], &["ORG", "MiTrE"]);
        assert_eq!(captured, Some(vec![("shortname", "MiTrE")]));
    }

    #[test]
    fn no_two_endpoints_answer_the_same_request() {
        let routes = routes(Compat::Current);
        for (index, route) in routes.iter().enumerate() {
            let (found, _) = find(&routes, &route.method, route.pattern).unwrap();
            assert!(std::ptr::eq(found, &routes[index]), "{:?}", route.pattern);
        }
    }
}
