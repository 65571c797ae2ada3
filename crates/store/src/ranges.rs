//! The years CVE IDs are taken from, as an operator looks at them.

use cve::id::Year;

use crate::engine::Row;
use crate::error::Error;
use crate::ids::IdRange;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

const COLUMNS: &str = "year, priority_top, priority_start, priority_end, general_top, \
                       general_start, general_end";

impl Reader<'_> {
    /// All open years with their numbers, by year.
    pub fn id_ranges(&mut self) -> Result<Vec<IdRange>, Error> {
        let sql = format!("select {COLUMNS} from id_ranges order by year");
        self.query(&sql, &[])?
            .iter()
            .map(|row| {
                Ok(IdRange {
                    year: year(row)?,
                    priority: [row.int(1)?, row.int(2)?, row.int(3)?],
                    general: [row.int(4)?, row.int(5)?, row.int(6)?],
                })
            })
            .collect()
    }
}

fn year(row: &Row) -> Result<Year, Error> {
    let number = row.int(0)?;
    let year = u16::try_from(number).ok().and_then(Year::new);
    year.ok_or_else(|| Error::Corrupt {
        statement: "id_ranges".into(),
        column: 0,
        problem: format!("{number}, expected a year"),
    })
}

impl Tx<'_> {
    /// Moves the last number of the general block of `year`.
    ///
    /// Gives: `false` when the year is not open, or when numbers above `end`
    /// were given already.
    pub fn extend_range(&mut self, year: Year, end: i64) -> Result<bool, Error> {
        let rows = self.execute(
            "update id_ranges set general_end = ?2 where year = ?1 and general_top <= ?2",
            params![year, end],
        )?;
        Ok(rows > 0)
    }
}
