//! A whole instance from one file: organisations, users, ranges, IDs, records.
//!
//! What is loaded keeps its UUIDs, dates and keys, and is not checked: records
//! of the past need not satisfy the schema of today.

use cve::id::{CveId, Year};
use cve::time::Timestamp;
use cve::world::World;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use store::{
    AuditEvent, IdRange, IdRow, IdState, OrgRow, RecordState, Store, Tx, UserRow, Visibility,
};

use crate::error::Error;
use crate::{key, stamp};

/// How much was loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loaded {
    /// Organisations.
    pub orgs: usize,
    /// Users.
    pub users: usize,
    /// CVE IDs.
    pub ids: usize,
    /// Records.
    pub records: usize,
}

/// A whole instance, as an export of the reference server's database writes it.
#[derive(Deserialize)]
pub struct Seed {
    /// A key all users without one of their own share; only for rehearsals.
    #[serde(default)]
    api_key_of_every_user: Option<String>,
    orgs: Vec<SeedOrg>,
    users: Vec<SeedUser>,
    cve_id_ranges: Vec<SeedRange>,
    cve_ids: Vec<SeedId>,
    cve_records: Vec<SeedRecord>,
}

#[derive(Deserialize)]
struct Times {
    created: Timestamp,
    modified: Timestamp,
}

#[derive(Deserialize)]
struct Roles {
    #[serde(default)]
    active_roles: Vec<String>,
}

#[derive(Deserialize)]
struct Policies {
    id_quota: i64,
}

#[derive(Deserialize)]
struct SeedOrg {
    #[serde(rename = "UUID")]
    uuid: String,
    short_name: cve::org::ShortName,
    name: String,
    authority: Roles,
    policies: Policies,
    time: Times,
}

#[derive(Deserialize)]
struct SeedUser {
    #[serde(rename = "UUID")]
    uuid: String,
    #[serde(rename = "org_UUID")]
    org: String,
    username: String,
    #[serde(default = "yes")]
    active: bool,
    #[serde(default)]
    name: SeedName,
    authority: Roles,
    /// Its key's PHC string.
    #[serde(default)]
    secret: Option<String>,
    time: Times,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct SeedName {
    first: String,
    last: String,
    middle: String,
    suffix: String,
}

#[derive(Deserialize)]
struct SeedRange {
    cve_year: Year,
    ranges: SeedBlocks,
}

#[derive(Deserialize)]
struct SeedBlocks {
    priority: SeedBlock,
    general: SeedBlock,
}

#[derive(Deserialize)]
struct SeedBlock {
    top_id: i64,
    start: i64,
    end: i64,
}

impl SeedBlock {
    fn numbers(&self) -> [i64; 3] {
        [self.top_id, self.start, self.end]
    }
}

#[derive(Deserialize)]
struct SeedId {
    cve_id: CveId,
    state: String,
    owning_cna: String,
    requested_by: Requester,
    reserved: Timestamp,
    time: Times,
}

#[derive(Deserialize)]
struct Requester {
    cna: String,
    user: String,
}

#[derive(Deserialize)]
struct SeedRecord {
    /// The record as text: read whole, 320,000 of them would fill a machine.
    cve: Box<RawValue>,
    time: Times,
}

impl std::fmt::Debug for Seed {
    /// Without the keys.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Seed({:?})", self.holds())
    }
}

impl Seed {
    /// Reads the file; nothing is opened for it.
    ///
    /// Takes: UTF-8 JSON with `orgs`, `users`, `cve_id_ranges`, `cve_ids` and
    /// `cve_records`.
    /// Errors: the sentence says what is wrong and where.
    pub fn parse(seed_json: &[u8]) -> Result<Seed, InvalidSeed> {
        let seed: Seed =
            serde_json::from_slice(seed_json).map_err(|error| InvalidSeed(error.to_string()))?;
        for (index, id) in seed.cve_ids.iter().enumerate() {
            let state = id.state.parse::<IdState>();
            state.map_err(|error| InvalidSeed(format!("/cve_ids/{index}/state: {error}")))?;
        }
        for (index, record) in seed.cve_records.iter().enumerate() {
            record.names().map_err(|problem| {
                InvalidSeed(format!("/cve_records/{index}/cve/cveMetadata: {problem}"))
            })?;
        }
        Ok(seed)
    }

    /// How much it holds.
    pub fn holds(&self) -> Loaded {
        Loaded {
            orgs: self.orgs.len(),
            users: self.users.len(),
            ids: self.cve_ids.len(),
            records: self.cve_records.len(),
        }
    }
}

/// A file that is no instance; says what is wrong with it and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidSeed(String);

/// Loads a whole instance, in one unit of work.
///
/// Takes: the file as for [`Seed::parse`]; the store should be empty.
/// Errors: the text is not such a file, or something in it exists already;
/// nothing is kept then.
pub fn load(store: &Store, world: &World, seed_json: &[u8]) -> Result<Loaded, Error> {
    let seed = Seed::parse(seed_json).map_err(|error| bad_seed(&error))?;
    load_seed(store, world, seed)
}

/// Loads a whole instance that was read before; see [`load`].
pub fn load_seed(store: &Store, world: &World, seed: Seed) -> Result<Loaded, Error> {
    let loaded = seed.holds();
    let now = world.now();
    store.write(move |tx| {
        load_orgs(tx, &seed)?;
        load_users(tx, &seed, now)?;
        load_ids(tx, &seed)?;
        load_records(tx, &seed)?;
        tx.change("instance.loaded", "", "", Visibility::Restricted);
        tx.audit(AuditEvent {
            actor: "operator".into(),
            org: String::new(),
            action: "instance.load".into(),
            object: String::new(),
            detail: json!({
                "orgs": loaded.orgs,
                "users": loaded.users,
                "ids": loaded.ids,
                "records": loaded.records,
            }),
        });
        Ok(loaded)
    })
}

fn bad_seed(error: &dyn std::fmt::Display) -> Error {
    store::Error::Corrupt {
        statement: "the file to load".into(),
        column: 0,
        problem: error.to_string(),
    }
    .into()
}

fn load_orgs(tx: &mut Tx<'_>, seed: &Seed) -> Result<(), Error> {
    for org in &seed.orgs {
        tx.insert_org(&OrgRow {
            uuid: org.uuid.clone(),
            short_name: org.short_name.clone(),
            name: org.name.clone(),
            roles: org.authority.active_roles.clone(),
            id_quota: org.policies.id_quota,
            reserved: 0,
            created: org.time.created,
            modified: org.time.modified,
        })?;
    }
    Ok(())
}

fn load_users(tx: &mut Tx<'_>, seed: &Seed, now: Timestamp) -> Result<(), Error> {
    let shared = seed.api_key_of_every_user.as_deref().map(key::stored);
    for user in &seed.users {
        let key_hash = user.secret.clone().or_else(|| shared.clone());
        let name = &user.name;
        tx.insert_user(&UserRow {
            uuid: user.uuid.clone(),
            org: user.org.clone(),
            username: user.username.clone(),
            active: user.active,
            name: [&name.first, &name.last, &name.middle, &name.suffix].map(String::clone),
            roles: user.authority.active_roles.clone(),
            // Without a key of any kind nobody can sign in as this user.
            key_hash: key_hash.unwrap_or_default(),
            key_created: now,
            created: user.time.created,
            modified: user.time.modified,
        })?;
    }
    Ok(())
}

fn load_ids(tx: &mut Tx<'_>, seed: &Seed) -> Result<(), Error> {
    for range in &seed.cve_id_ranges {
        tx.insert_range(&IdRange {
            year: range.cve_year,
            priority: range.ranges.priority.numbers(),
            general: range.ranges.general.numbers(),
        })?;
    }
    for id in &seed.cve_ids {
        tx.insert_cve_id(&IdRow {
            id: id.cve_id,
            state: id.state.parse().map_err(|error| bad_seed(&error))?,
            owner: id.owning_cna.clone(),
            owner_name: None,
            requester_org: id.requested_by.cna.clone(),
            requester_org_name: None,
            requester_user: id.requested_by.user.clone(),
            requester_user_name: None,
            requester_user_org: None,
            reserved: id.reserved,
            created: id.time.created,
            modified: id.time.modified,
        })?;
    }
    Ok(())
}

fn load_records(tx: &mut Tx<'_>, seed: &Seed) -> Result<(), Error> {
    for record in &seed.cve_records {
        let (id, state) = record.names().map_err(|problem| bad_seed(&problem))?;
        let body = stamp::stored(
            id,
            state,
            &record.read().map_err(|problem| bad_seed(&problem))?,
        );
        tx.insert_record(&body, record.time.created, record.time.modified)?;
    }
    Ok(())
}

impl SeedRecord {
    fn read(&self) -> Result<Value, String> {
        serde_json::from_str(self.cve.get()).map_err(|error| error.to_string())
    }

    /// The ID and the state the record names.
    fn names(&self) -> Result<(CveId, RecordState), String> {
        let record = self.read()?;
        let metadata = &record["cveMetadata"];
        let text = |key: &str| metadata[key].as_str().unwrap_or_default();
        let id: CveId = text("cveId")
            .parse()
            .map_err(|error: cve::id::InvalidCveId| error.to_string())?;
        Ok((id, text("state").parse()?))
    }
}
