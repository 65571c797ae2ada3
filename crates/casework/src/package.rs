//! Packages: what private distributors are told of a case under embargo.
//!
//! A package is a text with patches and addresses, approved together by
//! somebody who did not write it, and sent by a commander. It leaves by mail
//! where mail may carry the texts of embargoed cases, and otherwise by hand.
//!
//! Source: process sections 12.1 to 12.4; deadlines D-16 and D-17.

mod sending;
mod standing;
mod text;

use cve::hash::Digest;
use cve::time::Timestamp;
use serde::Serialize;
use serde_json::json;
use store::{AttachmentRow, CaseRow, PackageFileRow, PackageMailRow, PackageRow, Reader};

use crate::announce::{self, template};
use crate::approvals;
use crate::case::{self, CaseId, CaseState, Names, Verb, is_visible, not_found};
use crate::desk::Desk;
use crate::dispatch::{self, Dispatch};
use crate::distributors;
use crate::error::{Error, Refusal};
use crate::mail;
use crate::people::Actor;
use crate::policy::{Action, check};

pub use standing::PackageStanding;
pub(crate) use standing::{again, silent_in_words, standings};
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
fn unreplaced(reader: &mut Reader<'_>, id: CaseId, number: i64) -> Result<PackageRow, Error> {
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
