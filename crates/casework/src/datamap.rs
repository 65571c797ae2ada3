//! The data map of a fix for the release team, as YAML.
//!
//! Source: process section 6, K-07.

use cve::cvss::Cvss;
use cve::id::CveId;
use serde_json::json;

use crate::advisory::Advisory;
use crate::desk::Desk;
use crate::draft;
use crate::error::{Error, Refusal};
use crate::people::Actor;
use crate::policy::{Action, check};
use crate::revision::document_of;

/// Pull requests of one data map at most.
const MOST: usize = 50;

impl Desk {
    /// The data map of `id`, one YAML document for each pull request, which is
    /// one for each release branch.
    ///
    /// Takes: `prs`, their numbers; `issue`, the address of the public issue.
    /// Refuses: no pull request, an issue that is no HTTPS address, an ID of a
    /// case the actor is not on.
    pub fn datamap(
        &self,
        actor: &Actor,
        id: CveId,
        prs: &[u64],
        issue: &str,
    ) -> Result<String, Error> {
        check(actor, Action::Announce)?;
        if prs.is_empty() || prs.len() > MOST {
            let problem = format!("expected 1 to {MOST} numbers of pull requests");
            return Err(Refusal::invalid("prs", problem).into());
        }
        let is_word = issue.chars().all(|c| c.is_ascii_graphic());
        if !issue.starts_with("https://") || !is_word {
            let problem = "expected the address of the issue, which begins with `https://`";
            return Err(Refusal::invalid("issue", problem).into());
        }
        let document = self.of_record(actor, id, |reader, _| {
            let newest = reader.draft(id)?;
            let newest = newest.ok_or_else(|| Refusal::not_found(format!("a draft of {id}")))?;
            document_of(&newest)
        })?;
        Ok(yaml(&draft::read_document(&document, id)?, prs, issue))
    }
}

/// Texts are written in double quotes as JSON has them, which YAML reads the
/// same way; nothing in them can become a key.
fn yaml(advisory: &Advisory, prs: &[u64], issue: &str) -> String {
    let mut description = format!("{}\n\nAffected Versions:\n", advisory.summary);
    for line in &advisory.affected {
        description.push_str(&format!("- {} {}\n", line.product, line.versions));
    }
    description.push_str("\nFixed Versions:\n");
    for line in advisory
        .affected
        .iter()
        .filter(|line| !line.fixed.is_empty())
    {
        description.push_str(&format!("- {} {}\n", line.product, line.fixed));
    }
    let vector = advisory.cvss.parse::<Cvss>().ok();
    let score = vector.as_ref().map(|vector| vector.base_score().number());
    let linked: Vec<String> = prs.iter().map(ToString::to_string).collect();
    let mut text = String::new();
    for pr in prs {
        text.push_str(&format!("---\npr: {pr}\ndatafields:\n  cve:\n"));
        for (key, value) in [
            ("id", json!(advisory.cve_id)),
            ("title", json!(advisory.title)),
            ("description", json!(description)),
            ("trackingissue", json!(issue)),
            ("vector", json!(advisory.cvss)),
            ("score", json!(score)),
            ("rating", json!(advisory.severity)),
        ] {
            text.push_str(&format!("    {key}: {value}\n"));
        }
        text.push_str(&format!("    linkedprs: [{}]\n", linked.join(", ")));
    }
    text
}
