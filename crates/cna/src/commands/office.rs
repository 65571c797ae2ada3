//! The office of a case, beneath `cna case`: tasks, links, hand-over, members,
//! lanes, severity, erasure.

use casework::CaseId;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use cve::time::Timestamp;
use serde_json::{Value, json};

use crate::cli::{required, transport_arguments};
use crate::commands::case::table;
use crate::commands::clocks::minute;
use crate::config::Transport;
use crate::output::line;
use crate::transport::Link;

fn case() -> Arg {
    Arg::new("id")
        .value_name("CASE")
        .required(true)
        .value_parser(value_parser!(CaseId))
        .help("Number of the case")
}

fn number(help: &'static str) -> Arg {
    Arg::new("number")
        .value_name("NUMBER")
        .required(true)
        .value_parser(value_parser!(i64).range(1..))
        .help(help)
}

fn text(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

fn person() -> Arg {
    Arg::new("person")
        .value_name("PERSON")
        .required(true)
        .help("Name of the person")
}

/// The commands beneath `cna case`.
pub(crate) fn steps(command: Command) -> Command {
    command
        .subcommand(task_command())
        .subcommand(transport_arguments(
            Command::new("links")
                .about("List what a case has to do with other cases, issues and pages")
                .arg(case()),
        ))
        .subcommand(transport_arguments(
            Command::new("relate")
                .about("Link a case with another one, an issue or a page")
                .arg(case())
                .arg(
                    Arg::new("relation")
                        .value_name("RELATION")
                        .required(true)
                        .value_parser(|text: &str| {
                            text.parse::<casework::Relation>()
                                .map(|kind| kind.to_string())
                        })
                        .help(
                            "duplicate_of, split_from, incomplete_fix_of, regression_of, tracker, related",
                        ),
                )
                .arg(
                    Arg::new("target")
                        .value_name("TARGET")
                        .required(true)
                        .help("Number of a case, or an address"),
                )
                .arg(text("note", "TEXT", "What there is to say about it")),
        ))
        .subcommand(transport_arguments(
            Command::new("unrelate")
                .about("Remove a link from the case it was made in")
                .arg(case())
                .arg(number("Number of the link, as `cna case links` gives it")),
        ))
        .subcommand(transport_arguments(
            Command::new("hand-over")
                .about("Offer a case you lead to somebody on it, or show the offer")
                .long_about(
                    "Offers a case you lead to somebody on it. You go on leading it until the \
                     other accepts with `cna case accept`. Without --to, shows the offer that \
                     waits.",
                )
                .arg(case())
                .arg(text("to", "PERSON", "Who shall lead it").requires("comment"))
                .arg(
                    text("comment", "TEXT", "Where it stands and what comes next")
                        .short('m')
                        .requires("to"),
                ),
        ))
        .subcommand(transport_arguments(
            Command::new("accept")
                .about("Accept a case that was offered: you lead it from now on")
                .arg(case()),
        ))
        .subcommand(
            Command::new("member")
                .about("Put somebody on a case, or take somebody off it")
                .subcommand_required(true)
                .arg_required_else_help(true)
                .subcommand(transport_arguments(
                    Command::new("add")
                        .about("Put somebody on a case")
                        .arg(case())
                        .arg(person()),
                ))
                .subcommand(transport_arguments(
                    Command::new("remove")
                        .about("Take somebody off a case")
                        .arg(case())
                        .arg(person()),
                )),
        )
        .subcommand(transport_arguments(
            Command::new("severity")
                .about("Say how severe a case is, or answer the questions of the profile about it")
                .long_about(
                    "With a word, says how severe a case is. Without one, asks the questions of \
                     the organisation's profile about severity, shows what they say beside the \
                     CVSS score, and keeps the answers. Where the two differ, a note says why. \
                     The score stays what it is.",
                )
                .arg(case())
                .arg(
                    Arg::new("severity")
                        .value_name("WORD")
                        .value_parser(["low", "medium", "high", "critical"])
                        .help("How severe it is"),
                )
                .arg(text("reason", "TEXT", "Why").requires("severity"))
                .args(super::case::severity::arguments()),
        ))
        .subcommand(transport_arguments(
            Command::new("outgoing")
                .about("List what was drafted for reporter and vendors, sent or not")
                .arg(case()),
        ))
        .subcommand(transport_arguments(
            Command::new("send")
                .about("Send a drafted message, or drop it")
                .arg(case())
                .arg(number(
                    "Number of the draft, as `cna case outgoing` gives it",
                ))
                .arg(
                    Arg::new("drop")
                        .long("drop")
                        .action(ArgAction::SetTrue)
                        .conflicts_with("by-hand")
                        .help("Never send it"),
                )
                .arg(
                    Arg::new("by-hand")
                        .long("by-hand")
                        .action(ArgAction::SetTrue)
                        .help("You sent its text yourself, also where its mail failed"),
                ),
        ))
        .subcommand(transport_arguments(
            Command::new("vendor")
                .about("List whom the lane of vendors reaches, or set one")
                .arg(case())
                .arg(
                    Arg::new("name")
                        .value_name("NAME")
                        .help("Name of the vendor"),
                )
                .arg(text("mail", "ADDRESS", "Where mail reaches it").requires("name")),
        ))
        .subcommand(transport_arguments(
            Command::new("erase")
                .about("Erase the reporter of a case and everything it wrote")
                .arg(case())
                .arg(text("reason", "TEXT", "Who asked for it, and by which law").required(true)),
        ))
}

fn task_command() -> Command {
    Command::new("task")
        .about("Make, list and end the tasks of a case")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(transport_arguments(
            Command::new("add")
                .about("Make a task")
                .arg(case())
                .arg(
                    Arg::new("title")
                        .value_name("TEXT")
                        .required_unless_present("from")
                        .help("What has to be done"),
                )
                .arg(text(
                    "from",
                    "KEY",
                    "A task of a decision, such as `explain_dispute`",
                ))
                .arg(text("owner", "PERSON", "Who does it"))
                .arg(text("due", "TIME", "By when").value_parser(value_parser!(Timestamp)))
                .arg(text(
                    "clock",
                    "ID",
                    "The deadline it serves, such as `D-05`; its end is the task's",
                )),
        ))
        .subcommand(transport_arguments(
            Command::new("list")
                .about("List the tasks of a case")
                .arg(case())
                .arg(
                    Arg::new("all")
                        .long("all")
                        .action(ArgAction::SetTrue)
                        .help("Also those that have ended"),
                ),
        ))
        .subcommand(transport_arguments(
            Command::new("done")
                .about("Note that a task is done")
                .arg(case())
                .arg(number("Number of the task"))
                .arg(text("note", "TEXT", "What came of it")),
        ))
        .subcommand(transport_arguments(
            Command::new("drop")
                .about("Note that a task need not be done")
                .arg(case())
                .arg(number("Number of the task"))
                .arg(text("reason", "TEXT", "Why").required(true)),
        ))
}

/// Says whether `word` is a command of this file.
pub(crate) fn is_step(word: &str) -> bool {
    [
        "task",
        "links",
        "relate",
        "unrelate",
        "hand-over",
        "accept",
        "member",
        "severity",
        "outgoing",
        "send",
        "vendor",
        "erase",
    ]
    .contains(&word)
}

/// One command under way: the case it is about, and where it asks.
struct Step<'a> {
    matches: &'a ArgMatches,
    transport: Transport,
    link: Link,
    id: CaseId,
}

impl<'a> Step<'a> {
    fn start(matches: &'a ArgMatches) -> anyhow::Result<Step<'a>> {
        let transport = Transport::read(matches)?;
        let link = Link::find(&transport)?;
        let id = *required::<CaseId>(matches, "id")?;
        Ok(Step {
            matches,
            transport,
            link,
            id,
        })
    }

    fn path(&self, rest: &str) -> String {
        format!("/desk/v1/cases/{}/{rest}", self.id)
    }

    fn text(&self, name: &str) -> &str {
        self.matches.get_one::<String>(name).map_or("", |text| text)
    }

    fn number(&self) -> anyhow::Result<i64> {
        Ok(*required::<i64>(self.matches, "number")?)
    }

    /// Ends with the answer as JSON, or with these words.
    fn say(self, answer: &Value, words: &str) -> anyhow::Result<()> {
        if self.transport.json {
            line(&answer.to_string())?;
        } else {
            line(words)?;
        }
        self.link.finish()
    }

    /// Does something that has no answer.
    fn does(self, rest: &str, body: &Value, words: &str) -> anyhow::Result<()> {
        self.link.post(&self.path(rest), body)?;
        let answer = json!({"case": self.id});
        self.say(&answer, words)
    }

    /// Lists what stands under `key`, or says what to do where nothing does.
    fn list<const N: usize>(
        self,
        rest: &str,
        key: &str,
        heads: [&str; N],
        row: impl Fn(&Value) -> [String; N],
        empty: &str,
    ) -> anyhow::Result<()> {
        let answer = self.link.get(&self.path(rest))?;
        let found = answer[key].as_array().cloned().unwrap_or_default();
        if self.transport.json {
            line(&answer.to_string())?;
        } else if found.is_empty() {
            line(empty)?;
        } else {
            let rows: Vec<[String; N]> = found.iter().map(row).collect();
            table(heads, &rows)?;
        }
        self.link.finish()
    }
}

/// Runs a command of this file.
pub(crate) fn run(word: &str, matches: &ArgMatches) -> anyhow::Result<()> {
    match word {
        "task" => return task(matches),
        "member" => return member(matches),
        "severity" if !matches.contains_id("severity") => {
            let id: CaseId = *required(matches, "id")?;
            return super::case::severity::run(&Transport::read(matches)?, id, matches);
        }
        _ => {}
    }
    let step = Step::start(matches)?;
    let id = step.id;
    match word {
        "links" => links(step),
        "relate" => {
            let relation = step.text("relation").to_owned();
            let body = json!({
                "relation": relation,
                "target": step.text("target"),
                "note": step.text("note"),
            });
            let answer = step.link.post(&step.path("links"), &body)?;
            let target = step.text("target").to_owned();
            let words = match relation.as_str() {
                "tracker" => format!("Case {id} is tracked at {target}."),
                relation => format!("Case {id} is {} {target}.", relation.replace('_', " ")),
            };
            step.say(&answer, &words)
        }
        "unrelate" => {
            let number = step.number()?;
            let words = format!("Link {number} of case {id} is gone.");
            step.does(&format!("links/{number}/remove"), &json!({}), &words)
        }
        "hand-over" => hand_over(step),
        "accept" => {
            let answer = step.link.post(&step.path("accept"), &json!({}))?;
            let state = answer["state"].as_str().unwrap_or_default().to_owned();
            step.say(
                &answer,
                &format!("Case {id} is yours; its state is {state}."),
            )
        }
        "severity" => {
            let severity = step.text("severity").to_owned();
            let body = json!({"severity": severity, "reason": step.text("reason")});
            step.does("severity", &body, &format!("Case {id} is {severity}."))
        }
        "outgoing" => outgoing(step),
        "send" => send(step),
        "vendor" => vendor(step),
        "erase" => {
            let body = json!({"reason": step.text("reason")});
            let words = format!("The reporter of case {id} is erased.");
            step.does("erase", &body, &words)
        }
        // `is_step` knows every word.
        _ => Ok(()),
    }
}

/// A field of an answer as text.
fn field(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

fn task(matches: &ArgMatches) -> anyhow::Result<()> {
    let Some((word, matches)) = matches.subcommand() else {
        return Ok(());
    };
    let step = Step::start(matches)?;
    let id = step.id;
    match word {
        "add" => {
            let mut body = json!({"title": step.text("title")});
            for (name, key) in [("owner", "owner"), ("clock", "clock"), ("from", "origin")] {
                if !step.text(name).is_empty() {
                    body[key] = json!(step.text(name));
                }
            }
            if let Some(due) = matches.get_one::<Timestamp>("due") {
                body["due"] = json!(due);
            }
            let task = step.link.post(&step.path("tasks"), &body)?;
            let mut words = format!(
                "Task {} of case {id}: {}",
                task["number"],
                field(&task, "title")
            );
            if !field(&task, "due_local").is_empty() {
                words.push_str(&format!(", due {}", field(&task, "due_local")));
            }
            step.say(&task, &format!("{words}."))
        }
        "list" => {
            let path = if matches.get_flag("all") {
                "tasks?all=true"
            } else {
                "tasks"
            };
            let row = |task: &Value| {
                let due = task["due"].as_str().map(minute).unwrap_or_default();
                let ended = match field(task, "ended_by").as_str() {
                    "" => String::new(),
                    by => format!("{by}, {}", minute(&field(task, "ended_at"))),
                };
                [
                    task["number"].to_string(),
                    field(task, "state"),
                    field(task, "owner"),
                    due,
                    field(task, "clock"),
                    ended,
                    field(task, "title"),
                ]
            };
            let heads = [
                "TASK",
                "STATE",
                "OWNER",
                "DUE (UTC)",
                "CLOCK",
                "ENDED (UTC)",
                "TITLE",
            ];
            let empty =
                format!("Case {id} has no open task. Make one with `cna case task add {id} TEXT`.");
            step.list(path, "tasks", heads, row, &empty)
        }
        "done" => {
            let number = step.number()?;
            let body = json!({"note": step.text("note")});
            let words = format!("Task {number} of case {id} is done.");
            step.does(&format!("tasks/{number}/done"), &body, &words)
        }
        "drop" => {
            let number = step.number()?;
            let body = json!({"reason": step.text("reason")});
            let words = format!("Task {number} of case {id} is dropped.");
            step.does(&format!("tasks/{number}/drop"), &body, &words)
        }
        // clap refuses every other word.
        _ => Ok(()),
    }
}

fn member(matches: &ArgMatches) -> anyhow::Result<()> {
    let Some((word, matches)) = matches.subcommand() else {
        return Ok(());
    };
    let step = Step::start(matches)?;
    let (id, person) = (step.id, step.text("person").to_owned());
    if word == "add" {
        let body = json!({"person": person});
        return step.does("members", &body, &format!("{person} is on case {id}."));
    }
    let path = crate::commands::person::encoded(&person);
    let words = format!("{person} is not on case {id} any more.");
    step.does(&format!("members/{path}/remove"), &json!({}), &words)
}

fn links(step: Step<'_>) -> anyhow::Result<()> {
    let row = |link: &Value| {
        let target = match link["case"].as_i64() {
            Some(case) => format!("case {case} \"{}\"", field(link, "title")),
            None => field(link, "url"),
        };
        let number = format!("{} in case {}", link["number"], link["made_in"]);
        let relation = field(link, "relation").replace('_', " ");
        [number, relation, target, field(link, "note")]
    };
    let empty = format!(
        "Case {id} has no links. Make one with `cna case relate {id} related TARGET`.",
        id = step.id
    );
    let heads = ["LINK", "RELATION", "TARGET", "NOTE"];
    step.list("links", "links", heads, row, &empty)
}

fn hand_over(step: Step<'_>) -> anyhow::Result<()> {
    let (id, to) = (step.id, step.text("to").to_owned());
    if to.is_empty() {
        let offer = step.link.get(&step.path("hand-over"))?;
        let words = match offer.as_object() {
            Some(_) => format!(
                "{} offered case {id} to {} on {} UTC: {}",
                field(&offer, "by"),
                field(&offer, "to"),
                minute(&field(&offer, "at")),
                field(&offer, "comment")
            ),
            None => format!(
                "Case {id} is offered to nobody. Offer it with `cna case hand-over {id} --to \
                 PERSON --comment TEXT`."
            ),
        };
        return step.say(&offer, &words);
    }
    let body = json!({"to": to, "comment": step.text("comment")});
    let words = format!("Offered to {to}. You lead case {id} until {to} accepts it.");
    step.does("hand-over", &body, &words)
}

fn outgoing(step: Step<'_>) -> anyhow::Result<()> {
    let row = |message: &Value| {
        let to = match field(message, "contact").as_str() {
            "" => "the reporter".to_owned(),
            vendor => vendor.to_owned(),
        };
        let body = field(message, "body");
        let first = body.lines().next().unwrap_or_default();
        let dispatch = &message["dispatch"];
        let state = match field(dispatch, "state").as_str() {
            "failed" => format!("failed: {}", field(dispatch, "answer")),
            "waiting" => "waiting".to_owned(),
            _ => field(message, "state"),
        };
        [
            message["number"].to_string(),
            state,
            to,
            field(message, "author"),
            minute(&field(message, "at")),
            first.chars().take(60).collect(),
        ]
    };
    let empty = format!(
        "Nothing was drafted in case {id}. Draft with `cna case comment {id} TEXT --lane reporter`.",
        id = step.id
    );
    let heads = ["DRAFT", "STATE", "TO", "AUTHOR", "WRITTEN (UTC)", "TEXT"];
    step.list("outgoing", "outgoing", heads, row, &empty)
}

fn send(step: Step<'_>) -> anyhow::Result<()> {
    let number = step.number()?;
    if step.matches.get_flag("drop") {
        let words = format!("Draft {number} is dropped.");
        return step.does(&format!("outgoing/{number}/drop"), &json!({}), &words);
    }
    let path = step.path(&format!("outgoing/{number}/send"));
    let by_hand = step.matches.get_flag("by-hand");
    let answer = step.link.post(&path, &json!({"by_hand": by_hand}))?;
    if by_hand {
        let words = format!("Draft {number} is {}.", field(&answer, "by_hand"));
        return step.say(&answer, &words);
    }
    let words = match field(&answer, "by_hand").as_str() {
        "" => format!(
            "Draft {number} is on its way by mail; see how it fares with `cna case outgoing {}`.",
            step.id
        ),
        why => format!(
            "Draft {number} counts as sent, but nothing was mailed: {why}. Send its text yourself."
        ),
    };
    step.say(&answer, &words)
}

fn vendor(step: Step<'_>) -> anyhow::Result<()> {
    let (id, name) = (step.id, step.text("name").to_owned());
    if name.is_empty() {
        let row = |vendor: &Value| {
            let added = minute(&field(vendor, "added_at"));
            [
                field(vendor, "name"),
                field(vendor, "address"),
                field(vendor, "added_by"),
                added,
            ]
        };
        let empty = format!("Case {id} has no vendors. Add one with `cna case vendor {id} NAME`.");
        let heads = ["VENDOR", "MAIL", "ADDED BY", "ADDED (UTC)"];
        return step.list("vendors", "vendors", heads, row, &empty);
    }
    let body = json!({"name": name, "address": step.text("mail")});
    step.link.put(&step.path("vendors"), &body)?;
    let answer = json!({"case": id, "vendor": name});
    step.say(&answer, &format!("{name} is a vendor of case {id}."))
}

/// Drafts a message for another lane than the internal one.
pub(crate) fn draft(
    transport: &Transport,
    id: CaseId,
    lane: &str,
    contact: Option<&str>,
    body: &str,
) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let mut message = json!({"lane": lane, "body": body});
    if let Some(contact) = contact {
        message["contact"] = json!(contact);
    }
    let answer = link.post(&format!("/desk/v1/cases/{id}/outgoing"), &message)?;
    if transport.json {
        line(&answer.to_string())?;
    } else {
        let number = &answer["number"];
        line(&format!(
            "Drafted as {number}; nothing is sent yet. Send it with `cna case send {id} {number}`."
        ))?;
    }
    link.finish()
}
