//! The owners of a mailing list beside the people of the desk: the lists of a
//! team must have the same owners, and nobody who has left.
//!
//! Source: process section 12.7.

use serde::Serialize;

use super::Actor;
use crate::desk::Desk;
use crate::error::{Error, Refusal};
use crate::mail;
use crate::policy::{Action, check};

/// Owners of one list at most.
///
/// Source: our choice.
const MOST: usize = 1_000;

/// Somebody on a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Owner {
    /// The mail address.
    pub address: String,
    /// The name beside it, or the name at the desk; may be empty.
    pub name: String,
}

/// A list beside the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Roster {
    /// How many are on both.
    pub agree: usize,
    /// Who is on the list and nobody of the desk: one that left, or never came.
    pub too_many: Vec<Owner>,
    /// Who is of the desk and not on the list.
    pub missing: Vec<Owner>,
    /// Names of the people of the desk without a mail address, who cannot be
    /// compared.
    pub without_address: Vec<String>,
}

impl Roster {
    /// Whether list and desk have the same owners, as far as all can be told.
    pub fn is_same(&self) -> bool {
        self.too_many.is_empty() && self.missing.is_empty() && self.without_address.is_empty()
    }
}

impl Desk {
    /// Compares the owners of a mailing list with the people of the desk who
    /// have not left, by mail address; letter case does not count.
    ///
    /// Takes: `text`, an address a line, or `Name <address>`; empty lines and
    /// those that begin with `#` are passed over.
    /// Refuses: a line that is no address, with its number.
    /// Source: process section 12.7.
    pub fn compare_owners(&self, actor: &Actor, text: &str) -> Result<Roster, Error> {
        check(actor, Action::Administer)?;
        let owners = owners(text)?;
        let people = self.store.snapshot(|reader| {
            let mut people = Vec::new();
            for person in reader.people()?.into_iter().filter(|person| person.active) {
                let contact = reader.person_contact(&person.id)?;
                people.push((person.name, contact.map(|contact| contact.address)));
            }
            Ok::<_, Error>(people)
        })?;
        Ok(compared(&owners, &people))
    }
}

/// The owners a text names, each once.
fn owners(text: &str) -> Result<Vec<Owner>, Refusal> {
    let mut owners: Vec<Owner> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim().trim_start_matches('\u{feff}');
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, address) = match line
            .strip_suffix('>')
            .and_then(|line| line.rsplit_once('<'))
        {
            Some((name, address)) => (name.trim().trim_matches('"'), address.trim()),
            None => ("", line),
        };
        if mail::address("list", address).is_err() {
            let shown: String = line.chars().take(64).collect();
            let problem = format!(
                "line {}: `{shown}` is no mail address: expected such as `ana@example.org` or \
                 `Ana Example <ana@example.org>`",
                index + 1
            );
            return Err(Refusal::invalid("list", problem));
        }
        if !owners.iter().any(|owner| is_same(&owner.address, address)) {
            owners.push(Owner {
                address: address.to_owned(),
                name: name.to_owned(),
            });
        }
        if owners.len() > MOST {
            let problem =
                format!("it has more than {MOST} addresses: expected the owners of a list");
            return Err(Refusal::invalid("list", problem));
        }
    }
    Ok(owners)
}

fn is_same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

fn compared(owners: &[Owner], people: &[(String, Option<String>)]) -> Roster {
    let mut roster = Roster {
        agree: 0,
        too_many: Vec::new(),
        missing: Vec::new(),
        without_address: Vec::new(),
    };
    for (name, address) in people {
        let Some(address) = address else {
            roster.without_address.push(name.clone());
            continue;
        };
        if owners.iter().any(|owner| is_same(&owner.address, address)) {
            roster.agree += 1;
        } else {
            roster.missing.push(Owner {
                address: address.clone(),
                name: name.clone(),
            });
        }
    }
    let is_ours = |owner: &&Owner| {
        let mut addresses = people.iter().filter_map(|(_, address)| address.as_ref());
        addresses.any(|address| is_same(address, &owner.address))
    };
    roster.too_many = owners
        .iter()
        .filter(|owner| !is_ours(owner))
        .cloned()
        .collect();
    roster
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_an_address_a_line_with_a_name_or_without() {
        let text = "# owners\n\nana@example.org\nBen \"B\" <ben@example.org>\nANA@example.org\n";
        let found = owners(text).unwrap();
        let addresses: Vec<_> = found.iter().map(|owner| owner.address.as_str()).collect();
        assert_eq!(addresses, ["ana@example.org", "ben@example.org"]);
        assert_eq!(found[1].name, "Ben \"B");
    }

    #[test]
    fn a_line_that_is_no_address_is_told_by_its_number() {
        for text in [
            "ana@example.org\nben",
            "ana@example.org\nBen <ben>",
            "x\n<@>",
        ] {
            let refusal = owners(text).unwrap_err().to_string();
            assert!(refusal.contains("is no mail address"), "{refusal}");
            assert!(refusal.contains("line "), "{refusal}");
        }
    }

    #[test]
    fn who_is_too_many_and_who_is_missing_is_told_and_letter_case_is_not() {
        let found = owners("Ana@Example.org\ngone@example.org").unwrap();
        let people = [
            ("ana".to_owned(), Some("ana@example.org".to_owned())),
            ("ben".to_owned(), Some("ben@example.org".to_owned())),
            ("cy".to_owned(), None),
        ];
        let roster = compared(&found, &people);
        assert_eq!(roster.agree, 1);
        assert_eq!(roster.too_many[0].address, "gone@example.org");
        assert_eq!(roster.missing[0].name, "ben");
        assert_eq!(roster.without_address, ["cy"]);
        assert!(!roster.is_same());
        assert!(compared(&found[..1], &people[..1]).is_same());
    }
}
