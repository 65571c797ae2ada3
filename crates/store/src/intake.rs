//! How reports come in: receipts, and the links of reporters.

use cve::hash::Digest;
use cve::time::Timestamp;

use crate::engine::Row;
use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// How a case came in, and what its reporter set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptRow {
    /// The case.
    pub case_id: i64,
    /// What the reporter calls it: `R-2026-000123`.
    pub reference: String,
    /// `form`, `desk` or `mail`.
    pub channel: String,
    /// When it came in.
    pub at: Timestamp,
    /// The product as the reporter wrote it.
    pub product: String,
    /// Whether it is public already, in the reporter's words; may be empty.
    pub public_status: String,
    /// What the reporter plans to publish, and when; may be empty.
    pub plan: String,
    /// `yes` or `no` to being credited; empty where nobody said.
    pub consent: String,
    /// What few may read; may be empty.
    pub confidential: String,
    /// Whether the reporter may see for when the disclosure is planned.
    pub date_told: bool,
}

const RECEIPT: &str = "case_id, reference, channel, at, product, public_status, plan, consent, \
                       confidential, date_told";

fn receipt(row: &Row) -> Result<ReceiptRow, Error> {
    Ok(ReceiptRow {
        case_id: row.int(0)?,
        reference: row.text(1)?,
        channel: row.text(2)?,
        at: row.parse(3)?,
        product: row.text(4)?,
        public_status: row.text(5)?,
        plan: row.text(6)?,
        consent: row.text(7)?,
        confidential: row.text(8)?,
        date_told: row.truth(9)?,
    })
}

impl Reader<'_> {
    /// How a case came in; nothing for one from before receipts were written.
    pub fn receipt(&mut self, case_id: i64) -> Result<Option<ReceiptRow>, Error> {
        let sql = format!("select {RECEIPT} from receipts where case_id = ?1");
        self.first(&sql, params![case_id])?
            .as_ref()
            .map(receipt)
            .transpose()
    }

    /// The receipt with this reference.
    pub fn receipt_by_reference(&mut self, reference: &str) -> Result<Option<ReceiptRow>, Error> {
        let sql = format!("select {RECEIPT} from receipts where reference = ?1");
        self.first(&sql, params![reference])?
            .as_ref()
            .map(receipt)
            .transpose()
    }

    /// The case whose status a link shows, while the link works.
    pub fn status_link(&mut self, digest: Digest) -> Result<Option<i64>, Error> {
        self.first(
            "select case_id from status_links where digest = ?1 and revoked = ''",
            params![digest],
        )?
        .map(|row| row.int(0))
        .transpose()
    }

    /// When the link of a case that works was made; nothing without one.
    pub fn working_link(&mut self, case_id: i64) -> Result<Option<Timestamp>, Error> {
        self.first(
            "select max(created) from status_links where case_id = ?1 and revoked = ''",
            params![case_id],
        )?
        .map_or(Ok(None), |row| row.opt_parse(0))
    }
}

impl Tx<'_> {
    /// Adds the receipt of a case.
    pub fn insert_receipt(&mut self, receipt: &ReceiptRow) -> Result<(), Error> {
        self.execute(
            "insert into receipts (case_id, reference, channel, at, product, public_status, plan, \
             consent, confidential, date_told) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                receipt.case_id,
                &receipt.reference,
                &receipt.channel,
                receipt.at,
                &receipt.product,
                &receipt.public_status,
                &receipt.plan,
                &receipt.consent,
                &receipt.confidential,
                receipt.date_told
            ],
        )?;
        Ok(())
    }

    /// Notes what the reporter says to being credited.
    pub fn set_consent(&mut self, case_id: i64, consent: &str) -> Result<(), Error> {
        self.execute(
            "update receipts set consent = ?2 where case_id = ?1",
            params![case_id, consent],
        )?;
        Ok(())
    }

    /// Notes whether the reporter may see the planned date.
    pub fn set_date_told(&mut self, case_id: i64, told: bool) -> Result<(), Error> {
        self.execute(
            "update receipts set date_told = ?2 where case_id = ?1",
            params![case_id, told],
        )?;
        Ok(())
    }

    /// Adds a link by its digest.
    ///
    /// Takes: `by`, the id of the person who made it, or `reporter`.
    pub fn insert_status_link(
        &mut self,
        digest: Digest,
        case_id: i64,
        by: &str,
    ) -> Result<(), Error> {
        let now = self.now();
        self.execute(
            "insert into status_links (digest, case_id, created, created_by, revoked) \
             values (?1, ?2, ?3, ?4, '')",
            params![digest, case_id, now, by],
        )?;
        Ok(())
    }

    /// Ends every link of a case.
    ///
    /// Gives: how many worked until now.
    pub fn revoke_status_links(&mut self, case_id: i64) -> Result<u64, Error> {
        let now = self.now();
        self.execute(
            "update status_links set revoked = ?2 where case_id = ?1 and revoked = ''",
            params![case_id, now],
        )
    }
}
