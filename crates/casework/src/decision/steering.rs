//! Questions about severity beside the score: data, `packs/severity.yaml`.
//!
//! The answers give a level and what follows from level and score, each with
//! where it comes from. They never take the place of the score.
//!
//! Source: process section 12.6.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use cve::cvss::Score;
use serde::{Deserialize, Serialize};

/// Answers by the key of the question.
pub type SeverityAnswers = BTreeMap<String, String>;

/// A condition: questions with the answers of which one was given.
type When = BTreeMap<String, Vec<String>>;

/// The questions of a profile, and what follows from their answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Steering {
    /// The organisation profile.
    pub profile: String,
    /// Where it comes from.
    pub source: String,
    /// The questions, in the order they are asked in.
    pub questions: Vec<SeverityQuestion>,
    anchors: Vec<Anchor>,
    reductions: Vec<Reduction>,
    tracks: Vec<Track>,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeverityQuestion {
    /// What its answer is kept under.
    pub key: String,
    /// Its step in the source, such as `SV1`.
    pub id: String,
    /// The question.
    pub question: String,
    /// What may be answered, by word and meaning.
    pub answers: Vec<(String, String)>,
}

/// A level and when it is that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Anchor {
    level: String,
    because: String,
    when: When,
}

/// When a level is one less.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reduction {
    from: String,
    to: String,
    because: String,
    any: Vec<When>,
}

/// What follows from level, score and answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Track {
    key: String,
    words: String,
    because: String,
    #[serde(default)]
    levels: Vec<String>,
    #[serde(default)]
    below_tenths: Option<u8>,
    #[serde(default)]
    any: Vec<When>,
}

/// What the answers say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    /// The level: `low`, `medium`, `high` or `critical`.
    pub level: String,
    /// Why it is that, in words.
    pub because: String,
    /// What follows, in words.
    pub tracks: Vec<TierTrack>,
}

/// Something that follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierTrack {
    /// Its name, such as `out_of_band`.
    pub key: String,
    /// What it is, in words.
    pub words: String,
    /// Why it is that.
    pub because: String,
}

// Part of the program; a test reads it.
static STEERINGS: LazyLock<Vec<Steering>> = LazyLock::new(|| {
    serde_saphyr::from_str(include_str!("packs/severity.yaml")).unwrap_or_default()
});

/// The questions about severity of a profile; nothing where it has none.
pub fn steering(profile: &str) -> Option<&'static Steering> {
    STEERINGS
        .iter()
        .find(|steering| steering.profile == profile)
}

impl Steering {
    /// What the answers say, with a score or without one.
    ///
    /// Refuses: an answer that is missing, unknown, or none of the question's,
    /// in words.
    pub fn tier(&self, answers: &SeverityAnswers, score: Option<Score>) -> Result<Tier, String> {
        self.check(answers)?;
        let fits = |when: &When| {
            when.iter().all(|(key, values)| {
                let given = answers.get(key);
                given.is_some_and(|given| values.contains(given))
            })
        };
        let anchor = self.anchors.iter().find(|anchor| fits(&anchor.when));
        let anchor = anchor.ok_or("no level fits these answers")?;
        let (mut level, mut because) = (anchor.level.clone(), anchor.because.clone());
        let reduction = self
            .reductions
            .iter()
            .find(|one| one.from == level && one.any.iter().any(fits));
        if let Some(reduction) = reduction {
            because = format!(
                "{because}, which is {level}; one less because {}",
                reduction.because
            );
            level.clone_from(&reduction.to);
        }
        let follows = |track: &&Track| {
            let by_level = track.levels.is_empty() || track.levels.contains(&level);
            let by_score = track
                .below_tenths
                .is_none_or(|below| score.is_some_and(|score| score.tenths() < below));
            by_level && by_score && (track.any.is_empty() || track.any.iter().any(fits))
        };
        let tracks = self.tracks.iter().filter(follows).map(|track| TierTrack {
            key: track.key.clone(),
            words: track.words.clone(),
            because: track.because.clone(),
        });
        let tracks = tracks.collect();
        Ok(Tier {
            level,
            because,
            tracks,
        })
    }

    fn check(&self, answers: &SeverityAnswers) -> Result<(), String> {
        for question in &self.questions {
            let words = || {
                let words = question.answers.iter().map(|(word, _)| word.as_str());
                words.collect::<Vec<_>>().join(", ")
            };
            match answers.get(&question.key) {
                None => {
                    return Err(format!(
                        "`{}` is not answered: {} Expected one of {}",
                        question.key,
                        question.question,
                        words()
                    ));
                }
                Some(given) if !question.answers.iter().any(|(word, _)| word == given) => {
                    let shown: String = given.chars().take(64).collect();
                    return Err(format!(
                        "`{}` is `{shown}`, expected one of {}",
                        question.key,
                        words()
                    ));
                }
                Some(_) => {}
            }
        }
        let known = |key: &str| self.questions.iter().any(|question| question.key == key);
        match answers.keys().find(|key| !known(key)) {
            None => Ok(()),
            Some(unknown) => {
                let shown: String = unknown.chars().take(64).collect();
                let keys = self.questions.iter().map(|question| question.key.as_str());
                Err(format!(
                    "`{shown}` is no question, expected {}",
                    keys.collect::<Vec<_>>().join(", ")
                ))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(words: &str) -> SeverityAnswers {
        let keys = [
            "place",
            "actor",
            "effect",
            "interaction",
            "setup",
            "mitigation",
        ];
        let words = words.split_whitespace().map(str::to_owned);
        keys.map(str::to_owned).into_iter().zip(words).collect()
    }

    fn level(words: &str) -> String {
        let found = steering("kubernetes").unwrap().tier(&answers(words), None);
        found.unwrap().level
    }

    fn tracks(words: &str, tenths: u8) -> Vec<String> {
        let score = Score::from_tenths(tenths);
        let found = steering("kubernetes").unwrap().tier(&answers(words), score);
        let tracks = found.unwrap().tracks.into_iter();
        tracks.map(|track| track.key).collect()
    }

    #[test]
    fn the_anchors_of_server_and_client_give_their_levels() {
        for (words, expected) in [
            ("server anonymous code_execution no default no", "critical"),
            (
                "server anonymous sensitive_disclosure no default no",
                "critical",
            ),
            ("server anonymous lasting_denial no default no", "high"),
            ("server authenticated elevation no default no", "high"),
            ("server authenticated bypass no default no", "high"),
            ("server anonymous other_disclosure no default no", "medium"),
            ("client anonymous code_execution no default no", "critical"),
            ("client local elevation yes default no", "high"),
            ("client anonymous lasting_tampering yes default no", "high"),
            ("client anonymous lasting_tampering yes other no", "medium"),
            ("client anonymous brief_denial yes default no", "low"),
        ] {
            assert_eq!(level(words), expected, "{words}");
        }
    }

    #[test]
    fn a_reduction_takes_one_level_at_most() {
        for (words, expected) in [
            ("server anonymous code_execution yes default no", "high"),
            ("server anonymous code_execution yes rare yes", "high"),
            ("server anonymous code_execution no other no", "high"),
            ("server adjacent code_execution no default no", "high"),
            ("server local elevation no default no", "medium"),
            ("server authenticated elevation no default yes", "medium"),
            ("server authenticated other_disclosure no rare yes", "low"),
            ("server authenticated other_disclosure no rare no", "medium"),
        ] {
            assert_eq!(level(words), expected, "{words}");
        }
    }

    #[test]
    fn what_follows_depends_on_level_score_and_answers() {
        let high = "server authenticated elevation no default no";
        assert_eq!(tracks(high, 88), ["out_of_band"]);
        assert_eq!(tracks(high, 69), ["out_of_band", "semi_public"]);
        assert_eq!(tracks(high, 70), ["out_of_band"]);
        let low = "server authenticated other_disclosure no rare yes";
        assert_eq!(
            tracks(low, 39),
            [
                "next_patch",
                "semi_public",
                "slowed",
                "low",
                "before_the_fix"
            ]
        );
        assert_eq!(
            tracks(low, 40),
            ["next_patch", "semi_public", "before_the_fix"]
        );
        let medium = "server anonymous other_disclosure yes default no";
        assert_eq!(
            tracks(medium, 53),
            ["next_patch", "semi_public", "before_the_fix"]
        );
    }

    #[test]
    fn an_answer_that_is_missing_or_unknown_is_named() {
        let steering = steering("kubernetes").unwrap();
        let mut given = answers("server anonymous bypass no default no");
        given.remove("effect");
        let fault = steering.tier(&given, None).unwrap_err();
        assert!(fault.starts_with("`effect` is not answered: "), "{fault}");
        given.insert("effect".into(), "magic".into());
        let fault = steering.tier(&given, None).unwrap_err();
        assert!(
            fault.starts_with("`effect` is `magic`, expected one of "),
            "{fault}"
        );
        given.insert("effect".into(), "bypass".into());
        given.insert("weather".into(), "fine".into());
        let fault = steering.tier(&given, None).unwrap_err();
        assert!(fault.starts_with("`weather` is no question"), "{fault}");
    }

    #[test]
    fn every_condition_names_a_question_and_its_answers() {
        let steering = steering("kubernetes").unwrap();
        let anchors = steering.anchors.iter().map(|anchor| &anchor.when);
        let reductions = steering.reductions.iter().flat_map(|one| &one.any);
        let tracks = steering.tracks.iter().flat_map(|track| &track.any);
        for (key, values) in anchors.chain(reductions).chain(tracks).flatten() {
            let question = steering.questions.iter().find(|one| one.key == *key);
            let question = question.unwrap_or_else(|| panic!("no question `{key}`"));
            for value in values {
                let known = question.answers.iter().any(|(word, _)| word == value);
                assert!(known, "`{key}` has no answer `{value}`");
            }
        }
    }

    #[test]
    fn every_set_of_answers_has_a_level() {
        let steering = steering("kubernetes").unwrap();
        let mut all = vec![SeverityAnswers::new()];
        for question in &steering.questions {
            let mut longer = Vec::new();
            for given in &all {
                for (word, _) in &question.answers {
                    let mut one = given.clone();
                    one.insert(question.key.clone(), word.clone());
                    longer.push(one);
                }
            }
            all = longer;
        }
        assert_eq!(all.len(), 2 * 5 * 10 * 2 * 3 * 2);
        for given in &all {
            assert!(steering.tier(given, None).is_ok(), "{given:?}");
        }
    }

    #[test]
    fn a_profile_without_questions_has_none() {
        assert!(steering("default").is_none());
    }
}
