//! Whether a trained person may decide otherwise than the answers lead.

use serde::Serialize;

use super::answers::{Reply, Sheet, ground};
use super::determination::{Decision, Ground, Matter};
use super::outcome::{Outcome, Ruling};
use super::refusal::Refusal;
use super::routes::is_public;

/// What the rules say of an outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// It is the one the answers lead to.
    Determined,
    /// A trained person may decide so with a written reason; the rule is one
    /// that asks or permits.
    Defensible(String),
    /// A rule that binds forbids it.
    Forbidden(String),
}

/// Judges an outcome against the answers.
///
/// Gives: `Forbidden` with the number of the rule that binds, where there is
/// one; `Defensible` with that of the rule somebody would decide against.
/// Source: process section 2.3, C4b; the levels of the rules.
pub fn permission(
    matter: &Matter<'_>,
    sheet: &Sheet,
    decision: &Decision,
    wanted: &Ruling,
) -> Permission {
    if decision.ruling.as_ref() == Some(wanted) {
        return Permission::Determined;
    }
    let cite = |key: &'static str| {
        let number = matter.pack.rule(key).map(|rule| rule.number);
        number.unwrap_or(key).to_owned()
    };
    if wanted.outcome == Outcome::Assign {
        if let Some(key) = binds_against_assigning(matter, sheet, decision) {
            return Permission::Forbidden(cite(key));
        }
        if wanted.count > 0
            && let Some(key) = binds_against_count(decision, wanted.count)
        {
            return Permission::Forbidden(cite(key));
        }
    }
    let binding = |ground: &&Ground| ground.level.is_binding() && ground.overridden.is_none();
    let determined = decision.ruling.as_ref().map(|ruling| ruling.outcome);
    // Leaving an outcome that a MUST led to is not ours to decide.
    if matches!(determined, Some(Outcome::RouteUpstream | Outcome::RouteCna))
        && wanted.outcome == Outcome::NoAssign
        && let Some(ground) = decision.grounds.iter().find(binding)
    {
        return Permission::Forbidden(cite(ground.key));
    }
    if wanted.outcome == Outcome::NoAssign && wanted.about.iter().any(|word| word == "technology") {
        return Permission::Forbidden(cite("assign.technology"));
    }
    let last = decision.grounds.last();
    Permission::Defensible(last.map(|ground| cite(ground.key)).unwrap_or_default())
}

/// The rule that binds against assigning any ID here.
fn binds_against_assigning(
    matter: &Matter<'_>,
    sheet: &Sheet,
    decision: &Decision,
) -> Option<&'static str> {
    let refusal = sheet
        .case("refusal")
        .and_then(|reply| Refusal::of(&reply.value));
    let public = is_public(matter, sheet);
    match refusal {
        Some(Refusal::NoVulnerability) if !public => return Some("refusal.private"),
        Some(Refusal::AgreesButNoAssign)
            if !public && !matter.pack.has("refusal.agreed-no-assign") =>
        {
            return Some("refusal.private");
        }
        _ => {}
    }
    let grounds = decision.grounds.iter();
    let mut standing = grounds.filter(|ground| ground.overridden.is_none());
    let gate = [
        "scope.outside",
        "scope.upstream",
        "refusal.first",
        "vuln.malware",
        "vuln.dependency-update",
        "vuln.eol-alone",
        "assign.teaching",
        "assign.never-public",
        "assign.existing",
    ];
    let found = standing.find(|ground| gate.contains(&ground.key) && ground.level.is_binding());
    // An answer the walk did not come to binds as well.
    found.map(|ground| ground.key).or_else(|| {
        let rows = sheet.current();
        let replies = rows.iter().map(|row| &row.reply);
        let mut keys = replies
            .filter(|reply| reply.overriding.is_none())
            .filter(|reply| all_findings_say(matter, sheet, reply))
            .filter_map(|reply| ground(&reply.node, &reply.value));
        keys.find(|key| gate.contains(key) && matter.pack.level(key).is_binding())
    })
}

/// An answer about one finding of several binds for that one only.
fn all_findings_say(matter: &Matter<'_>, sheet: &Sheet, reply: &Reply) -> bool {
    matter.findings.iter().all(|claim| {
        let own = sheet.finding(&reply.node, &claim.name);
        own.is_some_and(|own| own.value == reply.value)
    })
}

/// The rule that binds against this count.
fn binds_against_count(decision: &Decision, count: u32) -> Option<&'static str> {
    let determined = decision.ids();
    let has = |node: &str, value: &str| {
        let mut grounds = decision.grounds.iter();
        grounds.any(|ground| ground.node == node && ground.value == value)
    };
    if count > determined {
        return if has("D4", "yes") {
            Some("count.shared-code")
        } else if has("D2", "yes") {
            Some("count.interdependent")
        } else if has("D5", "no") {
            Some("count.no-secure-way")
        } else if has("D7", "same") {
            Some("eol.no-second-id")
        } else {
            None
        };
    }
    (count < determined && has("D5", "yes")).then_some("count.secure-way")
}
