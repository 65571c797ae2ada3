//! The scores FIRST published for the macrovectors of CVSS v4.0.

/// Stands where no vector can be.
const NO: u8 = u8::MAX;

/// The score of the highest vectors of a macrovector, in tenths.
///
/// Takes: the levels of EQ1 to EQ6.
/// Gives: `None` when no vector has these levels, or a level is too high.
/// Source: CVSS v4.0 section 8.3, the lookup table.
pub(super) fn tenths(eq: [u8; 6]) -> Option<u8> {
    let within = eq
        .iter()
        .zip([3, 2, 3, 3, 3, 2])
        .all(|(&level, levels)| level < levels);
    if !within {
        return None;
    }
    let [eq1, eq2, eq3, eq4, eq5, eq6] = eq.map(usize::from);
    let tenths = TENTHS[eq1 * 6 + eq2 * 3 + eq3][eq4 * 6 + eq5 * 2 + eq6];
    (tenths != NO).then_some(tenths)
}

/// A row for each EQ1, EQ2, EQ3; in it a column for each EQ4, EQ5, EQ6.
#[rustfmt::skip]
const TENTHS: [[u8; 18]; 18] = [
    [100, 99, 98, 95, 95, 92, 100, 96, 93, 87, 91, 81, 93, 90, 89, 80, 81, 68], // 000
    [98, 95, 95, 92, 90, 84, 93, 92, 89, 81, 81, 65, 88, 80, 78, 70, 69, 48], // 001
    [NO, 92, NO, 82, NO, 72, NO, 79, NO, 69, NO, 50, NO, 69, NO, 55, NO, 27], // 002
    [99, 97, 95, 92, 92, 85, 95, 91, 90, 83, 84, 71, 92, 81, 82, 71, 72, 53], // 010
    [95, 93, 92, 85, 85, 73, 92, 82, 80, 72, 70, 59, 84, 70, 71, 52, 50, 30], // 011
    [NO, 86, NO, 75, NO, 52, NO, 71, NO, 52, NO, 29, NO, 63, NO, 29, NO, 17], // 012
    [98, 95, 94, 87, 91, 81, 94, 89, 86, 74, 77, 64, 87, 75, 74, 63, 63, 49], // 100
    [94, 89, 88, 77, 76, 67, 86, 76, 74, 58, 59, 50, 72, 57, 57, 52, 52, 25], // 101
    [NO, 83, NO, 70, NO, 54, NO, 65, NO, 58, NO, 26, NO, 53, NO, 21, NO, 13], // 102
    [95, 90, 88, 76, 76, 70, 90, 77, 75, 62, 61, 53, 77, 66, 68, 59, 52, 30], // 110
    [89, 78, 76, 67, 62, 58, 74, 59, 57, 57, 47, 23, 61, 52, 57, 29, 24, 16], // 111
    [NO, 71, NO, 59, NO, 30, NO, 58, NO, 26, NO, 15, NO, 23, NO, 13, NO, 6], // 112
    [93, 87, 86, 72, 75, 58, 86, 74, 74, 61, 56, 34, 70, 54, 52, 40, 40, 22], // 200
    [85, 75, 74, 55, 62, 51, 72, 57, 55, 41, 46, 19, 53, 36, 34, 19, 19, 8], // 201
    [NO, 64, NO, 51, NO, 20, NO, 47, NO, 21, NO, 11, NO, 24, NO, 9, NO, 4], // 202
    [88, 75, 73, 53, 60, 50, 73, 55, 59, 40, 41, 20, 54, 43, 45, 22, 20, 11], // 210
    [75, 55, 58, 45, 40, 21, 61, 51, 48, 18, 20, 9, 46, 18, 17, 7, 8, 2], // 211
    [NO, 53, NO, 24, NO, 14, NO, 24, NO, 12, NO, 5, NO, 10, NO, 3, NO, 1], // 212
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_270_macrovectors() {
        let known = TENTHS.iter().flatten().filter(|&&tenths| tenths != NO);
        assert_eq!(known.count(), 270);
    }

    #[test]
    fn the_worst_macrovector_scores_ten_and_the_mildest_next_to_nothing() {
        assert_eq!(tenths([0, 0, 0, 0, 0, 0]), Some(100));
        assert_eq!(tenths([2, 1, 2, 2, 2, 1]), Some(1));
    }

    #[test]
    fn no_vector_lacks_high_impact_and_meets_a_high_requirement() {
        assert_eq!(tenths([0, 0, 2, 0, 0, 0]), None);
        assert_eq!(tenths([3, 0, 0, 0, 0, 0]), None);
    }
}
