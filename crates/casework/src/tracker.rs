//! Where the organisation's public issues are.

use client::ApiKey;
use client::issues::PUBLIC_API;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{AuditEvent, Reader};

use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};

const SETTING: &str = "tracker";

/// Place the token is sealed for.
const LABEL: &str = "tracker token";

/// Bytes an owner or a name of a repository has at most.
///
/// Source: our choice; GitHub allows 39 and 100.
const LONGEST_BYTES: usize = 100;

/// The tracker of public issues, as people see it: without the token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tracker {
    /// The repository whose issues are public, as in `owner/name`.
    pub repository: String,
    /// Address of the API.
    pub api: String,
    /// Whether a token is kept.
    pub has_token: bool,
}

/// A tracker to be set. It has no `Debug`: it may hold a token.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewTracker {
    /// The repository, as in `owner/name`.
    pub repository: String,
    /// Address of the API; the public one of GitHub without it.
    #[serde(default)]
    pub api: Option<String>,
    /// The token: as before without it, none where it is empty. A token stays
    /// with the API it was given for.
    #[serde(default)]
    pub token: Option<String>,
}

/// What is kept: the tracker, and its token sealed.
#[derive(Serialize, Deserialize)]
struct Kept {
    repository: String,
    api: String,
    sealed: Option<Vec<u8>>,
}

impl Kept {
    fn shown(&self) -> Tracker {
        Tracker {
            repository: self.repository.clone(),
            api: self.api.clone(),
            has_token: self.sealed.is_some(),
        }
    }
}

impl Desk {
    /// Where public issues are; nothing before it is set.
    pub fn tracker(&self, actor: &Actor) -> Result<Option<Tracker>, Error> {
        check(actor, Action::See)?;
        let kept = self.store.read(kept)?;
        Ok(kept.map(|kept| kept.shown()))
    }

    /// Sets where public issues are.
    ///
    /// Refuses: a repository that is not `owner/name`; an API in the clear on
    /// another machine.
    pub fn set_tracker(&self, actor: &Actor, new: &NewTracker) -> Result<Tracker, Error> {
        check(actor, Action::Administer)?;
        let repository = repository(&new.repository)?;
        let api = api(new.api.as_deref().unwrap_or(PUBLIC_API))?;
        let sealed = match new.token.as_deref().map(str::trim) {
            None | Some("") => None,
            Some(token) if token.chars().any(|c| c.is_whitespace() || c.is_control()) => {
                let problem = "it holds white space: expected one line with the token alone";
                return Err(Refusal::invalid("token", problem).into());
            }
            Some(token) => {
                let sealed = self.settings.master_key.seal(&self.world, LABEL, token);
                Some(sealed.map_err(|error| Error::Broken(error.to_string()))?)
            }
        };
        let keeps = new.token.is_none();
        let by = actor.name().to_owned();
        self.store.write(move |tx| {
            let mut new = Kept {
                repository: repository.clone(),
                api: api.clone(),
                sealed: sealed.clone(),
            };
            if let Some(before) = kept(tx)?.filter(|before| keeps && before.api == api) {
                new.sealed = before.sealed;
            }
            tx.set(SETTING, &json!(new).to_string())?;
            tx.audit(AuditEvent {
                actor: by.clone(),
                org: String::new(),
                action: "tracker.set".into(),
                object: "organisation".into(),
                detail: json!(new.shown()),
            });
            Ok(new.shown())
        })
    }

    /// The tracker and its token.
    ///
    /// Refuses: one that is not set.
    pub(crate) fn open_tracker(&self) -> Result<(Tracker, Option<ApiKey>), Error> {
        let kept = self.store.read(kept)?.ok_or_else(|| {
            let problem = "no repository of public issues is set: an administrator sets one with \
                           `cna organisation tracker --repository OWNER/NAME`";
            Error::from(Refusal::invalid("tracker", problem))
        })?;
        let token = match &kept.sealed {
            None => None,
            Some(sealed) => {
                let token = self.settings.master_key.open(LABEL, sealed);
                Some(ApiKey::new(
                    token.map_err(|error| Error::Broken(error.to_string()))?,
                ))
            }
        };
        Ok((kept.shown(), token))
    }
}

fn kept(reader: &mut Reader<'_>) -> Result<Option<Kept>, Error> {
    let text = reader.setting(SETTING)?;
    text.map(|text| {
        serde_json::from_str(&text).map_err(|error| {
            Error::Broken(format!("the setting `{SETTING}` cannot be read: {error}"))
        })
    })
    .transpose()
}

/// Reads `owner/name`.
fn repository(text: &str) -> Result<String, Refusal> {
    let is_name = |part: &str| {
        let is_known = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        !part.is_empty()
            && part.len() <= LONGEST_BYTES
            && part.chars().all(is_known)
            && part.chars().any(|c| c != '.')
    };
    match text.split_once('/') {
        Some((owner, name)) if is_name(owner) && is_name(name) => Ok(text.to_owned()),
        _ => {
            let shown: String = text.chars().take(64).collect();
            let problem = format!(
                "`{shown}` is no repository, expected owner and name such as `example/agent`"
            );
            Err(Refusal::invalid("repository", problem))
        }
    }
}

/// Reads the address of an API; a token goes in the clear to no other machine.
fn api(text: &str) -> Result<String, Refusal> {
    let text = text.trim().trim_end_matches('/');
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://").filter(|rest| is_here(rest)));
    match rest {
        Some(rest) if !rest.is_empty() && !rest.contains(['?', '#', '@', ' ']) => {
            Ok(text.to_owned())
        }
        _ => {
            let shown: String = text.chars().take(64).collect();
            let problem =
                format!("`{shown}` cannot be used, expected an address such as `{PUBLIC_API}`");
            Err(Refusal::invalid("api", problem))
        }
    }
}

fn is_here(rest: &str) -> bool {
    let host = rest.split('/').next().unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    ["localhost", "127.0.0.1", "[::1]"].contains(&host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_an_owner_and_a_name() {
        assert_eq!(repository("example/agent.rs").unwrap(), "example/agent.rs");
        for wrong in [
            "example", "example/", "/agent", "a/b/c", "a/../b", "a/..", "a b/c", "",
        ] {
            assert!(repository(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_api_is_asked_in_the_clear_on_this_machine_only() {
        assert_eq!(
            api("https://api.example/v3/").unwrap(),
            "https://api.example/v3"
        );
        assert_eq!(api("http://127.0.0.1:80").unwrap(), "http://127.0.0.1:80");
        for wrong in [
            "http://api.example",
            "ftp://x",
            "https://",
            "https://me@x",
            "api",
        ] {
            assert!(api(wrong).is_err(), "{wrong}");
        }
    }
}
