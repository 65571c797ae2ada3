//! Where the key comes from.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::console::Console;
use crate::globals::usage;
use crate::stop::Stop;

/// A place that holds the key.
#[derive(Clone)]
pub(crate) enum KeySource {
    /// The key itself.
    Given(String),
    /// A file that holds the key and nothing else.
    File(String),
    /// A shell command that prints the key.
    Command(String),
    /// The keyring of the system, by its own program.
    Keyring,
}

impl KeySource {
    /// The first of several places that is there.
    pub(crate) fn first(
        given: Option<String>,
        file: Option<String>,
        command: Option<String>,
        keyring: bool,
    ) -> Option<KeySource> {
        given
            .map(KeySource::Given)
            .or(file.map(KeySource::File))
            .or(command.map(KeySource::Command))
            .or(keyring.then_some(KeySource::Keyring))
    }

    /// The key. A file others can read is warned about.
    pub(crate) fn reveal(
        self,
        console: &mut Console,
        url: &str,
        user: Option<&str>,
        org: Option<&str>,
    ) -> Result<String, Stop> {
        match self {
            KeySource::Given(key) => Ok(key),
            KeySource::File(file) => from_file(console, &file),
            KeySource::Command(command) => {
                let mut shell = Command::new("sh");
                shell.args(["-c", &command]);
                from_program(shell, "the command of '--api-key-command'")
            }
            KeySource::Keyring => {
                let (Some(user), Some(org)) = (user, org) else {
                    return Err(usage(
                        "Invalid value for '--keyring': the keyring is asked by org and user; \
                         give '-o' and '-u'.",
                    ));
                };
                from_program(keyring(url, org, user), "the keyring")
            }
        }
    }
}

fn from_file(console: &mut Console, file: &str) -> Result<String, Stop> {
    let refused = |why: String| usage(format!("Invalid value for '--api-key-file': {why}."));
    let text = std::fs::read_to_string(Path::new(file))
        .map_err(|error| refused(format!("'{file}': {error}")))?;
    let key = single(&text)
        .ok_or_else(|| refused(format!("'{file}' does not hold one key and nothing else")))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(file).map(|found| found.permissions().mode());
        if mode.is_ok_and(|mode| mode & 0o077 != 0) {
            console.complain(&format!(
                "warning: others on this machine may read the key in `{file}`; \
                 run `chmod 600 {file}`"
            ));
        }
    }
    Ok(key)
}

/// One word, whatever stands around it.
fn single(text: &str) -> Option<String> {
    let key = text.trim();
    (!key.is_empty() && !key.contains(char::is_whitespace)).then(|| key.to_owned())
}

/// What a program prints. Its own complaints reach the person as they are.
fn from_program(mut program: Command, name: &str) -> Result<String, Stop> {
    let shown = program.get_program().to_string_lossy().into_owned();
    let output = program
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| {
            Stop::failed(format!(
                "{name} gave no key: cannot run `{shown}` ({error})"
            ))
        })?;
    if !output.status.success() {
        return Err(Stop::failed(format!(
            "{name} gave no key: `{shown}` ended with {}",
            output.status
        )));
    }
    let text = String::from_utf8(output.stdout).unwrap_or_default();
    single(&text).ok_or_else(|| {
        Stop::failed(format!(
            "{name} gave no key: `{shown}` printed nothing, or more than one word"
        ))
    })
}

/// The system's own program, so that nothing must be linked for it: the
/// Secret Service by `secret-tool`, on macOS the keychain by `security`.
fn keyring(url: &str, org: &str, user: &str) -> Command {
    if cfg!(target_os = "macos") {
        let mut command = Command::new("security");
        let account = format!("{org}/{user}");
        command.args(["find-generic-password", "-w", "-s", url, "-a", &account]);
        return command;
    }
    let mut command = Command::new("secret-tool");
    command.args(["lookup", "service", url, "org", org, "username", user]);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_word() {
        assert_eq!(single(" k3y\n").as_deref(), Some("k3y"));
        assert_eq!(single("one two"), None);
        assert_eq!(single(" \n"), None);
    }
}
