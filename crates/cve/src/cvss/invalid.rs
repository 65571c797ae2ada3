//! Why a text is not a CVSS vector.

/// Why a text is not a CVSS vector, and where. Positions count bytes from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidVector {
    /// The vector begins with something else than a known version's prefix.
    #[error(
        "vector begins with `{found}`; begin with `CVSS:3.0/`, `CVSS:3.1/`, `CVSS:4.0/`, or for \
         v2.0 with `AV:`, without parentheses"
    )]
    Prefix {
        /// What the vector begins with.
        found: String,
    },
    /// A part between slashes has no colon, or is empty.
    #[error("`{found}` at position {position} is not a metric; write `metric:value`")]
    NotAMetric {
        /// Where the part begins.
        position: usize,
        /// The part.
        found: String,
    },
    /// The version has no metric of that abbreviation; letter case counts.
    #[error("unknown metric `{found}` at position {position}; expected one of {expected}")]
    UnknownMetric {
        /// Where the metric begins.
        position: usize,
        /// The abbreviation.
        found: String,
        /// The metrics of the version.
        expected: String,
    },
    /// The metric has no such value; letter case counts.
    #[error(
        "metric `{metric}` has no value `{found}`, at position {position}; expected one of \
         {expected}"
    )]
    UnknownValue {
        /// Where the value begins.
        position: usize,
        /// The metric.
        metric: &'static str,
        /// The value.
        found: String,
        /// The values the metric may take.
        expected: String,
    },
    /// A metric is given a second time.
    #[error("metric `{metric}` is given a second time at position {position}; give it once")]
    Duplicate {
        /// Where it stands the second time.
        position: usize,
        /// The metric.
        metric: &'static str,
    },
    /// A v2.0 or v4.0 metric stands later than the specification's order allows.
    #[error("metric `{metric}` at position {position} stands after `{after}`; put it before")]
    OutOfOrder {
        /// Where it stands.
        position: usize,
        /// The metric.
        metric: &'static str,
        /// The metric before it, which belongs after it.
        after: &'static str,
    },
    /// A base metric is not given.
    #[error("base metric `{metric}` is missing; add it")]
    Missing {
        /// The end of the vector.
        position: usize,
        /// The first metric that is missing.
        metric: &'static str,
    },
}

impl InvalidVector {
    /// Where in the text the fault lies, in bytes from 0.
    pub fn position(&self) -> usize {
        match self {
            InvalidVector::Prefix { .. } => 0,
            InvalidVector::NotAMetric { position, .. }
            | InvalidVector::UnknownMetric { position, .. }
            | InvalidVector::UnknownValue { position, .. }
            | InvalidVector::Duplicate { position, .. }
            | InvalidVector::OutOfOrder { position, .. }
            | InvalidVector::Missing { position, .. } => *position,
        }
    }

    /// The metric the fault is about, when it is about a known one.
    pub fn metric(&self) -> Option<&'static str> {
        match self {
            InvalidVector::Prefix { .. }
            | InvalidVector::NotAMetric { .. }
            | InvalidVector::UnknownMetric { .. } => None,
            InvalidVector::UnknownValue { metric, .. }
            | InvalidVector::Duplicate { metric, .. }
            | InvalidVector::OutOfOrder { metric, .. }
            | InvalidVector::Missing { metric, .. } => Some(metric),
        }
    }
}
