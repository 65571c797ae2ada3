//! `cna authority serve`.

use std::net::IpAddr;
use std::time::Duration;

use anyhow::anyhow;
use authority::{Compat, RateLimit, RateLimits, Service, Settings};
use axum::Router;
use axum::http::header;
use axum::routing::get;
use clap::ArgMatches;
use cve::hash::Digest;
use store::Store;
use tokio::net::TcpListener;

use super::practice_account;
use crate::cli::required;
use crate::config::Place;
use crate::desk_server::listen;
use crate::folder::{Folder, Server, make_private};
use crate::output::line;
use crate::request_log::{Form, Writer};
use crate::runtime;

/// What was asked of `cna authority serve`.
pub(crate) struct Options {
    place: Place,
    listen: String,
    metrics_listen: Option<String>,
    practice: bool,
    compat: Compat,
    rate_limits: RateLimits,
    proxies: Vec<IpAddr>,
    log: Option<Form>,
}

impl Options {
    pub(crate) fn read(matches: &ArgMatches) -> anyhow::Result<Options> {
        let word = |name: &str| matches.get_one::<String>(name).map(String::as_str);
        let rate_limits = match word("rate-limit") {
            Some("off") => RateLimits::default(),
            _ => RateLimits {
                address: Some(limit(required::<String>(matches, "address-limit")?)?),
                key: Some(limit(required::<String>(matches, "key-limit")?)?),
                wrong_keys: Some(limit(required::<String>(matches, "wrong-key-limit")?)?),
            },
        };
        Ok(Options {
            place: Place::read(matches)?,
            listen: required::<String>(matches, "listen")?.clone(),
            metrics_listen: matches.get_one::<String>("metrics-listen").cloned(),
            practice: matches.get_flag("practice"),
            compat: match word("compat") {
                Some("2.3") => Compat::V2_3,
                _ => Compat::Current,
            },
            rate_limits,
            proxies: matches
                .get_many::<IpAddr>("proxy")
                .map(|proxies| proxies.copied().collect())
                .unwrap_or_default(),
            log: match word("log") {
                Some("json") => Some(Form::Json),
                Some("off") => None,
                _ => Some(Form::Text),
            },
        })
    }
}

/// A limit as it is typed: `REQUESTS/SECONDS`.
fn limit(text: &str) -> anyhow::Result<RateLimit> {
    let parts = text.split_once('/').and_then(|(requests, seconds)| {
        Some(RateLimit {
            max_requests: requests.parse().ok()?,
            window_seconds: seconds.parse().ok().filter(|seconds| *seconds > 0)?,
        })
    });
    parts.ok_or_else(|| anyhow!("`{text}` is no limit, expected REQUESTS/SECONDS such as 1000/1"))
}

/// How often is looked whether a year has to be opened, and dates of use wait
/// to be written.
const ROUND: Duration = Duration::from_secs(15);

/// Serves until asked to end.
pub(crate) fn serve(options: &Options) -> anyhow::Result<()> {
    let world = crate::world::real(options.place.now)?;
    let folder = Folder::make(&options.place.data)?;
    let mut held = folder.hold_or_refuse("cna authority serve")?;
    let runtime = runtime::start()?;
    let end = runtime::asked_to_end(&runtime);
    let (listener, address) = runtime.block_on(listen(&options.listen))?;
    let metrics = match &options.metrics_listen {
        Some(address) => Some(runtime.block_on(listen(address))?),
        None => None,
    };
    make_private(&options.place.database)?;
    let store = Store::open(options.place.database.clone(), world.clone())?;
    // Before the address is said: whoever reads it may use the folder at once.
    let token = world.random_hex::<32>();
    let url = format!("http://{address}");
    held.announce(Server::Authority, &url, &token)?;
    line(&format!("CVE Services API  http://{address}/api/"))?;
    line(&format!("Data              {}", options.place.database))?;
    if let Some((_, address)) = &metrics {
        line(&format!("Metrics           http://{address}/metrics"))?;
    }
    if options.practice {
        let account = practice_account(&store, &world)?;
        line("Practice: nothing said here leaves this machine. A client needs:")?;
        line(&format!("export CVE_API_URL=http://{address}/api/"))?;
        line(&format!("export CVE_ORG={}", account.org))?;
        line(&format!("export CVE_USER={}", account.user))?;
        line(&format!("export CVE_API_KEY={}", account.key.reveal()))?;
    }
    let (writer, log) = match options.log {
        Some(form) => {
            let (writer, log) = Writer::start(form)?;
            (Some(writer), Some(log))
        }
        None => (None, None),
    };
    let settings = Settings {
        compat: options.compat,
        rate_limits: options.rate_limits,
        proxies: options.proxies.clone(),
        // Practice records appear here and nowhere else.
        public_site: match options.practice {
            true => format!("http://{address}/"),
            false => Settings::default().public_site,
        },
        log,
        operator_token: Some(Digest::of(token.as_bytes())),
        ..Settings::default()
    };
    let limits = settings.limits;
    let service = Service::new(store.clone(), world, settings);
    let rounds = runtime.spawn(go_round(service.clone()));
    let measured = metrics.map(|(listener, _)| runtime.spawn(measure(listener, service.clone())));
    let ending = service.clone();
    let end = async move {
        end.await;
        ending.end();
    };
    let answering = service.clone();
    let answer = move |client, request| answering.answer(client, request);
    let drained = runtime.block_on(http::serve_by(listener, answer, limits, end));
    held.withdraw();
    rounds.abort();
    if let Some(measured) = measured {
        measured.abort();
    }
    service.settle();
    store.close();
    if !drained {
        tracing::warn!("some requests were cut off");
    }
    // All that write to the log are gone with the runtime.
    drop((service, runtime));
    if let Some(writer) = writer {
        writer.end();
    }
    line("Ended.")
}

/// Does from time to time what no request does.
async fn go_round(service: Service) {
    let mut round = tokio::time::interval(ROUND);
    loop {
        round.tick().await;
        let service = service.clone();
        let work = move || {
            service.settle();
            match service.open_years() {
                Ok(years) => {
                    for year in years {
                        tracing::warn!(%year, "opened the year by itself");
                    }
                }
                Err(failure) => tracing::error!(%failure, "a year could not be opened"),
            }
        };
        // A panic ends this round and not the others.
        let _ = tokio::task::spawn_blocking(work).await;
    }
}

/// Serves `/metrics` on an address of its own, which the public does not
/// reach.
async fn measure(listener: TcpListener, service: Service) {
    let router = Router::new().route(
        "/metrics",
        get(move || {
            let service = service.clone();
            async move {
                let text = tokio::task::spawn_blocking(move || service.metrics()).await;
                let kind = "text/plain; version=0.0.4; charset=utf-8";
                ([(header::CONTENT_TYPE, kind)], text.unwrap_or_default())
            }
        }),
    );
    http::serve(
        listener,
        router,
        http::Limits::default(),
        std::future::pending(),
    )
    .await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_number_of_requests_in_some_seconds() {
        let found = limit("100/60").unwrap();
        assert_eq!((found.max_requests, found.window_seconds), (100, 60));
        for text in ["", "100", "100/0", "-1/1", "a/b", "1/1/1"] {
            assert!(limit(text).is_err(), "{text}");
        }
    }
}
