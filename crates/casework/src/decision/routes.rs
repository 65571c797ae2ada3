//! Stage B and the refusal handler: whether somebody else assigns.

use super::answers::{Reply, Sheet};
use super::determination::{Decision, Matter};
use super::outcome::{Outcome, Ruling};
use super::refusal::{Consequence, Refusal, Setting, consequence};

/// Where the case goes, when it does not stay here.
///
/// Source: process section 2.3, stage B.
pub(super) fn route(matter: &Matter<'_>, sheet: &Sheet, decision: &mut Decision) -> Option<Ruling> {
    let refusal = sheet.case("refusal");
    if let Some((reply, kind)) =
        refusal.and_then(|reply| Refusal::of(&reply.value).map(|kind| (reply, kind)))
    {
        let by = organisation(matter, sheet, reply);
        let setting = Setting {
            is_public: is_public(matter, sheet),
            is_in_our_scope: is_in_scope(sheet),
            by: by.as_deref().unwrap_or_default(),
            us: matter.us,
        };
        match consequence(kind, &setting, matter.hierarchy, matter.pack) {
            Consequence::GoOn(key) => {
                decision.rest_on_key(matter.pack, reply, None, key);
                return None;
            }
            Consequence::End(ruling, key) => {
                decision.rest_on_key(matter.pack, reply, None, key);
                return Some(ruling);
            }
            Consequence::Wait => {}
        }
    }
    if let Some(asked) = sheet.case("A5").filter(|reply| reply.value == "yes") {
        decision.rest_on(matter.pack, asked, None);
        if asked.overriding.is_none() {
            return Some(Ruling::about(Outcome::Coordinate, asked.names.clone()));
        }
    }
    by_scope(matter, sheet, decision)
}

fn by_scope(matter: &Matter<'_>, sheet: &Sheet, decision: &mut Decision) -> Option<Ruling> {
    let place = sheet.case("B1").map(|reply| reply.value.as_str());
    if place == Some("unknown") {
        return Some(Ruling::about(Outcome::NeedInfo, vec!["product".into()]));
    }
    let own = sheet.case("B2");
    if let Some(unclear) = own.filter(|reply| reply.value == "unclear") {
        decision.rest_on(matter.pack, unclear, None);
        let root = matter.hierarchy.root_of(matter.us).map(str::to_owned);
        return Some(Ruling::about(
            Outcome::RouteRoot,
            root.into_iter().collect(),
        ));
    }
    let outside = own.filter(|reply| reply.value == "no");
    if let Some(reply) = outside {
        decision.rest_on(matter.pack, reply, None);
    }
    if place == Some("upstream") || place.is_none() {
        match sheet.case("B4") {
            Some(reply) if reply.value == "cna" => {
                decision.rest_on(matter.pack, reply, None);
                return routed(matter, sheet, decision, reply, Outcome::RouteUpstream);
            }
            Some(reply) if reply.value == "not_cna_out_of_scope" => {
                decision.rest_on(matter.pack, reply, None);
                return last_resort(matter);
            }
            None if place.is_some() => decision.lacks("B4", ""),
            _ => {}
        }
    }
    let elsewhere = outside.is_some() || place == Some("other");
    if elsewhere || place.is_none() {
        match sheet.case("B3") {
            Some(reply) if reply.value == "supplier_cna" && !is_waived(sheet) => {
                decision.rest_on(matter.pack, reply, None);
                return routed(matter, sheet, decision, reply, Outcome::RouteCna);
            }
            // A waived first refusal opens the way for us only inside our scope.
            Some(reply) if reply.value == "supplier_cna" && !is_in_scope(sheet) => {
                decision.rest_on_key(matter.pack, reply, None, "request.free-path");
                return last_resort(matter);
            }
            Some(reply) if reply.value == "nobody" => {
                decision.rest_on(matter.pack, reply, None);
                return last_resort(matter);
            }
            None if elsewhere && !is_in_scope(sheet) => decision.lacks("B3", ""),
            _ => {}
        }
    }
    overlapping(matter, sheet, decision)
}

fn overlapping(matter: &Matter<'_>, sheet: &Sheet, decision: &mut Decision) -> Option<Ruling> {
    if let Some(reply) = sheet.case("B5").filter(|reply| reply.value == "not_agreed") {
        decision.rest_on(matter.pack, reply, None);
        let above = reply.names.iter().map(String::as_str);
        let common = above.fold(None, |common: Option<String>, name| {
            let from = common.unwrap_or_else(|| matter.us.to_owned());
            Some(matter.hierarchy.lowest_common(&from, name))
        });
        return Some(Ruling::about(
            Outcome::RouteRoot,
            common.into_iter().collect(),
        ));
    }
    let excluded = sheet
        .case("B6")
        .filter(|reply| reply.value == "eol_only_excluded")?;
    decision.rest_on(matter.pack, excluded, None);
    last_resort(matter)
}

fn routed(
    matter: &Matter<'_>,
    sheet: &Sheet,
    decision: &mut Decision,
    reply: &Reply,
    outcome: Outcome,
) -> Option<Ruling> {
    let Some(org) = organisation(matter, sheet, reply) else {
        // An outcome that names nobody is not issued.
        decision.lacks(
            if outcome == Outcome::RouteCna {
                "B3"
            } else {
                "B4"
            },
            "organisation",
        );
        return None;
    };
    Some(Ruling::about(outcome, vec![org]))
}

/// The organisation an answer names, or B3's or B4's, or the supplier.
fn organisation(matter: &Matter<'_>, sheet: &Sheet, reply: &Reply) -> Option<String> {
    let named = |reply: &Reply| reply.names.first().cloned();
    let elsewhere = || {
        ["B3", "B4", "A5"]
            .iter()
            .find_map(|node| sheet.case(node).and_then(named))
    };
    let supplier = || {
        matter
            .findings
            .iter()
            .find_map(|claim| claim.supplier.clone())
    };
    let supplier = || supplier().filter(|org| org != matter.us);
    named(reply).or_else(elsewhere).or_else(supplier)
}

/// Nothing when we are the CNA of last resort: then the decision goes on.
fn last_resort(matter: &Matter<'_>) -> Option<Ruling> {
    let lr = matter.hierarchy.last_resort_of(matter.us);
    let ours = lr == Some(matter.us);
    let about = lr.map(str::to_owned).into_iter().collect();
    (!ours).then(|| Ruling::about(Outcome::RouteLr, about))
}

/// Whether the CNA with the better scope lost its first word by its terms.
///
/// Source: CNA Rules 3.2.4.2.
fn is_waived(sheet: &Sheet) -> bool {
    sheet.case("B7").is_some_and(|reply| reply.value == "no")
}

/// Whether the answers put it inside our scope. `no` to B2 is never undone by
/// another answer: the hard gate.
pub(super) fn is_in_scope(sheet: &Sheet) -> bool {
    let is = |node, value| sheet.case(node).is_some_and(|reply| reply.value == value);
    if is("B2", "no") || is("B2", "unclear") {
        return false;
    }
    is("B2", "yes") || is("B3", "our_research_scope") || is("B4", "not_cna_in_scope")
}

/// Whether it is Publicly Disclosed.
pub(super) fn is_public(matter: &Matter<'_>, sheet: &Sheet) -> bool {
    let said = sheet.case("A3");
    let said =
        said.map(|reply| matches!(reply.value.as_str(), "public_own" | "public_third_party"));
    matter.is_public.or(said).unwrap_or(false)
}
