//! Mails that were taken in: each once, and with the case it went to.

use cve::hash::Digest;
use cve::time::Timestamp;

use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

/// A mail that was taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailRow {
    /// Digest of its Message-ID, or of the mail where it has none.
    pub digest: Digest,
    /// The case it went to.
    pub case_id: i64,
    /// `case` or `reply`.
    pub fate: String,
    /// When it was taken in.
    pub at: Timestamp,
    /// Id of the person who did.
    pub taken_by: String,
}

impl Reader<'_> {
    /// The mail with this digest; nothing for one that was not taken in.
    pub fn mail(&mut self, digest: Digest) -> Result<Option<MailRow>, Error> {
        let found = self.first(
            "select digest, case_id, fate, at, taken_by from mails where digest = ?1",
            params![digest],
        )?;
        let Some(row) = found else { return Ok(None) };
        Ok(Some(MailRow {
            digest: row.parse(0)?,
            case_id: row.int(1)?,
            fate: row.text(2)?,
            at: row.parse(3)?,
            taken_by: row.text(4)?,
        }))
    }
}

impl Tx<'_> {
    /// Notes that a mail was taken in, just now.
    ///
    /// Refuses: a mail that was, as a duplicate; so of two that take the same
    /// at once, one undoes everything it did.
    pub fn insert_mail(
        &mut self,
        digest: Digest,
        case_id: i64,
        fate: &str,
        taken_by: &str,
    ) -> Result<(), Error> {
        let now = self.now();
        self.execute(
            "insert into mails (digest, case_id, fate, at, taken_by) values (?1, ?2, ?3, ?4, ?5)",
            params![digest, case_id, fate, now, taken_by],
        )?;
        Ok(())
    }
}
