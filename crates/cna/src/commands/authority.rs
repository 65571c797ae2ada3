//! `cna authority`: a CVE Services of one's own.

mod administer;
mod link;
mod print;
mod serve;

use anyhow::Context as _;
use authority::ApiKey;
use authority::admin::{NewOrg, NewUser, create_org, create_user, open_year};
use clap::ArgMatches;
use cve::org::ShortName;
use cve::world::World;
use store::{DatabaseUrl, Store};

pub(crate) use administer::run as administer;
pub(crate) use serve::{Options, serve};

use crate::cli::required;
use crate::config::Place;
use crate::folder::{Folder, make_private};
use crate::output::line;

/// An account of an authority: what a client needs besides the address.
pub(crate) struct Account {
    pub(crate) org: ShortName,
    pub(crate) user: String,
    pub(crate) key: ApiKey,
}

/// What was asked of `cna authority load`.
pub(crate) struct LoadOptions {
    place: Place,
    file: String,
}

impl LoadOptions {
    pub(crate) fn read(matches: &ArgMatches) -> anyhow::Result<LoadOptions> {
        Ok(LoadOptions {
            place: Place::read(matches)?,
            file: required::<String>(matches, "file")?.clone(),
        })
    }
}

/// Loads a whole instance from one file. A file that cannot be loaded leaves
/// nothing behind.
pub(crate) fn load(options: &LoadOptions) -> anyhow::Result<()> {
    let world = crate::world::real(options.place.now)?;
    let text =
        std::fs::read(&options.file).with_context(|| format!("reading `{}`", options.file))?;
    // Read whole before anything is made.
    let seed = authority::Seed::parse(&text).with_context(|| {
        format!(
            "`{}` is no export of an authority: expected JSON with `orgs`, `users`, \
             `cve_id_ranges`, `cve_ids` and `cve_records`",
            options.file
        )
    })?;
    drop(text);
    let folder = Folder::make(&options.place.data)?;
    let held = folder.hold_or_refuse("cna authority load")?;
    let made = Made::watch(&options.place.database);
    make_private(&options.place.database)?;
    let store = Store::open(options.place.database.clone(), world.clone())?;
    let loaded = authority::load_seed(&store, &world, seed).with_context(|| {
        format!(
            "loading `{}` into {}; nothing was loaded, and the database must hold none of it",
            options.file, options.place.database
        )
    });
    store.close();
    if loaded.is_err() {
        drop(store);
        made.remove();
    }
    drop(held);
    let loaded = loaded?;
    line(&format!(
        "Loaded {} organisations, {} users, {} CVE IDs and {} records into {}",
        loaded.orgs, loaded.users, loaded.ids, loaded.records, options.place.database
    ))
}

/// A database file that was not there before.
struct Made(Option<std::path::PathBuf>);

impl Made {
    fn watch(database: &DatabaseUrl) -> Made {
        match database {
            DatabaseUrl::Sqlite(file) if !file.exists() => Made(Some(file.clone())),
            _ => Made(None),
        }
    }

    /// Takes it back, with the files beside it.
    fn remove(self) {
        let Some(file) = self.0 else {
            return;
        };
        for beside in ["", "-wal", "-shm"] {
            let mut name = file.clone().into_os_string();
            name.push(beside);
            // It may not be there.
            let _ = std::fs::remove_file(name);
        }
    }
}

/// An organisation with one user and a fresh key, in an authority that has
/// this year open.
///
/// Started again on the same data, the organisation gets a further user,
/// because a key is shown only when it is made.
fn practice_account(store: &Store, world: &World) -> anyhow::Result<Account> {
    let org: ShortName = "practice".parse()?;
    let year = world.now().year();
    open_year(store, year)?;
    if store.read(|reader| reader.org(&org))?.is_none() {
        make_org(store, world, &org, "Practice")?;
    }
    make_user(
        store,
        world,
        org,
        &format!("user-{}@practice.example", world.random_hex::<3>()),
    )
}

/// Creates a CNA.
pub(crate) fn make_org(
    store: &Store,
    world: &World,
    short_name: &ShortName,
    name: &str,
) -> anyhow::Result<()> {
    let org = NewOrg {
        short_name: short_name.clone(),
        name: name.to_owned(),
        roles: vec!["CNA".into()],
        id_quota: 1000,
    };
    create_org(store, world, org).with_context(|| format!("creating `{short_name}`"))?;
    Ok(())
}

/// Creates an administrator of the organisation, and its key.
pub(crate) fn make_user(
    store: &Store,
    world: &World,
    org: ShortName,
    username: &str,
) -> anyhow::Result<Account> {
    let user = NewUser {
        username: username.to_owned(),
        roles: vec!["ADMIN".into()],
        ..NewUser::default()
    };
    let (_, key) =
        create_user(store, world, &org, user).with_context(|| format!("creating `{username}`"))?;
    Ok(Account {
        org,
        user: username.to_owned(),
        key,
    })
}
