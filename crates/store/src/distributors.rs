//! Private distributors, and the packages they are sent.

use cve::hash::Digest;
use cve::time::Timestamp;

use crate::engine::Row;
use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// A private distributor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistributorRow {
    /// Its name.
    pub name: String,
    /// Its mail address.
    pub address: String,
    /// What it distributes.
    pub product: String,
    /// Id of whoever added it.
    pub added_by: String,
    /// When.
    pub added_at: Timestamp,
}

/// A package of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageRow {
    /// The case.
    pub case_id: i64,
    /// Its number in the case, from 1.
    pub number: i64,
    /// `first` or `final`.
    pub kind: String,
    /// The subject of its mail.
    pub subject: String,
    /// Its text.
    pub body: String,
    /// What an approval binds to.
    pub digest: Digest,
    /// Id of whoever made it.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// Id of whoever approved it; empty before.
    pub approved_by: String,
    /// When.
    pub approved_at: Option<Timestamp>,
    /// `solo`, or empty for what is usual.
    pub mode: String,
    /// Id of whoever sent it; empty before.
    pub sent_by: String,
    /// When.
    pub sent_at: Option<Timestamp>,
    /// Whether a person sent it, and no mail was left.
    pub by_hand: bool,
}

/// A file of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageFileRow {
    /// Its name.
    pub name: String,
    /// sha-256 of its bytes.
    pub digest: Digest,
}

/// Where a package goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageMailRow {
    /// A mail address.
    pub recipient: String,
    /// Id of the follow-up that mails it.
    pub followup: String,
}

/// What a member answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageAnswerRow {
    /// Name of the member.
    pub member: String,
    /// Its words.
    pub words: String,
    /// When it said so.
    pub at: Timestamp,
    /// Id of whoever noted it.
    pub noted_by: String,
}

/// A member that has not answered a package that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SilentMemberRow {
    /// The case.
    pub case_id: i64,
    /// The package.
    pub number: i64,
    /// Its kind.
    pub kind: String,
    /// Name of the member.
    pub name: String,
}

const PACKAGE: &str = "case_id, number, kind, subject, body, digest, author, at, approved_by, \
                       approved_at, mode, sent_by, sent_at, by_hand";

fn distributor(row: &Row) -> Result<DistributorRow, Error> {
    Ok(DistributorRow {
        name: row.text(0)?,
        address: row.text(1)?,
        product: row.text(2)?,
        added_by: row.text(3)?,
        added_at: row.parse(4)?,
    })
}

fn package(row: &Row) -> Result<PackageRow, Error> {
    Ok(PackageRow {
        case_id: row.int(0)?,
        number: row.int(1)?,
        kind: row.text(2)?,
        subject: row.text(3)?,
        body: row.text(4)?,
        digest: row.parse(5)?,
        author: row.text(6)?,
        at: row.parse(7)?,
        approved_by: row.text(8)?,
        approved_at: row.opt_parse(9)?,
        mode: row.text(10)?,
        sent_by: row.text(11)?,
        sent_at: row.opt_parse(12)?,
        by_hand: row.int(13)? != 0,
    })
}

impl Reader<'_> {
    /// The private distributors, by name, without those that were removed.
    pub fn distributors(&mut self) -> Result<Vec<DistributorRow>, Error> {
        self.query(
            "select name, address, product, added_by, added_at from distributors \
             where removed_at = '' order by name",
            params![],
        )?
        .iter()
        .map(distributor)
        .collect()
    }

    /// The packages of a case, oldest first.
    pub fn packages(&mut self, case_id: i64) -> Result<Vec<PackageRow>, Error> {
        let sql = format!("select {PACKAGE} from packages where case_id = ?1 order by number");
        self.query(&sql, params![case_id])?
            .iter()
            .map(package)
            .collect()
    }

    /// The package of a case that this follow-up mails, as number and recipient.
    pub fn package_of_followup(
        &mut self,
        case_id: i64,
        followup: &str,
    ) -> Result<Option<(i64, String)>, Error> {
        let row = self.first(
            "select number, recipient from package_mails where case_id = ?1 and followup = ?2",
            params![case_id, followup],
        )?;
        row.map(|row| Ok((row.int(0)?, row.text(1)?))).transpose()
    }

    /// The files of a package, in their order.
    pub fn package_files(
        &mut self,
        case_id: i64,
        number: i64,
    ) -> Result<Vec<PackageFileRow>, Error> {
        self.query(
            "select name, digest from package_files where case_id = ?1 and number = ?2 \
             order by place",
            params![case_id, number],
        )?
        .iter()
        .map(|row| {
            Ok(PackageFileRow {
                name: row.text(0)?,
                digest: row.parse(1)?,
            })
        })
        .collect()
    }

    /// Where a package goes, by address.
    pub fn package_mails(
        &mut self,
        case_id: i64,
        number: i64,
    ) -> Result<Vec<PackageMailRow>, Error> {
        self.query(
            "select recipient, followup from package_mails where case_id = ?1 and number = ?2 \
             order by recipient",
            params![case_id, number],
        )?
        .iter()
        .map(|row| {
            Ok(PackageMailRow {
                recipient: row.text(0)?,
                followup: row.text(1)?,
            })
        })
        .collect()
    }

    /// Whom a package reaches, by name, as name, address and product.
    pub fn package_members(
        &mut self,
        case_id: i64,
        number: i64,
    ) -> Result<Vec<(String, String, String)>, Error> {
        self.query(
            "select name, address, product from package_members \
             where case_id = ?1 and number = ?2 order by name",
            params![case_id, number],
        )?
        .iter()
        .map(|row| Ok((row.text(0)?, row.text(1)?, row.text(2)?)))
        .collect()
    }

    /// What was answered to a package, oldest first.
    pub fn package_answers(
        &mut self,
        case_id: i64,
        number: i64,
    ) -> Result<Vec<PackageAnswerRow>, Error> {
        self.query(
            "select member, words, at, noted_by from package_answers \
             where case_id = ?1 and number = ?2 order by answer",
            params![case_id, number],
        )?
        .iter()
        .map(|row| {
            Ok(PackageAnswerRow {
                member: row.text(0)?,
                words: row.text(1)?,
                at: row.parse(2)?,
                noted_by: row.text(3)?,
            })
        })
        .collect()
    }

    /// Members that have not answered the newest package of its kind that was
    /// sent, in the embargoed cases `person` is on, at most `limit`.
    pub fn silent_members(
        &mut self,
        person: &str,
        limit: u32,
    ) -> Result<Vec<SilentMemberRow>, Error> {
        self.query(
            "select p.case_id, p.number, p.kind, m.name from packages p \
             join cases c on c.id = p.case_id and c.embargoed = 1 \
             join case_members s on s.case_id = p.case_id and s.person = ?1 \
             join package_members m on m.case_id = p.case_id and m.number = p.number \
             where p.sent_at <> '' and not exists (select 1 from packages q \
             where q.case_id = p.case_id and q.kind = p.kind and q.sent_at <> '' \
             and q.number > p.number) and not exists (select 1 from package_answers a \
             where a.case_id = p.case_id and a.number = p.number and a.member = m.name) \
             order by p.case_id, p.number, m.name limit ?2",
            params![person, limit],
        )?
        .iter()
        .map(|row| {
            Ok(SilentMemberRow {
                case_id: row.int(0)?,
                number: row.int(1)?,
                kind: row.text(2)?,
                name: row.text(3)?,
            })
        })
        .collect()
    }

    /// The bytes with this digest; nothing where they were erased.
    pub fn blob(&mut self, digest: Digest) -> Result<Option<Vec<u8>>, Error> {
        let row = self.first("select body from blobs where digest = ?1", params![digest])?;
        row.map(|mut row| row.take_bytes(0)).transpose()
    }
}

impl Tx<'_> {
    /// Adds a distributor, or replaces the one of its name.
    pub fn put_distributor(
        &mut self,
        name: &str,
        address: &str,
        product: &str,
        by: &str,
    ) -> Result<(), Error> {
        let now = self.now();
        self.execute(
            "insert into distributors (name, address, product, added_by, added_at, removed_at) \
             values (?1, ?2, ?3, ?4, ?5, '') on conflict (name) do update set \
             address = excluded.address, product = excluded.product, \
             added_by = excluded.added_by, added_at = excluded.added_at, removed_at = ''",
            params![name, address, product, by, now],
        )?;
        Ok(())
    }

    /// Removes a distributor.
    ///
    /// Gives: whether there was one.
    pub fn remove_distributor(&mut self, name: &str) -> Result<bool, Error> {
        let now = self.now();
        let rows = self.execute(
            "update distributors set removed_at = ?2 where name = ?1 and removed_at = ''",
            params![name, now],
        )?;
        Ok(rows > 0)
    }

    /// Adds a package with all that belongs to it; its case has been taken.
    pub fn insert_package(
        &mut self,
        row: &PackageRow,
        files: &[PackageFileRow],
        mails: &[PackageMailRow],
        members: &[DistributorRow],
    ) -> Result<(), Error> {
        let (case_id, number) = (row.case_id, row.number);
        self.execute(
            "insert into packages (case_id, number, kind, subject, body, digest, author, at, \
             approved_by, approved_at, mode, sent_by, sent_at, by_hand) \
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, '', '', '', '', '', 0)",
            params![
                case_id,
                number,
                &row.kind,
                &row.subject,
                &row.body,
                row.digest,
                &row.author,
                row.at
            ],
        )?;
        for (place, file) in files.iter().enumerate() {
            let place = i64::try_from(place).unwrap_or(i64::MAX);
            self.execute(
                "insert into package_files (case_id, number, place, name, digest) \
                 values (?1, ?2, ?3, ?4, ?5)",
                params![case_id, number, place, &file.name, file.digest],
            )?;
        }
        for mail in mails {
            self.execute(
                "insert into package_mails (case_id, number, recipient, followup) \
                 values (?1, ?2, ?3, ?4)",
                params![case_id, number, &mail.recipient, &mail.followup],
            )?;
        }
        for member in members {
            self.execute(
                "insert into package_members (case_id, number, name, address, product) \
                 values (?1, ?2, ?3, ?4, ?5)",
                params![
                    case_id,
                    number,
                    &member.name,
                    &member.address,
                    &member.product
                ],
            )?;
        }
        Ok(())
    }

    /// Notes who approved a package, and that it was `solo`.
    pub fn approve_package(
        &mut self,
        case_id: i64,
        number: i64,
        by: &str,
        mode: &str,
    ) -> Result<(), Error> {
        let now = self.now();
        self.execute(
            "update packages set approved_by = ?3, approved_at = ?4, mode = ?5 \
             where case_id = ?1 and number = ?2",
            params![case_id, number, by, now, mode],
        )?;
        Ok(())
    }

    /// Notes who sent a package, and whether by hand.
    pub fn note_package_sent(
        &mut self,
        case_id: i64,
        number: i64,
        by: &str,
        by_hand: bool,
    ) -> Result<(), Error> {
        let now = self.now();
        self.execute(
            "update packages set sent_by = ?3, sent_at = ?4, by_hand = ?5 \
             where case_id = ?1 and number = ?2",
            params![case_id, number, by, now, i64::from(by_hand)],
        )?;
        Ok(())
    }

    /// Adds what a member answered to a package.
    pub fn insert_package_answer(
        &mut self,
        case_id: i64,
        number: i64,
        answer: &PackageAnswerRow,
    ) -> Result<(), Error> {
        self.execute(
            "insert into package_answers (case_id, number, answer, member, words, at, noted_by) \
             values (?1, ?2, (select coalesce(max(answer), 0) + 1 from package_answers \
             where case_id = ?1 and number = ?2), ?3, ?4, ?5, ?6)",
            params![
                case_id,
                number,
                &answer.member,
                &answer.words,
                answer.at,
                &answer.noted_by
            ],
        )?;
        Ok(())
    }
}
