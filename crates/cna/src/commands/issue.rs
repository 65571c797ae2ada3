//! `cna publish issue`: looks at the public issue of a record, or files its
//! placeholder.

use anyhow::bail;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use cve::id::CveId;
use serde_json::{Value, json};

use super::draft::{minute, path};
use super::release::print_checklist;
use crate::cli::{required, transport_arguments};
use crate::config::Transport;
use crate::output::{Style, line, plain};
use crate::transport::Link;

/// The command line of `cna publish issue`.
pub(crate) fn command() -> Command {
    transport_arguments(
        Command::new("issue")
            .about("Look at the public issue, as evidence for K-01 to K-04, or file its placeholder")
            .long_about(
                "Looks at the public issue: before the advisory is public, whether it is a \
                 placeholder that tells nothing (K-01); from then on, whether title, text and \
                 labels are right (K-02), what the feed takes from its title (K-03) and from its \
                 state (K-04). What was seen is evidence for the checklist, for 24 hours and for \
                 the revision of that time. The request names repository and number of the issue \
                 and nothing of the case.\n\nWith --file, files the placeholder: the text that \
                 `cna publish announce CVE-ID --template placeholder` wrote and somebody else \
                 approved with `cna publish messages approve`, under the title that tells nothing. \
                 It is filed once, whatever becomes of the tracker's answer: a random mark in its \
                 text is looked for before it is sent again.\n\nThe repository is set with `cna organisation \
                 tracker`.",
            )
            .arg(
                Arg::new("cve-id")
                    .value_name("CVE-ID")
                    .required(true)
                    .value_parser(value_parser!(CveId))
                    .help("The CVE ID"),
            )
            .arg(
                Arg::new("url")
                    .long("url")
                    .value_name("URL")
                    .help("Address of the issue, or its number; the one looked at last without it")
                    .conflicts_with("last"),
            )
            .arg(
                Arg::new("file")
                    .long("file")
                    .action(ArgAction::SetTrue)
                    .conflicts_with_all(["url", "last"])
                    .help("File the approved placeholder issue, once"),
            )
            .arg(
                Arg::new("last")
                    .long("last")
                    .action(ArgAction::SetTrue)
                    .help("Show what was seen last, and ask nobody"),
            ),
    )
}

/// Looks at the issue, or shows the last look.
///
/// Refuses: an issue at which something is amiss, after it was shown.
pub(crate) fn run(matches: &ArgMatches) -> anyhow::Result<()> {
    let transport = Transport::read(matches)?;
    let id: CveId = *required(matches, "cve-id")?;
    let link = Link::find(&transport)?;
    if matches.get_flag("file") {
        return file(&transport, link, id);
    }
    let seen = if matches.get_flag("last") {
        link.get(&path(id, "issue"))?
    } else {
        let url = matches.get_one::<String>("url");
        link.post(&path(id, "issue"), &json!({"url": url}))?
    };
    if transport.json {
        line(&seen.to_string())?;
    } else if seen.is_null() {
        line(&format!(
            "Nobody looked at the issue of {id} yet. Look with `cna publish issue {id} --url URL`."
        ))?;
    } else {
        print(&seen)?;
    }
    link.finish()?;
    let faults = seen["faults"].as_array().map_or(&[][..], Vec::as_slice);
    let mut amiss: Vec<&str> = faults.iter().filter_map(|one| one[0].as_str()).collect();
    amiss.dedup();
    if !amiss.is_empty() {
        bail!(
            "the issue of {id} is not as it must be: {}",
            amiss.join(", ")
        );
    }
    if let Some(problem) = seen["problem"].as_str().filter(|text| !text.is_empty()) {
        bail!("{}", plain(problem));
    }
    Ok(())
}

/// Leaves the placeholder to be filed.
fn file(transport: &Transport, link: Link, id: CveId) -> anyhow::Result<()> {
    let filing = link.post(&path(id, "issue/file"), &json!({}))?;
    if transport.json {
        line(&filing.to_string())?;
    } else {
        line(&format!(
            "The placeholder issue of {id} is on its way to `{}`.\nSee it with `cna publish issue \
             {id}`.",
            plain(filing["repository"].as_str().unwrap_or_default())
        ))?;
    }
    link.finish()
}

fn print(seen: &Value) -> anyhow::Result<()> {
    let text = |key: &str| plain(seen[key].as_str().unwrap_or_default());
    let when = match seen["is_public"] == true {
        true => "after the disclosure",
        false => "before the disclosure",
    };
    line(&Style::stdout().bold(&text("url")))?;
    line(&format!(
        "  Seen    {} UTC by {}, {when}, for revision {}",
        minute(&text("seen_at")),
        text("seen_by"),
        seen["revision"]
    ))?;
    if text("problem").is_empty() {
        line(&format!("  Title   {}", text("title")))?;
        let reason = match text("reason").as_str() {
            "" => String::new(),
            reason => format!(" ({})", reason.replace('_', " ")),
        };
        line(&format!("  State   {}{reason}", text("state")))?;
        line(&format!("  Labels  {}", listed(&seen["labels"])))?;
        let feed = &seen["feed"];
        let status = feed["status"].as_str().unwrap_or("nothing");
        line(&format!("  Feed    {}: {status}", listed(&feed["ids"])))?;
    }
    let items = seen["items"].as_array().map_or(&[][..], Vec::as_slice);
    print_checklist(items)
}

fn listed(values: &Value) -> String {
    let all: Vec<String> = values
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| plain(one.as_str().unwrap_or_default()))
        .collect();
    match all.is_empty() {
        true => "none".to_owned(),
        false => all.join(", "),
    }
}
