//! `cna clocks reminders`: who is reminded of what, and giving it now.

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};

use crate::commands::case::table;
use crate::commands::clocks::minute;
use crate::config::Transport;
use crate::output::line;
use crate::transport::Link;

/// The command line, without what every command of the desk takes.
pub(crate) fn command() -> Command {
    Command::new("reminders")
        .about("Give the reminders that are due now, or list them")
        .long_about(
            "Gives the reminders that are due now, each once; `cna serve` does so by itself each \
             minute. With --dry-run, lists those that are due in your cases and at the desk, and \
             why those that wait do.",
        )
        .arg(
            Arg::new("dry-run")
                .long("dry-run")
                .action(ArgAction::SetTrue)
                .help("List them, and give none"),
        )
}

/// Runs it.
pub(crate) fn run(matches: &ArgMatches) -> anyhow::Result<()> {
    let transport = Transport::read(matches)?;
    let link = Link::find(&transport)?;
    let path = "/desk/v1/clocks/reminders";
    if !matches.get_flag("dry-run") {
        let answer = link.post(path, &json!({}))?;
        if transport.json {
            line(&answer.to_string())?;
        } else {
            line(&format!("Mails left to be sent: {}.", answer["mails"]))?;
        }
        return link.finish();
    }
    let answer = link.get(path)?;
    let found = answer["reminders"].as_array().cloned().unwrap_or_default();
    if transport.json {
        line(&answer.to_string())?;
    } else if found.is_empty() {
        line("Nobody has to be reminded now. `cna clocks` shows what runs.")?;
    } else {
        let rows: Vec<[String; 6]> = found.iter().map(row).collect();
        let heads = ["PERSON", "CASE", "CLOCK", "DUE (UTC)", "HOW", "WAITS"];
        table(heads, &rows)?;
    }
    link.finish()
}

fn row(reminder: &Value) -> [String; 6] {
    let text = |key: &str| reminder[key].as_str().unwrap_or_default().to_owned();
    let case = reminder["case"].as_i64().map(|id| id.to_string());
    let how = if reminder["page"] == true {
        "at once"
    } else {
        "digest"
    };
    [
        text("person"),
        case.unwrap_or_else(|| "desk".to_owned()),
        format!("{} {}", text("clock"), text("kind")),
        minute(&text("due")),
        how.to_owned(),
        text("waits"),
    ]
}
