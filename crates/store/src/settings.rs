//! Settings of the instance, one word each.

use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

impl Reader<'_> {
    /// The setting `name`; nothing when it was never set.
    pub fn setting(&mut self, name: &str) -> Result<Option<String>, Error> {
        self.first("select value from settings where name = ?1", params![name])?
            .map(|row| row.text(0))
            .transpose()
    }
}

impl Tx<'_> {
    /// Sets `name` to `value`.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), Error> {
        self.execute(
            "insert into settings (name, value) values (?1, ?2) \
             on conflict (name) do update set value = excluded.value",
            params![name, value],
        )?;
        Ok(())
    }
}
