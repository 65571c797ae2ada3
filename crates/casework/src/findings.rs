//! What is wrong with a draft: by the schema, by CVE Services, by the
//! Program's content rules, and by what record and advisory say of each other.

use cve::check::{Finding, Kind, Severity, published_container};
use cve::lint::{Context, Linter, RegisteredProduct, Settings, without_echoes};
use cve::time::Timestamp;
use serde_json::Value;

use crate::advisory::Advisory;
use crate::describe::leftover;
use crate::error::Error;

/// Lists what is wrong with a draft, what refuses it first.
///
/// Takes: the document of a draft, the catalogue, and the time it is.
/// Gives: findings whose pointers are into the document. A content rule that
/// says what the schema says is left out.
/// Source: process sections 5 and 6.
pub(crate) fn findings(
    document: &Value,
    advisory: &Advisory,
    products: &[RegisteredProduct],
    now: Timestamp,
) -> Result<Vec<Finding>, Error> {
    let container = &document["cna"];
    let mut findings = published_container(container);
    let content = content(container, advisory, products, now)?;
    findings.extend(without_echoes(content, &findings));
    for finding in &mut findings {
        finding.pointer.insert_str(0, "/cna");
    }
    findings.extend(uncited(container, advisory));
    findings.extend(leftovers(document));
    Ok(findings)
}

/// The content rules, with what the desk knows beside the record.
fn content(
    container: &Value,
    advisory: &Advisory,
    products: &[RegisteredProduct],
    now: Timestamp,
) -> Result<Vec<Finding>, Error> {
    let mut linter = Linter::new(&Settings::default())
        .map_err(|error| Error::Broken(format!("the content rules: {error}")))?;
    let fixed = advisory.affected.iter().map(|line| line.fixed.clone());
    let advisory = cve::lint::Advisory {
        title: Some(advisory.title.clone()),
        severity: Some(advisory.severity.clone()).filter(|severity| !severity.is_empty()),
        credits: Some(advisory.credit.clone())
            .filter(|credit| !credit.is_empty())
            .into_iter()
            .collect(),
        fixed_versions: fixed.filter(|version| !version.is_empty()).collect(),
    };
    let context = Context {
        now: Some(now),
        products: Some(products),
        advisory: Some(&advisory),
        ..Context::default()
    };
    let text = container.to_string();
    let mut findings = linter.lint(Kind::PublishedContainer, text.as_bytes(), &context);
    for finding in &mut findings {
        // Places in a text nobody has seen help nobody.
        finding.position = None;
    }
    Ok(findings)
}

/// What a template left in the texts people read; stands in the way of an
/// approval.
///
/// Source: process section 5.3.
fn leftovers(document: &Value) -> Vec<Finding> {
    let descriptions = document["cna"]["descriptions"].as_array();
    let count = descriptions.map_or(0, Vec::len);
    let descriptions = (0..count).map(|index| format!("/cna/descriptions/{index}/value"));
    let others = ["/cna/title", "/advisory/title", "/advisory/summary"].map(str::to_owned);
    let texts = descriptions.chain(others);
    texts
        .filter_map(|pointer| {
            let left = leftover(document.pointer(&pointer)?.as_str()?)?;
            Some(Finding {
                code: "DRAFT-LEFTOVER".into(),
                severity: Severity::Violation,
                message: format!("`{left}` is left over from a template"),
                rule: "key details phrasing".into(),
                fix: "write what it stands for, or take it out".into(),
                position: None,
                pointer,
            })
        })
        .collect()
}

/// A record whose references leave out the advisory it is disclosed by.
///
/// Source: process section 6, PC-04; CNA Rules 5.3.1, 4.5.2.
fn uncited(container: &Value, advisory: &Advisory) -> Option<Finding> {
    let references = container["references"].as_array();
    let cites = references.is_some_and(|references| {
        references.iter().any(|reference| {
            let url = reference["url"].as_str();
            url.is_some_and(|url| url.ends_with(&advisory.id))
        })
    });
    (!cites).then(|| Finding {
        code: "PC-04".into(),
        severity: Severity::Violation,
        pointer: "/cna/references".into(),
        message: format!("no reference names the advisory `{}`", advisory.id),
        rule: "CNA Rules 5.3.1, 4.5.2".into(),
        fix: "add the address of the advisory: a record is never the first disclosure".into(),
        position: None,
    })
}
