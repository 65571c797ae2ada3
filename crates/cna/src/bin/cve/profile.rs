//! Profiles: named sets of options in the configuration file.
//!
//! The file is `$CVE_CONFIG`, or `cve/config.toml` in `$XDG_CONFIG_HOME` or
//! `~/.config`. Its keys are called as the options are:
//!
//! ```toml
//! default = "acme"
//!
//! [profile.acme]
//! org = "acme"
//! username = "jack@example.org"
//! api-key-file = "~/.config/cve/acme.key"
//! env = "test"
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::globals::{set_variable, usage};
use crate::key::KeySource;
use crate::layer::Layer;
use crate::stop::Stop;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Configuration {
    /// The profile that is in force when none is named.
    default: Option<String>,
    #[serde(default)]
    profile: BTreeMap<String, Profile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Profile {
    username: Option<String>,
    org: Option<String>,
    api_key: Option<String>,
    api_key_file: Option<String>,
    api_key_command: Option<String>,
    #[serde(default)]
    keyring: bool,
    env: Option<String>,
    api_url: Option<String>,
    interactive: Option<bool>,
    timeout: Option<f64>,
    wait: Option<f64>,
    ca_file: Option<String>,
    errors: Option<String>,
}

/// The profile that was named on the command line.
///
/// Refuses: a file that is missing or wrong, and a name it does not have.
pub(crate) fn named(name: &str) -> Result<Layer, Stop> {
    let (path, mut configuration) = read()?;
    let Some(path) = path else {
        return Err(usage(format!(
            "Invalid value for '--profile': '{name}' cannot be found, because there is no {}.",
            place().map_or("configuration file".to_owned(), |path| format!(
                "'{}'",
                path.display()
            ))
        )));
    };
    take(&mut configuration, name, &path)
}

/// The profile of the variable `CVE_PROFILE`, or the file's own default.
pub(crate) fn in_force() -> Result<Option<Layer>, Stop> {
    if let Some(name) = set_variable("CVE_PROFILE") {
        return named(&name).map(Some);
    }
    let (path, mut configuration) = read()?;
    match (path, configuration.default.clone()) {
        (Some(path), Some(name)) => take(&mut configuration, &name, &path).map(Some),
        _ => Ok(None),
    }
}

fn take(configuration: &mut Configuration, name: &str, path: &Path) -> Result<Layer, Stop> {
    match configuration.profile.remove(name) {
        Some(profile) => Ok(profile.layer()),
        None => {
            let names: Vec<_> = configuration.profile.keys().map(String::as_str).collect();
            let has = match names.is_empty() {
                true => "it has none".to_owned(),
                false => format!("it has {}", names.join(", ")),
            };
            Err(usage(format!(
                "Invalid value for '--profile': '{name}' is not in '{}'; {has}.",
                path.display()
            )))
        }
    }
}

/// The configuration and its file, when there is one.
fn read() -> Result<(Option<PathBuf>, Configuration), Stop> {
    let Some(path) = place() else {
        return Ok((None, Configuration::default()));
    };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok((None, Configuration::default()));
        }
        Err(error) => {
            return Err(Stop::failed(format!(
                "cannot read the configuration `{}`: {error}",
                path.display()
            )));
        }
    };
    match toml::from_str(&text) {
        Ok(configuration) => Ok((Some(path), configuration)),
        Err(error) => {
            // The message alone: the library would show the line, and with it
            // perhaps a key.
            let line = error.span().map(|span| {
                let before = text.get(..span.start).unwrap_or_default();
                before.matches('\n').count() + 1
            });
            let line = line.map_or(String::new(), |line| format!(" in line {line}"));
            Err(Stop::failed(format!(
                "the configuration `{}` is wrong{line}: {}",
                path.display(),
                error.message()
            )))
        }
    }
}

/// Where the configuration file is looked for.
fn place() -> Option<PathBuf> {
    if let Some(file) = set_variable("CVE_CONFIG") {
        return Some(file.into());
    }
    let folder = set_variable("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(set_variable("HOME")?).join(".config")))?;
    Some(folder.join("cve/config.toml"))
}

/// A path with the home folder in the place of a tilde.
fn expanded(path: String) -> String {
    match (path.strip_prefix("~/"), set_variable("HOME")) {
        (Some(rest), Some(home)) => format!("{home}/{rest}"),
        _ => path,
    }
}

impl Profile {
    fn layer(self) -> Layer {
        Layer {
            username: self.username,
            org: self.org,
            key: KeySource::first(
                self.api_key,
                self.api_key_file.map(expanded),
                self.api_key_command,
                self.keyring,
            ),
            env: self.env,
            api_url: self.api_url,
            interactive: self.interactive.map(|yes| yes.to_string()),
            timeout: self.timeout.map(|seconds| seconds.to_string()),
            ca_file: self.ca_file.map(expanded),
            wait: self.wait.map(|seconds| seconds.to_string()),
            errors: self.errors,
        }
    }
}
