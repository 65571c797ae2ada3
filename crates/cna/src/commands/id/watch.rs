//! `cna id watch` and `cna id hits`: where our IDs are named in public.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use casework::ids_in;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use client::{Addresses, Link as WebLink, Request, Settings};
use serde_json::{Value, json};

use crate::cli::{Stop, required, transport_arguments};
use crate::config::{Transport, variable};
use crate::output::{line, note, plain, problem};
use crate::transport::Link;

/// The longest file or answer that is read; what is behind is left out, and
/// said so.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// The longest wait for an address.
const MAX_WAIT_MS: u64 = 30_000;

/// Sightings of one request to the desk.
const PART: usize = 5_000;

/// The definitions of `watch` and `hits`.
pub(super) fn commands() -> Vec<Command> {
    let number = || {
        Arg::new("number")
            .value_name("NUMBER")
            .required(true)
            .value_parser(value_parser!(i64).range(1..))
            .help("Number of the hit")
    };
    let note = || {
        Arg::new("note")
            .long("note")
            .value_name("TEXT")
            .help("In words")
    };
    vec![
        transport_arguments(
            Command::new("watch")
                .about("Look for our reserved IDs in addresses, files and folders")
                .long_about(
                    "Looks for our IDs that are reserved and have no record: in http and https \
                     addresses, feeds among them, which are read as text; in files and folders, \
                     work trees of git among them, whose history is not read; and, with `-`, in \
                     standard input. Every place is kept and told once, until somebody says with \
                     `cna id hits` what it means. What nobody reads for 24 hours counts as known \
                     (D-08).",
                )
                .after_help(
                    "Exit code: 0 nothing new, 1 something new, or a source that cannot be read.",
                )
                .arg(
                    Arg::new("source")
                        .value_name("SOURCE")
                        .required(true)
                        .num_args(1..)
                        .help("An address, a file, a folder, or `-`"),
                )
                .arg(
                    Arg::new("name")
                        .long("name")
                        .value_name("NAME")
                        .default_value("standard input")
                        .help("What to call standard input"),
                )
                .arg(
                    Arg::new("allow-private-addresses")
                        .long("allow-private-addresses")
                        .action(ArgAction::SetTrue)
                        .help("Also read addresses at private and loopback hosts"),
                ),
        ),
        Command::new("hits")
            .about("List where our IDs were seen, and say what it means")
            .args_conflicts_with_subcommands(true)
            .subcommand(transport_arguments(
                Command::new("list").about("List what nobody has read").arg(
                    Arg::new("all")
                        .long("all")
                        .action(ArgAction::SetTrue)
                        .help("Also what somebody has read"),
                ),
            ))
            .subcommand(transport_arguments(
                Command::new("confirm")
                    .about("Say that a hit names the vulnerability, so that the right clock starts")
                    .arg(number())
                    .arg(
                        Arg::new("details")
                            .long("details")
                            .action(ArgAction::SetTrue)
                            .help("Details that are not trivial stand there; without, the bare ID"),
                    )
                    .arg(
                        Arg::new("ours")
                            .long("ours")
                            .action(ArgAction::SetTrue)
                            .help("It is one of our outputs; without, somebody else's"),
                    )
                    .arg(note()),
            ))
            .subcommand(transport_arguments(
                Command::new("dismiss")
                    .about("Say that a hit means nothing")
                    .arg(number())
                    .arg(note().required(true)),
            ))
            .subcommand_required(true)
            .arg_required_else_help(true),
    ]
}

/// Runs `hits`.
pub(super) fn run_hits(matches: &ArgMatches) -> Result<(), Stop> {
    let Some((verb, matches)) = matches.subcommand() else {
        return Ok(());
    };
    let transport = Transport::read(matches)?;
    let link = Link::find(&transport)?;
    if verb == "list" {
        return Ok(list(&transport, link, matches.get_flag("all"))?);
    }
    let number: &i64 = required(matches, "number")?;
    let flag = |name: &str| matches.try_get_one::<bool>(name).ok().flatten() == Some(&true);
    let body = json!({
        "confirm": verb == "confirm",
        "details": flag("details"),
        "ours": flag("ours"),
        "note": matches.get_one::<String>("note").cloned().unwrap_or_default(),
    });
    let hit = link.post(&format!("/desk/v1/hits/{number}"), &body)?;
    if transport.json {
        line(&hit.to_string())?;
    } else {
        let text = |key: &str| plain(hit[key].as_str().unwrap_or_default());
        let means = match text("means").as_str() {
            "" => String::new(),
            means => format!(": {means}"),
        };
        line(&format!("{} is {}{means}", text("cve_id"), text("state")))?;
    }
    Ok(link.finish()?)
}

fn list(transport: &Transport, link: Link, all: bool) -> anyhow::Result<()> {
    let answer = link.get(&format!("/desk/v1/hits?all={all}"))?;
    if transport.json {
        line(&answer.to_string())?;
        return link.finish();
    }
    let hits = answer["hits"].as_array().cloned().unwrap_or_default();
    if hits.is_empty() {
        line("No hit waits to be read. `cna id watch` looks for some.")?;
    } else {
        let rows: Vec<[String; 5]> = hits
            .iter()
            .map(|hit| {
                let text = |key: &str| plain(hit[key].as_str().unwrap_or_default());
                let number = hit["number"].as_i64().map(|number| number.to_string());
                [
                    number.unwrap_or_default(),
                    text("cve_id"),
                    text("state"),
                    text("first_seen"),
                    place(hit),
                ]
            })
            .collect();
        let heads = ["NUMBER", "CVE ID", "STATE", "FIRST SEEN", "WHERE"];
        crate::commands::case::table(heads, &rows)?;
    }
    if let Some(ratio) = answer["ratio"].as_f64() {
        let count = &answer["without_record"];
        line(&format!(
            "Public without a record: {count}, {ratio:.1} % of all that are public."
        ))?;
    }
    link.finish()
}

/// Where a hit is; nothing for whoever may know the ID only.
fn place(hit: &Value) -> String {
    match hit["source"].as_str() {
        Some(source) => format!("{}:{}", plain(source), hit["line"]),
        None => String::new(),
    }
}

/// Runs `watch`.
pub(super) fn run(transport: &Transport, matches: &ArgMatches) -> Result<(), Stop> {
    let sources: Vec<&String> = matches.get_many("source").unwrap_or_default().collect();
    let name: &String = required(matches, "name")?;
    let request = request(matches.get_flag("allow-private-addresses"))?;
    let mut seen = Vec::new();
    let mut unread = 0;
    for source in sources {
        if let Err(error) = look(&request, source, name, &mut seen) {
            problem("not read", &format!("{error:#}"));
            unread += 1;
        }
    }
    let link = Link::find(transport)?;
    let (mut new, mut known, mut ignored) = (Vec::new(), 0, 0);
    for part in seen.chunks(PART) {
        let report = link.post("/desk/v1/hits", &json!({"seen": part}))?;
        new.extend(report["new"].as_array().cloned().unwrap_or_default());
        known += report["known"].as_u64().unwrap_or(0);
        ignored += report["ignored"].as_u64().unwrap_or(0);
    }
    if transport.json {
        let report = json!({"new": new, "known": known, "ignored": ignored, "unread": unread});
        line(&report.to_string())?;
    } else {
        for hit in &new {
            let id = hit["cve_id"].as_str().unwrap_or_default();
            let number = match hit["number"].as_i64() {
                Some(number) => format!("hit {number}: "),
                None => String::new(),
            };
            line(format!("{number}{id} {}", place(hit)).trim_end())?;
        }
        let count = new.len();
        line(&format!(
            "{count} new, {known} known. Read them with `cna id hits list`."
        ))?;
    }
    link.finish()?;
    if unread > 0 {
        return Err(anyhow::anyhow!("{unread} of the sources could not be read").into());
    }
    match new.is_empty() {
        true => Ok(()),
        false => Err(Stop::Found),
    }
}

fn request(allow_private: bool) -> anyhow::Result<Request> {
    let settings = Settings {
        addresses: match allow_private {
            true => Addresses::Any,
            false => Addresses::Public,
        },
        max_body_bytes: MAX_BYTES,
        total_timeout_ms: MAX_WAIT_MS,
        read_timeout_ms: MAX_WAIT_MS,
        proxy: variable("HTTPS_PROXY").or_else(|| variable("https_proxy")),
        ..Settings::default()
    };
    Request::new(settings).context("setting up outgoing requests")
}

/// Reads one source, and adds what it names.
fn look(request: &Request, source: &str, name: &str, seen: &mut Vec<Value>) -> anyhow::Result<()> {
    if source == "-" {
        let mut bytes = Vec::new();
        let mut input = std::io::stdin().lock().take(MAX_BYTES);
        input
            .read_to_end(&mut bytes)
            .context("reading standard input")?;
        add(name, &bytes, seen);
        return Ok(());
    }
    if source.starts_with("http://") || source.starts_with("https://") {
        let answer = WebLink::new(request).look(source)?;
        if !answer.is_success() {
            bail!("`{source}` answers {}", answer.status);
        }
        if answer.is_cut {
            note(&format!(
                "of `{source}`, the first {MAX_BYTES} bytes were read"
            ));
        }
        add(source, &answer.body, seen);
        return Ok(());
    }
    let path = Path::new(source);
    let path = path
        .canonicalize()
        .with_context(|| format!("reading `{source}`: expected an address, a file or a folder"))?;
    walk(path, seen)
}

/// Reads a file, or every file below a folder, each folder in the order of
/// its names. Links and what begins with a dot are left out.
fn walk(path: PathBuf, seen: &mut Vec<Value>) -> anyhow::Result<()> {
    let mut waiting = vec![path];
    while let Some(path) = waiting.pop() {
        let context = || format!("reading `{}`", path.display());
        let kind = std::fs::symlink_metadata(&path).with_context(context)?;
        if kind.is_dir() {
            let mut inside = Vec::new();
            for entry in std::fs::read_dir(&path).with_context(context)? {
                let entry = entry.with_context(context)?;
                let hidden = entry.file_name().to_string_lossy().starts_with('.');
                if !hidden {
                    inside.push(entry.path());
                }
            }
            inside.sort_unstable_by(|a, b| b.cmp(a));
            waiting.extend(inside);
        } else if kind.is_file() {
            let mut bytes = Vec::new();
            let file = std::fs::File::open(&path).with_context(context)?;
            file.take(MAX_BYTES)
                .read_to_end(&mut bytes)
                .with_context(context)?;
            if kind.len() > MAX_BYTES {
                let shown = path.display();
                note(&format!(
                    "of `{shown}`, the first {MAX_BYTES} bytes were read"
                ));
            }
            add(&path.display().to_string(), &bytes, seen);
        }
    }
    Ok(())
}

/// Adds the IDs of a text. What is no text, as a NUL tells, names none.
fn add(source: &str, bytes: &[u8], seen: &mut Vec<Value>) {
    let start = &bytes[..bytes.len().min(8_000)];
    if start.contains(&0) {
        return;
    }
    let source: String = source.chars().take(1_000).collect();
    for (line, id) in ids_in(&String::from_utf8_lossy(bytes)) {
        seen.push(json!({"cve_id": id, "source": source, "line": line}));
    }
}
