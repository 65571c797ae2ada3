//! Does a public address answer, and with what.

use crate::Error;
use crate::request::{Call, Request};

/// What a public address answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The start of the body, up to the limit of the settings.
    pub body: Vec<u8>,
    /// The body was longer.
    pub is_cut: bool,
    /// The `Content-Type`.
    pub content_type: Option<String>,
    /// The address that answered, after redirects.
    pub final_url: String,
}

impl LinkAnswer {
    /// Says whether the status is a success.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Says whether the body contains `text`, such as a CVE ID, letter case
    /// aside and not as a part of a longer number or word.
    pub fn contains(&self, text: &str) -> bool {
        let (body, text) = (self.body.as_slice(), text.as_bytes());
        let is_word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        !text.is_empty()
            && body.windows(text.len()).enumerate().any(|(at, window)| {
                window.eq_ignore_ascii_case(text)
                    && !is_word(at.checked_sub(1).and_then(|before| body.get(before)))
                    && !is_word(body.get(at + text.len()))
            })
    }
}

/// Looks at public addresses.
#[derive(Debug)]
pub struct Link<'a> {
    request: &'a Request,
}

impl<'a> Link<'a> {
    /// Looks through `request`, under its limits and its address policy.
    pub fn new(request: &'a Request) -> Link<'a> {
        Link { request }
    }

    /// Asks `url`, following redirects, and gives what answers, of any
    /// status.
    ///
    /// Refuses: `NotSent`, `Unknown`. Looking changes nothing, so either may
    /// be tried again.
    pub fn look(&self, url: &str) -> Result<LinkAnswer, Error> {
        let answer = self.request.send(&Call::get(url))?;
        if let Some(failure) = answer.body_failure {
            return Err(Error::Unknown {
                url: answer.url,
                status: Some(answer.status),
                what: format!("broke off within its answer ({failure})"),
                is_reading: true,
                raw: answer.body,
                retry_after_s: answer.retry_after_s,
            });
        }
        Ok(LinkAnswer {
            status: answer.status,
            body: answer.body,
            is_cut: answer.is_cut,
            content_type: answer.content_type,
            final_url: answer.url,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(body: &str) -> LinkAnswer {
        LinkAnswer {
            status: 200,
            body: body.into(),
            is_cut: false,
            content_type: None,
            final_url: String::new(),
        }
    }

    #[test]
    fn an_id_is_found_only_as_a_whole() {
        assert!(page("<b>cve-1900-00012</b>CVE-1900-0001.").contains("CVE-1900-0001"));
        assert!(!page("CVE-1900-00012").contains("CVE-1900-0001"));
        assert!(!page("xCVE-1900-0001").contains("CVE-1900-0001"));
        assert!(!page("").contains("CVE-1900-0001"));
    }
}
