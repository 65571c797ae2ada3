//! One ID, several vulnerabilities: what stays, what gets an ID of its own.
//!
//! Source: process section 8.3; CNA Rules 4.5.3.9, 4.2.11.

use serde::{Deserialize, Serialize};

/// One of the vulnerabilities an ID turned out to hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Piece {
    /// Its name in the case.
    pub name: String,
    /// How often the ID is used for it.
    #[serde(default)]
    pub hits: Option<u64>,
    /// Its CVSS score.
    #[serde(default)]
    pub score: Option<f64>,
    /// How many versions it affects.
    #[serde(default)]
    pub versions: Option<u64>,
    /// Its place in the first publication, from 1.
    #[serde(default)]
    pub described: Option<u32>,
    /// What of the record belongs to it: products, formats, files.
    #[serde(default)]
    pub parts: Vec<String>,
}

/// What is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SplitPlan {
    /// The piece that keeps the ID.
    pub keeps: Option<String>,
    /// The criterion that decided, from 1.
    pub criterion: Option<u8>,
    /// What is left in the original record.
    pub parts_left: Vec<String>,
    /// The sentence the original record gets.
    pub original_note: String,
    /// The new IDs with their piece and sentence.
    pub new: Vec<NewPiece>,
    /// IDs that are rejected: none, ever.
    pub rejected: Vec<String>,
    /// The steps, in order.
    pub steps: Vec<&'static str>,
}

/// A vulnerability that gets an ID of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewPiece {
    /// Its ID.
    pub id: String,
    /// Its name in the case.
    pub piece: String,
    /// The sentence its record gets.
    pub note: String,
}

/// Plans a split.
///
/// Takes: the ID; its pieces, two or more; the new IDs, one for each piece
/// that does not keep the old one.
/// Refuses: another number of new IDs.
pub fn plan(original: &str, pieces: &[Piece], new: &[String]) -> Result<SplitPlan, String> {
    if pieces.len() < 2 {
        return Err("a split needs two pieces or more".into());
    }
    if new.len() + 1 != pieces.len() {
        return Err(format!(
            "{} pieces take {} new IDs, and {} are given",
            pieces.len(),
            pieces.len() - 1,
            new.len()
        ));
    }
    let (kept, criterion) = keeper(pieces);
    let others = pieces
        .iter()
        .enumerate()
        .filter(|(place, _)| *place != kept);
    let new: Vec<NewPiece> = others
        .zip(new)
        .map(|((_, piece), id)| NewPiece {
            id: id.clone(),
            piece: piece.name.clone(),
            note: format!("NOTE: this vulnerability was SPLIT from {original}."),
        })
        .collect();
    let ids: Vec<&str> = new.iter().map(|piece| piece.id.as_str()).collect();
    let verb = if ids.len() == 1 { "was" } else { "were" };
    Ok(SplitPlan {
        keeps: Some(pieces[kept].name.clone()),
        criterion: Some(criterion),
        parts_left: pieces[kept].parts.clone(),
        original_note: format!("NOTE: {} {verb} SPLIT from this ID.", listed(&ids)),
        new,
        rejected: Vec::new(),
        steps: vec![
            "choose_keeper",
            "reserve_new_ids",
            "publish_new_records",
            "update_original",
            "rescore_original",
            "update_advisory",
            "announce_correction",
        ],
    })
}

/// `a`, `a and b`, `a, b and c`.
fn listed(ids: &[&str]) -> String {
    match ids {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// The piece that keeps the ID, and the criterion that decides.
fn keeper(pieces: &[Piece]) -> (usize, u8) {
    let mut left: Vec<usize> = (0..pieces.len()).collect();
    for criterion in 1..=4 {
        let value = |place: &usize| {
            let piece = &pieces[*place];
            match criterion {
                1 => piece.hits.map(|hits| hits as f64),
                2 => piece.score,
                3 => piece.versions.map(|versions| versions as f64),
                // The first described is the greatest when it is turned round.
                _ => piece.described.map(|place| -f64::from(place)),
            }
        };
        let best = left
            .iter()
            .filter_map(value)
            .fold(f64::NEG_INFINITY, f64::max);
        if best.is_finite() {
            left.retain(|place| value(place) == Some(best));
        }
        if let [one] = left.as_slice() {
            return (*one, criterion);
        }
    }
    (left.first().copied().unwrap_or(0), 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(name: &str, hits: Option<u64>, score: Option<f64>) -> Piece {
        Piece {
            name: name.into(),
            hits,
            score,
            versions: None,
            described: None,
            parts: Vec::new(),
        }
    }

    #[test]
    fn the_most_associated_keeps_the_id_and_then_the_most_severe() {
        let new = ["CVE-1900-20002".to_owned()];
        let hits = [
            piece("a", Some(1), Some(9.8)),
            piece("b", Some(5), Some(5.0)),
        ];
        assert_eq!(
            plan("CVE-1900-20001", &hits, &new).unwrap().keeps.unwrap(),
            "b"
        );
        let scores = [piece("a", None, Some(9.8)), piece("b", None, Some(5.0))];
        let split = plan("CVE-1900-20001", &scores, &new).unwrap();
        assert_eq!(
            (split.keeps.unwrap().as_str(), split.criterion),
            ("a", Some(2))
        );
        assert_eq!(
            split.original_note,
            "NOTE: CVE-1900-20002 was SPLIT from this ID."
        );
        assert_eq!(
            split.new[0].note,
            "NOTE: this vulnerability was SPLIT from CVE-1900-20001."
        );
    }

    #[test]
    fn each_piece_that_goes_needs_one_new_id() {
        let two = [piece("a", None, None), piece("b", None, None)];
        assert!(plan("CVE-1900-20001", &two, &[]).is_err());
        assert!(plan("CVE-1900-20001", &two[..1], &[]).is_err());
    }
}
