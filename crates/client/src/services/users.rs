//! Users of an organisation: look, create, change, reset keys.

use cve::wire::{CreatedUser, NewUser, ResetSecret, UpdatedUser, User};
use serde_json::json;

use super::{Reply, Services, path};
use crate::{Error, Method};

/// One change to a user; several are sent together, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserChange {
    /// May log in, or not any more.
    Active(bool),
    /// A new name to log in with.
    NewUsername(String),
    /// Given name.
    First(String),
    /// Family name.
    Last(String),
    /// Middle name.
    Middle(String),
    /// What follows the name.
    Suffix(String),
    /// Gives a role.
    AddRole(String),
    /// Takes a role.
    RemoveRole(String),
    /// Moves to another org; for the Secretariat only.
    Org(String),
}

impl UserChange {
    /// The change as the parameter the service takes.
    pub fn parameter(&self) -> (&'static str, String) {
        match self {
            UserChange::Active(active) => ("active", active.to_string()),
            UserChange::NewUsername(name) => ("new_username", name.clone()),
            UserChange::First(name) => ("name.first", name.clone()),
            UserChange::Last(name) => ("name.last", name.clone()),
            UserChange::Middle(name) => ("name.middle", name.clone()),
            UserChange::Suffix(name) => ("name.suffix", name.clone()),
            UserChange::AddRole(role) => ("active_roles.add", role.clone()),
            UserChange::RemoveRole(role) => ("active_roles.remove", role.clone()),
            UserChange::Org(name) => ("org_short_name", name.clone()),
        }
    }
}

impl Services {
    /// The users of an org, all pages joined.
    ///
    /// Source: GET `/org/:shortname/users`.
    pub fn users(&self, org: &str) -> Result<Reply<Vec<User>>, Error> {
        self.all_pages(&path(&["org", org, "users"]), Vec::new(), "users")
    }

    /// One user of an org.
    ///
    /// Refuses: 404 `USER_DNE`, 403 `NOT_SAME_ORG_OR_SECRETARIAT`.
    /// Source: GET `/org/:shortname/user/:username`.
    pub fn user(&self, org: &str, username: &str) -> Result<Reply<User>, Error> {
        let path = path(&["org", org, "user", username]);
        self.ask(Method::Get, &path, &[], None)
    }

    /// Creates a user; the answer is the only one that holds the key.
    ///
    /// Refuses: 400 `USER_EXISTS`, `NUMBER_OF_USERS_IN_ORG_LIMIT_REACHED`.
    /// Source: POST `/org/:shortname/user`.
    pub fn create_user(&self, org: &str, user: &NewUser) -> Result<Reply<CreatedUser>, Error> {
        let path = path(&["org", org, "user"]);
        // Writing texts and lists of texts as JSON cannot fail.
        self.ask(Method::Post, &path, &[], Some(&json!(user)))
    }

    /// Changes a user. Without any change the service says so and does
    /// nothing.
    ///
    /// Source: PUT `/org/:shortname/user/:username`.
    pub fn update_user(
        &self,
        org: &str,
        username: &str,
        changes: &[UserChange],
    ) -> Result<Reply<UpdatedUser>, Error> {
        let query: Vec<_> = changes.iter().map(UserChange::parameter).collect();
        let path = path(&["org", org, "user", username]);
        self.ask(Method::Put, &path, &query, None)
    }

    /// Replaces a user's key; the old one stops working at once.
    ///
    /// Source: PUT `/org/:shortname/user/:username/reset_secret`.
    pub fn reset_secret(&self, org: &str, username: &str) -> Result<Reply<ResetSecret>, Error> {
        let path = path(&["org", org, "user", username, "reset_secret"]);
        self.ask(Method::Put, &path, &[], None)
    }
}
