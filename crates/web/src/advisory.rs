//! An advisory as it is read, on the portal and beforehand on the desk.

use casework::Advisory;
use cve::cvss::{Cvss, Group, MetricInWords};

use crate::markdown::Prose;

/// An advisory as it is read.
#[derive(Debug, Clone)]
pub(crate) struct AdvisoryView {
    pub(crate) id: String,
    pub(crate) cve_id: String,
    pub(crate) title: String,
    pub(crate) summary: Prose,
    /// `High`; empty when it is not known.
    pub(crate) severity: String,
    /// `high`; for the style sheet, which never says anything by itself.
    pub(crate) severity_class: &'static str,
    pub(crate) cvss: String,
    /// The base score, `7.1 by CVSS v3.1`; empty where the vector cannot be scored.
    pub(crate) score: String,
    /// The base metrics, as readers of an advisory meet them.
    pub(crate) metrics: Vec<MetricInWords>,
    pub(crate) weakness: String,
    pub(crate) weakness_url: String,
    pub(crate) affected: Vec<AffectedView>,
    /// What readers should do, in the organisation's words.
    pub(crate) solution: Prose,
    /// What follows from the affected table, where there are no such words.
    pub(crate) updates: Vec<String>,
    pub(crate) workaround: Prose,
    pub(crate) references: Vec<Reference>,
    pub(crate) credit: String,
}

/// A line of the affected table.
#[derive(Debug, Clone)]
pub(crate) struct AffectedView {
    pub(crate) product: String,
    pub(crate) versions: String,
    /// Empty where no version is fixed.
    pub(crate) fixed: String,
}

/// A public address about it.
#[derive(Debug, Clone)]
pub(crate) struct Reference {
    pub(crate) url: String,
    /// Whether a browser should be offered to open it.
    pub(crate) is_link: bool,
}

impl AdvisoryView {
    pub(crate) fn new(advisory: &Advisory) -> AdvisoryView {
        let solution = Prose::new(&advisory.solution);
        let vector: Option<Cvss> = advisory.cvss.parse().ok();
        let updates = if solution.is_empty() {
            updates(advisory)
        } else {
            Vec::new()
        };
        AdvisoryView {
            id: advisory.id.clone(),
            cve_id: advisory.cve_id.to_string(),
            title: advisory.title.clone(),
            summary: Prose::new(&advisory.summary),
            severity: crate::words::capital(&advisory.severity),
            severity_class: severity_class(&advisory.severity),
            cvss: advisory.cvss.clone(),
            score: vector.as_ref().map(score).unwrap_or_default(),
            metrics: vector.as_ref().map(base_metrics).unwrap_or_default(),
            weakness: advisory.weakness.clone(),
            weakness_url: weakness_url(&advisory.weakness),
            affected: affected(advisory),
            solution,
            updates,
            workaround: Prose::new(&advisory.workaround),
            references: references(advisory),
            credit: advisory.credit.clone(),
        }
    }

    /// Says whether some line of the table has no fixed version.
    pub(crate) fn lacks_fix(&self) -> bool {
        self.affected.iter().any(|line| line.fixed.is_empty())
    }
}

/// The class of the style sheet for a severity, from a closed list.
pub(crate) fn severity_class(severity: &str) -> &'static str {
    match severity {
        "low" => "low",
        "medium" => "medium",
        "high" => "high",
        "critical" => "critical",
        _ => "unknown",
    }
}

fn score(vector: &Cvss) -> String {
    format!("{} by CVSS v{}", vector.base_score(), vector.version())
}

fn base_metrics(vector: &Cvss) -> Vec<MetricInWords> {
    let metrics = vector.explain().metrics.into_iter();
    metrics
        .filter(|metric| metric.group == Group::Base)
        .collect()
}

fn affected(advisory: &Advisory) -> Vec<AffectedView> {
    let view = |line: &casework::AffectedLine| AffectedView {
        product: line.product.clone(),
        versions: line.versions.clone(),
        fixed: line.fixed.clone(),
    };
    advisory.affected.iter().map(view).collect()
}

fn updates(advisory: &Advisory) -> Vec<String> {
    let fixed = advisory
        .affected
        .iter()
        .filter(|line| !line.fixed.is_empty());
    fixed
        .map(|line| format!("Update {} to {} or later.", line.product, line.fixed))
        .collect()
}

/// Address of a weakness on the CWE list; empty when it is not of it.
fn weakness_url(weakness: &str) -> String {
    let rest = weakness.strip_prefix("CWE-").unwrap_or_default();
    let number = rest.split(' ').next().unwrap_or_default();
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
        return String::new();
    }
    format!("https://cwe.mitre.org/data/definitions/{number}.html")
}

/// The references, without the advisory's own address.
fn references(advisory: &Advisory) -> Vec<Reference> {
    let own = format!("/advisories/{}", advisory.id);
    let others = advisory
        .references
        .iter()
        .filter(|url| !url.ends_with(&own));
    others
        .map(|url| Reference {
            is_link: url.starts_with("https://") || url.starts_with("http://"),
            url: url.clone(),
        })
        .collect()
}
