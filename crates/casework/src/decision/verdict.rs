//! Stage C: whether a finding is a vulnerability.

use super::answers::{Reply, Sheet};
use super::determination::{Decision, Matter, Verdict};
use super::outcome::Outcome;
use super::tree::{self, Step};

/// The special cases, in the order they are asked.
const SPECIAL: [&str; 11] = [
    "C3", "C3a", "C3b", "C3c", "C3d", "C3e", "C3f", "C3g", "C3h", "C3i", "C3j",
];

/// Judges every finding.
pub(super) fn judge(matter: &Matter<'_>, sheet: &Sheet, decision: &mut Decision) {
    for claim in matter.findings {
        let verdict = one(matter, sheet, decision, &claim.name);
        decision.verdicts.insert(claim.name.clone(), verdict);
    }
}

/// Source: process section 2.3, stage C. The order of the questions may be
/// changed, so a later answer that decides stands without the earlier.
fn one(matter: &Matter<'_>, sheet: &Sheet, decision: &mut Decision, name: &str) -> Verdict {
    let get = |node: &str| sheet.finding(node, name);
    let special: Vec<&Reply> = SPECIAL.iter().filter_map(|node| get(node)).collect();
    let judged = get("C4");
    match get("C1") {
        Some(reply) if reply.value == "yes" => {
            decision.rest_on(matter.pack, reply, Some(name));
            return turned(reply, Verdict::Vulnerable);
        }
        None if get("C2").is_none() && special.is_empty() && judged.is_none() => {
            decision.lacks("C1", name);
            return Verdict::Open;
        }
        _ => {}
    }
    match get("C2") {
        Some(reply) if reply.value == "no" => {
            decision.rest_on(matter.pack, reply, Some(name));
            return turned(reply, Verdict::NotVulnerable);
        }
        Some(reply) if reply.value == "unsure" && judged.is_none() && special.is_empty() => {
            return Verdict::NeedInfo;
        }
        None if special.is_empty() && judged.is_none() => {
            decision.lacks("C2", name);
            return Verdict::Open;
        }
        _ => {}
    }
    for reply in &special {
        if let Some(verdict) = special_case(reply) {
            decision.rest_on(matter.pack, reply, Some(name));
            return turned(reply, verdict);
        }
    }
    match judged {
        Some(reply) if reply.value == "unsure" && matter.is_consulted => {
            decision.rest_on_key(matter.pack, reply, Some(name), "decide.undecided");
            Verdict::Vulnerable
        }
        Some(reply) if reply.value == "unsure" => {
            decision.rest_on_key(matter.pack, reply, Some(name), "decide.consult");
            Verdict::Consult
        }
        Some(reply) => {
            decision.rest_on(matter.pack, reply, Some(name));
            let verdict = if reply.value == "yes" {
                Verdict::Vulnerable
            } else {
                Verdict::NotVulnerable
            };
            turned(reply, verdict)
        }
        None => {
            decision.lacks(if special.is_empty() { "C3" } else { "C4" }, name);
            Verdict::Open
        }
    }
}

/// What a special case decides; nothing where it leads on to C4.
fn special_case(reply: &Reply) -> Option<Verdict> {
    match tree::node(&reply.node)?.step(&reply.value)? {
        Step::End(Outcome::NoAssign) if matches!(reply.value.as_str(), "teaching") => {
            Some(Verdict::Teaching)
        }
        Step::End(Outcome::NoAssign) if reply.node == "C3h" => Some(Verdict::Teaching),
        Step::End(Outcome::NoAssign) => Some(Verdict::NeverPublic),
        Step::End(_) => Some(Verdict::NotVulnerable),
        Step::Ask("D8") => Some(Verdict::Vulnerable),
        _ => None,
    }
}

/// The verdict, or its opposite where somebody decided otherwise with a
/// reason; the sheet refuses that for what binds.
fn turned(reply: &Reply, verdict: Verdict) -> Verdict {
    match (&reply.overriding, verdict) {
        (None, verdict) => verdict,
        (Some(_), Verdict::Vulnerable) => Verdict::NotVulnerable,
        (Some(_), _) => Verdict::Vulnerable,
    }
}
