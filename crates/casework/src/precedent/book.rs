//! The ledger of a scenario, and what happens to its lines.

use std::collections::BTreeMap;

use cve::time::Timestamp;

use super::course::Course;
use super::format::{Given, Happening};
use crate::clocks::EventKind;
use crate::lifecycle::dispute::{Dispute, Move};
use crate::lifecycle::ledger::{Circumstances, IdState, step};
use crate::lifecycle::rejection::Reason;

/// A line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) state: IdState,
    pub(crate) owner: String,
    pub(crate) is_shared: bool,
    pub(crate) finding: Option<String>,
    pub(crate) reserved: Option<Timestamp>,
    pub(crate) assigned: Option<Timestamp>,
    pub(crate) disclosed: Option<Timestamp>,
    pub(crate) published: Option<Timestamp>,
    pub(crate) rejected: Option<Timestamp>,
    pub(crate) reason: Option<Reason>,
    pub(crate) replaced_by: Vec<String>,
    pub(crate) tags: Vec<String>,
}

/// The ledger as it is given.
///
/// Refuses: an ID that is none, a state that is none, a finding nobody named.
pub(crate) fn open(given: &Given) -> Result<BTreeMap<String, Line>, String> {
    let mut ids = BTreeMap::new();
    for (id, text) in &given.ids {
        let at = format!("given.ids.{id}");
        id.parse::<cve::id::CveId>()
            .map_err(|error| format!("{at}: {error}"))?;
        let state = match &text.state {
            None => IdState::Pool,
            Some(word) => word
                .parse()
                .map_err(|error| format!("{at}.state: {error}"))?,
        };
        if let Some(finding) = &text.finding
            && !given.findings.contains_key(finding)
        {
            return Err(format!(
                "{at}.finding: `{finding}` is not among given.findings"
            ));
        }
        ids.insert(
            id.clone(),
            Line {
                state,
                owner: text.owner.clone().unwrap_or_else(|| given.us.clone()),
                is_shared: text.shared,
                finding: text.finding.clone(),
                reserved: text.reserved.map(|moment| moment.0),
                assigned: None,
                disclosed: None,
                published: text.published.map(|moment| moment.0),
                rejected: text.rejected.map(|moment| moment.0),
                reason: None,
                replaced_by: text.replaced_by.clone(),
                tags: text.tags.clone(),
            },
        );
    }
    Ok(ids)
}

impl Course {
    /// The line of an ID that is known.
    pub(crate) fn line(&mut self, id: Option<&String>) -> Result<&mut Line, String> {
        let id = id.ok_or("it needs `of`: an ID")?;
        self.ids
            .get_mut(id)
            .ok_or_else(|| format!("`{id}` is not among given.ids"))
    }

    /// Takes an ID to a state, if the table lets it.
    pub(crate) fn step(
        &mut self,
        id: Option<&String>,
        to: IdState,
        given: Circumstances,
    ) -> Result<(), String> {
        let line = self.line(id)?;
        step(line.state, to, given).map_err(|refused| refused.code().to_owned())?;
        line.state = to;
        Ok(())
    }

    /// What an event a clock knows does to IDs and disputes.
    pub(crate) fn witness(&mut self, kind: EventKind, event: &Happening) -> Result<(), String> {
        let now = self.now;
        let id = event.of.as_ref();
        let is_known = id.is_some_and(|id| self.ids.contains_key(id));
        let is_id = id.is_some_and(|id| id.starts_with("CVE-"));
        if is_id && !is_known && kind != EventKind::DisputeFiled {
            // A misspelt ID would start clocks of its own, silently.
            self.line(id)?;
        }
        match kind {
            EventKind::IdAssigned if is_known => {
                self.step(id, IdState::Assigned, Circumstances::default())?;
                let finding = event.finding.clone();
                if let Some(finding) = &finding {
                    self.about(finding)?;
                }
                let line = self.line(id)?;
                line.assigned = Some(now);
                line.finding = finding.or(line.finding.take());
            }
            EventKind::IdGiven if is_known => self.line(id)?.is_shared = true,
            EventKind::Disclosed
            | EventKind::DetailsPublic
            | EventKind::ThirdPartyDisclosed
            | EventKind::IdSeen
                if is_known =>
            {
                let line = self.line(id)?;
                if kind != EventKind::IdSeen {
                    line.disclosed = Some(line.disclosed.map_or(now, |at| at.min(now)));
                }
                line.is_shared = true;
                // Details without the ID do not show the ID.
                let names_it = kind != EventKind::DetailsPublic;
                if names_it && line.state == IdState::Assigned {
                    line.state = IdState::Rbp;
                }
            }
            EventKind::RecordPublished if is_known => {
                // A fact is told, not asked for: a pool ID that has a record
                // was assigned.
                let line = self.line(id)?;
                if line.state == IdState::Pool {
                    line.state = IdState::Assigned;
                }
                if !matches!(line.state, IdState::Published) {
                    let by_fact = Circumstances {
                        four_eyes: true,
                        has_reason: true,
                        ..Circumstances::default()
                    };
                    self.step(id, IdState::Published, by_fact)?;
                }
                let line = self.line(id)?;
                line.published = line.published.or(Some(now));
            }
            EventKind::IdRejected if is_known => {
                let reason = event.reason.as_deref().ok_or("it needs `reason`")?;
                let reason: Reason = reason.parse()?;
                let replaced_by = event.ids.clone();
                self.rejected(id, reason, replaced_by)?;
            }
            EventKind::DisputeFiled
            | EventKind::DisputeAcknowledged
            | EventKind::DisputeAssessed
            | EventKind::DisputeTagged
            | EventKind::DisputeDecided => self.dispute(kind, event)?,
            _ => {}
        }
        Ok(())
    }

    /// Writes a rejection that is allowed.
    pub(crate) fn rejected(
        &mut self,
        id: Option<&String>,
        reason: Reason,
        replaced_by: Vec<String>,
    ) -> Result<(), String> {
        let now = self.now;
        self.step(id, reason.state(), Circumstances::default())?;
        let line = self.line(id)?;
        line.rejected = line.rejected.or(Some(now));
        line.reason = Some(reason);
        line.replaced_by = replaced_by;
        line.tags.clear();
        Ok(())
    }

    /// A dispute goes up, or is heard again.
    pub(crate) fn dispute_on(&mut self, event: &Happening) -> Result<(), String> {
        let id = event.of.clone().ok_or("it needs `of`: what is disputed")?;
        let dispute = self.disputes.get_mut(&id);
        let dispute = dispute.ok_or_else(|| format!("nobody filed a dispute about `{id}`"))?;
        let by = match event.what.as_str() {
            "escalate_dispute" => Move::Escalate,
            _ => Move::Reconsider,
        };
        let result = dispute.go(by).map_err(|error| vec![error.to_string()]);
        self.note(event, result)
    }

    fn dispute(&mut self, kind: EventKind, event: &Happening) -> Result<(), String> {
        let id = event.of.clone().ok_or("it needs `of`: what is disputed")?;
        if kind == EventKind::DisputeFiled {
            let party = event.by.clone().ok_or("it needs `by`: who disputes")?;
            let filed = Dispute::file(&party, event.text.as_deref().unwrap_or_default());
            let result = filed.map(|dispute| drop(self.disputes.insert(id, dispute)));
            return result.map_err(|error| error.to_string());
        }
        let dispute = self
            .disputes
            .get_mut(&id)
            .ok_or_else(|| format!("nobody filed a dispute about `{id}`"))?;
        let word = event.reason.as_deref();
        let by = match (kind, word) {
            (EventKind::DisputeAcknowledged, _) => Move::Acknowledge,
            (EventKind::DisputeAssessed, Some("legitimate")) => Move::Assess { legitimate: true },
            (EventKind::DisputeAssessed, Some("unfounded")) => Move::Assess { legitimate: false },
            (EventKind::DisputeAssessed, _) => {
                return Err("it needs `reason`: `legitimate` or `unfounded`".into());
            }
            (EventKind::DisputeDecided, Some("valid")) => Move::Decide {
                valid: true,
                remedy: event.to.clone(),
            },
            (EventKind::DisputeDecided, Some("invalid")) => Move::Decide {
                valid: false,
                remedy: None,
            },
            (EventKind::DisputeDecided, Some("unresolved")) => Move::LeaveOpen,
            (EventKind::DisputeDecided, _) => {
                return Err("it needs `reason`: `valid`, `invalid` or `unresolved`".into());
            }
            _ => return Ok(()),
        };
        dispute.go(by).map_err(|error| error.to_string())?;
        let (tagged, remedy) = (dispute.is_tagged, dispute.remedy.clone());
        if let Some(line) = self.ids.get_mut(&id) {
            line.tags.retain(|tag| tag != "disputed");
            if tagged {
                line.tags.push("disputed".into());
            }
        }
        if remedy.as_deref() == Some("reject") && self.ids.contains_key(&id) {
            let reason = event.text.as_deref().unwrap_or("not_vuln").parse()?;
            self.rejected(Some(&id), reason, Vec::new())?;
        }
        Ok(())
    }
}
