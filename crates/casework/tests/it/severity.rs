//! Questions about severity beside the score: kept round by round, and never
//! in the place of the score.

use casework::decision::SeverityAnswers;
use casework::{Actor, NewReleaseRule, Role};

use crate::office::{Office, on_each_engine, refusal_code, refused};

fn answers(effect: &str) -> SeverityAnswers {
    let given = [
        ("place", "server"),
        ("actor", "authenticated"),
        ("effect", effect),
        ("interaction", "no"),
        ("setup", "default"),
        ("mitigation", "no"),
    ];
    let owned = |(key, word): (&str, &str)| (key.to_owned(), word.to_owned());
    given.into_iter().map(owned).collect()
}

fn ask_as_kubernetes(office: &Office) {
    let rule = NewReleaseRule {
        profile: Some("kubernetes".into()),
        ..NewReleaseRule::default()
    };
    let admin = office.actor("admin");
    office.desk.set_release_rule(&admin, &rule).unwrap();
}

#[test]
fn each_round_of_answers_stays_and_the_newest_stands_in_the_case() {
    on_each_engine("each_round_of_answers_stays", |office| {
        ask_as_kubernetes(office);
        let (desk, ana, case) = (&office.desk, office.actor("ana"), office.in_triage());
        assert_eq!(desk.case(&ana, case).unwrap().tier, None);
        let first = answers("other_disclosure");
        let first = desk.answer_severity(&ana, case, &first, "").unwrap();
        assert_eq!(first.tier.level, "medium", "as the score of the report");
        let second = answers("sensitive_disclosure");
        let note = "the files hold keys";
        desk.answer_severity(&ana, case, &second, note).unwrap();
        let view = desk.severity_questions(&ana, case).unwrap();
        let levels: Vec<_> = view
            .rounds
            .iter()
            .map(|one| one.tier.level.as_str())
            .collect();
        assert_eq!(levels, ["medium", "high"], "{}", office.engine);
        let newest = desk.case(&ana, case).unwrap().tier.unwrap();
        let found = (newest.number, newest.note.as_str(), newest.author.as_str());
        assert_eq!(found, (2, note, "ana"));
        let score = newest.score.unwrap();
        assert_eq!(
            (score.score.as_str(), score.band.as_str()),
            ("6.5", "medium")
        );
    });
}

#[test]
fn answers_change_neither_the_score_nor_the_severity_of_a_case() {
    on_each_engine("answers_change_neither_the_score", |office| {
        ask_as_kubernetes(office);
        let (desk, ana) = (&office.desk, office.actor("ana"));
        let (case, id, draft) = office.drafted();
        let before = desk.case(&ana, case).unwrap().summary.severity;
        desk.answer_severity(&ana, case, &answers("elevation"), "why not")
            .unwrap();
        let view = desk.case(&ana, case).unwrap();
        assert_eq!(view.summary.severity, before, "{}", office.engine);
        let newest = desk.store().read(|r| r.draft(id)).unwrap().unwrap();
        assert_eq!(newest.digest, draft.digest);
    });
}

#[test]
fn a_level_that_is_not_the_band_of_the_score_needs_a_note() {
    on_each_engine("a_level_that_is_not_the_band", |office| {
        ask_as_kubernetes(office);
        let (desk, ana, case) = (&office.desk, office.actor("ana"), office.in_triage());
        let bare = desk.answer_severity(&ana, case, &answers("bypass"), " ");
        assert_eq!(
            refused(bare).to_string(),
            "note: the answers say high and the score of 6.5 says medium: say why they differ, \
             with `--note TEXT`"
        );
        let view = desk.severity_questions(&ana, case).unwrap();
        assert_eq!(view.rounds, [], "{}", office.engine);
    });
}

#[test]
fn a_profile_without_questions_asks_none() {
    on_each_engine("a_profile_without_questions_asks_none", |office| {
        let (desk, ana, case) = (&office.desk, office.actor("ana"), office.in_triage());
        let asked = refused(desk.severity_questions(&ana, case)).to_string();
        assert!(asked.contains("`default` asks nothing"), "{asked}");
        let answered = desk.answer_severity(&ana, case, &answers("bypass"), "");
        assert_eq!(refusal_code(answered), "invalid", "{}", office.engine);
    });
}

#[test]
fn the_questions_of_a_case_one_is_not_on_are_not_there_and_each_look_is_audited() {
    on_each_engine("the_questions_of_a_case_one_is_not_on", |office| {
        ask_as_kubernetes(office);
        let (desk, case) = (&office.desk, office.in_triage());
        let eve = office.hire("eve", &[Role::Analyst]);
        let answer = |who: &Actor| desk.answer_severity(who, case, &answers("elevation"), "so");
        assert_eq!(
            refusal_code(desk.severity_questions(&eve, case)),
            "not_found"
        );
        assert_eq!(refusal_code(answer(&eve)), "not_found", "{}", office.engine);
        let fixer = office.hire("fix", &[Role::Fixer]);
        office.put_on(case, &fixer);
        assert_eq!(refusal_code(answer(&fixer)), "not_allowed");
        let looks = || {
            let events = desk.store().read(|r| r.audit_of(&format!("case {case}")));
            let events = events.unwrap().into_iter();
            events.filter(|event| event.action == "case.view").count()
        };
        let before = looks();
        desk.severity_questions(&office.actor("ana"), case).unwrap();
        assert_eq!(looks(), before + 1);
    });
}
