//! `cna case intake|confidential|product|ask|link|attach|attachments`: what
//! came in with a case, and its reporter.

use std::io::Write as _;

use anyhow::{Context as _, bail};
use casework::{CaseId, MAX_ATTACHMENT_BYTES};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::{Value, json};

use crate::cli::{required, transport_arguments};
use crate::config::Transport;
use crate::output::{line, plain};
use crate::transport::Link;

/// The words of these commands.
pub(crate) const WORDS: [&str; 7] = [
    "intake",
    "confidential",
    "product",
    "ask",
    "link",
    "attach",
    "attachments",
];

/// Their definitions, each with where the desk is.
pub(crate) fn command_lines() -> Vec<Command> {
    let on_case = |name: &'static str, about: &'static str| {
        Command::new(name).about(about).arg(
            Arg::new("id")
                .value_name("CASE")
                .required(true)
                .value_parser(value_parser!(CaseId))
                .help("Number of the case"),
        )
    };
    let word = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).value_name(value).required(true).help(help)
    };
    [
        on_case("intake", "Show how a case came in"),
        on_case(
            "confidential",
            "Show the confidential part of a report, to few",
        ),
        on_case(
            "product",
            "Say which product of the catalogue a case is about",
        )
        .arg(word(
            "product",
            "PRODUCT",
            "Name of the product in the catalogue",
        )),
        on_case(
            "ask",
            "Ask the reporter something, on the page of the reporter's link",
        )
        .arg(word("text", "TEXT", "The question")),
        on_case(
            "link",
            "Make a new link for the reporter, ending the one before",
        )
        .arg(
            Arg::new("revoke")
                .long("revoke")
                .action(ArgAction::SetTrue)
                .help("End the link, and make none"),
        )
        .arg(
            Arg::new("date")
                .long("date")
                .value_parser(["show", "hide"])
                .conflicts_with("revoke")
                .help("Show or hide the planned date on its page, and leave the link"),
        ),
        on_case("attach", "Attach files to a case").arg(
            word("file", "FILE", "The files")
                .action(ArgAction::Append)
                .num_args(1..),
        ),
        on_case("attachments", "List the attachments of a case, or save one").arg(
            Arg::new("save")
                .long("save")
                .value_names(["NUMBER", "FILE"])
                .num_args(2)
                .help("Save the attachment with this number as FILE, which must not exist"),
        ),
    ]
    .into_iter()
    .map(transport_arguments)
    .collect()
}

/// Runs one of them.
pub(crate) fn run(word: &str, matches: &ArgMatches) -> anyhow::Result<()> {
    let transport = Transport::read(matches)?;
    let id: CaseId = *required(matches, "id")?;
    let text = |name: &str| required::<String>(matches, name);
    match word {
        "intake" => intake(&transport, id),
        "confidential" => confidential(&transport, id),
        "product" => product(&transport, id, text("product")?),
        "ask" => ask(&transport, id, text("text")?),
        "link" => match matches.get_one::<String>("date") {
            Some(date) => tell_date(&transport, id, date == "show"),
            None => renew_link(&transport, id, matches.get_flag("revoke")),
        },
        "attach" => {
            let files: Vec<&String> = matches.get_many("file").into_iter().flatten().collect();
            attach(&transport, id, &files)
        }
        _ => {
            let save: Vec<&String> = matches.get_many("save").into_iter().flatten().collect();
            match save.as_slice() {
                [number, file] => self::save(&transport, id, number, file),
                _ => attachments(&transport, id),
            }
        }
    }
}

/// What follows the number of a case that was filed.
pub(crate) fn print_filed(id: i64, answer: &Value) -> anyhow::Result<()> {
    if let Some(reference) = answer["reference"].as_str() {
        line(&format!("Its reference is {reference}."))?;
    }
    let found = answer["duplicates"].as_array().cloned().unwrap_or_default();
    if !found.is_empty() {
        line("It may be a duplicate of:")?;
        super::case_duplicates::print_candidates(&found)?;
        line(&format!(
            "Say what each is with `cna case duplicate {id} CANDIDATE --verdict \
             same|related|different --reason TEXT`."
        ))?;
    }
    Ok(())
}

/// What a case shows of how it came in: receipt, link and files.
pub(crate) fn print_came_in(case: &Value) -> anyhow::Result<()> {
    let (id, intake) = (&case["id"], &case["intake"]);
    let text = |of: &Value, key: &str| plain(of[key].as_str().unwrap_or_default());
    if intake.is_object() {
        let (reference, channel) = (text(intake, "reference"), text(intake, "channel"));
        line(&format!("  Receipt   {reference}, by {channel}"))?;
        let link = match intake["link_made"].as_str() {
            Some(made) => format!("made {} UTC", super::clocks::minute(made)),
            None => format!("none: `cna case link {id}` makes one"),
        };
        line(&format!("  Link      {link}"))?;
    }
    for file in case["attachments"].as_array().into_iter().flatten() {
        line(&format!(
            "  File {}    {}, {}, {} bytes, sha-256 {}",
            file["number"],
            text(file, "name"),
            text(file, "kind"),
            file["size"],
            text(file, "digest")
        ))?;
    }
    Ok(())
}

/// Prints the answer as JSON, or the words.
fn say(transport: &Transport, link: Link, answer: &Value, words: &str) -> anyhow::Result<()> {
    if transport.json {
        line(&answer.to_string())?;
    } else {
        line(words)?;
    }
    link.finish()
}

fn intake(transport: &Transport, id: CaseId) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let answer = link.get(&format!("/desk/v1/cases/{id}/intake"))?;
    if transport.json || answer.is_null() {
        let none = format!("Nothing is kept of how case {id} came in.");
        return say(transport, link, &answer, &none);
    }
    let text = |key: &str| plain(answer[key].as_str().unwrap_or_default());
    line(&format!("Case {id} came in as {}", text("reference")))?;
    let at = super::clocks::minute(answer["at"].as_str().unwrap_or_default());
    line(&format!("  By        {}, {at} UTC", text("channel")))?;
    let catalogued = match answer["is_catalogued"].as_bool() {
        Some(true) => String::new(),
        _ => format!("; not in the catalogue: `cna case product {id} PRODUCT` says which it is"),
    };
    line(&format!("  Product   {}{catalogued}", text("product")))?;
    for (head, key) in [
        ("Public", "public_status"),
        ("Plan", "plan"),
        ("Credit", "consent"),
    ] {
        if !text(key).is_empty() {
            line(&format!("  {head:<9} {}", text(key)))?;
        }
    }
    if answer["has_confidential"] == true {
        line(&format!(
            "  There is a confidential part: `cna case confidential {id}`"
        ))?;
    }
    let made = answer["link_made"].as_str().map(super::clocks::minute);
    let made = made.map_or_else(
        || format!("none: `cna case link {id}` makes one"),
        |made| format!("made {made} UTC"),
    );
    line(&format!("  Link      {made}"))?;
    link.finish()
}

fn confidential(transport: &Transport, id: CaseId) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let answer = link.get(&format!("/desk/v1/cases/{id}/confidential"))?;
    let text = answer["confidential"].as_str().unwrap_or_default();
    // Line by line, so that no code of a terminal comes through.
    let shown: Vec<String> = text.lines().map(plain).collect();
    let words = match text {
        "" => format!("The report of case {id} has no confidential part."),
        _ => shown.join("\n"),
    };
    say(transport, link, &answer, &words)
}

fn product(transport: &Transport, id: CaseId, name: &str) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    link.put(
        &format!("/desk/v1/cases/{id}/product"),
        &json!({"product": name}),
    )?;
    let answer = json!({"case": id, "product": name});
    say(
        transport,
        link,
        &answer,
        &format!("Case {id} is about {name}."),
    )
}

fn ask(transport: &Transport, id: CaseId, text: &str) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let path = format!("/desk/v1/cases/{id}/questions");
    let mut answer = link.post(&path, &json!({"body": text}))?;
    let words = match answer["by_hand"].as_str().unwrap_or_default() {
        "" => format!(
            "Asked. The reporter sees it under the link, and it is on its way by mail: `cna case \
             outgoing {id}`."
        ),
        why => format!(
            "Asked. The reporter sees it under the link; nothing was mailed: {}.",
            plain(why)
        ),
    };
    answer["case"] = json!(id);
    say(transport, link, &answer, &words)
}

fn tell_date(transport: &Transport, id: CaseId, told: bool) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let path = format!("/desk/v1/cases/{id}/date-told");
    link.put(&path, &json!({"told": told}))?;
    let words = match told {
        true => "The reporter sees the planned date, once there is one.",
        false => "The reporter sees no date.",
    };
    say(transport, link, &json!({"case": id, "told": told}), words)
}

fn renew_link(transport: &Transport, id: CaseId, only_revoke: bool) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let path = format!("/desk/v1/cases/{id}/link");
    let answer = link.post(&path, &json!({"only_revoke": only_revoke}))?;
    let words = match answer["url"].as_str() {
        Some(url) => format!(
            "The reporter's link, shown only now; those before it do not work any more:\n{url}"
        ),
        None => format!("No link of case {id} works any more."),
    };
    say(transport, link, &answer, &words)
}

fn attach(transport: &Transport, id: CaseId, files: &[&String]) -> anyhow::Result<()> {
    // Read first: a file that is missing is said before anything is kept.
    let mut read = Vec::new();
    for file in files {
        let length = std::fs::metadata(file)
            .with_context(|| format!("reading `{file}`"))?
            .len();
        anyhow::ensure!(
            length <= MAX_ATTACHMENT_BYTES as u64,
            "`{file}` has {length} bytes, expected at most {MAX_ATTACHMENT_BYTES}"
        );
        read.push(std::fs::read(file).with_context(|| format!("reading `{file}`"))?);
    }
    let link = Link::find(transport)?;
    let mut attached = Vec::new();
    for (file, bytes) in files.iter().zip(read) {
        let name = std::path::Path::new(file.as_str()).file_name();
        let name = name.map(|name| name.to_string_lossy()).unwrap_or_default();
        let path = format!("/desk/v1/cases/{id}/attachments?name={}", encoded(&name));
        let answer = link
            .post_bytes(&path, bytes)
            .with_context(|| format!("attaching `{file}`"))?;
        if !transport.json {
            line(&format!(
                "Attached `{file}` as number {}.",
                answer["number"]
            ))?;
        }
        attached.push(answer);
    }
    if transport.json {
        line(&json!({"attachments": attached}).to_string())?;
    }
    link.finish()
}

fn attachments(transport: &Transport, id: CaseId) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let answer = link.get(&format!("/desk/v1/cases/{id}/attachments"))?;
    if transport.json {
        line(&answer.to_string())?;
        return link.finish();
    }
    let found = answer["attachments"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    if found.is_empty() {
        line(&format!(
            "Case {id} has no attachments. Attach a file with `cna case attach {id} FILE`."
        ))?;
        return link.finish();
    }
    let rows: Vec<[String; 5]> = found
        .iter()
        .map(|file| {
            let text = |key: &str| plain(file[key].as_str().unwrap_or_default());
            let number = file["number"].to_string();
            [
                number,
                text("kind"),
                file["size"].to_string(),
                text("by"),
                text("name"),
            ]
        })
        .collect();
    super::case::table(["NUMBER", "KIND", "BYTES", "BY", "NAME"], &rows)?;
    link.finish()
}

/// Saves an attachment into a file of its own; what is there is left alone.
fn save(transport: &Transport, id: CaseId, number: &str, file: &str) -> anyhow::Result<()> {
    let number: i64 = number
        .parse()
        .with_context(|| format!("`{number}` is not the number of an attachment"))?;
    let link = Link::find(transport)?;
    let bytes = link.get_bytes(&format!("/desk/v1/cases/{id}/attachments/{number}"))?;
    let written = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(file)
        .and_then(|mut out| out.write_all(&bytes).and_then(|()| out.sync_all()));
    if let Err(error) = &written
        && error.kind() == std::io::ErrorKind::AlreadyExists
    {
        bail!("`{file}` is there already: name another file, or move that one away");
    }
    written.with_context(|| format!("saving attachment {number} as `{file}`"))?;
    let answer = json!({"number": number, "file": file, "size": bytes.len()});
    let words = format!("Saved attachment {number} as `{file}`. Open it with care.");
    say(transport, link, &answer, &words)
}

/// A text as a value in a query.
pub(super) fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
