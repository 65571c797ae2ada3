//! The texts that revisions of drafts were written as.

use cve::id::CveId;

use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

impl Reader<'_> {
    /// The newest text of this format that a revision up to `revision` was
    /// written as.
    pub fn form(
        &mut self,
        id: CveId,
        revision: i64,
        format: &str,
    ) -> Result<Option<String>, Error> {
        self.first(
            "select form from draft_forms where cve_id = ?1 and revision <= ?2 and format = ?3 \
             order by revision desc limit 1",
            params![id, revision, format],
        )?
        .map(|row| row.text(0))
        .transpose()
    }
}

impl Tx<'_> {
    /// Keeps the text of a revision that this unit of work adds.
    pub fn insert_form(
        &mut self,
        id: CveId,
        revision: i64,
        format: &str,
        form: &str,
    ) -> Result<(), Error> {
        self.execute(
            "insert into draft_forms (cve_id, revision, format, form) values (?1, ?2, ?3, ?4)",
            params![id, revision, format, form],
        )?;
        Ok(())
    }
}
