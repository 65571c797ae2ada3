//! Which CNA covers a product: a list of partners, searched and ranked.
//!
//! The list has the form the Program publishes: an array of organisations with
//! `shortName`, `organizationName`, `scope`, contacts and `CNA.roles`. It is
//! read from whatever file the caller gives; nothing of it is kept here.
//!
//! Source: process B3; CNA Rules 4.2.1.1.

use serde::{Deserialize, Serialize};

/// An organisation of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partner {
    /// Its short name.
    pub short_name: String,
    /// Its name.
    pub name: String,
    /// Its scope, in its own words.
    pub scope: String,
    /// Its roles, such as `CNA` and `CNA-LR`.
    pub roles: Vec<String>,
    /// Its types, such as `Vendor` and `Researcher`.
    pub types: Vec<String>,
    /// Its Root, and else the top of its hierarchy.
    pub root: Option<String>,
    /// Its mail addresses for requests.
    pub mails: Vec<String>,
    /// Its pages for requests.
    pub pages: Vec<String>,
    /// Address of its disclosure policy.
    pub policy: Option<String>,
}

/// A partner that may cover a product.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Route {
    /// Its place, from 1.
    pub rank: usize,
    /// How well it fits: more is better.
    pub score: u32,
    /// Why, in a sentence.
    pub reason: String,
    /// Words of its scope that speak against it.
    pub caution: Option<String>,
    /// Who it is.
    pub partner: Partner,
}

/// Why a list cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InvalidPartners {
    /// It is not the document it should be.
    #[error(
        "not a list of partners: expected an array of organisations with `shortName`, `organizationName` and `scope`"
    )]
    Form(#[from] serde_json::Error),
    /// Nobody is in it.
    #[error("the list of partners is empty")]
    Empty,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    short_name: String,
    #[serde(default)]
    organization_name: String,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    contact: Vec<Contact>,
    #[serde(default)]
    disclosure_policy: Vec<Page>,
    #[serde(rename = "CNA", default)]
    cna: Option<Membership>,
}

#[derive(Deserialize, Default)]
struct Contact {
    #[serde(default)]
    email: Vec<Mail>,
    #[serde(default)]
    contact: Vec<Page>,
    #[serde(default)]
    form: Vec<Page>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mail {
    #[serde(default)]
    email_addr: String,
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    url: String,
}

#[derive(Deserialize, Default)]
struct Membership {
    #[serde(default)]
    root: Option<Above>,
    #[serde(rename = "TLR", default)]
    top: Option<Above>,
    #[serde(rename = "type", default)]
    types: Vec<String>,
    #[serde(default)]
    roles: Vec<Role>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Above {
    #[serde(default)]
    short_name: String,
}

#[derive(Deserialize)]
struct Role {
    #[serde(default)]
    role: String,
}

/// Reads a list of partners.
///
/// Takes: JSON; keys that are not needed are passed over.
/// Refuses: another document; an empty list.
pub fn partners(json: &str) -> Result<Vec<Partner>, InvalidPartners> {
    let entries: Vec<Entry> = serde_json::from_str(json)?;
    if entries.is_empty() {
        return Err(InvalidPartners::Empty);
    }
    Ok(entries.into_iter().map(partner).collect())
}

fn partner(entry: Entry) -> Partner {
    let cna = entry.cna.unwrap_or_default();
    let named = |above: Option<Above>| {
        above
            .map(|org| org.short_name)
            .filter(|name| !matches!(name.as_str(), "" | "n/a"))
    };
    let root = named(cna.root).or(named(cna.top));
    let (mut mails, mut pages) = (Vec::new(), Vec::new());
    for contact in entry.contact {
        mails.extend(contact.email.into_iter().map(|mail| mail.email_addr));
        pages.extend(
            contact
                .form
                .into_iter()
                .chain(contact.contact)
                .map(|page| page.url),
        );
    }
    mails.retain(|text| !text.is_empty());
    pages.retain(|text| !text.is_empty());
    Partner {
        short_name: entry.short_name,
        name: entry.organization_name,
        scope: plain(&entry.scope),
        roles: cna.roles.into_iter().map(|role| role.role).collect(),
        types: cna.types,
        root,
        mails,
        pages,
        policy: entry
            .disclosure_policy
            .into_iter()
            .map(|page| page.url)
            .find(|url| !url.is_empty()),
    }
}

/// A text without the tags some scopes are written with.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        plain.push_str(before);
        match after.split_once('>') {
            Some((_, behind)) => rest = behind,
            None => {
                // No tag, but a sign: `versions < 3`.
                plain.push('<');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    plain
}

/// Words that say nothing about who covers what.
const COMMON: &[&str] = &[
    "a",
    "an",
    "and",
    "the",
    "of",
    "for",
    "in",
    "on",
    "by",
    "to",
    "with",
    "all",
    "any",
    "our",
    "its",
    "products",
    "product",
    "software",
    "services",
    "service",
    "issues",
    "issue",
    "only",
    "related",
    "vulnerabilities",
    "vulnerability",
    "projects",
    "project",
    "open",
    "source",
    "inc",
    "ltd",
    "llc",
    "gmbh",
    "corp",
    "corporation",
    "company",
    "server",
    "client",
    "desktop",
    "version",
    "versions",
    "technologies",
    "technology",
    "systems",
    "system",
    "solutions",
    "security",
    "team",
    "group",
    "foundation",
    "discovered",
    "reported",
    "as",
    "well",
    "that",
    "are",
    "is",
    "not",
    "covered",
    "another",
    "cna",
    "cnas",
    "scope",
    "unless",
    "or",
    "other",
    "third",
    "party",
    "from",
    "at",
    "via",
    "including",
    "such",
    "also",
    "data",
    "web",
    "app",
    "application",
    "applications",
    "plugin",
    "library",
];

/// Words before an exclusion.
const EXCEPT: &[&str] = &[
    "except",
    "excluding",
    "exclude",
    "not including",
    "does not cover",
    "but not",
];

/// Searches the scopes for a product.
///
/// Takes: the product's name, perhaps with its vendor's, as people write it.
/// Gives: those that may cover it, best first; nobody when no scope and no
/// name speaks of it. CNAs of last resort are not among them: they cover what
/// nobody else does.
pub fn routes(partners: &[Partner], product: &str) -> Vec<Route> {
    let words = words(product);
    let phrase = words.join(" ");
    let telling: Vec<&String> = words
        .iter()
        .filter(|word| !COMMON.contains(&word.as_str()))
        .collect();
    if telling.is_empty() {
        return Vec::new();
    }
    let mut routes: Vec<Route> = partners
        .iter()
        .filter(|partner| {
            !partner
                .roles
                .iter()
                .all(|role| role == "ADP" || role == "Top-Level Root")
                || partner.roles.is_empty()
        })
        .filter_map(|partner| rate(partner, &words, &phrase, &telling))
        .collect();
    routes.sort_by(|a, b| (b.score, &a.partner.short_name).cmp(&(a.score, &b.partner.short_name)));
    for (place, route) in routes.iter_mut().enumerate() {
        route.rank = place + 1;
    }
    routes
}

fn rate(partner: &Partner, all: &[String], phrase: &str, telling: &[&String]) -> Option<Route> {
    let scope = words(&partner.scope);
    let scope_text = scope.join(" ");
    let name: Vec<String> = words(&partner.name);
    let short = words(&partner.short_name);
    let in_scope: Vec<&String> = telling
        .iter()
        .copied()
        .filter(|word| scope.contains(word))
        .collect();
    let brand = |list: &[String]| {
        let distinctive = list.iter().filter(|word| !COMMON.contains(&word.as_str()));
        distinctive.filter(|word| telling.contains(word)).count()
    };
    let named = brand(&name).max(brand(&short));
    // The vendor's name at the beginning says most.
    let leads = all.first().is_some_and(|first| {
        telling.contains(&first) && (name.contains(first) || short.contains(first))
    });
    let whole = contains(&scope_text, phrase) && all.len() > 1;
    let mut score = 0;
    let mut why = Vec::new();
    if whole {
        score += 60;
        why.push(format!("its scope names `{phrase}`"));
    } else if !in_scope.is_empty() {
        score += 20 * u32::try_from(in_scope.len()).unwrap_or(1);
        let list: Vec<&str> = in_scope.iter().map(|word| word.as_str()).collect();
        why.push(format!("its scope names `{}`", list.join("`, `")));
    }
    if named > 0 {
        score += 30 + u32::from(leads) * 10;
        why.push("its name is in the product's".to_owned());
    }
    if score == 0 {
        return None;
    }
    let is_vendor = partner.types.iter().any(|kind| {
        kind.eq_ignore_ascii_case("vendor") || kind.eq_ignore_ascii_case("open source")
    });
    if is_vendor {
        score += 10;
        why.push("it supplies products".to_owned());
    }
    let low = partner.scope.to_lowercase();
    let caution = EXCEPT.iter().find_map(|word| {
        let at = low.find(word)?;
        let rest = low.get(at..)?;
        let told = telling.iter().any(|telling| words(rest).contains(telling));
        told.then(|| {
            format!(
                "the scope says `{}`",
                rest.chars().take(120).collect::<String>()
            )
        })
    });
    if caution.is_some() {
        score /= 2;
    }
    Some(Route {
        rank: 0,
        score,
        reason: why.join("; "),
        caution,
        partner: partner.clone(),
    })
}

/// Whole words of `phrase`, next to each other.
fn contains(text: &str, phrase: &str) -> bool {
    format!(" {text} ").contains(&format!(" {phrase} "))
}

/// Lower-case words: letters, digits, and what joins them in names.
fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|c: char| !(c.is_alphanumeric() || c == '.' || c == '+' || c == '#'))
        .map(|word| word.trim_matches('.').to_owned())
        .filter(|word| !word.is_empty())
        .collect()
}

/// Drafts the letter that hands a report to another CNA.
///
/// Takes: who writes, to whom, about what; whether it is public. What has to
/// be added by hand stands in brackets.
/// Source: CNA Rules 4.2.1.1, 4.3.1; the words are ours.
pub fn letter(from: &str, to: &Partner, product: &str, is_public: bool) -> String {
    let greeting = match to.name.as_str() {
        "" => &to.short_name,
        name => name,
    };
    let public = match is_public {
        true => {
            "The vulnerability is public: [where, and since when]. If we hear nothing from you \
             within 72 hours of this message, we ask the Root to determine who assigns (CNA \
             Operational Rules 4.2.1.2)."
        }
        false => {
            "The vulnerability is not public. Please treat this message as confidential, and tell \
             us whom else you bring in."
        }
    };
    format!(
        "To: {greeting}{}\nSubject: A report about {product} that seems to be in your scope\n\n\
         Hello,\n\n\
         we are {from}, a CVE Numbering Authority. We received a report about {product}. By your \
         published scope (\"{}\") you come first to decide whether it is a vulnerability and \
         to assign a CVE ID, so we hand it over to you.\n\n\
         What was reported: [product, component and versions; effect; proof].\n\
         Our reference: [case number]. The reporter: [name and contact, if the reporter agreed].\n\n\
         {public}\n\n\
         Please tell us whether you take it, and the CVE ID once there is one. We have assigned \
         none and will not while you decide. Should you find that it is no vulnerability, or should you not \
         want to assign, please say which of the two: different rules follow.\n\n\
         Kind regards,\n{from}\n",
        to.mails
            .first()
            .map(|mail| format!(" <{mail}>"))
            .unwrap_or_default(),
        to.scope.trim(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = r#"[
      {"shortName": "globex", "organizationName": "Globex Corporation", "scope": "All Globex products, excluding Globex Toys",
       "contact": [{"email": [{"label": "Email", "emailAddr": "psirt@globex.example"}], "contact": [], "form": []}],
       "CNA": {"isRoot": false, "root": {"shortName": "n/a"}, "TLR": {"shortName": "tlx"}, "type": ["Vendor"], "roles": [{"role": "CNA"}]}},
      {"shortName": "umbrella", "organizationName": "Umbrella Research", "scope": "Vulnerabilities in third-party products discovered by Umbrella that are not in another CNA's scope",
       "CNA": {"type": ["Researcher"], "roles": [{"role": "CNA"}]}},
      {"shortName": "hub", "organizationName": "Hub Inc.", "scope": "Projects on Hub, such as the Globex connector", "CNA": {"type": ["Hosted Service"], "roles": [{"role": "CNA"}]}}
    ]"#;

    fn found(product: &str) -> Vec<String> {
        let partners = partners(LIST).unwrap();
        routes(&partners, product)
            .into_iter()
            .map(|route| route.partner.short_name)
            .collect()
    }

    #[test]
    fn the_supplier_comes_before_whoever_mentions_the_product() {
        assert_eq!(found("Globex Desktop"), ["globex", "hub"]);
    }

    #[test]
    fn a_scope_that_names_the_very_product_comes_before_its_vendor() {
        assert_eq!(found("globex connector"), ["hub", "globex"]);
    }

    #[test]
    fn words_that_say_nothing_find_nobody() {
        assert_eq!(found("desktop software"), [] as [String; 0]);
        assert_eq!(found("initech"), [] as [String; 0]);
    }

    #[test]
    fn what_a_scope_excludes_is_said_and_counts_less() {
        let partners = partners(LIST).unwrap();
        let toys = routes(&partners, "Globex Toys");
        let toys = toys
            .iter()
            .find(|route| route.partner.short_name == "globex")
            .unwrap();
        assert!(
            toys.caution
                .as_deref()
                .unwrap()
                .contains("excluding globex toys")
        );
    }

    #[test]
    fn the_letter_names_the_72_hours_only_for_what_is_public() {
        let partners = partners(LIST).unwrap();
        assert!(letter("acme", &partners[0], "Globex Desktop", true).contains("72 hours"));
        let private = letter("acme", &partners[0], "Globex Desktop", false);
        assert!(!private.contains("72 hours") && private.contains("psirt@globex.example"));
    }

    #[test]
    fn another_document_is_refused() {
        assert!(partners("{}").is_err());
        assert!(matches!(partners("[]"), Err(InvalidPartners::Empty)));
    }
}
