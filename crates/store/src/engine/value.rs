//! What goes into a statement and what comes out of it.

use std::borrow::Cow;
use std::str::FromStr;
use std::sync::Arc;

use cve::hash::Digest;
use cve::id::{CveId, Year};
use cve::org::ShortName;
use cve::time::Timestamp;

use crate::error::Error;

/// A value handed to a statement.
#[derive(Debug, Clone)]
pub(crate) enum Param<'a> {
    /// No value.
    Null,
    /// A whole number, a count or 0/1 for a truth.
    Int(i64),
    /// Text; times and ids among them.
    Text(Cow<'a, str>),
    /// Bytes as they are.
    Bytes(Cow<'a, [u8]>),
}

impl Param<'_> {
    /// The same value, held by itself.
    pub(crate) fn owned(&self) -> Param<'static> {
        match self {
            Param::Null => Param::Null,
            Param::Int(number) => Param::Int(*number),
            Param::Text(text) => Param::Text(Cow::Owned(text.clone().into_owned())),
            Param::Bytes(bytes) => Param::Bytes(Cow::Owned(bytes.clone().into_owned())),
        }
    }
}

impl<'a> From<&'a str> for Param<'a> {
    fn from(text: &'a str) -> Self {
        Param::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<&'a String> for Param<'a> {
    fn from(text: &'a String) -> Self {
        Param::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Param<'_> {
    fn from(text: String) -> Self {
        Param::Text(Cow::Owned(text))
    }
}

impl From<i64> for Param<'_> {
    fn from(number: i64) -> Self {
        Param::Int(number)
    }
}

impl From<u32> for Param<'_> {
    fn from(number: u32) -> Self {
        Param::Int(i64::from(number))
    }
}

impl From<bool> for Param<'_> {
    fn from(truth: bool) -> Self {
        Param::Int(i64::from(truth))
    }
}

impl<'a> From<&'a [u8]> for Param<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Param::Bytes(Cow::Borrowed(bytes))
    }
}

impl<'a> From<&'a Vec<u8>> for Param<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Param::Bytes(Cow::Borrowed(bytes))
    }
}

impl From<Timestamp> for Param<'_> {
    fn from(at: Timestamp) -> Self {
        Param::Text(Cow::Owned(at.to_string()))
    }
}

impl From<CveId> for Param<'_> {
    fn from(id: CveId) -> Self {
        Param::Text(Cow::Owned(id.to_string()))
    }
}

impl From<Year> for Param<'_> {
    fn from(year: Year) -> Self {
        Param::Int(i64::from(year.number()))
    }
}

impl<'a> From<&'a ShortName> for Param<'a> {
    fn from(name: &'a ShortName) -> Self {
        Param::Text(Cow::Borrowed(name.as_str()))
    }
}

impl From<Digest> for Param<'_> {
    fn from(digest: Digest) -> Self {
        Param::Text(Cow::Owned(digest.to_string()))
    }
}

impl<'a, T: Into<Param<'a>>> From<Option<T>> for Param<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Param::Null, Into::into)
    }
}

/// A value read from a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// No value.
    Null,
    /// A whole number.
    Int(i64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl Value {
    fn kind(&self) -> &'static str {
        match self {
            Value::Null => "nothing",
            Value::Int(_) => "a number",
            Value::Text(_) => "text",
            Value::Bytes(_) => "bytes",
        }
    }
}

/// One row of an answer; columns are counted from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(super) statement: Arc<str>,
    pub(super) values: Vec<Value>,
}

impl Row {
    /// The text in `column`.
    pub(crate) fn text(&self, column: usize) -> Result<String, Error> {
        self.str(column).map(str::to_owned)
    }

    fn str(&self, column: usize) -> Result<&str, Error> {
        match self.values.get(column) {
            Some(Value::Text(text)) => Ok(text),
            other => Err(self.corrupt(column, other, "text")),
        }
    }

    /// The text in `column`, or nothing.
    pub(crate) fn opt_text(&self, column: usize) -> Result<Option<String>, Error> {
        match self.values.get(column) {
            Some(Value::Null) => Ok(None),
            _ => self.text(column).map(Some),
        }
    }

    /// The number in `column`.
    pub(crate) fn int(&self, column: usize) -> Result<i64, Error> {
        match self.values.get(column) {
            Some(Value::Int(number)) => Ok(*number),
            other => Err(self.corrupt(column, other, "a number")),
        }
    }

    /// The number in `column`, or nothing.
    pub(crate) fn opt_int(&self, column: usize) -> Result<Option<i64>, Error> {
        match self.values.get(column) {
            Some(Value::Null) => Ok(None),
            _ => self.int(column).map(Some),
        }
    }

    /// The truth in `column`, kept as 0 or 1.
    pub(crate) fn truth(&self, column: usize) -> Result<bool, Error> {
        Ok(self.int(column)? != 0)
    }

    /// The bytes in `column`.
    pub(crate) fn bytes(&self, column: usize) -> Result<Vec<u8>, Error> {
        match self.values.get(column) {
            Some(Value::Bytes(bytes)) => Ok(bytes.clone()),
            other => Err(self.corrupt(column, other, "bytes")),
        }
    }

    /// The bytes in `column`, moved out of the row.
    pub(crate) fn take_bytes(&mut self, column: usize) -> Result<Vec<u8>, Error> {
        match self.values.get_mut(column) {
            Some(Value::Bytes(bytes)) => Ok(std::mem::take(bytes)),
            _ => self.bytes(column),
        }
    }

    /// The digest in `column`, kept as its 32 bytes.
    pub(crate) fn digest(&self, column: usize) -> Result<Digest, Error> {
        let bytes = self.bytes(column)?;
        match <[u8; 32]>::try_from(bytes.as_slice()) {
            Ok(bytes) => Ok(Digest::from_bytes(bytes)),
            Err(_) => Err(self.wrong(column, format!("{} bytes, expected 32", bytes.len()))),
        }
    }

    /// The text in `column`, read as a `T`.
    pub(crate) fn parse<T>(&self, column: usize) -> Result<T, Error>
    where
        T: FromStr,
        T::Err: std::fmt::Display,
    {
        let text = self.str(column)?;
        text.parse()
            .map_err(|error: T::Err| self.wrong(column, error.to_string()))
    }

    /// The text in `column`, read as a `T`; nothing when it is empty or null.
    pub(crate) fn opt_parse<T>(&self, column: usize) -> Result<Option<T>, Error>
    where
        T: FromStr,
        T::Err: std::fmt::Display,
    {
        match self.values.get(column) {
            Some(Value::Null) => Ok(None),
            Some(Value::Text(text)) if text.is_empty() => Ok(None),
            _ => self.parse(column).map(Some),
        }
    }

    /// The text in `column`, read as JSON.
    pub(crate) fn json<T: serde::de::DeserializeOwned>(&self, column: usize) -> Result<T, Error> {
        let text = self.str(column)?;
        serde_json::from_str(text).map_err(|error| self.wrong(column, error.to_string()))
    }

    fn corrupt(&self, column: usize, found: Option<&Value>, expected: &str) -> Error {
        let found = found.map_or("no such column", Value::kind);
        self.wrong(column, format!("{found}, expected {expected}"))
    }

    fn wrong(&self, column: usize, problem: String) -> Error {
        Error::Corrupt {
            statement: self.statement.chars().take(80).collect(),
            column,
            problem,
        }
    }
}
