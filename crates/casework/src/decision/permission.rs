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
    /// Nothing forbids it, and no answer leads near it.
    Unfounded,
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
    match near(matter, sheet, decision, wanted) {
        Some(key) => Permission::Defensible(cite(key)),
        None => Permission::Unfounded,
    }
}

/// The key of the rule by which a trained person may come to this outcome
/// instead; nothing when no answer leads near it.
fn near(
    matter: &Matter<'_>,
    sheet: &Sheet,
    decision: &Decision,
    wanted: &Ruling,
) -> Option<&'static str> {
    use Outcome::{
        Amend, Assign, Consult, Coordinate, Existing, NeedInfo, NoAssign, NotVulnerability, Reject,
        RouteCna, RouteRoot, RouteUpstream,
    };
    let from = decision.ruling.as_ref()?.outcome;
    let is = |node: &str, values: &[&str]| {
        let mut rows = sheet.current().into_iter();
        rows.any(|row| row.reply.node == node && values.contains(&row.reply.value.as_str()))
    };
    // What a SHOULD led to, somebody may decide otherwise with a reason.
    let mut loose = decision.grounds.iter().rev();
    let loose = loose
        .find(|ground| !ground.level.is_binding())
        .map(|ground| ground.key);
    match (from, wanted.outcome) {
        // Asking comes before every answer, except to what is no report.
        (Outcome::Close | Outcome::Forward, _) => None,
        (_, NeedInfo) => Some("assign.criteria"),
        (_, Consult) => Some("decide.consult"),
        (NotVulnerability | NoAssign, Assign) => loose,
        (NotVulnerability, NoAssign) | (NoAssign, NotVulnerability) => loose,
        // Another count, where only a SHOULD speaks for this one.
        (Assign, Assign) => Some("count.different"),
        (Assign, NotVulnerability) => loose,
        (Assign, NoAssign) if !wanted.about.is_empty() => Some("assign.other-ground"),
        (Assign, Existing) if is("D6", &["incomplete_fix_shipped", "regression", "unsure"]) => {
            Some("count.incomplete-fix")
        }
        (Existing, Assign) if is("D6", &["incomplete_fix_not_shipped", "unsure"]) => {
            Some("count.incomplete-fix")
        }
        (Assign | RouteCna | RouteUpstream, Coordinate)
            if is("B5", &["agreed", "not_agreed"]) || is("A5", &["yes", "refused"]) =>
        {
            Some("scope.together")
        }
        (Assign | RouteCna | RouteUpstream | Coordinate, RouteRoot) => {
            let root = matter.hierarchy.root_of(matter.us);
            let named = wanted.about.iter().all(|org| Some(org.as_str()) == root);
            named.then_some("scope.unresolved")
        }
        (Amend, Reject) | (Reject, Amend) => Some("update.correct"),
        _ => None,
    }
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
