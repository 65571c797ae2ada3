//! `cna person trained` and `cna person compare`: who was trained when, and
//! mailing lists beside the desk.

use anyhow::Context as _;
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};

use super::path;
use crate::cli::{Stop, required, transport_arguments};
use crate::config::Transport;
use crate::output::{line, plain};
use crate::transport::Link;

/// The definitions of both.
pub(super) fn commands() -> [Command; 2] {
    [
        transport_arguments(
            Command::new("trained")
                .about("Note the day somebody was trained in the rules of the Program")
                .arg(Arg::new("name").required(true).help("Name of the person"))
                .arg(
                    Arg::new("on")
                        .long("on")
                        .value_name("DAY")
                        .help("The day, such as 2026-11-03 [default: today]"),
                ),
        ),
        transport_arguments(
            Command::new("compare")
                .about("Compare the owners of mailing lists with the people of the desk")
                .long_about(
                    "Compares the owners of mailing lists with the people of the desk who have \
                     not left, by the mail addresses of `cna person contact`, and says who is too \
                     many and who is missing. A file has an address a line, or `Name <address>`; \
                     lines that begin with # are passed over. Nothing is changed.",
                )
                .after_help("Exit code: 0 they are the same, 1 they differ.")
                .arg(
                    Arg::new("file")
                        .value_name("FILE")
                        .required(true)
                        .action(ArgAction::Append)
                        .num_args(1..)
                        .help("The owners of a list, one file for each; `-` reads standard input"),
                ),
        ),
    ]
}

/// Notes the day.
pub(super) fn trained(matches: &ArgMatches) -> anyhow::Result<()> {
    let transport = Transport::read(matches)?;
    let name: &String = required(matches, "name")?;
    let link = Link::find(&transport)?;
    let body = json!({"day": matches.get_one::<String>("on")});
    let answer = link.put(&path(name, "training"), &body)?;
    if transport.json {
        line(&answer.to_string())?;
    } else {
        let day = answer["trained_on"].as_str().unwrap_or_default();
        line(&format!("{name} was trained on {day}."))?;
    }
    link.finish()
}

/// Compares each list.
pub(super) fn compare(matches: &ArgMatches) -> Result<(), Stop> {
    let transport = Transport::read(matches)?;
    let files: Vec<&String> = matches.get_many("file").into_iter().flatten().collect();
    let texts = files
        .iter()
        .map(|file| Ok((file.as_str(), crate::commands::given::read(file)?)))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let link = Link::find(&transport)?;
    let (mut lists, mut is_same) = (Vec::new(), true);
    for (file, text) in texts {
        let answer = link
            .post("/desk/v1/people/compare", &json!({"list": text}))
            .with_context(|| format!("comparing `{file}`"))?;
        is_same &= answer["is_same"] == true;
        if !transport.json {
            print(file, &answer)?;
        }
        let mut answer = answer;
        answer["file"] = json!(file);
        lists.push(answer);
    }
    if transport.json {
        line(&json!({"lists": lists, "is_same": is_same}).to_string())?;
    }
    link.finish()?;
    if is_same { Ok(()) } else { Err(Stop::Found) }
}

fn print(file: &str, answer: &Value) -> anyhow::Result<()> {
    let verdict = match answer["is_same"] == true {
        true => "the same owners as the desk",
        false => "differs from the desk",
    };
    line(&format!(
        "{}: {verdict}, {} on both",
        plain(file),
        answer["agree"]
    ))?;
    for (key, words) in [
        ("too_many", "is on the list and not at the desk"),
        ("missing", "is at the desk and not on the list"),
    ] {
        for owner in answer[key].as_array().into_iter().flatten() {
            let text = |key: &str| plain(owner[key].as_str().unwrap_or_default());
            let name = match text("name").as_str() {
                "" => String::new(),
                name => format!(" ({name})"),
            };
            line(&format!("  {}{name} {words}", text("address")))?;
        }
    }
    for name in answer["without_address"].as_array().into_iter().flatten() {
        let name = plain(name.as_str().unwrap_or_default());
        line(&format!(
            "  {name} has no address to compare: set one with `cna person contact {name} --mail \
             ADDRESS`"
        ))?;
    }
    Ok(())
}
