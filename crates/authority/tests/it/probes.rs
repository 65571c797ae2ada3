//! The 414 requests whose answers the reference server gave, sent to ours.
//!
//! They lie in the shared data with the reference's answers and the program
//! that compares; here stands which of them we answer differently, and
//! `docs/compatibility.md` says why. The list is held exactly: one more or one
//! less fails.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use authority::{Compat, Settings};
use cve::time::Timestamp;
use cve::world::World;
use store::testing::engines;

/// Number and name of each request version 2.3 of ours answers differently.
const DEVIATIONS: &[(u32, &str)] = &[
    (19, "json array"),
    (40, "list ids cve_id_year=1999&cve_id_year=2000"),
    (41, "list ids time_reserved.gt=2021-01-01"),
    (48, "list ids time_reserved.gt=2021-01-01T00:00:00%2B05:30"),
    (49, "list ids time_reserved.gt=2021-01-01T00:00:00%2B03:00"),
    (
        81,
        "reserve amount=1&amount=2&cve_year=2023&short_name=win_5",
    ),
    (239, "cursor limit=abc"),
    (242, "cursor next_page=zzz"),
    (321, "user create"),
    (414, "apidocs json"),
];

/// Those that only the current version answers differently.
const NEWER: &[(u32, &str)] = &[(162, "publish erlcheck"), (245, "cve_count")];

#[test]
fn version_2_3_deviates_from_the_reference_exactly_where_it_is_documented() {
    compare(
        "version_2_3_deviates_from_the_reference_exactly_where_it_is_documented",
        Compat::V2_3,
        DEVIATIONS,
    );
}

#[test]
fn the_current_version_deviates_exactly_where_it_is_documented() {
    let mut expected = [DEVIATIONS, NEWER].concat();
    expected.sort_unstable();
    compare(
        "the_current_version_deviates_exactly_where_it_is_documented",
        Compat::Current,
        &expected,
    );
}

#[test]
fn every_deviation_is_documented() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/compatibility.md");
    let text = std::fs::read_to_string(path).unwrap();
    for (number, name) in DEVIATIONS.iter().chain(NEWER) {
        let row = format!("| {number} | `{name}` |");
        assert!(text.contains(&row), "docs/compatibility.md lacks: {row}");
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "tests are configured by the environment"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The folder with the probes; nothing, and a message, when it is missing.
fn probes(test: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = variable("CNA_SHARED").map_or(root, PathBuf::from);
    let probes = shared.join("data/probes");
    if probes.join("probe.py").exists() {
        return Some(probes);
    }
    skipped(test, &format!("there is no `{}`", probes.display()));
    None
}

fn skipped(test: &str, why: &str) {
    let required = variable("CNA_REQUIRE").unwrap_or_default();
    assert!(
        !required.split(',').any(|suite| suite == "shared"),
        "{test}: CNA_REQUIRE names shared, and {why}"
    );
    // Written past the capture, so that it shows when the test passes.
    let _ = writeln!(std::io::stderr(), "skipped: {test} ({why})");
}

fn runs(python: &Path, arguments: &[&str]) -> bool {
    let ran = Command::new(python).args(arguments).output();
    ran.is_ok_and(|ran| ran.status.success())
}

/// A Python that has `package`: the machine's, or one made for it.
pub(crate) fn python(test: &str, package: &str) -> Option<PathBuf> {
    let own = PathBuf::from("python3");
    let import = format!("import {}", package.replace('-', "_"));
    if runs(&own, &["-c", &import]) {
        return Some(own);
    }
    let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join(package);
    let python = made.join("bin/python");
    let folder = made.to_string_lossy().into_owned();
    // Two tests may want it at once.
    static MAKING: Mutex<()> = Mutex::new(());
    let making = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    let works = runs(&python, &["-c", &import])
        || runs(&own, &["-m", "venv", &folder])
            && runs(&python, &["-m", "pip", "install", "--quiet", package]);
    drop(making);
    if works {
        return Some(python);
    }
    let why = format!("python3 has no `{package}` and cannot be given it");
    skipped(test, &why);
    None
}

/// The clock of this machine: what a probe sends is dated by it.
#[allow(clippy::disallowed_methods, reason = "the probes live in real time")]
fn world() -> World {
    let counted = store::testing::world();
    let now = || {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap();
        Timestamp::from_unix_ms(i64::try_from(since.as_millis()).unwrap()).unwrap()
    };
    World::new(now, move |bytes| {
        for byte in bytes.iter_mut() {
            *byte = counted.random::<1>()[0];
        }
    })
}

fn compare(test: &str, compat: Compat, expected: &[(u32, &str)]) {
    let (Some(probes), Some(python)) = (probes(test), python(test, "requests")) else {
        return;
    };
    for test_store in engines(test) {
        let (store, world) = (test_store.store.clone(), world());
        let seed = std::fs::read(probes.join("seed.json")).unwrap();
        authority::load(&store, &world, &seed).unwrap();
        let settings = Settings {
            compat,
            ..Settings::default()
        };
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let bind = tokio::net::TcpListener::bind("127.0.0.1:0");
        let listener = runtime.block_on(bind).unwrap();
        let address = listener.local_addr().unwrap();
        let limits = settings.limits;
        let router = authority::router(store, world, settings);
        runtime.spawn(http::serve(
            listener,
            router,
            limits,
            std::future::pending(),
        ));
        let answers = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("answers-{}-{compat:?}.jsonl", test_store.engine));
        let sent = Command::new(&python)
            .arg(probes.join("probe.py"))
            .arg(&answers)
            .env("BASE", format!("http://{address}"))
            .env("NO_PROXY", "*")
            .output()
            .unwrap();
        let problem = String::from_utf8_lossy(&sent.stderr).into_owned();
        assert!(sent.status.success(), "{problem}");
        let compared = Command::new(&python)
            .arg(probes.join("compare.py"))
            .arg(probes.join("reference.jsonl"))
            .arg(&answers)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&compared.stdout).into_owned();
        let found = different(&text);
        let expected: Vec<_> = expected
            .iter()
            .map(|(number, name)| (*number, (*name).to_owned()))
            .collect();
        assert_eq!(found, expected, "{} says:\n{text}", test_store.engine);
        let agree = 414 - expected.len();
        let last = format!("{agree} passed, {} failed", expected.len());
        assert_eq!(text.lines().last(), Some(last.as_str()));
    }
}

/// Number and name of each request that was answered differently.
fn different(text: &str) -> Vec<(u32, String)> {
    text.lines()
        .filter_map(|line| {
            let (number, rest) = line.split_once(' ')?;
            let (name, _) = rest.split_once(": ")?;
            Some((number.parse().ok()?, name.to_owned()))
        })
        .collect()
}
