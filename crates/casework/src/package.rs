//! Packages: what private distributors are told of a case under embargo.
//!
//! A package is a text with patches and addresses, approved together by
//! somebody who did not write it, and sent by a commander. It leaves by mail
//! where mail may carry the texts of embargoed cases, and otherwise by hand.
//!
//! Source: process sections 12.1 to 12.4; deadlines D-16 and D-17.

mod text;

use cve::hash::Digest;
use cve::time::Timestamp;
use serde::Serialize;
use serde_json::json;
use store::{
    AttachmentRow, CaseRow, PackageAnswerRow, PackageFileRow, PackageMailRow, PackageRow, Reader,
    SilentMemberRow, Tx,
};

use crate::announce::{self, template};
use crate::approvals::{self, SOLO};
use crate::case::{self, CaseId, CaseState, Names, Verb, is_visible, not_found};
use crate::clocks::EventKind;
use crate::desk::Desk;
use crate::dispatch::{self, Dispatch, DispatchState};
use crate::distributors;
use crate::error::{Error, Refusal};
use crate::intake::insert_event;
use crate::mail;
use crate::people::Actor;
use crate::policy::{Action, Role, check};
use crate::tasks::short;

pub use text::NewPackage;
pub(crate) use text::PACKAGES;

/// Bytes the files of a package have at most, together.
///
/// Source: our choice; mail servers refuse more.
const MOST_BYTES: i64 = 10 * 1024 * 1024;

const FIRST: &str = "first";
const FINAL: &str = "final";

/// A package, with how it fares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Package {
    /// Its number in the case, from 1.
    pub number: i64,
    /// `first`, the notice of D-16, or `final`, that of D-17.
    pub kind: String,
    /// The subject of its mail.
    pub subject: String,
    /// Its text.
    pub body: String,
    /// Its files.
    pub files: Vec<PackageFile>,
    /// What an approval binds to: text, files and addresses.
    pub digest: Digest,
    /// Name of whoever made it.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// Whoever approved it, with what was out of the ordinary; empty before.
    pub approved_by: String,
    /// When.
    pub approved_at: Option<Timestamp>,
    /// Name of whoever sent it; empty before.
    pub sent_by: String,
    /// When.
    pub sent_at: Option<Timestamp>,
    /// Whether a person sent it, and no mail was left.
    pub by_hand: bool,
    /// Where it goes, and how each mail fares.
    pub mails: Vec<PackageMail>,
    /// Whom it reaches, and what each answered.
    pub members: Vec<PackageMember>,
}

/// A file of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PackageFile {
    /// Its name.
    pub name: String,
    /// sha-256 of its bytes.
    pub digest: Digest,
}

/// An address a package goes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PackageMail {
    /// The address.
    pub to: String,
    /// How its mail fares.
    pub dispatch: Dispatch,
}

/// Somebody a package reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PackageMember {
    /// Its name.
    pub name: String,
    /// Its mail address.
    pub address: String,
    /// What it distributes.
    pub product: String,
    /// What it answered last; empty before it did.
    pub answer: String,
    /// When it did.
    pub answered_at: Option<Timestamp>,
    /// Name of whoever noted it; empty before.
    pub noted_by: String,
}

/// Where a package stands, as a case shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PackageStanding {
    /// Its number in the case.
    pub number: i64,
    /// `first` or `final`.
    pub kind: String,
    /// `written`, `approved` or `sent`.
    pub state: &'static str,
    /// When it was sent.
    pub sent_at: Option<Timestamp>,
    /// How many it reaches.
    pub reached: usize,
    /// Names of those who have not answered; empty before it is sent.
    pub silent: Vec<String>,
    /// Addresses whose mail failed, or was given up.
    pub failed: Vec<String>,
}

impl Desk {
    /// Writes a package for the private distributors. Nothing is sent.
    ///
    /// Refuses: a case that is under no embargo; nobody to send it to; a file the
    /// case does not have; a text that cannot be filled, with its line.
    pub fn write_package(
        &self,
        actor: &Actor,
        id: CaseId,
        new: &NewPackage,
    ) -> Result<Package, Error> {
        check(actor, Action::Announce)?;
        let organisation = self.set_up_organisation()?;
        let texts = self.package_texts(new, organisation)?;
        let uuid = self.world.uuid();
        let (actor, new) = (actor.clone(), new.clone());
        self.store.write(move |tx| {
            let mut row = case::take(tx, &actor, id, Verb::Comment)?;
            refuse_public(&row)?;
            let files = chosen(&tx.attachments(row.id)?, &new.files)?;
            let members = tx.distributors()?;
            let list = distributors::list(tx)?;
            if list.is_empty() && members.is_empty() {
                let problem = "there is nobody to tell: set their list with `cna distributor \
                               address`, or add members with `cna distributor add`";
                return Err(Refusal::invalid("distributors", problem).into());
            }
            let to = match list.as_str() {
                "" => {
                    let each = members.iter().map(|member| member.address.as_str());
                    each.collect::<Vec<_>>().join(", ")
                }
                list => list.to_owned(),
            };
            let filled = texts.fill(tx, &row, &actor, &to, &files, &new)?;
            let mut mails = Vec::new();
            for (place, recipient) in announce::recipients(&filled.to).into_iter().enumerate() {
                mail::address("template", &recipient)?;
                mails.push(PackageMailRow {
                    recipient,
                    followup: format!("{uuid}-{}", place + 1),
                });
            }
            let kind = kind_of(&new);
            let package = PackageRow {
                case_id: row.id,
                number: tx.packages(row.id)?.len() as i64 + 1,
                kind: kind.to_owned(),
                digest: digest(kind, &filled, &files, &mails),
                subject: filled.subject,
                body: filled.body,
                author: actor.id().to_owned(),
                at: tx.now(),
                approved_by: String::new(),
                approved_at: None,
                mode: String::new(),
                sent_by: String::new(),
                sent_at: None,
                by_hand: false,
            };
            tx.insert_package(&package, &files, &mails, &members)?;
            case::settle(tx, &mut row)?;
            let detail = json!({
                "package": package.number, "kind": package.kind, "digest": package.digest,
            });
            case::record(tx, &actor, id, "package-written", "package.write", detail);
            let names = Names::load(tx)?;
            shown(tx, package, &names)
        })
    }

    /// The packages of a case, oldest first. The look at one of a case under
    /// embargo is written to the audit chain.
    pub fn packages(&self, actor: &Actor, id: CaseId) -> Result<Vec<Package>, Error> {
        check(actor, Action::See)?;
        let (packages, embargoed) = self.store.snapshot(|reader| {
            if !is_visible(reader, actor, id.number())? {
                return Err(Error::from(not_found(id)));
            }
            let names = Names::load(reader)?;
            let mut packages = Vec::new();
            for row in reader.packages(id.number())? {
                packages.push(shown(reader, row, &names)?);
            }
            let row = reader.case(id.number())?;
            Ok((packages, row.is_some_and(|row| row.embargoed)))
        })?;
        if embargoed {
            self.note_view(actor, id)?;
        }
        Ok(packages)
    }

    /// Approves the package with this digest.
    ///
    /// Refuses: whoever wrote it, unless in solo mode; a digest that is not its;
    /// one that a newer one of its kind replaced; one that was sent.
    pub fn approve_package(
        &self,
        actor: &Actor,
        id: CaseId,
        number: i64,
        digest: Digest,
    ) -> Result<Package, Error> {
        check(actor, Action::Distribute)?;
        check(actor, Action::Review)?;
        let actor = actor.clone();
        self.store.write(move |tx| {
            let mut row = case::take(tx, &actor, id, Verb::Comment)?;
            let package = standing(tx, id, number)?;
            if package.digest != digest {
                let problem = format!(
                    "package {number} has the digest {}: read it again with `cna case notify show \
                     {id}`",
                    package.digest
                );
                return Err(Error::from(Refusal::invalid("digest", problem)));
            }
            if package.sent_at.is_some() {
                let problem = format!("package {number} was sent already");
                return Err(Refusal::invalid("package", problem).into());
            }
            let mut mode = "";
            if package.author == actor.id() {
                if approvals::rule(tx)?.solo.is_none() {
                    let reviewer = actor.name().to_owned();
                    return Err(Refusal::OwnProposal { reviewer }.into());
                }
                mode = SOLO;
            }
            tx.approve_package(id.number(), number, actor.id(), mode)?;
            case::settle(tx, &mut row)?;
            let detail = json!({"package": number, "digest": digest, "mode": mode});
            case::record(
                tx,
                &actor,
                id,
                "package-approved",
                "package.approve",
                detail,
            );
            found(tx, id, number)
        })
    }

    /// Sends an approved package, or keeps that it was sent by hand; which is
    /// the notice of D-16, or that of D-17. Mails that failed go once more.
    ///
    /// Refuses: whoever is no commander; a package that is not approved, or that
    /// a newer one of its kind replaced; a case that is public; by mail, a desk
    /// whose mail may not carry the texts of embargoed cases.
    pub fn send_package(
        &self,
        actor: &Actor,
        id: CaseId,
        number: i64,
        by_hand: bool,
    ) -> Result<Package, Error> {
        if !actor.has(Role::Commander) {
            return Err(Refusal::NotAllowed {
                actor: actor.name().to_owned(),
                action: Action::Distribute.words(),
                needs: format!("the role `{}`", Role::Commander),
            }
            .into());
        }
        check(actor, Action::Distribute)?;
        let actor = actor.clone();
        self.store.write(move |tx| {
            let mut row = case::take(tx, &actor, id, Verb::Comment)?;
            let package = standing(tx, id, number)?;
            if package.approved_by.is_empty() {
                let problem = format!(
                    "package {number} is not approved: somebody else does with `cna case notify \
                     approve {id} {number}`"
                );
                return Err(Error::from(Refusal::invalid("package", problem)));
            }
            refuse_public(&row)?;
            let is_first = package.sent_at.is_none();
            let mut open = Vec::new();
            for mail in tx.package_mails(id.number(), number)? {
                if dispatch::of(tx, &mail.followup, !is_first)?.may_leave() {
                    open.push(mail);
                }
            }
            if open.is_empty() {
                let problem = format!("package {number} was sent already");
                return Err(Refusal::invalid("package", problem).into());
            }
            if by_hand {
                let answer = format!("sent by hand by {}", actor.name());
                for mail in &open {
                    tx.settle_by_hand(&mail.followup, &answer)?;
                }
            } else {
                leave_mails(tx, id, &package, &open)?;
            }
            if is_first {
                tx.note_package_sent(id.number(), number, actor.id(), by_hand)?;
                let kind = match package.kind.as_str() {
                    FINAL => EventKind::DistributorsFinalNotice,
                    _ => EventKind::DistributorsTold,
                };
                insert_event(tx, id, kind, actor.id())?;
            }
            case::settle(tx, &mut row)?;
            let detail = json!({
                "package": number, "digest": package.digest, "by_hand": by_hand,
            });
            case::record(tx, &actor, id, "package-sent", "package.send", detail);
            found(tx, id, number)
        })
    }

    /// Notes what a member answered to a package that was sent.
    ///
    /// Takes: `words`, not empty; `at`, when it answered: now without it.
    /// Refuses: a member it does not reach; a package that was not sent.
    pub fn note_package_answer(
        &self,
        actor: &Actor,
        id: CaseId,
        number: i64,
        member: &str,
        words: &str,
        at: Option<Timestamp>,
    ) -> Result<Package, Error> {
        check(actor, Action::Record)?;
        let words = short("words", words.trim())?;
        if words.is_empty() {
            return Err(Refusal::invalid("words", "it is empty: say what they answered").into());
        }
        let (actor, member) = (actor.clone(), member.trim().to_owned());
        self.store.write(move |tx| {
            case::take(tx, &actor, id, Verb::Comment)?;
            let package = row_of(tx, id, number)?;
            let Some(sent_at) = package.sent_at else {
                let problem = format!("package {number} was not sent: nobody can have answered");
                return Err(Error::from(Refusal::invalid("package", problem)));
            };
            let members = tx.package_members(id.number(), number)?;
            if !members.iter().any(|(name, ..)| *name == member) {
                let known: Vec<_> = members.iter().map(|(name, ..)| name.as_str()).collect();
                let shown: String = member.chars().take(64).collect();
                let problem = format!(
                    "`{shown}` is no member that package {number} reaches, expected one of: {}",
                    known.join(", ")
                );
                return Err(Refusal::invalid("member", problem).into());
            }
            let now = tx.now();
            let at = at.unwrap_or(now);
            if at < sent_at || at > now {
                let problem =
                    format!("{at} is not between when it was sent, {sent_at}, and now, {now}");
                return Err(Refusal::invalid("at", problem).into());
            }
            tx.insert_package_answer(
                id.number(),
                number,
                &PackageAnswerRow {
                    member: member.clone(),
                    words: words.clone(),
                    at,
                    noted_by: actor.id().to_owned(),
                },
            )?;
            let detail = json!({"package": number});
            case::record(tx, &actor, id, "package-answered", "package.answer", detail);
            found(tx, id, number)
        })
    }
}

/// Refuses to tell distributors of what is public, or was never secret.
fn refuse_public(row: &CaseRow) -> Result<(), Error> {
    let state: CaseState = row.state.parse().map_err(Error::Broken)?;
    if row.embargoed && !state.is_public() {
        return Ok(());
    }
    let problem = format!(
        "case {} is under no embargo: what is public is announced, with `cna publish announce`",
        row.id
    );
    Err(Refusal::invalid("package", problem).into())
}

/// The files of these names, or numbers, in the order they are named.
fn chosen(known: &[AttachmentRow], names: &[String]) -> Result<Vec<PackageFileRow>, Error> {
    let mut files: Vec<PackageFileRow> = Vec::new();
    let mut bytes = 0_i64;
    for name in names {
        let mut found: Vec<&AttachmentRow> = known.iter().filter(|row| row.name == *name).collect();
        if found.is_empty() {
            found = known
                .iter()
                .filter(|row| row.number.to_string() == *name)
                .collect();
        }
        let shown: String = name.chars().take(64).collect();
        let file = match found.as_slice() {
            [one] => one,
            [] => {
                let problem = format!(
                    "the case has no file `{shown}`: attach it with `cna case attach`, or see \
                     them with `cna case attachments`"
                );
                return Err(Refusal::invalid("files", problem).into());
            }
            _ => {
                let problem = format!("several files are called `{shown}`: name it by its number");
                return Err(Refusal::invalid("files", problem).into());
            }
        };
        if files.iter().any(|known| known.name == file.name) {
            let problem = format!("`{shown}` is named twice, or another file is called so");
            return Err(Refusal::invalid("files", problem).into());
        }
        bytes += file.size;
        files.push(PackageFileRow {
            name: file.name.clone(),
            digest: file.digest,
        });
    }
    if bytes > MOST_BYTES {
        let problem = format!("they have {bytes} bytes: expected at most {MOST_BYTES} together");
        return Err(Refusal::invalid("files", problem).into());
    }
    Ok(files)
}

fn kind_of(new: &NewPackage) -> &'static str {
    if new.is_final { FINAL } else { FIRST }
}

fn digest(
    kind: &str,
    filled: &template::Filled,
    files: &[PackageFileRow],
    mails: &[PackageMailRow],
) -> Digest {
    let files: Vec<_> = files
        .iter()
        .map(|file| json!([file.name, file.digest]))
        .collect();
    let mails: Vec<_> = mails.iter().map(|mail| mail.recipient.as_str()).collect();
    Digest::of_json(&json!([kind, mails, filled.subject, filled.body, files]))
}

fn unknown(id: CaseId, number: i64) -> Refusal {
    Refusal::not_found(format!("package {number} of case {id}"))
}

fn row_of(reader: &mut Reader<'_>, id: CaseId, number: i64) -> Result<PackageRow, Error> {
    let rows = reader.packages(id.number())?.into_iter();
    let row = rows.into_iter().find(|row| row.number == number);
    Ok(row.ok_or_else(|| unknown(id, number))?)
}

/// The package of this number, unless a newer one of its kind replaced it.
fn standing(reader: &mut Reader<'_>, id: CaseId, number: i64) -> Result<PackageRow, Error> {
    let row = row_of(reader, id, number)?;
    let all = reader.packages(id.number())?;
    let newer = all
        .iter()
        .find(|other| other.kind == row.kind && other.number > number);
    if let Some(newer) = newer {
        let problem = format!("package {} took the place of {number}", newer.number);
        return Err(Refusal::invalid("package", problem).into());
    }
    Ok(row)
}

/// Leaves the mails of a package that is approved.
fn leave_mails(
    tx: &mut Tx<'_>,
    id: CaseId,
    package: &PackageRow,
    mails: &[PackageMailRow],
) -> Result<(), Error> {
    let by_hand = format!(
        "send it by hand, and say so with `cna case notify send {id} {} --by-hand`",
        package.number
    );
    let problem = match mail::server(tx)? {
        None => format!("no mail server is set: `cna mail set` sets one, or {by_hand}"),
        Some(server) if !server.may_carry_texts => {
            format!("mail may not carry what a case under embargo says: {by_hand}")
        }
        Some(_) => String::new(),
    };
    if !problem.is_empty() {
        return Err(Refusal::invalid("mail", problem).into());
    }
    let files: Vec<mail::MailFile> = tx
        .package_files(package.case_id, package.number)?
        .into_iter()
        .map(|file| mail::MailFile {
            name: file.name,
            digest: file.digest,
        })
        .collect();
    for mail in mails {
        // A mail that failed goes under the same Message-ID again.
        if tx.renew_followup(&mail.followup)? {
            continue;
        }
        mail::with_files(
            tx,
            &mail.followup,
            &id.object(),
            &mail.recipient,
            (&package.subject, &package.body),
            &files,
        )?;
    }
    Ok(())
}

fn found(reader: &mut Reader<'_>, id: CaseId, number: i64) -> Result<Package, Error> {
    let names = Names::load(reader)?;
    let row = row_of(reader, id, number)?;
    shown(reader, row, &names)
}

fn shown(reader: &mut Reader<'_>, row: PackageRow, names: &Names) -> Result<Package, Error> {
    let (case, number) = (row.case_id, row.number);
    let mut mails = Vec::new();
    for mail in reader.package_mails(case, number)? {
        let dispatch = match row.by_hand {
            true => dispatch::of(reader, "", true)?,
            false => dispatch::of(reader, &mail.followup, row.sent_at.is_some())?,
        };
        mails.push(PackageMail {
            to: mail.recipient,
            dispatch: dispatch.with_todo(|| again(CaseId::new(case), number)),
        });
    }
    let answers = reader.package_answers(case, number)?;
    let members = reader.package_members(case, number)?.into_iter();
    let members = members.map(|(name, address, product)| {
        let answer = answers.iter().rfind(|answer| answer.member == name);
        PackageMember {
            answer: answer
                .map(|answer| answer.words.clone())
                .unwrap_or_default(),
            answered_at: answer.map(|answer| answer.at),
            noted_by: answer
                .map(|answer| names.of(&answer.noted_by))
                .unwrap_or_default(),
            name,
            address,
            product,
        }
    });
    let members = members.collect();
    let files = reader.package_files(case, number)?.into_iter();
    let approved_by = match row.approved_by.as_str() {
        "" => String::new(),
        by => approvals::named(&[names.of(by)], &row.mode),
    };
    Ok(Package {
        number,
        kind: row.kind,
        subject: row.subject,
        body: row.body,
        files: files
            .map(|file| PackageFile {
                name: file.name,
                digest: file.digest,
            })
            .collect(),
        digest: row.digest,
        author: names.of(&row.author),
        at: row.at,
        approved_by,
        approved_at: row.approved_at,
        sent_by: names.of(&row.sent_by),
        sent_at: row.sent_at,
        by_hand: row.by_hand,
        mails,
        members,
    })
}

/// Where the newest package of each kind of a case stands.
pub(crate) fn standings(
    reader: &mut Reader<'_>,
    id: CaseId,
) -> Result<Vec<PackageStanding>, Error> {
    let rows = reader.packages(id.number())?;
    let mut standings = Vec::new();
    for kind in [FIRST, FINAL] {
        let Some(row) = rows.iter().rfind(|row| row.kind == kind) else {
            continue;
        };
        let members = reader.package_members(id.number(), row.number)?;
        let answers = reader.package_answers(id.number(), row.number)?;
        let reached = members.len();
        let mut silent = Vec::new();
        for (name, ..) in members {
            if row.sent_at.is_some() && !answers.iter().any(|answer| answer.member == name) {
                silent.push(name);
            }
        }
        let mut failed = Vec::new();
        let by_mail = row.sent_at.is_some() && !row.by_hand;
        for mail in reader.package_mails(id.number(), row.number)? {
            if dispatch::of(reader, &mail.followup, by_mail)?.state == DispatchState::Failed {
                failed.push(mail.recipient);
            }
        }
        standings.push(PackageStanding {
            number: row.number,
            kind: row.kind.clone(),
            state: match (row.sent_at, row.approved_by.as_str()) {
                (Some(_), _) => "sent",
                (None, "") => "written",
                (None, _) => "approved",
            },
            sent_at: row.sent_at,
            reached,
            silent,
            failed,
        });
    }
    Ok(standings)
}

/// What to do about a package whose mail failed or was given up.
pub(crate) fn again(id: CaseId, number: i64) -> String {
    format!(
        "mail it once more with `cna case notify send {id} {number}`, or send it by hand and say \
         so with `cna case notify send {id} {number} --by-hand`"
    )
}

/// Who has not answered which package, in words, with the case.
pub(crate) fn silent_in_words(rows: &[SilentMemberRow]) -> Vec<(i64, i64, String)> {
    let mut lines: Vec<(i64, i64, String, Vec<&str>)> = Vec::new();
    for row in rows {
        match lines.last_mut() {
            Some((case, number, _, names)) if (*case, *number) == (row.case_id, row.number) => {
                names.push(&row.name);
            }
            _ => lines.push((row.case_id, row.number, row.kind.clone(), vec![&row.name])),
        }
    }
    let words = |(case, number, kind, names): (i64, i64, String, Vec<&str>)| {
        let what = format!(
            "ask who has not answered the {kind} notice, and note it with `cna case notify answer \
             {case} {number} NAME -m TEXT`: {}",
            names.join(", ")
        );
        (case, number, what)
    };
    lines.into_iter().map(words).collect()
}
