//! Whether a candidate can become a CNA.
//!
//! Source: process section 11.

use serde::{Deserialize, Serialize};

/// What a candidate has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Candidate {
    /// Short name.
    pub short_name: Option<String>,
    /// Whether it is registered, with names, country and type.
    pub registered: bool,
    /// Its Root.
    pub root: Option<String>,
    /// Its scope.
    pub scope: Option<Scope>,
    /// Address of its disclosure policy.
    pub policy_url: Option<String>,
    /// Whether its policy keeps from nothing the rules ask for, and its way of
    /// requests has no terms that block.
    pub free_request_path: Option<bool>,
    /// Where it publishes advisories.
    pub advisories: Option<Advisories>,
    /// Whether it supplies products; only then OB-06 is a gate.
    pub supplier: Option<bool>,
    /// Its public contact.
    pub public_contact: Option<String>,
    /// Its contacts for the Program.
    pub contacts: Vec<Contact>,
    /// Whether it accepted the terms of use.
    pub terms_accepted: bool,
    /// Whether it has a public way to dispute.
    pub dispute_method: bool,
    /// People who are trained.
    pub trained: Vec<String>,
    /// Whether the orientation call was held.
    pub oriented: bool,
    /// Whether a run on the test instance succeeded.
    pub test_run: bool,
    /// Whether somebody reads the Program's list.
    pub subscribed: bool,
    /// Whether Root and Secretariat approved scope, policy and advisories.
    pub approved: bool,
}

/// A Scope Definition as it is drafted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Scope {
    /// Its words.
    pub text: String,
    /// What it covers.
    pub covered: Vec<String>,
    /// What it leaves out.
    pub excluded: Vec<String>,
}

/// Where advisories are published.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Advisories {
    /// The address.
    pub url: String,
    /// Whether it asks who is there.
    pub needs_login: bool,
    /// Whether the IDs stand in it as text.
    pub cites_ids: Option<bool>,
    /// Whether the Secretariat was told.
    pub told: Option<bool>,
}

/// A contact for the Program.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Contact {
    /// Name.
    pub name: String,
    /// Mail address.
    pub mail: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
}

/// An item that is not fulfilled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// Its id, such as `OB-08`.
    pub id: &'static str,
    /// Whether it must be closed before the organisation is active.
    pub is_gate: bool,
    /// What is missing.
    pub why: Vec<&'static str>,
}

/// What keeps a candidate from becoming active, and what else is missing.
pub fn gaps(candidate: &Candidate) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let mut need = |id, ok: bool, why: &'static str| {
        if !ok {
            gaps.push(Gap {
                id,
                is_gate: true,
                why: vec![why],
            });
        }
    };
    need("OB-01", candidate.registered, "registered");
    need("OB-02", candidate.root.is_some(), "root");
    let scope = candidate.scope.clone().unwrap_or_default();
    let scope_fault = if scope.text.is_empty() && scope.covered.is_empty() {
        Some("scope")
    } else if scope.covered.is_empty() && is_exclusion_only(&scope) {
        Some("exclusions only")
    } else if !candidate.approved {
        Some("approval")
    } else {
        None
    };
    need(
        "OB-03",
        scope_fault.is_none(),
        scope_fault.unwrap_or_default(),
    );
    need("OB-04", candidate.policy_url.is_some(), "policy address");
    need(
        "OB-05",
        candidate.free_request_path != Some(false),
        "request path with restrictive terms",
    );
    let (advisories, supplies) = (&candidate.advisories, candidate.supplier != Some(false));
    need(
        "OB-06",
        !supplies || advisories.is_some(),
        "advisory location",
    );
    need(
        "OB-06",
        advisories.as_ref().is_none_or(|a| !a.needs_login),
        "login",
    );
    need(
        "OB-06",
        advisories
            .as_ref()
            .is_none_or(|a| a.cites_ids != Some(false)),
        "IDs not as text",
    );
    need(
        "OB-07",
        candidate.public_contact.is_some(),
        "public contact",
    );
    need("OB-08", candidate.contacts.len() >= 2, "two people");
    let phone = candidate
        .contacts
        .first()
        .is_some_and(|contact| contact.phone.is_some());
    need("OB-08", phone, "phone");
    need(
        "OB-08",
        candidate
            .contacts
            .iter()
            .all(|contact| contact.mail.is_some()),
        "mail",
    );
    need("OB-09", candidate.terms_accepted, "terms of use");
    need("OB-12", candidate.dispute_method, "dispute method");
    need("OB-13", candidate.trained.len() >= 2, "training");
    need("OB-14", candidate.oriented, "orientation");
    need("OB-15", candidate.test_run, "test run");
    need("OB-20", candidate.subscribed, "subscription");
    // One line an item, with everything it lacks.
    let mut merged: Vec<Gap> = Vec::new();
    for gap in gaps {
        match merged.iter_mut().find(|known| known.id == gap.id) {
            Some(known) => known.why.extend(gap.why),
            None => merged.push(gap),
        }
    }
    merged
}

/// A scope that only says what it does not cover.
///
/// Source: CNA Rules 3.1.4.
fn is_exclusion_only(scope: &Scope) -> bool {
    let low = scope.text.to_lowercase();
    let excludes = [
        "everything except",
        "all except",
        "anything but",
        "everything but",
    ];
    !scope.excluded.is_empty() || excludes.iter().any(|words| low.starts_with(words))
}

/// The state of the process.
pub fn state(candidate: &Candidate, gaps: &[Gap]) -> &'static str {
    let open = |id: &str| gaps.iter().any(|gap| gap.id == id);
    if gaps.is_empty() {
        "ACTIVE"
    } else if open("OB-01") {
        "LEAD"
    } else if candidate.trained.is_empty() && !candidate.oriented && candidate.policy_url.is_none()
    {
        "REGISTERED"
    } else if open("OB-13") || open("OB-14") || open("OB-15") {
        "TRAINING"
    } else {
        "REVIEW"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_of_exclusions_only_is_no_scope() {
        let scope = |text: &str, covered: &[&str]| Scope {
            text: text.into(),
            covered: covered.iter().map(ToString::to_string).collect(),
            excluded: Vec::new(),
        };
        assert!(is_exclusion_only(&scope("Everything except Foo", &[])));
        assert!(!is_exclusion_only(&scope(
            "All our products except Foo",
            &[]
        )));
    }

    #[test]
    fn who_lacks_nothing_is_active() {
        let contact = |name: &str| Contact {
            name: name.into(),
            mail: Some(format!("{name}@example.org")),
            phone: Some("+49 30 1".into()),
        };
        let candidate = Candidate {
            short_name: Some("foo".into()),
            registered: true,
            root: Some("rootx".into()),
            scope: Some(Scope {
                text: "All Foo products".into(),
                covered: vec!["foo".into()],
                excluded: Vec::new(),
            }),
            policy_url: Some("https://foo.example/policy".into()),
            free_request_path: Some(true),
            advisories: Some(Advisories {
                url: "https://foo.example/advisories".into(),
                needs_login: false,
                cites_ids: Some(true),
                told: Some(true),
            }),
            supplier: Some(true),
            public_contact: Some("security@foo.example".into()),
            contacts: vec![contact("a"), contact("b")],
            terms_accepted: true,
            dispute_method: true,
            trained: vec!["a".into(), "b".into()],
            oriented: true,
            test_run: true,
            subscribed: true,
            approved: true,
        };
        assert_eq!(gaps(&candidate), []);
        assert_eq!(state(&candidate, &[]), "ACTIVE");
    }
}
