//! `cna decision partners` and `cna case route`: who else covers it, the
//! letter, and the clock on their answer.

use casework::CaseId;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::{Value, json};

use super::given::read;
use super::id::encoded;
use crate::cli::{required, transport_arguments};
use crate::config::Transport;
use crate::output::{Style, line, plain};
use crate::transport::Link;

/// `cna decision partners`.
pub(crate) fn partners_command() -> Command {
    transport_arguments(
        Command::new("partners")
            .about("Read the Program's list of partners into the desk")
            .long_about(
                "Reads the Program's list of partners, JSON, into the desk, in place of the one \
                 before. `cna case route` searches it.",
            )
            .arg(
                Arg::new("file")
                    .value_name("FILE")
                    .required(true)
                    .help("The list; `-` reads standard input"),
            ),
    )
}

/// Reads the list.
pub(crate) fn partners(matches: &ArgMatches) -> anyhow::Result<()> {
    let transport = Transport::read(matches)?;
    let file: &String = required(matches, "file")?;
    let list: Value = serde_json::from_str(&read(file)?).map_err(|error| {
        anyhow::anyhow!("`{file}` is not JSON: {error}; expected the Program's list of partners")
    })?;
    let link = Link::find(&transport)?;
    let answer = link.put("/desk/v1/partners", &list)?;
    match transport.json {
        true => line(&answer.to_string())?,
        false => line(&format!(
            "{} partners. Search them for a case with `cna case route CASE`.",
            answer["partners"]
        ))?,
    }
    link.finish()
}

/// `cna case route`.
pub(crate) fn route_command() -> Command {
    let option = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    transport_arguments(
        Command::new("route")
            .about("Find which CNA covers a case, and write the letter that hands it over")
            .long_about(
                "Searches the list of partners for the product of the case and ranks who may \
                 cover it, with the reason. With --to it prints the letter to one of them; fill \
                 in what stands between brackets and give it back with --from, which drafts it. \
                 Nothing is sent before somebody sends it with `cna case send`; the clock on \
                 their answer (D-03) starts then.",
            )
            .arg(
                Arg::new("id")
                    .value_name("CASE")
                    .required(true)
                    .value_parser(value_parser!(CaseId))
                    .help("Number of the case"),
            )
            .arg(option(
                "product",
                "TEXT",
                "What to look for [default: vendor and product of the case]",
            ))
            .arg(option("to", "SHORT NAME", "The partner to write to"))
            .arg(
                Arg::new("public")
                    .long("public")
                    .action(ArgAction::SetTrue)
                    .requires("to")
                    .help("The vulnerability is public: the letter names the 72 hours"),
            )
            .arg(
                option(
                    "from",
                    "FILE",
                    "The letter, filled in; `-` reads standard input",
                )
                .requires("to"),
            ),
    )
}

/// Ranks, writes or drafts.
pub(crate) fn route(matches: &ArgMatches) -> anyhow::Result<()> {
    let transport = Transport::read(matches)?;
    let id: CaseId = *required(matches, "id")?;
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let path = format!("/desk/v1/cases/{id}/routes");
    if let (Some(to), Some(file)) = (text("to"), text("from")) {
        let body = read(file)?;
        let link = Link::find(&transport)?;
        let drafted = link.post(&path, &json!({"to": to, "body": body}))?;
        match transport.json {
            true => line(&drafted.to_string())?,
            false => line(&format!(
                "Drafted as {0}; nothing is sent yet. Send it with `cna case send {id} {0}`; then \
                 the clock on their answer runs.",
                drafted["number"]
            ))?,
        }
        return link.finish();
    }
    let mut asked = format!("public={}", matches.get_flag("public"));
    for name in ["product", "to"] {
        if let Some(value) = text(name) {
            asked.push_str(&format!("&{name}={}", encoded(value)));
        }
    }
    let link = Link::find(&transport)?;
    let answer = link.get(&format!("{path}?{asked}"))?;
    if transport.json {
        line(&answer.to_string())?;
    } else if let Some(letter) = answer["letter"].as_str() {
        for row in letter.lines() {
            line(&plain(row))?;
        }
    } else {
        print(id, &answer)?;
    }
    link.finish()
}

fn print(id: CaseId, answer: &Value) -> anyhow::Result<()> {
    let word = |value: &Value, key: &str| plain(value[key].as_str().unwrap_or_default());
    let product = word(answer, "product");
    let routes = answer["routes"].as_array().map_or(&[][..], Vec::as_slice);
    if answer["partners"] == 0 {
        return line(
            "No list of partners is kept. Read the Program's with `cna decision partners FILE`.",
        );
    }
    if routes.is_empty() {
        return line(&format!(
            "Nobody's scope names `{product}`. Try the vendor's name with --product; if nobody \
             covers it, the CNA of last resort assigns."
        ));
    }
    for route in routes {
        let partner = &route["partner"];
        let head = format!(
            "{} ({})",
            word(partner, "short_name"),
            word(partner, "name")
        );
        line(&Style::stdout().bold(&head))?;
        line(&format!("  because  {}", word(route, "reason")))?;
        if route["caution"].is_string() {
            line(&format!("  but      {}", word(route, "caution")))?;
        }
        line(&format!("  scope    {}", word(partner, "scope").trim()))?;
    }
    let first = word(&routes[0]["partner"], "short_name");
    line(&Style::stdout().dim(&format!(
        "Print the letter to one of them with `cna case route {id} --to {first}`."
    )))
}
