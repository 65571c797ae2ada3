//! What goes back to the client, before it becomes a response.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::Value;

use cve::hash::{Digest, hex};
use store::Stamped;

use crate::error::Refusal;

/// An answer: a status, a text or nothing, and headers of its own.
#[derive(Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    body: Option<Vec<u8>>,
    content_type: &'static str,
    /// Its validator, where one is known without its body.
    tag: Option<String>,
    headers: HeaderMap,
}

/// The headers that are the same in all answers of a kind. Where one is
/// different in each, a place is kept for it: a map that has all its names
/// does not grow.
pub(crate) struct Constants {
    /// Of every answer without a body.
    always: HeaderMap,
    /// Of every answer with a body, and of every refusal.
    with_body: HeaderMap,
    /// Of an answer that says the client has the body: what tells browsers how
    /// to treat a body came with the body, and stays with it.
    ///
    /// Source: RFC 9110 section 15.4.5, RFC 9111 section 4.3.4.
    unchanged: HeaderMap,
}

impl Constants {
    /// What every answer says besides.
    ///
    /// Source: cve-services section 1.
    pub(crate) fn new() -> Constants {
        let mut unchanged = HeaderMap::new();
        http::headers::stamp(
            &mut unchanged,
            &[
                ("access-control-allow-origin", "*"),
                ("cache-control", "no-store"),
            ],
        );
        let mut always = HeaderMap::new();
        http::headers::stamp(&mut always, http::headers::CAREFUL);
        always.extend(unchanged.clone());
        let place = HeaderValue::from_static("");
        let mut with_body = always.clone();
        with_body.insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
        for headers in [&mut with_body, &mut unchanged] {
            headers.insert(header::ETAG, place.clone());
        }
        with_body.insert(header::CONTENT_LENGTH, place);
        Constants {
            always,
            with_body,
            unchanged,
        }
    }
}

const JSON: &str = "application/json; charset=utf-8";

impl Answer {
    /// A JSON document under `status`.
    pub(crate) fn json(status: StatusCode, body: &Value) -> Answer {
        Answer {
            status,
            body: Some(body.to_string().into_bytes()),
            content_type: JSON,
            tag: None,
            headers: HeaderMap::new(),
        }
    }

    /// A JSON document under 200.
    pub(crate) fn ok(body: &Value) -> Answer {
        Answer::json(StatusCode::OK, body)
    }

    /// A document that is written as JSON as it stands, under 200.
    pub(crate) fn of(body: &impl serde::Serialize) -> Answer {
        match serde_json::to_vec(body) {
            Ok(text) => Answer::text(text),
            Err(failure) => {
                tracing::error!(%failure, "an answer could not be written");
                Refusal::Unavailable.answer()
            }
        }
    }

    /// JSON text under 200, byte for byte.
    pub(crate) fn text(body: Vec<u8>) -> Answer {
        Answer {
            status: StatusCode::OK,
            body: Some(body),
            content_type: JSON,
            tag: None,
            headers: HeaderMap::new(),
        }
    }

    /// A page for people, under 200.
    pub(crate) fn page(html: String) -> Answer {
        Answer {
            content_type: "text/html; charset=utf-8",
            ..Answer::text(html.into_bytes())
        }
    }

    /// `{"message":…,"<key>":<record>}` with the record byte for byte.
    pub(crate) fn with_record(message: &str, key: &str, mut record: Vec<u8>) -> Answer {
        // Texts can always be written.
        let message = serde_json::to_string(message).unwrap_or_default();
        let before = ["{\"message\":", &message, ",\"", key, "\":"].concat();
        // A record has room behind it: moving it costs less than another place.
        record.splice(..0, before.into_bytes());
        record.push(b'}');
        Answer::text(record)
    }

    /// A status without a body and without a content type.
    pub(crate) fn empty(status: StatusCode) -> Answer {
        Answer {
            status,
            body: None,
            content_type: JSON,
            tag: None,
            headers: HeaderMap::new(),
        }
    }

    /// For a client that has the body with this validator.
    pub(crate) fn unchanged(tag: String) -> Answer {
        Answer::empty(StatusCode::NOT_MODIFIED).tagged(tag)
    }

    /// The same with a validator made from something else than its body.
    #[must_use]
    pub(crate) fn tagged(self, tag: String) -> Answer {
        Answer {
            tag: Some(tag),
            ..self
        }
    }

    /// The same with one more header.
    #[must_use]
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Answer {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }

    /// The same, saying what the owner may still reserve.
    ///
    /// Source: cve-services section 6.1, POST /cve-id.
    #[must_use]
    pub(crate) fn remaining_quota(self, remaining: i64) -> Answer {
        self.header("cve-api-remaining-quota", &remaining.to_string())
    }

    /// The response; a client that has the body already gets 304 without it.
    ///
    /// Takes: `reads`, whether the method is GET or HEAD; `known`, the
    /// request's `If-None-Match`.
    pub(crate) fn response(
        self,
        reads: bool,
        known: Option<&HeaderValue>,
        constants: &Constants,
    ) -> Response {
        let mut status = self.status;
        let tag = match &self.body {
            None => self.tag,
            Some(body) => Some(self.tag.unwrap_or_else(|| tag_of(body))),
        };
        if reads
            && self.body.is_some()
            && status.is_success()
            && known
                .zip(tag.as_deref())
                .is_some_and(|(k, t)| matches(k, t))
        {
            status = StatusCode::NOT_MODIFIED;
        }
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status;
        let body = self.body.filter(|_| status != StatusCode::NOT_MODIFIED);
        let headers = response.headers_mut();
        *headers = match (status, &body) {
            (StatusCode::NOT_MODIFIED, _) => constants.unchanged.clone(),
            (_, Some(_)) => constants.with_body.clone(),
            (_, None) => constants.always.clone(),
        };
        match tag.map(HeaderValue::try_from) {
            Some(Ok(tag)) => drop(headers.insert(header::ETAG, tag)),
            _ => drop(headers.remove(header::ETAG)),
        }
        headers.extend(self.headers);
        let Some(body) = body else {
            return response;
        };
        if self.content_type != JSON {
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static(self.content_type),
            );
        }
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        *response.body_mut() = Body::from(body);
        response
    }
}

/// The weak validator of a body: its length and half of its digest.
fn tag_of(body: &[u8]) -> String {
    tag_from(body.len(), Digest::of(body))
}

/// The validator of an answer that shows a record, from a digest at hand.
pub(crate) fn tag_of_record(record: &Stamped) -> String {
    tag_from(record.body.len(), record.digest)
}

fn tag_from(length: usize, digest: Digest) -> String {
    format!("W/\"{length:x}-{}\"", hex(&digest.as_bytes()[..16]))
}

/// Says whether one of the tags the client knows is `tag`.
///
/// Source: RFC 9110 section 13.1.2, weak comparison.
pub(crate) fn matches(known: &HeaderValue, tag: &str) -> bool {
    let strong = tag.strip_prefix("W/").unwrap_or(tag);
    known.to_str().is_ok_and(|known| {
        known
            .split(',')
            .map(str::trim)
            .any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == strong)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_knows_the_body_gets_304() {
        let tag = tag_of(b"{}");
        for known in [
            tag.clone(),
            format!("\"x\", {tag}"),
            tag[2..].into(),
            "*".into(),
        ] {
            let known = HeaderValue::from_str(&known).unwrap();
            let response =
                Answer::text(b"{}".to_vec()).response(true, Some(&known), &Constants::new());
            assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
            let names: Vec<_> = response.headers().keys().map(HeaderName::as_str).collect();
            assert_eq!(
                names,
                ["access-control-allow-origin", "cache-control", "etag"]
            );
        }
    }

    #[test]
    fn a_write_is_never_answered_with_304() {
        let known = HeaderValue::from_str(&tag_of(b"{}")).unwrap();
        let response =
            Answer::text(b"{}".to_vec()).response(false, Some(&known), &Constants::new());
        assert_eq!(response.status(), StatusCode::OK);
    }

    #[test]
    fn a_record_goes_into_an_answer_byte_for_byte() {
        let answer = Answer::with_record("a \"b\"", "created", br#"{"z":1, "a":2}"#.to_vec());
        assert_eq!(
            answer.body.as_deref(),
            Some(br#"{"message":"a \"b\"","created":{"z":1, "a":2}}"#.as_slice())
        );
    }
}
