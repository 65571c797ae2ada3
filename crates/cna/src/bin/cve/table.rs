//! Tables: columns as wide as their longest value and three spaces.

use crate::console::Console;

/// Prints rows, the first of them bold when it is a header.
pub(crate) fn print(console: &mut Console, rows: &[Vec<String>], has_header: bool) {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..columns).map(width).collect();
    for (index, row) in rows.iter().enumerate() {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(&format!("{cell:<width$}", width = width + 3));
        }
        let line = line.trim();
        if index == 0 && has_header {
            let line = console.bold(line);
            console.say(&line);
        } else {
            console.say(line);
        }
    }
}
