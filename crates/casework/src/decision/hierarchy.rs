//! Who reports to whom in the Program.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Name of those who decide where two organisations have nobody above both.
///
/// Source: CNA Rules 4.2.16.5; process section 14.
pub const COUNCIL_OF_ROOTS: &str = "council-of-roots";

/// An organisation of the Program, or one outside it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Station {
    /// What it is: `cna`, `cna_lr`, `root`, `tl_root`, `secretariat`, `adp`;
    /// empty for one outside the Program.
    pub roles: Vec<String>,
    /// Its Root.
    pub root: Option<String>,
    /// The top of its hierarchy.
    pub tl_root: Option<String>,
    /// Its CNA of last resort.
    pub last_resort: Option<String>,
}

impl Station {
    /// Whether it assigns IDs.
    pub fn is_cna(&self) -> bool {
        self.roles
            .iter()
            .any(|role| role == "cna" || role == "cna_lr")
    }

    /// Whether it is a CNA of last resort.
    pub fn is_last_resort(&self) -> bool {
        self.roles.iter().any(|role| role == "cna_lr")
    }
}

/// The organisations a case knows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Hierarchy {
    /// By short name.
    pub stations: BTreeMap<String, Station>,
}

impl Hierarchy {
    /// The organisation of this short name.
    pub fn get(&self, name: &str) -> Option<&Station> {
        self.stations.get(name)
    }

    /// The Root of an organisation; the top of the hierarchy where it has none.
    pub fn root_of(&self, name: &str) -> Option<&str> {
        let station = self.get(name)?;
        station.root.as_deref().or(station.tl_root.as_deref())
    }

    /// The CNA of last resort of an organisation: its own, or that of whoever
    /// is above it.
    pub fn last_resort_of(&self, name: &str) -> Option<&str> {
        let own = self
            .get(name)
            .and_then(|station| station.last_resort.as_deref());
        own.or_else(|| {
            let above = self.above(name);
            let next = |org: &&str| self.get(org).and_then(|org| org.last_resort.as_deref());
            above.iter().find_map(|org| next(&org.as_str()))
        })
    }

    /// Everybody above an organisation, nearest first.
    pub fn above(&self, name: &str) -> Vec<String> {
        let mut chain = Vec::new();
        let mut at = name.to_owned();
        while let Some(station) = self.get(&at) {
            let up = [&station.root, &station.tl_root];
            let next = up.into_iter().flatten().find(|org| **org != at);
            let Some(next) = next.filter(|next| !chain.contains(*next)) else {
                break;
            };
            chain.push(next.clone());
            at = next.clone();
            // One that is not described further still has a known top.
            if self.get(&at).is_none() {
                let top = station.tl_root.clone();
                chain.extend(top.filter(|top| *top != at));
            }
        }
        chain
    }

    /// The lowest organisation above both, or one of the two when it is above
    /// the other.
    ///
    /// Gives: [`COUNCIL_OF_ROOTS`] for two hierarchies.
    /// Source: CNA Rules 4.2.16.5; process section 14, `lowest_common_org`.
    pub fn lowest_common(&self, one: &str, other: &str) -> String {
        let with_self = |name: &str| {
            let mut chain = vec![name.to_owned()];
            chain.extend(self.above(name));
            chain
        };
        let others = with_self(other);
        let common = with_self(one).into_iter().find(|org| others.contains(org));
        common.unwrap_or_else(|| COUNCIL_OF_ROOTS.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hierarchy() -> Hierarchy {
        let station = |root: Option<&str>, top: &str| Station {
            roles: vec!["cna".into()],
            root: root.map(Into::into),
            tl_root: Some(top.into()),
            last_resort: Some("lrx".into()),
        };
        let mut stations = BTreeMap::new();
        stations.insert("acme".into(), station(Some("rootx"), "tlx"));
        stations.insert("globex".into(), station(Some("rootx"), "tlx"));
        stations.insert("hooli".into(), station(Some("rootz"), "tlx"));
        stations.insert("initech".into(), station(None, "tly"));
        Hierarchy { stations }
    }

    #[test]
    fn the_lowest_organisation_above_both_decides() {
        let hierarchy = hierarchy();
        assert_eq!(hierarchy.lowest_common("acme", "globex"), "rootx");
        assert_eq!(hierarchy.lowest_common("acme", "hooli"), "tlx");
        assert_eq!(hierarchy.lowest_common("acme", "initech"), COUNCIL_OF_ROOTS);
        assert_eq!(hierarchy.lowest_common("acme", "rootx"), "rootx");
    }
}
