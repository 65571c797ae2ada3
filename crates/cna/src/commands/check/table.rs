//! Tables: findings as CSV (RFC 4180), and counts for each organisation.

use std::io::Write as _;

use serde::Serialize;

use super::printer::View;
use super::tally::{SEVERITIES, Tally};
use crate::output::Style;

/// Names of the columns of a finding.
pub(crate) const HEAD: &str =
    "source,id,cna,valid,code,severity,pointer,line,column,message,rule,fix\r\n";

/// Names of the columns of a count.
pub(crate) const SUMMARY_HEAD: &str = "cna,code,severity,count\r\n";

/// A row for each finding of a document.
pub(crate) fn record(view: &View<'_>, out: &mut Vec<u8>) {
    let mut writer = writer(out);
    for finding in &view.judged.findings {
        let (line, column) = view.place(finding);
        // Written to memory, with as many columns as the head has.
        let _ = writer.write_record([
            view.source,
            view.judged.id.as_deref().unwrap_or_default(),
            view.judged.org.as_deref().unwrap_or_default(),
            if view.judged.valid { "true" } else { "false" },
            &finding.code,
            finding.severity.as_str(),
            &finding.pointer,
            &line.to_string(),
            &column.to_string(),
            &finding.message,
            &finding.rule,
            &finding.fix,
        ]);
    }
}

fn writer(out: &mut Vec<u8>) -> csv::Writer<&mut Vec<u8>> {
    csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(out)
}

/// How often an organisation breaks a rule.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    cna: String,
    code: String,
    severity: &'static str,
    count: u64,
}

/// Organisations by name, codes by severity, then the most frequent first.
pub(crate) fn rows(tally: &Tally) -> Vec<Row> {
    let mut rows = Vec::new();
    for (org, counts) in tally.by_org.iter().flatten() {
        let mut codes: Vec<_> = counts.by_code.iter().collect();
        codes.sort_by_key(|(code, (severity, count))| {
            (*severity, std::cmp::Reverse(*count), (*code).clone())
        });
        rows.extend(codes.into_iter().map(|(code, (severity, count))| Row {
            cna: org.clone(),
            code: code.clone(),
            severity: severity.as_str(),
            count: *count,
        }));
    }
    rows
}

/// The counts as CSV.
pub(crate) fn summary(tally: &Tally) -> String {
    let mut out = Vec::new();
    {
        let mut writer = writer(&mut out);
        for row in rows(tally) {
            // Written to memory, with as many columns as the head has.
            let _ =
                writer.write_record([&row.cna, &row.code, row.severity, &row.count.to_string()]);
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The counts for people: the rules over all, then each organisation.
pub(crate) fn print(tally: &Tally, style: Style, out: &mut Vec<u8>) {
    let mut codes: Vec<_> = tally.by_code.iter().collect();
    codes.sort_by_key(|(code, (severity, count))| {
        (*severity, std::cmp::Reverse(*count), (*code).clone())
    });
    // Writing to memory cannot fail.
    if !codes.is_empty() {
        let _ = writeln!(out, "{}", style.bold("Findings by rule"));
    }
    for (code, (severity, count)) in codes {
        let _ = writeln!(out, "{count:>9}  {:<9}  {code}", severity.as_str());
    }
    let orgs: Vec<_> = tally.by_org.iter().flatten().collect();
    if orgs.is_empty() {
        return;
    }
    let width = orgs.iter().map(|(org, _)| org.chars().count()).max();
    let width = width.unwrap_or(0).clamp(3, 32);
    let _ = writeln!(out, "{}", style.bold("Findings by CNA"));
    let _ = writeln!(
        out,
        "  {:<width$}  {:>8} {:>8} {:>8} {:>9} {:>8} {:>8}",
        "CNA", "records", "invalid", "error", "violation", "warning", "advice"
    );
    for (org, counts) in orgs {
        let of = |wanted| -> u64 {
            let by_code = counts.by_code.values();
            let wanted = by_code.filter(|(severity, _)| *severity == wanted);
            wanted.map(|(_, count)| count).sum()
        };
        let [error, violation, warning, advice] = SEVERITIES.map(of);
        let _ = writeln!(
            out,
            "  {:<width$}  {:>8} {:>8} {error:>8} {violation:>9} {warning:>8} {advice:>8}",
            super::text::shown(org),
            counts.records,
            counts.invalid
        );
    }
}
