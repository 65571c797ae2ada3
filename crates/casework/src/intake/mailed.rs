//! Mails that somebody hands to the desk: each becomes a case, or goes to the
//! one it belongs to, once.

use cve::hash::Digest;
use serde::Serialize;
use serde_json::json;
use store::{AuditEvent, Reader, Tx};

use super::automatic::Automatic;
use super::mail::IncomingMail;
use super::{Arrival, Channel};
use crate::attachments::{self, Checked, MAX_ATTACHMENTS};
use crate::case::{self, CaseId, Verb, is_visible, stored_report, unknown_product};
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::mail::MAIL;
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::report::{Report, Reporter};

/// The product of a case whose mail was not said to be about one.
pub(crate) const NO_PRODUCT: &str = "not said";

/// What becomes, or would become, of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MailFate {
    /// It becomes a case.
    Case,
    /// It is added to the case it belongs to.
    Reply,
    /// It was taken in before.
    Known,
    /// The desk wrote it itself.
    Own,
    /// A machine wrote it: it is put aside.
    Aside,
    /// A server reports that a mail of the desk was not delivered, and that
    /// mail is marked so.
    Undelivered,
}

/// A file of a mail that was not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefusedFile {
    /// Its name.
    pub name: String,
    /// Why, and what would be taken.
    pub reason: String,
}

/// What became of a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TakenMail {
    /// What.
    pub fate: MailFate,
    /// Its case; nothing before there is one, and where the actor is not on it.
    pub case: Option<CaseId>,
    /// What the reporter may call the case; nothing before there is one.
    pub reference: Option<String>,
    /// Its subject.
    pub title: String,
    /// Who wrote it, by name or address; may be empty.
    pub from: String,
    /// Names of the files that are kept.
    pub files: Vec<String>,
    /// The files that are not.
    pub refused: Vec<RefusedFile>,
    /// Under what it is known.
    pub message: Digest,
    /// What it answers, by the same.
    pub answers: Vec<Digest>,
    /// Why it was put aside; empty for any other.
    pub reason: String,
}

/// Where a mail belongs.
enum Place {
    New,
    Known(Option<CaseId>),
    Own,
    Reply(CaseId),
    /// A machine wrote it.
    Aside,
    /// It reports that a mail of the desk was not delivered: which, of which
    /// case, where the actor is on it, and what was said.
    Undelivered(Undelivered),
}

/// A mail of the desk that was not delivered.
struct Undelivered {
    followup: String,
    case: Option<CaseId>,
    answer: String,
}

impl Desk {
    /// Takes a mail in: files it as a case under embargo, or adds it to the
    /// case it answers. A mail that was taken in before, by whomever, changes
    /// nothing.
    ///
    /// Takes: `product`, of the catalogue; nothing where it is not known yet.
    /// `dry_run`, to say what would become of it and change nothing.
    /// Gives: what became of it, with the files that are not kept, each with
    /// the reason; the case is made without them. What a machine wrote is put
    /// aside: it makes no case, answers nothing and stops no clock.
    /// Refuses: a product that is not in the catalogue.
    pub fn take_mail(
        &self,
        actor: &Actor,
        mail: &IncomingMail,
        product: Option<&str>,
        dry_run: bool,
    ) -> Result<TakenMail, Error> {
        check(actor, Action::Receive)?;
        if let Some(name) = product {
            let products = self.products()?;
            if !products.iter().any(|product| product.name == name) {
                return Err(unknown_product(name, &products).into());
            }
        }
        let (mail, files) = Letter::of(mail);
        if dry_run {
            return self.store.snapshot(|reader| {
                let place = place(reader, actor, &mail)?;
                Ok(mail.answer(&files, &place, None))
            });
        }
        let (actor, product) = (actor.clone(), product.unwrap_or(NO_PRODUCT).to_owned());
        let (again, by) = (mail.clone(), actor.clone());
        let taken = self.store.write(move |tx| {
            let place = place(tx, &actor, &mail)?;
            match place {
                Place::New => file(tx, &actor, &mail, &files, &product),
                Place::Reply(id) => reply(tx, &actor, id, &mail, &files),
                Place::Undelivered(failed) => undelivered(tx, &actor, &mail, failed),
                Place::Known(_) | Place::Own | Place::Aside => {
                    Ok(mail.answer(&files, &place, None))
                }
            }
        });
        match taken {
            // Another node took it between the look and the write.
            Err(error) if error.is_duplicate() => self.store.snapshot(|reader| {
                let place = place(reader, &by, &again)?;
                Ok(again.answer(&[], &place, None))
            }),
            taken => taken,
        }
    }
}

/// A mail whose files were looked at.
#[derive(Clone)]
struct Letter {
    mail: IncomingMail,
    refused: Vec<RefusedFile>,
}

impl Letter {
    /// Looks at the files, before anything is written.
    fn of(mail: &IncomingMail) -> (Letter, Vec<Checked>) {
        let mut mail = mail.clone();
        let mut kept = Vec::new();
        let mut refused = Vec::new();
        for file in std::mem::take(&mut mail.files) {
            let name = attachments::plain_name(&file.name);
            match attachments::checked(file) {
                Ok(checked) => kept.push(checked),
                Err(refusal) => refused.push(RefusedFile {
                    reason: reason_of(refusal, &name),
                    name,
                }),
            }
        }
        (Letter { mail, refused }, kept)
    }

    fn answer(&self, files: &[Checked], place: &Place, reference: Option<String>) -> TakenMail {
        let (fate, case) = match place {
            Place::New => (MailFate::Case, None),
            Place::Known(case) => (MailFate::Known, *case),
            Place::Own => (MailFate::Own, None),
            Place::Reply(case) => (MailFate::Reply, Some(*case)),
            Place::Aside => (MailFate::Aside, None),
            Place::Undelivered(failed) => (MailFate::Undelivered, failed.case),
        };
        let reason = match (place, &self.mail.automatic) {
            (Place::Undelivered(failed), _) => failed.answer.clone(),
            (Place::Aside, Some(automatic)) => automatic.reason.clone(),
            _ => String::new(),
        };
        let is_taken = matches!(fate, MailFate::Case | MailFate::Reply);
        let files = files.iter().filter(|_| is_taken);
        TakenMail {
            fate,
            case,
            reference,
            title: self.mail.title.clone(),
            from: self.mail.name.clone(),
            files: files.map(|file| file.name().to_owned()).collect(),
            refused: match is_taken {
                true => self.refused.clone(),
                false => Vec::new(),
            },
            message: self.mail.digest,
            answers: self
                .mail
                .answers
                .iter()
                .map(|id| IncomingMail::digest_of_id(id))
                .collect(),
            reason,
        }
    }
}

/// The reason without the name, which stands beside it.
fn reason_of(refusal: Refusal, name: &str) -> String {
    match refusal {
        Refusal::Invalid { problem, .. } => problem
            .strip_prefix(&format!("`{name}` "))
            .unwrap_or(&problem)
            .to_owned(),
        other => other.to_string(),
    }
}

/// Finds out where a mail belongs. A case the actor may not see is as one
/// that is not there, but for this: what was taken in is not taken again.
fn place(reader: &mut Reader<'_>, actor: &Actor, letter: &Letter) -> Result<Place, Error> {
    let mail = &letter.mail;
    if let Some(row) = reader.mail(mail.digest)? {
        let seen = is_visible(reader, actor, row.case_id)?;
        return Ok(Place::Known(seen.then(|| CaseId::new(row.case_id))));
    }
    if of_followup(reader, &mail.id)?.is_some() {
        return Ok(Place::Own);
    }
    let answered = answered(reader, actor, mail)?;
    if let Some(automatic) = &mail.automatic {
        let is_taken = (automatic.may_answer && answered.is_some())
            || (automatic.is_list && has_shape(reader, mail)?);
        if !is_taken {
            return put_aside(reader, actor, automatic);
        }
    }
    Ok(answered.map_or(Place::New, Place::Reply))
}

/// The case a mail answers.
fn answered(
    reader: &mut Reader<'_>,
    actor: &Actor,
    mail: &IncomingMail,
) -> Result<Option<CaseId>, Error> {
    for id in &mail.answers {
        let known = reader.mail(IncomingMail::digest_of_id(id))?;
        let case = match known {
            Some(row) => Some(row.case_id),
            None => of_followup(reader, id)?.flatten(),
        };
        if let Some(case) = case
            && is_visible(reader, actor, case)?
        {
            return Ok(Some(CaseId::new(case)));
        }
    }
    // Anybody can write a number into a subject: it counts from those the
    // case is with already.
    for case in named(reader, &mail.title)? {
        if is_visible(reader, actor, case)? && correspondent(reader, case, mail)?.is_some() {
            return Ok(Some(CaseId::new(case)));
        }
    }
    Ok(None)
}

/// Whether a mail that goes to many may be a report all the same: it has the
/// form of one, names an ID, brings a file, or names a product of the
/// catalogue.
fn has_shape(reader: &mut Reader<'_>, mail: &IncomingMail) -> Result<bool, Error> {
    let text = format!("{}\n{}", mail.title, mail.text).to_lowercase();
    let is_form = mail.text.starts_with("---\n");
    if is_form || mail.has_files || text.contains("cve-") || text.contains("cwe-") {
        return Ok(true);
    }
    let part_of_word = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    let names = |name: &str| {
        let name = name.to_lowercase();
        text.match_indices(&name).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + name.len()..].chars().next();
            !name.is_empty() && ![before, after].into_iter().flatten().any(part_of_word)
        })
    };
    let products = crate::desk::products(reader)?;
    Ok(products
        .iter()
        .any(|product| names(&product.name) || names(&product.product)))
}

/// What a mail of a machine means: nothing, or that one of ours failed. Of a
/// case the actor may not see, nothing is said.
fn put_aside(
    reader: &mut Reader<'_>,
    actor: &Actor,
    automatic: &Automatic,
) -> Result<Place, Error> {
    for bounced in &automatic.bounced {
        let Some(case) = of_followup(reader, &bounced.id)? else {
            continue;
        };
        if let Some(case) = case
            && !is_visible(reader, actor, case)?
        {
            continue;
        }
        return Ok(Place::Undelivered(Undelivered {
            followup: local_part(&bounced.id).to_owned(),
            case: case.map(CaseId::new),
            answer: bounced.answer.clone(),
        }));
    }
    Ok(Place::Aside)
}

/// Marks a mail of the desk as not delivered: its follow-up has failed, as
/// `cna status` says, and can be tried again. A second report changes nothing.
fn undelivered(
    tx: &mut Tx<'_>,
    actor: &Actor,
    letter: &Letter,
    failed: Undelivered,
) -> Result<TakenMail, Error> {
    if tx.fail_done_followup(&failed.followup, &failed.answer)? {
        let detail = json!({"followup": failed.followup});
        match failed.case {
            Some(id) => case::record(tx, actor, id, "undelivered", "mail-undelivered", detail),
            None => tx.audit(AuditEvent {
                actor: actor.name().to_owned(),
                org: String::new(),
                action: "mail.undelivered".into(),
                object: format!("follow-up {}", failed.followup),
                detail,
            }),
        }
    }
    Ok(letter.answer(&[], &Place::Undelivered(failed), None))
}

/// Says whether a mail with this Message-ID is one of the desk's own, and of
/// which case.
fn of_followup(reader: &mut Reader<'_>, id: &str) -> Result<Option<Option<i64>>, Error> {
    let local = local_part(id);
    if local.is_empty() {
        return Ok(None);
    }
    let found = reader.followup(local)?.filter(|row| row.kind == MAIL);
    Ok(found.map(|row| row.subject.strip_prefix("case ")?.parse().ok()))
}

/// What stands before the `@` of a Message-ID: the id of our follow-up.
fn local_part(id: &str) -> &str {
    id.split('@').next().unwrap_or_default()
}

/// The cases a subject names: by a reference, or as our mails do.
fn named(reader: &mut Reader<'_>, subject: &str) -> Result<Vec<i64>, Error> {
    let mut cases = Vec::new();
    let words = subject.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    for word in words.filter(|word| word.len() <= 32) {
        let word = word.to_ascii_uppercase();
        if word.starts_with("R-")
            && let Some(receipt) = reader.receipt_by_reference(&word)?
        {
            cases.push(receipt.case_id);
        }
    }
    if let Some((_, rest)) = subject.split_once(crate::mail::ABOUT) {
        let digits = rest.split(|c: char| !c.is_ascii_digit()).next();
        cases.extend(digits.and_then(|digits| digits.parse::<i64>().ok()));
    }
    Ok(cases)
}

/// Whom of a case a mail is from: its reporter as an empty name, or a vendor
/// of its lane; nothing for anybody else.
fn correspondent(
    reader: &mut Reader<'_>,
    case: i64,
    mail: &IncomingMail,
) -> Result<Option<String>, Error> {
    if mail.address.is_empty() {
        return Ok(None);
    }
    let Some(row) = reader.case(case)? else {
        return Ok(None);
    };
    let address = mail.address.to_lowercase();
    let contact = stored_report(&row)?.reporter.contact.to_lowercase();
    let is_part = |c: char| c.is_whitespace() || "<>,;()\"".contains(c);
    if contact.split(is_part).any(|word| word == address) {
        return Ok(Some(String::new()));
    }
    let vendors = reader.vendor_contacts(case)?;
    let vendor = vendors
        .into_iter()
        .find(|vendor| vendor.address.to_lowercase() == address);
    Ok(vendor.map(|vendor| vendor.name))
}

/// Files a mail as a case.
fn file(
    tx: &mut Tx<'_>,
    actor: &Actor,
    letter: &Letter,
    files: &[Checked],
    product: &str,
) -> Result<TakenMail, Error> {
    let now = tx.now();
    let mail = &letter.mail;
    let report = Report {
        title: mail.title.clone(),
        product: product.to_owned(),
        reporter: Reporter {
            name: if mail.name.is_empty() {
                "anonymous".to_owned()
            } else {
                mail.name.clone()
            },
            contact: mail.address.clone(),
            credit: String::new(),
        },
        // A clock that goes wrong elsewhere moves no deadline here.
        received: mail.date.map(|date| date.min(now)),
        embargoed: true,
        severity: String::new(),
        weakness: String::new(),
        cvss: String::new(),
        affected: Vec::new(),
        references: Vec::new(),
        public: None,
        answers: std::collections::BTreeMap::new(),
        body: mail.text.clone(),
    };
    let arrival = Arrival::new(Channel::Mail, &report);
    let (id, reference) = case::open(tx, Some(actor), &report, &arrival)?;
    tx.insert_mail(mail.digest, id.number(), "case", actor.id())?;
    let (kept, refused) = keep_files(tx, actor, id, letter, files, "reporter")?;
    let mut taken = letter.answer(&files[..kept], &Place::New, Some(reference));
    taken.case = Some(id);
    taken.refused = refused;
    Ok(taken)
}

/// Adds a mail to the case it belongs to: into the lane of whom it is from. The
/// reporter and vendors read theirs, and a mailbox also holds what colleagues
/// wrote to each other in the same thread; so what is from nobody the case is
/// with stays internal.
fn reply(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: CaseId,
    letter: &Letter,
    files: &[Checked],
) -> Result<TakenMail, Error> {
    let mut row = case::take(tx, actor, id, Verb::Comment)?;
    let mail = &letter.mail;
    tx.insert_mail(mail.digest, id.number(), "reply", actor.id())?;
    let from = correspondent(tx, id.number(), mail)?;
    let (lane, author) = match from.as_deref() {
        Some("") => ("reporter", "reporter"),
        Some(vendor) => ("vendors", vendor),
        None => ("internal", actor.id()),
    };
    let when = mail.date.map(|date| {
        let text = date.to_string();
        format!(
            " of {} UTC",
            text.get(..16).unwrap_or(&text).replace('T', " ")
        )
    });
    let sender = match (mail.name.as_str(), mail.address.as_str()) {
        ("", _) => "nobody named".to_owned(),
        (name, address) if name == address => address.to_owned(),
        (name, address) => format!("{name}, {address}"),
    };
    let head = format!("By mail{}, from {sender}:", when.unwrap_or_default());
    let body = format!("{head}\n\n{}", mail.text);
    tx.insert_message(id.number(), lane, author, &body)?;
    let (kept, refused) = keep_files(tx, actor, id, letter, files, author)?;
    case::settle(tx, &mut row)?;
    let detail = json!({"lane": lane, "files": kept, "refused": refused.len()});
    let change = match from {
        Some(_) => "answered",
        None => "commented",
    };
    case::record(tx, actor, id, change, "mail-reply", detail);
    let mut taken = letter.answer(&files[..kept], &Place::Reply(id), None);
    taken.refused = refused;
    Ok(taken)
}

/// Keeps as many files as the case may have, and says in the case which were
/// not kept.
///
/// Gives: how many of `files` are kept, and everything that is not.
fn keep_files(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: CaseId,
    letter: &Letter,
    files: &[Checked],
    author: &str,
) -> Result<(usize, Vec<RefusedFile>), Error> {
    let has = tx.attachments(id.number())?.len();
    let kept = files.len().min(MAX_ATTACHMENTS.saturating_sub(has));
    for file in &files[..kept] {
        attachments::keep(tx, id, author, file)?;
    }
    let mut refused = letter.refused.clone();
    for file in &files[kept..] {
        refused.push(RefusedFile {
            name: file.name().to_owned(),
            reason: format!("is one more than the {MAX_ATTACHMENTS} files a case may have"),
        });
    }
    if !refused.is_empty() {
        let mut note = format!("{}\n", store::NOT_KEPT);
        for file in &refused {
            note.push_str(&format!("\n- `{}` {}", file.name, file.reason));
        }
        tx.insert_message(id.number(), "internal", actor.id(), &note)?;
    }
    Ok((kept, refused))
}
