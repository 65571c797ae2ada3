//! Organisations and their quota as the service shows them.

use serde::{Deserialize, Serialize};

use super::{Paging, Times};

/// An organisation.
///
/// Source: GET `/org/:identifier`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Org {
    /// Its UUID, which `providerMetadata.orgId` of a container names.
    #[serde(rename = "UUID", default, skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    /// Its short name, compared case-sensitively.
    pub short_name: String,
    /// Its full name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its roles.
    #[serde(default)]
    pub authority: Authority,
    /// Its limits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policies: Option<Policies>,
    /// When it was created and changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Times>,
}

/// The roles of an org (`CNA`, `SECRETARIAT`, `ROOT_CNA`, `ADP`,
/// `BULK_DOWNLOAD`) or of a user (`ADMIN`). Words we do not know are kept.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Authority {
    /// The roles held now.
    #[serde(default)]
    pub active_roles: Vec<String>,
}

/// The limits of an org.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policies {
    /// How many IDs it may hold reserved, 0 to 100000.
    pub id_quota: i64,
}

/// One page of orgs.
///
/// Source: GET `/org`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgList {
    /// The orgs, by short name.
    pub organizations: Vec<Org>,
    /// Present only from 500 entries on.
    #[serde(flatten)]
    pub paging: Option<Paging>,
}

/// How many IDs an org may reserve.
///
/// Source: GET `/org/:shortname/id_quota`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// The limit.
    pub id_quota: i64,
    /// IDs it owns in the state reserved, of all years.
    pub total_reserved: i64,
    /// The difference; negative when the limit was lowered below use.
    pub available: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_org_is_written_in_the_servers_order() {
        let text = concat!(
            r#"{"UUID":"f972b356-145d-4b2e-9a5c-b114d0982a3b","short_name":"acme","#,
            r#""name":"Acme Inc","authority":{"active_roles":["CNA"]},"#,
            r#""policies":{"id_quota":1000},"#,
            r#""time":{"created":"2000-02-08T17:22:07.000Z","modified":"2021-01-14T18:35:17.928Z"}}"#
        );
        let org: Org = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&org).unwrap(), text);
    }

    #[test]
    fn a_quota_may_be_overdrawn() {
        let quota: Quota =
            serde_json::from_str(r#"{"id_quota":5,"total_reserved":9,"available":-4}"#).unwrap();
        assert_eq!(quota.available, -4);
    }
}
