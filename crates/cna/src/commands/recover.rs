//! `cna recover`: a way in when nobody can administer the desk any more.

use clap::{Arg, ArgMatches, Command};
use serde_json::json;

use crate::cli::{json_flag, place_arguments, required};
use crate::config::Place;
use crate::desk_server::{self, DeskOptions};
use crate::folder::Folder;
use crate::output::line;

/// The command line of `cna recover`.
pub(crate) fn command() -> Command {
    place_arguments(
        Command::new("recover")
            .about("Make somebody an administrator, when nobody can sign in as one")
            .long_about(
                "Makes somebody an administrator and prints a one-time sign-in link. Works only \
                 on the data folder itself, while nothing else holds it: whoever can do that owns \
                 everything in it anyway. The audit chain keeps it.",
            )
            .arg(
                Arg::new("name")
                    .required(true)
                    .help("Name of somebody who is there, has left, or is new"),
            )
            .arg(
                Arg::new("portal-url")
                    .long("portal-url")
                    .value_name("URL")
                    .env("CNA_PORTAL_URL")
                    .default_value("http://127.0.0.1:8080")
                    .help("Address under which `cna serve` will be reached"),
            )
            .arg(json_flag("Print JSON")),
    )
}

/// Makes the administrator and prints the link.
pub(crate) fn run(matches: &ArgMatches) -> anyhow::Result<()> {
    let place = Place::read(matches)?;
    let name: &String = required(matches, "name")?;
    let portal: &String = required(matches, "portal-url")?;
    anyhow::ensure!(
        place.data.exists(),
        "there is no data folder `{}`: name one with --data, or start one with `cna serve`",
        place.data.display()
    );
    let held = Folder::make(&place.data)?.hold_or_refuse("cna recover")?;
    let world = crate::world::real(place.now)?;
    let options = DeskOptions {
        portal_url: portal.trim_end_matches('/').to_owned(),
        allow_private_addresses: false,
        pace: desk_server::pace()?,
    };
    let desk = desk_server::open(&place, &held, &world, options)?;
    let secret = desk.recover(name)?;
    let url = format!("{}/sign-in?link={}", desk.portal_url(), secret.reveal());
    if matches.get_flag("json") {
        line(&json!({"name": name, "sign_in": url}).to_string())?;
    } else {
        line(&format!(
            "{name} is an administrator now. Start `cna serve`, then sign in once, within an \
             hour: {url}"
        ))?;
    }
    desk.store().close();
    Ok(())
}
