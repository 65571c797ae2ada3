//! A scenario as it runs: answers, then events, each by the rules.

use std::collections::BTreeMap;

use cve::time::Timestamp;
use serde_json::{Value, json};

use super::book::{self, Line};
use super::format::{Given, Happening, ReplyText, Scenario};
use super::world;
use crate::clocks::{self, Calendar, EventKind};
use crate::decision::{
    About, Claim, Decision, Hierarchy, Matter, Pack, Reply, Ruling, Sheet, decide,
};
use crate::lifecycle::approval::Approval;
use crate::lifecycle::dispute::Dispute;
use crate::lifecycle::transfer::Transfer;

/// Everything that is so at a moment of a scenario.
#[derive(Debug, Clone)]
pub(crate) struct Course {
    pub(crate) given: Given,
    pub(crate) pack: &'static Pack,
    pub(crate) hierarchy: Hierarchy,
    pub(crate) claims: Vec<Claim>,
    pub(crate) sheet: Sheet,
    pub(crate) clock: Vec<clocks::Event>,
    pub(crate) consulted: Vec<String>,
    pub(crate) rulings: Vec<Ruling>,
    pub(crate) decision: Option<Decision>,
    pub(crate) results: BTreeMap<String, Value>,
    pub(crate) audit: Vec<Value>,
    pub(crate) ids: BTreeMap<String, Line>,
    pub(crate) drafts: BTreeMap<String, Approval>,
    pub(crate) disputes: BTreeMap<String, Dispute>,
    pub(crate) transfers: BTreeMap<String, Transfer>,
    pub(crate) confirmed: Option<String>,
    pub(crate) route_confirmed: bool,
    pub(crate) overridden: Vec<String>,
    pub(crate) now: Timestamp,
    pub(crate) start: Timestamp,
}

impl Course {
    /// Runs a scenario to its end.
    ///
    /// Refuses: what is not a scenario: a world that contradicts itself, an
    /// answer the rules refuse, an event nobody knows, times out of order.
    pub(crate) fn run(scenario: &Scenario) -> Result<Course, String> {
        let given = world::read(&scenario.given)?;
        let first = scenario.events.iter().find_map(|event| event.at);
        let start = scenario
            .at
            .or(first)
            .or(scenario.now)
            .map(|moment| moment.0);
        let start = start.ok_or("at: the scenario has no date; give `at`")?;
        let pack = match &scenario.ruleset {
            Some(version) => version
                .0
                .parse::<&'static Pack>()
                .map_err(|e| format!("ruleset: {e}"))?,
            None => Pack::on(&start.date()),
        };
        let mut course = Course {
            hierarchy: world::hierarchy(&given),
            claims: world::claims(&given),
            given,
            pack,
            sheet: Sheet::default(),
            clock: Vec::new(),
            consulted: Vec::new(),
            rulings: Vec::new(),
            decision: None,
            results: BTreeMap::new(),
            audit: Vec::new(),
            ids: BTreeMap::new(),
            drafts: BTreeMap::new(),
            disputes: BTreeMap::new(),
            transfers: BTreeMap::new(),
            confirmed: None,
            route_confirmed: false,
            overridden: Vec::new(),
            now: start,
            start,
        };
        course.ids = book::open(&course.given)?;
        course.answers(scenario)?;
        course.redecide();
        for (place, event) in scenario.events.iter().enumerate() {
            let at = event.at.map_or(course.now, |moment| moment.0);
            if at < course.now && event.at.is_some() && place > 0 {
                return Err(format!(
                    "events[{place}]: it happens before the one above it"
                ));
            }
            course.now = at;
            course
                .happen(event)
                .map_err(|error| format!("events[{place}] `{}`: {error}", event.what))?;
            course.redecide();
        }
        if let Some(now) = scenario.now {
            course.now = now.0;
        }
        let day = course.start.date();
        match world::contradiction(&course.given, &course.sheet, &day) {
            Some(contradiction) => Err(contradiction),
            None => Ok(course),
        }
    }

    fn answers(&mut self, scenario: &Scenario) -> Result<(), String> {
        for (node, reply) in &scenario.answers {
            self.answer(node, About::Case, reply)
                .map_err(|error| format!("answers.{node}: {error}"))?;
        }
        for (finding, replies) in &scenario.finding_answers {
            let about = self
                .about(finding)
                .map_err(|e| format!("finding_answers: {e}"))?;
            for (node, reply) in replies {
                self.answer(node, about.clone(), reply)
                    .map_err(|error| format!("finding_answers.{finding}.{node}: {error}"))?;
            }
        }
        for (pair, replies) in &scenario.pair_answers {
            let about = self.about(pair).map_err(|e| format!("pair_answers: {e}"))?;
            for (node, reply) in replies {
                self.answer(node, about.clone(), reply)
                    .map_err(|error| format!("pair_answers.{pair}.{node}: {error}"))?;
            }
        }
        Ok(())
    }

    /// `x` is a finding, `x, y` a pair.
    pub(crate) fn about(&self, text: &str) -> Result<About, String> {
        let known = |name: &str| {
            let name = name.trim();
            match self.given.findings.contains_key(name) {
                true => Ok(name.to_owned()),
                false => Err(format!("`{name}` is not among given.findings")),
            }
        };
        Ok(match text.split_once(',') {
            Some((one, other)) => About::pair(&known(one)?, &known(other)?),
            None => About::Finding(known(text)?),
        })
    }

    pub(crate) fn answer(
        &mut self,
        node: &str,
        about: About,
        reply: &ReplyText,
    ) -> Result<(), String> {
        let by = reply.by.clone().unwrap_or_default();
        let person = self.given.people.get(&by);
        if person.is_none() && !by.is_empty() {
            return Err(format!("`{by}` is not among given.people"));
        }
        let reply = Reply {
            node: node.to_owned(),
            about,
            value: reply.value.clone(),
            reason: reply.reason.clone(),
            evidence: reply.evidence.clone(),
            names: reply.names.clone(),
            overriding: reply.overriding.clone(),
            exception: reply.exception.clone(),
            is_trained: person.is_none_or(super::format::PersonText::is_trained),
            by,
            at: Some(self.now),
        };
        self.sheet
            .add(reply, self.pack)
            .map_err(|error| error.to_string())?;
        Ok(())
    }

    /// Lets one thing happen.
    pub(crate) fn happen(&mut self, event: &Happening) -> Result<(), String> {
        if let Ok(kind) = event.what.parse::<EventKind>() {
            return self.tick(kind, event);
        }
        match event.what.as_str() {
            "consult" => {
                let whom = event.to.clone().ok_or("it needs `to`: who was asked")?;
                self.consulted.push(whom);
                Ok(())
            }
            "answer" => self.answer_later(event),
            "escalate_dispute" | "reconsider_dispute" => self.dispute_on(event),
            "route_confirmed" => {
                self.route_confirmed = true;
                Ok(())
            }
            _ => self.act(event),
        }
    }

    /// An event a clock knows, with what it does to IDs and disputes.
    fn tick(&mut self, kind: EventKind, event: &Happening) -> Result<(), String> {
        let mut tick = clocks::Event::new(kind, self.now);
        tick.subject = event.of.clone().unwrap_or_default();
        tick.date = event.date.map(|moment| moment.0);
        tick.severity = event.severity;
        self.witness(kind, event)?;
        // What is unfounded starts no clock of a tag.
        let unfounded = event.reason.as_deref() == Some("unfounded");
        if !(kind == EventKind::DisputeAssessed && unfounded) {
            self.clock.push(tick);
        }
        Ok(())
    }

    /// Tries an event, given as a value, at the end: why it is refused, or
    /// nothing when it is allowed.
    ///
    /// Refuses: what is no event.
    pub(crate) fn attempt(&self, item: &Value) -> Result<Option<Vec<String>>, String> {
        let mut event: Happening = serde_json::from_value(item.clone())
            .map_err(|error| format!("not an event: {error}"))?;
        event.label = Some("attempt".to_owned());
        let mut then = self.clone();
        then.results.clear();
        then.happen(&event)?;
        let result = then
            .results
            .get("attempt")
            .ok_or("nobody can refuse such an event")?;
        let because = result["because"].as_array().cloned().unwrap_or_default();
        let because = because
            .iter()
            .filter_map(|text| text.as_str().map(str::to_owned))
            .collect();
        Ok((result["allowed"] == false).then_some(because))
    }

    fn answer_later(&mut self, event: &Happening) -> Result<(), String> {
        let node = event.node.as_deref().ok_or("it needs `node`")?;
        let mut reply = event.answer.clone().ok_or("it needs `answer`")?;
        reply.by = reply.by.or_else(|| event.by.clone());
        let about = match &event.finding {
            Some(finding) => self.about(finding)?,
            None => About::Case,
        };
        let result = self.answer(node, about, &reply);
        self.note(event, result.map_err(|error| vec![error]))
    }

    /// Keeps how an attempt ended, where the scenario named it; an attempt
    /// without a name has to succeed.
    pub(crate) fn note(
        &mut self,
        event: &Happening,
        result: Result<(), Vec<String>>,
    ) -> Result<(), String> {
        self.audit.push(json!({
            "at": self.now,
            "by": event.by,
            "do": event.what,
            "of": event.of,
            "allowed": result.is_ok(),
            "because": result.clone().err().unwrap_or_default(),
        }));
        let Some(label) = &event.label else {
            return result.map_err(|because| format!("it is refused: {}", because.join("; ")));
        };
        let value = match result {
            Ok(()) => json!({"allowed": true, "because": []}),
            Err(because) => json!({"allowed": false, "because": because}),
        };
        self.results.insert(label.clone(), value);
        Ok(())
    }

    pub(crate) fn matter(&self) -> Matter<'_> {
        Matter {
            pack: self.pack,
            us: &self.given.us,
            hierarchy: &self.hierarchy,
            findings: &self.claims,
            is_consulted: !self.consulted.is_empty(),
            is_public: self.is_public(),
            missing: &self.given.missing,
            record: self.corrected(),
        }
    }

    /// The record a correction is about, with the day it was published.
    fn corrected(&self) -> Option<(String, Option<String>)> {
        let id = self.given.case.record.clone()?;
        let published = self.ids.get(&id).and_then(|line| line.published);
        Some((id, published.map(|at| at.date())))
    }

    /// Whether events made it public; nothing where they say nothing of it.
    fn is_public(&self) -> Option<bool> {
        clocks::is_public(&self.clock)
    }

    pub(crate) fn redecide(&mut self) {
        let decision = decide(&self.matter(), &self.sheet);
        if let Some(ruling) = &decision.ruling
            && self.rulings.last() != Some(ruling)
        {
            self.rulings.push(ruling.clone());
        }
        self.decision = Some(decision);
    }

    /// The profile of the organisation.
    pub(crate) fn profile(&self) -> Option<&'static crate::decision::Profile> {
        crate::decision::profile(self.given.profile.as_deref().unwrap_or("default")).ok()
    }

    pub(crate) fn calendar(&self) -> Calendar {
        self.given.calendar.clone().unwrap_or_else(Calendar::utc)
    }

    pub(crate) fn clock_settings(&self) -> clocks::Settings {
        self.given.clocks.clone().unwrap_or_default()
    }
}
