//! The options before the command, and where else their values come from.

use std::ffi::OsString;
use std::path::Path;

use clap::ArgMatches;

use crate::arguments::{command, flag, option, parse};
use crate::commands::COMMANDS;
use crate::console::Console;
use crate::prompt;
use crate::session::Account;
use crate::stop::Stop;

/// What the command line takes at its top.
const TAKES: &str = "[OPTIONS] COMMAND [ARGS]...";

/// The version whose command line we speak, on the first line and alone, as
/// scripts check it.
const VERSION: &str = "cvelib 1.8.0";

/// The environments of the Program.
const ENVIRONMENTS: [(&str, &str); 3] = [
    ("prod", "https://cveawg.mitre.org/api/"),
    ("dev", "https://cveawg-dev.mitre.org/api/"),
    ("test", "https://cveawg-test.mitre.org/api/"),
];

/// What stands before the command, read but not yet completed.
pub(crate) struct Globals {
    matches: ArgMatches,
    asks_for_account: bool,
    /// The command and all that follows it.
    pub(crate) command: OsString,
    /// What follows the command.
    pub(crate) rest: Vec<OsString>,
}

/// The usage error of a word before the command.
pub(crate) fn usage(message: impl Into<String>) -> Stop {
    Stop::Usage {
        command: "cve".to_owned(),
        takes: TAKES.to_owned(),
        message: message.into(),
    }
}

/// Reads the options up to the command.
pub(crate) fn read(words: Vec<OsString>) -> Result<Globals, Stop> {
    // Commands that need no account do not ask for one; and as the Program's
    // client looks at any word, so do we.
    let needs_none = ["-h", "--help", "ping", "show", "validate"];
    let asks_for_account = !words
        .iter()
        .any(|word| needs_none.iter().any(|free| word == free));
    let is_empty = words.is_empty();
    let top = top();
    if is_empty {
        return Err(Stop::NoCommand(help(top)));
    }
    let mut matches = parse(top, "cve", TAKES, words)?;
    if matches.get_flag("version") {
        return Err(Stop::Shown(VERSION.to_owned()));
    }
    let Some((command, mut rest)) = matches.remove_subcommand() else {
        return Err(usage("Missing command."));
    };
    let rest = rest.remove_many::<OsString>("").into_iter().flatten();
    Ok(Globals {
        asks_for_account,
        command: command.into(),
        rest: rest.collect(),
        matches,
    })
}

fn help(mut top: clap::Command) -> String {
    top.render_help().to_string()
}

fn top() -> clap::Command {
    let commands: String = COMMANDS
        .iter()
        .map(|entry| format!("\n  {:<13}{}", entry.name, entry.about))
        .collect();
    command("cve", TAKES)
        .about("Talks to a CVE Services as a CNA does: the command line of cvelib 1.8.0")
        .allow_external_subcommands(true)
        .arg(option(
            "username",
            Some('u'),
            "TEXT",
            "Your user name [env: CVE_USER]",
        ))
        .arg(option(
            "org",
            Some('o'),
            "TEXT",
            "Short name of your org [env: CVE_ORG]",
        ))
        .arg(option(
            "api-key",
            Some('a'),
            "TEXT",
            "Your key; others on this machine can see it here [env: CVE_API_KEY]",
        ))
        .arg(option(
            "api-key-file",
            None,
            "FILE",
            "A file that holds your key and nothing else [env: CVE_API_KEY_FILE]",
        ))
        .arg(option(
            "env",
            Some('e'),
            "prod|dev|test",
            "Which of the Program's services to use [env: CVE_ENVIRONMENT]",
        ))
        .arg(option(
            "api-url",
            None,
            "URL",
            "Another service to use [env: CVE_API_URL]",
        ))
        .arg(flag(
            "interactive",
            Some('i'),
            "Ask before anything is changed [env: CVE_INTERACTIVE]",
        ))
        .arg(flag("version", Some('V'), "Print the version"))
        .after_help(format!("Commands:{commands}"))
}

impl Globals {
    /// Completes the account from variables and, where one is needed, from
    /// prompts: user, org, key.
    pub(crate) fn account(&self, console: &mut Console) -> Result<Account, Stop> {
        let url = self.url()?;
        let interactive = self.interactive()?;
        let named = |name: &str, variable_name: &str| {
            let typed = self.matches.get_one::<String>(name).cloned();
            typed.or_else(|| set_variable(variable_name))
        };
        let mut user = named("username", "CVE_USER");
        let mut org = named("org", "CVE_ORG");
        let mut key = self.key()?;
        if self.asks_for_account {
            user = Some(given_or_asked(user, || prompt::text(console, "Username"))?);
            org = Some(given_or_asked(org, || {
                prompt::text(console, "Organization")
            })?);
            key = Some(given_or_asked(key, || prompt::secret(console, "API key"))?);
        }
        Ok(Account {
            url,
            user,
            org,
            key,
            interactive,
        })
    }

    fn url(&self) -> Result<String, Stop> {
        let typed = self.matches.get_one::<String>("env").cloned();
        let environment = typed.or_else(|| set_variable("CVE_ENVIRONMENT"));
        let environment = environment.as_deref().unwrap_or("prod");
        let known = ENVIRONMENTS.iter().find(|(name, _)| *name == environment);
        let Some((_, environment_url)) = known else {
            return Err(usage(format!(
                "Invalid value for '-e' / '--env': '{environment}' is not one of \
                 'prod', 'dev', 'test'."
            )));
        };
        let typed = self.matches.get_one::<String>("api-url").cloned();
        let url = typed.or_else(|| set_variable("CVE_API_URL"));
        let url = url.filter(|url| !url.is_empty());
        Ok(url.unwrap_or_else(|| (*environment_url).to_owned()))
    }

    fn interactive(&self) -> Result<bool, Stop> {
        if self.matches.get_flag("interactive") {
            return Ok(true);
        }
        let value = set_variable("CVE_INTERACTIVE").unwrap_or_default();
        match value.trim().to_ascii_lowercase().as_str() {
            "1" | "t" | "true" | "y" | "yes" | "on" => Ok(true),
            "" | "0" | "f" | "false" | "n" | "no" | "off" => Ok(false),
            _ => Err(usage(format!(
                "Invalid value for '-i' / '--interactive': '{value}' is not a valid boolean; \
                 write 1, true, yes, on or 0, false, no, off."
            ))),
        }
    }

    /// The key, or the first line of the key file; typed before variables.
    fn key(&self) -> Result<Option<String>, Stop> {
        let typed = |name: &str| self.matches.get_one::<String>(name).cloned();
        if let Some(key) = typed("api-key") {
            return Ok(Some(key));
        }
        if let Some(file) = typed("api-key-file") {
            return key_from(&file).map(Some);
        }
        if let Some(key) = set_variable("CVE_API_KEY") {
            return Ok(Some(key));
        }
        set_variable("CVE_API_KEY_FILE")
            .map(|file| key_from(&file))
            .transpose()
    }
}

fn given_or_asked(
    given: Option<String>,
    ask: impl FnOnce() -> Result<String, Stop>,
) -> Result<String, Stop> {
    match given {
        Some(given) => Ok(given),
        None => ask(),
    }
}

fn key_from(file: &str) -> Result<String, Stop> {
    let refused = |why: String| usage(format!("Invalid value for '--api-key-file': {why}."));
    let text = std::fs::read_to_string(Path::new(file))
        .map_err(|error| refused(format!("'{file}': {error}")))?;
    let key = text.trim();
    if key.is_empty() || key.contains(char::is_whitespace) {
        return Err(refused(format!(
            "'{file}' does not hold one key and nothing else"
        )));
    }
    Ok(key.to_owned())
}

/// The value of a variable that is set to something.
pub(crate) fn set_variable(name: &str) -> Option<String> {
    variable(name).filter(|value| !value.is_empty())
}

/// The value of a variable. The only place where the environment is read.
pub(crate) fn variable(name: &str) -> Option<String> {
    #[allow(
        clippy::disallowed_methods,
        reason = "an executable of crates/cna, where the environment is read"
    )]
    std::env::var(name).ok()
}
