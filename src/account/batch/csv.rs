//! Comma-separated values as spreadsheets write them: quotes, doubled quotes, lines within quotes, a byte order mark, and a semicolon
//! or a tab instead of the comma.

/// A row and the line of the text it begins on, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The line.
    pub line: usize,
    /// Its cells, trimmed.
    pub cells: Vec<String>,
}

/// The rows of a text, without those in which nothing stands.
#[must_use]
pub fn rows(text: &str) -> Vec<Row> {
    let text = text.trim_start_matches('\u{feff}');
    let separator = separator(text);
    let (mut rows, mut row, mut cell) = (Vec::new(), Row { line: 1, cells: Vec::new() }, String::new());
    let (mut line, mut quoted) = (1, false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' if quoted || cell.trim().is_empty() => quoted = !quoted,
            '\n' if !quoted => {
                row.cells.push(std::mem::take(&mut cell));
                line += 1;
                rows.push(std::mem::replace(&mut row, Row { line, cells: Vec::new() }));
            }
            letter if letter == separator && !quoted => row.cells.push(std::mem::take(&mut cell)),
            letter => {
                line += usize::from(letter == '\n');
                cell.push(letter);
            }
        }
    }
    row.cells.push(cell);
    rows.push(row);
    for row in &mut rows {
        for cell in &mut row.cells {
            *cell = cell.split_whitespace().collect::<Vec<_>>().join(" ");
        }
    }
    rows.retain(|row| row.cells.iter().any(|cell| !cell.is_empty()));
    rows
}

/// Whichever of the three stands most often in the first line.
fn separator(text: &str) -> char {
    let first = text.lines().next().unwrap_or_default();
    let count = |one: char| first.matches(one).count();
    [',', ';', '\t'].into_iter().rev().max_by_key(|one| count(*one)).unwrap_or(',')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<Vec<String>> {
        rows(text).into_iter().map(|row| row.cells).collect()
    }

    #[test]
    fn quotes_hold_separators_lines_and_quotes() {
        assert_eq!(cells("a,b\n\"x, y\",\"say \"\"hi\"\"\"\r\n"), [["a", "b"], ["x, y", "say \"hi\""]]);
        assert_eq!(cells("a;b\n\"one\ntwo\"; c "), [["a", "b"], ["one two", "c"]]);
        assert_eq!(cells("\u{feff}a\tb\nc,d\te"), [["a", "b"], ["c,d", "e"]]);
        assert_eq!(cells("a,b\n5\" pipe,x"), [["a", "b"], ["5\" pipe", "x"]]);
    }

    #[test]
    fn a_row_knows_its_line_and_empty_ones_are_left_out() {
        let found = rows("name\n\n,,\n\"a\nb\"\nc");
        assert_eq!(found.iter().map(|row| row.line).collect::<Vec<_>>(), [1, 4, 6]);
        assert!(rows("").is_empty());
    }
}
