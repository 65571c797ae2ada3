//! Random people do random things to several cases, while CVE Services has
//! moods; after every step the desk must still be consistent.
//!
//! 200 sequences in the normal run, or as many as `CNA_SEQUENCES` says: 2,000
//! in `.ci/run` and 100,000 in `.ci/long`. Of two hundred, one runs on
//! PostgreSQL. `CNA_SEED=N` runs the sequence a failure named, on each engine;
//! with both, as many as `CNA_SEQUENCES` says from that one on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use casework::{
    About, Action, Actor, CaseId, CaseState, Error, FindingChange, NewAnswer, Role, Verb,
    transitions,
};
use cve::hash::Digest;
use cve::id::CveId;
use serde_json::json;
use store::{FollowupRow, FollowupState};

use crate::office::{Office, assigning_answers, given, report, year};
use crate::services::{Mood, Services};

/// Steps of one sequence.
const STEPS: usize = 40;

/// Cases of one sequence at most.
const CASES: usize = 3;

/// SplitMix64: small, and the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        usize::try_from(z % sides as u64).unwrap()
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.roll(items.len())]
    }
}

/// What is true of a case at a moment, as the store has it.
#[derive(Clone, PartialEq)]
struct Stand {
    state: CaseState,
    ids: Vec<CveId>,
    followups: BTreeMap<String, FollowupState>,
}

struct Sequence<'a> {
    office: &'a Office,
    services: &'a Services,
    dice: Dice,
    people: Vec<Actor>,
    /// Who was put on each case when it was opened.
    members: BTreeMap<CaseId, BTreeSet<String>>,
    stands: BTreeMap<CaseId, Stand>,
    log: Vec<String>,
}

/// What a step did: to which case with which verb, where one may be named.
struct Step {
    what: String,
    verb: Option<Verb>,
    case: Option<CaseId>,
    actor: Option<Actor>,
    result: Result<(), Error>,
}

impl Sequence<'_> {
    fn run(&mut self) {
        for _ in 0..STEPS {
            let step = self.step();
            let ending = match &step.result {
                Ok(()) => "done".to_owned(),
                Err(error) => error.to_string(),
            };
            let by = step.actor.as_ref().map_or("-", |actor| actor.name());
            self.log.push(format!("{by}: {}: {ending}", step.what));
            self.check(&step);
        }
    }

    fn step(&mut self) -> Step {
        let roll = self.dice.roll(100);
        let cases: Vec<CaseId> = self.members.keys().copied().collect();
        if cases.is_empty() || (roll < 4 && cases.len() < CASES) {
            return match self.dice.roll(2) {
                0 => self.receive(),
                _ => self.determined(),
            };
        }
        match roll {
            0..12 => self.run_follow_up(),
            12..16 => self.change_mood(),
            16..18 => self.join(),
            18..20 => {
                self.office.fill_pool();
                plain("the pool gets an ID")
            }
            _ => {
                let case = *self.dice.pick(&cases);
                self.act(case)
            }
        }
    }

    fn receive(&mut self) -> Step {
        let actor = self.dice.pick(&self.people).clone();
        let result = self.office.desk.receive(&actor, &report());
        if let Ok(case) = &result {
            self.opened(*case, &actor);
            assert_eq!(self.stands[case].state, CaseState::Received);
        }
        Step {
            what: "receive".into(),
            verb: None,
            case: None,
            actor: Some(actor),
            result: result.map(drop),
        }
    }

    /// A case that has come as far as its decision, so that enough of them
    /// get to the end.
    fn determined(&mut self) -> Step {
        let case = self.office.determined();
        self.opened(case, &self.office.actor("tri"));
        plain(&format!("case {case} is determined"))
    }

    /// Notes who is on a new case: everybody of the response team, and
    /// whoever filed it.
    fn opened(&mut self, case: CaseId, by: &Actor) {
        let team = self.people.iter().filter(|person| joins(person));
        let mut members: BTreeSet<_> = team.map(|person| person.id().to_owned()).collect();
        members.insert(by.id().to_owned());
        self.members.insert(case, members);
        self.stands.insert(case, self.stand(case));
    }

    fn run_follow_up(&mut self) -> Step {
        let ran = self.office.desk.runner().run_one().unwrap();
        plain(&format!("the runner ran: {ran}"))
    }

    fn change_mood(&mut self) -> Step {
        let moods = [
            Mood::Works,
            Mood::Works,
            Mood::Works,
            Mood::Refuses,
            Mood::Broken,
            Mood::Forgetful,
            Mood::Unauthorized,
            Mood::Short,
        ];
        let mood = *self.dice.pick(&moods);
        self.services.set_mood(mood);
        plain(&format!("CVE Services: {mood:?}"))
    }

    /// Somebody comes late, and is on no case that is there already.
    fn join(&mut self) -> Step {
        let role = *self.dice.pick(&Role::ALL);
        let name = format!("late{}", self.people.len());
        self.people.push(self.office.hire(&name, &[role]));
        plain(&format!("{name} comes as {role}"))
    }

    /// Most often what comes next, by somebody who may; sometimes anything, by
    /// anybody.
    fn act(&mut self, case: CaseId) -> Step {
        use Verb::{
            Answer, Assign, Close, Comment, ConfirmCount, Draft, Finding, Publish, Reopen, Review,
            Take,
        };
        let next = match self.stands[&case].state {
            CaseState::Received => Take,
            CaseState::Triage => *self.dice.pick(&[Answer, Answer, Answer, Answer, Finding]),
            CaseState::Determined => *self.dice.pick(&[
                Assign,
                Assign,
                Assign,
                ConfirmCount,
                ConfirmCount,
                Answer,
                Reopen,
            ]),
            CaseState::Assigned => *self.dice.pick(&[Draft, Review, Review]),
            CaseState::Ready => *self.dice.pick(&[Publish, Publish, Draft, Review]),
            CaseState::Disclosed | CaseState::Published => {
                *self.dice.pick(&[Comment, Draft, Review, Publish])
            }
            CaseState::ClosedRouted | CaseState::ClosedNoResponse | CaseState::Closed => Reopen,
            _ => Answer,
        };
        let any = [
            Take,
            Answer,
            Assign,
            Draft,
            Review,
            Publish,
            Comment,
            Finding,
            ConfirmCount,
            Close,
            Reopen,
        ];
        let verb = match self.dice.roll(4) {
            0 => *self.dice.pick(&any),
            _ => next,
        };
        let mut actor = self.dice.pick(&self.people).clone();
        let allowed = allowed(verb);
        for _ in 0..self.dice.roll(8) {
            if !allowed.iter().any(|role| actor.has(*role)) {
                actor = self.dice.pick(&self.people).clone();
            }
        }
        let (what, result) = self.attempt(verb, case, &actor);
        Step {
            what: format!("case {case} {what}"),
            verb: Some(verb),
            case: Some(case),
            actor: Some(actor),
            result,
        }
    }

    fn attempt(&mut self, verb: Verb, case: CaseId, actor: &Actor) -> (String, Result<(), Error>) {
        let desk = self.office.desk.clone();
        let id = match self.stands[&case].ids.as_slice() {
            [] => "CVE-1900-9999".parse().unwrap(),
            ids => *self.dice.pick(ids),
        };
        match verb {
            Verb::Take => ("take".into(), desk.take(actor, case).map(drop)),
            Verb::Answer => self.answer(case, actor),
            Verb::Assign => (
                "assign".into(),
                desk.assign(actor, case, Some(year())).map(drop),
            ),
            Verb::Draft => self.draft(case, id, actor),
            Verb::Review => self.review(id, actor),
            Verb::Publish => {
                // Often, not always, the reporter was told before (PC-08).
                if self.dice.roll(4) > 0 {
                    let note = "told by mail";
                    let _ = desk.tick(actor, id, "PC-08", "done", note);
                }
                ("publish".into(), desk.publish(actor, id).map(drop))
            }
            Verb::HandBack => {
                let made = desk.propose_hand_back(actor, id, "by mistake");
                ("hand back".into(), made.map(drop))
            }
            Verb::Reject | Verb::Reinstate => {
                let made = desk.propose_reinstate(actor, id, "by mistake", None);
                ("reinstate".into(), made.map(drop))
            }
            Verb::Confirm | Verb::Comment => match self.dice.roll(3) {
                0 => self.retry(case, actor),
                1 => ("view".into(), desk.case(actor, case).map(drop)),
                _ => ("comment".into(), desk.comment(actor, case, "hm")),
            },
            Verb::Leak => {
                let seen = "https://example.org/paste";
                let told = desk.record_leak(actor, case, seen, None, false);
                ("leak".into(), told.map(drop))
            }
            Verb::Finding => self.finding(case, actor),
            Verb::ConfirmCount => self.confirm(case, actor),
            Verb::Close => (
                "close".into(),
                desk.close_case(actor, case, "done").map(drop),
            ),
            Verb::Reopen => (
                "reopen".into(),
                desk.reopen_case(actor, case, "news").map(drop),
            ),
        }
    }

    /// The answer that leads to an ID, most often, to the next question.
    fn answer(&mut self, case: CaseId, actor: &Actor) -> (String, Result<(), Error>) {
        let desk = self.office.desk.clone();
        let ana = self.office.actor("ana");
        let view = desk.case(&ana, case).unwrap();
        let good = assigning_answers();
        let strays = self.dice.roll(12) == 0;
        let (node, value, about) = match view.determination.next {
            Some(next) if !strays => {
                let found = good.iter().find(|(node, _)| *node == next);
                let node = casework::node(next).unwrap();
                let value = match (next, found) {
                    ("D1", _) => *self.dice.pick(&["yes", "yes", "no", "unsure"]),
                    ("D2" | "C4b", _) => *self.dice.pick(&["no", "no", "yes"]),
                    (_, Some((_, given))) => {
                        node.answers
                            .iter()
                            .find(|(v, _)| *v == given.value)
                            .unwrap()
                            .0
                    }
                    (_, None) => node.answers[0].0,
                };
                (next, value, view.determination.next_about.unwrap())
            }
            _ => {
                let node = self.dice.pick(casework::nodes());
                let names: Vec<_> = view.findings.iter().map(|f| f.name.clone()).collect();
                let (one, other) = (self.dice.pick(&names), self.dice.pick(&names));
                let about = match self.dice.roll(3) {
                    0 => About::Case,
                    1 => About::Finding(one.clone()),
                    _ => About::pair(one, other),
                };
                (node.id, self.dice.pick(node.answers).0, about)
            }
        };
        let new = NewAnswer {
            about: about.clone(),
            ..NewAnswer::plain(node, &given(value))
        };
        let result = desk.answer_about(actor, case, &new).map(drop);
        (format!("answer {node} {value} about {about:?}"), result)
    }

    /// Another finding, another name, or one less.
    fn finding(&mut self, case: CaseId, actor: &Actor) -> (String, Result<(), Error>) {
        let desk = self.office.desk.clone();
        let findings = desk.case(&self.office.actor("ana"), case).unwrap().findings;
        let names: Vec<_> = findings.into_iter().map(|finding| finding.name).collect();
        let change = FindingChange {
            name: Some(format!("finding {}", self.dice.roll(5))),
            ..FindingChange::default()
        };
        let one = self.dice.pick(&names).clone();
        match self.dice.roll(4) {
            0 => (
                format!("remove {one:?}"),
                desk.remove_finding(actor, case, &one),
            ),
            1 => (
                format!("rename {one:?} to {:?}", change.name),
                desk.edit_finding(actor, case, &one, &change).map(drop),
            ),
            _ => (
                format!("add {:?}", change.name),
                desk.add_finding(actor, case, &change).map(drop),
            ),
        }
    }

    /// Confirms the count as it is, or as it is not.
    fn confirm(&mut self, case: CaseId, actor: &Actor) -> (String, Result<(), Error>) {
        let desk = self.office.desk.clone();
        let view = desk.case(&self.office.actor("ana"), case).unwrap();
        let digest = match self.dice.roll(8) {
            0 => Digest::of(b""),
            _ => view.determination.digest,
        };
        let result = desk.confirm_count(actor, case, digest, "").map(drop);
        if result.is_ok() {
            let own = view.answers.iter().any(|answer| {
                answer.node.starts_with('D')
                    && !answer.superseded
                    && answer.about.is_some()
                    && answer.answered_by == actor.name()
            });
            assert!(!own, "{} confirmed its own count", actor.name());
        }
        ("confirm the count".into(), result)
    }

    fn draft(&mut self, case: CaseId, id: CveId, actor: &Actor) -> (String, Result<(), Error>) {
        let desk = &self.office.desk;
        let newest = desk.store().read(|reader| reader.draft(id)).unwrap();
        let Some(newest) = newest else {
            return (
                "draft from report".into(),
                desk.draft_from_report(actor, id).map(drop),
            );
        };
        let mut document: serde_json::Value = serde_json::from_str(&newest.document).unwrap();
        // Few titles, so that drafts go back to older texts; a title of
        // nothing is a blocking finding.
        let title = *self.dice.pick(&["First", "Second", "Third", ""]);
        document["cna"]["title"] = json!(title);
        let result = desk.save_draft(actor, id, &document, None).map(drop);
        let _ = case;
        (format!("draft {id} titled {title:?}"), result)
    }

    fn review(&mut self, id: CveId, actor: &Actor) -> (String, Result<(), Error>) {
        let desk = &self.office.desk;
        let revisions = desk.store().read(|reader| reader.revisions(id)).unwrap();
        let digest = match (revisions.as_slice(), self.dice.roll(6)) {
            ([], _) => Digest::of(b""),
            (all, 0) => self.dice.pick(all).digest,
            (all, _) => all[all.len() - 1].digest,
        };
        match self.dice.roll(4) {
            0 => (
                format!("return {id}"),
                desk.return_draft(actor, id, digest, "no").map(drop),
            ),
            _ => {
                let result = desk
                    .approve(actor, id, digest, "", &crate::office::taken())
                    .map(drop);
                if result.is_ok() {
                    self.four_eyes(id, digest, actor);
                    self.office.tell_reporter_as(actor, id);
                }
                (format!("approve {id}"), result)
            }
        }
    }

    /// Whoever approved wrote neither this text nor the newest revision.
    fn four_eyes(&self, id: CveId, digest: Digest, actor: &Actor) {
        let revisions = self.office.desk.store().read(|r| r.revisions(id)).unwrap();
        let newest = revisions.last().unwrap();
        assert_eq!(newest.digest, digest);
        let own = revisions
            .iter()
            .any(|r| r.digest == digest && r.author == actor.id());
        assert!(!own, "{} approved its own text", actor.name());
    }

    fn retry(&mut self, case: CaseId, actor: &Actor) -> (String, Result<(), Error>) {
        let followups: Vec<_> = self.stands[&case].followups.keys().cloned().collect();
        let id = match followups.as_slice() {
            [] => "none".to_owned(),
            ids => self.dice.pick(ids).clone(),
        };
        let result = self.office.desk.retry(actor, case, &id);
        ("retry".into(), result)
    }

    fn check(&mut self, step: &Step) {
        let desk = &self.office.desk;
        assert_eq!(desk.check_states().unwrap(), []);
        let stands: BTreeMap<CaseId, Stand> = self
            .members
            .keys()
            .map(|case| (*case, self.stand(*case)))
            .collect();
        if let Err(error) = &step.result {
            assert!(matches!(error, Error::Refused(_)), "{error}");
            assert!(stands == self.stands, "a refused step changed something");
        }
        for (case, now) in &stands {
            let before = &self.stands[case];
            self.check_transition(*case, before, now, step);
            check_followups(before, now);
        }
        self.check_need_to_know(step);
        let used: Vec<_> = stands.values().flat_map(|stand| &stand.ids).collect();
        let unique: BTreeSet<_> = used.iter().collect();
        assert_eq!(used.len(), unique.len(), "an ID serves two cases");
        for case in stands.keys() {
            self.check_vulnerabilities(*case);
        }
        self.stands = stands;
    }

    /// Each vulnerability has one ID at most, each ID serves one vulnerability,
    /// and a case whose IDs are assigned has one for each. A count that has to
    /// be confirmed has no ID without.
    fn check_vulnerabilities(&self, case: CaseId) {
        let ana = self.office.actor("ana");
        let view = self.office.desk.case(&ana, case).unwrap();
        let number = case.number();
        let store = self.office.desk.store();
        let rows = store.read(|reader| reader.assignments(number)).unwrap();
        let served: BTreeSet<_> = rows.iter().map(|row| (row.finding, row.part)).collect();
        assert_eq!(served.len(), rows.len(), "two IDs serve one vulnerability");
        let ids: BTreeSet<_> = rows.iter().map(|row| row.id).collect();
        assert_eq!(ids.len(), rows.len(), "an ID serves two vulnerabilities");
        let lines: BTreeSet<_> = view.records.iter().map(|record| record.cve_id).collect();
        assert_eq!(ids, lines, "the ledger and the findings differ");
        let decision = &view.determination;
        assert!(
            lines.len() <= decision.count as usize,
            "more IDs than vulnerabilities"
        );
        let all = lines.len() == decision.count as usize;
        let before = matches!(view.summary.state, CaseState::Determined);
        assert!(
            lines.is_empty() || all != before,
            "case {case} in {}",
            view.summary.state
        );
        assert!(
            lines.is_empty() || !decision.needs_confirmation || decision.confirmation.is_some(),
            "an unconfirmed count has an ID"
        );
    }

    fn stand(&self, case: CaseId) -> Stand {
        let number = case.number();
        let read = self.office.desk.store().snapshot(|reader| {
            let state = reader.case(number)?.unwrap().state;
            let ids = reader.ledger_of(number)?;
            let followups: Vec<FollowupRow> = reader.followups_of(&format!("case {case}"))?;
            Ok::<_, store::Error>((state, ids, followups))
        });
        let (state, ids, followups) = read.unwrap();
        let open = followups.iter().filter(|row| {
            row.kind == "record.publish"
                && !matches!(
                    row.state,
                    FollowupState::Done | FollowupState::Held | FollowupState::Failed
                )
        });
        let ids_open = open.count();
        assert!(
            ids_open <= self.approved(&ids),
            "case {case} is published twice"
        );
        Stand {
            state: state.parse().unwrap(),
            ids: ids.iter().map(|line| line.id).collect(),
            followups: followups
                .into_iter()
                .map(|row| (row.id, row.state))
                .collect(),
        }
    }

    /// How many texts of these IDs were approved, each of which is sent once.
    fn approved(&self, lines: &[store::LedgerRow]) -> usize {
        let store = self.office.desk.store();
        let mut digests = BTreeSet::new();
        for line in lines {
            for review in store.read(|reader| reader.reviews(line.id)).unwrap() {
                if review.verdict == "approve" {
                    digests.insert((line.id, review.digest.to_string()));
                }
            }
        }
        digests.len()
    }

    /// What was done to a case is in the table; nothing else changes a state.
    fn check_transition(&self, case: CaseId, before: &Stand, now: &Stand, step: &Step) {
        let done = step.result.is_ok() && step.case == Some(case);
        let verbs: &[Verb] = match step.verb {
            Some(Verb::Comment) if done => &[],
            Some(ref verb) if done => std::slice::from_ref(verb),
            // The runner assigns what it reserved and confirms what it sent.
            None if step.actor.is_none() && before.state != now.state => {
                &[Verb::Assign, Verb::Confirm]
            }
            _ => &[],
        };
        if verbs.is_empty() {
            assert_eq!(before.state, now.state, "case {case}");
            return;
        }
        let (from, to) = (before.state, now.state);
        let known = transitions()
            .iter()
            .any(|t| t.from == from && verbs.contains(&t.verb) && t.to.contains(&to));
        assert!(known, "case {case}: {from} by {verbs:?} to {to}");
    }

    /// Only members got anything; lists show members their cases and no more.
    fn check_need_to_know(&mut self, step: &Step) {
        if let (Some(actor), Some(case), Ok(())) = (&step.actor, step.case, &step.result) {
            assert!(self.members[&case].contains(actor.id()), "not on {case}");
        }
        let actor = self.dice.pick(&self.people).clone();
        let listed = self.office.desk.cases(&actor, 0, 500).unwrap();
        let listed: BTreeSet<CaseId> = listed.iter().map(|case| case.id).collect();
        let own = self.members.iter();
        let own = own.filter(|(_, members)| members.contains(actor.id()));
        let own: BTreeSet<CaseId> = own.map(|(case, _)| *case).collect();
        assert_eq!(listed, own, "{}", actor.name());
        let sees = Action::See.roles().iter().any(|role| actor.has(*role));
        // The lists cost more than all the rest of a step.
        if sees && self.dice.roll(5) == 0 {
            self.check_lists(&actor, &own);
        }
        for case in self.members.keys().filter(|case| !own.contains(case)) {
            self.check_not_there(&actor, *case);
        }
    }

    /// Nothing that is listed names a case the actor is not on.
    fn check_lists(&self, actor: &Actor, own: &BTreeSet<CaseId>) {
        let desk = &self.office.desk;
        let wanted = casework::clocks::Wanted {
            until: None,
            offset: 0,
            limit: 500,
        };
        let needs = desk.status(actor).unwrap();
        let clocks = desk.clocks(actor, wanted).unwrap();
        let cases = needs.iter().filter_map(|need| need.case);
        let cases = cases.chain(clocks.iter().filter_map(|clock| clock.case));
        let ledger = desk.ledger(actor).unwrap_or_default();
        let cases = cases.chain(ledger.iter().filter_map(|line| line.case));
        for case in cases {
            assert!(
                own.contains(&case),
                "{} is told of case {case}",
                actor.name()
            );
        }
        for followup in desk.followups(actor, true).unwrap() {
            let case = followup.subject.strip_prefix("case ");
            let case: Option<CaseId> = case.map(|case| case.parse().unwrap());
            assert!(case.is_none_or(|case| own.contains(&case)), "{followup:?}");
        }
    }

    /// Asked about the case, the desk says what it says of one that is not there.
    fn check_not_there(&self, actor: &Actor, case: CaseId) {
        type Ask = fn(&casework::Desk, &Actor, CaseId) -> Result<(), Error>;
        let asks: [Ask; 4] = [
            |desk, actor, case| desk.case(actor, case).map(drop),
            |desk, actor, case| desk.duplicates(actor, case).map(drop),
            |desk, actor, case| desk.clocks_of(actor, case).map(drop),
            |desk, actor, case| desk.embargo(actor, case).map(drop),
        ];
        let missing: CaseId = "9999".parse().unwrap();
        for ask in asks {
            let told = crate::office::refused(ask(&self.office.desk, actor, case));
            let of_none = crate::office::refused(ask(&self.office.desk, actor, missing));
            let told = told
                .to_string()
                .replace(&format!("case {case}"), "case 9999");
            assert_eq!(told, of_none.to_string(), "{}", actor.name());
        }
    }
}

/// What is done stays done, and nothing disappears.
fn check_followups(before: &Stand, now: &Stand) {
    for (id, state) in &before.followups {
        let now = now.followups.get(id).expect("a follow-up is gone");
        if *state == FollowupState::Done {
            assert_eq!(*now, FollowupState::Done, "{id}");
        }
    }
}

/// The roles that may do it.
fn allowed(verb: Verb) -> Vec<Role> {
    match verb {
        Verb::Take => Action::Take.roles(),
        Verb::Answer => Action::Answer.roles(),
        Verb::Assign => Action::Assign.roles(),
        Verb::Draft => Action::Draft.roles(),
        Verb::Review => Action::Review.roles(),
        Verb::Publish => Action::Publish.roles(),
        Verb::HandBack => Action::Assign.roles(),
        Verb::Reject | Verb::Reinstate => Action::Draft.roles(),
        Verb::Confirm | Verb::Comment => Action::Comment.roles(),
        Verb::Leak => Action::Embargo.roles(),
        Verb::Finding => Action::Prefill.roles(),
        Verb::ConfirmCount => Action::Confirm.roles(),
        Verb::Close | Verb::Reopen => Action::Close.roles(),
    }
}

/// Whether somebody is put on new cases.
fn joins(person: &Actor) -> bool {
    use Role::{Analyst, Publisher, Reviewer, Triager};
    [Triager, Analyst, Reviewer, Publisher]
        .iter()
        .any(|role| person.has(*role))
}

fn plain(what: &str) -> Step {
    Step {
        what: what.to_owned(),
        verb: None,
        case: None,
        actor: None,
        result: Ok(()),
    }
}

/// Tells the seed and what was done when a sequence fails.
struct Told<'a, 'b>(u64, &'b mut Sequence<'a>);

impl Drop for Told<'_, '_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("CNA_SEED={}\n{}", self.0, self.1.log.join("\n"));
        }
    }
}

/// Runs one sequence; gives the states its cases ended in, and how many IDs
/// each had.
fn run(services: &Services, office: &Office, seed: u64) -> Vec<(CaseState, usize)> {
    let names = ["admin", "tri", "ana", "ben", "rev", "ros", "pub", "aud"];
    let mut sequence = Sequence {
        office,
        services,
        dice: Dice(seed),
        people: names.map(|name| office.actor(name)).to_vec(),
        members: BTreeMap::new(),
        stands: BTreeMap::new(),
        log: Vec::new(),
    };
    let told = Told(seed, &mut sequence);
    told.1.run();
    for (id, times) in services.accepted() {
        assert_eq!(times, 1, "{id} was sent twice");
    }
    let stands = told.1.stands.values();
    stands.map(|stand| (stand.state, stand.ids.len())).collect()
}

#[allow(
    clippy::disallowed_methods,
    reason = "tests are configured by the environment"
)]
fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

/// The sequences to run.
fn seeds() -> std::ops::Range<u64> {
    match (variable("CNA_SEED"), variable("CNA_SEQUENCES")) {
        (Some(seed), many) => seed..seed + many.unwrap_or(1),
        (None, many) => 0..many.unwrap_or(200),
    }
}

/// A generator that never gets far proves nothing.
fn check_reach(ended: &BTreeSet<(CaseState, usize)>) {
    for state in [
        CaseState::Triage,
        CaseState::Determined,
        CaseState::Assigned,
        CaseState::Ready,
        CaseState::Disclosed,
        CaseState::Published,
    ] {
        let reached = ended.iter().any(|(end, _)| *end == state);
        assert!(reached, "{state} in {ended:?}");
    }
    let several = ended.iter().any(|(_, ids)| *ids > 1);
    assert!(several, "no case with several IDs in {ended:?}");
}

#[test]
fn whatever_people_do_in_whatever_order_the_desk_stays_consistent() {
    let seeds = seeds();
    let start = std::time::Instant::now();
    let next = AtomicU64::new(seeds.start);
    let threads = thread::available_parallelism().map_or(2, usize::from);
    let ended: BTreeSet<(CaseState, usize)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let services = Services::start();
                    let template = services.office(store::testing::sqlite());
                    let mut ended = BTreeSet::new();
                    loop {
                        let seed = next.fetch_add(1, Ordering::Relaxed);
                        if !seeds.contains(&seed) {
                            return ended;
                        }
                        let office = services.copied(&template);
                        ended.extend(run(&services, &office, seed));
                    }
                })
            })
            .collect();
        let ends = threads.into_iter().flat_map(|t| t.join().unwrap());
        ends.collect()
    });
    let count = seeds.end - seeds.start;
    let each = start.elapsed() / u32::try_from(count).unwrap();
    println!("{count} sequences, {each:?} each, on {threads} threads");
    if count >= 200 {
        check_reach(&ended);
    }
}

#[test]
fn on_postgresql_too_whatever_people_do_leaves_the_desk_consistent() {
    let name = "on_postgresql_too_whatever_people_do_leaves_the_desk_consistent";
    let Some(server) = store::testing::postgres_server(name) else {
        return;
    };
    let services = Services::start();
    let seeds = seeds();
    for seed in seeds.clone().step_by(200) {
        let office = services.office(store::testing::postgres(&server));
        run(&services, &office, seed);
    }
}
