//! One request to a desk, in one of three ways: to a named server, to the
//! server that runs on the data folder, or to the router inside this process.

use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use axum::body::Body;
use axum::http::{Request, header};
use casework::{Actor, Desk};
use client::{Call, Method};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::config::Transport;
use crate::desk_server::{self, DeskOptions};
use crate::folder::{Folder, Held, Holder, Server};

/// Where this command's requests go.
pub(crate) enum Link {
    /// To a server, with a token, and on the folder's own server as a person.
    Server {
        request: Box<client::Request>,
        url: String,
        token: String,
        person: Option<String>,
    },
    /// To the router inside this process, which holds the folder.
    Inside(Box<Inside>),
}

/// A desk inside this process.
pub(crate) struct Inside {
    runtime: tokio::runtime::Runtime,
    desk: Desk,
    actor: Actor,
    patience: Duration,
    _held: Held,
}

/// How long a command waits for its own follow-ups before it leaves them to
/// the next start, at most.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long it waits where the server answers within `server_limit_ms`: a few
/// times as long, for what is tried again.
fn patience(server_limit_ms: i64) -> Duration {
    let limit_ms = u64::try_from(server_limit_ms).unwrap_or(0);
    Duration::from_millis(limit_ms.saturating_mul(10)).min(PATIENCE)
}

impl Link {
    /// Finds the way.
    pub(crate) fn find(transport: &Transport) -> anyhow::Result<Link> {
        if let Some((url, token)) = &transport.server {
            return server(url.clone(), token.clone(), None);
        }
        let data = &transport.place.data;
        if !data.exists() {
            bail!(
                "there is no data folder `{}`: name one with --data, start one with `cna serve`, \
                 or talk to a server with --server",
                data.display()
            );
        }
        let folder = Folder::make(data)?;
        match folder.hold("a cna command")? {
            Ok(held) => inside(transport, held),
            Err(Holder(holder)) => match folder.server(Server::Desk)? {
                Some((address, token)) => server(address, token, transport.person.clone()),
                None => bail!(
                    "the data folder `{}` is held by {holder}: wait until it ends",
                    data.display()
                ),
            },
        }
    }

    /// Reads a document of the desk.
    pub(crate) fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.ask(Method::Get, path, None)
    }

    /// Asks the desk to do something.
    pub(crate) fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.ask(Method::Post, path, Some(body))
    }

    /// Sets a document of the desk.
    pub(crate) fn put(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.ask(Method::Put, path, Some(body))
    }

    /// Hands the desk bytes.
    pub(crate) fn post_bytes(&self, path: &str, bytes: Vec<u8>) -> anyhow::Result<Value> {
        let (status, answer) = self.send(Method::Post, path, Some(bytes))?;
        read(status, &answer)
    }

    /// Hands the desk bytes, which it may refuse without anything being wrong
    /// with others.
    ///
    /// Gives: the answer, or what it said against these bytes.
    /// Fails: when others would fare no better.
    pub(crate) fn offer_bytes(
        &self,
        path: &str,
        bytes: Vec<u8>,
    ) -> anyhow::Result<Result<Value, anyhow::Error>> {
        let (status, answer) = self.send(Method::Post, path, Some(bytes))?;
        let code = serde_json::from_slice(&answer).map(|body: Value| body["error"].clone());
        let is_theirs = matches!(
            code.as_ref().ok().and_then(Value::as_str),
            Some("invalid" | "too_large")
        );
        let answer = read(status, &answer);
        if is_theirs {
            return Ok(answer);
        }
        answer.map(Ok)
    }

    /// Reads bytes of the desk.
    pub(crate) fn get_bytes(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        let (status, bytes) = self.send(Method::Get, path, None)?;
        if status >= 400 {
            read(status, &bytes)?;
        }
        Ok(bytes)
    }

    fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let body = body.map(|body| body.to_string().into_bytes());
        let (status, bytes) = self.send(method, path, body)?;
        read(status, &bytes)
    }

    fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> anyhow::Result<(u16, Vec<u8>)> {
        match self {
            Link::Server {
                request,
                url,
                token,
                person,
            } => {
                let mut headers = vec![("authorization", format!("Bearer {token}"))];
                headers.extend(person.iter().map(|name| ("desk-as", name.clone())));
                let answer = request.send(&Call {
                    method,
                    url: format!("{url}{path}"),
                    headers,
                    json: body,
                })?;
                if answer.status == 401 {
                    bail!(
                        "the desk at `{url}` does not accept this token: ask for another and name \
                         its file with --token-file"
                    );
                }
                Ok((answer.status, answer.body))
            }
            Link::Inside(inside) => inside.ask(method, path, body),
        }
    }

    /// Looks at a follow-up until it neither waits nor runs, or `patience` has
    /// passed; in this process, it is worked off meanwhile.
    pub(crate) fn watch(
        &self,
        patience: Duration,
        pause: Duration,
        look: impl Fn() -> anyhow::Result<Value>,
    ) -> anyhow::Result<Value> {
        if let Link::Inside(inside) = self {
            inside.desk.runner().settle(inside.patience)?;
            return look();
        }
        let mut left = patience;
        loop {
            let seen = look()?;
            let waits = matches!(seen["state"].as_str(), Some("pending" | "leased"));
            if !waits || left.is_zero() {
                return Ok(seen);
            }
            std::thread::sleep(pause.min(left));
            left = left.saturating_sub(pause);
        }
    }

    /// Works off what this command left for other servers.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        let Link::Inside(inside) = self else {
            return Ok(());
        };
        if !inside.desk.runner().settle(inside.patience)? {
            crate::output::note(
                "some follow-ups wait to be tried again; `cna serve` goes on with them",
            );
        }
        inside.desk.store().close();
        Ok(())
    }
}

fn server(url: String, token: String, person: Option<String>) -> anyhow::Result<Link> {
    // The operator named this address, wherever it lies.
    let settings = client::Settings {
        addresses: client::Addresses::Any,
        ..client::Settings::default()
    };
    let request = client::Request::new(settings)?;
    Ok(Link::Server {
        request: Box::new(request),
        url,
        token,
        person,
    })
}

fn inside(transport: &Transport, held: Held) -> anyhow::Result<Link> {
    let world = crate::world::real(transport.place.now)?;
    let pace = desk_server::pace()?;
    let options = DeskOptions {
        portal_url: "http://127.0.0.1:8080".into(),
        allow_private_addresses: true,
        pace,
    };
    let desk = desk_server::open(&transport.place, &held, &world, options)?;
    let actor = desk.actor_in_folder(transport.person.as_deref())?;
    let runtime = crate::runtime::start()?;
    Ok(Link::Inside(Box::new(Inside {
        runtime,
        desk,
        actor,
        patience: patience(pace.server_limit_ms),
        _held: held,
    })))
}

impl Inside {
    fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> anyhow::Result<(u16, Vec<u8>)> {
        let settings =
            desk_server::page_settings(&self.desk, "production", self.desk.portal_url())?;
        let router = desk_server::router(&self.desk, settings, None);
        let method = match method {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
        };
        let mut request = Request::builder().method(method).uri(path);
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, Body::from);
        let request = request.extension(self.actor.clone()).body(body)?;
        self.runtime.block_on(async {
            let response = router.oneshot(request).await?;
            let status = response.status().as_u16();
            let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await?;
            Ok((status, bytes.to_vec()))
        })
    }
}

/// The document of an answer, or what the desk said against it.
fn read(status: u16, bytes: &[u8]) -> anyhow::Result<Value> {
    if status == 204 {
        return Ok(Value::Null);
    }
    let value: Value = serde_json::from_slice(bytes)
        .with_context(|| format!("the desk answered {status} without a JSON document"))?;
    if status < 400 {
        return Ok(value);
    }
    let mut message = value["message"]
        .as_str()
        .unwrap_or("no reason given")
        .to_owned();
    for finding in value["findings"].as_array().into_iter().flatten() {
        let text = |key: &str| finding[key].as_str().unwrap_or_default();
        message.push_str(&format!(
            "\n  {} {}: {}",
            text("code"),
            text("pointer"),
            text("message")
        ));
    }
    Err(anyhow!("{message}"))
}
