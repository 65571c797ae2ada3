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
#[allow(
    missing_docs,
    reason = "each variant is explained by its message below"
)]
pub enum Refusal {
    HeaderMissing(&'static str),
    EncodingUnsupported,
    CharsetUnsupported(String),
    Unauthorized,
    BadInput(Vec<BadParameter>),
    BadJson(String),
    TooLarge,
    NotFound,
    Unavailable,
    TooManyRequests,
    SecretariatOnly,
    CnaOnly,
    AdpOnly,
    NoPartnerRole(String),
    NotAdminOrSecretariat,
    NotOwner {
        org: String,
        id: String,
    },
    IdNotFound(String),
    AmountNotPositive,
    NoBatchType,
    InvalidBatchType,
    OverNonsequentialMaximum,
    CannotReserveForOther,
    OverQuota {
        id_quota: i64,
        reserved: i64,
    },
    NoRangeForYear {
        year: String,
        remaining: i64,
    },
    RangeFull {
        year: String,
        remaining: i64,
    },
    RangeExists(String),
    IdHasRecord(String),
    NoQuotaToReserve,
    /// The organisation named by a parameter, called as the reference server
    /// calls it; it answers 403 when reserving and 404 elsewhere.
    UnknownOrg {
        org: String,
        named_by: &'static str,
        status: u16,
    },
    UnknownOrgInPath(String),
    /// 403 on the full-record endpoints and 400 elsewhere.
    UnknownId(u16),
    IdMismatch,
    /// 403 on POST cna; 400 on POST reject and on the full-record endpoint.
    RecordExists(u16),
    /// 404 on GET; 400 on PUT reject; 403 on the other writes.
    NoRecord(u16),
    RecordRejected,
    NoAdpContainer,
    InvalidAdp(Value),
    InvalidContainer(Value),
    InvalidRecord(Value),
    CannotStore,
    CnaModifiedAlone,
    NotEnriched,
    NotSameOrg,
    NotSameUser,
    OnlyNames,
    CannotChangeOrg,
    CannotSelfDemote,
    UnknownUser(String),
    UserExists(String),
    DuplicateUser {
        org: String,
        username: String,
    },
    UserAlreadyInOrg {
        org: String,
        username: String,
    },
    TooManyUsers,
    OrgExists(String),
    DuplicateShortName(String),
    UuidProvided(&'static str),
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
            _ => Refusal::Unavailable,
        }
    }
}
