//! What a decision makes somebody do.

use super::answers::Sheet;
use super::determination::{Decision, Matter};
use super::outcome::{Outcome, Ruling};
use super::routes::is_public;

/// A task that follows from a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Task {
    /// Its key; never changes.
    pub key: &'static str,
    /// What has to be done.
    pub words: &'static str,
    /// Stable key of the rule that asks for it; empty for our own.
    pub rule: &'static str,
}

const fn task(key: &'static str, rule: &'static str, words: &'static str) -> Task {
    Task { key, words, rule }
}

/// Every task.
pub const TASKS: &[Task] = &[
    task(
        "reporter_gets_id",
        "notify.reporter",
        "tell the reporter the ID",
    ),
    task(
        "repeat_embargo_terms",
        "notify.reporter",
        "repeat the terms of the embargo with the ID",
    ),
    task(
        "notify_supplier",
        "notify.supplier",
        "make a good-faith effort to tell the supplier",
    ),
    task(
        "notify_public_contact",
        "scope.upstream",
        "notify the other CNA through its public contact",
    ),
    task(
        "defer",
        "scope.upstream",
        "leave the other CNA the first word",
    ),
    task(
        "watch",
        "",
        "keep watch over what the other organisation does",
    ),
    task(
        "cite_upstream_id",
        "scope.upstream",
        "cite its ID in our advisory later",
    ),
    task(
        "refer_reporter",
        "notify.other-scope",
        "refer the reporter or notify that CNA",
    ),
    task("give_reason", "eol.refused", "give the reporter the reason"),
    task(
        "offer_escalation",
        "eol.refused",
        "show the reporter the way to the CNA of last resort",
    ),
    task(
        "cite_existing_id",
        "vuln.dependency-update",
        "cite the existing ID in our advisory; no record of ours",
    ),
    task(
        "contact_asked_cna",
        "request.asked-elsewhere",
        "contact the CNA that was asked",
    ),
    task(
        "wait_first_refusal",
        "refusal.first",
        "wait for its answer, at most 72 hours when it is public",
    ),
    task(
        "tell_requester",
        "request.asked-elsewhere",
        "tell the requester who decides",
    ),
    task(
        "split_follow_up",
        "count.uncertain",
        "find out whether it is several, and split then",
    ),
    task(
        "end_of_life_reference",
        "eol.assign",
        "name a page about the end of support or the upgrade",
    ),
    task(
        "confirm_count",
        "",
        "have a second trained person confirm the count",
    ),
    task(
        "record_consultation",
        "decide.consult",
        "write down who was asked and what they said",
    ),
    task(
        "coordinate_public",
        "request.public-coordinate",
        "coordinate with the CNAs concerned and the CNA of last resort",
    ),
    task(
        "explain_dispute",
        "decide.dispute",
        "tell the reporter how to dispute the decision",
    ),
    task(
        "vendors_list_products",
        "count.no-secure-way",
        "have every vendor list its products under the one ID",
    ),
    task(
        "use_dispute_process",
        "refusal.private",
        "use the dispute procedure",
    ),
    task(
        "consult_supplier_cna",
        "refusal.first",
        "the CNA of last resort asks the supplier's CNA first",
    ),
    task(
        "reject_assigned",
        "assign.becomes-public",
        "reject the ID that was assigned",
    ),
    task(
        "keep_dispute_note",
        "dispute.tag",
        "tag the record and explain who disputes it and why",
    ),
    task(
        "update_advisory",
        "advisory.agrees",
        "bring the advisory up to date with the record",
    ),
    task("answer_requester", "update.weigh", "answer whoever asked"),
    task(
        "inform_root",
        "refusal.public",
        "tell the Root that the CNA refused or was silent",
    ),
];

/// Adds the tasks of an outcome.
pub(super) fn add(matter: &Matter<'_>, sheet: &Sheet, ruling: &Ruling, decision: &mut Decision) {
    let is = |node, value| sheet.case(node).is_some_and(|reply| reply.value == value);
    // What it was when it was answered: an ID is given before a disclosure.
    let said = sheet
        .case("A3")
        .map(|reply| reply.value.starts_with("public"));
    let public = said.unwrap_or_else(|| is_public(matter, sheet));
    let mut add = |keys: &[&'static str]| decision.tasks.extend(keys);
    match ruling.outcome {
        Outcome::Assign => {
            add(&["reporter_gets_id"]);
            if !public {
                add(&["repeat_embargo_terms"]);
            }
            if public {
                add(&["coordinate_public"]);
            }
            if is("B1", "other") || is("B1", "upstream") {
                add(&["notify_supplier"]);
            }
            if is("D1", "unsure") {
                add(&["split_follow_up"]);
            }
            if is("D5", "no") {
                add(&["vendors_list_products"]);
            }
            if is("C5", "yes") {
                add(&["keep_dispute_note"]);
            }
        }
        Outcome::RouteUpstream => add(&[
            "notify_public_contact",
            "defer",
            "watch",
            "cite_upstream_id",
        ]),
        Outcome::RouteCna => add(&["refer_reporter", "watch"]),
        Outcome::RouteLr => {
            add(&["watch"]);
            if is("B6", "eol_only_excluded") {
                add(&["give_reason", "offer_escalation"]);
            } else {
                add(&["notify_supplier"]);
            }
            if is("B3", "supplier_cna") {
                add(&["consult_supplier_cna"]);
            }
        }
        Outcome::RouteRoot => {
            add(&["watch"]);
            if sheet.case("refusal").is_some() {
                add(&["inform_root"]);
            }
        }
        Outcome::Existing => add(&["cite_existing_id"]),
        Outcome::Coordinate => add(&["contact_asked_cna", "wait_first_refusal", "tell_requester"]),
        Outcome::Consult => add(&["record_consultation"]),
        Outcome::NotVulnerability => add(&["explain_dispute"]),
        Outcome::Dispute => add(&["use_dispute_process"]),
        Outcome::Amend => add(&["update_advisory", "answer_requester"]),
        Outcome::Forward => add(&["answer_requester"]),
        Outcome::NoAssign | Outcome::Reject | Outcome::NeedInfo | Outcome::Close => {}
    }
    if matter.is_consulted {
        add(&["record_consultation"]);
    }
    let eol = decision.tags.contains(&"unsupported-when-assigned");
    if eol {
        decision.tasks.push("end_of_life_reference");
    }
    // Findings have answers of their own about D1.
    let unsure = decision
        .grounds
        .iter()
        .any(|ground| ground.node == "D1" && ground.value == "unsure");
    if unsure && !decision.tasks.contains(&"split_follow_up") {
        decision.tasks.push("split_follow_up");
    }
    if decision.needs_confirmation && ruling.outcome == Outcome::Assign {
        decision.tasks.push("confirm_count");
    }
}
