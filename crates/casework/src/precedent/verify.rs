//! Runs the scenarios of a file.

use serde::Serialize;
use serde_json::{Map, Value};

use super::compare::{Difference, difference, merge, shown};
use super::course::Course;
use super::format::{Scenario, Variant};
use super::keys::{KEYS, facts};
use crate::decision::{Pack, Permission, Ruling, packs, permission};

/// How one scenario, or one variant of it, ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Its name; `name/2` for its second variant.
    pub name: String,
    /// What it is about.
    pub title: String,
    /// Whether it is kept.
    pub verdict: Verdict,
}

/// Whether a precedent is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "verdict")]
pub enum Verdict {
    /// The engine concludes what is expected.
    Kept,
    /// It does not, or the scenario cannot be evaluated.
    Broken {
        /// The place of the first difference.
        at: String,
        /// What is expected there; empty when the scenario itself is at fault.
        expected: String,
        /// What the engine says, or why it cannot be evaluated.
        found: String,
    },
}

impl Report {
    /// Whether it is kept.
    pub fn is_kept(&self) -> bool {
        self.verdict == Verdict::Kept
    }
}

/// Runs every scenario of a text.
///
/// Takes: YAML, one or many documents; `load` reads a file that a scenario
/// names under `like`.
/// Gives: a report for each scenario and each variant, in order; one broken
/// report where a document cannot be read.
pub fn verify(text: &str, load: &dyn Fn(&str) -> Result<String, String>) -> Vec<Report> {
    let documents: Result<Vec<Scenario>, _> = serde_saphyr::from_multiple(text);
    match documents {
        Ok(documents) if documents.is_empty() => {
            vec![unreadable("the file has no scenario".to_owned())]
        }
        Ok(documents) => documents
            .into_iter()
            .flat_map(|one| scenario(one, load))
            .collect(),
        // The library's advice to programmers helps nobody here.
        Err(error) => {
            let words = error.to_string();
            vec![unreadable(words.replace(
                ", set DuplicateKeyPolicy in Options if acceptable",
                ": it stands there twice",
            ))]
        }
    }
}

fn unreadable(why: String) -> Report {
    Report {
        name: String::new(),
        title: String::new(),
        verdict: broken("", why),
    }
}

fn broken(at: &str, found: String) -> Verdict {
    Verdict::Broken {
        at: at.to_owned(),
        expected: String::new(),
        found,
    }
}

fn scenario(mut scenario: Scenario, load: &dyn Fn(&str) -> Result<String, String>) -> Vec<Report> {
    let name = match scenario.scenario.as_str() {
        "" => "(no name)".to_owned(),
        name => name.to_owned(),
    };
    let report = |name: String, title: &str, verdict| Report {
        name,
        title: title.to_owned(),
        verdict,
    };
    if let Err(error) = complete(&mut scenario, load) {
        return vec![report(name, &scenario.title, broken("", error))];
    }
    let variants = std::mem::take(&mut scenario.variants);
    let mut reports = vec![report(name.clone(), &scenario.title, judge(&scenario))];
    for (place, variant) in variants.into_iter().enumerate() {
        let title = variant.title.clone();
        let changed = varied(&scenario, variant);
        reports.push(report(
            format!("{name}/{}", place + 1),
            &title,
            judge(&changed),
        ));
    }
    reports
}

/// Reads the world a scenario is like, and checks what every scenario needs.
fn complete(
    scenario: &mut Scenario,
    load: &dyn Fn(&str) -> Result<String, String>,
) -> Result<(), String> {
    if scenario.scenario.is_empty() {
        return Err("scenario: it has no name".into());
    }
    if let Some(file) = &scenario.like {
        let text = load(file).map_err(|error| format!("like `{file}`: {error}"))?;
        let world: World =
            serde_saphyr::from_str(&text).map_err(|error| format!("like `{file}`: {error}"))?;
        let mut given = world.given;
        merge(&mut given, &scenario.given);
        scenario.given = given;
    }
    Ok(())
}

/// A file that scenarios are like.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct World {
    given: Map<String, Value>,
}

fn varied(scenario: &Scenario, variant: Variant) -> Scenario {
    let mut changed = scenario.clone();
    merge(&mut changed.given, &variant.given);
    changed.ruleset = variant.ruleset.or(changed.ruleset);
    changed.at = variant.at.or(changed.at);
    changed.now = variant.now.or(changed.now);
    changed.events = variant.events.unwrap_or(changed.events);
    changed.events.extend(variant.more_events);
    for (node, reply) in variant.answers {
        match reply {
            Some(reply) => changed.answers.insert(node, reply),
            None => changed.answers.remove(&node),
        };
    }
    for (map, over) in [
        (&mut changed.finding_answers, variant.finding_answers),
        (&mut changed.pair_answers, variant.pair_answers),
    ] {
        for (about, replies) in over {
            match replies {
                Some(replies) => map.entry(about).or_default().extend(replies),
                None => drop(map.remove(&about)),
            }
        }
    }
    // The rules are named, and looked up, once: for the scenario itself.
    changed.rules = Vec::new();
    changed.expect = variant.expect;
    changed
}

fn judge(scenario: &Scenario) -> Verdict {
    if scenario.expect.is_empty() {
        return broken("expect", "nothing is expected".into());
    }
    let course = match Course::run(scenario) {
        Ok(course) => course,
        Err(error) => return broken("", error),
    };
    if let Some(error) = cited(scenario, course.pack) {
        return broken("rules", error);
    }
    match first_difference(&course, &scenario.expect) {
        None => Verdict::Kept,
        Some(difference) => Verdict::Broken {
            at: difference.at,
            expected: difference.expected,
            found: difference.found,
        },
    }
}

/// The first rule the scenario names that does not exist.
///
/// A number is one of the version in force; `4.1.0: 4.1.3` one of another;
/// other sources are named by their short names.
fn cited(scenario: &Scenario, pack: &Pack) -> Option<String> {
    const SOURCES: [&str; 9] = [
        "DP2", "EOLP", "RBP2", "ICP", "SVC", "AWG", "OSSF", "GCVE", "BOARD",
    ];
    for text in scenario.rules.iter().map(|text| text.0.as_str()) {
        let word = text.split([' ', ':']).next().unwrap_or_default();
        if SOURCES.contains(&word) || word.starts_with("K8S-") || word == "process" {
            continue;
        }
        let (version, number) = text.split_once(':').unwrap_or((pack.version, text));
        let known = match version.parse::<&'static Pack>() {
            Ok(pack) => pack.numbers(number.trim()),
            Err(error) => return Some(error.to_string()),
        };
        if !known {
            let has: Vec<_> = packs()
                .iter()
                .filter(|pack| pack.numbers(number.trim()))
                .map(|pack| pack.version)
                .collect();
            return Some(format!(
                "version {version} of the rules has no `{}`; versions that have it: {}",
                number.trim(),
                if has.is_empty() {
                    "none".to_owned()
                } else {
                    has.join(", ")
                }
            ));
        }
    }
    None
}

fn first_difference(course: &Course, expect: &Map<String, Value>) -> Option<Difference> {
    let facts = facts(course);
    for (name, expected) in expect {
        let at = format!("expect.{name}");
        let found = match name.as_str() {
            "alt" | "must_not" => permitted(course, &at, expected, name == "alt"),
            "not" => negated(&facts, expected),
            "outcome" if facts.get("outcome").is_none_or(Value::is_null) => {
                unanswered(&facts, &at, expected).or_else(|| Some(fault(&at, expected, NOTHING)))
            }
            _ => match KEYS.iter().find(|key| key.name == name) {
                Some(key) => difference(&at, expected, facts.get(name), key.lists),
                None => Some(fault(
                    &at,
                    expected,
                    "no such key; `docs/scenarios.md` lists them",
                )),
            },
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

/// What is said of a fact the engine has nothing about.
const NOTHING: &str = "nothing: nothing given or done concerns it";

/// Says which answers an outcome waits for.
fn unanswered(facts: &Map<String, Value>, at: &str, expected: &Value) -> Option<Difference> {
    let missing = facts.get("missing")?.as_array()?;
    let missing: Vec<&str> = missing.iter().filter_map(Value::as_str).collect();
    if missing.is_empty() {
        return None;
    }
    let found = format!(
        "no outcome, because not answered yet: {}",
        missing.join(", ")
    );
    Some(fault(at, expected, &found))
}

fn fault(at: &str, expected: &Value, found: &str) -> Difference {
    Difference {
        at: at.to_owned(),
        expected: shown(expected),
        found: found.to_owned(),
    }
}

/// Outcomes that may be defended (`alt`), or that a binding rule forbids
/// (`must_not`).
fn permitted(course: &Course, at: &str, expected: &Value, allowed: bool) -> Option<Difference> {
    let items = match expected {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    let decision = course.decision.as_ref()?;
    for (place, item) in items.iter().enumerate() {
        let at = format!("{at}[{place}]");
        if item.is_object() {
            let refused = match course.attempt(item) {
                Ok(refused) => refused,
                Err(error) => return Some(fault(&at, item, &error)),
            };
            match (refused, allowed) {
                (Some(_), false) | (None, true) => continue,
                (Some(because), true) => {
                    return Some(fault(
                        &at,
                        item,
                        &format!("it is refused: {}", because.join(", ")),
                    ));
                }
                (None, false) => return Some(fault(&at, item, "it is allowed")),
            }
        }
        let Some(ruling) = item.as_str().and_then(|text| text.parse::<Ruling>().ok()) else {
            return Some(fault(&at, item, "not an outcome, and not an event"));
        };
        let found = permission(&course.matter(), &course.sheet, decision, &ruling);
        let is_fine = match (&found, allowed) {
            (Permission::Defensible(_), true) | (Permission::Forbidden(_), false) => true,
            (Permission::Determined, _) | (Permission::Defensible(_), false) => false,
            (Permission::Forbidden(_), true) | (Permission::Unfounded, _) => false,
        };
        if !is_fine {
            let words = match found {
                Permission::Determined => "the answers lead to it".to_owned(),
                Permission::Defensible(rule) => {
                    format!("may be defended; no binding rule stands against it (last met: {rule})")
                }
                Permission::Forbidden(rule) => format!("rule {rule} forbids it"),
                Permission::Unfounded => {
                    "no binding rule stands against it, and no answer leads near it".to_owned()
                }
            };
            return Some(fault(&at, item, &words));
        }
    }
    None
}

/// What must not be so: every key must differ, and every member of a list
/// must be absent.
fn negated(facts: &Map<String, Value>, expected: &Value) -> Option<Difference> {
    let Value::Object(expected) = expected else {
        return Some(fault("expect.not", expected, "expected keys of `expect`"));
    };
    for (name, value) in expected {
        let at = format!("expect.not.{name}");
        if !KEYS.iter().any(|key| key.name == name) {
            return Some(fault(
                &at,
                value,
                "no such key; `docs/scenarios.md` lists them",
            ));
        }
        let members = match value {
            Value::Array(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        for member in members {
            let there = facts.get(name).unwrap_or(&Value::Null);
            let is_there = match there {
                Value::Array(items) => items.iter().any(|item| {
                    difference("", member, Some(item), super::compare::Lists::Contains).is_none()
                }),
                one => difference("", member, Some(one), super::compare::Lists::Contains).is_none(),
            };
            if is_there {
                return Some(fault(&at, member, "it is so"));
            }
        }
    }
    None
}
