//! Tokens: what programs sign in with, as somebody, for some time.

use cve::hash::Digest;
use cve::time::Timestamp;
use serde::Serialize;
use store::{TokenRow, Tx};

use super::{Actor, DAY_MS, Secret, TOKEN_DAYS, active, note};
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::policy::{Action, Scope, check};

/// The word for a token that is good for everything the person may do.
pub(super) const EVERYTHING: &str = "*";

/// Characters of a token's id.
const ID_LENGTH: usize = 12;

/// A token to be made.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// What it is for, in words.
    pub label: String,
    /// What it is good for; nothing for everything the person may do.
    pub scopes: Option<Vec<Scope>>,
    /// After how many days it stops working, 1 to 365.
    pub days: u16,
}

/// A token as its owner sees it. The secret is not kept.
#[derive(Debug, Clone, Serialize)]
pub struct Token {
    /// Its id: the beginning of its digest, from which nobody gets the secret.
    pub id: String,
    /// Name of the person it acts as.
    pub person: String,
    /// What it is for, in words.
    pub label: String,
    /// What it is good for; `*` is everything the person may do.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created: Timestamp,
    /// When it stops working.
    pub expires: Timestamp,
    /// Whether it has stopped.
    pub expired: bool,
}

impl Desk {
    /// Makes a token for a program that may do what the actor may, for a year.
    pub fn issue_token(&self, actor: &Actor, label: &str) -> Result<Secret, Error> {
        let new = NewToken {
            label: label.to_owned(),
            scopes: actor.scopes.clone(),
            days: TOKEN_DAYS,
        };
        Ok(self.new_token(actor, &new)?.1)
    }

    /// Makes a token for a program that acts as the actor.
    ///
    /// Refuses: an empty label, a lifetime that is none, no scope at all, and
    /// a scope that the token it is asked for with has not.
    pub fn new_token(&self, actor: &Actor, new: &NewToken) -> Result<(Token, Secret), Error> {
        if !(1..=TOKEN_DAYS).contains(&new.days) {
            let problem = format!("it is {}: expected 1 to {TOKEN_DAYS}", new.days);
            return Err(Refusal::invalid("days", problem).into());
        }
        let label = new.label.trim();
        if label.is_empty() || label.chars().count() > 200 {
            let problem = "expected 1 to 200 characters: say what the token is for";
            return Err(Refusal::invalid("label", problem).into());
        }
        let scopes = words(actor, new.scopes.as_deref())?;
        let secret = self.new_secret();
        let digest = Digest::of(secret.0.as_bytes());
        let (person, name) = (actor.id.clone(), actor.name.clone());
        let (label, days) = (label.to_owned(), new.days);
        let token = self.store.write(move |tx| {
            // It may have left since it signed in.
            active(tx, &name)?;
            let row = TokenRow {
                digest,
                person: person.clone(),
                kind: "token".to_owned(),
                label: label.clone(),
                created: tx.now(),
                expires: tx.now().plus_ms(i64::from(days) * DAY_MS),
                used: None,
                scopes: scopes.clone(),
            };
            tx.insert_token(&row)?;
            note(tx, &name, "token.issue", &name);
            Ok::<_, Error>(shown(row, &name, tx.now()))
        })?;
        Ok((token, secret))
    }

    /// The tokens of somebody, oldest first; one's own without a name.
    ///
    /// Refuses: those of somebody else to whoever is no administrator.
    pub fn tokens(&self, actor: &Actor, of: Option<&str>) -> Result<Vec<Token>, Error> {
        let name = self.whose(actor, of)?;
        let now = self.world.now();
        self.store.snapshot(|reader| {
            let person = reader.person_by_name(&name)?;
            let person = person.ok_or_else(|| Refusal::not_found(format!("person `{name}`")))?;
            let rows = reader.tokens_of(&person.id, "token")?;
            Ok(rows.into_iter().map(|row| shown(row, &name, now)).collect())
        })
    }

    /// Ends a token of somebody; one's own without a name.
    pub fn revoke_token(&self, actor: &Actor, of: Option<&str>, id: &str) -> Result<(), Error> {
        let name = self.whose(actor, of)?;
        let (by, id) = (actor.name.clone(), id.to_owned());
        self.store.write(move |tx| {
            let digest = find(tx, &name, &id)?;
            tx.delete_token(digest)?;
            note(tx, &by, "token.revoke", &name);
            Ok(())
        })
    }

    /// Whose tokens are meant, when the actor may know of them.
    fn whose(&self, actor: &Actor, of: Option<&str>) -> Result<String, Error> {
        match of {
            Some(name) if name != actor.name => {
                check(actor, Action::Administer)?;
                Ok(name.to_owned())
            }
            _ => Ok(actor.name.clone()),
        }
    }
}

/// The scopes as they are kept.
fn words(actor: &Actor, scopes: Option<&[Scope]>) -> Result<Vec<String>, Error> {
    let Some(scopes) = scopes else {
        if actor.scopes.is_some() {
            let problem = "the token this is asked with is not good for everything: name scopes";
            return Err(Refusal::invalid("scopes", problem).into());
        }
        return Ok(vec![EVERYTHING.to_owned()]);
    };
    if scopes.is_empty() {
        let problem = "there is none: name what the token is good for";
        return Err(Refusal::invalid("scopes", problem).into());
    }
    if let Some(scope) = scopes.iter().find(|scope| !actor.is_good_for(**scope)) {
        let problem = format!("the token this is asked with is itself not good for `{scope}`");
        return Err(Refusal::invalid("scopes", problem).into());
    }
    let mut sorted = scopes.to_vec();
    sorted.sort();
    sorted.dedup();
    Ok(sorted.iter().map(ToString::to_string).collect())
}

/// What a token is good for; nothing where it is good for everything.
pub(super) fn scopes(token: &TokenRow) -> Result<Option<Vec<Scope>>, Error> {
    if token.scopes.iter().any(|word| word == EVERYTHING) {
        return Ok(None);
    }
    let words = token.scopes.iter().map(|word| word.parse());
    words
        .collect::<Result<_, String>>()
        .map(Some)
        .map_err(Error::Broken)
}

fn find(tx: &mut Tx<'_>, name: &str, id: &str) -> Result<Digest, Error> {
    let missing = || Refusal::not_found(format!("token `{id}` of `{name}`"));
    let person = tx.person_by_name(name)?.ok_or_else(missing)?;
    let rows = tx.tokens_of(&person.id, "token")?;
    let found = rows.into_iter().find(|row| token_id(row) == id);
    Ok(found.ok_or_else(missing)?.digest)
}

fn token_id(row: &TokenRow) -> String {
    row.digest.to_string().chars().take(ID_LENGTH).collect()
}

fn shown(row: TokenRow, person: &str, now: Timestamp) -> Token {
    Token {
        id: token_id(&row),
        person: person.to_owned(),
        label: row.label,
        scopes: row.scopes,
        created: row.created,
        expires: row.expires,
        expired: row.expires < now,
    }
}
