//! Organisations: look, quota.

use cve::wire::{Org, Quota};

use super::{Reply, Services, path};
use crate::{Error, Method};

impl Services {
    /// An org by its short name; only one's own, except for the Secretariat.
    ///
    /// Refuses: 403 `NOT_SAME_ORG_OR_SECRETARIAT`, also for unknown ones.
    /// Source: GET `/org/:identifier`.
    pub fn org(&self, short_name: &str) -> Result<Reply<Org>, Error> {
        self.ask(Method::Get, &path(&["org", short_name]), &[], None)
    }

    /// How many IDs an org may still reserve.
    ///
    /// Source: GET `/org/:shortname/id_quota`.
    pub fn quota(&self, short_name: &str) -> Result<Reply<Quota>, Error> {
        let path = path(&["org", short_name, "id_quota"]);
        self.ask(Method::Get, &path, &[], None)
    }
}
