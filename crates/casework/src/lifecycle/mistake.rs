//! Which weaknesses come to mind for a kind of mistake.
//!
//! Source: CWE, version of the tables in `cve::cwe`; the choice of kinds is
//! ours. A hint is no classification.

/// Kinds of mistakes and the weaknesses to look at first.
pub const MISTAKES: &[(&str, &[&str])] = &[
    ("default_credentials", &["CWE-1392", "CWE-798"]),
    ("hardcoded_credentials", &["CWE-798"]),
    ("insecure_default", &["CWE-1188"]),
    ("missing_limit", &["CWE-770"]),
    ("integer_overflow", &["CWE-190"]),
    ("heap_overflow", &["CWE-122"]),
    ("stack_overflow", &["CWE-121"]),
    ("out_of_bounds_read", &["CWE-125"]),
    ("out_of_bounds_write", &["CWE-787"]),
    ("use_after_free", &["CWE-416"]),
    ("null_dereference", &["CWE-476"]),
    ("race", &["CWE-362"]),
    ("malicious_code", &["CWE-506"]),
    ("sql_injection", &["CWE-89"]),
    ("command_injection", &["CWE-78"]),
    ("code_injection", &["CWE-94"]),
    ("cross_site_scripting", &["CWE-79"]),
    ("request_forgery", &["CWE-352"]),
    ("server_side_request_forgery", &["CWE-918"]),
    ("path_traversal", &["CWE-22"]),
    ("link_following", &["CWE-59"]),
    ("deserialization", &["CWE-502"]),
    ("missing_authentication", &["CWE-306"]),
    ("missing_authorization", &["CWE-862"]),
    ("incorrect_authorization", &["CWE-863"]),
    ("privilege_management", &["CWE-269"]),
    ("information_exposure", &["CWE-200"]),
    ("timing_difference", &["CWE-208"]),
    ("weak_cryptography", &["CWE-327"]),
    ("cleartext_transmission", &["CWE-319"]),
    ("certificate_validation", &["CWE-295"]),
    ("input_validation", &["CWE-20"]),
    ("resource_exhaustion", &["CWE-400"]),
    ("open_redirect", &["CWE-601"]),
    ("xml_entities", &["CWE-611"]),
    ("file_upload", &["CWE-434"]),
];

/// The weaknesses to look at; nothing for a kind nobody knows.
pub fn hints(mistake: &str) -> Option<&'static [&'static str]> {
    let found = MISTAKES.iter().find(|(known, _)| *known == mistake);
    found.map(|(_, hints)| *hints)
}
