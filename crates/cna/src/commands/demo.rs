//! `cna demo`: the whole job on an example report, with real parts.
//!
//! Authority and desk are two servers on loopback with a database each; they
//! know each other only by address and key, as in real life.

mod steps;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use casework::{Actor, CaseId, Desk, NewAccount, Organisation, Product, Report, Role};
use clap::ArgMatches;
use cve::id::{CveId, Year};
use cve::world::World;
use store::{DatabaseUrl, Store};

use crate::commands::authority::{Account, make_org, make_user};
use crate::config::Place;
use crate::desk_server::{self, DeskOptions, RunnerThread, listen};
use crate::folder::{Folder, Held};
use crate::runtime;
use steps::Steps;

/// What was asked of `cna demo`.
pub(crate) struct Options {
    exit: bool,
    report: Option<String>,
    output: Option<PathBuf>,
    json: bool,
}

impl Options {
    pub(crate) fn read(matches: &ArgMatches) -> Options {
        Options {
            exit: matches.get_flag("exit"),
            report: matches.get_one::<String>("report").cloned(),
            output: matches.get_one::<String>("output").map(PathBuf::from),
            json: matches.get_flag("json"),
        }
    }
}

/// The example that ships in the program.
const EXAMPLE: &str = include_str!("../../../../fixtures/reports/node-agent-symlink.md");

/// IDs of this year are examples by rule and never go to the Program.
///
/// Source: CNA Rules 5.4.
const EXAMPLE_YEAR: u16 = 1900;

/// Everything the demo runs; stopped when dropped.
struct Stage {
    runtime: tokio::runtime::Runtime,
    desk: Desk,
    authority: Store,
    runner: RunnerThread,
    held: Held,
    desk_address: String,
    stop: tokio::sync::watch::Sender<bool>,
    folder: PathBuf,
}

/// The people of the example: nobody does two parts of four eyes.
struct People {
    administrator: Actor,
    triager: Actor,
    analyst: Actor,
    reviewer: Actor,
    publisher: Actor,
}

/// Does the job, then serves it or ends.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let report = read_report(options.report.as_deref())?;
    let mut steps = Steps::start(options.json);
    let folder = temporary_folder()?;
    let output = match &options.output {
        Some(output) => output.clone(),
        None => folder.join("output"),
    };
    let stage = Stage::build(&folder, &mut steps).inspect_err(|_| {
        // It may not have been made yet; nobody uses what lies in it.
        let _ = std::fs::remove_dir_all(&folder);
    })?;
    let job = job(&stage, &report, &output, &mut steps);
    let id = match job {
        Ok(id) => id,
        Err(error) => {
            stage.strike(true);
            return Err(error);
        }
    };
    if !options.exit {
        serve(&stage, &steps)?;
    }
    // Outputs that the reader was promised stay; everything else was scaffolding.
    stage.strike(options.output.is_some());
    steps.last_line(id, &output)
}

fn read_report(file: Option<&str>) -> anyhow::Result<Report> {
    let Some(file) = file else {
        return Report::parse(EXAMPLE).context("the example report");
    };
    let text =
        std::fs::read_to_string(file).with_context(|| format!("reading the report `{file}`"))?;
    Report::parse(&text).with_context(|| format!("report `{file}`"))
}

fn temporary_folder() -> anyhow::Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("cna-demo-{}", std::process::id()));
    if folder.exists() {
        bail!("`{}` is in the way: remove it", folder.display());
    }
    Ok(folder)
}

impl Stage {
    /// Starts authority and desk and introduces them to each other.
    fn build(folder: &Path, steps: &mut Steps) -> anyhow::Result<Stage> {
        let world = crate::world::real(None)?;
        let runtime = runtime::start()?;
        let (stop, _) = tokio::sync::watch::channel(false);
        let held = Folder::make(folder)?.hold_or_refuse("cna demo")?;

        let authority = Store::open(
            DatabaseUrl::Sqlite(folder.join("authority.sqlite")),
            world.clone(),
        )?;
        let api = serve_authority(&runtime, &authority, &world, &stop)?;
        steps.done("authority", "cna", &format!("CVE Services API on {api}"))?;
        let account = introduce(&authority, &world)?;
        let detail = format!(
            "organisation `{}`, user `{}`, a key",
            account.org, account.user
        );
        steps.done("account", "cna", &detail)?;

        let (listener, address) = runtime.block_on(listen("127.0.0.1:0"))?;
        let desk_address = format!("http://{address}");
        let place = Place {
            data: folder.to_owned(),
            database: DatabaseUrl::Sqlite(folder.join("desk.sqlite")),
            now: None,
        };
        let desk = desk_server::open(
            &place,
            &held,
            &world,
            DeskOptions {
                portal_url: desk_address.clone(),
                allow_private_addresses: true,
                pace: casework::Pace {
                    server_limit_ms: 5_000,
                    first_wait_ms: 100,
                    ..casework::Pace::default()
                },
            },
        )?;
        set_up(&desk, &api, account)?;
        serve_desk(&runtime, listener, &desk, &stop)?;
        let runner = RunnerThread::start(&desk)?;
        let detail =
            format!("desk and portal on {desk_address}; five people, one product, the key sealed");
        steps.done("desk", "admin", &detail)?;
        Ok(Stage {
            runtime,
            desk,
            authority,
            runner,
            held,
            desk_address,
            stop,
            folder: folder.to_owned(),
        })
    }

    /// Ends both servers, closes the databases and removes them; the outputs
    /// inside the folder stay unless they lie elsewhere or there are none.
    fn strike(self, remove_all: bool) {
        // Nobody listens any more when the servers have ended already.
        let _ = self.stop.send(true);
        drop(self.runner);
        self.desk.store().close();
        self.authority.close();
        drop(self.held);
        self.runtime
            .shutdown_timeout(std::time::Duration::from_secs(2));
        let folder = self.folder;
        if remove_all {
            let _ = std::fs::remove_dir_all(&folder);
            return;
        }
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            // What cannot be removed lies in a temporary folder all the same.
            if entry.file_name() != "output" {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

fn serve_authority(
    runtime: &tokio::runtime::Runtime,
    store: &Store,
    world: &World,
    stop: &tokio::sync::watch::Sender<bool>,
) -> anyhow::Result<String> {
    let (listener, address) = runtime.block_on(listen("127.0.0.1:0"))?;
    let settings = authority::Settings::default();
    let limits = settings.limits;
    let router = authority::router(store.clone(), world.clone(), settings);
    runtime.spawn(http::serve(listener, router, limits, stopped(stop)));
    Ok(format!("http://{address}/api/"))
}

fn serve_desk(
    runtime: &tokio::runtime::Runtime,
    listener: tokio::net::TcpListener,
    desk: &Desk,
    stop: &tokio::sync::watch::Sender<bool>,
) -> anyhow::Result<()> {
    let settings = desk_server::page_settings(desk, "practice", desk.portal_url())?;
    let router = desk_server::router(desk, settings, None);
    runtime.spawn(http::serve(listener, router, web::LIMITS, stopped(stop)));
    Ok(())
}

fn stopped(stop: &tokio::sync::watch::Sender<bool>) -> impl Future<Output = ()> + use<> {
    let mut stop = stop.subscribe();
    async move {
        // An error says that the sender is gone, which is a stop as well.
        let _ = stop.wait_for(|stop| *stop).await;
    }
}

/// An account at the authority, and the year of the examples.
fn introduce(authority: &Store, world: &World) -> anyhow::Result<Account> {
    let org = "example".parse()?;
    let year = Year::new(EXAMPLE_YEAR).context("the year of the examples")?;
    authority::admin::open_year(authority, year)?;
    make_org(authority, world, &org, "Example Orchestrator")?;
    make_user(authority, world, org, "desk@example.org")
}

/// People, account, organisation and catalogue of the desk.
fn set_up(desk: &Desk, api: &str, account: Account) -> anyhow::Result<()> {
    desk.first_run("admin")?;
    let admin = desk.actor_in_folder(Some("admin"))?;
    for (name, full_name, role) in [
        ("tri", "Tri Age", Role::Triager),
        ("ana", "Ana Lyst", Role::Analyst),
        ("rev", "Rev Iewer", Role::Reviewer),
        ("pub", "Pub Lisher", Role::Publisher),
    ] {
        desk.add_person(&admin, name, full_name, &[role])?;
    }
    desk.add_account(
        &admin,
        NewAccount {
            name: "practice".into(),
            environment: "practice".into(),
            base_url: api.to_owned(),
            org: account.org.to_string(),
            username: account.user,
            key: client::ApiKey::new(account.key.reveal()),
        },
    )?;
    let organisation = Organisation {
        short_name: account.org,
        name: "Example Orchestrator".into(),
        account: "practice".into(),
    };
    desk.set_organisation(&admin, &organisation)?;
    desk.put_product(
        &admin,
        &Product {
            name: "node-agent".into(),
            vendor: "Example Orchestrator".into(),
            product: "node-agent".into(),
            repository: "https://git.example.org/example-orchestrator/node-agent".into(),
            version_type: "semver".into(),
        },
    )?;
    Ok(())
}

impl People {
    fn find(desk: &Desk) -> anyhow::Result<People> {
        let person = |name| desk.actor_in_folder(Some(name));
        Ok(People {
            administrator: person("admin")?,
            triager: person("tri")?,
            analyst: person("ana")?,
            reviewer: person("rev")?,
            publisher: person("pub")?,
        })
    }
}

/// The job itself, step by step.
fn job(stage: &Stage, report: &Report, output: &Path, steps: &mut Steps) -> anyhow::Result<CveId> {
    let people = People::find(&stage.desk)?;
    let case = decide(stage, &people, report, steps)?;
    let id = reserve(stage, &people, case, steps)?;
    write_and_approve(stage, &people, id, steps)?;
    publish(stage, &people, case, id, steps)?;
    collect(stage, &people, case, id, output, steps)?;
    Ok(id)
}

/// Report and decision tree.
fn decide(
    stage: &Stage,
    people: &People,
    report: &Report,
    steps: &mut Steps,
) -> anyhow::Result<CaseId> {
    let desk = &stage.desk;
    let case = desk.receive(&people.triager, report)?;
    steps.done("received", "tri", &format!("case {case}: {}", report.title))?;
    desk.take(&people.triager, case)?;
    steps.done("taken", "tri", "the case has an owner")?;
    // In the order of the tree, not of the file.
    for node in casework::nodes() {
        let Some(given) = report.answers.get(node.id) else {
            continue;
        };
        desk.answer(&people.analyst, case, node.id, given)?;
        let rules = if node.keys.is_empty() {
            String::new()
        } else {
            format!(
                " [CNA Rules {} {}]",
                casework::RULESET,
                node.rules().join(", ")
            )
        };
        steps.done(
            node.id,
            "ana",
            &format!("{} {}{rules}", node.question, given.value),
        )?;
    }
    let determination = desk.case(&people.analyst, case)?.determination;
    match determination.outcome {
        Some(outcome @ casework::Outcome::Assign) => {
            let detail = format!(
                "{}: one CVE ID, by {} answers",
                outcome.id(),
                determination.path.len()
            );
            steps.done("determined", "ana", &detail)?;
            Ok(case)
        }
        Some(outcome) => bail!(
            "the answers of the report end with {}: no CVE ID is assigned, so there is nothing to \
             publish",
            outcome.id()
        ),
        None => bail!(
            "the report does not answer question {}: add it under `answers`",
            determination.next.unwrap_or_default()
        ),
    }
}

/// A CVE ID, over HTTP.
fn reserve(
    stage: &Stage,
    people: &People,
    case: CaseId,
    steps: &mut Steps,
) -> anyhow::Result<CveId> {
    let year = Year::new(EXAMPLE_YEAR);
    stage.desk.assign(&people.analyst, case, year)?;
    let view = wait_for(stage, people, case, |view| !view.records.is_empty())?;
    let record = view.records.first().context("the case has no CVE ID")?;
    steps.done(
        "reserved",
        "runner",
        &format!("{} with account `{}`", record.cve_id, record.account),
    )?;
    Ok(record.cve_id)
}

/// Draft, check, review.
fn write_and_approve(
    stage: &Stage,
    people: &People,
    id: CveId,
    steps: &mut Steps,
) -> anyhow::Result<()> {
    let revision = stage.desk.draft_from_report(&people.analyst, id)?;
    let detail = format!("record and advisory, revision {}", revision.revision);
    steps.done("drafted", "ana", &detail)?;
    let blocking = revision
        .findings
        .iter()
        .filter(|finding| finding.severity.blocks())
        .count();
    let detail = match revision.findings.len() {
        1 => format!("1 finding, {blocking} of them blocking"),
        number => format!("{number} findings, {blocking} of them blocking"),
    };
    steps.done("checked", "cna", &detail)?;
    let taken = casework::acknowledging(&revision.findings, "an example: nobody waits for more");
    stage
        .desk
        .approve(&people.reviewer, id, revision.digest, "reads well", &taken)?;
    let note = "an example: nobody is there to be told";
    stage
        .desk
        .tick(&people.reviewer, id, "PC-08", "done", note)?;
    let digest = revision.digest.to_string();
    steps.done("approved", "rev", &format!("sha-256 {}…", &digest[..16]))?;
    Ok(())
}

/// Advisory first, record at once.
fn publish(
    stage: &Stage,
    people: &People,
    case: CaseId,
    id: CveId,
    steps: &mut Steps,
) -> anyhow::Result<()> {
    let plan = stage.desk.publish(&people.publisher, id)?;
    steps.done(
        "disclosed",
        "pub",
        &format!("advisory {} on {}", plan.advisory, plan.advisory_url),
    )?;
    let view = wait_for(stage, people, case, |view| {
        view.records
            .iter()
            .all(|record| record.published_at.is_some())
    })?;
    let said = view
        .followups
        .last()
        .map(|followup| followup.last_answer.clone());
    steps.done("published", "runner", &said.unwrap_or_default())
}

/// Waits until the case is as wanted, or a follow-up cannot go on.
fn wait_for(
    stage: &Stage,
    people: &People,
    case: CaseId,
    wanted: impl Fn(&casework::CaseView) -> bool,
) -> anyhow::Result<casework::CaseView> {
    let mut commits = 0;
    for _ in 0..600 {
        let view = stage.desk.case(&people.analyst, case)?;
        if wanted(&view) {
            return Ok(view);
        }
        let stuck = |state| {
            matches!(
                state,
                store::FollowupState::Held | store::FollowupState::Failed
            )
        };
        if let Some(followup) = view.followups.iter().find(|followup| stuck(followup.state)) {
            bail!("{}: {}", followup.kind, followup.last_answer);
        }
        let pause = std::time::Duration::from_millis(50);
        commits = stage.desk.store().wait_for_change(commits, pause);
    }
    bail!("the authority gave no usable answer within half a minute")
}

/// Documents, ledger, chain.
fn collect(
    stage: &Stage,
    people: &People,
    case: CaseId,
    id: CveId,
    output: &Path,
    steps: &mut Steps,
) -> anyhow::Result<()> {
    stage.desk.follow_feed()?;
    let published = stage.desk.published();
    let advisory_id = published
        .advisory_of(id)?
        .context("the advisory is not public")?;
    let record = published
        .document(&advisory_id, "cve.json")?
        .context("the record is missing")?;
    let advisory = published
        .advisory(&advisory_id)?
        .context("the advisory is not public")?;
    let view = stage.desk.case(&people.analyst, case)?;
    let ledger = stage.desk.ledger(&people.administrator)?;
    let line = ledger
        .iter()
        .find(|line| line.cve_id == id)
        .context("the ledger misses the ID")?;
    // Made only now, so that a job that ends elsewhere leaves no folder.
    std::fs::create_dir_all(output)
        .with_context(|| format!("making the output folder `{}`", output.display()))?;
    for (name, bytes) in [
        (format!("{id}.json"), record.body),
        (format!("{advisory_id}.json"), pretty(&advisory)?),
        ("feed.json".to_owned(), pretty(&published.json_feed()?)?),
        (format!("case-{case}.json"), pretty(&view)?),
        ("ledger.json".to_owned(), pretty(&ledger)?),
    ] {
        let path = output.join(&name);
        std::fs::write(&path, bytes).with_context(|| format!("writing `{}`", path.display()))?;
    }
    steps.done(
        "derived",
        "cna",
        &format!("CVE JSON, advisory and feed in {}", output.display()),
    )?;
    let ms = line
        .time_to_publish_ms
        .context("the ledger line is not complete")?;
    let detail = format!(
        "{} {}, approved by {}, {ms} ms from advisory to record",
        id, line.state, line.approved_by
    );
    steps.done("ledger", "cna", &detail)?;
    let verdict = stage.desk.store().read(|reader| reader.verify_audit())?;
    if let Some((seq, problem)) = verdict.broken {
        bail!("the audit chain is broken at event {seq}: {problem}");
    }
    steps.done(
        "audit",
        "cna",
        &format!("{} events, the chain is unbroken", verdict.entries),
    )
}

fn pretty(value: &impl serde::Serialize) -> anyhow::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Serves desk and portal until Ctrl-C.
fn serve(stage: &Stage, steps: &Steps) -> anyhow::Result<()> {
    let end = runtime::asked_to_end(&stage.runtime);
    let admin = stage.desk.actor_in_folder(Some("admin"))?;
    let link = stage.desk.invite(&admin, "rev")?;
    let address = &stage.desk_address;
    steps.note(&format!("Portal   {address}/"))?;
    steps.note(&format!(
        "Desk     {address}/sign-in?link={} (once, as rev)",
        link.reveal()
    ))?;
    steps.note("Ctrl-C ends.")?;
    stage.runtime.block_on(end);
    Ok(())
}
