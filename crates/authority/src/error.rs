//! How the authority says no: CVE Services' own codes, statuses and sentences.

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
    ReservationInProgress,
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

const SCHEMA_CNA: &str = "CVE cnaContainer JSON schema validation FAILED.";
const SCHEMA_RECORD: &str = "CVE JSON schema validation FAILED.";
const BATCH_TYPES: &str = "Available values are";
const OTHER_ROLES: &str =
    "This will change for many functions as more administrative roles are implemented.";
const ADMINISTRATOR: &str = "please contact an administrator.";

impl Refusal {
    /// Status, code and message as they go over the wire.
    ///
    /// Source: cve-services section 11, literally.
    pub fn wire(&self) -> (u16, &'static str, String) {
        match self {
            Refusal::HeaderMissing(_)
            | Refusal::EncodingUnsupported
            | Refusal::CharsetUnsupported(_)
            | Refusal::Unauthorized
            | Refusal::BadInput(_)
            | Refusal::BadJson(_)
            | Refusal::TooLarge
            | Refusal::NotFound
            | Refusal::Unavailable
            | Refusal::TooManyRequests => self.wire_of_request(),
            Refusal::SecretariatOnly
            | Refusal::CnaOnly
            | Refusal::AdpOnly
            | Refusal::NoPartnerRole(_)
            | Refusal::NotAdminOrSecretariat
            | Refusal::NotOwner { .. }
            | Refusal::NotSameOrg
            | Refusal::NotSameUser
            | Refusal::OnlyNames
            | Refusal::CannotChangeOrg
            | Refusal::CannotSelfDemote => self.wire_of_permission(),
            Refusal::UnknownId(_)
            | Refusal::IdMismatch
            | Refusal::RecordExists(_)
            | Refusal::NoRecord(_)
            | Refusal::RecordRejected
            | Refusal::NoAdpContainer
            | Refusal::InvalidAdp(_)
            | Refusal::InvalidContainer(_)
            | Refusal::InvalidRecord(_)
            | Refusal::CannotStore
            | Refusal::CnaModifiedAlone
            | Refusal::NotEnriched => self.wire_of_record(),
            Refusal::UnknownOrg { .. }
            | Refusal::UnknownOrgInPath(_)
            | Refusal::UnknownUser(_)
            | Refusal::UserExists(_)
            | Refusal::DuplicateUser { .. }
            | Refusal::UserAlreadyInOrg { .. }
            | Refusal::TooManyUsers
            | Refusal::OrgExists(_)
            | Refusal::DuplicateShortName(_)
            | Refusal::UuidProvided(_) => self.wire_of_registry(),
            _ => self.wire_of_id(),
        }
    }

    fn wire_of_request(&self) -> (u16, &'static str, String) {
        match self {
            Refusal::HeaderMissing(header) => (
                400,
                "BAD_REQUEST",
                format!("{header} header field required."),
            ),
            Refusal::EncodingUnsupported => {
                (400, "BAD_REQUEST", "content encoding unsupported".into())
            }
            Refusal::CharsetUnsupported(charset) => (
                400,
                "BAD_REQUEST",
                format!("unsupported charset \"{charset}\""),
            ),
            Refusal::Unauthorized => (401, "UNAUTHORIZED", "Unauthorized".into()),
            Refusal::BadInput(_) => (400, "BAD_INPUT", "Parameters were invalid".into()),
            Refusal::BadJson(problem) => (400, "INVALID_JSON_SYNTAX", problem.clone()),
            Refusal::TooLarge => (
                413,
                "RECORD_TOO_LARGE",
                "Records must be less than 3.8MB.".into(),
            ),
            Refusal::NotFound => (404, "NOT_FOUND", "404: resource not found".into()),
            Refusal::TooManyRequests => (
                429,
                "TOO_MANY_REQUESTS",
                "Too many requests. Please try again later.".into(),
            ),
            _ => (
                500,
                "SERVICE_NOT_AVAILABLE",
                "This service appears to not be available.".into(),
            ),
        }
    }

    fn wire_of_permission(&self) -> (u16, &'static str, String) {
        let (code, message) = match self {
            Refusal::SecretariatOnly => (
                "SECRETARIAT_ONLY",
                format!(
                    "This function is currently only allowed to the Secretariat. {OTHER_ROLES}"
                ),
            ),
            Refusal::CnaOnly => (
                "CNA_ONLY",
                format!("This function is currently only allowed to CNAs. {OTHER_ROLES}"),
            ),
            Refusal::AdpOnly => ("ADP_ONLY", "This function is only allowed for ADPs.".into()),
            Refusal::NoPartnerRole(org) => (
                "ORG_HAS_NO_PARTNER_ROLE",
                format!(
                    "The '{org}' organization designated by the shortname parameter does not \
                     have any partner roles."
                ),
            ),
            Refusal::NotAdminOrSecretariat => (
                "NOT_ORG_ADMIN_OR_SECRETARIAT",
                "Users can only be created by the Secretariat or Org Admin.".into(),
            ),
            Refusal::NotOwner { org, id } => {
                ("ORG_DOES_NOT_OWN_ID", format!("{org} does not own {id}"))
            }
            Refusal::NotSameUser => (
                "NOT_SAME_USER_OR_SECRETARIAT",
                "This information can only be viewed or modified by the Secretariat, an Org \
                 Admin or if the requester is the user."
                    .into(),
            ),
            Refusal::OnlyNames => (
                "NOT_ORG_ADMIN_OR_SECRETARIAT_UPDATE",
                "Contact your org Admin to update fields other than your name.".into(),
            ),
            Refusal::CannotChangeOrg => (
                "NOT_ALLOWED_TO_CHANGE_ORGANIZATION",
                "Only the Secretariat can change the organization for a user.".into(),
            ),
            Refusal::CannotSelfDemote => (
                "NOT_ALLOWED_TO_SELF_DEMOTE",
                "Please have another admin user from your organization change your role.".into(),
            ),
            _ => (
                "NOT_SAME_ORG_OR_SECRETARIAT",
                "This information can only be viewed by the users of the same organization or \
                 the Secretariat."
                    .into(),
            ),
        };
        (403, code, message)
    }

    fn wire_of_id(&self) -> (u16, &'static str, String) {
        match self {
            Refusal::IdNotFound(id) => (404, "CVE_ID_NOT_FOUND", format!("{id} not found")),
            Refusal::AmountNotPositive => (
                400,
                "INVALID_AMOUNT",
                "The amount query parameter needs to be above 0.".into(),
            ),
            Refusal::NoBatchType => (
                400,
                "NO_BATCH_TYPE",
                format!(
                    "The batch_type query parameter must be specified when reserving more than \
                     one CVE ID. {BATCH_TYPES}: sequential, nonsequential, non-sequential."
                ),
            ),
            Refusal::InvalidBatchType => (
                400,
                "INVALID_BATCH_TYPE",
                format!(
                    "The batch_type provided is invalid. {BATCH_TYPES} sequential, \
                     nonsequential, non-sequential."
                ),
            ),
            Refusal::OverNonsequentialMaximum => (
                403,
                "OVER_NONSEQUENTIAL_MAX_AMOUNT",
                "The amount query parameter exceeds the maximum amount allowed. Only amounts of \
                 10 ids or less can be reserved at a time."
                    .into(),
            ),
            Refusal::CannotReserveForOther => (
                403,
                "ORG_CANNOT_RESERVE_FOR_OTHER",
                "The organization designated by the CVE-API-ORG header is not allowed to \
                 reserve IDs for the organization specified by the short_name query parameter."
                    .into(),
            ),
            Refusal::OverQuota { .. } => (
                403,
                "EXCEEDED_ID_QUOTA",
                "The amount requested would exceed the organization's ID quota. No more IDs can \
                 be reserved until the number of IDs in the Reserved state goes below the ID \
                 quota or the ID quota is raised. If you feel you are receiving this message in \
                 error, please contact support here: https://cveform.mitre.org/"
                    .into(),
            ),
            Refusal::NoRangeForYear { year, .. } => (
                403,
                "CANNOT_RESERVE_FOR_YEAR",
                format!(
                    "IDR is not currently configured to reserve IDs for year {year}. If you \
                     believe you are receiving this message in error, {ADMINISTRATOR}"
                ),
            ),
            Refusal::RangeFull { year, .. } => (
                403,
                "YEAR_RANGE_FULL",
                format!(
                    "IDR cannot currently reserve IDs for year {year} as the range it's allowed \
                     to reserve from is full. Please contact an administrator to have the range \
                     extended."
                ),
            ),
            Refusal::RangeExists(year) => (
                400,
                "YEAR_RANGE_EXISTS",
                format!(
                    "CVE Id Range document for year {year} was not created because it already \
                     exists."
                ),
            ),
            Refusal::IdHasRecord(id) => (
                403,
                "CANNOT_CHANGE_CVE_ID_WITH_RECORD",
                format!(
                    "A record was found for {id}. A CVE ID cannot be changed once a record \
                     exists for it. Instead, it changes according to the record."
                ),
            ),
            Refusal::NoQuotaToReserve => (
                403,
                "TRANSITION_STATE_RESERVED_NO_QUOTA",
                "A CVE ID state cannot be changed to RESERVED if the owning organization has no \
                 remaining quota."
                    .into(),
            ),
            _ => (
                403,
                "RESERVATION_IN_PROGRESS",
                "An ID reservation request for this organization is already in progress.".into(),
            ),
        }
    }

    fn wire_of_record(&self) -> (u16, &'static str, String) {
        match self {
            Refusal::UnknownId(status) => {
                (*status, "CVEID_DNE", "The cve id does not exist.".into())
            }
            Refusal::IdMismatch => (
                400,
                "CVEID_MISMATCH",
                "The cve id parameter does not match the cve id in the JSON body.".into(),
            ),
            Refusal::RecordExists(status) => (
                *status,
                "CVE_RECORD_EXISTS",
                "The cve record for the cve id already exists.".into(),
            ),
            Refusal::NoRecord(status) => (
                *status,
                "CVE_RECORD_DNE",
                "The cve record for the cve id does not exist.".into(),
            ),
            Refusal::RecordRejected => (
                403,
                "CVE_RECORD_REJECTED",
                "The CVE Record for the CVE ID is in the REJECTED state and cannot have an ADP \
                 container."
                    .into(),
            ),
            Refusal::NoAdpContainer => (
                400,
                "BAD_ADP_FORMAT",
                "The ADP data does not begin with adpContainer.".into(),
            ),
            Refusal::InvalidAdp(_) => (
                400,
                "BAD_ADP_JSON",
                "The ADP data does not comply with the JSON schema.".into(),
            ),
            Refusal::InvalidContainer(_) => (400, "INVALID_JSON_SCHEMA", SCHEMA_CNA.into()),
            Refusal::InvalidRecord(_) => (400, "INVALID_JSON_SCHEMA", SCHEMA_RECORD.into()),
            Refusal::CannotStore => (
                400,
                "UNABLE_TO_STORE_CVE_RECORD",
                "A problem occurred while saving the CVE Record, ensure field names in x_ \
                 objects do not start with $ or include a null byte."
                    .into(),
            ),
            // The code of the shipped server is not known; this is the one its
            // messages about containers have.
            Refusal::NotEnriched => (
                400,
                "INVALID_JSON_SCHEMA",
                "ERLcheck was true but record is not enriched.".into(),
            ),
            _ => (
                400,
                "BAD_USAGE_CNA_MODIFIED",
                "cna_modified must be used with the time modified parameter".into(),
            ),
        }
    }

    fn wire_of_registry(&self) -> (u16, &'static str, String) {
        match self {
            Refusal::UnknownOrg {
                org,
                named_by,
                status,
            } => (
                *status,
                "ORG_DNE",
                format!(
                    "The organization '{org}' designated by the {named_by} parameter does not \
                     exist."
                ),
            ),
            Refusal::UnknownOrgInPath(org) => (
                404,
                "ORG_DNE_PARAM",
                format!(
                    "The '{org}' organization designated by the shortname path parameter does \
                     not exist."
                ),
            ),
            Refusal::UnknownUser(username) => (
                404,
                "USER_DNE",
                format!(
                    "The user '{username}' designated by the username parameter does not exist."
                ),
            ),
            Refusal::UserExists(username) => (
                400,
                "USER_EXISTS",
                format!("The user '{username}' already exists."),
            ),
            Refusal::DuplicateUser { org, username } => (
                403,
                "DUPLICATE_USERNAME",
                format!(
                    "The user could not be updated because the '{org}' organization contains \
                     another user with the username '{username}'."
                ),
            ),
            Refusal::UserAlreadyInOrg { org, username } => (
                403,
                "USER_ALREADY_IN_ORG",
                format!(
                    "The user could not be updated because the user '{username}' already \
                     belongs to the '{org}' organization."
                ),
            ),
            Refusal::TooManyUsers => (
                400,
                "NUMBER_OF_USERS_IN_ORG_LIMIT_REACHED",
                "The requested user can not be created and added to the organization because \
                 the organization has hit its limit of 100 users. Contact the Secretariat."
                    .into(),
            ),
            Refusal::OrgExists(org) => (
                400,
                "ORG_EXISTS",
                format!("The '{org}' organization already exists."),
            ),
            Refusal::DuplicateShortName(org) => (
                403,
                "DUPLICATE_SHORTNAME",
                format!(
                    "The organization cannot be renamed as '{org}' because this shortname is \
                     used by another organization."
                ),
            ),
            Refusal::UuidProvided(what) => (
                400,
                "UUID_PROVIDED",
                format!("Providing UUIDs for {what} creation or update is not allowed."),
            ),
            _ => self.wire_of_request(),
        }
    }

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

impl From<http::Failure> for Refusal {
    fn from(failure: http::Failure) -> Refusal {
        match failure {
            http::Failure::TooLarge { .. } => Refusal::TooLarge,
            http::Failure::Broken => Refusal::BadJson("request aborted".into()),
            _ => Refusal::Unavailable,
        }
    }
}
