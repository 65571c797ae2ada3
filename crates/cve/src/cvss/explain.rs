//! A vector in words: its metrics, and the scores it is made of.

use super::{Cvss, Group, Macrovector, Score};

/// What a vector says, for a page or a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What the vector is called: `CVSS v3.1`, or for v4.0 the name the
    /// nomenclature gives it, such as `CVSS-BT`.
    pub title: String,
    /// The metrics in the specification's order; optional ones only when the
    /// vector names them.
    pub metrics: Vec<MetricInWords>,
    /// The partial scores, then the score of the vector last.
    pub scores: Vec<NamedScore>,
    /// The macrovector, in v4.0.
    pub macrovector: Option<Macrovector>,
}

/// One metric of a vector in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricInWords {
    /// The abbreviation, such as `AV`.
    pub code: &'static str,
    /// The name, such as `Attack Vector`.
    pub name: &'static str,
    /// The group it belongs to.
    pub group: Group,
    /// The value's abbreviation, such as `N`.
    pub value_code: &'static str,
    /// The value in words, such as `Network`.
    pub value: &'static str,
}

/// One score of a vector and what it is the score of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedScore {
    /// What is scored, lower case, such as `impact subscore`.
    pub name: &'static str,
    /// The score, rounded to one decimal.
    pub score: Score,
}

pub(super) fn explain(vector: &Cvss) -> Explanation {
    let title = match vector {
        Cvss::V4(v4) => v4.nomenclature().as_str().to_owned(),
        _ => format!("CVSS v{}", vector.version()),
    };
    let macrovector = match vector {
        Cvss::V4(v4) => Some(v4.macrovector()),
        _ => None,
    };
    Explanation {
        title,
        metrics: metrics(vector),
        scores: scores(vector),
        macrovector,
    }
}

fn metrics(vector: &Cvss) -> Vec<MetricInWords> {
    let choices = vector.choices();
    vector
        .version()
        .metrics()
        .iter()
        .enumerate()
        .filter(|(index, _)| choices.names(*index))
        .map(|(index, metric)| {
            let value = &metric.values[choices.get(index)];
            MetricInWords {
                code: metric.code,
                name: metric.name,
                group: metric.group,
                value_code: value.code,
                value: value.name,
            }
        })
        .collect()
}

fn scores(vector: &Cvss) -> Vec<NamedScore> {
    let named = |name, score| NamedScore { name, score };
    let mut scores = match vector {
        Cvss::V2(v2) => vec![
            named("impact subscore", v2.impact_subscore()),
            named("exploitability subscore", v2.exploitability_subscore()),
            named("base score", v2.base_score()),
        ],
        Cvss::V3(v3) => vec![
            named("impact subscore", v3.impact_subscore()),
            named("exploitability subscore", v3.exploitability_subscore()),
            named("base score", v3.base_score()),
        ],
        Cvss::V4(v4) => vec![named("base score", v4.base_score())],
    };
    let environmental = vector.defines(Group::Environmental);
    match vector {
        Cvss::V2(v2) => {
            if vector.defines(Group::Temporal) {
                scores.push(named("temporal score", v2.temporal_score()));
            }
            if environmental {
                scores.push(named("environmental score", v2.environmental_score()));
            }
        }
        Cvss::V3(v3) => {
            if vector.defines(Group::Temporal) {
                scores.push(named("temporal score", v3.temporal_score()));
            }
            if environmental {
                scores.push(named("environmental score", v3.environmental_score()));
            }
        }
        Cvss::V4(v4) => {
            if environmental || vector.defines(Group::Threat) {
                scores.push(named("score", v4.score()));
            }
        }
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(text: &str) -> Explanation {
        text.parse::<Cvss>().unwrap().explain()
    }

    fn scores_of(text: &str) -> Vec<String> {
        let scores = explained(text).scores;
        let lines = scores.iter().map(|s| format!("{} {}", s.name, s.score));
        lines.collect()
    }

    #[test]
    fn a_metric_is_named_with_its_value_in_words() {
        let explanation = explained("CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:X");
        let lines: Vec<_> = explanation
            .metrics
            .iter()
            .map(|m| format!("{} ({}): {}", m.name, m.group.as_str(), m.value))
            .collect();
        assert_eq!(lines[0], "Attack Vector (base): Adjacent");
        assert_eq!(lines[8], "Exploit Code Maturity (temporal): Not Defined");
        assert_eq!(lines.len(), 9);
    }

    #[test]
    fn partial_scores_come_before_the_score() {
        assert_eq!(
            scores_of("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U/MAV:P"),
            [
                "impact subscore 5.9",
                "exploitability subscore 3.9",
                "base score 9.8",
                "temporal score 9.0",
                "environmental score 6.2",
            ]
        );
        assert_eq!(
            scores_of("AV:N/AC:L/Au:N/C:P/I:P/A:P"),
            [
                "impact subscore 6.4",
                "exploitability subscore 10.0",
                "base score 7.5",
            ]
        );
    }

    #[test]
    fn a_v4_vector_is_named_after_the_groups_it_defines() {
        let base = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N";
        for (rest, title) in [
            ("", "CVSS-B"),
            ("/E:X/CR:X/S:P", "CVSS-B"),
            ("/E:A", "CVSS-BT"),
            ("/MAV:L", "CVSS-BE"),
            ("/E:P/AR:L", "CVSS-BTE"),
        ] {
            let explanation = explained(&format!("{base}{rest}"));
            assert_eq!(explanation.title, title, "{rest}");
        }
        assert_eq!(explained(base).macrovector.unwrap().to_string(), "000200");
    }
}
