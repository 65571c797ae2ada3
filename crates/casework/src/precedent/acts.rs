//! What people try, and the rules that allow or refuse it.

use super::course::Course;
use super::format::Happening;
use crate::clocks::EventKind;
use crate::decision::Outcome;
use crate::lifecycle::checklist::{Readiness, blocks};
use crate::lifecycle::deed::{Deed, may_demote};
use crate::lifecycle::ledger::{Circumstances, IdState};
use crate::lifecycle::rejection::Reason;
use crate::lifecycle::transfer::{Transfer, TransferStep};
use crate::lifecycle::year::{Years, may_reserve};

/// Every action, with the deed it takes; nothing for those of the Program.
pub(crate) const ACTS: &[(&str, Option<Deed>, &str)] = &[
    (
        "reserve",
        Some(Deed::Reserve),
        "reserve the ID `of`, of the year its number says",
    ),
    ("assign", Some(Deed::Assign), "tie the ID `of` to `finding`"),
    (
        "release",
        Some(Deed::Assign),
        "take the ID `of` back to the pool; `to` approves",
    ),
    (
        "confirm_count",
        Some(Deed::ConfirmCount),
        "confirm the count of IDs",
    ),
    ("draft", Some(Deed::Draft), "write `content` for `of`"),
    ("approve", Some(Deed::Approve), "approve what `of` is now"),
    (
        "request_changes",
        Some(Deed::Approve),
        "return `of` for changes",
    ),
    (
        "override_review",
        Some(Deed::OverrideReview),
        "let what `of` is now pass without four eyes, in an emergency, for `reason`; a review afterwards is due; never for a rejection",
    ),
    (
        "publish",
        Some(Deed::Publish),
        "send the record of `of`: checklist, four eyes, content",
    ),
    (
        "reject",
        Some(Deed::Publish),
        "reject `of` for `reason`, replaced by `ids`; what is drafted for it must be approved",
    ),
    (
        "reinstate",
        Some(Deed::Publish),
        "publish the rejected `of` again for `reason`; `to` approves",
    ),
    (
        "transfer_request",
        None,
        "ask that `of` goes to `to`, on the ground `reason`: `scope`, `delay`",
    ),
    (
        "transfer_approve",
        None,
        "the Root approves the transfer of `of`",
    ),
    ("transfer_accept", None, "the receiver accepts `of`"),
    (
        "transfer_execute",
        None,
        "the Secretariat changes the owner of `of`",
    ),
    (
        "grant_role",
        Some(Deed::ManageUsers),
        "give `to` the role `text`",
    ),
    (
        "revoke_role",
        Some(Deed::ManageUsers),
        "take the role `text` from `to`",
    ),
    ("delete", None, "delete an ID or record: never allowed"),
    (
        "renumber",
        None,
        "change an ID that is public: never allowed",
    ),
    ("may", None, "try the deed `text`, and do nothing"),
];

impl Course {
    /// Tries an action.
    ///
    /// Refuses: what is no action, or lacks what it needs. That it is not
    /// allowed is a result.
    pub(crate) fn act(&mut self, event: &Happening) -> Result<(), String> {
        let Some((_, deed, _)) = ACTS.iter().find(|(name, ..)| *name == event.what) else {
            return Err("nobody knows such an event or action".into());
        };
        let permitted = match deed {
            Some(deed) => self.permit(*deed, event.by.as_deref())?,
            None => Vec::new(),
        };
        let result = match permitted.is_empty() {
            true => self.done(event)?,
            false => permitted,
        };
        let result = if result.is_empty() {
            Ok(())
        } else {
            Err(result)
        };
        self.note(event, result)
    }

    /// Why a person of ours may not do a deed; nothing when he may.
    fn permit(&self, deed: Deed, by: Option<&str>) -> Result<Vec<String>, String> {
        let name = by.ok_or("it needs `by`: who does it")?;
        let person = self.given.people.get(name);
        let person = person.ok_or_else(|| format!("`{name}` is not among given.people"))?;
        let denied = deed.check(&person.roles, person.is_trained(), None).err();
        Ok(denied
            .into_iter()
            .map(|denied| denied.code().to_owned())
            .collect())
    }

    /// Does it: the reasons for which it is refused, none when it is done.
    fn done(&mut self, event: &Happening) -> Result<Vec<String>, String> {
        let by = event.by.clone().unwrap_or_default();
        let id = event.of.as_ref();
        let refused = |result: Result<(), String>| match result {
            Ok(()) => Vec::new(),
            Err(code) => vec![code],
        };
        Ok(match event.what.as_str() {
            "reserve" => self.reserve(event)?,
            "assign" => self.assign(event)?,
            "release" => {
                let circumstances = Circumstances {
                    is_shared: self.line(id)?.is_shared,
                    four_eyes: self.second(&by, event.to.as_deref()),
                    ..Circumstances::default()
                };
                refused(self.step(id, IdState::Pool, circumstances))
            }
            "confirm_count" => {
                let own = self.sheet.rows().iter().any(|row| row.reply.by == by);
                if own {
                    vec!["second_person".into()]
                } else {
                    self.confirmed = Some(by);
                    Vec::new()
                }
            }
            "draft" => {
                let content = event.content.as_deref().ok_or("it needs `content`")?;
                self.draft(id)?.edit(&by, content);
                if let (Some(record), Some(id)) = (&event.record, id) {
                    self.given.records.insert(id.clone(), record.clone());
                }
                Vec::new()
            }
            "approve" => {
                let result = self.draft(id)?.approve(&by);
                refused(result.map_err(|error| error.code().to_owned()))
            }
            "request_changes" => {
                self.draft(id)?.request_changes();
                Vec::new()
            }
            "override_review" => {
                if event
                    .reason
                    .as_deref()
                    .unwrap_or_default()
                    .trim()
                    .is_empty()
                {
                    return Ok(vec!["reason".into()]);
                }
                let id = event.of.clone().ok_or("it needs `of`: what is drafted")?;
                let draft = self.draft(Some(&id))?;
                draft.approved = Some((draft.content.clone(), by));
                self.overridden.push(id);
                Vec::new()
            }
            "publish" => self.publish(event)?,
            "reject" => self.reject(event)?,
            "reinstate" => {
                let circumstances = Circumstances {
                    four_eyes: self.second(&by, event.to.as_deref()),
                    has_reason: event.reason.is_some(),
                    ..Circumstances::default()
                };
                if self.line(id)?.state.is_rejected() {
                    refused(self.step(id, IdState::Published, circumstances))
                } else {
                    vec!["never".into()]
                }
            }
            "transfer_request" | "transfer_approve" | "transfer_accept" | "transfer_execute" => {
                self.transfer(event)?
            }
            "grant_role" | "revoke_role" => self.change_role(event)?,
            // There is no such action in the product, for anybody.
            "delete" => vec!["never_delete".into()],
            "renumber" => match self.line(id)?.state {
                IdState::Pool => vec!["never_delete".into()],
                _ => vec!["never_renumber".into()],
            },
            _ => {
                let word = event.text.as_deref().ok_or("it needs `text`: a deed")?;
                let deed = Deed::of(word).ok_or_else(|| format!("`{word}` is not a deed"))?;
                self.permit(deed, event.by.as_deref())?
            }
        })
    }

    fn draft(
        &mut self,
        id: Option<&String>,
    ) -> Result<&mut crate::lifecycle::approval::Approval, String> {
        let id = id.ok_or("it needs `of`: what is drafted")?;
        Ok(self.drafts.entry(id.clone()).or_default())
    }

    /// Whether somebody else who is trained approves.
    fn second(&self, by: &str, other: Option<&str>) -> bool {
        let person = other
            .filter(|other| *other != by)
            .and_then(|other| self.given.people.get(other));
        person.is_some_and(super::format::PersonText::is_trained)
    }

    fn reserve(&mut self, event: &Happening) -> Result<Vec<String>, String> {
        let id = event.of.clone().ok_or("it needs `of`: an ID")?;
        let parsed: cve::id::CveId = id.parse().map_err(|error| format!("{error}"))?;
        if self.ids.contains_key(&id) {
            return Ok(vec!["reserved_already".into()]);
        }
        let text = self.now.date();
        let part = |range: std::ops::Range<usize>| {
            text.get(range).and_then(|t| t.parse().ok()).unwrap_or(0)
        };
        let day = (self.now.year().number(), part(5..7), part(8..10));
        if parsed.is_example() && self.given.environment.as_deref() == Some("production") {
            return Ok(vec!["example_id".into()]);
        }
        if self
            .given
            .pool
            .is_some_and(|pool| crate::lifecycle::pool::stand(&pool).quota_left == 0)
        {
            return Ok(vec!["over_quota".into()]);
        }
        // An example ID stands for one of this year.
        if !parsed.is_example()
            && let Err(code) = may_reserve(parsed.year().number(), day)
        {
            return Ok(vec![code.into()]);
        }
        let given = super::format::Given {
            us: self.given.us.clone(),
            ids: [(
                id,
                super::format::IdText {
                    reserved: Some(super::format::Moment(self.now)),
                    ..Default::default()
                },
            )]
            .into(),
            ..Default::default()
        };
        self.ids.extend(super::book::open(&given)?);
        Ok(Vec::new())
    }

    fn assign(&mut self, event: &Happening) -> Result<Vec<String>, String> {
        let finding = event.finding.clone().ok_or("it needs `finding`")?;
        self.about(&finding)?;
        let ruling = self
            .decision
            .as_ref()
            .and_then(|decision| decision.ruling.clone());
        if ruling.is_none_or(|ruling| ruling.outcome != Outcome::Assign) {
            return Ok(vec!["not_determined".into()]);
        }
        let taken = self
            .ids
            .values()
            .filter(|line| line.finding.as_ref() == Some(&finding) && !line.state.is_rejected());
        if taken.count() > 0 {
            return Ok(vec!["has_id".into()]);
        }
        let mut event = event.clone();
        event.finding = Some(finding);
        match self.step(
            event.of.as_ref(),
            IdState::Assigned,
            Circumstances::default(),
        ) {
            Err(code) => Ok(vec![code]),
            Ok(()) => {
                let now = self.now;
                let line = self.line(event.of.as_ref())?;
                line.assigned = Some(now);
                line.finding = event.finding.clone();
                let tick = crate::clocks::Event::new(EventKind::IdAssigned, now);
                self.clock
                    .push(tick.of(event.of.as_deref().unwrap_or_default()));
                Ok(Vec::new())
            }
        }
    }

    fn publish(&mut self, event: &Happening) -> Result<Vec<String>, String> {
        let id = event.of.clone();
        let state = self.line(id.as_ref())?.state;
        let mut because = Vec::new();
        if state.is_rejected() || state == IdState::Transferred {
            because.push("wrong_state".to_owned());
        }
        let name = id.clone().unwrap_or_default();
        if let Some(draft) = self.drafts.get(&name)
            && let Err(error) = draft.check()
        {
            because.push(error.code().to_owned());
        }
        because.extend(
            blocks(&self.readiness(&name))
                .into_iter()
                .map(str::to_owned),
        );
        let content = self.content(&name);
        because.extend(content.errors);
        let open = content.warnings.into_iter();
        because.extend(open.filter(|code| !self.given.acknowledged.contains(code)));
        if because.is_empty() {
            let now = self.now;
            let line = self.line(id.as_ref())?;
            if line.state == IdState::Pool {
                return Ok(vec!["not_assigned".into()]);
            }
            line.state = IdState::Published;
            line.published = line.published.or(Some(now));
            for kind in [EventKind::RecordSubmitted, EventKind::RecordPublished] {
                self.clock
                    .push(crate::clocks::Event::new(kind, now).of(&name));
            }
        }
        Ok(because)
    }

    /// What is so of the checklist when `id` is to be published.
    pub(crate) fn readiness(&self, id: &str) -> Readiness {
        let done = |item: &str| self.given.done.iter().any(|known| known == item);
        let decision = self.decision.as_ref();
        let assigns = decision.is_some_and(|decision| {
            decision
                .ruling
                .as_ref()
                .is_some_and(|ruling| ruling.outcome == Outcome::Assign)
        });
        let confirmed = !decision.is_some_and(|decision| decision.needs_confirmation)
            || self.confirmed.is_some();
        let happened = |kind: EventKind| self.clock.iter().any(|event| event.kind == kind);
        let over = self.given.case.embargo.is_none_or(|end| end.0 <= self.now) || self.is_out();
        let advisory = self.given.advisory.as_ref();
        let reachable = advisory.is_some_and(|advisory| {
            advisory.status == Some(200) && advisory.names_id && !advisory.needs_login
        });
        let content = self.content(id);
        let told = self
            .clock
            .iter()
            .any(|event| event.kind == EventKind::IdGiven && event.subject == id);
        Readiness {
            is_counted: done("PC-01") || (assigns && confirmed),
            is_in_scope: done("PC-02") || (assigns && self.disputes.is_empty()),
            embargo_over: done("PC-03")
                || (self.given.case.embargo.is_some() && over)
                || self.is_out(),
            is_referenced: done("PC-04") || reachable,
            agrees: done("PC-05") || advisory.is_some_and(|advisory| advisory.agrees == Some(true)),
            is_clean: done("PC-06") || (content.is_read && content.errors.is_empty()),
            is_approved: done("PC-07")
                || self
                    .drafts
                    .get(id)
                    .is_some_and(|draft| draft.check().is_ok()),
            reporter_told: done("PC-08") || told,
            others_told: done("PC-09"),
            distributors_told: done("PC-10")
                || happened(EventKind::DistributorsFinalNotice)
                || happened(EventKind::PrivateDisclosureSkipped),
            has_distributors: self
                .profile()
                .is_some_and(|profile| profile.private_distributors),
        }
    }

    /// Whether it is out, by us or by others.
    pub(crate) fn is_out(&self) -> bool {
        use EventKind::{DetailsPublic, Disclosed, ThirdPartyDisclosed};
        let kinds = [Disclosed, DetailsPublic, ThirdPartyDisclosed];
        self.clock.iter().any(|event| kinds.contains(&event.kind))
    }

    fn reject(&mut self, event: &Happening) -> Result<Vec<String>, String> {
        let reason = event.reason.as_deref().ok_or("it needs `reason`: a code")?;
        // What the vendor dislikes, what is old, what is fixed: no reasons.
        let Ok(reason) = reason.parse::<Reason>() else {
            return Ok(vec!["ground_not_allowed".into()]);
        };
        let id = event.of.clone();
        let name = id.clone().unwrap_or_default();
        let line = self.line(id.as_ref())?.clone();
        let mut because = Vec::new();
        if reason.is_replaced() && event.ids.is_empty() {
            because.push("REJ-004".to_owned());
        }
        if event.ids.contains(&name) {
            because.push("REJ-005".to_owned());
        }
        let target_gone = |id: &String| {
            self.ids
                .get(id)
                .is_some_and(|line| line.state.is_rejected())
        };
        if event.ids.iter().any(target_gone) {
            because.push("REJ-005".to_owned());
        }
        if line.state == IdState::Published && self.overridden.contains(&name) {
            because.push("four_eyes".to_owned());
        }
        // Four eyes, always, where a record is taken back.
        if line.state == IdState::Published && !self.drafts.contains_key(&name) {
            because.push("not_approved".to_owned());
        }
        if let Some(draft) = self.drafts.get(&name)
            && let Err(error) = draft.check()
        {
            because.push(error.code().to_owned());
        }
        if because.is_empty()
            && let Err(code) = self.rejected(id.as_ref(), reason, event.ids.clone())
        {
            because.push(code);
        }
        Ok(because)
    }

    fn transfer(&mut self, event: &Happening) -> Result<Vec<String>, String> {
        let id = event.of.clone().ok_or("it needs `of`: an ID")?;
        let by = event.by.clone().unwrap_or_default();
        if event.what == "transfer_request" {
            let to = event.to.clone().ok_or("it needs `to`: the receiver")?;
            let ground = event.reason.clone().unwrap_or_default();
            let from = self.line(Some(&id))?.owner.clone();
            return Ok(match Transfer::request(&id, &from, &to, &ground) {
                Ok(transfer) => {
                    self.transfers.insert(id, transfer);
                    Vec::new()
                }
                Err(error) => vec![error.code().into()],
            });
        }
        let Some(mut transfer) = self.transfers.get(&id).cloned() else {
            return Ok(vec!["order".into()]);
        };
        let root = self.hierarchy.lowest_common(&transfer.from, &transfer.to);
        let secretariat = self.hierarchy.stations.iter();
        let mut secretariat =
            secretariat.filter(|(_, org)| org.roles.iter().any(|role| role == "secretariat"));
        let secretariat = secretariat.next().map_or("secretariat", |(name, _)| name);
        let (step, who) = match event.what.as_str() {
            "transfer_approve" => (TransferStep::Approve, root.as_str()),
            "transfer_accept" => (TransferStep::Accept, transfer.to.as_str()),
            _ => (TransferStep::Execute, secretariat),
        };
        let who = who.to_owned();
        let result = transfer.go(step, &by, &who);
        self.line(Some(&id))?.owner = transfer.owner().to_owned();
        self.transfers.insert(id, transfer);
        Ok(result
            .err()
            .into_iter()
            .map(|error| error.code().to_owned())
            .collect())
    }

    fn change_role(&mut self, event: &Happening) -> Result<Vec<String>, String> {
        let whom = event.to.clone().ok_or("it needs `to`: whose role")?;
        let role = event.text.clone().ok_or("it needs `text`: the role")?;
        let by = event.by.clone().unwrap_or_default();
        let people = &self.given.people;
        let administrators: Vec<&str> = people
            .iter()
            .filter(|(_, person)| person.roles.iter().any(|role| role == "oa"))
            .map(|(name, _)| name.as_str())
            .collect();
        if event.what == "revoke_role"
            && role == "oa"
            && administrators.contains(&whom.as_str())
            && let Err(code) = may_demote(&administrators, &by, &whom)
        {
            return Ok(vec![code.into()]);
        }
        let person = self.given.people.get_mut(&whom);
        let person = person.ok_or_else(|| format!("`{whom}` is not among given.people"))?;
        person.roles.retain(|known| *known != role);
        if event.what == "grant_role" {
            person.roles.push(role);
        }
        Ok(Vec::new())
    }

    /// The years the case knows, for an ID or for the next one.
    pub(crate) fn years(&self) -> Years {
        let first = |kinds: &[EventKind]| {
            let events = self
                .clock
                .iter()
                .filter(|event| kinds.contains(&event.kind));
            events
                .map(|event| event.at)
                .min()
                .map(|at| at.year().number())
        };
        let disclosed = first(&[
            EventKind::Disclosed,
            EventKind::DetailsPublic,
            EventKind::ThirdPartyDisclosed,
        ]);
        let reserved = self.ids.values().filter(|line| line.finding.is_some());
        let reserved = reserved
            .filter_map(|line| line.reserved.or(line.assigned))
            .min();
        Years {
            disclosed,
            published: first(&[EventKind::RecordPublished]),
            reserved: Some(reserved.unwrap_or(self.start).year().number()),
        }
    }
}
