//! The tables of `docs/scenarios.md`, from the tables of the program.

use super::acts::ACTS;
use super::compare::Lists;
use super::keys::KEYS;
use crate::clocks::EventKind;
use crate::decision::{Outcome, Pack, Subject, TASKS, nodes, packs};
use crate::lifecycle::deed::Deed;
use crate::lifecycle::mistake::MISTAKES;
use crate::lifecycle::rejection::Reason;

/// Everything a scenario may say, as Markdown: outcomes, questions, events,
/// actions, keys of `expect`, tasks, kinds of mistakes.
pub fn reference() -> String {
    let mut text = String::new();
    outcomes(&mut text);
    questions(&mut text);
    events(&mut text);
    expected(&mut text);
    rest(&mut text);
    text
}

fn row(text: &mut String, cells: &[&str]) {
    text.push_str(&format!("| {} |\n", cells.join(" | ")));
}

fn head(text: &mut String, title: &str, cells: &[&str]) {
    if !title.is_empty() {
        text.push_str(&format!("\n{title}\n\n"));
    }
    row(text, cells);
    row(text, &vec!["---"; cells.len()]);
}

fn outcomes(text: &mut String) {
    head(
        text,
        "",
        &["outcome", "meaning", "needs", "state of the case"],
    );
    for outcome in Outcome::ALL {
        let needs = outcome.needs().join(", ");
        let id = format!("`{}`", outcome.id());
        let state = format!("`{}`", outcome.leads_to());
        row(text, &[&id, outcome.meaning(), &needs, &state]);
    }
    text.push_str(
        "\n`C*` are the answers of stage C that decide a finding: `C1: yes`, `C2: no`, a special case that\n\
         decides, or `C4`. `B2` may be answered by `B3: our_research_scope` or `B4: not_cna_in_scope`, unless it\n\
         says `no`. `D8` is counted from D1 to D7: with several findings every pair needs `D1` (or `D2: yes`), with\n\
         several products `D3`, and `D4` or `D5` after it. An `O-ROUTE-…` names the organisation, `O-EXISTING` and\n\
         `O-AMEND` the ID, `O-NOASSIGN` the reason (`private`, `never_public`, `teaching`), `O-CLOSE` the template.\n",
    );
}

fn questions(text: &mut String) {
    head(
        text,
        "### Questions",
        &["node", "about", "question", "answers", "rules"],
    );
    let pack = Pack::newest();
    for node in nodes() {
        let about = match node.subject {
            Subject::Case => "report",
            Subject::Finding => "finding",
            Subject::Pair => "two findings",
            Subject::Group => "vulnerability",
        };
        let answers: Vec<String> = node
            .answers
            .iter()
            .map(|(value, _)| format!("`{value}`"))
            .collect();
        row(
            text,
            &[
                node.id,
                about,
                node.question,
                &answers.join(", "),
                &node.rules_in(pack).join(", "),
            ],
        );
    }
    let versions: Vec<String> = packs()
        .iter()
        .map(|pack| format!("{} ({})", pack.version, pack.effective))
        .collect();
    text.push_str(&format!(
        "\nThe numbers are those of version {}. Versions, with the day each came into force: {}.\n",
        pack.version,
        versions.join(", ")
    ));
}

fn events(text: &mut String) {
    text.push_str(
        "\n## Events\n\n\
         An event has `do`, and as it needs `at` (the moment of the one before unless given), `by`, `of` (an ID, an\n\
         organisation), `to`, `ids`, `finding`, `date`, `severity`, `node`, `answer`, `reason`, `text`, `content`,\n\
         `record`. Two kinds of things happen.\n\n\
         **Facts** start and stop clocks, and are told, not asked for. With an ID in `of` they also change the\n\
         ledger: `id_assigned` (with `finding`), `id_given`, `disclosed`, `third_party_disclosed`, `id_seen`,\n\
         `record_published`, `id_rejected` (with `reason`, and `ids` to use instead). Disputes are facts too:\n\
         `dispute_filed` needs `by` and `text` (the rationale), `dispute_assessed` a `reason` `legitimate` or\n\
         `unfounded`, `dispute_decided` a `reason` `valid` (with the remedy in `to`: `modify`, `publish`,\n\
         `reject`), `invalid` or `unresolved`.\n",
    );
    head(text, "", &["fact", "meaning"]);
    for kind in EventKind::ALL {
        row(text, &[&format!("`{}`", kind.as_str()), kind.meaning()]);
    }
    text.push_str(
        "| `consult` | `to` was asked, and gave no clear answer. |\n\
         | `escalate_dispute`, `reconsider_dispute` | The dispute about `of` goes up, or is heard again. |\n\
         | `route_confirmed` | The other organisation confirmed that it assigns. |\n\
         | `answer` | A question is answered, or answered anew: `node`, `answer`, `finding` or `x, y` there, `by`. Refused where the rules refuse it. |\n\n\
         **Actions** are tried by somebody and may be refused. One that is refused breaks the scenario, unless it\n\
         has a name under `as`; then `expect.results` says how it ended.\n",
    );
    head(text, "", &["action", "what it does", "roles"]);
    for (name, deed, meaning) in ACTS {
        let roles = deed.map_or("–".to_owned(), |deed: Deed| deed.roles().join(", "));
        row(text, &[&format!("`{name}`"), meaning, &roles]);
    }
    let deeds: Vec<String> = Deed::ALL
        .iter()
        .map(|(word, _)| format!("`{word}`"))
        .collect();
    text.push_str(&format!("\nDeeds for `may`: {}.\n", deeds.join(", ")));
    text.push_str(
        "\nCodes under `because`: a role (`missing_role`, `cna_trained`), four eyes (`not_approved`,\n\
         `approval_void`, `reviewer_edited`, `nothing_to_approve`, `four_eyes`, `second_person`), a state\n\
         (`never`, `wrong_state`, `shared_outside`, `reason`, `has_record`, `quota`, `not_determined`, `has_id`,\n\
         `not_assigned`, `reserved_already`, `CANNOT_RESERVE_FOR_YEAR`, `before_1999`,\n\
         `over_quota`, `example_id`), `ground_not_allowed`, a\n\
         transfer (`order`, `who`, `ground`, `before_2017`), `last_administrator`, `oneself`, `never_delete`,\n\
         `never_renumber`, items of the checklist (`PC-03`), content rules (`REC-041`, `REJ-004`), or, for an\n\
         answer, a sentence.\n",
    );
}

fn expected(text: &mut String) {
    text.push_str(
        "\n## Expect\n\n\
         What stands under a key is compared with what the engine says under it. Maps: only what is expected is\n\
         compared. A day agrees with any moment on it, a number with one that rounds to it, one word with a list\n\
         of that word. Lists: *same* members in any order, in the *order* given, or merely *contained*; a list of\n\
         maps is always open to more.\n",
    );
    head(text, "", &["key", "lists", "what stands under it"]);
    for key in KEYS {
        let lists = match key.lists {
            Lists::Same => "same",
            Lists::Ordered => "order",
            Lists::Contains => "contained",
        };
        row(text, &[&format!("`{}`", key.name), lists, key.meaning]);
    }
    text.push_str(
        "| `alt` | – | outcomes a trained person may defend by a reason, or events that are allowed at the end; none may be the outcome itself |\n\
         | `must_not` | – | outcomes a binding rule forbids, or events that are refused at the end |\n\
         | `not` | – | keys as above whose values, or members of lists, must not be there |\n",
    );
}

fn rest(text: &mut String) {
    head(text, "### Tasks", &["task", "what has to be done", "rule"]);
    for task in TASKS {
        let rule = Pack::newest().cited(&[task.rule]).join(", ");
        row(text, &[&format!("`{}`", task.key), task.words, &rule]);
    }
    head(
        text,
        "### Kinds of mistakes",
        &["kind", "weaknesses to look at"],
    );
    for (kind, hints) in MISTAKES {
        row(text, &[&format!("`{kind}`"), &hints.join(", ")]);
    }
    let reasons: Vec<String> = Reason::ALL
        .iter()
        .map(|reason| format!("`{reason}` ({})", reason.state()))
        .collect();
    text.push_str(&format!(
        "\n### Reasons to reject\n\n{}.\n",
        reasons.join(", ")
    ));
}
