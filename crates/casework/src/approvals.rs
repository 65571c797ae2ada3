//! How many people approve, what a single person may do, and what an
//! administrator may do in an emergency.
//!
//! Source: process section 3.3, rules 3 and 5.

use std::collections::BTreeSet;

use cve::hash::Digest;
use cve::id::CveId;
use cve::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{AuditEvent, DraftRow, EventRow, Reader, ReviewRow, Tx, Visibility};

use crate::case::{self, CaseId, CaseState, Names, Verb};
use crate::clocks::EventKind;
use crate::desk::Desk;
use crate::draft;
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::review;

/// Name of the setting.
const SETTING: &str = "release";

/// Mode of an approval by its author.
pub(crate) const SOLO: &str = "solo";

/// Mode of an approval by the emergency override.
pub(crate) const EMERGENCY: &str = "emergency";

/// Verdict of the review after an emergency.
pub(crate) const AFTER: &str = "after";

/// Most people an organisation may ask for.
const MOST: u8 = 9;

/// How the organisation releases: who has to approve, and what is checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReleaseRule {
    /// How many different people approve a revision; 1 to 9.
    pub approvals: u8,
    /// Solo mode; nothing while it is off.
    pub solo: Option<Solo>,
    /// The profile of the checklist: `default` or `kubernetes`.
    pub profile: String,
    /// Whether private distributors are told before (PC-10).
    pub distributors: bool,
}

/// That authors may approve what they wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Solo {
    /// Why.
    pub reason: String,
    /// Name of whoever set it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A rule to be set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewReleaseRule {
    /// How many different people approve; as before without it.
    pub approvals: Option<u8>,
    /// Whether authors may approve; as before without it.
    pub solo: Option<bool>,
    /// Why solo mode is set.
    pub reason: String,
    /// The profile; as before without it.
    pub profile: Option<String>,
    /// Whether there are private distributors; as before without it.
    pub distributors: Option<bool>,
}

/// Who approved a revision, and how many are needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Votes {
    /// The revision.
    pub revision: i64,
    /// Its digest.
    pub digest: Digest,
    /// Names of those who approved it and whose approval counts.
    pub by: Vec<String>,
    /// How many are needed.
    pub needed: u8,
    /// Whether it is approved.
    pub approved: bool,
    /// `solo`, `emergency`, or empty for what is usual.
    pub mode: String,
    /// The same in words.
    pub words: String,
}

impl Default for ReleaseRule {
    fn default() -> ReleaseRule {
        ReleaseRule {
            approvals: 1,
            solo: None,
            profile: "default".to_owned(),
            distributors: false,
        }
    }
}

impl Desk {
    /// How the organisation releases.
    pub fn release_rule(&self, actor: &Actor) -> Result<ReleaseRule, Error> {
        check(actor, Action::See)?;
        self.store.read(rule)
    }

    /// Sets how the organisation releases; an approval that was complete
    /// stays so.
    ///
    /// Refuses: no number from 1 to 9, solo mode without a reason or beside
    /// more than one approval, a profile that is none.
    pub fn set_release_rule(
        &self,
        actor: &Actor,
        new: &NewReleaseRule,
    ) -> Result<ReleaseRule, Error> {
        check(actor, Action::Administer)?;
        let (actor, new) = (actor.clone(), new.clone());
        self.store.write(move |tx| {
            let rule = changed(rule(tx)?, &new, actor.name(), tx.now())?;
            tx.set(SETTING, &json!(rule).to_string())?;
            tx.audit(AuditEvent {
                actor: actor.name().to_owned(),
                org: String::new(),
                action: "release-rule.set".into(),
                object: "organisation".into(),
                detail: json!(rule),
            });
            Ok::<_, Error>(rule)
        })
    }

    /// Who approved the newest revision of `id`, and how many are needed.
    ///
    /// Refuses: an ID of a case the actor is not on, as one that is not there.
    pub fn votes(&self, actor: &Actor, id: CveId) -> Result<Votes, Error> {
        self.of_record(actor, id, |reader, names| {
            let newest = reader.draft(id)?;
            let newest = newest.ok_or_else(|| Refusal::not_found(format!("a draft of {id}")))?;
            let line = reader.ledger_line(id)?;
            let approved =
                line.is_some_and(|line| line.approved_digest == newest.digest.to_string());
            let rule = rule(reader)?;
            votes(&reader.reviews(id)?, &newest, approved, &rule, names)
        })
    }

    /// Approves a revision in an emergency: alone, with a reason, and with a
    /// review by somebody else to follow within a business day (D-33).
    ///
    /// Takes: `what`, `publish` or `reject`.
    /// Refuses: `reject`, always; no reason; a digest that is not the newest
    /// revision's; blocking findings.
    /// Source: process section 3.3, rule 5.
    pub fn override_approval(
        &self,
        actor: &Actor,
        id: CveId,
        what: &str,
        digest: Digest,
        reason: &str,
    ) -> Result<CaseState, Error> {
        check(actor, Action::Override)?;
        overridable(what)?;
        let reason = reason.trim().to_owned();
        if reason.is_empty() {
            let problem = "it is empty: say why it cannot wait for a second person";
            return Err(Refusal::invalid("reason", problem).into());
        }
        let actor = actor.clone();
        self.store.write(move |tx| {
            let (mut row, mut line) = draft::take(tx, &actor, id, Verb::Review)?;
            if line.state.starts_with("REJECTED") {
                overridable("reject")?;
            }
            let newest = review::newest(tx, id)?;
            if newest.digest != digest {
                return Err(Refusal::Stale {
                    revision: newest.revision,
                    digest: newest.digest.to_string(),
                }
                .into());
            }
            review::refuse_errors(&newest)?;
            let case = CaseId::new(row.id);
            review::insert_override(tx, &actor, case, &newest, &reason)?;
            line.approved_digest = digest.to_string();
            line.approved_by = named(&[actor.name().to_owned()], EMERGENCY);
            line.approved_at = Some(tx.now());
            line.modified = tx.now();
            tx.update_ledger_line(&line)?;
            note(tx, &actor, case, id, EventKind::ApprovalOverridden, &reason)?;
            case::settle(tx, &mut row)
        })
    }

    /// Keeps the review that follows an emergency, and ends its clock.
    ///
    /// Refuses: an ID nobody overrode the approval of, whoever overrode it or
    /// wrote what was approved, no words.
    /// Source: process section 3.3, rule 5.
    pub fn review_override(&self, actor: &Actor, id: CveId, comment: &str) -> Result<(), Error> {
        check(actor, Action::Review)?;
        let comment = comment.trim().to_owned();
        if comment.is_empty() {
            let problem = "it is empty: say what the review found";
            return Err(Refusal::invalid("comment", problem).into());
        }
        let actor = actor.clone();
        self.store.write(move |tx| {
            let (row, _) = draft::take(tx, &actor, id, Verb::Review)?;
            let reviews = tx.reviews(id)?;
            let last = reviews
                .iter()
                .rev()
                .find(|review| review.mode == EMERGENCY)
                .filter(|review| review.verdict == "approve");
            let last = last.ok_or_else(|| {
                let problem = format!("no emergency override of {id} waits for its review");
                Refusal::invalid("cve_id", problem)
            })?;
            let revisions = tx.revisions(id)?;
            let wrote = revisions.iter().any(|revision| {
                revision.digest == last.digest
                    && (revision.author == actor.id() || revision.suggested_by == actor.id())
            });
            if last.reviewer == actor.id() || wrote {
                let reviewer = actor.name().to_owned();
                return Err(Refusal::OwnDraft { reviewer }.into());
            }
            let (case, digest) = (CaseId::new(row.id), last.digest);
            let (revision, kind) = (last.revision, EventKind::OverrideReviewed);
            review::insert_after(tx, &actor, case, id, digest, revision, &comment)?;
            note(tx, &actor, case, id, kind, &comment)
        })
    }
}

/// Whether the emergency override is for this.
fn overridable(what: &str) -> Result<(), Refusal> {
    match what {
        "publish" => Ok(()),
        "reject" => {
            let problem = "`reject`: the emergency override is never available for rejecting a \
                           published record (process 3.3, rule 5); have the rejection reviewed \
                           by a second person";
            Err(Refusal::invalid("for", problem))
        }
        other => {
            let shown: String = other.chars().take(64).collect();
            let problem = format!("`{shown}`, expected `publish`");
            Err(Refusal::invalid("for", problem))
        }
    }
}

fn changed(
    mut rule: ReleaseRule,
    new: &NewReleaseRule,
    by: &str,
    now: Timestamp,
) -> Result<ReleaseRule, Refusal> {
    if let Some(approvals) = new.approvals {
        if !(1..=MOST).contains(&approvals) {
            let problem = format!("{approvals}, expected 1 to {MOST}");
            return Err(Refusal::invalid("approvals", problem));
        }
        rule.approvals = approvals;
    }
    match new.solo {
        Some(true) => {
            let reason = new.reason.trim().to_owned();
            if reason.is_empty() {
                let problem = "it is empty: say why one person has to do both";
                return Err(Refusal::invalid("reason", problem));
            }
            let by = by.to_owned();
            rule.solo = Some(Solo {
                reason,
                by,
                at: now,
            });
        }
        Some(false) => rule.solo = None,
        None => {}
    }
    if rule.solo.is_some() && rule.approvals > 1 {
        let problem = format!(
            "solo mode and {} approvals exclude each other: set `approvals` to 1, or end solo mode",
            rule.approvals
        );
        return Err(Refusal::invalid("solo", problem));
    }
    if let Some(profile) = &new.profile {
        if !matches!(profile.as_str(), "default" | "kubernetes") {
            let shown: String = profile.chars().take(64).collect();
            let problem = format!("`{shown}`, expected `default` or `kubernetes`");
            return Err(Refusal::invalid("profile", problem));
        }
        rule.profile.clone_from(profile);
    }
    rule.distributors = new.distributors.unwrap_or(rule.distributors);
    Ok(rule)
}

pub(crate) fn rule(reader: &mut Reader<'_>) -> Result<ReleaseRule, Error> {
    let Some(text) = reader.setting(SETTING)? else {
        return Ok(ReleaseRule::default());
    };
    serde_json::from_str(&text)
        .map_err(|error| Error::Broken(format!("the setting `{SETTING}` cannot be read: {error}")))
}

/// Those whose approval of `revision` counts: since the last return, each
/// once.
pub(crate) fn approvers(reviews: &[ReviewRow], revision: &DraftRow) -> Vec<String> {
    let mut by: Vec<String> = Vec::new();
    for review in reviews {
        let is_of_it = review.digest == revision.digest && review.revision == revision.revision;
        match review.verdict.as_str() {
            "return" if review.digest == revision.digest => by.clear(),
            "approve" if is_of_it && !by.contains(&review.reviewer) => {
                by.push(review.reviewer.clone());
            }
            _ => {}
        }
    }
    by
}

/// Says whether what was said of a digest came to an approval that stands.
pub(crate) fn stands(reviews: &[ReviewRow], digest: Digest) -> bool {
    let of_it = reviews.iter().rev().filter(|review| {
        review.digest == digest && matches!(review.verdict.as_str(), "approve" | "return")
    });
    let since: Vec<&ReviewRow> = of_it
        .take_while(|review| review.verdict == "approve")
        .collect();
    since.iter().any(|last| {
        let voters: BTreeSet<&str> = since
            .iter()
            .filter(|review| review.revision == last.revision && review.number <= last.number)
            .map(|review| review.reviewer.as_str())
            .collect();
        last.mode == EMERGENCY || voters.len() as i64 >= last.needed
    })
}

fn votes(
    reviews: &[ReviewRow],
    newest: &DraftRow,
    approved: bool,
    rule: &ReleaseRule,
    names: &Names,
) -> Result<Votes, Error> {
    let by: Vec<String> = approvers(reviews, newest)
        .iter()
        .map(|id| names.of(id))
        .collect();
    let mode = mode_of(reviews, newest);
    let words = if by.is_empty() {
        format!("nobody approved it yet, {} needed", rule.approvals)
    } else if approved {
        format!("approved by {}", named(&by, &mode))
    } else {
        format!(
            "{} of {} approvals, by {}",
            by.len(),
            rule.approvals,
            named(&by, &mode)
        )
    };
    Ok(Votes {
        revision: newest.revision,
        digest: newest.digest,
        by,
        needed: rule.approvals,
        approved,
        mode,
        words,
    })
}

/// The strongest exception among the approvals of a revision.
pub(crate) fn mode_of(reviews: &[ReviewRow], revision: &DraftRow) -> String {
    let of_it = |mode: &str| {
        reviews.iter().any(|review| {
            review.digest == revision.digest
                && review.revision == revision.revision
                && review.verdict == "approve"
                && review.mode == mode
        })
    };
    match (of_it(EMERGENCY), of_it(SOLO)) {
        (true, _) => EMERGENCY.to_owned(),
        (false, true) => SOLO.to_owned(),
        _ => String::new(),
    }
}

/// Who approved, with what was out of the ordinary about it.
pub(crate) fn named(by: &[String], mode: &str) -> String {
    let by = by.join(", ");
    match mode {
        SOLO => format!("{by} (solo mode: approved by its author)"),
        EMERGENCY => format!("{by} (emergency override, to be reviewed afterwards)"),
        _ => by,
    }
}

/// Records something of an ID that follows from its publication.
pub(crate) fn note_by_runner(
    tx: &mut Tx<'_>,
    case: CaseId,
    id: CveId,
    kind: EventKind,
) -> Result<(), Error> {
    let row = EventRow {
        number: 0,
        kind: kind.to_string(),
        at: tx.now(),
        subject: id.to_string(),
        date: None,
        severity: String::new(),
        note: String::new(),
        author: "runner".to_owned(),
        recorded: tx.now(),
    };
    tx.insert_case_event(case.number(), &row)?;
    let object = case.to_string();
    tx.change("case.recorded", "", &object, Visibility::Restricted);
    Ok(())
}

/// Records something of an ID that a clock starts or stops with.
pub(crate) fn note(
    tx: &mut Tx<'_>,
    actor: &Actor,
    case: CaseId,
    id: CveId,
    kind: EventKind,
    words: &str,
) -> Result<(), Error> {
    let row = EventRow {
        number: 0,
        kind: kind.to_string(),
        at: tx.now(),
        subject: id.to_string(),
        date: None,
        severity: String::new(),
        note: words.to_owned(),
        author: actor.id().to_owned(),
        recorded: tx.now(),
    };
    tx.insert_case_event(case.number(), &row)?;
    let object = case.to_string();
    tx.change("case.recorded", "", &object, Visibility::Restricted);
    tx.audit(AuditEvent {
        actor: actor.name().to_owned(),
        org: String::new(),
        action: format!("case.{}", kind.to_string().replace('_', "-")),
        object: case.object(),
        detail: json!({"cve_id": id, "reason": words}),
    });
    Ok(())
}
