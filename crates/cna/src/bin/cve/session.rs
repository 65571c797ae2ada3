//! One run: the service, the account, and the command that runs.

use std::sync::Arc;

use clap::ArgMatches;
use client::{Addresses, ApiKey, Credentials, Request, Services, Settings};
use cve::id::CveId;

use crate::console::Console;
use crate::globals::{set_variable, usage};
use crate::prompt;
use crate::stop::Stop;

/// Who runs the command, and against what.
pub(crate) struct Account {
    pub(crate) url: String,
    pub(crate) user: Option<String>,
    pub(crate) org: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) interactive: bool,
}

/// A command on its way: what was typed after it, and where it works.
pub(crate) struct Session<'a> {
    pub(crate) account: &'a Account,
    /// The command as typed, such as `cve user create`.
    pub(crate) path: String,
    /// What the command takes.
    pub(crate) takes: &'static str,
    /// What was typed after it.
    pub(crate) matches: ArgMatches,
}

impl Session<'_> {
    /// The service, as the account sees it.
    pub(crate) fn services(&self) -> Result<Services, Stop> {
        let account = self.account;
        let credentials = Credentials {
            org: account.org.clone(),
            user: account.user.clone(),
            key: account.key.clone().map(ApiKey::new),
        };
        let request = Request::new(settings(&account.url)?)
            .map_err(|error| Stop::failed(error.to_string()))?;
        Ok(Services::new(&account.url, credentials, Arc::new(request)))
    }

    /// The org of the account, which most commands need.
    pub(crate) fn org(&self) -> Result<&str, Stop> {
        let org = self.account.org.as_deref();
        org.ok_or_else(|| usage("Missing option '-o' / '--org'."))
    }

    /// The user of the account.
    pub(crate) fn user(&self) -> Result<&str, Stop> {
        let user = self.account.user.as_deref();
        user.ok_or_else(|| usage("Missing option '-u' / '--username'."))
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.matches.get_flag(name)
    }

    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.matches.get_one::<String>(name).map(String::as_str)
    }

    /// The value of an option, when it is not empty.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.value(name).filter(|value| !value.is_empty())
    }

    pub(crate) fn values(&self, name: &str) -> Vec<String> {
        let values = self.matches.get_many::<String>(name);
        values.into_iter().flatten().cloned().collect()
    }

    /// The value of an option that must be there; `shown` is its spelling in
    /// the message.
    pub(crate) fn required(&self, name: &str, shown: &str) -> Result<&str, Stop> {
        self.value(name)
            .ok_or_else(|| self.usage(format!("Missing option {shown}.")))
    }

    /// The CVE ID the command is about.
    ///
    /// The Program's client takes the years 1999 and 2000 to 2999 and every
    /// number but 0; it also takes text after the number, which we do not.
    pub(crate) fn id(&self) -> Result<CveId, Stop> {
        let text = self
            .value("CVE_ID")
            .ok_or_else(|| self.usage("Missing argument 'CVE_ID'."))?;
        let id: Option<CveId> = text.parse().ok();
        let has_year = |id: &CveId| matches!(id.year().number(), 1999..=2999);
        id.filter(|id| has_year(id) && id.number() > 0)
            .ok_or_else(|| self.usage("Invalid value for 'CVE_ID': invalid CVE ID."))
    }

    /// The command line is wrong.
    pub(crate) fn usage(&self, message: impl Into<String>) -> Stop {
        Stop::Usage {
            command: self.path.clone(),
            takes: self.takes.to_owned(),
            message: message.into(),
        }
    }

    /// Under `-i`, shows what is about to happen and asks whether to go on.
    pub(crate) fn confirm(
        &self,
        console: &mut Console,
        about: &str,
        question: &str,
    ) -> Result<(), Stop> {
        if !self.account.interactive {
            return Ok(());
        }
        console.say(about);
        prompt::confirm(console, question)
    }
}

/// Any address, as the person named it; proxy and CA from the variables the
/// Program's client heeds.
fn settings(url: &str) -> Result<Settings, Stop> {
    let ca = set_variable("REQUESTS_CA_BUNDLE").or_else(|| set_variable("CURL_CA_BUNDLE"));
    let extra_ca_pem =
        match ca {
            None => None,
            Some(file) => Some(std::fs::read(&file).map_err(|error| {
                Stop::failed(format!("cannot read the CA file `{file}`: {error}"))
            })?),
        };
    Ok(Settings {
        addresses: Addresses::Any,
        proxy: proxy(url),
        extra_ca_pem,
        ..Settings::default()
    })
}

/// The proxy for `url`, unless its host is exempt.
fn proxy(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let either =
        |name: &str| set_variable(name).or_else(|| set_variable(&name.to_ascii_uppercase()));
    if either("no_proxy").is_some_and(|list| is_exempt(host, &list)) {
        return None;
    }
    either(&format!("{scheme}_proxy")).or_else(|| either("all_proxy"))
}

/// Whether a list such as `localhost,.example.org` names the host.
fn is_exempt(host: &str, list: &str) -> bool {
    list.split(',').map(str::trim).any(|name| {
        let name = name.strip_prefix('.').unwrap_or(name);
        name == "*"
            || (!name.is_empty()
                && (host == name || host.strip_suffix(name).is_some_and(|h| h.ends_with('.'))))
    })
}

#[cfg(test)]
mod tests {
    use super::is_exempt;

    #[test]
    fn a_host_is_exempt_by_its_name_or_a_domain_above_it() {
        assert!(is_exempt("a.example.org", "localhost, .example.org"));
        assert!(is_exempt("example.org", "example.org"));
        assert!(is_exempt("x", "*"));
        assert!(!is_exempt("badexample.org", "example.org"));
        assert!(!is_exempt("x", ""));
    }
}
