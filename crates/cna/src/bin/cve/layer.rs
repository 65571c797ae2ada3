//! One place that options before the command can come from.

use clap::ArgMatches;

use crate::globals::{set_variable, switch};
use crate::key::KeySource;
use crate::stop::Stop;

/// The values one place knows, as texts that are judged where they are used.
#[derive(Default)]
pub(crate) struct Layer {
    pub(crate) username: Option<String>,
    pub(crate) org: Option<String>,
    pub(crate) key: Option<KeySource>,
    pub(crate) env: Option<String>,
    pub(crate) api_url: Option<String>,
    pub(crate) interactive: Option<String>,
    pub(crate) timeout: Option<String>,
    pub(crate) ca_file: Option<String>,
    pub(crate) wait: Option<String>,
    pub(crate) errors: Option<String>,
}

impl Layer {
    /// What was typed before the command.
    pub(crate) fn typed(matches: &ArgMatches) -> Layer {
        let value = |name: &str| matches.get_one::<String>(name).cloned();
        let is_set = |name: &str| matches.get_flag(name);
        Layer {
            username: value("username"),
            org: value("org"),
            key: KeySource::first(
                value("api-key"),
                value("api-key-file"),
                value("api-key-command"),
                is_set("keyring"),
            ),
            env: value("env"),
            api_url: value("api-url"),
            interactive: is_set("interactive").then(|| "yes".to_owned()),
            timeout: value("timeout"),
            ca_file: value("ca-file"),
            wait: value("wait"),
            errors: value("errors"),
        }
    }

    /// What the environment says.
    pub(crate) fn variables() -> Result<Layer, Stop> {
        let keyring = set_variable("CVE_KEYRING").unwrap_or_default();
        Ok(Layer {
            username: set_variable("CVE_USER"),
            org: set_variable("CVE_ORG"),
            key: KeySource::first(
                set_variable("CVE_API_KEY"),
                set_variable("CVE_API_KEY_FILE"),
                set_variable("CVE_API_KEY_COMMAND"),
                switch("--keyring", &keyring)?,
            ),
            env: set_variable("CVE_ENVIRONMENT"),
            api_url: set_variable("CVE_API_URL"),
            interactive: set_variable("CVE_INTERACTIVE"),
            timeout: set_variable("CVE_TIMEOUT"),
            // `SSL_CERT_FILE` and the others are read where the request is
            // made, as they are not ours.
            ca_file: set_variable("CVE_CA_FILE"),
            wait: set_variable("CVE_WAIT"),
            errors: set_variable("CVE_ERRORS"),
        })
    }
}
