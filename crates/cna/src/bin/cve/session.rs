//! One run: the service, the account, and the command that runs.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use clap::ArgMatches;
use client::{ApiKey, Credentials, Error, Request, Services};
use cve::id::CveId;

use crate::console::Console;
use crate::globals::{parse_wait, usage};
use crate::json::python_text;
use crate::network;
use crate::patience::{Outcome, Patience};
use crate::prompt;
use crate::stop::Stop;

/// Who runs the command, and against what.
pub(crate) struct Account {
    pub(crate) url: String,
    pub(crate) user: Option<String>,
    pub(crate) org: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) interactive: bool,
    pub(crate) timeout: Duration,
    pub(crate) ca_file: Option<String>,
    pub(crate) wait: Option<Duration>,
    pub(crate) is_dry_run: bool,
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

/// The service as the account sees it, asked as patiently as was typed.
pub(crate) struct Service {
    services: Services,
    patience: RefCell<Patience>,
    /// The org's UUID, once it was asked for.
    org_uuid: RefCell<Option<String>>,
}

impl Service {
    /// The address every path is put behind.
    pub(crate) fn base_url(&self) -> &str {
        self.services.base_url()
    }

    /// Makes a request that only reads.
    pub(crate) fn read<T>(
        &self,
        console: &mut Console,
        ask: impl Fn(&Services) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut patience = self.patience.borrow_mut();
        patience.read(console, || ask(&self.services))
    }

    /// The UUID of an org; asked for once.
    pub(crate) fn org_uuid(&self, console: &mut Console, org: &str) -> Result<String, Stop> {
        if let Some(uuid) = self.org_uuid.borrow().as_ref() {
            return Ok(uuid.clone());
        }
        let found = self.read(console, |services| services.org(org))?;
        let uuid = found.raw.get("UUID").map(python_text);
        let uuid = uuid.ok_or_else(|| Stop::failed("the answer has no `/UUID`"))?;
        *self.org_uuid.borrow_mut() = Some(uuid.clone());
        Ok(uuid)
    }

    /// Makes a request that changes something, see [`Patience::change`].
    pub(crate) fn change<T>(
        &self,
        console: &mut Console,
        send: impl Fn(&Services) -> Result<T, Error>,
        look: impl Fn(&Looking<'_>, &mut Console) -> Result<Option<T>, Stop>,
    ) -> Result<Outcome<T>, Stop> {
        let mut patience = self.patience.borrow_mut();
        patience.change(
            console,
            || send(&self.services),
            |patience, console| {
                let looking = Looking {
                    services: &self.services,
                    patience: RefCell::new(patience),
                };
                look(&looking, console)
            },
        )
    }

    /// Whether a lost answer is looked after.
    pub(crate) fn is_waiting(&self) -> bool {
        self.patience.borrow().is_waiting()
    }
}

/// The service while it is looked at after a lost answer.
pub(crate) struct Looking<'a> {
    services: &'a Services,
    patience: RefCell<&'a mut Patience>,
}

impl Looking<'_> {
    /// Makes a request that only reads.
    pub(crate) fn read<T>(
        &self,
        console: &mut Console,
        ask: impl Fn(&Services) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut patience = self.patience.borrow_mut();
        patience.read(console, || ask(self.services))
    }
}

impl Session<'_> {
    /// The service, as the account sees it.
    pub(crate) fn service(&self) -> Result<Service, Stop> {
        let account = self.account;
        let credentials = Credentials {
            org: account.org.clone(),
            user: account.user.clone(),
            key: account.key.clone().map(ApiKey::new),
        };
        let settings = network::settings(&account.url, account.timeout, account.ca_file.as_deref());
        let request = Request::new(settings?).map_err(|error| Stop::failed(error.to_string()))?;
        let services = Services::new(&account.url, credentials, Arc::new(request));
        let typed = self.value("wait").map(parse_wait).transpose()?;
        let wait = typed.or(account.wait).filter(|wait| !wait.is_zero());
        Ok(Service {
            services: match self.is_dry_run() {
                true => services.rehearsing(),
                false => services,
            },
            patience: RefCell::new(Patience::new(wait, account.timeout)),
            org_uuid: RefCell::new(None),
        })
    }

    /// Whether nothing may be changed.
    pub(crate) fn is_dry_run(&self) -> bool {
        self.account.is_dry_run || self.flag("dry-run")
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

    /// The last word of the command, as the Program's client calls it.
    pub(crate) fn leaf(&self) -> &str {
        self.path.rsplit(' ').next().unwrap_or_default()
    }

    /// Whether a flag was typed; one the command does not have was not.
    pub(crate) fn flag(&self, name: &str) -> bool {
        let flag = self.matches.try_get_one::<bool>(name);
        flag.ok().flatten().copied().unwrap_or_default()
    }

    /// The value of an option; one the command does not have has none.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let value = self.matches.try_get_one::<String>(name);
        value.ok().flatten().map(String::as_str)
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
    pub(crate) fn id(&self) -> Result<CveId, Stop> {
        let text = self
            .value("CVE_ID")
            .ok_or_else(|| self.usage("Missing argument 'CVE_ID'."))?;
        parse_id(text).ok_or_else(|| self.usage("Invalid value for 'CVE_ID': invalid CVE ID."))
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
    ///
    /// Takes: `about`, printed once as it is; `question`, printed again after
    /// an answer that is neither yes nor no, with the line ends it begins with.
    pub(crate) fn confirm(
        &self,
        console: &mut Console,
        about: &str,
        question: &str,
    ) -> Result<(), Stop> {
        // A rehearsal has nothing to confirm.
        if !self.account.interactive || self.is_dry_run() {
            return Ok(());
        }
        console.ask(about);
        prompt::confirm(console, question)
    }
}

/// A CVE ID as the Program's client takes it: the years 1999 and 2000 to 2999,
/// every number but 0. It also takes text after the number, which we do not.
pub(crate) fn parse_id(text: &str) -> Option<CveId> {
    let id: CveId = text.parse().ok()?;
    let has_year = matches!(id.year().number(), 1999..=2999);
    (has_year && id.number() > 0).then_some(id)
}
