//! Approving and sending packages, and what comes back.
//!
//! Source: process sections 3.5 and 12.2; deadlines D-16 and D-17.

use cve::hash::Digest;
use cve::time::Timestamp;
use serde_json::json;
use store::{PackageAnswerRow, PackageMailRow, PackageRow, Tx};

use super::{FINAL, Package, found, refuse_public, row_of, unreplaced};
use crate::approvals::{self, SOLO};
use crate::case::{self, CaseId, Verb};
use crate::clocks::EventKind;
use crate::desk::Desk;
use crate::dispatch;
use crate::error::{Error, Refusal};
use crate::intake::insert_event;
use crate::mail;
use crate::people::Actor;
use crate::policy::{Action, Role, check};
use crate::tasks::short;

impl Desk {
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
            let package = unreplaced(tx, id, number)?;
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
            let package = unreplaced(tx, id, number)?;
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
