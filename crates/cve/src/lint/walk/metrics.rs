//! CVSS vectors, scores and severities.

use std::str::FromStr;

use super::{Parts, Walk, quoted};
use crate::check::Key;
use crate::cvss::{Cvss, Score, Severity, Version};
use crate::lint::sink::Said;
use crate::lint::table::Id;

/// A CVSS object of a record.
#[derive(Default)]
struct Rating<'a> {
    vector: Option<(usize, &'a str)>,
    score: Option<(usize, f64)>,
    severity: Option<(usize, &'a str)>,
    /// Whether it has keys beside the four that every one has.
    has_more: bool,
}

impl<'a> Walk<'a, '_> {
    pub(super) fn metrics(&mut self, parts: &Parts, is_cna: bool) {
        let doc = self.document;
        let mut is_rated = false;
        for metric in parts.metrics.into_iter().flat_map(|list| doc.items(list)) {
            if !doc.is_object(metric) {
                continue;
            }
            for at in doc.inside(metric) {
                let version = match doc.key(at) {
                    Key::CvssV2 => Version::V2_0,
                    Key::CvssV30 => Version::V3_0,
                    Key::CvssV31 => Version::V3_1,
                    Key::CvssV4 => Version::V4_0,
                    _ => continue,
                };
                is_rated = true;
                if doc.is_object(at) {
                    self.rating(at, version);
                }
            }
        }
        if is_cna && !is_rated {
            let at = parts.metrics.unwrap_or(parts.container);
            self.sink.hit(
                Id::MetricMissing,
                at,
                || "no CVSS vector is given, expected one",
            );
        }
    }

    fn rating(&mut self, object: usize, version: Version) {
        let doc = self.document;
        let mut rating = Rating::default();
        for at in doc.inside(object) {
            match doc.key(at) {
                Key::VectorString => rating.vector = doc.text(at).map(|text| (at, text)),
                Key::BaseScore => rating.score = number(doc.source(at)).map(|score| (at, score)),
                Key::BaseSeverity => rating.severity = doc.text(at).map(|text| (at, text)),
                Key::Version => {}
                _ => rating.has_more = true,
            }
        }
        if let (Some((_, score)), Some((at, word))) = (rating.score, rating.severity)
            && let Some(score) = Score::from_number(score)
        {
            self.severity(at, score, word, version);
        }
        let Some((at, text)) = rating.vector else {
            return;
        };
        match Cvss::from_str(text) {
            Err(fault) => self.sink.hit(Id::VectorBroken, at, || {
                format!("{} cannot be read: {fault}", quoted(text))
            }),
            Ok(vector) if vector.version() != version => {
                self.sink.hit(Id::VectorBroken, at, || {
                    format!(
                        "the vector is of version {}, expected {version}",
                        vector.version()
                    )
                })
            }
            Ok(vector) => {
                if let Some((at, score)) = rating.score {
                    self.score(at, score, &vector);
                }
                if rating.has_more {
                    self.written_out(object, &vector);
                }
            }
        }
    }

    fn severity(&mut self, at: usize, score: Score, word: &str, version: Version) {
        let right = match version {
            Version::V2_0 => Severity::of_v2(score),
            _ => Severity::of(score),
        }
        .as_str();
        let is_right = right.len() == word.len()
            && right
                .bytes()
                .zip(word.bytes())
                .all(|(a, b)| a.to_ascii_uppercase() == b);
        if !is_right {
            let right = right.to_ascii_uppercase();
            self.sink.hit(Id::SeverityWrong, at, || {
                Said::from(format!(
                    "the severity is {}, a score of {score} is `{right}`",
                    quoted(word)
                ))
                .fix(format!("write `{right}`"))
            });
        }
    }

    fn score(&mut self, at: usize, number: f64, vector: &Cvss) {
        let found = Score::from_number(number);
        let (base, whole) = (vector.base_score(), vector.score());
        let (expected, other) = match vector.version() {
            Version::V4_0 => (whole, base),
            _ => (base, whole),
        };
        if found == Some(expected) {
            return;
        }
        // The environmental score can differ from the base score where the
        // scope changes, even without an environmental metric.
        let is_of_group = || match vector {
            Cvss::V2(vector) => [vector.temporal_score(), vector.environmental_score()]
                .map(Some)
                .contains(&found),
            Cvss::V3(vector) => [vector.temporal_score(), vector.environmental_score()]
                .map(Some)
                .contains(&found),
            Cvss::V4(_) => false,
        };
        let id = match found == Some(other) || is_of_group() {
            true => Id::ScoreOther,
            false => Id::ScoreWrong,
        };
        self.sink.hit(id, at, || {
            Said::from(format!(
                "the score is {number}, the vector comes to {expected}"
            ))
            .fix(format!("write {expected} if the vector is right"))
        });
    }

    /// The metrics that stand beside the vector in words.
    fn written_out(&mut self, object: usize, vector: &Cvss) {
        let doc = self.document;
        for at in doc.inside(object) {
            let key = doc.key(at).as_str();
            let metrics = vector.version().metrics();
            let Some(metric) = metrics.iter().find(|metric| metric.key == key) else {
                continue;
            };
            let (Some(word), Some(value)) = (doc.text(at), vector.value(metric.code)) else {
                continue;
            };
            if word != value.word {
                self.sink.hit(Id::MetricOther, at, || {
                    Said::from(format!(
                        "{} is {}, in the vector it is `{}`",
                        metric.name,
                        quoted(word),
                        value.word
                    ))
                    .fix(format!("write `{}`, or leave the key out", value.word))
                });
            }
        }
    }
}

fn number(source: &[u8]) -> Option<f64> {
    std::str::from_utf8(source).ok()?.parse().ok()
}
