//! `cna authority`: a CVE Services of one's own.

use anyhow::Context as _;
use authority::admin::{NewOrg, NewUser, create_org, create_user, open_year};
use authority::{ApiKey, Compat, RateLimit, Settings};
use clap::ArgMatches;
use cve::org::ShortName;
use cve::world::World;
use store::Store;

use crate::cli::required;
use crate::config::Place;
use crate::desk_server::listen;
use crate::folder::{Folder, make_private};
use crate::output::line;
use crate::runtime;

/// What was asked of `cna authority serve`.
pub(crate) struct Options {
    place: Place,
    listen: String,
    practice: bool,
    compat: Compat,
    rate_limit: bool,
}

impl Options {
    pub(crate) fn read(matches: &ArgMatches) -> anyhow::Result<Options> {
        let is = |name: &str, value: &str| {
            matches
                .get_one::<String>(name)
                .is_some_and(|found| found == value)
        };
        Ok(Options {
            place: Place::read(matches)?,
            listen: required::<String>(matches, "listen")?.clone(),
            practice: matches.get_flag("practice"),
            compat: if is("compat", "2.3") {
                Compat::V2_3
            } else {
                Compat::Current
            },
            rate_limit: is("rate-limit", "on"),
        })
    }
}

/// Reads without a key one client may make.
///
/// Source: cve-services section 12.
const RATE_LIMIT: RateLimit = RateLimit {
    window_seconds: 1,
    max_requests: 1000,
};

/// An account of an authority: what a client needs besides the address.
pub(crate) struct Account {
    pub(crate) org: ShortName,
    pub(crate) user: String,
    pub(crate) key: ApiKey,
}

/// Serves until asked to end.
pub(crate) fn serve(options: &Options) -> anyhow::Result<()> {
    let world = crate::world::real(options.place.now)?;
    let folder = Folder::make(&options.place.data)?;
    let _held = folder.hold_or_refuse("cna authority serve")?;
    let runtime = runtime::start()?;
    let end = runtime::asked_to_end(&runtime);
    let (listener, address) = runtime.block_on(listen(&options.listen))?;
    make_private(&options.place.database)?;
    let store = Store::open(options.place.database.clone(), world.clone())?;
    line(&format!("CVE Services API  http://{address}/api/"))?;
    line(&format!("Data              {}", options.place.database))?;
    if options.practice {
        let account = practice_account(&store, &world)?;
        line("Practice: nothing said here leaves this machine. A client needs:")?;
        line(&format!("export CVE_API_URL=http://{address}/api/"))?;
        line(&format!("export CVE_ORG={}", account.org))?;
        line(&format!("export CVE_USER={}", account.user))?;
        line(&format!("export CVE_API_KEY={}", account.key.reveal()))?;
    }
    let settings = Settings {
        compat: options.compat,
        rate_limit: options.rate_limit.then_some(RATE_LIMIT),
        // Practice records appear here and nowhere else.
        public_site: match options.practice {
            true => format!("http://{address}/"),
            false => Settings::default().public_site,
        },
        ..Settings::default()
    };
    let limits = settings.limits;
    let router = authority::router(store.clone(), world, settings);
    let drained = runtime.block_on(http::serve(listener, router, limits, end));
    store.close();
    if !drained {
        tracing::warn!("some requests were cut off");
    }
    line("Ended.")
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

/// Loads a whole instance from one file.
pub(crate) fn load(options: &LoadOptions) -> anyhow::Result<()> {
    let world = crate::world::real(options.place.now)?;
    let seed =
        std::fs::read(&options.file).with_context(|| format!("reading `{}`", options.file))?;
    let folder = Folder::make(&options.place.data)?;
    let _held = folder.hold_or_refuse("cna authority load")?;
    make_private(&options.place.database)?;
    let store = Store::open(options.place.database.clone(), world.clone())?;
    let loaded = authority::load(&store, &world, &seed)
        .with_context(|| format!("loading `{}`", options.file))?;
    store.close();
    line(&format!(
        "Loaded {} organisations, {} users, {} CVE IDs and {} records into {}",
        loaded.orgs, loaded.users, loaded.ids, loaded.records, options.place.database
    ))
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
