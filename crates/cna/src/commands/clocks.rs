//! `cna clocks`: the deadlines that run, breaches, settings, what happened.

use anyhow::{Context as _, bail};
use casework::CaseId;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use cve::time::Timestamp;
use serde_json::{Value, json};

use crate::cli::{required, transport_arguments};
use crate::commands::case::table;
use crate::config::Transport;
use crate::output::{Style, line};
use crate::transport::Link;

/// Lines asked for at once; the API gives no more.
const PAGE: usize = 500;

/// The command line of `cna clocks`.
pub(crate) fn command() -> Command {
    transport_arguments(
        Command::new("clocks")
            .about("Show the deadlines that run, soonest first")
            .long_about(
                "Shows the deadlines that nothing has stopped, of the cases you are on and of the \
                 desk itself, soonest first, in UTC and in the zone of the CNA. With --case, every \
                 deadline of one case, also those that were met.",
            )
            .args_conflicts_with_subcommands(true)
            .arg(
                Arg::new("case")
                    .long("case")
                    .value_name("ID")
                    .value_parser(value_parser!(CaseId))
                    .help("Every deadline of this case, also those that were met"),
            )
            .arg(
                Arg::new("until")
                    .long("until")
                    .value_name("TIME")
                    .value_parser(value_parser!(Timestamp))
                    .conflicts_with("case")
                    .help("Only those that end before this time"),
            ),
    )
    .subcommand(transport_arguments(
        Command::new("breaches").about("List the deadlines that were not met, newest first"),
    ))
    .subcommand(transport_arguments(crate::commands::reminders::command()))
    .subcommand(transport_arguments(settings_arguments(
        Command::new("settings")
            .about("Show or set zone, holidays and lengths of deadlines")
            .long_about(
                "Shows the zone and the holidays business days are counted with, and what the \
                 organisation chose about its deadlines. With a flag, changes it. Where the rules \
                 give a length, only a shorter one can be chosen.",
            ),
    )))
    .subcommand(transport_arguments(event_arguments(
        Command::new("record").about("Record what happened to the desk itself"),
    )))
}

fn settings_arguments(command: Command) -> Command {
    let many = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .value_name(value)
            .action(ArgAction::Append)
            .help(help)
    };
    command
        .arg(
            Arg::new("zone")
                .long("zone")
                .value_name("ZONE")
                .help("Zone of the CNA, by its IANA name, such as `Europe/Berlin`"),
        )
        .arg(many(
            "holiday",
            "DATE",
            "Add a holiday, such as `2026-12-25`",
        ))
        .arg(many("no-holiday", "DATE", "Take a holiday away"))
        .arg(many(
            "length",
            "ID=LENGTH",
            "Set the length of a deadline, such as `D-05=12 h`",
        ))
        .arg(many(
            "without",
            "ID",
            "Leave a deadline out, such as `D-16`",
        ))
        .arg(many(
            "with",
            "ID",
            "Keep a deadline again that was left out",
        ))
}

/// The arguments that say what happened.
pub(crate) fn event_arguments(command: Command) -> Command {
    let text = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    let time = |name, help| text(name, "TIME", help).value_parser(value_parser!(Timestamp));
    command
        .arg(
            Arg::new("kind")
                .required(true)
                .value_name("EVENT")
                .value_parser(parse_kind)
                .help("What happened, such as `human_answered`; docs/clocks.md lists all"),
        )
        .arg(time("at", "When it happened [default: now]"))
        .arg(text(
            "subject",
            "TEXT",
            "To what, where there can be several: a CVE ID, an organisation",
        ))
        .arg(time("date", "The date it names, of a plan or a notice"))
        .arg(
            text("severity", "WORD", "How severe the case is from then on")
                .value_parser(["low", "medium", "high", "critical"]),
        )
        .arg(text("note", "TEXT", "In words"))
}

fn parse_kind(text: &str) -> Result<String, String> {
    text.parse::<casework::clocks::EventKind>()
        .map(|kind| kind.to_string())
}

/// What happened, as the API takes it.
pub(crate) fn event_body(matches: &ArgMatches) -> anyhow::Result<Value> {
    let mut body = json!({"kind": required::<String>(matches, "kind")?});
    for name in ["at", "date"] {
        if let Some(at) = matches.get_one::<Timestamp>(name) {
            body[name] = json!(at);
        }
    }
    for name in ["subject", "severity", "note"] {
        if let Some(text) = matches.get_one::<String>(name) {
            body[name] = json!(text);
        }
    }
    Ok(body)
}

/// Runs what the command line names.
pub(crate) fn run(matches: &ArgMatches) -> anyhow::Result<()> {
    match matches.subcommand() {
        Some(("breaches", matches)) => breaches(&Transport::read(matches)?),
        Some(("reminders", matches)) => crate::commands::reminders::run(matches),
        Some(("settings", matches)) => settings(&Transport::read(matches)?, matches),
        Some(("record", matches)) => {
            let body = event_body(matches)?;
            record(&Transport::read(matches)?, "/desk/v1/events", &body)
        }
        _ => list(&Transport::read(matches)?, matches),
    }
}

/// Records what happened.
pub(crate) fn record(transport: &Transport, path: &str, body: &Value) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    link.post(path, body)?;
    if transport.json {
        line(&json!({"recorded": body["kind"]}).to_string())?;
    } else {
        let kind = body["kind"].as_str().unwrap_or_default();
        line(&format!("Recorded `{kind}`."))?;
    }
    link.finish()
}

fn list(transport: &Transport, matches: &ArgMatches) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let answer = match matches.get_one::<CaseId>("case") {
        Some(case) => link.get(&format!("/desk/v1/cases/{case}/clocks"))?,
        None => {
            let until = matches.get_one::<Timestamp>("until");
            all(&link, until.copied())?
        }
    };
    if transport.json {
        line(&answer.to_string())?;
        return link.finish();
    }
    let clocks = answer["clocks"].as_array().cloned().unwrap_or_default();
    if clocks.is_empty() {
        line("No deadline runs. They start when something happens: see docs/clocks.md.")?;
        return link.finish();
    }
    let zone = answer["zone"].as_str().unwrap_or("UTC");
    let rows: Vec<[String; 8]> = clocks.iter().map(row).collect();
    let local = format!("LOCAL ({zone})");
    table(
        [
            "DUE (UTC)",
            &local,
            "STANDS",
            "LEFT",
            "KIND",
            "ID",
            "CASE",
            "WHAT",
        ],
        &rows,
    )?;
    link.finish()
}

/// All of them, page after page.
fn all(link: &Link, until: Option<Timestamp>) -> anyhow::Result<Value> {
    let until = until
        .map(|until| format!("&until={until}"))
        .unwrap_or_default();
    let mut clocks: Vec<Value> = Vec::new();
    loop {
        let offset = clocks.len();
        let path = format!("/desk/v1/clocks?limit={PAGE}&offset={offset}{until}");
        let mut answer = link.get(&path)?;
        let page = answer["clocks"].as_array().cloned().unwrap_or_default();
        let is_last = page.len() < PAGE;
        clocks.extend(page);
        if is_last {
            answer["clocks"] = Value::Array(clocks);
            return Ok(answer);
        }
    }
}

fn row(clock: &Value) -> [String; 8] {
    let text = |key: &str| clock[key].as_str().unwrap_or_default().to_owned();
    let left = clock["left_ms"].as_i64().unwrap_or(0);
    let local = text("due_local");
    // The zone is in the head already.
    let local = local.split(" (").next().unwrap_or_default().to_owned();
    let case = clock["case"].as_i64().map(|id| id.to_string());
    let subject = text("subject");
    let what = match subject.as_str() {
        "" => text("what"),
        subject => format!("{}: {subject}", text("what")),
    };
    [
        minute(&text("due")),
        local,
        text("status"),
        span(left),
        text("kind"),
        text("id"),
        case.unwrap_or_else(|| "desk".to_owned()),
        what,
    ]
}

/// Date and minute of a time.
pub(crate) fn minute(time: &str) -> String {
    time.get(..16).unwrap_or(time).replace('T', " ")
}

/// A span in the two units that say most: `2 d 3 h`, `-4 h 20 min`.
fn span(ms: i64) -> String {
    let minutes = ms.abs() / 60_000;
    let sign = if ms < 0 { "-" } else { "" };
    let (days, hours, rest) = (minutes / 1_440, minutes / 60 % 24, minutes % 60);
    match (days, hours) {
        (0, 0) => format!("{sign}{rest} min"),
        (0, hours) => format!("{sign}{hours} h {rest} min"),
        (days, hours) => format!("{sign}{days} d {hours} h"),
    }
}

fn breaches(transport: &Transport) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let answer = link.get(&format!("/desk/v1/breaches?limit={PAGE}"))?;
    if transport.json {
        line(&answer.to_string())?;
        return link.finish();
    }
    let breaches = answer["breaches"].as_array().cloned().unwrap_or_default();
    if breaches.is_empty() {
        line("Every deadline was met so far.")?;
        return link.finish();
    }
    let rows: Vec<[String; 6]> = breaches
        .iter()
        .map(|breach| {
            let text = |key: &str| breach[key].as_str().unwrap_or_default().to_owned();
            let case = breach["case"].as_i64().map(|id| id.to_string());
            [
                minute(&text("due")),
                text("kind"),
                text("id"),
                case.unwrap_or_else(|| "desk".to_owned()),
                text("subject"),
                minute(&text("recorded")),
            ]
        })
        .collect();
    table(
        [
            "DUE (UTC)",
            "KIND",
            "ID",
            "CASE",
            "SUBJECT",
            "RECORDED (UTC)",
        ],
        &rows,
    )?;
    link.finish()
}

fn settings(transport: &Transport, matches: &ArgMatches) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let path = "/desk/v1/clocks/settings";
    let mut settings = link.get(path)?;
    if change(&mut settings, matches)? {
        settings = link.put(path, &settings)?;
    }
    if transport.json {
        line(&settings.to_string())?;
        return link.finish();
    }
    print(&settings)?;
    link.finish()
}

/// Applies the flags.
///
/// Gives: whether there was one.
fn change(settings: &mut Value, matches: &ArgMatches) -> anyhow::Result<bool> {
    let mut changed = false;
    if let Some(zone) = matches.get_one::<String>("zone") {
        settings["calendar"]["zone"] = json!(zone);
        changed = true;
    }
    for (add, remove, path) in [
        ("holiday", "no-holiday", "/calendar/holidays"),
        ("without", "with", "/clocks/without"),
    ] {
        let list = settings
            .pointer_mut(path)
            .and_then(Value::as_array_mut)
            .with_context(|| format!("the desk's settings have no `{path}`"))?;
        for word in matches.get_many::<String>(add).into_iter().flatten() {
            list.push(json!(word));
            changed = true;
        }
        for word in matches.get_many::<String>(remove).into_iter().flatten() {
            list.retain(|other| other != word);
            changed = true;
        }
    }
    for pair in matches.get_many::<String>("length").into_iter().flatten() {
        let Some((id, length)) = pair.split_once('=') else {
            bail!("--length is `{pair}`: expected an id and a length, such as `D-05=12 h`");
        };
        settings["clocks"]["lengths"][id.trim()] = json!(length.trim());
        changed = true;
    }
    Ok(changed)
}

fn print(settings: &Value) -> anyhow::Result<()> {
    let words = |value: &Value| {
        let words = value.as_array().into_iter().flatten();
        let words: Vec<_> = words.filter_map(Value::as_str).collect();
        match words.as_slice() {
            [] => "none".to_owned(),
            words => words.join(", "),
        }
    };
    let (calendar, clocks) = (&settings["calendar"], &settings["clocks"]);
    let style = Style::stdout();
    line(&style.bold("Clocks of the desk"))?;
    let zone = calendar["zone"].as_str().unwrap_or_default();
    line(&format!("  Zone          {zone}"))?;
    line(&format!("  Holidays      {}", words(&calendar["holidays"])))?;
    line(&format!("  Left out      {}", words(&clocks["without"])))?;
    for (id, length) in clocks["lengths"].as_object().into_iter().flatten() {
        let length = length.as_str().unwrap_or_default();
        line(&format!("  {id:<12}  {length}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_says_its_two_largest_units() {
        for (ms, expected) in [
            (0, "0 min"),
            (59_999, "0 min"),
            (260 * 60_000, "4 h 20 min"),
            (-260 * 60_000, "-4 h 20 min"),
            (51 * 3_600_000, "2 d 3 h"),
        ] {
            assert_eq!(span(ms), expected);
        }
    }
}
