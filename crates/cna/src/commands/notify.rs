//! `cna case notify`: what private distributors are told under embargo.

use anyhow::Context as _;
use casework::CaseId;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use cve::time::Timestamp;
use serde_json::{Value, json};

use crate::cli::{required, transport_arguments};
use crate::commands::case::table;
use crate::commands::clocks::minute;
use crate::commands::letter::values;
use crate::config::Transport;
use crate::output::{Style, line, plain};
use crate::transport::Link;

/// Its definition.
pub(crate) fn command() -> Command {
    let case = || {
        Arg::new("id")
            .value_name("CASE")
            .required(true)
            .value_parser(value_parser!(CaseId))
            .help("Number of the case")
    };
    let number = || {
        Arg::new("number")
            .value_name("NUMBER")
            .required(true)
            .value_parser(value_parser!(i64).range(1..))
            .help("Number of the package, as `cna case notify show` gives it")
    };
    Command::new("notify")
        .about("Tell the private distributors of a case under embargo")
        .long_about(
            "Writes a package for the private distributors: a text made from the template \
             `distributors`, or with --final from `distributors-final`, with patches that are \
             attached to the case. A reviewer who did not write it approves text, patches and \
             addresses together; a commander sends it, which is the notice of D-16, or with the \
             final one that of D-17. What each distributor answers is noted.",
        )
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(transport_arguments(write(case())))
        .subcommand(transport_arguments(
            Command::new("show")
                .about("Show the packages of a case in full, and who answered")
                .arg(case()),
        ))
        .subcommand(transport_arguments(
            Command::new("approve")
                .about("Approve a package that somebody else wrote")
                .arg(case())
                .arg(number())
                .arg(
                    Arg::new("digest")
                        .long("digest")
                        .value_name("SHA-256")
                        .required(true)
                        .help("The digest that was read"),
                ),
        ))
        .subcommand(transport_arguments(
            Command::new("send")
                .about("Send an approved package, or keep that you sent it yourself")
                .arg(case())
                .arg(number())
                .arg(
                    Arg::new("by-hand")
                        .long("by-hand")
                        .action(ArgAction::SetTrue)
                        .help("You sent it yourself, also where its mail failed"),
                ),
        ))
        .subcommand(transport_arguments(
            Command::new("answer")
                .about("Note what a distributor answered")
                .arg(case())
                .arg(number())
                .arg(
                    Arg::new("member")
                        .value_name("NAME")
                        .required(true)
                        .help("Name of the distributor"),
                )
                .arg(
                    Arg::new("words")
                        .short('m')
                        .long("words")
                        .value_name("TEXT")
                        .required(true)
                        .help("What it answered"),
                )
                .arg(
                    Arg::new("at")
                        .long("at")
                        .value_name("TIME")
                        .value_parser(value_parser!(Timestamp))
                        .help("When it did [default: now]"),
                ),
        ))
}

fn write(case: Arg) -> Command {
    Command::new("write")
        .about("Write a package and show it; nothing is sent")
        .arg(case)
        .arg(
            Arg::new("final")
                .long("final")
                .action(ArgAction::SetTrue)
                .help("The final notice, with public text, date and time (D-17)"),
        )
        .arg(
            Arg::new("patch")
                .long("patch")
                .value_name("FILE")
                .action(ArgAction::Append)
                .help("A file of the case that goes along, by name or number; may be repeated"),
        )
        .arg(
            Arg::new("set")
                .long("set")
                .value_name("NAME=TEXT")
                .action(ArgAction::Append)
                .help(
                    "What the case does not say, such as DEPLOY and PATCH_EMBARGO; may be repeated",
                ),
        )
}

/// Does what was asked.
pub(crate) fn run(matches: &ArgMatches) -> anyhow::Result<()> {
    let Some((word, matches)) = matches.subcommand() else {
        return Ok(());
    };
    let transport = Transport::read(matches)?;
    let id: CaseId = *required(matches, "id")?;
    let path = format!("/desk/v1/cases/{id}/packages");
    if word == "write" {
        let files: Vec<&String> = matches.get_many("patch").into_iter().flatten().collect();
        let body = json!({
            "final": matches.get_flag("final"), "files": files, "values": values(matches)?,
        });
        let link = Link::find(&transport)?;
        let package = link.post(&path, &body)?;
        if transport.json {
            line(&package.to_string())?;
            return link.finish();
        }
        print(&package)?;
        line(&Style::stdout().dim(&format!(
            "Nothing is sent yet. Somebody else approves it with `cna case notify approve {id} {} \
             --digest DIGEST`.",
            package["number"]
        )))?;
        return link.finish();
    }
    let link = Link::find(&transport)?;
    if word == "show" {
        return show(&transport, link, id, &path);
    }
    let number: i64 = *required(matches, "number")?;
    let path = format!("{path}/{number}");
    let (package, words) = match word {
        "approve" => {
            let digest: &String = required(matches, "digest")?;
            let package = link.post(&format!("{path}/approve"), &json!({"digest": digest}))?;
            let words = format!(
                "Approved package {number} of case {id}.\nA commander sends it with `cna case \
                 notify send {id} {number}`."
            );
            (package, words)
        }
        "send" => {
            let by_hand = matches.get_flag("by-hand");
            let package = link.post(&format!("{path}/send"), &json!({"by_hand": by_hand}))?;
            let words = match by_hand {
                true => format!("Package {number} of case {id} is noted as sent by hand."),
                false => {
                    let mails = package["mails"].as_array().into_iter().flatten();
                    let to: Vec<_> = mails.filter_map(|mail| mail["to"].as_str()).collect();
                    format!("Package {number} of case {id} goes to {}.", to.join(", "))
                }
            };
            (package, words)
        }
        _ => {
            let (member, words): (&String, &String) =
                (required(matches, "member")?, required(matches, "words")?);
            let mut body = json!({"member": member, "words": words});
            if let Some(at) = matches.get_one::<Timestamp>("at") {
                body["at"] = json!(at);
            }
            let package = link.post(&format!("{path}/answers"), &body)?;
            let silent = silent(&package);
            let words = match silent.is_empty() {
                true => format!("Noted. Everybody has answered package {number}."),
                false => format!("Noted. Not answered yet: {}.", silent.join(", ")),
            };
            (package, words)
        }
    };
    if transport.json {
        line(&package.to_string())?;
    } else {
        line(&words)?;
    }
    link.finish()
}

fn show(transport: &Transport, link: Link, id: CaseId, path: &str) -> anyhow::Result<()> {
    let answer = link.get(path)?;
    let packages = answer["packages"]
        .as_array()
        .context("the desk gave no packages")?;
    if transport.json {
        line(&answer.to_string())?;
    } else if packages.is_empty() {
        line(&format!(
            "Nothing for distributors. Write it with `cna case notify write {id}`."
        ))?;
    }
    if !transport.json {
        for package in packages {
            print(package)?;
        }
    }
    link.finish()
}

/// Names of those who have not answered.
fn silent(package: &Value) -> Vec<String> {
    let members = package["members"].as_array().into_iter().flatten();
    let silent = members.filter(|member| member["answered_at"].is_null());
    silent
        .map(|member| plain(member["name"].as_str().unwrap_or_default()))
        .collect()
}

fn print(package: &Value) -> anyhow::Result<()> {
    let text = |key: &str| plain(package[key].as_str().unwrap_or_default());
    let style = Style::stdout();
    let head = format!("Package {}: {} notice", package["number"], text("kind"));
    line(&style.bold(&head))?;
    let mails: Vec<_> = package["mails"]
        .as_array()
        .into_iter()
        .flatten()
        .map(in_words)
        .collect();
    line(&format!("  To        {}", mails.join(", ")))?;
    line(&format!("  Subject   {}", text("subject")))?;
    line(&format!("  Digest    {}", text("digest")))?;
    line(&format!("  Written   by {}", text("author")))?;
    match text("approved_by").as_str() {
        "" => line("  Approved  not yet")?,
        by => line(&format!("  Approved  by {by}"))?,
    }
    match text("sent_by").as_str() {
        "" => line("  Sent      not yet")?,
        by => {
            let how = if package["by_hand"] == true {
                ", by hand"
            } else {
                ""
            };
            let at = minute(&text("sent_at"));
            line(&format!("  Sent      {at} UTC by {by}{how}"))?;
        }
    }
    line("")?;
    for row in package["body"].as_str().unwrap_or_default().lines() {
        line(&plain(row))?;
    }
    line("")?;
    let members = package["members"].as_array().cloned().unwrap_or_default();
    if !members.is_empty() {
        let rows: Vec<[String; 4]> = members
            .iter()
            .map(|member| {
                let text = |key: &str| plain(member[key].as_str().unwrap_or_default());
                let at = member["answered_at"].as_str().map(minute);
                [
                    text("name"),
                    text("product"),
                    at.unwrap_or_else(|| "no".to_owned()),
                    text("answer"),
                ]
            })
            .collect();
        table(["MEMBER", "PRODUCT", "ANSWERED (UTC)", "WORDS"], &rows)?;
    }
    Ok(())
}

/// An address, and how its mail fares where that matters.
fn in_words(mail: &Value) -> String {
    let to = plain(mail["to"].as_str().unwrap_or_default());
    let dispatch = &mail["dispatch"];
    match dispatch["state"].as_str().unwrap_or_default() {
        "failed" => format!(
            "{to} (failed: {}; {})",
            plain(dispatch["answer"].as_str().unwrap_or_default()),
            plain(dispatch["todo"].as_str().unwrap_or_default())
        ),
        "waiting" => format!("{to} (waits)"),
        _ => to,
    }
}

/// The lines of a case's head: what distributors were told, and who is silent.
pub(crate) fn print_standing(case: &Value) -> anyhow::Result<()> {
    for package in case["packages"].as_array().into_iter().flatten() {
        let text = |key: &str| plain(package[key].as_str().unwrap_or_default());
        let names = |key: &str| -> Vec<String> {
            let names = package[key].as_array().into_iter().flatten();
            names.filter_map(Value::as_str).map(plain).collect()
        };
        let mut words = match text("state").as_str() {
            "sent" => format!("sent {} UTC", minute(&text("sent_at"))),
            "approved" => "approved, not sent yet".to_owned(),
            _ => "written, not approved yet".to_owned(),
        };
        let (silent, failed) = (names("silent"), names("failed"));
        if !failed.is_empty() {
            words.push_str(&format!(", mail failed: {}", failed.join(", ")));
        }
        if !silent.is_empty() {
            words.push_str(&format!(", not answered by {}", silent.join(", ")));
        } else if text("state") == "sent" && package["reached"] != 0 {
            words.push_str(", answered by all");
        }
        line(&format!("  Told      {} notice {words}", text("kind")))?;
    }
    Ok(())
}
