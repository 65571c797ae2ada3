//! CVE IDs: reserve, look, list, change.

use cve::id::{CveId, Year};
use cve::wire::{BatchType, CveIdObject, IdState, ReserveAnswer, UpdatedCveId};

use super::{Reply, Services, path};
use crate::{Error, Method};

/// A reservation to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    /// The year of the IDs.
    pub year: Year,
    /// How many, from 1; the service refuses more than the quota.
    pub amount: u32,
    /// Short name of the org that will own them.
    pub short_name: String,
    /// How they are picked. `None` only for one ID, which then comes from
    /// the low numbers; the service refuses more without it.
    pub batch: Option<BatchType>,
}

/// Which IDs to list; all that is given must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IdFilter {
    /// Of this year.
    pub year: Option<Year>,
    /// In this state.
    pub state: Option<IdState>,
    /// Reserved before this time, ISO 8601, sent as it is; UTC without zone.
    pub reserved_before: Option<String>,
    /// Reserved after this time.
    pub reserved_after: Option<String>,
    /// Changed before this time.
    pub modified_before: Option<String>,
    /// Changed after this time.
    pub modified_after: Option<String>,
}

impl IdFilter {
    fn query(&self) -> Vec<(&'static str, String)> {
        [
            ("cve_id_year", self.year.map(|year| year.to_string())),
            ("state", self.state.map(|state| state.to_string())),
            ("time_reserved.lt", self.reserved_before.clone()),
            ("time_reserved.gt", self.reserved_after.clone()),
            ("time_modified.lt", self.modified_before.clone()),
            ("time_modified.gt", self.modified_after.clone()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
    }
}

impl Services {
    /// Reserves CVE IDs. Not repeatable: the service has no idempotency keys.
    ///
    /// Gives: `ReserveAnswer`; status 206 and fewer IDs than asked when the
    /// year ran out meanwhile.
    /// Refuses: `EXCEEDED_ID_QUOTA`, `RESERVATION_IN_PROGRESS`,
    /// `CANNOT_RESERVE_FOR_YEAR`, `YEAR_RANGE_FULL` and others.
    /// Source: POST `/cve-id`.
    pub fn reserve(&self, reservation: &Reservation) -> Result<Reply<ReserveAnswer>, Error> {
        let mut query = vec![
            ("cve_year", reservation.year.to_string()),
            ("amount", reservation.amount.to_string()),
            ("short_name", reservation.short_name.clone()),
        ];
        if let Some(batch) = reservation.batch {
            query.push(("batch_type", batch.to_string()));
        }
        self.ask(Method::Post, "cve-id", &query, None)
    }

    /// Lists the IDs the account's org owns, all pages joined.
    ///
    /// Source: GET `/cve-id`.
    pub fn list_ids(&self, filter: &IdFilter) -> Result<Reply<Vec<CveIdObject>>, Error> {
        self.all_pages("cve-id", filter.query(), "cve_ids")
    }

    /// Looks at one ID; redacted when the account's org does not own it.
    ///
    /// Refuses: 404 `CVE_ID_NOT_FOUND`.
    /// Source: GET `/cve-id/:id`.
    pub fn id(&self, id: CveId) -> Result<Reply<CveIdObject>, Error> {
        self.ask(Method::Get, &path(&["cve-id", &id.to_string()]), &[], None)
    }

    /// Changes the state or the owner of an ID, or both.
    ///
    /// Refuses: `ORG_DOES_NOT_OWN_ID`; a state change of an ID with a record
    /// as `CANNOT_CHANGE_CVE_ID_WITH_RECORD`; an owner as `ORG_DNE`.
    /// Source: PUT `/cve-id/:id`.
    pub fn change_id(
        &self,
        id: CveId,
        state: Option<IdState>,
        org: Option<&str>,
    ) -> Result<Reply<UpdatedCveId>, Error> {
        let mut query = Vec::new();
        query.extend(state.map(|state| ("state", state.to_string())));
        query.extend(org.map(|org| ("org", org.to_owned())));
        let path = path(&["cve-id", &id.to_string()]);
        self.ask(Method::Put, &path, &query, None)
    }
}
