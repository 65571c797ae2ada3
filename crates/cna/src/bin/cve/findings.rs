//! What the record engine says before anything is sent.
//!
//! The verdict is that of the Program's client, which carries the schema of
//! version 5.1.1 and looks at no `format`; what only version 5.2.0 knows
//! (package URLs) passes as well. What CVE Services alone will refuse, by the
//! version it runs, is said on standard error and left to it: a script that
//! worked goes on working.

use cve::check::{Checker, Finding, Format, Kind, Severity};

use crate::console::Console;
use crate::session::Session;
use crate::stop::Stop;

/// What the engine found.
pub(crate) struct Verdict {
    /// What is wrong; nothing is sent when there is any.
    pub(crate) errors: Vec<Finding>,
    /// What CVE Services will refuse all the same.
    pub(crate) warnings: Vec<Finding>,
}

/// Judges `text` as a document of this kind.
///
/// Takes: the version of the format that was asked for; without one, either
/// of 5.1.1 and 5.2.0 may accept it.
pub(crate) fn judge(kind: Kind, text: &[u8], format: Option<Format>) -> Verdict {
    let newest = found(kind, text, format.unwrap_or_default());
    if format.is_some() || newest.errors.is_empty() {
        return newest;
    }
    let older = found(kind, text, Format::V5_1_1);
    if older.errors.is_empty() {
        return Verdict {
            errors: Vec::new(),
            warnings: newest.errors.into_iter().chain(newest.warnings).collect(),
        };
    }
    newest
}

fn found(kind: Kind, text: &[u8], format: Format) -> Verdict {
    let findings = Checker::new(format).findings(kind, text);
    let of_errors = |finding: &Finding| finding.severity == Severity::Error;
    let all = findings.into_iter().filter(of_errors);
    // The Program's client checks no `format`, such as that of an address.
    let (warnings, errors) = all.partition(|finding| finding.code == "SCHEMA-FORMAT");
    Verdict { errors, warnings }
}

/// Reads `--record-format`.
pub(crate) fn format(session: &Session<'_>) -> Result<Option<Format>, Stop> {
    let Some(text) = session.value("record-format") else {
        return Ok(None);
    };
    let all = [Format::V5_0, Format::V5_1_1, Format::V5_2_0];
    let format = all.into_iter().find(|format| format.as_str() == text);
    format.map(Some).ok_or_else(|| {
        session.usage(format!(
            "Invalid value for '--record-format': '{text}' is not one of '5.0', '5.1.1', '5.2.0'."
        ))
    })
}

/// Stops before anything is sent when the document is wrong, and says what
/// is wrong, a line each.
pub(crate) fn stop_at_errors(
    session: &Session<'_>,
    console: &mut Console,
    verdict: &Verdict,
) -> Result<(), Stop> {
    warn(console, &verdict.warnings);
    if verdict.errors.is_empty() {
        return Ok(());
    }
    console.say_error("CVE record is not valid:");
    for line in lines(&verdict.errors, session.flag("explain")) {
        console.say_for_error(&format!("  {line}"));
    }
    console.say_for_error(&format!(
        "\nUse `cve {} -h` for more information on how to use this command",
        session.leaf()
    ));
    Err(Stop::Said)
}

/// Says on standard error what CVE Services will refuse.
pub(crate) fn warn(console: &mut Console, warnings: &[Finding]) {
    for line in lines(warnings, false) {
        console.complain(&format!("warning: {line}; CVE Services will refuse it"));
    }
}

/// One line for each finding, `pointer: message`; explained, with the rule
/// and what to do below it.
pub(crate) fn lines(findings: &[Finding], is_explained: bool) -> Vec<String> {
    let line = |finding: &Finding| {
        let place = match finding.pointer.as_str() {
            "" => "(document)",
            pointer => pointer,
        };
        let line = format!("{place}: {}", finding.message);
        match is_explained {
            true => format!(
                "{line}\n    rule: {} ({})\n    do: {}",
                finding.rule, finding.code, finding.fix
            ),
            false => line,
        }
    };
    findings.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn container() -> Value {
        json!({
            "providerMetadata": {"orgId": "5e11bd2c-6f4b-4dc4-a2a1-1f5b0a0a1c11"},
            "descriptions": [{"lang": "en", "value": "A flaw."}],
            "affected": [{"vendor": "v", "product": "p", "defaultStatus": "affected"}],
            "references": [{"url": "https://example.org/a"}],
        })
    }

    fn count(container: &Value, format: Option<Format>) -> (usize, usize) {
        let text = container.to_string();
        let verdict = judge(Kind::PublishedContainer, text.as_bytes(), format);
        (verdict.errors.len(), verdict.warnings.len())
    }

    #[test]
    fn a_package_url_passes_unless_the_older_version_is_asked_for() {
        let mut container = container();
        container["affected"][0]["packageURL"] = json!("pkg:cargo/p");
        assert_eq!(count(&container, None), (0, 0));
        assert_eq!(count(&container, Some(Format::V5_2_0)), (0, 0));
    }

    #[test]
    fn an_address_of_the_wrong_form_is_a_warning_as_the_client_looks_at_no_format() {
        let mut container = container();
        container["references"][0]["url"] = json!("not an address");
        assert_eq!(count(&container, None), (0, 1));
    }

    #[test]
    fn what_the_older_version_accepts_is_a_warning() {
        let mut container = container();
        container["affected"][0]["colour"] = json!("red");
        assert_eq!(count(&container, None), (0, 1));
        assert_eq!(count(&container, Some(Format::V5_2_0)), (1, 0));
    }

    #[test]
    fn what_both_versions_refuse_is_an_error() {
        let mut container = container();
        container["title"] = json!("");
        assert_eq!(count(&container, None), (1, 0));
    }
}
