//! `cna cvss`: puts a CVSS vector into words.

use cve::cvss::{Cvss, Explanation};
use serde_json::{Value, json};

use crate::cli::Stop;
use crate::output::{Style, line};

/// Prints a vector explained.
pub(crate) fn run(text: &str, as_json: bool) -> Result<(), Stop> {
    let text = text.trim();
    let vector: Cvss = match text.parse() {
        Ok(vector) => vector,
        Err(fault) => {
            return Err(Stop::Unreadable(anyhow::anyhow!(refusal(
                text,
                fault.position(),
                &fault.to_string()
            ))));
        }
    };
    let explanation = vector.explain();
    if as_json {
        line(&page(&vector, &explanation).to_string())?;
    } else {
        print(&vector, &explanation)?;
    }
    Ok(())
}

/// The vector with a caret under the fault, where it can be shown on one
/// line, and what is wrong there.
fn refusal(text: &str, position: usize, fault: &str) -> String {
    let shown = super::check::shown(text);
    if shown != text || text.len() > 200 || !text.is_ascii() {
        return format!("this is no CVSS vector: {fault}");
    }
    format!(
        "this is no CVSS vector: {fault}\n  {text}\n  {}^",
        " ".repeat(position)
    )
}

fn print(vector: &Cvss, explanation: &Explanation) -> anyhow::Result<()> {
    let style = Style::stdout();
    line(&style.bold(&format!(
        "{}: {} {}",
        explanation.title,
        vector.score(),
        vector.severity().as_str()
    )))?;
    line(&vector.to_string())?;
    let name = |metric: &cve::cvss::MetricInWords| metric.name.chars().count();
    let width = explanation.metrics.iter().map(name).max().unwrap_or(0);
    let mut group = "";
    for metric in &explanation.metrics {
        if metric.group.as_str() != group {
            group = metric.group.as_str();
            line("")?;
            line(&style.bold(&format!("{group} metrics")))?;
        }
        line(&format!(
            "  {:<4} {:<width$}  {} ({})",
            metric.code, metric.name, metric.value, metric.value_code
        ))?;
    }
    line("")?;
    if let Some(macrovector) = &explanation.macrovector {
        line(&format!("  {:<24} {macrovector}", "macrovector"))?;
    }
    for score in &explanation.scores {
        line(&format!("  {:<24} {}", score.name, score.score))?;
    }
    line(&format!(
        "  {:<24} {}",
        "severity",
        vector.severity().as_str()
    ))
}

fn page(vector: &Cvss, explanation: &Explanation) -> Value {
    let number = |score: cve::cvss::Score| f64::from(score.tenths()) / 10.0;
    let metrics: Vec<Value> = explanation
        .metrics
        .iter()
        .map(|metric| {
            json!({
                "code": metric.code,
                "name": metric.name,
                "group": metric.group.as_str(),
                "value": metric.value_code,
                "valueName": metric.value,
            })
        })
        .collect();
    let scores: Vec<Value> = explanation
        .scores
        .iter()
        .map(|score| json!({"name": score.name, "score": number(score.score)}))
        .collect();
    let macrovector = explanation.macrovector.as_ref().map(ToString::to_string);
    json!({
        "vector": vector.to_string(),
        "version": vector.version().as_str(),
        "title": explanation.title,
        "score": number(vector.score()),
        "severity": vector.severity().as_str(),
        "baseScore": number(vector.base_score()),
        "baseSeverity": vector.base_severity().as_str(),
        "macrovector": macrovector,
        "scores": scores,
        "metrics": metrics,
    })
}
