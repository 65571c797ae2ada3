//! Identifiers of the other numbering system, GCVE.
//!
//! Source: process section 17.3; GCVE BCP-04.

use serde::Serialize;

/// What a text is in the other system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GcveReading {
    /// Whether it is a well-formed identifier of either system.
    pub valid: bool,
    /// The same in the other system, where there is one.
    pub out: Option<String>,
    /// The CVE ID it stands for, where it does.
    pub cve: Option<String>,
    /// The number of the authority that gave it.
    pub gna: Option<u64>,
}

/// Reads an identifier of either system.
///
/// Gives: number 0 stands for CVE, and only there can one be turned into the
/// other.
pub fn read(text: &str) -> GcveReading {
    let nothing = GcveReading {
        valid: false,
        out: None,
        cve: None,
        gna: None,
    };
    if text.parse::<cve::id::CveId>().is_ok() {
        return GcveReading {
            valid: true,
            out: Some(format!("GCVE-0-{}", text.trim_start_matches("CVE-"))),
            cve: Some(text.to_owned()),
            gna: None,
        };
    }
    let Some((number, rest)) = text
        .strip_prefix("GCVE-")
        .and_then(|tail| tail.split_once('-'))
    else {
        return nothing;
    };
    let printable = !rest.is_empty() && rest.bytes().all(|byte| (0x22..=0x7e).contains(&byte));
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let (true, true, Ok(gna)) = (digits, printable, number.parse::<u64>()) else {
        return nothing;
    };
    let cve =
        Some(format!("CVE-{rest}")).filter(|id| gna == 0 && id.parse::<cve::id::CveId>().is_ok());
    GcveReading {
        valid: gna != 0 || cve.is_some(),
        out: cve.clone(),
        cve,
        gna: Some(gna),
    }
}

/// What an identifier of the other system on a report is: never a duplicate.
pub const ON_A_REPORT: &str = "alias";
