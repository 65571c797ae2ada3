//! What the public side is made again from: what was disclosed and when, the
//! record as it was last read, and the products of each advisory.

use cve::hash::Digest;
use cve::id::CveId;
use cve::time::Timestamp;

use crate::error::Error;
use crate::params;
use crate::published::{ADVISORY, AdvisoryRow, PublishedReader, advisory};
use crate::reader::Reader;
use crate::tx::Tx;

/// That an advisory became public with a content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisclosureRow {
    /// Number among those of the ID, from 1.
    pub number: i64,
    /// Id of the advisory.
    pub advisory: String,
    /// Digest of the revision.
    pub digest: Digest,
    /// When.
    pub at: Timestamp,
}

/// A record as it was last read from CVE Services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveRecordRow {
    /// Its bytes.
    pub body: Vec<u8>,
    /// When it was read.
    pub at: Timestamp,
}

impl Reader<'_> {
    /// The IDs of which something was disclosed, in order.
    pub fn disclosed_ids(&mut self) -> Result<Vec<CveId>, Error> {
        self.query(
            "select cve_id from disclosures where number = 1 order by cve_id",
            &[],
        )?
        .iter()
        .map(|row| row.parse(0))
        .collect()
    }

    /// The disclosures of `id`, oldest first.
    pub fn disclosures(&mut self, id: CveId) -> Result<Vec<DisclosureRow>, Error> {
        self.query(
            "select number, advisory, digest, at from disclosures where cve_id = ?1 \
             order by number",
            params![id],
        )?
        .iter()
        .map(|row| {
            Ok(DisclosureRow {
                number: row.int(0)?,
                advisory: row.text(1)?,
                digest: row.parse(2)?,
                at: row.parse(3)?,
            })
        })
        .collect()
    }

    /// The record of `id` as it was last read.
    pub fn live_record(&mut self, id: CveId) -> Result<Option<LiveRecordRow>, Error> {
        self.first(
            "select body, at from live_records where cve_id = ?1",
            params![id],
        )?
        .map(|row| {
            Ok(LiveRecordRow {
                body: row.bytes(0)?,
                at: row.parse(1)?,
            })
        })
        .transpose()
    }
}

impl PublishedReader<'_> {
    /// Advisories of a product, newest first.
    pub fn advisories_of_product(
        &mut self,
        slug: &str,
        offset: u32,
        limit: u32,
    ) -> Result<Vec<AdvisoryRow>, Error> {
        let sql = format!(
            "select {ADVISORY} from advisories a join advisory_products p on p.advisory = a.id \
             where p.slug = ?1 order by a.published desc, a.id desc limit ?2 offset ?3"
        );
        self.inner()
            .query(&sql, params![slug, limit, offset])?
            .iter()
            .map(advisory)
            .collect()
    }

    /// Advisories that became public in a year (UTC), newest first.
    ///
    /// Takes: `year`, four digits.
    pub fn advisories_of_year(
        &mut self,
        year: &str,
        offset: u32,
        limit: u32,
    ) -> Result<Vec<AdvisoryRow>, Error> {
        let sql = format!(
            "select {ADVISORY} from advisories a where a.published >= ?1 and a.published < ?2 \
             order by a.published desc, a.id desc limit ?3 offset ?4"
        );
        let next = year.parse::<u32>().map_or(0, |year| year + 1);
        let from = format!("{year}-01-01T00:00:00.000Z");
        let before = format!("{next:04}-01-01T00:00:00.000Z");
        self.inner()
            .query(&sql, params![from, before, limit, offset])?
            .iter()
            .map(advisory)
            .collect()
    }

    /// The products with a public advisory, as slug, name and how many.
    pub fn products(&mut self) -> Result<Vec<(String, String, i64)>, Error> {
        self.inner()
            .query(
                "select slug, min(name), count(*) from advisory_products group by slug \
                 order by slug",
                &[],
            )?
            .iter()
            .map(|row| Ok((row.text(0)?, row.text(1)?, row.int(2)?)))
            .collect()
    }

    /// The years with a public advisory, newest first, and how many.
    pub fn years(&mut self) -> Result<Vec<(String, i64)>, Error> {
        self.inner()
            .query(
                "select substr(published, 1, 4), count(*) from advisories \
                 group by substr(published, 1, 4) order by 1 desc",
                &[],
            )?
            .iter()
            .map(|row| Ok((row.text(0)?, row.int(1)?)))
            .collect()
    }

    /// Whom researchers reach, as the organisation set it.
    pub fn security_txt(&mut self) -> Result<Option<String>, Error> {
        self.inner().setting("security-txt")
    }
}

impl Tx<'_> {
    /// Adds a disclosure; its ledger line has been taken by this unit of work.
    pub fn insert_disclosure(
        &mut self,
        id: CveId,
        advisory: &str,
        digest: Digest,
    ) -> Result<(), Error> {
        let now = self.now();
        self.execute(
            "insert into disclosures (cve_id, number, advisory, digest, at) values (?1, (select \
             coalesce(max(number), 0) + 1 from disclosures where cve_id = ?1), ?2, ?3, ?4)",
            params![id, advisory, digest, now],
        )?;
        Ok(())
    }

    /// Keeps the record of `id` as it was last read.
    pub fn put_live_record(&mut self, id: CveId, body: &[u8], at: Timestamp) -> Result<(), Error> {
        self.execute(
            "insert into live_records (cve_id, body, at) values (?1, ?2, ?3) \
             on conflict (cve_id) do update set body = excluded.body, at = excluded.at",
            params![id, body, at],
        )?;
        Ok(())
    }

    /// Writes the products of a public advisory, and no others.
    pub fn put_advisory_products(
        &mut self,
        advisory: &str,
        products: &[(String, String)],
    ) -> Result<(), Error> {
        self.execute(
            "delete from advisory_products where advisory = ?1",
            params![advisory],
        )?;
        for (slug, name) in products {
            self.execute(
                "insert into advisory_products (advisory, slug, name) values (?1, ?2, ?3) \
                 on conflict (advisory, slug) do nothing",
                params![advisory, slug, name],
            )?;
        }
        Ok(())
    }

    /// Empties every table the public reads, to be made again.
    pub fn clear_public(&mut self) -> Result<(), Error> {
        for table in ["feed_items", "documents", "advisory_products", "advisories"] {
            self.execute(&format!("delete from {table}"), &[])?;
        }
        Ok(())
    }
}
