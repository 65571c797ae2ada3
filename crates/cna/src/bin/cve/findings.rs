//! What the local check says before anything is sent.

use cve::check::{Finding, Severity};

use crate::console::Console;
use crate::stop::Stop;

/// Stops when the Program would refuse the document. Lesser findings are not
/// this command's business: a script that worked must go on working.
pub(crate) fn stop_at_errors(
    console: &mut Console,
    findings: &[Finding],
    leaf: &str,
) -> Result<(), Stop> {
    let lines = errors(findings);
    if lines.is_empty() {
        return Ok(());
    }
    let head = console.bold("ERROR: ");
    console.say(&format!("{head}CVE record is not valid:"));
    for line in lines {
        console.say(&format!("  {line}"));
    }
    console.say(&format!(
        "\nUse `cve {leaf} -h` for more information on how to use this command"
    ));
    Err(Stop::Said)
}

/// The findings that make the Program refuse, one line each.
pub(crate) fn errors(findings: &[Finding]) -> Vec<String> {
    let errors = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error);
    errors
        .map(|finding| {
            let place = match finding.pointer.as_str() {
                "" => "(document)",
                pointer => pointer,
            };
            format!("{place}: {}", finding.message)
        })
        .collect()
}
