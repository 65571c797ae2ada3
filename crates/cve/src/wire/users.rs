//! Users as the service shows them, and the keys it hands out.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Authority, Paging, Times};

/// A user of an organisation.
///
/// Source: GET `/org/:shortname/user/:username`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The user's UUID.
    #[serde(rename = "UUID", default, skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    /// The UUID of the user's org.
    #[serde(rename = "org_UUID", default, skip_serializing_if = "Option::is_none")]
    pub org_uuid: Option<String>,
    /// The name to log in with, unique within the org.
    pub username: String,
    /// Whether the user may log in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// The user's name; absent when none was ever given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<PersonName>,
    /// The user's roles, `ADMIN` or none.
    #[serde(default)]
    pub authority: Authority,
    /// When the user was created and changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Times>,
}

/// The parts of a person's name; a part not given is absent or empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PersonName {
    /// Given name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    /// Family name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
    /// Middle name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub middle: Option<String>,
    /// What follows the name, such as `Jr.`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suffix: Option<String>,
}

impl PersonName {
    /// Says whether no part is given.
    pub fn is_empty(&self) -> bool {
        *self == PersonName::default()
    }
}

/// One page of users.
///
/// Source: GET `/org/:shortname/users`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserList {
    /// The users, by user name.
    pub users: Vec<User>,
    /// Present only from 500 entries on.
    #[serde(flatten)]
    pub paging: Option<Paging>,
}

/// A user to be created.
///
/// Source: POST `/org/:shortname/user`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NewUser {
    /// The name to log in with.
    pub username: String,
    /// The user's name; left out when empty.
    #[serde(default, skip_serializing_if = "PersonName::is_empty")]
    pub name: PersonName,
    /// The user's roles; left out when there is none.
    #[serde(default, skip_serializing_if = "has_no_role")]
    pub authority: Authority,
}

fn has_no_role(authority: &Authority) -> bool {
    authority.active_roles.is_empty()
}

/// The answer to creating a user; the only one that carries the first key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatedUser {
    /// A sentence for people.
    #[serde(default)]
    pub message: String,
    /// The user as created.
    pub created: UserWithSecret,
}

impl fmt::Debug for CreatedUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatedUser")
            .field("user", &self.created.user)
            .finish_non_exhaustive()
    }
}

/// A user and the key just made for it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserWithSecret {
    /// The user.
    #[serde(flatten)]
    pub user: User,
    /// The key, shown this once.
    pub secret: String,
}

impl fmt::Debug for UserWithSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserWithSecret")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// The answer to changing a user.
///
/// Source: PUT `/org/:shortname/user/:username`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdatedUser {
    /// A sentence for people.
    #[serde(default)]
    pub message: String,
    /// The user as it is now; absent when nothing was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<User>,
}

/// The answer to resetting a key.
///
/// Source: PUT `/org/:shortname/user/:username/reset_secret`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetSecret {
    /// The new key, shown this once; the old one no longer works.
    #[serde(rename = "API-secret")]
    pub secret: String,
}

impl fmt::Debug for ResetSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResetSecret").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_new_user_that_are_empty_are_left_out() {
        let user = NewUser {
            username: "ann".into(),
            ..NewUser::default()
        };
        assert_eq!(
            serde_json::to_string(&user).unwrap(),
            r#"{"username":"ann"}"#
        );
    }

    #[test]
    fn a_key_is_never_shown_by_debug() {
        let text =
            r#"{"message":"m","created":{"username":"ann","active":true,"secret":"s3cr3t"}}"#;
        let created: CreatedUser = serde_json::from_str(text).unwrap();
        assert_eq!(created.created.secret, "s3cr3t");
        let reset = ResetSecret {
            secret: "s3cr3t".into(),
        };
        let shown = format!("{created:?} {:?} {reset:?}", created.created);
        assert!(!shown.contains("s3cr3t"), "{shown}");
    }
}
