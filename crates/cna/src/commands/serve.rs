//! `cna serve`: the desk and its portal.

use std::net::IpAddr;

use clap::ArgMatches;

use crate::cli::required;
use crate::config::Place;
use crate::desk_server::{self, DeskOptions, RunnerThread};
use crate::folder::{Folder, Server};
use crate::output::{Style, line};
use crate::runtime;

/// What was asked of `cna serve`.
pub(crate) struct Options {
    place: Place,
    listen: String,
    portal_url: Option<String>,
    environment: String,
    allow_private_addresses: bool,
    proxies: Vec<IpAddr>,
}

/// The first administrator's name; others are added by them.
const FIRST_ADMINISTRATOR: &str = "admin";

impl Options {
    pub(crate) fn read(matches: &ArgMatches) -> anyhow::Result<Options> {
        Ok(Options {
            place: Place::read(matches)?,
            listen: required::<String>(matches, "listen")?.clone(),
            portal_url: matches.get_one::<String>("portal-url").cloned(),
            environment: required::<String>(matches, "environment")?.clone(),
            allow_private_addresses: matches.get_flag("allow-private-addresses"),
            proxies: matches
                .get_many::<IpAddr>("proxy")
                .into_iter()
                .flatten()
                .map(IpAddr::to_canonical)
                .collect(),
        })
    }
}

/// Serves until asked to end.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let world = crate::world::real(options.place.now)?;
    let folder = Folder::make(&options.place.data)?;
    let mut held = folder.hold_or_refuse("cna serve")?;
    let runtime = runtime::start()?;
    let end = runtime::asked_to_end(&runtime);
    let (listener, address) = runtime.block_on(desk_server::listen(&options.listen))?;
    let address = format!("http://{address}");
    let portal_url = options
        .portal_url
        .clone()
        .unwrap_or_else(|| address.clone());
    let desk = desk_server::open(
        &options.place,
        &held,
        &world,
        DeskOptions {
            portal_url: portal_url.trim_end_matches('/').to_owned(),
            allow_private_addresses: options.allow_private_addresses,
            pace: desk_server::pace()?,
        },
    )?;
    let first = desk.first_run(FIRST_ADMINISTRATOR)?;
    let token = world.random_hex::<32>();
    held.announce(Server::Desk, &address, &token)?;
    let style = Style::stdout();
    line(&format!("Portal  {address}/"))?;
    line(&format!("Desk    {address}/desk"))?;
    line(&format!(
        "Data    {} in {}",
        options.place.database,
        options.place.data.display()
    ))?;
    if let Some(secret) = first {
        line(&format!(
            "{} {address}/sign-in?link={}",
            style.bold("Sign in once, within an hour, as the first administrator:"),
            secret.reveal()
        ))?;
    }
    let runner = RunnerThread::start(&desk)?;
    let mut settings = desk_server::page_settings(&desk, &options.environment, &portal_url)?;
    settings.proxies.clone_from(&options.proxies);
    let router = desk_server::router(&desk, settings, Some(&token));
    let drained = runtime.block_on(http::serve(listener, router, web::LIMITS, end));
    held.withdraw();
    drop(runner);
    desk.store().close();
    if !drained {
        tracing::warn!("some requests were cut off");
    }
    line("Ended.")
}
