//! CVE Services accounts of the desk.

use client::{ApiKey, Credentials, Services};
use serde::Serialize;
use serde_json::json;
use store::{AccountRow, AuditEvent};

use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};

/// An account to be added.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The name the desk gives it.
    pub name: String,
    /// `production`, `test` or `practice`; shown wherever the account is used.
    pub environment: String,
    /// Address of the API.
    pub base_url: String,
    /// Short name of the organisation.
    pub org: String,
    /// Name of the user.
    pub username: String,
    /// Its API key.
    pub key: ApiKey,
}

/// An account as people see it.
#[derive(Debug, Clone, Serialize)]
pub struct Account {
    /// The name the desk gives it.
    pub name: String,
    /// `production`, `test` or `practice`.
    pub environment: String,
    /// Address of the API.
    pub base_url: String,
    /// Short name of the organisation.
    pub org: String,
    /// Name of the user.
    pub username: String,
    /// Whole days since its key was set.
    #[serde(default)]
    pub key_age_days: i64,
}

/// What an account is worth at its service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountTest {
    /// The account.
    pub name: String,
    /// `production`, `test` or `practice`.
    pub environment: String,
    /// How many IDs its organisation may have reserved at a time.
    pub id_quota: i64,
    /// How many it has.
    pub total_reserved: i64,
    /// How many are left.
    pub available: i64,
}

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

const ENVIRONMENTS: [&str; 3] = ["production", "test", "practice"];

impl Desk {
    /// Adds an account; its key is sealed before it is stored.
    pub fn add_account(&self, actor: &Actor, account: NewAccount) -> Result<(), Error> {
        check(actor, Action::Administer)?;
        if !ENVIRONMENTS.contains(&account.environment.as_str()) {
            let problem = format!(
                "`{}` is not an environment: expected one of {}",
                account.environment,
                ENVIRONMENTS.join(", ")
            );
            return Err(Refusal::invalid("environment", problem).into());
        }
        let sealed_key = self
            .settings
            .master_key
            .seal(&self.world, &label(&account.name), account.key.reveal())
            .map_err(|error| Error::Broken(error.to_string()))?;
        let row = AccountRow {
            name: account.name,
            environment: account.environment,
            base_url: account.base_url,
            org: account.org,
            username: account.username,
            sealed_key,
            created: self.world.now(),
            key_set: None,
        };
        let by = actor.name().to_owned();
        let exists = format!("account `{}` exists: choose another name", row.name);
        let exists = Refusal::invalid("name", exists);
        let refused = exists.clone();
        let added = self.store.write(move |tx| {
            if tx.account(&row.name)?.is_some() {
                return Err(Error::from(refused.clone()));
            }
            tx.insert_account(&row)?;
            tx.audit(AuditEvent {
                actor: by.clone(),
                org: row.org.clone(),
                action: "account.add".into(),
                object: format!("account {}", row.name),
                detail: json!({"environment": row.environment, "base_url": row.base_url}),
            });
            Ok(())
        });
        added.map_err(|error| error.or_if_duplicate(exists))
    }

    /// The accounts, by name, without their keys.
    pub fn accounts(&self, actor: &Actor) -> Result<Vec<Account>, Error> {
        check(actor, Action::Audit)?;
        let rows = self.store.read(|reader| reader.accounts())?;
        let now = self.world.now();
        Ok(rows
            .into_iter()
            .map(|row| Account {
                name: row.name,
                environment: row.environment,
                base_url: row.base_url,
                org: row.org,
                username: row.username,
                key_age_days: now.ms_since(row.key_set.unwrap_or(row.created)) / DAY_MS,
            })
            .collect())
    }

    /// Asks the service whether it takes the account, and for its quota.
    ///
    /// Refuses: an account that is not there, or that the service refuses.
    pub fn test_account(&self, actor: &Actor, name: &str) -> Result<AccountTest, Error> {
        check(actor, Action::Audit)?;
        let row = self.known_account(name)?;
        let services = self.services(name)?;
        ask(&row, &services)
    }

    /// Puts another key in the place of an account's, once the service takes it.
    pub fn set_account_key(
        &self,
        actor: &Actor,
        name: &str,
        key: ApiKey,
    ) -> Result<AccountTest, Error> {
        check(actor, Action::Administer)?;
        let row = self.known_account(name)?;
        let sealed = self
            .settings
            .master_key
            .seal(&self.world, &label(name), key.reveal())
            .map_err(|error| Error::Broken(error.to_string()))?;
        let credentials = Credentials::new(row.org.clone(), row.username.clone(), key);
        let services = Services::new(&row.base_url, credentials, self.settings.request.clone());
        let test = ask(&row, &services)?;
        let (by, name) = (actor.name().to_owned(), name.to_owned());
        self.store.write(move |tx| {
            if !tx.set_account_key(&name, &sealed)? {
                return Err(Error::from(unknown(&name)));
            }
            tx.audit(event(&by, &row, "account.set-key"));
            Ok(())
        })?;
        Ok(test)
    }

    /// Removes an account, with its key.
    ///
    /// Refuses: the account IDs are reserved with, and one that IDs of the
    /// ledger which are not finished, or follow-ups, still need.
    pub fn remove_account(&self, actor: &Actor, name: &str) -> Result<(), Error> {
        check(actor, Action::Administer)?;
        let organisation = self.organisation()?;
        if organisation.is_some_and(|organisation| organisation.account == name) {
            let problem = format!("IDs are reserved with `{name}`: give the organisation another");
            return Err(Refusal::invalid("name", problem).into());
        }
        let (by, name) = (actor.name().to_owned(), name.to_owned());
        self.store.write(move |tx| {
            let row = tx.account(&name)?.ok_or_else(|| unknown(&name))?;
            let is_open = |line: &store::LedgerRow| {
                let is_finished = line.state == "PUBLISHED" || line.state.starts_with("REJECTED");
                line.account == name && !is_finished
            };
            let open = tx.ledger()?.into_iter().filter(is_open).count();
            if open > 0 {
                let problem = format!("{open} IDs were reserved with it and are not finished");
                return Err(Refusal::invalid("name", problem).into());
            }
            tx.delete_account(&name)?;
            tx.audit(event(&by, &row, "account.remove"));
            Ok(())
        })
    }

    fn known_account(&self, name: &str) -> Result<AccountRow, Error> {
        let row = self.store.read(|reader| reader.account(name))?;
        Ok(row.ok_or_else(|| unknown(name))?)
    }

    /// Checks that the master key opens every account's key, so that a wrong
    /// one is told at the start and not by the first reservation.
    pub fn check_account_keys(&self) -> Result<(), Error> {
        let rows = self.store.read(|reader| reader.accounts())?;
        for row in rows {
            self.open_key(&row)?;
        }
        Ok(())
    }

    fn open_key(&self, row: &AccountRow) -> Result<String, Error> {
        self.settings
            .master_key
            .open(&label(&row.name), &row.sealed_key)
            .map_err(|error| Error::Broken(format!("account `{}`: {error}", row.name)))
    }

    /// CVE Services as the account `name` sees it.
    pub(crate) fn services(&self, name: &str) -> Result<Services, Error> {
        let row = self
            .store
            .read(|reader| reader.account(name))?
            .ok_or_else(|| Error::Broken(format!("account `{name}` is gone")))?;
        let key = self.open_key(&row)?;
        let credentials = Credentials::new(row.org, row.username, ApiKey::new(key));
        Ok(Services::new(
            &row.base_url,
            credentials,
            self.settings.request.clone(),
        ))
    }
}

fn unknown(name: &str) -> Refusal {
    Refusal::not_found(format!("account `{name}`"))
}

fn event(by: &str, row: &AccountRow, action: &str) -> AuditEvent {
    AuditEvent {
        actor: by.to_owned(),
        org: row.org.clone(),
        action: action.to_owned(),
        object: format!("account {}", row.name),
        detail: json!({"environment": row.environment, "base_url": row.base_url}),
    }
}

/// Asks for the quota, which only an account that works is told.
fn ask(row: &AccountRow, services: &Services) -> Result<AccountTest, Error> {
    let quota = services
        .quota(&row.org)
        .and_then(|reply| reply.value())
        .map_err(|error| Refusal::invalid(format!("account `{}`", row.name), error.to_string()))?;
    Ok(AccountTest {
        name: row.name.clone(),
        environment: row.environment.clone(),
        id_quota: quota.id_quota,
        total_reserved: quota.total_reserved,
        available: quota.available,
    })
}

fn label(name: &str) -> String {
    format!("account {name}")
}
