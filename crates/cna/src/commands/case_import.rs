//! `cna case import-mail`: reports and answers out of mailboxes.

use std::collections::HashSet;
use std::io::IsTerminal as _;
use std::time::Duration;

use anyhow::bail;
use clap::{Arg, ArgAction, ArgMatches, Command};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use super::case_intake::encoded;
use crate::config::Transport;
use crate::mailbox::{Found, Mailboxes};
use crate::output::{line, plain, problem};
use crate::transport::Link;

/// Its definition, without where the desk is.
pub(crate) fn command() -> Command {
    Command::new("import-mail")
        .about("Take mails in as cases, and answers into the cases they belong to")
        .long_about(
            "Reads mails where they lie and changes nothing there. Each report becomes a case \
             under embargo, each answer a message of its case. A mail that was taken in before is \
             passed over, so the same mailbox can be read again, and after a kill. What a machine \
             wrote (automatic replies, delivery reports, bulk mail that is no report) is put \
             aside; a mail of ours that was not delivered is marked so. A mail that \
             cannot be read is named, and the others are taken in all the same.",
        )
        .arg(
            Arg::new("path")
                .value_name("PATH")
                .required(true)
                .action(ArgAction::Append)
                .num_args(1..)
                .help("A Maildir (a folder with `new` and `cur`), an mbox file, or a file of one mail"),
        )
        .arg(
            Arg::new("product")
                .long("product")
                .value_name("PRODUCT")
                .help("Product of the catalogue all the new cases are about [default: said later, with `cna case product`]"),
        )
        .arg(
            Arg::new("dry-run")
                .long("dry-run")
                .action(ArgAction::SetTrue)
                .help("Print what would become of each mail, and do nothing"),
        )
}

/// What became of the mails so far.
#[derive(Default)]
struct Tally {
    mails: Vec<Value>,
    cases: usize,
    replies: usize,
    passed_over: usize,
    aside: usize,
    undelivered: usize,
    failed: usize,
    /// What a dry run would have taken in, by digest.
    would_be_known: HashSet<String>,
}

/// Takes in the mails of the paths that were named.
pub(crate) fn run(matches: &ArgMatches) -> anyhow::Result<()> {
    let transport = Transport::read(matches)?;
    let paths: Vec<&String> = matches.get_many("path").into_iter().flatten().collect();
    let dry_run = matches.get_flag("dry-run");
    let mailboxes = Mailboxes::find(&paths)?;
    let mut path = format!("/desk/v1/mails?dry_run={dry_run}");
    if let Some(product) = matches.get_one::<String>("product") {
        path.push_str(&format!("&product={}", encoded(product)));
    }
    let link = Link::find(&transport)?;
    let bar = bar();
    let mut tally = Tally::default();
    mailboxes.each(&mut |found| {
        let name = plain(&found.name);
        let taken = take(&link, &path, found)?;
        bar.inc(1);
        bar.suspend(|| tally.add(&transport, &name, taken, dry_run))
    })?;
    bar.finish_and_clear();
    let tried = tally.mails.len();
    if transport.json {
        line(
            &json!({
                "dry_run": dry_run, "mails": tally.mails, "cases": tally.cases,
                "replies": tally.replies, "passed_over": tally.passed_over, "aside": tally.aside,
                "undelivered": tally.undelivered, "failed": tally.failed,
            })
            .to_string(),
        )?;
    } else {
        line(&tally.summary(dry_run))?;
    }
    link.finish()?;
    if tally.failed > 0 {
        bail!("{} of {tried} mails could not be taken in", tally.failed);
    }
    Ok(())
}

/// Hands a mail to the desk.
///
/// Fails: when no mail can be handed to it.
fn take(link: &Link, path: &str, found: Found) -> anyhow::Result<anyhow::Result<Value>> {
    match found.bytes {
        Ok(bytes) => link.offer_bytes(path, bytes),
        Err(error) => Ok(Err(error)),
    }
}

impl Tally {
    fn add(
        &mut self,
        transport: &Transport,
        name: &str,
        taken: anyhow::Result<Value>,
        dry_run: bool,
    ) -> anyhow::Result<()> {
        let mut taken = match taken {
            Ok(taken) => taken,
            Err(error) => {
                self.failed += 1;
                problem("error", &format!("{name}: {error:#}"));
                self.mails
                    .push(json!({"mail": name, "error": format!("{error:#}")}));
                return Ok(());
            }
        };
        if dry_run {
            self.foresee(&mut taken);
        }
        taken["mail"] = json!(name);
        let (count, words) = match taken["fate"].as_str() {
            Some("case") => (&mut self.cases, new_case(&taken)),
            Some("reply") => (&mut self.replies, reply(&taken)),
            Some("own") => (
                &mut self.passed_over,
                "is a mail of the desk itself".to_owned(),
            ),
            Some("aside") => (&mut self.aside, aside(&taken)),
            Some("undelivered") => (&mut self.undelivered, undelivered(&taken)),
            _ => (&mut self.passed_over, known(&taken)),
        };
        *count += 1;
        if !transport.json {
            let title = plain(taken["title"].as_str().unwrap_or_default());
            line(&format!("{name}: {words}: {title}"))?;
            for file in taken["refused"].as_array().into_iter().flatten() {
                let text = |key: &str| plain(file[key].as_str().unwrap_or_default());
                line(&format!(
                    "  not kept: `{}` {}",
                    text("name"),
                    text("reason")
                ))?;
            }
        }
        self.mails.push(taken);
        Ok(())
    }

    /// What would become of a mail once those before it are taken in, which a
    /// dry run leaves out.
    fn foresee(&mut self, taken: &mut Value) {
        let message = taken["message"].as_str().unwrap_or_default().to_owned();
        if taken["fate"] == "case" {
            let answers = taken["answers"].as_array().into_iter().flatten();
            let mut answers = answers.filter_map(Value::as_str);
            if self.would_be_known.contains(&message) {
                taken["fate"] = json!("known");
            } else if answers.any(|id| self.would_be_known.contains(id)) {
                taken["fate"] = json!("reply");
            }
        }
        self.would_be_known.insert(message);
    }

    fn summary(&self, dry_run: bool) -> String {
        if self.mails.is_empty() {
            return "No mails there: nothing was taken in.".to_owned();
        }
        let would = if dry_run { "Would be: " } else { "" };
        let mut text = format!(
            "{would}{} new, {} added to their cases, {} passed over, {} failed.",
            counted(self.cases, "case", "cases"),
            counted(self.replies, "answer", "answers"),
            self.passed_over,
            self.failed
        );
        if self.aside + self.undelivered > 0 {
            text.push_str(&format!(
                "\nOf machines: {} put aside, {} of ours not delivered (`cna status`).",
                counted(self.aside, "mail", "mails"),
                counted(self.undelivered, "mail", "mails"),
            ));
        }
        text
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn new_case(taken: &Value) -> String {
    match (taken["case"].as_i64(), taken["reference"].as_str()) {
        (Some(case), Some(reference)) => format!("case {case}, {reference}"),
        _ => "would be a case".to_owned(),
    }
}

fn reply(taken: &Value) -> String {
    match taken["case"].as_i64() {
        Some(case) => format!("an answer, in case {case}"),
        None => "an answer to a mail before it".to_owned(),
    }
}

fn aside(taken: &Value) -> String {
    let reason = plain(taken["reason"].as_str().unwrap_or_default());
    format!("put aside, {reason}")
}

fn undelivered(taken: &Value) -> String {
    let reason = plain(taken["reason"].as_str().unwrap_or_default());
    match taken["case"].as_i64() {
        Some(case) => format!("a mail of case {case} was {reason}"),
        None => format!("a mail of ours was {reason}"),
    }
}

fn known(taken: &Value) -> String {
    match taken["case"].as_i64() {
        Some(case) => format!("taken in before, in case {case}"),
        None => "taken in before".to_owned(),
    }
}

/// A count on a terminal; nothing anywhere else.
fn bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
    // The template is ours and well formed; the default one would do too.
    if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} mails  {per_sec}  {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
