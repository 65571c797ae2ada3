//! The private distributors of the organisation, and the address of their list.
//!
//! Distributors are no persons of the desk: they see what a package carries to
//! them, and nothing else.
//!
//! Source: process sections 3.5 and 12.1.

use cve::time::Timestamp;
use serde::Serialize;
use serde_json::json;
use store::{AuditEvent, DistributorRow, Reader, Tx};

use crate::case::Names;
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::mail;
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::tasks::short;

/// Where the address of the list is kept.
const LIST: &str = "distributors.list";

/// A private distributor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Distributor {
    /// Its name.
    pub name: String,
    /// Its mail address: a watched security alias.
    pub address: String,
    /// What it distributes.
    pub product: String,
    /// Name of whoever added it.
    pub added_by: String,
    /// When.
    pub added_at: Timestamp,
}

/// All private distributors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Distributors {
    /// Address of their mailing list; empty where each has its own mail.
    pub list: String,
    /// The members, by name.
    pub members: Vec<Distributor>,
}

impl Desk {
    /// The private distributors.
    pub fn distributors(&self, actor: &Actor) -> Result<Distributors, Error> {
        check(actor, Action::See)?;
        self.store.snapshot(|reader| {
            let names = Names::load(reader)?;
            let members = reader.distributors()?.into_iter();
            Ok(Distributors {
                list: list(reader)?,
                members: members.map(|row| shown(row, &names)).collect(),
            })
        })
    }

    /// Sets the address of the distributors' mailing list.
    ///
    /// Takes: `address`; empty for none, and each member is mailed by itself.
    pub fn set_distributors_list(&self, actor: &Actor, address: &str) -> Result<(), Error> {
        check(actor, Action::Administer)?;
        let address = address.trim().to_owned();
        if !address.is_empty() {
            mail::address("list", &address)?;
        }
        let by = actor.name().to_owned();
        self.store.write(move |tx| {
            tx.set(LIST, &address)?;
            note(tx, &by, "distributors.list", json!({"list": address}));
            Ok(())
        })
    }

    /// Adds a private distributor, or replaces the one of that name.
    ///
    /// Refuses: an empty name or product; an address that is none.
    pub fn put_distributor(
        &self,
        actor: &Actor,
        name: &str,
        address: &str,
        product: &str,
    ) -> Result<(), Error> {
        check(actor, Action::Administer)?;
        let name = short("name", name.trim())?;
        let product = short("product", product.trim())?;
        for (field, text) in [("name", &name), ("product", &product)] {
            if text.is_empty() {
                return Err(Refusal::invalid(field, "it is empty: say what it is called").into());
            }
        }
        let address = address.trim().to_owned();
        mail::address("address", &address)?;
        let actor = actor.clone();
        self.store.write(move |tx| {
            tx.put_distributor(&name, &address, &product, actor.id())?;
            let detail = json!({"name": name, "product": product});
            note(tx, actor.name(), "distributors.put", detail);
            Ok(())
        })
    }

    /// Removes a private distributor; what it was sent stays noted.
    ///
    /// Refuses: one that is not there.
    pub fn remove_distributor(&self, actor: &Actor, name: &str) -> Result<(), Error> {
        check(actor, Action::Administer)?;
        let (actor, name) = (actor.clone(), name.trim().to_owned());
        self.store.write(move |tx| {
            if !tx.remove_distributor(&name)? {
                let shown: String = name.chars().take(64).collect();
                return Err(Refusal::not_found(format!("distributor `{shown}`")).into());
            }
            let detail = json!({"name": name});
            note(tx, actor.name(), "distributors.remove", detail);
            Ok(())
        })
    }
}

/// The address of the list; empty without one.
pub(crate) fn list(reader: &mut Reader<'_>) -> Result<String, Error> {
    Ok(reader.setting(LIST)?.unwrap_or_default())
}

fn shown(row: DistributorRow, names: &Names) -> Distributor {
    Distributor {
        name: row.name,
        address: row.address,
        product: row.product,
        added_by: names.of(&row.added_by),
        added_at: row.added_at,
    }
}

fn note(tx: &mut Tx<'_>, by: &str, action: &str, detail: serde_json::Value) {
    tx.audit(AuditEvent {
        actor: by.to_owned(),
        org: String::new(),
        action: action.to_owned(),
        object: "distributors".to_owned(),
        detail,
    });
}
