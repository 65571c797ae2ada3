//! The JSON shapes of CVE Services, shared by the client and the authority.
//!
//! One file per noun. Reading is lenient, as other people's servers write
//! more and sometimes less than ours: unknown fields are skipped, and only
//! what an answer is useless without is required. Writing leaves out what is
//! absent and keeps the reference server's order of keys. Whoever must not
//! lose a field keeps the JSON document beside the shape.
//!
//! | module | shapes |
//! |---|---|
//! | [`ids`] | CVE IDs, reservations, the list of IDs |
//! | [`orgs`] | organisations and their quota |
//! | [`users`] | users, new users, reset keys |
//! | [`records`] | answers to publishing and rejecting, the count |
//! | [`page`] | the paging fields of every list |
//! | [`refusal`] | the error body |
//!
//! Source: cve-services 2.5, `api-docs/openapi.json` and observed answers.

pub mod ids;
pub mod orgs;
pub mod page;
pub mod records;
pub mod refusal;
pub mod users;

pub use ids::{
    BatchType, CveIdList, CveIdObject, IdState, Requester, ReserveAnswer, ReserveMeta, UpdatedCveId,
};
pub use orgs::{Authority, Org, OrgList, Policies, Quota};
pub use page::Paging;
pub use records::{RecordAnswer, RecordCount};
pub use refusal::ErrorBody;
pub use users::{CreatedUser, NewUser, PersonName, ResetSecret, UpdatedUser, User, UserList};

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// When a document was created and last changed.
///
/// Source: `time` of every CVE ID, org and user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Times {
    /// When the document came into being.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
    /// When it last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<Timestamp>,
}
