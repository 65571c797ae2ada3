//! Announcements: texts made from templates, approved together, sent by
//! people.
//!
//! Source: process sections 12.3 and 12.4.

pub(crate) mod template;

use std::collections::BTreeMap;

use cve::hash::Digest;
use cve::id::CveId;
use cve::time::Timestamp;
use serde::Serialize;
use serde_json::json;
use store::{AnnouncementRow, AnnouncementSetRow, Reader, Tx};

pub use template::TemplateFault;

use crate::advisory::Advisory;
use crate::approvals::{self, SOLO};
use crate::case::{self, CaseId, CaseState, Names, Verb, stored_report};
use crate::desk::Desk;
use crate::dispatch::{self, Dispatch};
use crate::draft;
use crate::error::{Error, Refusal};
use crate::letters::LETTERS;
use crate::mail;
use crate::package::PACKAGES;
use crate::people::Actor;
use crate::placeholder;
use crate::policy::{Action, check};
use crate::review;
use crate::revision::document_of;

/// Templates by name: ours, and those of the operator in their place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Templates(BTreeMap<String, Template>);

/// A template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Template {
    /// Its name, such as `oss-security`.
    pub name: String,
    /// Its text.
    pub text: String,
    /// Whether it is the operator's.
    pub is_own: bool,
    /// The command that fills it.
    pub used_by: &'static str,
}

/// Ours, in the order they are sent.
const OURS: [(&str, &str); 8] = [
    ("placeholder", include_str!("announce/placeholder.txt")),
    ("issue", include_str!("announce/issue.txt")),
    ("list", include_str!("announce/list.txt")),
    ("oss-security", include_str!("announce/oss-security.txt")),
    ("chat", include_str!("announce/chat.txt")),
    ("forum", include_str!("announce/forum.txt")),
    ("reporter", include_str!("announce/reporter.txt")),
    ("coordinators", include_str!("announce/coordinators.txt")),
];

/// A set of announcements of one ID.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AnnouncementSet {
    /// The ID.
    pub cve_id: CveId,
    /// Its number, from 1.
    pub number: i64,
    /// The revision its texts were made from.
    pub revision: i64,
    /// What an approval binds to.
    pub digest: Digest,
    /// Name of whoever made it.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// Whoever approved it, with what was out of the ordinary; empty before.
    pub approved_by: String,
    /// When.
    pub approved_at: Option<Timestamp>,
    /// Its texts.
    pub announcements: Vec<Announcement>,
}

/// A text of a set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Announcement {
    /// Its id.
    pub id: String,
    /// The template it was made from.
    pub template: String,
    /// Where it goes.
    pub to: String,
    /// Subject or title.
    pub subject: String,
    /// The text.
    pub body: String,
    /// Name of whoever sent it; empty before.
    pub sent_by: String,
    /// When.
    pub sent_at: Option<Timestamp>,
    /// How it fares since.
    pub dispatch: Dispatch,
}

impl Default for Templates {
    fn default() -> Templates {
        let announced = OURS.iter().map(|one| (one, "cna publish announce"));
        let written = LETTERS.iter().map(|one| (one, "cna case write"));
        let packed = PACKAGES.iter().map(|one| (one, "cna case notify write"));
        let ours = announced
            .chain(written)
            .chain(packed)
            .map(|((name, text), used_by)| {
                let template = Template {
                    name: (*name).to_owned(),
                    text: (*text).to_owned(),
                    is_own: false,
                    used_by,
                };
                ((*name).to_owned(), template)
            });
        Templates(ours.collect())
    }
}

impl Templates {
    /// Puts the operator's text in the place of ours.
    ///
    /// Refuses: a name that is none of ours.
    pub fn replace(&mut self, name: &str, text: String) -> Result<(), String> {
        let known: Vec<&str> = self.0.keys().map(String::as_str).collect();
        let known = known.join(", ");
        let template = self.0.get_mut(name).ok_or_else(|| {
            let shown: String = name.chars().take(64).collect();
            format!("`{shown}` is no template, expected one of {known}")
        })?;
        template.text = text;
        template.is_own = true;
        Ok(())
    }
}

impl Desk {
    /// The templates, ours or the operator's.
    pub fn templates(&self, actor: &Actor) -> Result<Vec<Template>, Error> {
        check(actor, Action::See)?;
        Ok(self.templates.0.values().cloned().collect())
    }

    /// The template of this name.
    pub(crate) fn text_template(&self, name: &str) -> Option<Template> {
        self.templates.0.get(name).cloned()
    }

    /// Makes a set of announcements of `id` from its newest revision.
    ///
    /// Takes: `names`, the templates; all that can be filled without one.
    /// `values`, what the record does not say: `LIST`, `DETECTION`, `TAG`.
    /// Refuses: a template that cannot be filled, with its line.
    pub fn announce(
        &self,
        actor: &Actor,
        id: CveId,
        names: &[String],
        values: &BTreeMap<String, String>,
    ) -> Result<AnnouncementSet, Error> {
        check(actor, Action::Announce)?;
        let organisation = self.set_up_organisation()?;
        let mut known = fixed_values(&organisation.name, organisation.short_name.as_str());
        let portal = self.settings.portal_url.clone();
        for (name, value) in values {
            if !known.contains_key(name) {
                let shown: String = name.chars().take(64).collect();
                let problem = format!(
                    "`{shown}` is unknown, expected one of {}",
                    template::NAMES.join(", ")
                );
                return Err(Refusal::invalid("values", problem).into());
            }
            known.insert(name.clone(), value.clone());
        }
        let wanted = self.wanted(names, &known)?;
        let uuids: Vec<String> = wanted.iter().map(|_| self.world.uuid()).collect();
        let (who, own) = (actor.clone(), values.clone());
        self.store.write(move |tx| {
            let (row, _) = draft::take(tx, &who, id, Verb::Comment)?;
            let newest = review::newest(tx, id)?;
            let document = document_of(&newest)?;
            let advisory = draft::read_document(&document, id)?;
            let report = stored_report(&row)?;
            let mut values = known.clone();
            of_advisory(&mut values, &advisory, &portal);
            values.insert("PERSON".into(), who.name().to_owned());
            values.insert("REPORTER".into(), report.reporter.contact.clone());
            values.insert("REPORTER_NAME".into(), report.reporter.name.clone());
            values.extend(own.clone());
            let number = tx.announcement_set(id)?.map_or(1, |set| set.number + 1);
            let mut rows = Vec::new();
            for (template, uuid) in wanted.iter().zip(&uuids) {
                let filled = match template.name.as_str() {
                    placeholder::TEMPLATE => {
                        placeholder::fill(&template.name, &template.text, &organisation)
                    }
                    _ => template::fill(&template.name, &template.text, &values),
                };
                let filled =
                    filled.map_err(|fault| Refusal::invalid("template", fault.to_string()))?;
                if template.name == "oss-security" {
                    oss_security(&filled.subject, &filled.body)?;
                }
                for (place, recipient) in recipients(&filled.to).into_iter().enumerate() {
                    rows.push(AnnouncementRow {
                        id: match place {
                            0 => uuid.clone(),
                            _ => format!("{uuid}-{}", place + 1),
                        },
                        cve_id: id,
                        set_number: number,
                        template: template.name.clone(),
                        recipient,
                        subject: filled.subject.clone(),
                        body: filled.body.clone(),
                        sent_by: String::new(),
                        sent_at: None,
                    });
                }
            }
            let set = AnnouncementSetRow {
                number,
                revision: newest.revision,
                digest: digest(&rows),
                author: who.id().to_owned(),
                at: tx.now(),
                approved_by: String::new(),
                approved_at: None,
                mode: String::new(),
            };
            tx.insert_announcement_set(id, &set)?;
            for row in &rows {
                tx.insert_announcement(row)?;
            }
            let detail = json!({"cve_id": id, "set": number, "digest": set.digest});
            case::record(
                tx,
                &who,
                CaseId::new(row.id),
                "announced",
                "announce",
                detail,
            );
            Ok::<_, Error>(())
        })?;
        let made = self.announcements(actor, id)?;
        made.ok_or_else(|| Error::Broken(format!("the announcements of {id} are gone")))
    }

    /// The newest set of announcements of `id`; nothing before the first.
    pub fn announcements(
        &self,
        actor: &Actor,
        id: CveId,
    ) -> Result<Option<AnnouncementSet>, Error> {
        check(actor, Action::See)?;
        self.of_record(actor, id, |reader, names| set(reader, id, names))
    }

    /// Approves the set with this digest.
    ///
    /// Refuses: whoever made it, unless in solo mode; a digest that is not the
    /// newest set's.
    pub fn approve_announcements(
        &self,
        actor: &Actor,
        id: CveId,
        digest: Digest,
    ) -> Result<(), Error> {
        check(actor, Action::Review)?;
        let actor = actor.clone();
        self.store.write(move |tx| {
            let (row, _) = draft::take(tx, &actor, id, Verb::Comment)?;
            let newest = tx.announcement_set(id)?;
            let mut newest = newest
                .ok_or_else(|| Refusal::not_found(format!("a set of announcements of {id}")))?;
            if newest.digest != digest {
                let problem = format!(
                    "the set changed since: it is number {} with digest {} now; read it again",
                    newest.number, newest.digest
                );
                return Err(Error::from(Refusal::invalid("digest", problem)));
            }
            if newest.author == actor.id() {
                if approvals::rule(tx)?.solo.is_none() {
                    let reviewer = actor.name().to_owned();
                    return Err(Refusal::OwnDraft { reviewer }.into());
                }
                newest.mode = SOLO.to_owned();
            }
            newest.approved_by = actor.id().to_owned();
            newest.approved_at = Some(tx.now());
            tx.approve_announcement_set(id, &newest)?;
            let detail = json!({"cve_id": id, "digest": digest, "mode": newest.mode});
            let case = CaseId::new(row.id);
            case::record(
                tx,
                &actor,
                case,
                "announced",
                "approve-announcements",
                detail,
            );
            Ok(())
        })
    }

    /// Keeps that a person sent a text, also one whose mail failed.
    ///
    /// Takes: `text`, its id, or the template for all made from it.
    /// Refuses: a set that is not approved; an ID whose advisory is not public;
    /// a text that was sent.
    pub fn note_sent(&self, actor: &Actor, id: CveId, text: &str) -> Result<(), Error> {
        self.end_announcement(actor, id, text, false)
    }

    /// Leaves a mail with an announcement, and keeps that it was sent, in one
    /// unit of work. Its follow-up has the id of the announcement, so that
    /// there is one at most, and says how the mail fares; where it failed or was
    /// given up, the same follow-up is due again.
    ///
    /// Takes: `text`, its id, or the template for all made from it.
    /// Refuses: as [`note_sent`](Desk::note_sent); a set made from a revision that
    /// never was public; a recipient that is not one mail address; a desk without
    /// a mail server.
    pub fn send_announcement(&self, actor: &Actor, id: CveId, text: &str) -> Result<(), Error> {
        check(actor, Action::Send)?;
        self.end_announcement(actor, id, text, true)
    }

    fn end_announcement(
        &self,
        actor: &Actor,
        id: CveId,
        text: &str,
        by_mail: bool,
    ) -> Result<(), Error> {
        check(actor, Action::Announce)?;
        let (actor, text) = (actor.clone(), text.to_owned());
        self.store.write(move |tx| {
            let (row, line) = draft::take(tx, &actor, id, Verb::Comment)?;
            let found = named(tx, id, &text)?;
            let newest = tx.announcement_set(id)?;
            let is_newest = |number: i64| found.iter().all(|one| one.set_number == number);
            let set = newest.filter(|set| is_newest(set.number));
            let state: CaseState = row.state.parse().map_err(Error::Broken)?;
            let mut open = Vec::new();
            for one in found {
                if dispatch::of(tx, &one.id, one.sent_at.is_some())?.may_leave() {
                    open.push(one);
                }
            }
            let problem = match &set {
                None => "a newer set took its place",
                Some(set) if set.approved_by.is_empty() => {
                    "its set is not approved: `cna publish messages approve`"
                }
                Some(_) if !state.is_public() || line.disclosed_at.is_none() => {
                    "the advisory is not public yet: nothing is announced before it"
                }
                Some(_) if open.is_empty() => "it was sent already",
                Some(_) => "",
            };
            if !problem.is_empty() {
                return Err(Error::from(Refusal::invalid("announcement", problem)));
            }
            if by_mail {
                let revision = set.map(|set| set.revision).unwrap_or_default();
                refuse_unpublished(tx, id, revision)?;
            }
            for one in open {
                if by_mail {
                    leave_mail(tx, CaseId::new(row.id), &one)?;
                } else {
                    let answer = format!("sent by hand by {}", actor.name());
                    tx.settle_by_hand(&one.id, &answer)?;
                }
                tx.note_announcement_sent(&one.id, actor.id())?;
                let detail = json!({"cve_id": id, "announcement": one.id,
                                    "template": one.template, "by_mail": by_mail});
                case::record(tx, &actor, CaseId::new(row.id), "announced", "sent", detail);
            }
            Ok(())
        })
    }

    fn wanted(
        &self,
        names: &[String],
        known: &BTreeMap<String, String>,
    ) -> Result<Vec<Template>, Error> {
        if names.is_empty() {
            // Those whose recipients are known without being told.
            let is_possible = |template: &&Template| match template.name.as_str() {
                "list" => known.get("LIST").is_some_and(|list| !list.is_empty()),
                "coordinators" => known.get("COORDINATORS").is_some_and(|to| !to.is_empty()),
                "reporter" | placeholder::TEMPLATE => false,
                name => is_announcement(name),
            };
            return Ok(self
                .templates
                .0
                .values()
                .filter(is_possible)
                .cloned()
                .collect());
        }
        let find = |name: &String| {
            let shown: String = name.chars().take(64).collect();
            let all: Vec<&str> = OURS.iter().map(|(name, _)| *name).collect();
            let problem = format!(
                "`{shown}` is no template of announcements, expected one of {}",
                all.join(", ")
            );
            let found = self.text_template(name).filter(|_| is_announcement(name));
            found.ok_or_else(|| Error::from(Refusal::invalid("templates", problem)))
        };
        names.iter().map(find).collect()
    }
}

/// Says whether a template is one of announcements.
fn is_announcement(name: &str) -> bool {
    OURS.iter().any(|(ours, _)| *ours == name)
}

/// Each of several mail addresses; what is anything else stays one recipient.
pub(crate) fn recipients(to: &str) -> Vec<String> {
    let all: Vec<&str> = to.split(',').map(str::trim).collect();
    if all.iter().any(|one| mail::address("to", one).is_err()) {
        return vec![to.to_owned()];
    }
    let mut each: Vec<String> = Vec::new();
    for one in all {
        if !each.iter().any(|known| known == one) {
            each.push(one.to_owned());
        }
    }
    each
}

/// The text with this id, or those of the newest set made from this template.
fn named(tx: &mut Tx<'_>, id: CveId, text: &str) -> Result<Vec<AnnouncementRow>, Error> {
    if let Some(found) = tx.announcement(text)?.filter(|found| found.cve_id == id) {
        return Ok(vec![found]);
    }
    let mut found = match tx.announcement_set(id)? {
        Some(set) => tx.announcements(id, set.number)?,
        None => Vec::new(),
    };
    found.retain(|one| one.template == text);
    if found.is_empty() {
        let shown: String = text.chars().take(64).collect();
        return Err(Refusal::not_found(format!("announcement `{shown}` of {id}")).into());
    }
    Ok(found)
}

/// Refuses a set made from a revision that never was public: it may tell more
/// than the advisory does.
fn refuse_unpublished(tx: &mut Tx<'_>, id: CveId, revision: i64) -> Result<(), Error> {
    let revisions = tx.revisions(id)?;
    let digest = revisions
        .iter()
        .find(|row| row.revision == revision)
        .map(|row| row.digest);
    let disclosed = tx.disclosures(id)?.into_iter().map(|row| row.digest);
    let published = tx.publications(id)?.into_iter().map(|row| row.digest);
    if disclosed
        .chain(published)
        .any(|public| Some(public) == digest)
    {
        return Ok(());
    }
    let problem = format!(
        "its set was made from revision {revision}, which is not public: make it again with `cna \
         publish announce {id}`"
    );
    Err(Refusal::invalid("announcement", problem).into())
}

/// Leaves the mail with an announcement, which is approved and public.
fn leave_mail(tx: &mut Tx<'_>, case: CaseId, found: &AnnouncementRow) -> Result<(), Error> {
    let to = found.recipient.trim();
    if mail::address("announcement", to).is_err() {
        let shown: String = to.chars().take(64).collect();
        let problem = format!(
            "`{shown}` is not one mail address: send it by hand, and say so with `cna publish \
             messages sent`"
        );
        return Err(Refusal::invalid("announcement", problem).into());
    }
    if mail::server(tx)?.is_none() {
        let problem = "no mail server is set: `cna mail set` sets one";
        return Err(Refusal::invalid("mail", problem).into());
    }
    // A mail that failed goes under the same Message-ID again.
    if tx.renew_followup(&found.id)? {
        return Ok(());
    }
    let (id, about) = (&found.id, case.object());
    mail::notice(tx, id, &about, to, &found.subject, &found.body)
}

/// What oss-security asks of a mail, as far as a machine can tell.
///
/// Source: the list's own charter: public issues only, plain text, a subject
/// that says what it is, the facts in the mail.
fn oss_security(subject: &str, body: &str) -> Result<(), Refusal> {
    let refuse = |problem: &str| Err(Refusal::invalid("template `oss-security`", problem));
    if subject.split_whitespace().count() < 4 {
        return refuse("the subject says too little: expected product, ID and what it is about");
    }
    let is_html = ["<html", "<body", "<p>", "<br"]
        .iter()
        .any(|tag| body.to_ascii_lowercase().contains(tag));
    if is_html {
        return refuse("the text holds HTML, expected plain text");
    }
    let facts = body.lines().filter(|line| !line.contains("://"));
    if facts.map(|line| line.trim().len()).sum::<usize>() < 120 {
        return refuse("the facts have to be in the mail, not only behind a link");
    }
    Ok(())
}

fn digest(rows: &[AnnouncementRow]) -> Digest {
    let texts: Vec<_> = rows
        .iter()
        .map(|row| json!([row.template, row.recipient, row.subject, row.body]))
        .collect();
    Digest::of_json(&json!(texts))
}

pub(crate) fn fixed_values(organisation: &str, short_name: &str) -> BTreeMap<String, String> {
    let names = template::NAMES
        .iter()
        .map(|name| ((*name).to_owned(), String::new()));
    let mut values: BTreeMap<String, String> = names.collect();
    values.insert("ORGANISATION".into(), organisation.to_owned());
    values.insert("TAG".into(), short_name.to_lowercase());
    values
}

pub(crate) fn of_advisory(
    values: &mut BTreeMap<String, String>,
    advisory: &Advisory,
    portal: &str,
) {
    let list = |lines: Vec<String>| lines.join("\n");
    let affected = advisory.affected.iter();
    let affected = affected.map(|line| format!("- {}: {}", line.product, line.versions));
    let fixed = advisory
        .affected
        .iter()
        .filter(|line| !line.fixed.is_empty());
    let fixed = fixed.map(|line| format!("- {}: {}", line.product, line.fixed));
    let product = advisory.affected.first().map(|line| line.product.clone());
    for (name, value) in [
        ("CVE", advisory.cve_id.to_string()),
        ("SUMMARY", advisory.title.clone()),
        ("DESCRIPTION", advisory.summary.clone()),
        ("SEVERITY", advisory.severity.clone()),
        ("VECTOR", advisory.cvss.clone()),
        ("AFFECTED", list(affected.collect())),
        ("FIXED", list(fixed.collect())),
        ("SOLUTION", advisory.solution.clone()),
        ("WORKAROUND", advisory.workaround.clone()),
        ("ADVISORY", draft::advisory_url(portal, &advisory.id)),
        ("CREDIT", advisory.credit.clone()),
        ("PRODUCT", product.unwrap_or_default()),
    ] {
        values.insert(name.to_owned(), value);
    }
}

fn set(
    reader: &mut Reader<'_>,
    id: CveId,
    names: &Names,
) -> Result<Option<AnnouncementSet>, Error> {
    let Some(row) = reader.announcement_set(id)? else {
        return Ok(None);
    };
    let texts = reader.announcements(id, row.number)?;
    let approved_by = match row.approved_by.as_str() {
        "" => String::new(),
        by => approvals::named(&[names.of(by)], &row.mode),
    };
    let mut announcements = Vec::with_capacity(texts.len());
    for text in texts {
        let dispatch = dispatch::of(reader, &text.id, text.sent_at.is_some())?;
        let dispatch = dispatch.with_todo(|| again(id, &text.id, &text.template));
        announcements.push(Announcement {
            id: text.id,
            template: text.template,
            to: text.recipient,
            subject: text.subject,
            body: text.body,
            sent_by: names.of(&text.sent_by),
            sent_at: text.sent_at,
            dispatch,
        });
    }
    Ok(Some(AnnouncementSet {
        cve_id: id,
        number: row.number,
        revision: row.revision,
        digest: row.digest,
        author: names.of(&row.author),
        at: row.at,
        approved_by,
        approved_at: row.approved_at,
        announcements,
    }))
}

/// What to do about an announcement whose mail failed or was given up, or
/// about a placeholder issue that was not filed.
pub(crate) fn again(id: CveId, text: &str, template: &str) -> String {
    if template == placeholder::TEMPLATE {
        return format!("mend it, and go on with `cna publish issue {id} --file`");
    }
    format!(
        "mail it once more with `cna publish messages send {id} {text}`, or send it by hand and \
         say so with `cna publish messages sent {id} {text}`"
    )
}
