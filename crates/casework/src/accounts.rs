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
}

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
        Ok(rows
            .into_iter()
            .map(|row| Account {
                name: row.name,
                environment: row.environment,
                base_url: row.base_url,
                org: row.org,
                username: row.username,
            })
            .collect())
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

fn label(name: &str) -> String {
    format!("account {name}")
}
