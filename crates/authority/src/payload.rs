//! The body of a request: which kinds are read, and how.
//!
//! Source: cve-services section 1 (request bodies).

use axum::body::Bytes;
use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

use crate::error::Refusal;
use crate::form;

/// How the body of a request is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// As JSON, an object or an array.
    Json,
    /// As a form.
    Form,
    /// Not at all; it counts as `{}`.
    Ignored,
}

/// Decides from the headers how the body is read.
///
/// Refuses: an encoding or a character set that is not read.
pub(crate) fn kind(headers: &HeaderMap) -> Result<Kind, Refusal> {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let bodiless = headers.get(header::TRANSFER_ENCODING).is_none()
        && matches!(text(header::CONTENT_LENGTH), "" | "0");
    let (media, parameters) = text(header::CONTENT_TYPE)
        .split_once(';')
        .unwrap_or((text(header::CONTENT_TYPE), ""));
    let kind = match media.trim().to_ascii_lowercase().as_str() {
        "application/json" => Kind::Json,
        "application/x-www-form-urlencoded" => Kind::Form,
        _ => Kind::Ignored,
    };
    if bodiless || kind == Kind::Ignored {
        return Ok(Kind::Ignored);
    }
    if let Some(charset) = charset(parameters)
        && !matches!(charset.as_str(), "UTF-8" | "UTF8" | "US-ASCII")
    {
        return Err(Refusal::CharsetUnsupported(charset));
    }
    match text(header::CONTENT_ENCODING).to_ascii_lowercase().as_str() {
        "" | "identity" => Ok(kind),
        _ => Err(Refusal::EncodingUnsupported),
    }
}

/// The character set among the parameters of a content type, upper case.
fn charset(parameters: &str) -> Option<String> {
    parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| value.trim().trim_matches('"').to_ascii_uppercase())
    })
}

/// Reads the body.
///
/// Takes: no bytes at all count as `{}`.
/// Gives: an object or an array.
/// Refuses: [`Refusal::BadJson`] with the parser's own words.
pub(crate) fn read(kind: Kind, bytes: &Bytes) -> Result<Value, Refusal> {
    match kind {
        Kind::Ignored => Ok(Value::Object(Map::new())),
        Kind::Form => Ok(Value::Object(form::parse(&String::from_utf8_lossy(bytes)))),
        Kind::Json if bytes.is_empty() => Ok(Value::Object(Map::new())),
        Kind::Json => {
            let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            let value: Value = serde_json::from_slice(text)
                .map_err(|error| Refusal::BadJson(error.to_string()))?;
            if value.is_object() || value.is_array() {
                return Ok(value);
            }
            Err(Refusal::BadJson(
                "expected an object or an array at the top level".into(),
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use serde_json::json;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                let name = axum::http::HeaderName::from_static(name);
                (name, HeaderValue::from_static(value))
            })
            .collect()
    }

    #[test]
    fn the_content_type_decides_how_a_body_is_read() {
        for (content_type, length, expected) in [
            ("application/json", "2", Kind::Json),
            ("Application/JSON; charset=utf-8", "2", Kind::Json),
            ("application/json", "0", Kind::Ignored),
            ("application/x-www-form-urlencoded", "2", Kind::Form),
            ("text/plain", "2", Kind::Ignored),
        ] {
            let headers = headers(&[("content-type", content_type), ("content-length", length)]);
            assert_eq!(kind(&headers), Ok(expected), "{content_type}");
        }
    }

    #[test]
    fn an_unknown_charset_is_named_in_capitals() {
        let json = ("content-type", "application/json; charset=foo");
        let refused = kind(&headers(&[json, ("content-length", "2")])).unwrap_err();
        assert_eq!(refused.wire().2, "unsupported charset \"FOO\"");
    }

    #[test]
    fn only_objects_and_arrays_are_bodies() {
        let parse = |text: &'static str| read(Kind::Json, &Bytes::from_static(text.as_bytes()));
        assert_eq!(parse(""), Ok(json!({})));
        assert_eq!(parse("\u{feff}{\"a\":1}"), Ok(json!({"a": 1})));
        assert_eq!(parse("[]"), Ok(json!([])));
        for text in ["null", "1", "\"x\"", "  ", "{\"a\":"] {
            assert!(matches!(parse(text), Err(Refusal::BadJson(_))), "{text:?}");
        }
    }
}
