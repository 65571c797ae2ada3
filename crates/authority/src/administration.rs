//! The administration under `/authority/v1`: what CVE Services does not have,
//! and what an operator else would do in the database.
//!
//! | who | sees | changes |
//! |---|---|---|
//! | the operator, in this process or with the data folder's token | everything | everything |
//! | a user of the Secretariat | everything | everything |
//! | an administrator of a Root | its own organisation and those under it | those under it; not their roles beyond `CNA`, not under which Root they are |
//! | another user of a Root | the same | nothing |
//!
//! What somebody does not see does not exist for them: it is answered as an
//! organisation that is unknown.
//!
//! Source: our choice, docs/authority.md; roles after cve-services section 3.

pub(crate) mod audit;
mod denied;
pub(crate) mod orgs;
pub(crate) mod ranges;
pub(crate) mod transfers;
pub(crate) mod users;

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use store::{AuditEvent, OrgRow, Reader, Standing, UserRow};

use crate::call::Call;
use crate::caller::{Caller, Guard, Key};
use crate::error::{BadParameter, Error, Refusal};
use crate::router::Authority;

pub use denied::Denied;

/// Who is named in the audit chain for what the operator does.
pub(crate) const OPERATOR: &str = "operator";

/// How many Roots may stand above each other; more cannot be set.
const MAX_DEPTH: usize = 16;

/// Somebody who administers, and what they may reach.
#[derive(Debug, Clone)]
pub(crate) enum Administrator {
    /// Whoever owns the data.
    Operator,
    /// A user of the Secretariat.
    Secretariat(Caller),
    /// A user of a Root.
    Root(Caller),
}

impl Guard for Administrator {
    const ADMITS: &'static str = "users of the Secretariat; users of a Root, for their sub-CNAs";
    const KEY: Key = Key::Needed;

    fn admit(authority: &Authority, call: &Call) -> Result<Administrator, Error> {
        if call.is_operator {
            return Ok(Administrator::Operator);
        }
        let caller = Caller::admit(authority, call)?;
        if caller.is_secretariat() {
            return Ok(Administrator::Secretariat(caller));
        }
        if caller.org.has_role("ROOT_CNA") {
            return Ok(Administrator::Root(caller));
        }
        Err(Denied::NotAdministrator.into())
    }
}

impl Administrator {
    fn caller(&self) -> Option<&Caller> {
        match self {
            Administrator::Operator => None,
            Administrator::Secretariat(caller) | Administrator::Root(caller) => Some(caller),
        }
    }

    /// The user of a Root; nothing for those who reach everything.
    fn root(&self) -> Option<&Caller> {
        match self {
            Administrator::Root(caller) => Some(caller),
            _ => None,
        }
    }

    /// An event of the audit chain about what this administrator does.
    fn did(&self, action: &str, object: &str, detail: serde_json::Value) -> AuditEvent {
        match self.caller() {
            Some(caller) => caller.did(action, object, detail),
            None => AuditEvent {
                actor: OPERATOR.into(),
                org: String::new(),
                action: action.into(),
                object: object.into(),
                detail,
            },
        }
    }

    /// Refuses users of a Root that do not administer it.
    fn may_change(&self) -> Result<(), Refusal> {
        match self.root() {
            Some(caller) if !caller.is_admin() => Err(Denied::NotRootAdmin.into()),
            _ => Ok(()),
        }
    }

    /// Refuses all users of a Root.
    fn is_beyond_roots(&self, what: &'static str) -> Result<(), Refusal> {
        match self.root() {
            Some(_) => Err(Denied::BeyondRoot(what).into()),
            None => Ok(()),
        }
    }

    /// Says whether the administrator sees the organisation with UUID `org`.
    fn sees(&self, reader: &mut Reader<'_>, org: &str) -> Result<bool, Error> {
        let Some(caller) = self.root() else {
            return Ok(true);
        };
        Ok(caller.org.uuid == org || is_under(reader, &caller.org.uuid, org)?)
    }

    /// The organisation of this short name, to be looked at.
    ///
    /// Refuses: [`Refusal::UnknownOrgInPath`], also for one that is not seen.
    fn seen_org(&self, reader: &mut Reader<'_>, short_name: &str) -> Result<OrgRow, Error> {
        let unknown = || Refusal::UnknownOrgInPath(short_name.to_owned());
        let name = short_name.parse().map_err(|_| unknown())?;
        let org = reader.org(&name)?.ok_or_else(unknown)?;
        match self.sees(reader, &org.uuid)? {
            true => Ok(org),
            false => Err(unknown().into()),
        }
    }

    /// The organisation of this short name, to be changed.
    ///
    /// Refuses: a Root's users that may not change, and a Root's own
    /// organisation, which its Secretariat administers.
    fn own_org(&self, reader: &mut Reader<'_>, short_name: &str) -> Result<OrgRow, Error> {
        let org = self.seen_org(reader, short_name)?;
        self.may_change()?;
        if self
            .root()
            .is_some_and(|caller| caller.org.uuid == org.uuid)
        {
            return Err(Denied::BeyondRoot("change its own organisation").into());
        }
        Ok(org)
    }
}

/// Says whether the organisation with UUID `org` is under the one with UUID
/// `root`, directly or not.
fn is_under(reader: &mut Reader<'_>, root: &str, org: &str) -> Result<bool, Error> {
    let mut below = org.to_owned();
    for _ in 0..MAX_DEPTH {
        match reader.standing(&below)?.parent {
            Some(parent) if parent == root => return Ok(true),
            Some(parent) => below = parent,
            None => return Ok(false),
        }
    }
    Ok(false)
}

/// The same for many, from what was read once.
fn is_under_in(standings: &BTreeMap<String, Standing>, root: &str, org: &str) -> bool {
    let parents =
        std::iter::successors(Some(org), |below| standings.get(*below)?.parent.as_deref());
    parents.skip(1).take(MAX_DEPTH).any(|parent| parent == root)
}

/// The body of a request, with no key it should not have.
///
/// Refuses: [`Refusal::BadInput`] in words that say what was expected.
fn body<T: DeserializeOwned>(call: &mut Call) -> Result<T, Refusal> {
    serde_json::from_value(call.body.take()).map_err(|error| bad("", error.to_string()))
}

fn bad(param: &str, msg: impl Into<String>) -> Refusal {
    Refusal::BadInput(vec![BadParameter {
        msg: msg.into(),
        param: param.into(),
        location: "body",
    }])
}

/// The user of this name in an organisation.
fn user_of(reader: &mut Reader<'_>, org: &OrgRow, username: &str) -> Result<UserRow, Error> {
    let unknown = || Refusal::UnknownUser(username.to_owned());
    Ok(reader.user(&org.uuid, username)?.ok_or_else(unknown)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn under(parent: &str) -> Standing {
        Standing {
            parent: Some(parent.into()),
            ..Standing::default()
        }
    }

    #[test]
    fn an_organisation_is_under_its_root_and_the_root_of_that() {
        let standings = BTreeMap::from([
            ("sub".to_owned(), under("root")),
            ("root".to_owned(), under("top")),
            ("ring".to_owned(), under("ring")),
        ]);
        for (root, org, expected) in [
            ("root", "sub", true),
            ("top", "sub", true),
            ("sub", "root", false),
            ("root", "root", false),
            ("root", "other", false),
            ("root", "ring", false),
        ] {
            assert_eq!(is_under_in(&standings, root, org), expected, "{root} {org}");
        }
    }
}
