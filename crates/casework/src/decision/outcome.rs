//! How a determination ends, with everything an outcome says beside its name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How a determination ends.
///
/// Source: process section 2.2; the five below `Dispute` end the
/// questionnaire for messages that are not reports of something new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Assign IDs here.
    Assign,
    /// An ID exists already; use it.
    Existing,
    /// Not a vulnerability.
    NotVulnerability,
    /// Must or should not get an ID.
    NoAssign,
    /// Another CNA has the better scope.
    RouteCna,
    /// The supplier of a dependency is a CNA.
    RouteUpstream,
    /// A Root has to decide.
    RouteRoot,
    /// The CNA of last resort assigns.
    RouteLr,
    /// Several CNAs decide together.
    Coordinate,
    /// The reporter or maintainer is asked first.
    NeedInfo,
    /// Peers or experts are asked first.
    Consult,
    /// The dispute procedure decides.
    Dispute,
    /// Answered with a template; the questionnaire does not begin.
    Close,
    /// A record of ours is brought up to date.
    Amend,
    /// An ID of ours is rejected.
    Reject,
    /// Somebody else must change the record.
    Forward,
}

use Outcome::{
    Amend, Assign, Close, Consult, Coordinate, Dispute, Existing, Forward, NeedInfo, NoAssign,
    NotVulnerability, Reject, RouteCna, RouteLr, RouteRoot, RouteUpstream,
};

impl Outcome {
    /// Every outcome.
    pub const ALL: [Outcome; 16] = [
        Assign,
        Existing,
        NotVulnerability,
        NoAssign,
        RouteCna,
        RouteUpstream,
        RouteRoot,
        RouteLr,
        Coordinate,
        NeedInfo,
        Consult,
        Dispute,
        Close,
        Amend,
        Reject,
        Forward,
    ];

    /// Its id in the process, such as `O-ASSIGN`.
    pub fn id(self) -> &'static str {
        match self {
            Assign => "O-ASSIGN",
            Existing => "O-EXISTING",
            NotVulnerability => "O-NOTVULN",
            NoAssign => "O-NOASSIGN",
            RouteCna => "O-ROUTE-CNA",
            RouteUpstream => "O-ROUTE-UPSTREAM",
            RouteRoot => "O-ROUTE-ROOT",
            RouteLr => "O-ROUTE-LR",
            Coordinate => "O-COORDINATE",
            NeedInfo => "O-NEEDINFO",
            Consult => "O-CONSULT",
            Dispute => "O-DISPUTE",
            Close => "O-CLOSE",
            Amend => "O-AMEND",
            Reject => "O-REJECT",
            Forward => "O-FORWARD",
        }
    }

    /// What it means, in a few words.
    pub fn meaning(self) -> &'static str {
        match self {
            Assign => "assign CVE IDs here",
            Existing => "use the ID it already has",
            NotVulnerability => "not a vulnerability",
            NoAssign => "gets no ID",
            RouteCna => "refer to the CNA with the better scope",
            RouteUpstream => "notify the supplier of the dependency and leave it the assignment",
            RouteRoot => "ask the Root",
            RouteLr => "ask the CNA of last resort",
            Coordinate => "decide together with other CNAs",
            NeedInfo => "ask the reporter or maintainer",
            Consult => "ask peers, the CNA of last resort, the Root or experts",
            Dispute => "open the dispute procedure",
            Close => "answer with a template and close",
            Amend => "bring the published record up to date",
            Reject => "reject the ID",
            Forward => "hand it to whoever may change the record",
        }
    }

    /// The nodes that must be answered before it may be issued; `C*` stands
    /// for the answers of stage C that decide a finding, `/` parts nodes of
    /// which one is enough.
    ///
    /// Source: process section 2.2, column `needs`.
    pub fn needs(self) -> &'static [&'static str] {
        match self {
            Assign => &["A2", "A4", "A5", "B2", "C*", "D8", "E1", "E4"],
            Existing => &["A4/E4"],
            NotVulnerability => &["C*"],
            NoAssign => &["C*/E1"],
            RouteCna => &["B3"],
            RouteUpstream => &["B4"],
            RouteRoot => &["B2/B5"],
            RouteLr => &["B3/B6"],
            Coordinate => &["A5/B5/E5"],
            _ => &[],
        }
    }

    /// State of the case it leads to.
    ///
    /// Source: process sections 2.2 and 3.1.
    pub fn leads_to(self) -> &'static str {
        match self {
            Assign => "DETERMINED",
            Existing => "CLOSED_DUPLICATE",
            NotVulnerability => "CLOSED_NOT_VULN",
            NoAssign => "CLOSED_NO_ASSIGN",
            RouteCna | RouteUpstream | RouteRoot | RouteLr | Forward => "ROUTED",
            Coordinate => "COORDINATING",
            NeedInfo => "NEED_INFO",
            Consult => "CONSULTING",
            Dispute => "DISPUTE",
            Close => "CLOSED_NOT_VULN",
            Amend => "PUBLISHED",
            Reject => "CLOSED_WITHDRAWN",
        }
    }
}

/// An outcome with what it is about: `O-ASSIGN(2)`, `O-ROUTE-CNA(globex)`.
///
/// Always true: `Assign` has a count, every other outcome words or nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Ruling {
    /// How it ends.
    pub outcome: Outcome,
    /// How many IDs; 0 unless it assigns.
    pub count: u32,
    /// IDs, organisations, a reason, missing fields or a template, by outcome.
    pub about: Vec<String>,
}

impl Ruling {
    /// Assigns `count` IDs.
    pub fn assign(count: u32) -> Ruling {
        Ruling {
            outcome: Assign,
            count,
            about: Vec::new(),
        }
    }

    /// An outcome about nothing in particular.
    pub fn plain(outcome: Outcome) -> Ruling {
        Ruling::about(outcome, Vec::new())
    }

    /// An outcome about these IDs, organisations or words.
    pub fn about(outcome: Outcome, about: Vec<String>) -> Ruling {
        Ruling {
            outcome,
            count: 0,
            about,
        }
    }
}

impl fmt::Display for Ruling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.outcome.id())?;
        if self.outcome == Assign {
            write!(f, "({})", self.count)
        } else if self.about.is_empty() {
            Ok(())
        } else {
            write!(f, "({})", self.about.join(", "))
        }
    }
}

/// The text is not an outcome.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not an outcome: expected one such as `O-ASSIGN(1)`, `O-NOTVULN` or `O-ROUTE-CNA(globex)`"
)]
pub struct InvalidRuling(pub String);

impl FromStr for Ruling {
    type Err = InvalidRuling;

    fn from_str(text: &str) -> Result<Ruling, InvalidRuling> {
        let invalid = || InvalidRuling(text.chars().take(64).collect());
        let (name, about) = match text.trim().split_once('(') {
            Some((name, rest)) => (name, Some(rest.strip_suffix(')').ok_or_else(invalid)?)),
            None => (text.trim(), None),
        };
        let outcome = Outcome::ALL.into_iter().find(|known| known.id() == name);
        let outcome = outcome.ok_or_else(invalid)?;
        let words: Vec<String> = about
            .unwrap_or_default()
            .split(',')
            .map(|word| word.trim().to_owned())
            .filter(|word| !word.is_empty())
            .collect();
        if outcome != Assign {
            return Ok(Ruling::about(outcome, words));
        }
        match words.as_slice() {
            [] => Ok(Ruling::assign(0)),
            [count] => Ok(Ruling::assign(count.parse().map_err(|_| invalid())?)),
            _ => Err(invalid()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ruling_reads_back_from_its_text() {
        for text in [
            "O-ASSIGN(2)",
            "O-EXISTING(CVE-1900-20001)",
            "O-COORDINATE(globex, initech)",
            "O-NOASSIGN(private)",
            "O-CONSULT",
        ] {
            assert_eq!(text.parse::<Ruling>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_text_that_is_no_outcome_is_refused() {
        for text in [
            "O-ASSIGN(many)",
            "O-ASSIGN(1",
            "ASSIGN",
            "O-ASSIGN(1, 2)",
            "",
        ] {
            assert!(text.parse::<Ruling>().is_err(), "{text}");
        }
    }

    #[test]
    fn ids_of_outcomes_are_unique() {
        for (place, outcome) in Outcome::ALL.iter().enumerate() {
            assert!(
                Outcome::ALL[..place]
                    .iter()
                    .all(|other| other.id() != outcome.id())
            );
        }
    }
}
