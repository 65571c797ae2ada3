//! Who asks, and what that lets them do: permission is the type of a
//! handler's argument.
//!
//! Source: cve-services sections 2 and 3.

use std::ops::Deref;
use std::sync::Arc;

use store::{CallerRow, OrgRow};

use crate::call::{Call, Pace};
use crate::error::{Error, Refusal};
use crate::router::Authority;

/// The three headers a caller is known by, as they came.
#[derive(Default)]
pub(crate) struct Credentials {
    pub(crate) org: String,
    pub(crate) username: String,
    pub(crate) key: String,
}

/// Lets a request in, or says why not.
pub(crate) trait Guard: Sized {
    /// Whom it lets in, for the documentation.
    const ADMITS: &'static str;
    /// Whether a key is needed, welcome or ignored.
    const KEY: Key;

    /// Admits the caller of `call`.
    fn admit(authority: &Authority, call: &Call) -> Result<Self, Error>;
}

/// What a guard does with the key of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    /// Nothing.
    Ignored,
    /// Uses it when it is right, and is silent when it is not.
    Welcome,
    /// Refuses a request without the right one.
    Needed,
}

/// A user with the right key, in the organisation of the request.
#[derive(Debug, Clone)]
pub(crate) struct Caller(Arc<CallerRow>);

impl Deref for Caller {
    type Target = CallerRow;

    fn deref(&self) -> &CallerRow {
        &self.0
    }
}

impl Caller {
    /// Says whether the organisation is the Secretariat.
    pub(crate) fn is_secretariat(&self) -> bool {
        self.org.has_role("SECRETARIAT")
    }

    /// Says whether the user administers the organisation of the request.
    pub(crate) fn is_admin(&self) -> bool {
        self.user.roles.iter().any(|role| role == "ADMIN")
    }

    /// Says whether the organisation of this short name is the caller's own,
    /// or the caller is the Secretariat.
    pub(crate) fn may_see(&self, short_name: &str) -> bool {
        self.org.short_name.as_str() == short_name || self.is_secretariat()
    }

    /// An event of the audit chain about what this caller does.
    pub(crate) fn did(
        &self,
        action: &str,
        object: &str,
        detail: serde_json::Value,
    ) -> store::AuditEvent {
        store::AuditEvent {
            actor: self.user.username.clone(),
            org: self.org.uuid.clone(),
            action: action.to_owned(),
            object: object.to_owned(),
            detail,
        }
    }
}

/// Anyone; no key is looked at.
pub(crate) struct Anyone;

impl Guard for Anyone {
    const ADMITS: &'static str = "anyone";
    const KEY: Key = Key::Ignored;

    fn admit(_: &Authority, _: &Call) -> Result<Anyone, Error> {
        Ok(Anyone)
    }
}

impl Guard for Caller {
    const ADMITS: &'static str = "every user with a key";
    const KEY: Key = Key::Needed;

    fn admit(authority: &Authority, call: &Call) -> Result<Caller, Error> {
        let given = &call.credentials;
        for (header, value) in [
            ("CVE-API-ORG", &given.org),
            ("CVE-API-USER", &given.username),
            ("CVE-API-KEY", &given.key),
        ] {
            if value.is_empty() {
                return Err(Refusal::HeaderMissing(header).into());
            }
        }
        authority.gates.before_key(call.client, &authority.world)?;
        let found = match &call.found.caller {
            Some(found) => found.clone(),
            None => named(authority, call)?,
        };
        if let Some(CallerRow { user, .. }) = found.as_deref()
            && authority.recognised.takes_long(&user.key_hash)
        {
            call.takes_long()?;
        }
        let caller = found.filter(|found| {
            let user = &found.user;
            user.active && authority.recognised.is_key(&user.key_hash, &given.key)
        });
        let Some(caller) = caller.map(Caller) else {
            authority
                .gates
                .after_wrong_key(call.client, &authority.world);
            tracing::warn!(
                org = shown(&given.org),
                user = shown(&given.username),
                "not authenticated"
            );
            return Err(Refusal::Unauthorized.into());
        };
        call.noted.borrow_mut().org = Some(caller.org.short_name.to_string());
        if call.pace != (Pace::Again { key_counted: true }) {
            authority
                .gates
                .after_key(&caller.user.uuid, &authority.world)?;
        }
        let uses = &authority.key_uses;
        uses.note(&caller.user.uuid, authority.world.now());
        Ok(caller)
    }
}

/// The user a request names, kept or asked for.
fn named(authority: &Authority, call: &Call) -> Result<Option<Arc<CallerRow>>, Error> {
    let store = &authority.store;
    let given = &call.credentials;
    let names = (given.org.clone(), given.username.clone());
    if let Some(kept) = store.kept_caller(&names) {
        return Ok(Some(kept));
    }
    call.asks(store)?;
    let mark = store.caller_mark();
    let found = store.read(|reader| reader.caller(&given.org, &given.username))?;
    let found = found.map(Arc::new);
    if let Some(found) = &found {
        store.keep_caller(names, found.clone(), mark);
    }
    Ok(found)
}

/// A name from a header as the log may hold it: what has the length of a key
/// may be one, in the wrong header.
fn shown(text: &str) -> &str {
    let hex = || text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    if text.len() > 64 || (text.len() >= 20 && hex()) {
        return "(not shown)";
    }
    text
}

impl Guard for Option<Caller> {
    const ADMITS: &'static str = "anyone; users with a key may see more";
    const KEY: Key = Key::Welcome;

    /// Without valid credentials the caller is anonymous, never refused.
    fn admit(authority: &Authority, call: &Call) -> Result<Option<Caller>, Error> {
        if call.credentials.org.is_empty() {
            return Ok(None);
        }
        match Caller::admit(authority, call) {
            Ok(caller) => Ok(Some(caller)),
            Err(refused) if call.noted.borrow().takes_long => Err(refused),
            Err(Error::Refused(_)) => Ok(None),
            Err(failed) => Err(failed),
        }
    }
}

/// A guard that is a caller with a role, or a refusal.
macro_rules! guard {
    ($(#[$doc:meta])* $name:ident, $who:expr, $admits:expr, $refusal:expr) => {
        $(#[$doc])*
        pub(crate) struct $name(pub(crate) Caller);

        impl Guard for $name {
            const ADMITS: &'static str = $who;
            const KEY: Key = Key::Needed;

            fn admit(authority: &Authority, call: &Call) -> Result<$name, Error> {
                let caller = Caller::admit(authority, call)?;
                let admits: fn(&Caller) -> bool = $admits;
                if admits(&caller) {
                    return Ok($name(caller));
                }
                let refusal: fn(&Caller) -> Refusal = $refusal;
                Err(refusal(&caller).into())
            }
        }
    };
}

guard!(
    /// A user of the Secretariat.
    Secretariat,
    "users of the Secretariat",
    Caller::is_secretariat,
    |_| Refusal::SecretariatOnly
);
guard!(
    /// A user of a CNA or of the Secretariat.
    CnaCaller,
    "users of a CNA or of the Secretariat",
    |caller| caller.is_secretariat() || caller.org.has_role("CNA"),
    |_| Refusal::CnaOnly
);
guard!(
    /// A user of an ADP or of the Secretariat.
    AdpCaller,
    "users of an ADP or of the Secretariat",
    |caller| caller.is_secretariat() || caller.org.has_role("ADP"),
    |_| Refusal::AdpOnly
);
guard!(
    /// A user of an organisation with a role beyond reading.
    Partner,
    "users of an organisation with a role beyond reading",
    |caller| has_partner_role(&caller.org),
    |caller| Refusal::NoPartnerRole(caller.org.short_name.to_string())
);

fn has_partner_role(org: &OrgRow) -> bool {
    !org.roles.is_empty() && org.roles != ["BULK_DOWNLOAD"]
}

/// A user of the Secretariat or of an organisation that may read all. Who it
/// is makes no difference.
pub(crate) struct BulkReader;

impl Guard for BulkReader {
    const ADMITS: &'static str = "users of the Secretariat or of an organisation that may read all";
    const KEY: Key = Key::Needed;

    fn admit(authority: &Authority, call: &Call) -> Result<BulkReader, Error> {
        let caller = Caller::admit(authority, call)?;
        if caller.is_secretariat() || caller.org.has_role("BULK_DOWNLOAD") {
            return Ok(BulkReader);
        }
        Err(Refusal::SecretariatOnly.into())
    }
}

/// A user who may create users: of the Secretariat, or an administrator of a
/// partner.
pub(crate) struct UserMaker(pub(crate) Caller);

impl Guard for UserMaker {
    const ADMITS: &'static str = "users of the Secretariat, and administrators of a partner";
    const KEY: Key = Key::Needed;

    fn admit(authority: &Authority, call: &Call) -> Result<UserMaker, Error> {
        let caller = Caller::admit(authority, call)?;
        if !caller.is_secretariat() && !caller.is_admin() {
            return Err(Refusal::NotAdminOrSecretariat.into());
        }
        if !has_partner_role(&caller.org) {
            let org = caller.org.short_name.to_string();
            return Err(Refusal::NoPartnerRole(org).into());
        }
        Ok(UserMaker(caller))
    }
}
