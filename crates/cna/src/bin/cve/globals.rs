//! The options before the command, and where else their values come from.
//!
//! Four layers, the first that knows a value wins: what was typed, the profile
//! named by `--profile`, the variables, and the profile that is otherwise in
//! force. What none knows is asked for.

use std::ffi::OsString;
use std::time::Duration;

use clap::ArgMatches;

use crate::arguments::{command, flag, option, parse};
use crate::commands::COMMANDS;
use crate::console::Console;
use crate::key::KeySource;
use crate::layer::Layer;
use crate::profile;
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

/// How long an answer may take.
///
/// Source: the Program's client.
const TIMEOUT: Duration = Duration::from_secs(60);

/// How long `--wait` waits when it is not told.
const WAIT: Duration = Duration::from_secs(300);

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
        asks_for_account: asks_for_account && !is_local(command.as_str()),
        command: command.into(),
        rest: rest.collect(),
        matches,
    })
}

/// Commands of ours that talk to no service.
fn is_local(command: &str) -> bool {
    matches!(command, "completion" | "man")
}

fn help(mut top: clap::Command) -> String {
    top.render_help().to_string()
}

/// The options before the command.
pub(crate) fn top() -> clap::Command {
    let commands: String = COMMANDS
        .iter()
        .map(|entry| format!("\n  {:<13}{}", entry.name, entry.about))
        .collect();
    command("cve", TAKES)
        .about("Talks to a CVE Services as a CNA does: the command line of cvelib 1.8.0")
        .allow_external_subcommands(true)
        .args(account_options())
        .args(network_options())
        .arg(flag("version", Some('V'), "Print the version"))
        .after_help(format!("Commands:{commands}"))
}

fn account_options() -> Vec<clap::Arg> {
    vec![
        option(
            "username",
            Some('u'),
            "TEXT",
            "Your user name [env: CVE_USER]",
        ),
        option(
            "org",
            Some('o'),
            "TEXT",
            "Short name of your organization [env: CVE_ORG]",
        ),
        option(
            "api-key",
            Some('a'),
            "TEXT",
            "Your API key; typed here, others on this machine can see it [env: CVE_API_KEY]",
        ),
        option(
            "api-key-file",
            None,
            "FILE",
            "File that holds your API key and nothing else [env: CVE_API_KEY_FILE]",
        ),
        option(
            "api-key-command",
            None,
            "COMMAND",
            "Shell command that prints your API key [env: CVE_API_KEY_COMMAND]",
        ),
        flag(
            "keyring",
            None,
            "Take your API key from the system's keyring [env: CVE_KEYRING]",
        ),
        option(
            "profile",
            None,
            "NAME",
            "Fill in what is not given from this profile of the configuration file \
             [env: CVE_PROFILE]",
        ),
        option(
            "env",
            Some('e'),
            "prod|dev|test",
            "Which service of the CVE Program to use, prod by default [env: CVE_ENVIRONMENT]",
        ),
        option(
            "api-url",
            None,
            "URL",
            "Address of another service to use instead [env: CVE_API_URL]",
        ),
        flag(
            "interactive",
            Some('i'),
            "Ask before anything is changed [env: CVE_INTERACTIVE]",
        ),
    ]
}

fn network_options() -> Vec<clap::Arg> {
    vec![
        option(
            "timeout",
            None,
            "SECONDS",
            "Give up when the service is silent for this long, 60 by default [env: CVE_TIMEOUT]",
        ),
        option(
            "ca-file",
            None,
            "FILE",
            "PEM file of certificates to trust beside the public ones [env: CVE_CA_FILE]",
        ),
        wait_option(
            "Keep trying for this long when the service is away or busy, 300 if not said [env: CVE_WAIT]",
        ),
        flag(
            "dry-run",
            None,
            "Show the request that would change something, and do not send it",
        ),
        option(
            "errors",
            None,
            "stdout|stderr",
            "Where to print errors, stdout by default [env: CVE_ERRORS]",
        ),
    ]
}

/// `--wait`, alone or with its seconds behind an equals sign.
pub(crate) fn wait_option(help: &'static str) -> clap::Arg {
    option("wait", None, "SECONDS", help)
        .num_args(0..=1)
        .require_equals(true)
        .default_missing_value("")
}

impl Globals {
    /// Completes the account from variables, profiles and, where one is
    /// needed, from prompts: user, org, key.
    pub(crate) fn account(&self, console: &mut Console) -> Result<Account, Stop> {
        let groups = self.groups()?;
        let layers: Vec<&Layer> = groups.iter().flatten().collect();
        console.errors_to_stderr(errors(&layers)?);
        let url = url(&groups)?;
        let mut user = first(&layers, |layer| layer.username.clone());
        let mut org = first(&layers, |layer| layer.org.clone());
        let source = first(&layers, |layer| layer.key.clone());
        let interactive = match first(&layers, |layer| layer.interactive.clone()) {
            Some(text) => switch("-i' / '--interactive", &text)?,
            None => false,
        };
        // A key that cannot be read is said before anything is asked.
        let source = match source {
            Some(source @ (KeySource::File(_) | KeySource::Command(_))) if self.needs_key() => {
                Some(KeySource::Given(source.reveal(console, &url, None, None)?))
            }
            other => other,
        };
        if self.asks_for_account {
            user = Some(given_or_asked(user, || prompt::text(console, "Username"))?);
            org = Some(given_or_asked(org, || {
                prompt::text(console, "Organization")
            })?);
        }
        let key = self.key(console, source, &url, user.as_deref(), org.as_deref())?;
        let seconds = |name: &str, text: String| positive_seconds(name, &text);
        let timeout = first(&layers, |layer| layer.timeout.clone());
        let timeout = timeout.map(|text| seconds("timeout", text)).transpose()?;
        let wait = first(&layers, |layer| layer.wait.clone());
        Ok(Account {
            ca_file: first(&layers, |layer| layer.ca_file.clone()),
            url,
            user,
            org,
            key,
            interactive,
            timeout: timeout.unwrap_or(TIMEOUT),
            wait: wait.map(|text| parse_wait(&text)).transpose()?,
            is_dry_run: self.matches.get_flag("dry-run"),
        })
    }

    /// The layers by rank; within a group the address of a service beats the
    /// name of one, wherever the two stand.
    fn groups(&self) -> Result<Vec<Vec<Layer>>, Stop> {
        let typed = Layer::typed(&self.matches);
        let variables = Layer::variables()?;
        let named = self.matches.get_one::<String>("profile");
        if let Some(name) = named {
            let profile = profile::named(name)?;
            return Ok(vec![vec![typed], vec![profile], vec![variables]]);
        }
        // `completion`, `man` and the like must not fail on a broken file.
        let profile = match is_local(&self.command.to_string_lossy()) {
            true => None,
            false => profile::in_force()?,
        };
        Ok(vec![vec![typed, variables], profile.into_iter().collect()])
    }

    /// Whether a key is of use to the command.
    fn needs_key(&self) -> bool {
        self.asks_for_account || self.command == "show"
    }

    /// The key from its source. A command, a keyring and a file are only
    /// asked when the key is of use.
    fn key(
        &self,
        console: &mut Console,
        source: Option<KeySource>,
        url: &str,
        user: Option<&str>,
        org: Option<&str>,
    ) -> Result<Option<String>, Stop> {
        match source {
            Some(KeySource::Given(key)) => Ok(Some(key)),
            Some(source) if self.needs_key() => source.reveal(console, url, user, org).map(Some),
            None if self.asks_for_account => prompt::secret(console, "API key").map(Some),
            _ => Ok(None),
        }
    }
}

fn first<T>(layers: &[&Layer], value: impl Fn(&Layer) -> Option<T>) -> Option<T> {
    layers.iter().find_map(|layer| value(layer))
}

fn errors(layers: &[&Layer]) -> Result<bool, Stop> {
    match first(layers, |layer| layer.errors.clone()).as_deref() {
        None | Some("stdout") => Ok(false),
        Some("stderr") => Ok(true),
        Some(other) => Err(usage(format!(
            "Invalid value for '--errors': '{other}' is not one of 'stdout', 'stderr'."
        ))),
    }
}

/// The service's address.
///
/// As in the Program's client, an address beats the name of an environment,
/// and an empty address is none.
fn url(groups: &[Vec<Layer>]) -> Result<String, Stop> {
    for group in groups {
        let group: Vec<&Layer> = group.iter().collect();
        let environment = first(&group, |layer| layer.env.clone());
        let environment_url = environment.as_deref().map(environment_url).transpose()?;
        let url = first(&group, |layer| layer.api_url.clone());
        if let Some(url) = url.filter(|url| !url.is_empty()) {
            return Ok(url);
        }
        if let Some(url) = environment_url {
            return Ok(url.to_owned());
        }
    }
    environment_url("prod").map(str::to_owned)
}

fn environment_url(environment: &str) -> Result<&'static str, Stop> {
    let known = ENVIRONMENTS.iter().find(|(name, _)| *name == environment);
    known.map(|(_, url)| *url).ok_or_else(|| {
        usage(format!(
            "Invalid value for '-e' / '--env': '{environment}' is not one of \
             'prod', 'dev', 'test'."
        ))
    })
}

/// A yes or no as variables write it.
pub(crate) fn switch(name: &str, value: &str) -> Result<bool, Stop> {
    match value.trim().to_ascii_lowercase().as_str() {
        "1" | "t" | "true" | "y" | "yes" | "on" => Ok(true),
        "" | "0" | "f" | "false" | "n" | "no" | "off" => Ok(false),
        _ => Err(usage(format!(
            "Invalid value for '{name}': '{value}' is not a valid boolean; \
             write 1, true, yes, on or 0, false, no, off."
        ))),
    }
}

/// How long `--wait` waits.
pub(crate) fn parse_wait(text: &str) -> Result<Duration, Stop> {
    match text {
        "" => Ok(WAIT),
        "0" => Ok(Duration::ZERO),
        text => positive_seconds("wait", text),
    }
}

fn positive_seconds(name: &str, text: &str) -> Result<Duration, Stop> {
    // A year is longer than anybody waits, and far below what a clock can add.
    let seconds: Option<f64> = text.trim().parse().ok();
    let seconds = seconds.filter(|seconds| (0.001..=31_536_000.0).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or_else(|| {
        usage(format!(
            "Invalid value for '--{name}': '{text}' is not a number of seconds above 0, \
             such as 30 or 0.5."
        ))
    })
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
