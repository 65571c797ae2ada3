//! Scenario files with a slip in them: broken, with the place and what was
//! expected there, never kept and never skipped.

use crate::data_folder::{cna, run};

const GOOD: &str = "scenario: x
title: t
at: 2026-11-02
given: {us: acme, organisations: {acme: {roles: [cna]}}, findings: {bug: {}}}
answers: {A1: report, A2: yes, A4: none, A5: no, B1: ours, B2: yes, C1: yes, E1: yes, E4: no}
expect: {outcome: O-ASSIGN(1)}
";

/// What is put in the place of what, and what is said of it.
const SLIPS: [(&str, &str, &str); 36] = [
    (
        "title:",
        "colour: red\ntitle:",
        "line 2 column 1: unknown field `colour`",
    ),
    (
        "us: acme,",
        "us: acme, colour: red,",
        "given.colour: unknown field `colour`",
    ),
    (
        "bug: {}",
        "bug: {colour: red}",
        "given.findings.bug.colour: unknown field `colour`",
    ),
    (
        "outcome: O-ASSIGN(1)",
        "colour: red",
        "expect.colour: expected `red`, found no such key",
    ),
    (
        " A2: yes,",
        "",
        "found no outcome, because not answered yet: A2",
    ),
    (
        "A2: yes",
        "A2: perhaps",
        "answers.A2: question A2 does not allow `perhaps`: expected one of",
    ),
    (
        "A2: yes",
        "Z9: yes",
        "answers.Z9: `Z9` is not a question of the decision tree",
    ),
    (
        "us: acme",
        "us: other",
        "given.us: `other` is not among given.organisations",
    ),
    (
        "2026-11-02",
        "yesterday",
        "line 3 column 5: `yesterday` is not a time",
    ),
    (
        "expect:",
        "events: [{do: fly}]\nexpect:",
        "events[0] `fly`: nobody knows such an event",
    ),
    (
        "expect:",
        "events: [{do: publish}]\nexpect:",
        "events[0] `publish`: it needs `by`",
    ),
    (
        "expect:",
        "events: [{do: closed, colour: red}]\nexpect:",
        "unknown field `colour`, expected one of at, do",
    ),
    (
        "expect:",
        "events: [{at: 2026-11-03, do: closed}, {at: 2026-11-02, do: reopened}]\nexpect:",
        "events[1]: it happens before the one above it",
    ),
    (
        "{outcome: O-ASSIGN(1)}",
        "{}",
        "expect: nothing is expected",
    ),
    (
        "O-ASSIGN(1)",
        "O-FLY",
        "expect.outcome: expected `O-FLY`, found `O-ASSIGN(1)`",
    ),
    (
        "outcome: O-ASSIGN(1)",
        "deadlines: [{id: D-99}]",
        "expect.deadlines[0]: expected {id: `D-99`}",
    ),
    (
        "outcome: O-ASSIGN(1)",
        "id_states: {CVE-1900-20001: POOL}",
        "found nothing: nothing given or done concerns it",
    ),
    (
        "expect:",
        "rules: [9.9.9]\nexpect:",
        "rules: version 4.2.0 of the rules has no `9.9.9`",
    ),
    ("scenario: x\n", "", "scenario: it has no name"),
    (
        "expect:",
        "like: missing.yaml\nexpect:",
        "like `missing.yaml`: reading scenario file",
    ),
    (
        "bug: {}",
        "bug: {products: [nothing]}",
        "given.findings.bug: `nothing` is not among given.products",
    ),
    (
        "expect:",
        "ruleset: \"7.0\"\nexpect:",
        "ruleset: `7.0` is not a version of the CNA rules",
    ),
    (
        "expect:",
        "variants: [{title: v, anwsers: {A2: no}}]\nexpect:",
        "unknown field `anwsers`, expected one of title",
    ),
    (
        "expect:",
        "given: {us: acme}\nexpect:",
        "duplicate mapping key: given: it stands there twice",
    ),
    (
        "roles: [cna]",
        "roles: [king]",
        "given.organisations.acme.roles: `king` means nothing here: expected one of `cna`",
    ),
    (
        "us: acme,",
        "us: acme, people: {ann: {roles: [king]}},",
        "given.people.ann.roles: `king` means nothing here",
    ),
    (
        "us: acme,",
        "us: acme, products: {p: {delivery: flying}},",
        "given.products.p.delivery: `flying` means nothing here",
    ),
    (
        "us: acme,",
        "us: acme, products: {p: {availability: never}},",
        "given.products.p.availability: `never` means nothing",
    ),
    (
        "us: acme,",
        "us: acme, products: {p: {lines: {1.x: sometimes}}},",
        "given.products.p.lines.1.x: `sometimes` is no end of support",
    ),
    (
        "us: acme,",
        "us: acme, case: {track: fast},",
        "given.case.track: `fast` means nothing here",
    ),
    (
        "us: acme,",
        "us: acme, case: {severity: huge},",
        "given.case.severity: `huge` means nothing here",
    ),
    (
        "us: acme,",
        "us: acme, case: {embargo: yes},",
        "given.case.embargo: invalid type: boolean",
    ),
    (
        "us: acme,",
        "us: acme, environment: moon,",
        "given.environment: `moon` means nothing here",
    ),
    (
        "us: acme,",
        "us: acme, done: [PC-99],",
        "given.done: `PC-99` is no item of the checklist",
    ),
    (
        "us: acme,",
        "us: acme, clocks: {lengths: {D-07: 96 h}},",
        "given.clocks: D-07 cannot be `96 h`: the rules give",
    ),
    (
        "us: acme,",
        "us: acme, ids: {CVE-1900-20001: {state: GONE}},",
        "given.ids.CVE-1900-20001.state: `GONE` is not the state",
    ),
];

#[test]
fn each_slip_breaks_the_scenario_and_is_named_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("one.yaml");
    let verify = |text: &str| {
        std::fs::write(&file, text).unwrap();
        let mut command = cna();
        run(command.args(["decision", "verify"]).arg(&file))
    };
    assert_eq!(verify(GOOD).answer(), "kept    x: t\n1 kept, 0 broken\n");
    for (from, to, said) in SLIPS {
        assert!(GOOD.contains(from), "{from}");
        let ended = verify(&GOOD.replacen(from, to, 1));
        assert_eq!(ended.code, Some(1), "{to}: {ended:?}");
        assert!(ended.stdout.contains(said), "{to}: {}", ended.stdout);
        assert!(ended.stdout.ends_with("0 kept, 1 broken\n"), "{to}");
    }
}
