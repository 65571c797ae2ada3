//! The desk: the one door through which everything with a permission goes.

use std::sync::Arc;

use cve::org::ShortName;
use cve::world::World;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::cve_list::CveList;
use store::{AuditEvent, Store};

use crate::announce::Templates;
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::seal::MasterKey;

/// The desk of one CNA. Every call takes an [`Actor`]; what the actor may not
/// see does not exist for it.
#[derive(Clone, Debug)]
pub struct Desk {
    pub(crate) store: Store,
    pub(crate) world: World,
    pub(crate) settings: Arc<Settings>,
    pub(crate) cve_list: Option<CveList>,
    pub(crate) templates: Arc<Templates>,
}

/// What the operator set when starting the program.
#[derive(Debug)]
pub struct Settings {
    /// Address under which people reach the portal, without a slash at the end.
    pub portal_url: String,
    /// Seals the keys of accounts; kept outside the database.
    pub master_key: MasterKey,
    /// Makes every outgoing request.
    pub request: Arc<client::Request>,
    /// How patient follow-ups are.
    pub pace: Pace,
}

/// How patient follow-ups are; all in milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How long a claim lasts; longer than the slowest request.
    pub lease_ms: i64,
    /// How long CVE Services may still work on a request whose answer was lost.
    pub server_limit_ms: i64,
    /// Wait before the first repetition; doubles up to `longest_wait_ms`.
    pub first_wait_ms: i64,
    /// Longest wait between repetitions.
    pub longest_wait_ms: i64,
}

impl Default for Pace {
    /// Fit for the Program's servers, whose proxies give up after a minute.
    fn default() -> Pace {
        Pace {
            lease_ms: 180_000,
            server_limit_ms: 90_000,
            first_wait_ms: 2_000,
            longest_wait_ms: 600_000,
        }
    }
}

impl Pace {
    /// The wait before try number `attempts` + 1.
    pub(crate) fn wait_ms(self, attempts: i64) -> i64 {
        let doublings = u32::try_from(attempts.clamp(1, 30) - 1).unwrap_or(0);
        self.first_wait_ms
            .saturating_mul(1 << doublings)
            .min(self.longest_wait_ms)
    }
}

/// The organisation whose desk this is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organisation {
    /// Its short name as a CNA.
    pub short_name: ShortName,
    /// Its full name.
    pub name: String,
    /// The account IDs are reserved and records published with.
    pub account: String,
}

/// A product of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// The name reports use.
    pub name: String,
    /// Vendor, as the record writes it.
    pub vendor: String,
    /// Product, as the record writes it.
    pub product: String,
    /// Address of its source repository; may be empty.
    #[serde(default)]
    pub repository: String,
    /// How its versions are ordered: `semver`, `git`, …
    pub version_type: String,
}

const ORGANISATION: &str = "organisation";
const PRODUCTS: &str = "products";

impl Desk {
    /// Opens the desk on a store.
    pub fn new(store: Store, world: World, settings: Settings) -> Desk {
        Desk {
            store,
            world,
            settings: Arc::new(settings),
            cve_list: None,
            templates: Arc::new(Templates::default()),
        }
    }

    /// The desk, with a CVE List that cases are compared with.
    pub fn with_cve_list(mut self, list: CveList) -> Desk {
        self.cve_list = Some(list);
        self
    }

    /// The desk, with the operator's templates for announcements.
    pub fn with_templates(mut self, templates: Templates) -> Desk {
        self.templates = Arc::new(templates);
        self
    }

    /// The store beneath; for the executables and tests, which own it anyway.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The time it is for this desk.
    pub fn now(&self) -> cve::time::Timestamp {
        self.world.now()
    }

    /// Address of the portal, without a slash at the end.
    pub fn portal_url(&self) -> &str {
        &self.settings.portal_url
    }

    /// The organisation; nothing before it is set.
    pub fn organisation(&self) -> Result<Option<Organisation>, Error> {
        let text = self.store.read(|reader| reader.setting(ORGANISATION))?;
        text.map(|text| read_setting(ORGANISATION, &text))
            .transpose()
    }

    /// The organisation, or a refusal that says how to set it.
    pub(crate) fn set_up_organisation(&self) -> Result<Organisation, Error> {
        self.organisation()?.ok_or_else(|| {
            let problem = "it is not set up yet: give its short name, name and account first";
            Refusal::invalid("organisation", problem).into()
        })
    }

    /// Sets the organisation.
    pub fn set_organisation(
        &self,
        actor: &Actor,
        organisation: &Organisation,
    ) -> Result<(), Error> {
        check(actor, Action::Administer)?;
        let text = json!(organisation).to_string();
        let event = AuditEvent {
            actor: actor.name().to_owned(),
            org: organisation.short_name.to_string(),
            action: "organisation.set".into(),
            object: "organisation".into(),
            detail: json!(organisation),
        };
        self.store.write(move |tx| {
            tx.set(ORGANISATION, &text)?;
            // Whether we are the CNA of last resort, say, changes with the name.
            crate::case::settle_all(tx)?;
            tx.audit(event.clone());
            Ok(())
        })
    }

    /// The catalogue, by name.
    pub fn products(&self) -> Result<Vec<Product>, Error> {
        self.store.snapshot(products)
    }

    /// Adds a product to the catalogue, or replaces the one of its name.
    pub fn put_product(&self, actor: &Actor, product: &Product) -> Result<(), Error> {
        check(actor, Action::Administer)?;
        for (field, value) in [
            ("name", &product.name),
            ("vendor", &product.vendor),
            ("product", &product.product),
            ("version_type", &product.version_type),
        ] {
            if value.trim().is_empty() {
                return Err(Refusal::invalid(field, "it is empty: a product needs it").into());
            }
        }
        let (product, by) = (product.clone(), actor.name().to_owned());
        self.store.write(move |tx| {
            let mut products: Vec<Product> = match tx.setting(PRODUCTS)? {
                Some(text) => read_setting(PRODUCTS, &text)?,
                None => Vec::new(),
            };
            products.retain(|other| other.name != product.name);
            products.push(product.clone());
            products.sort_by(|a, b| a.name.cmp(&b.name));
            tx.set(PRODUCTS, &json!(products).to_string())?;
            tx.audit(AuditEvent {
                actor: by.clone(),
                org: String::new(),
                action: "product.put".into(),
                object: format!("product {}", product.name),
                detail: json!(product),
            });
            Ok(())
        })
    }
}

/// The catalogue, inside a unit of work.
pub(crate) fn catalogue(reader: &mut store::Reader<'_>) -> Result<Vec<Product>, Error> {
    let text = reader.setting(PRODUCTS)?;
    text.map_or(Ok(Vec::new()), |text| read_setting(PRODUCTS, &text))
}

/// The catalogue, by name.
pub(crate) fn products(reader: &mut store::Reader<'_>) -> Result<Vec<Product>, Error> {
    let text = reader.setting(PRODUCTS)?;
    text.map_or(Ok(Vec::new()), |text| read_setting(PRODUCTS, &text))
}

fn read_setting<T: serde::de::DeserializeOwned>(name: &str, text: &str) -> Result<T, Error> {
    serde_json::from_str(text)
        .map_err(|error| Error::Broken(format!("the setting `{name}` cannot be read: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let pace = Pace {
            first_wait_ms: 100,
            longest_wait_ms: 450,
            ..Pace::default()
        };
        let waits: Vec<_> = (1..=5).map(|attempts| pace.wait_ms(attempts)).collect();
        assert_eq!(waits, [100, 200, 400, 450, 450]);
    }
}
