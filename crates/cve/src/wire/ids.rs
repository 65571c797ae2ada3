//! CVE IDs as the service shows them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

use super::{Paging, Times};
use crate::id::{CveId, Year};
use crate::time::Timestamp;

/// The state of a CVE ID as the service shows it.
///
/// `AVAILABLE` exists only inside the service and is never shown.
///
/// Source: schema `cve-id/get-cve-id-response.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum IdState {
    /// Taken by a CNA, nothing said about it yet. Left by publishing or
    /// rejecting.
    Reserved,
    /// Has a record with a published CNA container. Left by rejecting.
    Published,
    /// Not to be used. Left by publishing, or back to reserved when there is
    /// no record.
    Rejected,
}

impl IdState {
    /// The word on the wire, upper case.
    pub fn as_str(self) -> &'static str {
        match self {
            IdState::Reserved => "RESERVED",
            IdState::Published => "PUBLISHED",
            IdState::Rejected => "REJECTED",
        }
    }
}

impl fmt::Display for IdState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text is none of the three states.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a state of a CVE ID: expected `RESERVED`, `PUBLISHED` or `REJECTED`")]
pub struct InvalidIdState;

impl FromStr for IdState {
    type Err = InvalidIdState;

    fn from_str(text: &str) -> Result<IdState, InvalidIdState> {
        match text {
            "RESERVED" => Ok(IdState::Reserved),
            "PUBLISHED" => Ok(IdState::Published),
            "REJECTED" => Ok(IdState::Rejected),
            _ => Err(InvalidIdState),
        }
    }
}

/// How several IDs are picked in one reservation.
///
/// Source: `batch_type` of POST `/cve-id`. The service also takes the
/// spelling `non-sequential`, which means the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BatchType {
    /// Consecutive numbers, all or none.
    Sequential,
    /// Numbers at random, at most 10 in one request.
    #[serde(alias = "non-sequential")]
    Nonsequential,
}

impl BatchType {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            BatchType::Sequential => "sequential",
            BatchType::Nonsequential => "nonsequential",
        }
    }
}

impl fmt::Display for BatchType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who asked for a CVE ID.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requester {
    /// Short name of the organisation of the one who asked.
    pub cna: String,
    /// User name; `REDACTED` when it is hidden, absent when the user is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}

/// A CVE ID, in full for its owner, or redacted for everyone else.
///
/// Redacted means: no `requested_by`, `time` or `reserved`; while the ID is
/// reserved `owning_cna` is the text `[REDACTED]`, afterwards it is the owner
/// and `dateUpdated` is there. An answer to a reservation has no `time`.
///
/// Source: GET and POST `/cve-id`, GET `/cve-id/:id`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CveIdObject {
    /// Who asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<Requester>,
    /// When the entry was created and changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Times>,
    /// The ID.
    pub cve_id: CveId,
    /// The year in the ID; a string on the wire.
    #[serde(
        default,
        deserialize_with = "year_of_any_type",
        skip_serializing_if = "Option::is_none"
    )]
    pub cve_year: Option<Year>,
    /// Its state.
    pub state: IdState,
    /// Short name of the owner, or `[REDACTED]`. Not a `ShortName`, because
    /// old orgs have names the present rules refuse.
    pub owning_cna: String,
    /// When it was reserved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved: Option<Timestamp>,
    /// When the entry changed, in the redacted form of a used ID.
    #[serde(
        default,
        rename = "dateUpdated",
        skip_serializing_if = "Option::is_none"
    )]
    pub date_updated: Option<Timestamp>,
}

/// Reads `"2024"` and `2024`: old entries of the reference server carry
/// numbers.
fn year_of_any_type<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<Year>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Any {
        Text(Year),
        Number(u16),
    }
    Ok(match Option::<Any>::deserialize(reader)? {
        Some(Any::Text(year)) => Some(year),
        Some(Any::Number(number)) => Year::new(number),
        None => None,
    })
}

/// The answer to a reservation.
///
/// With status 206 only a part was reserved: then `error` is
/// `RESERVED_PARTIAL_AMOUNT` and `meta` is absent.
///
/// Source: POST `/cve-id`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReserveAnswer {
    /// `RESERVED_PARTIAL_AMOUNT` or absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What was reserved, rising for `sequential`.
    pub cve_ids: Vec<CveIdObject>,
    /// The quota that is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<ReserveMeta>,
}

/// What else a reservation tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReserveMeta {
    /// IDs the owner may still reserve.
    pub remaining_quota: i64,
}

/// One page of CVE IDs.
///
/// Source: GET `/cve-id`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CveIdList {
    /// The IDs, by owner and then in the order of their texts.
    pub cve_ids: Vec<CveIdObject>,
    /// Present only from 500 entries on.
    #[serde(flatten)]
    pub paging: Option<Paging>,
}

/// The answer to changing a CVE ID's state or owner.
///
/// Source: PUT `/cve-id/:id`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdatedCveId {
    /// A sentence for people.
    #[serde(default)]
    pub message: String,
    /// The ID as it is now.
    pub updated: CveIdObject,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(value: Value) -> CveIdObject {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_full_id_is_written_in_the_servers_order() {
        let text = concat!(
            r#"{"requested_by":{"cna":"acme","user":"jack@example.com"},"#,
            r#""time":{"created":"2021-01-14T18:35:17.928Z","modified":"2021-01-14T18:35:17.928Z"},"#,
            r#""cve_id":"CVE-2021-1000","cve_year":"2021","state":"RESERVED","#,
            r#""owning_cna":"acme","reserved":"2021-01-14T18:35:17.469Z"}"#
        );
        let id: CveIdObject = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&id).unwrap(), text);
    }

    #[test]
    fn a_redacted_id_has_neither_requester_nor_times() {
        let id = read(json!({
            "cve_id": "CVE-2021-1000", "cve_year": "2021",
            "state": "RESERVED", "owning_cna": "[REDACTED]",
        }));
        assert_eq!(id.requested_by, None);
        assert_eq!(id.reserved, None);
        assert_eq!(id.owning_cna, "[REDACTED]");
    }

    #[test]
    fn a_year_may_be_a_number_and_unknown_fields_are_skipped() {
        let id = read(json!({
            "cve_id": "CVE-2021-1000", "cve_year": 2021, "state": "PUBLISHED",
            "owning_cna": "acme", "dateUpdated": "2022-01-01T00:00:00.000Z", "shiny": 1,
        }));
        assert_eq!(id.cve_year.unwrap().number(), 2021);
        assert!(id.date_updated.is_some());
    }

    #[test]
    fn a_list_below_500_has_no_paging_and_a_longer_one_has() {
        let short: CveIdList = serde_json::from_value(json!({"cve_ids": []})).unwrap();
        assert_eq!(short.paging, None);
        let long: CveIdList = serde_json::from_value(json!({
            "cve_ids": [], "totalCount": 501, "itemsPerPage": 500, "pageCount": 2,
            "currentPage": 1, "prevPage": null, "nextPage": 2,
        }))
        .unwrap();
        assert_eq!(long.paging.unwrap().next_page, Some(2));
    }

    #[test]
    fn a_partial_reservation_is_read_without_its_quota() {
        let answer: ReserveAnswer = serde_json::from_value(json!({
            "error": "RESERVED_PARTIAL_AMOUNT", "message": "part", "cve_ids": [],
        }))
        .unwrap();
        assert_eq!(answer.error.as_deref(), Some("RESERVED_PARTIAL_AMOUNT"));
        assert_eq!(answer.meta, None);
    }
}
