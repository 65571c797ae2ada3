//! How the authority says no: CVE Services' own codes, statuses and sentences.

mod wire;

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::answer::Answer;

/// Why a request was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request is understood and not allowed; the caller is told why.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store failed; the caller is told nothing but that, and may ask again.
    #[error(transparent)]
    Failed(#[from] store::Error),
}

/// A request that is understood and not allowed, by the situation it met.
///
/// Every variant has a status, a code and a message that clients match on;
/// see [`Refusal::wire`].
///
/// Source: cve-services section 11.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}", self.wire().2)]
pub enum Refusal {
    /// A request without this header where a key is needed; send it.
    HeaderMissing(&'static str),
    /// A compressed body; send it plain.
    EncodingUnsupported,
    /// A body in this character set; send UTF-8.
    CharsetUnsupported(String),
    /// The organisation, the user or the key is not known, or the user is not active.
    Unauthorized,
    /// Parameters that failed their checks, each with what is wrong.
    BadInput(Vec<BadParameter>),
    /// A body that is not JSON, in the parser's words.
    BadJson(String),
    /// A body above the limit.
    TooLarge,
    /// No endpoint has this path and method.
    NotFound,
    /// Something broke on our side; ask again.
    Unavailable,
    /// The client is over its rate limit; wait.
    TooManyRequests {
        /// For how long, at most.
        retry_after_seconds: u32,
    },
    /// The body took too long to arrive; send it again.
    BodyTooSlow,
    /// The caller is not of the Secretariat.
    SecretariatOnly,
    /// The caller is not of a CNA.
    CnaOnly,
    /// The caller is not of an ADP.
    AdpOnly,
    /// The caller's organisation, named here, may only read.
    NoPartnerRole(String),
    /// The caller may not create users of this organisation.
    NotAdminOrSecretariat,
    /// The caller does not own the ID, or there is none.
    NotOwner {
        /// Its short name.
        org: String,
        /// The ID as it was written.
        id: String,
    },
    /// No such ID was ever reserved.
    IdNotFound(String),
    /// Zero or fewer IDs were asked for.
    AmountNotPositive,
    /// Several IDs were asked for without saying in which order.
    NoBatchType,
    /// The order asked for does not exist.
    InvalidBatchType,
    /// More IDs were asked for at random than are given at once.
    OverNonsequentialMaximum,
    /// IDs were asked for another organisation.
    CannotReserveForOther,
    /// The owner would hold more reserved IDs than its quota.
    OverQuota {
        /// IDs the owner may hold.
        id_quota: i64,
        /// IDs it holds.
        reserved: i64,
    },
    /// The year is not open; the Secretariat opens it.
    NoRangeForYear {
        /// The year.
        year: String,
        /// What the owner may still reserve.
        remaining: i64,
    },
    /// The numbers of the year are used up.
    RangeFull {
        /// The year.
        year: String,
        /// What the owner may still reserve.
        remaining: i64,
    },
    /// The year is open already.
    RangeExists(String),
    /// The ID has a record, and changes its state only with it.
    IdHasRecord(String),
    /// The owner has no quota left to take the ID back.
    NoQuotaToReserve,
    /// The organisation named by a parameter, called as the reference server
    /// calls it; it answers 403 when reserving and 404 elsewhere.
    UnknownOrg {
        /// Its short name.
        org: String,
        /// Which parameter named it.
        named_by: &'static str,
        /// The status to answer.
        status: u16,
    },
    /// The organisation in the path does not exist.
    UnknownOrgInPath(String),
    /// 403 on the full-record endpoints and 400 elsewhere.
    UnknownId(u16),
    /// The ID in the record is not the one in the path.
    IdMismatch,
    /// 403 on POST cna; 400 on POST reject and on the full-record endpoint.
    RecordExists(u16),
    /// 404 on GET; 400 on PUT reject; 403 on the other writes.
    NoRecord(u16),
    /// The record is rejected and takes no ADP container.
    RecordRejected,
    /// The body has no `adpContainer`.
    NoAdpContainer,
    /// The record would not satisfy its schema with this ADP container.
    InvalidAdp(Value),
    /// The CNA container, or the record with it, does not satisfy its schema.
    InvalidContainer(Value),
    /// The rejection or the whole record does not satisfy its schema.
    InvalidRecord(Value),
    /// A key holds what no database keeps.
    CannotStore,
    /// `cna_modified` was given without a time.
    CnaModifiedAlone,
    /// `erlcheck` was asked for and the container lacks a score or a CWE.
    NotEnriched,
    /// The caller is neither of the organisation nor of the Secretariat.
    NotSameOrg,
    /// The caller is neither the user nor allowed to change it.
    NotSameUser,
    /// The caller may change only its own name.
    OnlyNames,
    /// Only the Secretariat moves users.
    CannotChangeOrg,
    /// An administrator tried to give up its own role.
    CannotSelfDemote,
    /// The user does not exist in the organisation.
    UnknownUser(String),
    /// The organisation has a user of this name.
    UserExists(String),
    /// The organisation has another user of the new name.
    DuplicateUser {
        /// Its short name.
        org: String,
        /// The name.
        username: String,
    },
    /// The user is moved to where it is.
    UserAlreadyInOrg {
        /// Its short name.
        org: String,
        /// The name.
        username: String,
    },
    /// The organisation has as many users as it may.
    TooManyUsers,
    /// An organisation has this short name.
    OrgExists(String),
    /// An organisation has the new short name.
    DuplicateShortName(String),
    /// The body names a UUID for this kind of thing; leave it out.
    UuidProvided(&'static str),
    /// What was administered is not allowed.
    Denied(crate::Denied),
}

/// One parameter that failed one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadParameter {
    /// What is wrong with it; never its value.
    pub msg: String,
    /// Its name; empty when the name itself is unknown.
    pub param: String,
    /// `query`, `params` or `body`.
    pub location: &'static str,
}

impl Refusal {
    fn details(&self) -> Option<Value> {
        match self {
            Refusal::BadInput(parameters) => Some(Value::Array(
                parameters
                    .iter()
                    .map(
                        |bad| json!({"msg": bad.msg, "param": bad.param, "location": bad.location}),
                    )
                    .collect(),
            )),
            Refusal::InvalidAdp(errors)
            | Refusal::InvalidContainer(errors)
            | Refusal::InvalidRecord(errors) => Some(json!({"errors": errors})),
            Refusal::OverQuota { id_quota, reserved } => Some(json!({
                "id_quota": id_quota,
                "total_reserved": reserved,
                "available": id_quota - reserved,
            })),
            _ => None,
        }
    }

    /// The answer that says it: `{"error":…,"message":…}`, sometimes `details`.
    ///
    /// Source: cve-services section 1 (error envelope).
    pub(crate) fn answer(&self) -> Answer {
        let (status, code, message) = self.wire();
        let mut body = json!({"error": code, "message": message});
        if let Some(details) = self.details() {
            body["details"] = details;
        }
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let answer = Answer::json(status, &body);
        match self {
            Refusal::TooManyRequests {
                retry_after_seconds,
            } => answer.header("retry-after", &retry_after_seconds.to_string()),
            Refusal::NoRangeForYear { remaining, .. } | Refusal::RangeFull { remaining, .. } => {
                answer.remaining_quota(*remaining)
            }
            _ => answer,
        }
    }
}

impl Error {
    /// The same, or `refusal` when a unique key stood in the way: another
    /// node wrote it after this one had looked.
    pub(crate) fn or_duplicate(self, refusal: Refusal) -> Error {
        match self {
            Error::Failed(failure) if failure.is_duplicate() => Error::Refused(refusal),
            other => other,
        }
    }
}

impl From<http::Failure> for Refusal {
    fn from(failure: http::Failure) -> Refusal {
        match failure {
            http::Failure::TooLarge { .. } => Refusal::TooLarge,
            http::Failure::Broken => Refusal::BadJson("request aborted".into()),
            http::Failure::Slow => Refusal::BodyTooSlow,
            _ => Refusal::Unavailable,
        }
    }
}
