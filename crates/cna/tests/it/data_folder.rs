//! A data folder with a small desk in it, and the executables run on it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use casework::{
    ApiKey, CaseId, Desk, MasterKey, NewAccount, Organisation, Pace, Product, Report, Role,
    Settings,
};
use serde_json::Value;
use store::{DatabaseUrl, Store};

/// The time every process of these tests starts from.
pub(crate) const NOW: &str = "2026-11-03T12:00:00Z";

pub(crate) const REPORT: &str = include_str!("../../../../fixtures/reports/node-agent-symlink.md");

/// Longest wait for anything the tests wait for.
const PATIENCE: Duration = Duration::from_secs(20);

/// Variables that would change what the executables do.
const VARIABLES: [&str; 12] = [
    "CNA_DATA",
    "CNA_DATABASE",
    "CNA_SERVER",
    "CNA_TOKEN",
    "CNA_TOKEN_FILE",
    "CNA_AS",
    "CNA_LISTEN",
    "CNA_PORTAL_URL",
    "CNA_MASTER_KEY_FILE",
    "CNA_PACE",
    "CNA_LOG",
    "CNA_ENVIRONMENT",
];

/// `cna` without anything of this shell's.
pub(crate) fn cna() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cna"));
    for name in VARIABLES {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

/// What a command said and how it ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// Its standard output, when it went well and said nothing else.
    pub(crate) fn answer(self) -> String {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""));
        self.stdout
    }

    pub(crate) fn json(self) -> Value {
        serde_json::from_str(&self.answer()).unwrap()
    }

    /// The one line of a command that failed, without its mark.
    pub(crate) fn mistake(&self) -> &str {
        assert_eq!(self.code, Some(1), "{self:?}");
        let text = self.stderr.strip_suffix('\n').unwrap();
        assert!(!text.contains('\n'), "more than a line: {text}");
        text.strip_prefix("error: ")
            .unwrap_or_else(|| panic!("{text}"))
    }
}

pub(crate) fn run(command: &mut Command) -> Ended {
    let output = command.output().unwrap();
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs `command` with `text` on its standard input.
pub(crate) fn run_with_input(command: &mut Command, text: &[u8]) -> Ended {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read it all has its reasons.
    let _ = child.stdin.take().unwrap().write_all(text);
    let output = child.wait_with_output().unwrap();
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs `words` under a terminal, which `script` of util-linux gives it, with
/// `text` typed in; nothing where there is no such program.
pub(crate) fn run_on_a_terminal(words: &str, text: &[u8]) -> Option<Ended> {
    let mut script = Command::new("script");
    script
        .args(["-qec", words, "/dev/null"])
        .env("TERM", "xterm");
    if Command::new("script").arg("--version").output().is_err() {
        eprintln!("skipped: a command on a terminal (`script` of util-linux is missing)");
        return None;
    }
    Some(run_with_input(&mut script, text))
}

/// A data folder whose desk has people, a product and an account.
pub(crate) struct DataFolder {
    dir: tempfile::TempDir,
}

impl DataFolder {
    /// The desk's account is at `api`, with `key`.
    pub(crate) fn new(api: &str, key: &str) -> DataFolder {
        let folder = DataFolder {
            dir: tempfile::tempdir().unwrap(),
        };
        std::fs::write(folder.path().join("master.key"), "07".repeat(32)).unwrap();
        let desk = folder.desk();
        desk.first_run("admin").unwrap();
        let admin = desk.actor_in_folder(Some("admin")).unwrap();
        for (name, role) in [("ana", Role::Analyst), ("aud", Role::Auditor)] {
            desk.add_person(&admin, name, "", &[role]).unwrap();
        }
        let account = NewAccount {
            name: "practice".into(),
            environment: "practice".into(),
            base_url: api.into(),
            org: crate::practice_authority::ORG.into(),
            username: crate::practice_authority::USER.into(),
            key: ApiKey::new(key),
        };
        desk.add_account(&admin, account).unwrap();
        let organisation = Organisation {
            short_name: "example".parse().unwrap(),
            name: "Example".into(),
            account: "practice".into(),
        };
        desk.set_organisation(&admin, &organisation).unwrap();
        let product = Product {
            name: "node-agent".into(),
            vendor: "Example".into(),
            product: "node-agent".into(),
            repository: String::new(),
            version_type: "semver".into(),
        };
        desk.put_product(&admin, &product).unwrap();
        desk.store().close();
        folder
    }

    /// One whose account leads nowhere.
    pub(crate) fn alone() -> DataFolder {
        DataFolder::new("http://127.0.0.1:9/api/", "key")
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn database(&self) -> DatabaseUrl {
        DatabaseUrl::Sqlite(self.path().join("cna.sqlite"))
    }

    /// The desk, for preparing and for looking; its store is the caller's to
    /// close before a command runs.
    pub(crate) fn desk(&self) -> Desk {
        let world = store::testing::world();
        let store = Store::open(self.database(), world.clone()).unwrap();
        let settings = Settings {
            portal_url: "http://127.0.0.1:9".into(),
            master_key: MasterKey::new([7; 32]),
            request: Arc::new(client::Request::new(client::Settings::default()).unwrap()),
            pace: Pace::default(),
        };
        Desk::new(store, world, settings)
    }

    /// A token of `ana`, in a file.
    pub(crate) fn token_file(&self) -> PathBuf {
        let desk = self.desk();
        let ana = desk.actor_in_folder(Some("ana")).unwrap();
        let token = desk.issue_token(&ana, "test").unwrap();
        desk.store().close();
        self.file("token", format!("{}\n", token.reveal()))
    }

    /// Adds a person.
    pub(crate) fn hire(&self, name: &str, role: Role) {
        let desk = self.desk();
        let admin = desk.actor_in_folder(Some("admin")).unwrap();
        desk.add_person(&admin, name, "", &[role]).unwrap();
        desk.store().close();
    }

    /// A case that waits for a reservation that has not been made.
    pub(crate) fn reserving_case(&self) -> CaseId {
        let desk = self.desk();
        let ana = desk.actor_in_folder(Some("ana")).unwrap();
        let report = Report::parse(REPORT).unwrap();
        let case = desk.receive(&ana, &report).unwrap();
        desk.take(&ana, case).unwrap();
        for node in casework::nodes() {
            if let Some(given) = report.answers.get(node.id) {
                desk.answer(&ana, case, node.id, given).unwrap();
            }
        }
        let year = cve::id::Year::new(crate::practice_authority::YEAR);
        desk.assign(&ana, case, year).unwrap();
        desk.store().close();
        case
    }

    /// A `cna …` on this folder, as somebody, at the time of the tests.
    pub(crate) fn cna(&self, person: &str, arguments: &[&str]) -> Command {
        let mut command = cna();
        command.args(arguments).args(["--as", person, "--now", NOW]);
        command.arg("--data").arg(self.path());
        command
    }

    /// A `cna case …` on this folder.
    pub(crate) fn case(&self, arguments: &[&str]) -> Command {
        let mut command = cna();
        command.arg("case").args(arguments);
        command.args(["--now", NOW, "--data"]).arg(self.path());
        command
    }

    /// Names of the files in it.
    pub(crate) fn names(&self) -> Vec<String> {
        names(self.path())
    }
}

/// Names of the files in a folder; none where there is no folder.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A `cna … serve`; killed when dropped.
pub(crate) struct Serving {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
    /// Its address, without a slash at the end.
    pub(crate) address: String,
}

impl Serving {
    /// `cna serve` on a free port.
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Serving {
        let mut command = cna();
        command.args(["serve", "--listen", "127.0.0.1:0", "--now", NOW]);
        command.arg("--data").arg(folder).args(arguments);
        Serving::spawn(&mut command)
    }

    /// Starts a server and waits until it says where it is.
    pub(crate) fn spawn(command: &mut Command) -> Serving {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let lines = Arc::new(Mutex::new(Vec::new()));
        let read = lines.clone();
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                read.lock().unwrap().push(line);
            }
        });
        let mut serving = Serving {
            child,
            lines,
            address: String::new(),
        };
        let first = serving.wait_for_line("http://");
        let at = first.find("http://").unwrap();
        let address = first[at..].trim_end_matches('/');
        serving.address = address.trim_end_matches("/api").to_owned();
        serving
    }

    /// Waits for a line that holds `text`.
    pub(crate) fn wait_for_line(&self, text: &str) -> String {
        let start = Instant::now();
        loop {
            let lines = self.lines.lock().unwrap();
            if let Some(line) = lines.iter().find(|line| line.contains(text)) {
                return line.clone();
            }
            assert!(start.elapsed() < PATIENCE, "no `{text}` in {lines:?}");
            drop(lines);
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Processor time it has used, user and system, in hundredths of a second;
    /// nothing where the system does not say.
    pub(crate) fn processor_time(&self) -> Option<u64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).ok()?;
        // The name, in parentheses, may hold anything.
        let (_, fields) = stat.rsplit_once(')')?;
        let times = fields.split_whitespace().skip(11).take(2);
        times.map(|ticks| ticks.parse::<u64>().ok()).sum()
    }

    /// Everything it printed so far.
    pub(crate) fn printed(&self) -> String {
        self.lines.lock().unwrap().join("\n")
    }

    /// Asks it to end, as an init system does, and waits; gives its exit code.
    pub(crate) fn terminate(&mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(sent.unwrap().success());
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(start.elapsed() < PATIENCE, "it does not end");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
