//! Stages D and E: how many vulnerabilities there are, and which get an ID.

use super::answers::{Reply, Sheet};
use super::counting::{self, Group, Part, Spread, Tie};
use super::determination::{Claim, Decision, Matter, Verdict};
use super::outcome::{Outcome, Ruling};
use super::routes::is_in_scope;

/// What becomes of a group.
enum Fate {
    /// It takes this many IDs.
    Assign(u32),
    /// It has these already.
    Existing(Vec<String>),
    /// It gets none, for this reason.
    NoAssign(&'static str),
    /// The record of this ID is brought up to date.
    Amend(Vec<String>),
    /// The reporter is asked.
    NeedInfo(&'static str),
    /// A question is open.
    Open,
}

/// The outcome of what the findings are; nothing while a question is open.
///
/// Source: process section 2.3, stages C4b, D and E.
pub(super) fn include(
    matter: &Matter<'_>,
    sheet: &Sheet,
    decision: &mut Decision,
) -> Option<Ruling> {
    // Never disclosed: that decides, whatever else is open.
    if let Some(reply) = sheet.case("E1").filter(|reply| reply.value == "no")
        && reply.overriding.is_none()
        && !decision
            .verdicts
            .values()
            .all(|verdict| *verdict == Verdict::NotVulnerable)
    {
        decision.rest_on(matter.pack, reply, None);
        return Some(no_assign("private"));
    }
    if let Some(ruling) = asked_first(matter, decision) {
        return Some(ruling);
    }
    if decision
        .verdicts
        .values()
        .any(|verdict| *verdict == Verdict::Open)
    {
        needs(sheet, decision);
        return None;
    }
    let groups = group(matter, sheet, decision);
    let vulnerable: Vec<Vec<usize>> = groups
        .into_iter()
        .filter(|members| is_vulnerable(matter, sheet, decision, members))
        .collect();
    if vulnerable.is_empty() {
        return Some(without(decision));
    }
    let fates: Vec<Fate> = vulnerable
        .iter()
        .map(|members| fate(matter, sheet, decision, members))
        .collect();
    // What the count of one group lacks is lacking for the outcome.
    if decision.missing.iter().any(|missing| missing.node != "D8") {
        needs(sheet, decision);
        return None;
    }
    concluded(sheet, decision, vulnerable, fates)
}

/// NEED_INFO and CONSULT come before any count.
fn asked_first(matter: &Matter<'_>, decision: &Decision) -> Option<Ruling> {
    let any = |wanted| decision.verdicts.values().any(|verdict| *verdict == wanted);
    if any(Verdict::NeedInfo) {
        return Some(Ruling::about(Outcome::NeedInfo, matter.missing.to_vec()));
    }
    any(Verdict::Consult).then(|| Ruling::plain(Outcome::Consult))
}

/// The outcome when nothing is a vulnerability.
fn without(decision: &Decision) -> Ruling {
    let any = |wanted| decision.verdicts.values().any(|verdict| *verdict == wanted);
    if any(Verdict::Teaching) {
        no_assign("teaching")
    } else if any(Verdict::NeverPublic) {
        no_assign("never_public")
    } else {
        Ruling::plain(Outcome::NotVulnerability)
    }
}

fn no_assign(reason: &str) -> Ruling {
    Ruling::about(Outcome::NoAssign, vec![reason.to_owned()])
}

fn group(matter: &Matter<'_>, sheet: &Sheet, decision: &mut Decision) -> Vec<Vec<usize>> {
    let claims = matter.findings;
    let mut open = Vec::new();
    let mut unsure = false;
    let mut rest = Vec::new();
    let mut ties = vec![Tie::Separate; claims.len() * claims.len()];
    for one in 0..claims.len() {
        for other in one + 1..claims.len() {
            let (a, b) = (&claims[one].name, &claims[other].name);
            let both = [a, b].map(|name| decision.verdicts.get(name));
            let both = both
                .iter()
                .all(|verdict| *verdict == Some(&Verdict::Vulnerable));
            let (chain, fixable) = (sheet.pair("D2", a, b), sheet.pair("D1", a, b));
            // `single` is said of a report with one finding, and answers
            // nothing once there are two.
            let fixable = fixable.filter(|reply| reply.value != "single");
            let chained = chain.filter(|reply| reply.value == "yes");
            // A finding that is none alone joins another only by a chain, or
            // where the two together were found to be one (C4b).
            let combined = |name: &String, with: &String| {
                let reply = sheet.finding("C4b", name);
                reply.is_some_and(|reply| {
                    reply.value == "yes" && (reply.names.is_empty() || reply.names.contains(with))
                })
            };
            let tie = if let Some(reply) = chained {
                rest.push((reply.clone(), format!("{a}, {b}")));
                Tie::Together
            } else if combined(a, b) || combined(b, a) {
                Tie::Together
            } else if !both {
                Tie::Separate
            } else {
                match fixable {
                    None => {
                        open.push(format!("{a}, {b}"));
                        Tie::Separate
                    }
                    Some(reply) => {
                        rest.push((reply.clone(), format!("{a}, {b}")));
                        unsure |= reply.value == "unsure";
                        let apart = (reply.value == "yes") != reply.overriding.is_some();
                        if apart { Tie::Separate } else { Tie::Together }
                    }
                }
            };
            ties[one * claims.len() + other] = tie;
        }
    }
    for about in open {
        decision.lacks("D1", &about);
    }
    for (reply, about) in rest {
        decision.rest_on(matter.pack, &reply, Some(&about));
    }
    // With one finding, `unsure` is said of what may be several.
    let alone = sheet
        .case("D1")
        .is_some_and(|reply| reply.value == "unsure");
    decision.needs_confirmation |= unsure || alone;
    counting::groups(claims.len(), |one, other| ties[one * claims.len() + other])
}

/// A group is judged as a whole.
fn is_vulnerable(
    matter: &Matter<'_>,
    sheet: &Sheet,
    decision: &Decision,
    members: &[usize],
) -> bool {
    let name = |place: &usize| matter.findings[*place].name.as_str();
    let any = |wanted| {
        members
            .iter()
            .any(|place| decision.verdicts.get(name(place)) == Some(&wanted))
    };
    let combined = |place: &usize| {
        let reply = sheet.finding("C4b", name(place));
        reply.is_some_and(|reply| reply.value == "yes")
    };
    any(Verdict::Vulnerable) || (members.len() > 1 && members.iter().any(combined))
}

fn fate(matter: &Matter<'_>, sheet: &Sheet, decision: &mut Decision, members: &[usize]) -> Fate {
    let claims: Vec<&Claim> = members
        .iter()
        .map(|place| &matter.findings[*place])
        .collect();
    let names: Vec<&str> = claims.iter().map(|claim| claim.name.as_str()).collect();
    let about = names.join(", ");
    let get = |node: &str| names.iter().find_map(|name| sheet.finding(node, name));
    if let Some(earlier) = related(get("D6"), decision) {
        return earlier;
    }
    match get("E1") {
        None => {
            decision.lacks("E1", &about);
            return Fate::Open;
        }
        Some(reply) if reply.value == "unknown" => return Fate::NeedInfo("disclosure plan"),
        Some(reply) if reply.value == "no" && reply.overriding.is_none() => {
            decision.rest_on(matter.pack, reply, Some(&about));
            return Fate::NoAssign("private");
        }
        Some(_) => {}
    }
    match get("E4") {
        None => {
            decision.lacks("E4", &about);
            return Fate::Open;
        }
        Some(reply) if reply.value == "yes" => {
            decision.rest_on(matter.pack, reply, Some(&about));
            return Fate::Existing(reply.names.clone());
        }
        Some(reply) if reply.value == "unsure" && !reply.names.is_empty() => {
            let notes = reply
                .names
                .iter()
                .map(|id| format!("NOTE: this may overlap {id}."));
            decision.notes.extend(notes);
        }
        Some(_) => {}
    }
    if let Some(reply) = get("D7") {
        decision.rest_on(matter.pack, reply, Some(&about));
    }
    spread(
        matter,
        decision,
        &claims,
        &about,
        [get("D3"), get("D4"), get("D5")],
    )
}

/// What D6 says of an earlier ID, where that ends the count of the group.
fn related(relation: Option<&Reply>, decision: &mut Decision) -> Option<Fate> {
    let reply = relation?;
    let earlier = reply.names.join(" and ");
    match reply.value.as_str() {
        "incomplete_fix_shipped" => decision.notes.push(format!(
            "NOTE: this issue exists because of an incomplete fix for {earlier}."
        )),
        "regression" => decision.notes.push(format!(
            "NOTE: this issue exists because of a {earlier} regression."
        )),
        "incomplete_fix_not_shipped" => return Some(Fate::Existing(reply.names.clone())),
        "same_bug_more_versions" => return Some(Fate::Amend(reply.names.clone())),
        "unsure" => decision.needs_confirmation = true,
        _ => {}
    }
    None
}

fn spread(
    matter: &Matter<'_>,
    decision: &mut Decision,
    claims: &[&Claim],
    about: &str,
    [several, code, way]: [Option<&Reply>; 3],
) -> Fate {
    let mut products: Vec<Part> = Vec::new();
    for part in claims.iter().flat_map(|claim| &claim.products) {
        if !products.contains(part) {
            products.push(part.clone());
        }
    }
    let implementations = claims.iter().map(|claim| claim.implementations).max();
    let relation = match several {
        None if products.len() > 1 => {
            decision.lacks("D3", about);
            return Fate::Open;
        }
        None => "no",
        Some(reply) => reply.value.as_str(),
    };
    let (node, detail) = match relation {
        "yes_code" => ("D4", code),
        "yes_usage" => ("D5", way),
        _ => return Fate::Assign(1),
    };
    let Some(detail) = detail else {
        decision.lacks(node, about);
        return Fate::Open;
    };
    decision.rest_on(matter.pack, detail, Some(about));
    decision.needs_confirmation |= detail.value == "unsure";
    let turned = detail.overriding.is_some();
    let spread = match (node, detail.value.as_str()) {
        _ if turned && detail.value != "yes" => Spread::One,
        ("D4", "yes") => Spread::SharedCode,
        ("D4", _) => Spread::OwnCode,
        (_, "no") => Spread::NoSecureWay,
        _ => Spread::SecureWay,
    };
    Fate::Assign(counting::ids(
        &spread,
        &products,
        implementations.unwrap_or(0),
    ))
}

/// One outcome from the fates of all groups: assigning comes first, because
/// what needs no new ID is said in it.
fn concluded(
    sheet: &Sheet,
    decision: &mut Decision,
    groups: Vec<Vec<usize>>,
    fates: Vec<Fate>,
) -> Option<Ruling> {
    let (mut count, mut existing, mut amended, mut refused) = (0, Vec::new(), Vec::new(), None);
    for (members, fate) in groups.into_iter().zip(fates) {
        let ids = match fate {
            Fate::Assign(ids) => ids,
            Fate::Existing(ids) => {
                existing.extend(ids);
                0
            }
            Fate::Amend(ids) => {
                amended.extend(ids);
                0
            }
            Fate::NoAssign(reason) => {
                refused = Some(reason);
                0
            }
            Fate::NeedInfo(field) => {
                return Some(Ruling::about(Outcome::NeedInfo, vec![field.to_owned()]));
            }
            Fate::Open => return None,
        };
        count += ids;
        decision.groups.push(Group {
            members,
            count: ids,
        });
    }
    decision.existing = existing.clone();
    if count > 0 {
        decision.needs_confirmation |= count > 1;
        needs(sheet, decision);
        return decision.missing.is_empty().then(|| Ruling::assign(count));
    }
    if !amended.is_empty() {
        return Some(Ruling::about(Outcome::Amend, amended));
    }
    if !existing.is_empty() {
        return Some(Ruling::about(Outcome::Existing, existing));
    }
    Some(match refused {
        Some(reason) => no_assign(reason),
        None => Ruling::plain(Outcome::NotVulnerability),
    })
}

/// Adds what an assignment needs and nobody answered.
///
/// Source: process section 2.2, column `needs` of `O-ASSIGN`.
fn needs(sheet: &Sheet, decision: &mut Decision) {
    for node in ["A2", "A4", "A5"] {
        if sheet.case(node).is_none() {
            decision.lacks(node, "");
        }
    }
    if !is_in_scope(sheet) {
        decision.lacks("B2", "");
    }
    // In the order of the stages, so that the first is the next to ask.
    let place = |node: &str| {
        super::tree::nodes()
            .iter()
            .position(|known| known.id == node)
    };
    decision.missing.sort_by_key(|missing| place(missing.node));
}

/// The tags a record gets by the answers.
///
/// Source: process section 2.3, E3, B6, C5; CNA Rules 5.1.11.1, 4.2.17.1.
pub(super) fn tags(sheet: &Sheet, ruling: &Ruling, decision: &mut Decision) {
    if ruling.outcome != Outcome::Assign {
        return;
    }
    let is = |node, value| sheet.case(node).is_some_and(|reply| reply.value == value);
    if is("E3", "yes") {
        decision.tags.push("exclusively-hosted-service");
    }
    if is("B6", "eol_only_covered") {
        decision.tags.push("unsupported-when-assigned");
        decision.notes.push(
            "NOTE: This vulnerability only affects products that are no longer supported by the \
             maintainer."
                .to_owned(),
        );
    }
    if is("C5", "yes") {
        decision.tags.push("disputed");
    }
}
