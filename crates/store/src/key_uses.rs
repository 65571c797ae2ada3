//! When keys of the authority were last used.

use std::collections::BTreeMap;

use cve::time::Timestamp;

use crate::error::Error;
use crate::params;
use crate::reader::Reader;
use crate::tx::Tx;

impl Reader<'_> {
    /// When each user of the organisation with UUID `org` last used its key,
    /// by the user's UUID; users that never did are not in it.
    pub fn key_uses(&mut self, org: &str) -> Result<BTreeMap<String, Timestamp>, Error> {
        self.query(
            "select k.user_uuid, k.at from key_uses k join users u on u.uuid = k.user_uuid \
             where u.org = ?1",
            params![org],
        )?
        .iter()
        .map(|row| Ok((row.text(0)?, row.parse(1)?)))
        .collect()
    }
}

impl Tx<'_> {
    /// Notes that the user with UUID `user` used its key. An earlier moment
    /// than the one that is kept changes nothing, so that nodes may tell late;
    /// a user that does not exist is passed over.
    pub fn note_key_use(&mut self, user: &str, at: Timestamp) -> Result<(), Error> {
        self.execute(
            "insert into key_uses (user_uuid, at) select uuid, ?2 from users where uuid = ?1 \
             on conflict (user_uuid) do update set at = excluded.at where key_uses.at < excluded.at",
            params![user, at],
        )?;
        Ok(())
    }
}
