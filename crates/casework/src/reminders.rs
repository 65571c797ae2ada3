//! Reminders of deadlines: each once, whichever node gives it.
//!
//! What pages goes out at once. Everything else waits for the person's digest:
//! one a day, at the hour and in the zone the person chose. A reminder is
//! claimed in the transaction that leaves its mail, so that a restart or a
//! second node never gives it again. Whoever missed several of one deadline
//! gets the newest.

use std::collections::{BTreeMap, BTreeSet};

use cve::time::Timestamp;
use serde::Serialize;
use serde_json::json;
use store::{AuditEvent, CaseRow, PersonContactRow, PersonRow, Reader, ReminderRow};

use crate::case::CaseId;
use crate::clocks::{self, Audience, Calendar, DESK, Timing};
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::mail;
use crate::people::Actor;
use crate::policy::{Action, Role, check};

/// The minute reminders were last looked at in; shared by all nodes.
const LOOKED: &str = "reminders.looked";

/// Lines a digest has at most; the rest is counted.
const LINES: usize = 100;

/// Where mail reaches a person, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonContact {
    /// Its mail address.
    pub mail: String,
    /// Its zone, by IANA name; empty for the zone of the CNA.
    pub zone: String,
    /// The hour its digest goes out at, 0 to 23.
    pub hour: u8,
}

/// A reminder that is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DueReminder {
    /// Name of whoever is reminded.
    pub person: String,
    /// The case; nothing for a deadline of the desk itself.
    pub case: Option<CaseId>,
    /// The deadline, such as `D-07`.
    pub clock: String,
    /// How binding it is.
    pub kind: String,
    /// When the deadline ends.
    pub due: Timestamp,
    /// The same in the person's zone.
    pub due_local: String,
    /// When the reminder was due.
    pub at: Timestamp,
    /// Whether it goes out at once instead of with the day's digest.
    pub page: bool,
    /// Whether the deadline was not met.
    pub breach: bool,
    /// Why it does not go out now; empty when it does.
    pub waits: String,
    /// The rows it is claimed by, this reminder and older ones.
    #[serde(skip)]
    claims: Vec<ReminderRow>,
    /// Where it goes to; empty where nothing is known.
    #[serde(skip)]
    address: String,
    /// Id of the person.
    #[serde(skip)]
    person_id: String,
    /// The day of the digest it would go with, in the person's zone.
    #[serde(skip)]
    day: String,
}

impl Desk {
    /// Sets where mail reaches somebody, and when its digest goes out: one's
    /// own by everybody, another's by an administrator.
    pub fn set_contact(
        &self,
        actor: &Actor,
        name: &str,
        contact: &PersonContact,
    ) -> Result<(), Error> {
        let action = if actor.name() == name {
            Action::See
        } else {
            Action::Administer
        };
        check(actor, action)?;
        mail::address("mail", &contact.mail)?;
        if contact.hour > 23 {
            let problem = format!("`{}` is not an hour: expected 0 to 23", contact.hour);
            return Err(Refusal::invalid("hour", problem).into());
        }
        if !contact.zone.is_empty() {
            let known = Calendar::new(&contact.zone, []);
            known.map_err(|error| Refusal::invalid("zone", error.to_string()))?;
        }
        let (by, name, contact) = (actor.name().to_owned(), name.to_owned(), contact.clone());
        self.store.write(move |tx| {
            let person = tx.person_by_name(&name)?.filter(|person| person.active);
            let person = person.ok_or_else(|| Refusal::not_found(format!("person `{name}`")))?;
            tx.put_person_contact(&PersonContactRow {
                person: person.id,
                address: contact.mail.clone(),
                zone: contact.zone.clone(),
                hour: i64::from(contact.hour),
            })?;
            tx.audit(AuditEvent {
                actor: by.clone(),
                org: String::new(),
                action: "person.contact".into(),
                object: format!("person {name}"),
                // The address itself is personal and stays out of the chain.
                detail: json!({"zone": contact.zone, "hour": contact.hour}),
            });
            Ok(())
        })
    }

    /// The reminders that are due and were not given, with why those that wait
    /// do.
    ///
    /// Gives: of cases, those the actor is on; of the desk, all.
    pub fn due_reminders(&self, actor: &Actor) -> Result<Vec<DueReminder>, Error> {
        check(actor, Action::Audit)?;
        self.follow_clocks()?;
        let now = self.world.now();
        let mut due = self.store.snapshot(|reader| due(reader, now))?;
        let mut seen = Vec::new();
        for reminder in due.drain(..) {
            let visible = match reminder.case {
                Some(case) => self
                    .store
                    .read(|reader| crate::case::is_visible(reader, actor, case.number()))?,
                None => true,
            };
            if visible {
                seen.push(reminder);
            }
        }
        Ok(seen)
    }

    /// Gives the reminders that are due now, for an administrator who does not
    /// want to wait for the next minute.
    ///
    /// Gives: how many mails were left.
    pub fn give_reminders_now(&self, actor: &Actor) -> Result<usize, Error> {
        check(actor, Action::Administer)?;
        self.give_reminders()
    }

    /// Gives the reminders that are due, once a minute at most.
    pub(crate) fn remind(&self) -> Result<(), Error> {
        let now = self.world.now();
        let minute = now.to_string().chars().take(16).collect::<String>();
        let looked = self.store.read(|reader| reader.setting(LOOKED))?;
        if looked.as_deref() == Some(&minute) || self.store.read(mail::server)?.is_none() {
            return Ok(());
        }
        self.give_reminders()?;
        self.store
            .write(move |tx| tx.set(LOOKED, &minute).map_err(Error::from))
    }

    /// Gives the reminders that are due and go out now.
    ///
    /// Gives: how many mails were left.
    /// Source: process section 3.4, reminders.
    pub fn give_reminders(&self) -> Result<usize, Error> {
        self.follow_clocks()?;
        let now = self.world.now();
        let due = self.store.snapshot(|reader| due(reader, now))?;
        let goes = |reminder: &&DueReminder| reminder.waits.is_empty();
        let mut digests: BTreeMap<(String, String), Vec<DueReminder>> = BTreeMap::new();
        let mut left = 0;
        for reminder in due.iter().filter(goes) {
            if reminder.page {
                left += usize::from(self.page(reminder)?);
            } else {
                let key = (reminder.person_id.clone(), reminder.day.clone());
                digests.entry(key).or_default().push(reminder.clone());
            }
        }
        for ((person, day), reminders) in digests {
            left += usize::from(self.mail_digest(person, day, reminders)?);
        }
        Ok(left)
    }

    fn page(&self, reminder: &DueReminder) -> Result<bool, Error> {
        let (id, portal) = (self.world.uuid(), self.settings.portal_url.clone());
        let reminder = reminder.clone();
        self.store.write(move |tx| {
            let mut is_new = false;
            for row in &reminder.claims {
                // The newest is the last; an older one alone says nothing new.
                is_new = tx.claim_reminder(row)?;
            }
            if !is_new {
                return Ok(false);
            }
            let subject = format!("{} needs you: {}", place(&reminder), reminder.clock);
            let body = format!("{}\n", words(&reminder, &portal));
            mail::notice(
                tx,
                &id,
                &about(&reminder),
                &reminder.address,
                &subject,
                &body,
            )?;
            Ok(true)
        })
    }

    fn mail_digest(
        &self,
        person: String,
        day: String,
        reminders: Vec<DueReminder>,
    ) -> Result<bool, Error> {
        let (id, portal) = (self.world.uuid(), self.settings.portal_url.clone());
        self.store.write(move |tx| {
            if !tx.claim_mailed_digest(&person, &day)? {
                return Ok(false);
            }
            let mut lines = Vec::new();
            for reminder in &reminders {
                let mut is_new = false;
                for row in &reminder.claims {
                    is_new = tx.claim_reminder(row)?;
                }
                if is_new {
                    lines.push(words(reminder, &portal));
                }
            }
            let Some(first) = reminders.first().filter(|_| !lines.is_empty()) else {
                return Ok(false);
            };
            let subject = format!("{} deadline(s) need you, {day}", lines.len());
            let more = lines.len().saturating_sub(LINES);
            lines.truncate(LINES);
            if more > 0 {
                lines.push(format!("And {more} more: see {portal}/desk"));
            }
            let body = format!("{}\n", lines.join("\n\n"));
            mail::notice(tx, &id, "digest", &first.address, &subject, &body)?;
            Ok(true)
        })
    }
}

/// `Case 12`, or `The desk`.
fn place(reminder: &DueReminder) -> String {
    match reminder.case {
        Some(case) => format!("Case {case}"),
        None => "The desk".to_owned(),
    }
}

/// What the follow-up is about; a case's is seen by who is on it.
fn about(reminder: &DueReminder) -> String {
    reminder.case.map_or("desk".to_owned(), CaseId::object)
}

/// A reminder in words: where to look, and nothing of what the case says.
fn words(reminder: &DueReminder, portal: &str) -> String {
    let stands = if reminder.breach {
        "was not met"
    } else {
        "is running"
    };
    let link = match reminder.case {
        Some(case) => format!("{portal}/desk/cases/{case}"),
        None => format!("{portal}/desk"),
    };
    format!(
        "{} needs you: {} ({}) {stands}, due {}.\n{link}",
        place(reminder),
        reminder.clock,
        reminder.kind,
        reminder.due_local
    )
}

/// The people reminders can go to, with what is needed to reach them.
struct People {
    active: Vec<PersonRow>,
    contacts: BTreeMap<String, PersonContactRow>,
}

impl People {
    fn load(reader: &mut Reader<'_>) -> Result<People, Error> {
        let active: Vec<_> = reader.people()?.into_iter().filter(|p| p.active).collect();
        let mut contacts = BTreeMap::new();
        for person in &active {
            if let Some(contact) = reader.person_contact(&person.id)? {
                contacts.insert(person.id.clone(), contact);
            }
        }
        Ok(People { active, contacts })
    }

    fn administrators(&self) -> BTreeSet<String> {
        let oa = Role::Oa.as_str();
        let mine = self.active.iter();
        let mine = mine.filter(|person| person.roles.iter().any(|role| role == oa));
        mine.map(|person| person.id.clone()).collect()
    }
}

/// Who of the case is meant. Nobody who is not on it, an administrator as
/// little as anybody, and nobody whose roles do not see it in its state.
fn audience(
    reader: &mut Reader<'_>,
    people: &People,
    case: Option<&CaseRow>,
    audience: Audience,
) -> Result<BTreeSet<String>, Error> {
    let Some(case) = case else {
        return Ok(people.administrators());
    };
    let members: BTreeSet<_> = reader.members(case.id)?.into_iter().collect();
    let state = case.state.parse().map_err(Error::Broken)?;
    let sees = |id: &String| {
        let person = people.active.iter().find(|person| person.id == *id);
        person.is_some_and(|person| {
            let roles: Vec<Role> = person.roles.iter().filter_map(|r| r.parse().ok()).collect();
            crate::policy::roles_see(&roles, state)
        })
    };
    let team: BTreeSet<_> = members.into_iter().filter(sees).collect();
    let narrow: BTreeSet<_> = match audience {
        Audience::Team => return Ok(team),
        Audience::Owner => team
            .iter()
            .filter(|id| **id == case.owner)
            .cloned()
            .collect(),
        Audience::Oa => team
            .intersection(&people.administrators())
            .cloned()
            .collect(),
    };
    // What nobody in particular is there for is for all.
    Ok(if narrow.is_empty() { team } else { narrow })
}

/// The newest reminder of each deadline and person that is due and was not
/// given.
fn due(reader: &mut Reader<'_>, now: Timestamp) -> Result<Vec<DueReminder>, Error> {
    let timing = clocks::timing(reader)?;
    let people = People::load(reader)?;
    let has_server = mail::server(reader)?.is_some();
    let mut found = Vec::new();
    for row in reader.all_deadlines()? {
        let deadline = clocks::kept(&row)?;
        if !deadline.status(now).is_open() {
            continue;
        }
        let past: Vec<_> = deadline.reminders.iter().filter(|r| r.at <= now).collect();
        if past.is_empty() {
            continue;
        }
        let case = match row.case_id {
            DESK => None,
            number => reader.case(number)?,
        };
        let mut for_person: BTreeMap<String, Vec<&clocks::Reminder>> = BTreeMap::new();
        for reminder in past {
            for id in audience(reader, &people, case.as_ref(), reminder.audience)? {
                for_person.entry(id).or_default().push(reminder);
            }
        }
        for (id, reminders) in for_person {
            let Some(newest) = reminders.last() else {
                continue;
            };
            let claim = |at| ReminderRow {
                case_id: row.case_id,
                id: row.id.clone(),
                subject: row.subject.clone(),
                starts: row.starts,
                at,
                person: id.clone(),
            };
            if reader.is_reminded(&claim(newest.at))? {
                continue;
            }
            let contact = people.contacts.get(&id);
            let calendar = zone_of(contact, &timing);
            let waits = waits(
                reader,
                contact,
                &calendar,
                newest.page,
                has_server,
                &id,
                now,
            )?;
            let name = people.active.iter().find(|person| person.id == id);
            found.push(DueReminder {
                person: name.map(|person| person.name.clone()).unwrap_or_default(),
                case: (row.case_id != DESK).then(|| CaseId::new(row.case_id)),
                clock: row.id.clone(),
                kind: row.kind.clone(),
                due: row.due,
                due_local: calendar.show(row.due),
                at: newest.at,
                page: newest.page,
                breach: newest.breach,
                waits,
                claims: reminders
                    .iter()
                    .map(|reminder| claim(reminder.at))
                    .collect(),
                address: contact.map(|c| c.address.clone()).unwrap_or_default(),
                day: calendar.date(now),
                person_id: id,
            });
        }
    }
    Ok(found)
}

/// The zone of a person, or the CNA's.
fn zone_of(contact: Option<&PersonContactRow>, timing: &Timing) -> Calendar {
    let own = contact.filter(|contact| !contact.zone.is_empty());
    let own = own.and_then(|contact| Calendar::new(&contact.zone, []).ok());
    own.unwrap_or_else(|| timing.calendar.clone())
}

/// Why a reminder does not go out now; empty when it does.
fn waits(
    reader: &mut Reader<'_>,
    contact: Option<&PersonContactRow>,
    calendar: &Calendar,
    page: bool,
    has_server: bool,
    person: &str,
    now: Timestamp,
) -> Result<String, Error> {
    if !has_server {
        return Ok("no mail server is set".into());
    }
    let Some(contact) = contact else {
        return Ok("no mail address is known".into());
    };
    if page {
        return Ok(String::new());
    }
    let hour = i64::from(calendar.local(now).hour());
    if hour < contact.hour {
        return Ok(format!("for the digest at {:02}:00", contact.hour));
    }
    if reader.is_digest_mailed(person, &calendar.date(now))? {
        return Ok("for the digest of tomorrow".into());
    }
    Ok(String::new())
}
