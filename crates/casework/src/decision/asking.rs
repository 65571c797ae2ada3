//! What to ask next: the tree for the whole report, then for each finding,
//! each pair and each vulnerability.
//!
//! The outcome is [`super::decide`]'s alone; this only leads people through the
//! questions in an order, optional ones among them.

use super::answers::{About, Reply, Sheet};
use super::determination::{Claim, Decision, Verdict};
use super::outcome::Outcome;
use super::tree::{self, Step};

/// A question, and what it is asked about.
pub(super) type Asked = (&'static str, About);

/// The way through the questions.
#[derive(Debug, Default)]
pub(super) struct Walk {
    /// The questions passed, in order, each once.
    pub(super) path: Vec<&'static str>,
    /// The question to ask next.
    pub(super) next: Option<Asked>,
}

/// How a part of the way ended.
enum Along {
    /// At a question that has no answer.
    Open(&'static str),
    /// At an end of the tree.
    Ended,
    /// Where the next part begins.
    Arrived,
}

/// Walks the questions of a case.
///
/// Gives: the next question; none when the outcome needs no more. An
/// assignment can be issued before the optional questions are answered, so
/// they are still asked.
pub(super) fn walk(claims: &[Claim], sheet: &Sheet, decision: &Decision) -> Walk {
    let mut walk = Walk::default();
    let next = walk.all(claims, sheet, decision);
    walk.next = match decision.ruling.as_ref().map(|ruling| ruling.outcome) {
        None => next.or_else(|| missing(claims, decision)),
        Some(Outcome::Assign) => next,
        // Before a finding of several is let go, C4b asks about the others.
        Some(Outcome::NotVulnerability) => next.filter(|(node, _)| *node == "C4b"),
        Some(_) => None,
    };
    walk
}

impl Walk {
    fn all(&mut self, claims: &[Claim], sheet: &Sheet, decision: &Decision) -> Option<Asked> {
        match self.along("A1", |node| sheet.case(node), |node| node.starts_with('C')) {
            Along::Open(node) => return Some((node, About::Case)),
            Along::Ended => return None,
            Along::Arrived => {}
        }
        self.findings(claims, sheet, decision)
            .or_else(|| self.pairs(claims, sheet, decision))
            .or_else(|| self.vulnerabilities(claims, sheet, decision))
    }

    /// Stage C, finding by finding.
    fn findings(&mut self, claims: &[Claim], sheet: &Sheet, decision: &Decision) -> Option<Asked> {
        for claim in claims {
            let get = |node: &str| sheet.finding(node, &claim.name);
            if let Along::Open(node) = self.along("C1", get, |node| node.starts_with('D')) {
                return Some((node, about(claims, &claim.name)));
            }
            let verdict = decision.verdicts.get(&claim.name);
            let fell = verdict == Some(&Verdict::NotVulnerable);
            if claims.len() > 1 && fell && get("C4b").is_none() {
                return Some(("C4b", about(claims, &claim.name)));
            }
        }
        None
    }

    /// D1 and D2, pair by pair.
    fn pairs(&mut self, claims: &[Claim], sheet: &Sheet, decision: &Decision) -> Option<Asked> {
        let is_one =
            |claim: &Claim| decision.verdicts.get(&claim.name) == Some(&Verdict::Vulnerable);
        for (place, one) in claims.iter().enumerate() {
            for other in &claims[place + 1..] {
                if !is_one(one) || !is_one(other) {
                    continue;
                }
                let pair = |node| sheet.pair(node, &one.name, &other.name);
                if pair("D2").is_some_and(|reply| reply.value == "yes") {
                    continue;
                }
                let asked = About::pair(&one.name, &other.name);
                match pair("D1").filter(|reply| reply.value != "single") {
                    None => return Some(("D1", asked)),
                    Some(reply) if reply.value == "yes" && pair("D2").is_none() => {
                        return Some(("D2", asked));
                    }
                    Some(_) => {}
                }
            }
        }
        None
    }

    /// D3 to D8 and stage E.
    fn vulnerabilities(
        &mut self,
        claims: &[Claim],
        sheet: &Sheet,
        decision: &Decision,
    ) -> Option<Asked> {
        let any = |wanted| decision.verdicts.values().any(|verdict| *verdict == wanted);
        if !any(Verdict::Vulnerable) || any(Verdict::NeedInfo) || any(Verdict::Consult) {
            return None;
        }
        let counted = missing(claims, decision).filter(|(node, _)| node.starts_with('D'));
        if counted.is_some() {
            return counted;
        }
        let get = |node: &str| {
            let own = || {
                claims
                    .iter()
                    .find_map(|claim| sheet.finding(node, &claim.name))
            };
            sheet.case(node).or_else(own)
        };
        if let [_] = claims {
            let several = get("D3").is_some_and(|reply| reply.value != "no");
            let from = if several { "E1" } else { "D8" };
            return match self.along(from, get, |_| false) {
                Along::Open(node) => Some((node, About::Case)),
                Along::Ended | Along::Arrived => None,
            };
        }
        // Of several, what an outcome lacks is asked about each; the rest once.
        let lacks =
            |node: &'static str| missing(claims, decision).filter(|(found, _)| *found == node);
        for node in ["E1", "E3", "E4", "E6"] {
            let asked = match node {
                // One plan of disclosure holds for all, unless somebody says otherwise.
                "E1" => lacks(node).map(|_| (node, About::Case)),
                "E4" => lacks(node),
                _ => sheet.case(node).is_none().then_some((node, About::Case)),
            };
            if asked.is_some() {
                return asked;
            }
            self.path.push(node);
        }
        None
    }

    fn along<'a>(
        &mut self,
        from: &'static str,
        get: impl Fn(&str) -> Option<&'a Reply>,
        until: impl Fn(&str) -> bool,
    ) -> Along {
        let mut at = from;
        loop {
            if until(at) {
                return Along::Arrived;
            }
            let Some(reply) = get(at) else {
                return Along::Open(at);
            };
            if !self.path.contains(&at) {
                self.path.push(at);
            }
            match tree::node(at).and_then(|node| node.step(&reply.value)) {
                Some(Step::Ask(next)) => at = next,
                Some(Step::End(_) | Step::Counted) | None => return Along::Ended,
            }
        }
    }
}

/// Of one finding alone, everything is said of the whole report.
fn about(claims: &[Claim], name: &str) -> About {
    if claims.len() == 1 {
        About::Case
    } else {
        About::Finding(name.to_owned())
    }
}

/// The first question the outcome lacks.
fn missing(claims: &[Claim], decision: &Decision) -> Option<Asked> {
    let first = decision.missing.first()?;
    Some((first.node, about_of(claims, &first.about)))
}

/// What a missing answer is about: [`super::Missing`] has it in words.
pub(super) fn about_of(claims: &[Claim], words: &str) -> About {
    if claims.len() == 1 {
        return About::Case;
    }
    for (place, one) in claims.iter().enumerate() {
        for other in &claims[place + 1..] {
            if words == format!("{}, {}", one.name, other.name) {
                return About::pair(&one.name, &other.name);
            }
        }
    }
    // A group is named by its members; the first stands for it.
    let mut named: Vec<_> = claims
        .iter()
        .filter(|claim| words == claim.name || words.starts_with(&format!("{}, ", claim.name)))
        .collect();
    named.sort_by_key(|claim| std::cmp::Reverse(claim.name.len()));
    named
        .first()
        .map_or(About::Case, |claim| About::Finding(claim.name.clone()))
}
