//! The whole job by commands alone, as three people, on a running desk and a
//! running authority: from the report to a record that was updated twice.

use std::process::Command;

use serde_json::{Value, json};

use crate::data_folder::{
    DataFolder, Ended, NOW, REPORT, Serving, cna, run, run_on_a_terminal, run_with_input,
};
use crate::practice_authority::PracticeAuthority;

/// A desk that serves, beside its authority.
pub(crate) struct Job {
    pub(crate) authority: PracticeAuthority,
    pub(crate) folder: DataFolder,
    pub(crate) serving: Serving,
}

impl Job {
    pub(crate) fn start() -> Job {
        let mut command = cna();
        command.args(["serve", "--listen", "127.0.0.1:0", "--now", NOW]);
        Job::start_with(command)
    }

    /// The same with a `cna serve …` of the test's own.
    pub(crate) fn start_with(mut command: Command) -> Job {
        let authority = PracticeAuthority::start(&[]);
        let folder = DataFolder::new(&authority.url, &authority.key);
        folder.hire("rev", casework::Role::Reviewer);
        folder.hire("pub", casework::Role::Publisher);
        command.args(["--allow-private-addresses", "--data"]);
        command.arg(folder.path());
        let serving = Serving::spawn(&mut command);
        Job {
            authority,
            folder,
            serving,
        }
    }

    /// `cna WORDS… --as PERSON` on the folder.
    pub(crate) fn command(&self, person: &str, words: &[&str]) -> Command {
        let mut command = cna();
        command.args(words).args(["--as", person, "--data"]);
        command.arg(self.folder.path());
        command
    }

    pub(crate) fn run(&self, person: &str, words: &[&str]) -> Ended {
        run(&mut self.command(person, words))
    }

    pub(crate) fn json(&self, person: &str, words: &[&str]) -> Value {
        run(self.command(person, words).arg("--json")).json()
    }

    /// A case with an ID and a draft; gives the ID.
    pub(crate) fn drafted(&self) -> String {
        let report = self.folder.file("report.md", REPORT);
        let from = report.to_str().unwrap();
        self.run("ana", &["case", "new", "--from", from]).answer();
        self.run("ana", &["case", "take", "1"]).answer();
        let report = casework::Report::parse(REPORT).unwrap();
        for node in casework::nodes() {
            if let Some(given) = report.answers.get(node.id) {
                let words = ["case", "answer", "1", node.id, &given.value];
                self.run("ana", &[&words[..], &["--reason", &given.reason]].concat())
                    .answer();
            }
        }
        let year = crate::practice_authority::YEAR.to_string();
        self.run("ana", &["case", "assign", "1", "--year", &year])
            .answer();
        let id = self.wait_for_id();
        self.run("ana", &["draft", "new", &id]).answer();
        id
    }

    /// The ID, once the reservation is through.
    pub(crate) fn wait_for_id(&self) -> String {
        for _ in 0..400 {
            let case = self.json("ana", &["case", "show", "1"]);
            if let Some(id) = case["records"][0]["cve_id"].as_str() {
                return id.to_owned();
            }
            std::thread::sleep(std::time::Duration::from_millis(25));
        }
        panic!("no ID was reserved");
    }

    /// Approves the newest revision as `rev`, with a reason for each warning.
    pub(crate) fn approve(&self, id: &str) {
        let draft = self.json("rev", &["draft", "show", id]);
        let mut words = vec!["review".to_owned(), "approve".into(), id.into()];
        for finding in draft["findings"].as_array().unwrap() {
            if finding["severity"] == "warning" {
                words.push("--take".into());
                words.push(format!("{}=known", finding["code"].as_str().unwrap()));
            }
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        self.run("rev", &words).answer();
        let tick = ["publish", "tick", id, "PC-08", "--note", "told by mail"];
        self.run("ana", &tick).answer();
    }

    /// A published record; gives its ID.
    pub(crate) fn published(&self) -> String {
        let id = self.drafted();
        self.approve(&id);
        self.run("pub", &["publish", &id]).answer();
        id
    }

    fn live(&self, id: &str) -> Value {
        self.authority.record(id)["containers"]["cna"].clone()
    }
}

#[test]
fn a_report_becomes_a_published_record_by_commands_alone() {
    let job = Job::start();
    let id = job.drafted();
    job.approve(&id);
    let said = job.run("pub", &["publish", &id]).answer();
    let last = said.lines().last().unwrap();
    assert_eq!(
        last,
        format!("{id} is published and equal to what was approved")
    );
    assert_eq!(
        job.live(&id)["title"],
        "Node agent follows symbolic links when it rotates container logs"
    );
    let case = job.json("ana", &["case", "show", "1"]);
    assert_eq!(case["state"], "PUBLISHED");
}

#[test]
fn a_draft_nobody_approved_is_not_published_and_the_plan_says_so() {
    let job = Job::start();
    let id = job.drafted();
    let ended = job.run("pub", &["publish", &id]);
    assert_eq!(
        ended.mistake(),
        format!("{id} cannot be published: revision 1 is not approved: ask for a review")
    );
    assert!(job.authority.has_no_record(&id));
}

#[test]
fn a_dry_run_prints_the_exact_requests_and_sends_none() {
    let job = Job::start();
    let id = job.drafted();
    job.approve(&id);
    let plan = job.json("pub", &["publish", &id, "--dry-run"]);
    let draft = job.json("pub", &["draft", "show", &id]);
    let requests: Vec<&Value> = plan["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| &step["request"])
        .filter(|request| !request.is_null())
        .collect();
    assert_eq!(requests[2]["method"], "POST");
    assert_eq!(
        requests[2]["body"]["cnaContainer"],
        draft["document"]["cna"]
    );
    assert!(job.authority.has_no_record(&id));
}

#[test]
fn a_published_record_is_updated_by_commands_alone() {
    let job = Job::start();
    let id = job.published();
    job.run(
        "ana",
        &["draft", "set", &id, "/cna/title", "A clearer title"],
    )
    .answer();
    job.approve(&id);
    let said = job.run("pub", &["publish", &id]).answer();
    assert!(said.starts_with(&format!("Plan to update {id}, revision 2")));
    assert_eq!(job.live(&id)["title"], "A clearer title");
}

#[test]
fn what_a_colleague_changed_on_the_live_record_survives_our_update() {
    let job = Job::start();
    let id = job.published();
    let mut container = job.live(&id);
    let seen = json!({"url": "https://example.org/seen-by-a-colleague"});
    container["references"]
        .as_array_mut()
        .unwrap()
        .push(seen.clone());
    job.authority.update(&id, &container);
    job.run(
        "ana",
        &["draft", "set", &id, "/cna/title", "A clearer title"],
    )
    .answer();
    job.approve(&id);
    let refused = job.run("pub", &["publish", &id]);
    assert!(refused.stderr.contains(&format!("`cna draft merge {id}`")));
    job.run("ana", &["draft", "merge", &id]).answer();
    job.approve(&id);
    job.run("pub", &["publish", &id]).answer();
    let live = job.live(&id);
    assert_eq!(live["title"], "A clearer title");
    assert!(live["references"].as_array().unwrap().contains(&seen));
}

#[test]
fn two_who_edit_at_once_are_merged_by_field() {
    let job = Job::start();
    let id = job.drafted();
    let mut document = job.json("ana", &["draft", "show", &id])["document"].clone();
    job.run("ana", &["draft", "set", &id, "/cna/title", "Hers"])
        .answer();
    document["advisory"]["credit"] = json!("Somebody");
    let mut save = job.command("ana", &["draft", "save", &id, "--from", "-", "--base", "1"]);
    let ended = run_with_input(&mut save, document.to_string().as_bytes());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let newest = job.json("ana", &["draft", "show", &id]);
    assert_eq!(newest["document"]["cna"]["title"], "Hers");
    assert_eq!(newest["document"]["advisory"]["credit"], "Somebody");
}

#[test]
fn two_who_edit_the_same_field_see_the_conflict() {
    let job = Job::start();
    let id = job.drafted();
    let mut document = job.json("ana", &["draft", "show", &id])["document"].clone();
    job.run("ana", &["draft", "set", &id, "/cna/title", "Hers"])
        .answer();
    document["cna"]["title"] = json!("His");
    let mut save = job.command("ana", &["draft", "save", &id, "--from", "-", "--base", "1"]);
    let ended = run_with_input(&mut save, document.to_string().as_bytes());
    assert_eq!(
        ended.mistake(),
        "revision 2 changed the same since, at /cna/title: read it, and save yours on top of it"
    );
}

#[test]
fn an_editor_changes_a_draft() {
    let job = Job::start();
    let id = job.drafted();
    let mut edit = job.command("ana", &["draft", "edit", &id]);
    edit.env_remove("VISUAL");
    edit.env("EDITOR", "sed -i s/follows/trusts/");
    let said = run(&mut edit).answer();
    assert!(
        said.starts_with(&format!("Saved revision 2 of {id}.")),
        "{said}"
    );
    let diff = job.json("ana", &["draft", "diff", &id]);
    assert_eq!(diff["changes"][0]["pointer"], "/cna/title");
}

#[test]
fn an_editor_that_leaves_no_json_saves_nothing() {
    let job = Job::start();
    let id = job.drafted();
    let mut edit = job.command("ana", &["draft", "edit", &id, "--format", "json"]);
    edit.env_remove("VISUAL").env("EDITOR", "sed -i 1d");
    let ended = run(&mut edit);
    assert!(ended.mistake().contains("it is not JSON:"), "{ended:?}");
    let list = job.json("ana", &["draft", "list", &id]);
    assert_eq!(list["drafts"].as_array().unwrap().len(), 1);
}

#[test]
fn a_suggestion_is_taken_with_one_command() {
    let job = Job::start();
    let id = job.drafted();
    let words = ["review", "comment", &id, "--at", "/cna/title"];
    job.run(
        "rev",
        &[&words[..], &["--suggest", "Shorter", "-m", "too long"]].concat(),
    )
    .answer();
    job.run("ana", &["review", "accept", &id, "1"]).answer();
    let draft = job.json("ana", &["draft", "show", &id]);
    assert_eq!(draft["document"]["cna"]["title"], "Shorter");
    let refused = job.run("rev", &["review", "approve", &id]);
    assert!(
        refused
            .stderr
            .contains("cannot approve it: ask somebody else")
    );
}

/// A case in triage, and the answers of its report as a file of YAML.
fn with_answers(job: &Job, leave_out: &str) -> String {
    let report = job.folder.file("report.md", REPORT);
    let from = report.to_str().unwrap();
    job.run("ana", &["case", "new", "--from", from]).answer();
    job.run("ana", &["case", "take", "1"]).answer();
    let report = casework::Report::parse(REPORT).unwrap();
    let mut text = String::new();
    for (node, given) in report.answers.iter().filter(|(node, _)| *node != leave_out) {
        let (value, reason) = (json!(given.value), json!(given.reason));
        text.push_str(&format!("{node}: {{value: {value}, reason: {reason}}}\n"));
    }
    let file = job.folder.file("answers.yaml", text);
    file.to_str().unwrap().to_owned()
}

#[test]
fn a_file_of_answers_decides_a_case() {
    let job = Job::start();
    let file = with_answers(&job, "");
    let said = job
        .run("ana", &["case", "decide", "1", "--answers", &file])
        .answer();
    assert_eq!(
        said,
        "Decided: assign.\nAssign a CVE ID with `cna case assign 1`.\n"
    );
    assert_eq!(
        job.json("ana", &["case", "show", "1"])["state"],
        "DETERMINED"
    );
}

#[test]
fn of_a_case_that_has_its_id_the_decision_names_it() {
    let job = Job::start();
    let id = job.drafted();
    let said = job.run("ana", &["case", "decide", "1"]).answer();
    assert_eq!(said, format!("Decided: assign.\nAssigned: {id}.\n"));
}

#[test]
fn a_file_without_an_answer_stops_at_its_question_and_keeps_the_others() {
    let job = Job::start();
    let file = with_answers(&job, "B2");
    let ended = job.run("ana", &["case", "decide", "1", "--answers", &file]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(
        ended
            .stderr
            .ends_with("error: the file has no answer to B2\n"),
        "{ended:?}"
    );
    let case = job.json("ana", &["case", "show", "1"]);
    assert_eq!(case["determination"]["next"], "B2");
}

#[test]
fn nobody_there_to_be_asked_is_said() {
    let job = Job::start();
    with_answers(&job, "");
    let ended = job.run("ana", &["case", "decide", "1"]);
    assert_eq!(
        ended.mistake(),
        "nobody is there to be asked: run it in a terminal, or name a file with --answers"
    );
}

#[test]
fn a_case_that_was_reported_before_is_shown_as_a_duplicate_before_the_first_question() {
    let job = Job::start();
    let report = job.folder.file("report.md", REPORT);
    for case in ["1", "2"] {
        let from = report.to_str().unwrap();
        job.run("ana", &["case", "new", "--from", from]).answer();
        job.run("ana", &["case", "take", case]).answer();
    }
    let words = format!(
        "{} case decide 2 --as ana --data {}",
        env!("CARGO_BIN_EXE_cna"),
        job.folder.path().display()
    );
    let Some(ended) = run_on_a_terminal(&words, b"q\n") else {
        return;
    };
    let said = ended.stdout;
    assert!(said.contains("It may be a duplicate of"), "{said}");
    assert!(
        said.contains("case 1  Node agent follows symbolic links"),
        "{said}"
    );
    assert!(said.contains("The question A1 is open."), "{said}");
}

#[test]
fn an_open_item_of_the_checklist_stops_publishing_and_a_plan_is_shown_and_cancelled() {
    let job = Job::start();
    let id = job.drafted();
    job.approve(&id);
    job.run("ana", &["publish", "check", &id]).answer();
    let reopen = [
        "publish",
        "tick",
        &id,
        "PC-08",
        "--reopen",
        "--note",
        "wrong ID told",
    ];
    job.run("ana", &reopen).answer();
    let stopped = job.run("pub", &["publish", &id]);
    stopped.mistake();
    let tick = ["publish", "tick", &id, "PC-08", "--note", "told again"];
    job.run("ana", &tick).answer();
    let at = "2099-12-01T16:00";
    let plan = job.json("pub", &["publish", &id, "--at", at, "--zone", "UTC"]);
    assert_eq!(plan["state"], "scheduled");
    assert_eq!(plan["run_at"], "2099-12-01T16:00:00.000Z");
    let cancel = ["publish", "cancel", &id, "--reason", "the fix is late"];
    job.run("pub", &cancel).answer();
    let shown = job.json("pub", &["publish", "show", &id]);
    assert_eq!(shown["plans"][0]["state"], "cancelled");
    assert_eq!(shown["plans"][0]["answer"], "cancelled: the fix is late");
}

#[test]
fn announcements_are_made_approved_and_read_by_commands() {
    let job = Job::start();
    let id = job.drafted();
    let set = "LIST=announce@example.org";
    job.run("ana", &["publish", "announce", &id, "--set", set])
        .answer();
    job.run("rev", &["publish", "messages", "approve", &id])
        .answer();
    let listed = job.json("ana", &["publish", "messages", "list", &id]);
    assert_eq!(listed["set"]["approved_by"], "rev");
    let said = job
        .run("ana", &["publish", "messages", "show", &id, "list"])
        .answer();
    assert!(said.starts_with("To: announce@example.org\n"), "{said}");
    assert!(said.contains(&id), "{said}");
}
