//! What went wrong, and whether the work may have been done.

use std::fmt;

use serde_json::Value;

use crate::Method;

/// Why a request did not give what was asked for.
///
/// The variants answer the one question a caller that must not act twice
/// has: was the work done? `Refused`: no, and repeating it as it is will not
/// help. `NotSent`: no, and repeating it is safe. `Unknown`: perhaps, so look
/// before repeating.
#[derive(Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// The server answered that it did not do it: a 4xx, or a redirect that
    /// may not be followed. Mend the request, the account or the quota.
    #[error("`{url}` refused with {status}{}: {}", code_text(.code), refusal_text(.status, .message))]
    Refused {
        /// The address that was asked.
        url: String,
        /// The HTTP status, 300 to 499.
        status: u16,
        /// The service's code, such as `CVE_RECORD_EXISTS`, when the body is
        /// an error body.
        code: Option<String>,
        /// The service's sentence.
        message: Option<String>,
        /// What exactly is wrong.
        details: Option<Box<Value>>,
        /// The body as it came.
        raw: Vec<u8>,
        /// After how many seconds the server wants to be asked again, when it
        /// said so.
        retry_after_s: Option<u32>,
    },
    /// The request may or may not have been carried out: a 5xx, silence or a
    /// cut after sending, or a success whose body cannot be read. Look at the
    /// service's state before sending it again.
    #[error("`{url}` {what}; {}", advice(.is_reading))]
    Unknown {
        /// The address that was asked.
        url: String,
        /// The HTTP status, when there was one.
        status: Option<u16>,
        /// What happened, to follow the address in a sentence.
        what: String,
        /// The request only read, so nothing can have been done by it.
        is_reading: bool,
        /// The body as it came, empty when there was none.
        raw: Vec<u8>,
        /// After how many seconds the server wants to be asked again, when it
        /// said so.
        retry_after_s: Option<u32>,
    },
    /// The request certainly never reached the server: the address is wrong
    /// or not allowed, the name is not known, the connection or its TLS was
    /// not made. Sending it again is safe.
    #[error("`{url}` was not reached: {what}")]
    NotSent {
        /// The address that was asked.
        url: String,
        /// What happened and what to do.
        what: String,
        /// Asking again will not help before something is mended: the address
        /// is wrong or not allowed, or the TLS is not trusted.
        is_lasting: bool,
    },
    /// The services only rehearse, and this is the first request that would
    /// have changed something. Nothing was sent.
    #[error("`{url}` was not asked, because this is a rehearsal")]
    Rehearsed {
        /// What would have been done.
        method: Method,
        /// The address that would have been asked.
        url: String,
        /// The document that would have been sent.
        json: Option<Box<Value>>,
    },
}

impl Error {
    /// The address that was asked.
    pub fn url(&self) -> &str {
        match self {
            Error::Refused { url, .. }
            | Error::Unknown { url, .. }
            | Error::NotSent { url, .. }
            | Error::Rehearsed { url, .. } => url,
        }
    }

    /// The HTTP status, when an answer came.
    pub fn status(&self) -> Option<u16> {
        match self {
            Error::Refused { status, .. } => Some(*status),
            Error::Unknown { status, .. } => *status,
            Error::NotSent { .. } | Error::Rehearsed { .. } => None,
        }
    }

    /// The standard phrase for the HTTP status, such as `Not Found`.
    pub fn reason(&self) -> Option<&'static str> {
        let status = ureq::http::StatusCode::from_u16(self.status()?).ok()?;
        status.canonical_reason()
    }

    /// The body of the answer as it came; empty when there was none.
    pub fn body(&self) -> &[u8] {
        match self {
            Error::Refused { raw, .. } | Error::Unknown { raw, .. } => raw,
            Error::NotSent { .. } | Error::Rehearsed { .. } => &[],
        }
    }

    /// Says whether the service refused with exactly this status and code.
    pub fn is_refusal(&self, wanted_status: u16, wanted_code: &str) -> bool {
        matches!(self, Error::Refused { status, code, .. }
            if *status == wanted_status && code.as_deref() == Some(wanted_code))
    }

    /// Says whether the account was not accepted: unknown org or user, wrong
    /// key, or an inactive user. The service does not tell which.
    pub fn is_unauthorized(&self) -> bool {
        self.status() == Some(401)
    }

    /// Says whether the same request may well succeed a little later: the
    /// server was not reached, was busy, or failed.
    ///
    /// Says nothing about whether the work was done: ask
    /// [`may_have_been_done`](Error::may_have_been_done) before repeating.
    /// Source: RFC 9110 section 15; RFC 6585 section 4; cve-services answers
    /// 403 `RESERVATION_IN_PROGRESS` while another reservation runs.
    pub fn may_pass(&self) -> bool {
        match self {
            Error::NotSent { is_lasting, .. } => !is_lasting,
            Error::Refused { status: 429, .. } => true,
            Error::Refused { code, .. } => code.as_deref() == Some("RESERVATION_IN_PROGRESS"),
            Error::Unknown { .. } => true,
            Error::Rehearsed { .. } => false,
        }
    }

    /// After how many seconds the server wants to be asked again.
    ///
    /// Source: RFC 9110 section 10.2.3, `Retry-After`; dates are not read.
    pub fn retry_after_s(&self) -> Option<u32> {
        match self {
            Error::Refused { retry_after_s, .. } | Error::Unknown { retry_after_s, .. } => {
                *retry_after_s
            }
            Error::NotSent { .. } | Error::Rehearsed { .. } => None,
        }
    }

    /// Says whether the work may have been done all the same; never for a
    /// request that only reads.
    pub fn may_have_been_done(&self) -> bool {
        matches!(
            self,
            Error::Unknown {
                is_reading: false,
                ..
            }
        )
    }
}

impl fmt::Debug for Error {
    /// Without the body, which may hold a new key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Error::Refused { .. } => "Refused",
            Error::Unknown { .. } => "Unknown",
            Error::NotSent { .. } => "NotSent",
            Error::Rehearsed { .. } => "Rehearsed",
        };
        write!(f, "{kind}({self})")
    }
}

fn advice(is_reading: &bool) -> &'static str {
    if *is_reading {
        "nothing was changed, so it may be tried again"
    } else {
        "it may have been carried out, so look before repeating it"
    }
}

fn code_text(code: &Option<String>) -> String {
    code.as_ref()
        .map(|code| format!(" `{code}`"))
        .unwrap_or_default()
}

fn refusal_text(status: &u16, message: &Option<String>) -> String {
    match (status, message) {
        (401, _) => "the account was not accepted; check org, user and key".to_owned(),
        (_, Some(message)) if !message.is_empty() => {
            format!("{}; nothing was changed", message.trim_end_matches('.'))
        }
        (300..=399, _) => {
            "it points elsewhere, which is not followed; use the address it moved to".to_owned()
        }
        _ => "nothing was changed; check the address and the parameters".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, code: Option<&str>, message: Option<&str>) -> Error {
        Error::Refused {
            url: "https://cve.example/api/org/acme".into(),
            status,
            code: code.map(str::to_owned),
            message: message.map(str::to_owned),
            details: None,
            raw: Vec::new(),
            retry_after_s: None,
        }
    }

    #[test]
    fn a_refusal_is_one_sentence_with_address_code_and_message() {
        let error = refused(404, Some("CVEID_NOT_FOUND"), Some("no such ID."));
        assert_eq!(
            error.to_string(),
            "`https://cve.example/api/org/acme` refused with 404 `CVEID_NOT_FOUND`: \
             no such ID; nothing was changed"
        );
    }

    #[test]
    fn a_refused_account_is_recognised_and_says_what_to_check() {
        let error = refused(401, Some("UNAUTHORIZED"), Some("Unauthorized"));
        assert!(error.is_unauthorized());
        assert!(error.to_string().ends_with("check org, user and key"));
    }

    #[test]
    fn a_code_is_matched_together_with_its_status() {
        let error = refused(403, Some("CVE_RECORD_EXISTS"), None);
        assert!(error.is_refusal(403, "CVE_RECORD_EXISTS"));
        assert!(!error.is_refusal(400, "CVE_RECORD_EXISTS"));
    }
}
