//! `cna status`: what needs you, in order.

use anyhow::Context as _;
use clap::{Arg, ArgMatches, Command};
use serde_json::Value;

use super::id::encoded;
use crate::cli::transport_arguments;
use crate::config::Transport;
use crate::output::{Style, line};
use crate::transport::Link;

/// The heads of the kinds, in the order the desk gives them in.
const HEADS: [(&str, &str); 11] = [
    ("overdue", "Overdue"),
    ("due_soon", "Due soon"),
    ("late", "Late, or soon to be"),
    ("offer", "Cases that are offered to you"),
    ("task", "Your tasks"),
    ("case", "Cases that wait for you"),
    ("silent", "Distributors that have not answered"),
    ("followup", "Follow-ups that are stuck"),
    ("disclosure", "Disclosures nobody has read"),
    ("pool", "Pool"),
    ("training", "Trainings that are not noted"),
];

/// Its definition.
pub(crate) fn command() -> Command {
    transport_arguments(
        Command::new("status")
            .about("Show what needs you, in order")
            .arg(
                Arg::new("digest")
                    .long("digest")
                    .value_name("DAY")
                    .num_args(0..=1)
                    .default_missing_value("")
                    .help(
                        "Show your digest as it was written once that day, such as 2026-11-03 \
                         [default: today's]",
                    ),
            ),
    )
}

/// Shows what needs the person, or its digest of a day.
pub(crate) fn run(matches: &ArgMatches) -> anyhow::Result<()> {
    let transport = &Transport::read(matches)?;
    let link = Link::find(transport)?;
    let answer = match matches.get_one::<String>("digest").map(String::as_str) {
        None => link.get("/desk/v1/status")?,
        Some("") => link.get("/desk/v1/digest").context(NO_DIGEST)?,
        Some(day) => {
            let asked = link.get(&format!("/desk/v1/digest?day={}", encoded(day)));
            asked.context(NO_DIGEST)?
        }
    };
    if transport.json {
        line(&answer.to_string())?;
        return link.finish();
    }
    let needs = answer["needs"].as_array().cloned().unwrap_or_default();
    if needs.is_empty() {
        line("Nothing needs you now. `cna clocks` shows what runs.")?;
        return link.finish();
    }
    for (kind, head) in HEADS {
        let mut of_kind = needs.iter().filter(|need| need["kind"] == kind).peekable();
        if of_kind.peek().is_some() {
            line(&Style::stdout().bold(head))?;
        }
        for need in of_kind {
            line(&format!("  {}", words(need)))?;
        }
    }
    link.finish()
}

/// Why there may be no digest.
const NO_DIGEST: &str = "nothing needed you then, or the desk did not run";

/// One need in a line: `case 3 "Title": publish, due 2026-12-04 17:00 …`.
fn words(need: &Value) -> String {
    let text = |key: &str| need[key].as_str().unwrap_or_default();
    let mut words = match need["case"].as_i64() {
        Some(case) => format!("case {case} \"{}\": {}", text("title"), text("what")),
        None => text("what").to_owned(),
    };
    if !text("due_local").is_empty() {
        words.push_str(&format!(", due {}", text("due_local")));
    }
    words
}
