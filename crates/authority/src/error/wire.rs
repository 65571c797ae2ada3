//! Statuses, codes and sentences of refusals, literally.
//!
//! Source: cve-services section 11.

use super::Refusal;

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
            | Refusal::BodyTooSlow
            | Refusal::TooManyRequests { .. } => self.wire_of_request(),
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
            Refusal::Denied(denied) => denied.wire(),
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
            Refusal::BodyTooSlow => (
                408,
                "REQUEST_TIMEOUT",
                "The body of the request did not arrive in time.".into(),
            ),
            Refusal::TooManyRequests { .. } => (
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
            _ => (
                403,
                "TRANSITION_STATE_RESERVED_NO_QUOTA",
                "A CVE ID state cannot be changed to RESERVED if the owning organization has no \
                 remaining quota."
                    .into(),
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Every refusal, with what clients branch on.
    ///
    /// Source: cve-services section 11.
    #[test]
    fn every_refusal_has_the_status_and_code_of_the_program() {
        let text = || "x".to_owned();
        for (refusal, status, code) in [
            (Refusal::HeaderMissing("x"), 400, "BAD_REQUEST"),
            (Refusal::EncodingUnsupported, 400, "BAD_REQUEST"),
            (Refusal::CharsetUnsupported(text()), 400, "BAD_REQUEST"),
            (Refusal::Unauthorized, 401, "UNAUTHORIZED"),
            (Refusal::BadInput(vec![]), 400, "BAD_INPUT"),
            (Refusal::BadJson(text()), 400, "INVALID_JSON_SYNTAX"),
            (Refusal::TooLarge, 413, "RECORD_TOO_LARGE"),
            (Refusal::NotFound, 404, "NOT_FOUND"),
            (Refusal::Unavailable, 500, "SERVICE_NOT_AVAILABLE"),
            (
                Refusal::TooManyRequests {
                    retry_after_seconds: 1,
                },
                429,
                "TOO_MANY_REQUESTS",
            ),
            (Refusal::SecretariatOnly, 403, "SECRETARIAT_ONLY"),
            (Refusal::CnaOnly, 403, "CNA_ONLY"),
            (Refusal::AdpOnly, 403, "ADP_ONLY"),
            (
                Refusal::NoPartnerRole(text()),
                403,
                "ORG_HAS_NO_PARTNER_ROLE",
            ),
            (
                Refusal::NotAdminOrSecretariat,
                403,
                "NOT_ORG_ADMIN_OR_SECRETARIAT",
            ),
            (
                Refusal::NotOwner {
                    org: text(),
                    id: text(),
                },
                403,
                "ORG_DOES_NOT_OWN_ID",
            ),
            (Refusal::IdNotFound(text()), 404, "CVE_ID_NOT_FOUND"),
            (Refusal::AmountNotPositive, 400, "INVALID_AMOUNT"),
            (Refusal::NoBatchType, 400, "NO_BATCH_TYPE"),
            (Refusal::InvalidBatchType, 400, "INVALID_BATCH_TYPE"),
            (
                Refusal::OverNonsequentialMaximum,
                403,
                "OVER_NONSEQUENTIAL_MAX_AMOUNT",
            ),
            (
                Refusal::CannotReserveForOther,
                403,
                "ORG_CANNOT_RESERVE_FOR_OTHER",
            ),
            (
                Refusal::OverQuota {
                    id_quota: 1,
                    reserved: 1,
                },
                403,
                "EXCEEDED_ID_QUOTA",
            ),
            (
                Refusal::NoRangeForYear {
                    year: text(),
                    remaining: 1,
                },
                403,
                "CANNOT_RESERVE_FOR_YEAR",
            ),
            (
                Refusal::RangeFull {
                    year: text(),
                    remaining: 1,
                },
                403,
                "YEAR_RANGE_FULL",
            ),
            (Refusal::RangeExists(text()), 400, "YEAR_RANGE_EXISTS"),
            (
                Refusal::IdHasRecord(text()),
                403,
                "CANNOT_CHANGE_CVE_ID_WITH_RECORD",
            ),
            (
                Refusal::NoQuotaToReserve,
                403,
                "TRANSITION_STATE_RESERVED_NO_QUOTA",
            ),
            (
                Refusal::UnknownOrg {
                    org: text(),
                    named_by: "x",
                    status: 404,
                },
                404,
                "ORG_DNE",
            ),
            (Refusal::UnknownOrgInPath(text()), 404, "ORG_DNE_PARAM"),
            (Refusal::UnknownId(403), 403, "CVEID_DNE"),
            (Refusal::IdMismatch, 400, "CVEID_MISMATCH"),
            (Refusal::RecordExists(403), 403, "CVE_RECORD_EXISTS"),
            (Refusal::NoRecord(404), 404, "CVE_RECORD_DNE"),
            (Refusal::RecordRejected, 403, "CVE_RECORD_REJECTED"),
            (Refusal::NoAdpContainer, 400, "BAD_ADP_FORMAT"),
            (Refusal::InvalidAdp(json!([])), 400, "BAD_ADP_JSON"),
            (
                Refusal::InvalidContainer(json!([])),
                400,
                "INVALID_JSON_SCHEMA",
            ),
            (
                Refusal::InvalidRecord(json!([])),
                400,
                "INVALID_JSON_SCHEMA",
            ),
            (Refusal::CannotStore, 400, "UNABLE_TO_STORE_CVE_RECORD"),
            (Refusal::CnaModifiedAlone, 400, "BAD_USAGE_CNA_MODIFIED"),
            (Refusal::NotEnriched, 400, "INVALID_JSON_SCHEMA"),
            (Refusal::NotSameOrg, 403, "NOT_SAME_ORG_OR_SECRETARIAT"),
            (Refusal::NotSameUser, 403, "NOT_SAME_USER_OR_SECRETARIAT"),
            (
                Refusal::OnlyNames,
                403,
                "NOT_ORG_ADMIN_OR_SECRETARIAT_UPDATE",
            ),
            (
                Refusal::CannotChangeOrg,
                403,
                "NOT_ALLOWED_TO_CHANGE_ORGANIZATION",
            ),
            (Refusal::CannotSelfDemote, 403, "NOT_ALLOWED_TO_SELF_DEMOTE"),
            (Refusal::UnknownUser(text()), 404, "USER_DNE"),
            (Refusal::UserExists(text()), 400, "USER_EXISTS"),
            (
                Refusal::DuplicateUser {
                    org: text(),
                    username: text(),
                },
                403,
                "DUPLICATE_USERNAME",
            ),
            (
                Refusal::UserAlreadyInOrg {
                    org: text(),
                    username: text(),
                },
                403,
                "USER_ALREADY_IN_ORG",
            ),
            (
                Refusal::TooManyUsers,
                400,
                "NUMBER_OF_USERS_IN_ORG_LIMIT_REACHED",
            ),
            (Refusal::OrgExists(text()), 400, "ORG_EXISTS"),
            (
                Refusal::DuplicateShortName(text()),
                403,
                "DUPLICATE_SHORTNAME",
            ),
            (Refusal::UuidProvided("org"), 400, "UUID_PROVIDED"),
        ] {
            let wire = refusal.wire();
            assert_eq!((wire.0, wire.1), (status, code), "{refusal:?}");
        }
    }
}
