//! One request to an authority's administration, in one of three ways: to a
//! named server with a key, to the server that runs on the data folder, or to
//! the router inside this process.

use anyhow::{Context as _, anyhow, bail};
use axum::body::Body;
use axum::http::{Request, header};
use clap::ArgMatches;
use client::{Call, Method};
use serde_json::Value;
use store::{DatabaseUrl, Store};
use tower::ServiceExt as _;

use crate::config::{Place, variable};
use crate::folder::{Folder, Holder, Server, make_private};

/// What is asked of an authority.
pub(super) struct Ask {
    pub(super) method: Method,
    /// Below `/authority/v1`, percent-encoded.
    pub(super) path: String,
    pub(super) body: Option<Value>,
}

/// Where it is asked.
enum Target {
    /// A server, with the key of one of its users.
    Server { url: String, who: [String; 3] },
    /// The data folder's authority.
    Folder,
}

/// Asks, and gives the document of the answer.
pub(super) fn ask(matches: &ArgMatches, ask: &Ask) -> anyhow::Result<Value> {
    let place = Place::read(matches)?;
    match target(matches)? {
        Target::Server { url, who } => {
            let [org, user, key] = who;
            let headers = vec![
                ("cve-api-org", org),
                ("cve-api-user", user),
                ("cve-api-key", key),
            ];
            over_http(&url, headers, ask)
        }
        Target::Folder => in_folder(&place, ask),
    }
}

fn target(matches: &ArgMatches) -> anyhow::Result<Target> {
    let given = |name: &str| matches.get_one::<String>(name).cloned();
    let Some(url) = given("server") else {
        return Ok(Target::Folder);
    };
    let missing = |what: &str, how: &str| anyhow!("--server needs {what}: {how}");
    let org = given("cve-org").ok_or_else(|| {
        missing(
            "an organisation to sign in as",
            "name it with --cve-org, or set CVE_ORG",
        )
    })?;
    let user = given("cve-user").ok_or_else(|| {
        missing(
            "a user to sign in as",
            "name it with --cve-user, or set CVE_USER",
        )
    })?;
    let url = url.trim_end_matches('/');
    Ok(Target::Server {
        // Both the address of the server and that of its API are understood.
        url: url.strip_suffix("/api").unwrap_or(url).to_owned(),
        who: [org, user, key(given("api-key-file"))?],
    })
}

/// The API key. Never a flag: everybody on the machine can read another
/// process's command line.
fn key(file: Option<String>) -> anyhow::Result<String> {
    if let Some(file) = file {
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("reading the API key from `{file}`"))?;
        return Ok(text.trim().to_owned());
    }
    variable("CVE_API_KEY").context(
        "--server needs an API key: put it into a file and name it with --api-key-file, or set \
         CVE_API_KEY",
    )
}

fn over_http(url: &str, headers: Vec<(&'static str, String)>, ask: &Ask) -> anyhow::Result<Value> {
    let settings = client::Settings {
        // The operator named this address, wherever it lies.
        addresses: client::Addresses::Any,
        ..client::Settings::default()
    };
    let answer = client::Request::new(settings)?.send(&Call {
        method: ask.method,
        url: format!("{url}/authority/v1{}", ask.path),
        headers,
        json: ask.body.as_ref().map(|body| body.to_string().into_bytes()),
    })?;
    read(answer.status, &answer.body)
}

/// The data folder's authority: the one that runs on it, or, when none does,
/// its router inside this process.
fn in_folder(place: &Place, ask: &Ask) -> anyhow::Result<Value> {
    let sets_up =
        matches!(ask.method, Method::Post) && ["/orgs", "/ranges"].contains(&ask.path.as_str());
    if let DatabaseUrl::Sqlite(file) = &place.database
        && !file.exists()
        && !sets_up
    {
        bail!(
            "there is no authority in `{}`: name its folder with --data, make one with `cna \
             authority org create` or `cna authority load`, or talk to a server with --server",
            file.display()
        );
    }
    let folder = Folder::make(&place.data)?;
    let _held = match folder.hold("a cna authority command")? {
        Ok(held) => held,
        Err(Holder(holder)) => match folder.server(Server::Authority)? {
            Some((address, token)) => {
                let token = vec![("authorization", format!("Bearer {token}"))];
                return over_http(&address, token, ask);
            }
            None => bail!(
                "the data folder `{}` is held by {holder}: wait until it ends",
                place.data.display()
            ),
        },
    };
    make_private(&place.database)?;
    let world = crate::world::real(place.now)?;
    let store = Store::open(place.database.clone(), world.clone())?;
    let router = authority::router(store.clone(), world, authority::Settings::default());
    let method = match ask.method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
    };
    let request = Request::builder()
        .method(method)
        .uri(format!("/authority/v1{}", ask.path))
        .extension(authority::Operator);
    let request = match &ask.body {
        Some(body) => {
            let text = body.to_string();
            request
                .header(header::CONTENT_TYPE, "application/json")
                .header(header::CONTENT_LENGTH, text.len())
                .body(Body::from(text))?
        }
        None => request.body(Body::empty())?,
    };
    let runtime = crate::runtime::start()?;
    let (status, bytes) = runtime.block_on(async {
        let response = router.oneshot(request).await?;
        let status = response.status().as_u16();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await?;
        Ok::<_, anyhow::Error>((status, bytes))
    })?;
    store.close();
    read(status, &bytes)
}

/// The document of an answer, or what the authority said against it.
fn read(status: u16, bytes: &[u8]) -> anyhow::Result<Value> {
    let value: Value = serde_json::from_slice(bytes).with_context(|| {
        format!(
            "the server answered {status} without a JSON document; is it `cna authority serve`?"
        )
    })?;
    if status < 400 {
        return Ok(value);
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let code = text(&value["error"]);
    let mut message = match (status, code.as_str()) {
        (401, _) => "the organisation, user or key is not accepted, or is disabled".to_owned(),
        (404, "NOT_FOUND") => {
            "the server has no administration; is it `cna authority serve`?".to_owned()
        }
        _ => text(&value["message"]),
    };
    for bad in value["details"].as_array().into_iter().flatten() {
        let (param, msg) = (text(&bad["param"]), text(&bad["msg"]));
        message.push_str(&match param.is_empty() {
            true => format!("; {msg}"),
            false => format!("; {param}: {msg}"),
        });
    }
    bail!("the authority answered {code}: {message}")
}

/// A part of a path, percent-encoded.
///
/// Source: RFC 3986 section 2.3.
pub(super) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}
