//! `cna mail`: the server the desk's mail goes through.

use anyhow::Context as _;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::{Value, json};

use crate::cli::{required, transport_arguments};
use crate::config::Transport;
use crate::output::line;
use crate::transport::Link;

/// The command line of `cna mail`.
pub(crate) fn command() -> Command {
    let text = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    Command::new("mail")
        .about("Show, set and test the server the desk's mail goes through")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(transport_arguments(
            Command::new("show").about("Show the mail server, without its password"),
        ))
        .subcommand(transport_arguments(
            Command::new("set")
                .about("Set the mail server")
                .arg(text("host", "HOST", "Its host").required(true))
                .arg(
                    text("port", "PORT", "Its port [default: 465, 587 or 25, as --tls says]")
                        .value_parser(value_parser!(u16).range(1..)),
                )
                .arg(
                    text("tls", "MODE", "How the connection is encrypted")
                        .value_parser(["tls", "starttls", "none"])
                        .default_value("tls"),
                )
                .arg(text("user", "NAME", "Who the desk signs in as").requires("password-file"))
                .arg(
                    text("password-file", "FILE", "File that holds the password; it is sealed")
                        .requires("user"),
                )
                .arg(text("from", "ADDRESS", "The sender's address").required(true))
                .arg(
                    Arg::new("may-carry-texts")
                        .long("may-carry-texts")
                        .action(ArgAction::SetTrue)
                        .help("Mail may say what cases under embargo say: the server is inside, or encrypts"),
                ),
        ))
        .subcommand(transport_arguments(
            Command::new("test")
                .about("Send a test mail")
                .arg(text("to", "ADDRESS", "Where to").required(true)),
        ))
}

/// Runs what the command line names.
pub(crate) fn run(matches: &ArgMatches) -> anyhow::Result<()> {
    match matches.subcommand() {
        Some(("show", matches)) => show(&Transport::read(matches)?),
        Some(("set", matches)) => set(matches),
        Some(("test", matches)) => test(matches),
        // clap refuses every other word.
        _ => Ok(()),
    }
}

fn show(transport: &Transport) -> anyhow::Result<()> {
    let link = Link::find(transport)?;
    let server = link.get("/desk/v1/mail")?;
    print(transport, &server)?;
    link.finish()
}

fn print(transport: &Transport, server: &Value) -> anyhow::Result<()> {
    if transport.json {
        return line(&server.to_string());
    }
    if server.is_null() {
        return line(
            "No mail server is set. Set one with `cna mail set --host HOST --from ADDRESS`.",
        );
    }
    let text = |key: &str| server[key].as_str().unwrap_or_default();
    line(&format!(
        "Server  {}:{} ({})",
        text("host"),
        server["port"],
        text("tls")
    ))?;
    let user = match text("user") {
        "" => "nobody",
        user => user,
    };
    line(&format!("User    {user}"))?;
    line(&format!("From    {}", text("from")))?;
    let texts = if server["may_carry_texts"] == true {
        "also of cases under embargo"
    } else {
        "only of cases that are public"
    };
    line(&format!("Texts   {texts}"))
}

fn set(matches: &ArgMatches) -> anyhow::Result<()> {
    let transport = Transport::read(matches)?;
    let tls: &String = required(matches, "tls")?;
    let usual = match tls.as_str() {
        "tls" => 465,
        "starttls" => 587,
        _ => 25,
    };
    let mut body = json!({
        "host": required::<String>(matches, "host")?,
        "port": matches.get_one::<u16>("port").copied().unwrap_or(usual),
        "tls": tls,
        "from": required::<String>(matches, "from")?,
        "may_carry_texts": matches.get_flag("may-carry-texts"),
    });
    if let Some(user) = matches.get_one::<String>("user") {
        let file: &String = required(matches, "password-file")?;
        let password = std::fs::read_to_string(file)
            .with_context(|| format!("reading the password from `{file}`"))?;
        body["user"] = json!(user);
        body["password"] = json!(password.trim_end_matches(['\r', '\n']));
    }
    let link = Link::find(&transport)?;
    let server = link.put("/desk/v1/mail", &body)?;
    print(&transport, &server)?;
    link.finish()
}

fn test(matches: &ArgMatches) -> anyhow::Result<()> {
    let transport = Transport::read(matches)?;
    let to: &String = required(matches, "to")?;
    let link = Link::find(&transport)?;
    let left = link.post("/desk/v1/mail/test", &json!({"to": to}))?;
    let id = left["followup"].as_str().unwrap_or_default().to_owned();
    let look = || link.get(&format!("/desk/v1/followups/{id}"));
    let patience = std::time::Duration::from_secs(40);
    let seen = link.watch(patience, std::time::Duration::from_millis(200), look)?;
    let answer = seen["last_answer"].as_str().unwrap_or_default();
    if transport.json {
        line(&seen.to_string())?;
    } else if seen["state"] == "done" {
        line(&format!("The server took a mail to {to} ({answer})."))?;
    }
    link.finish()?;
    anyhow::ensure!(
        seen["state"] == "done",
        "the test mail to `{to}` is not sent: {answer}; see `cna followup show {id}`"
    );
    Ok(())
}
