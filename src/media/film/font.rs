//! Letters as strokes of a round pen: straight lines and arcs of ellipses on a grid where a capital is 7 high and a small x 5.
//! Drawn for this program, so that no font has to be found on a machine.
//!
//! Invariant: a letter without strokes of its own is shown as a space, never as a box.

/// A piece of a letter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stroke {
    /// From one place to another; the same place twice is a dot.
    Line([f32; 4]),
    /// Centre, radii, and from one angle to another in degrees.
    Arc([f32; 6]),
}

/// How far the pen moves on, and what it draws: `M x y L x y …` and `A cx cy rx ry from to`.
fn outline(letter: char) -> (f32, &'static str) {
    match letter {
        'a' => (5.4, "A 2.1 2.5 2.1 2.5 0 360 M 4.2 5 L 4.2 0"),
        'b' => (5.4, "M 0 7 L 0 0 A 2.1 2.5 2.1 2.5 0 360"),
        'c' => (4.7, "A 2.3 2.5 2.3 2.5 50 310"),
        'd' => (5.4, "A 2.1 2.5 2.1 2.5 0 360 M 4.2 7 L 4.2 0"),
        'e' => (5.2, "M 0.05 2.6 L 4.25 2.6 A 2.15 2.5 2.15 2.5 2 312"),
        'f' => (3.3, "A 2.3 5.5 1.4 1.5 65 180 M 0.9 5.5 L 0.9 0 M 0 4.9 L 2.4 4.9"),
        'g' => (5.4, "A 2.1 2.5 2.1 2.5 0 360 M 4.2 5 L 4.2 -0.2 A 2.1 -0.2 2.1 1.9 0 -145"),
        'h' => (5.2, "M 0 7 L 0 0 A 2 3 2 2 0 180 M 4 3 L 4 0"),
        'i' => (1.4, "M 0 5 L 0 0 M 0 6.8 L 0 6.8"),
        'j' => (2.1, "M 0.9 5 L 0.9 -0.8 A -0.2 -0.8 1.1 1.2 0 -90 M 0.9 6.8 L 0.9 6.8"),
        'k' => (4.6, "M 0 7 L 0 0 M 3.5 5 L 0 1.9 M 1.3 3.1 L 3.8 0"),
        'l' => (1.4, "M 0 7 L 0 0"),
        'm' => (7.6, "M 0 5 L 0 0 A 1.6 3.4 1.6 1.6 0 180 M 3.2 3.4 L 3.2 0 A 4.8 3.4 1.6 1.6 0 180 M 6.4 3.4 L 6.4 0"),
        'n' => (5.2, "M 0 5 L 0 0 A 2 3 2 2 0 180 M 4 3 L 4 0"),
        'o' => (5.8, "A 2.3 2.5 2.3 2.5 0 360"),
        'p' => (5.4, "M 0 5 L 0 -2 A 2.1 2.5 2.1 2.5 0 360"),
        'q' => (5.4, "A 2.1 2.5 2.1 2.5 0 360 M 4.2 5 L 4.2 -2"),
        'r' => (3.2, "M 0 5 L 0 0 A 2 3 2 2 75 180"),
        's' => (4.5, "A 1.7 3.75 1.6 1.25 40 270 A 1.7 1.25 1.7 1.25 90 -140"),
        't' => (3.5, "M 0.9 6.6 L 0.9 1.3 A 2.1 1.3 1.2 1.3 180 290 M 0 4.9 L 2.5 4.9"),
        'u' => (5.2, "M 0 5 L 0 2 A 2 2 2 2 180 360 M 4 5 L 4 0"),
        'v' => (5.2, "M 0 5 L 2.1 0 L 4.2 5"),
        'w' => (7.4, "M 0 5 L 1.6 0 L 3.2 4.6 L 4.8 0 L 6.4 5"),
        'x' => (4.8, "M 0 5 L 3.8 0 M 3.8 5 L 0 0"),
        'y' => (5.2, "M 0 5 L 2.1 0.1 M 4.2 5 L 1.3 -2"),
        'z' => (4.6, "M 0 5 L 3.6 5 L 0 0 L 3.6 0"),
        'A'..='Z' => capital(letter),
        _ => sign(letter),
    }
}

fn capital(letter: char) -> (f32, &'static str) {
    match letter {
        'A' => (6.3, "M 0 0 L 2.7 7 L 5.4 0 M 0.95 2.4 L 4.45 2.4"),
        'B' => (5.5, "M 2.4 0 L 0 0 L 0 7 L 2.4 7 A 2.4 5.3 1.7 1.7 90 -90 M 0 3.6 L 2.6 3.6 A 2.6 1.8 1.8 1.8 90 -90"),
        'C' => (6.3, "A 3.2 3.5 3.2 3.5 48 312"),
        'D' => (6.4, "M 2 0 L 0 0 L 0 7 L 2 7 A 2 3.5 3.3 3.5 90 -90"),
        'E' => (4.9, "M 3.9 7 L 0 7 L 0 0 L 3.9 0 M 0 3.6 L 3.5 3.6"),
        'F' => (4.7, "M 3.8 7 L 0 7 L 0 0 M 0 3.5 L 3.4 3.5"),
        'G' => (7.4, "A 3.2 3.5 3.2 3.5 48 360 M 6.4 3.5 L 3.8 3.5"),
        'H' => (6.0, "M 0 0 L 0 7 M 4.8 0 L 4.8 7 M 0 3.6 L 4.8 3.6"),
        'I' => (1.5, "M 0 0 L 0 7"),
        'J' => (4.2, "M 3 7 L 3 2 A 1.5 2 1.5 2 0 -180"),
        'K' => (5.6, "M 0 0 L 0 7 M 4.4 7 L 0 2.7 M 1.6 4.3 L 4.8 0"),
        'L' => (4.6, "M 0 7 L 0 0 L 3.7 0"),
        'M' => (7.4, "M 0 0 L 0 7 L 3.1 2 L 6.2 7 L 6.2 0"),
        'N' => (6.2, "M 0 0 L 0 7 L 5 0 L 5 7"),
        'O' => (8.0, "A 3.4 3.5 3.4 3.5 0 360"),
        'P' => (5.2, "M 0 0 L 0 7 L 2.4 7 A 2.4 5.1 1.9 1.9 90 -90 M 2.4 3.2 L 0 3.2"),
        'Q' => (8.0, "A 3.4 3.5 3.4 3.5 0 360 M 4.3 1.6 L 6.6 -0.4"),
        'R' => (5.5, "M 0 0 L 0 7 L 2.4 7 A 2.4 5.1 1.9 1.9 90 -90 M 2.4 3.2 L 0 3.2 M 2.3 3.2 L 4.6 0"),
        'S' => (5.7, "A 2.3 5.2 2.1 1.8 35 270 A 2.3 1.7 2.3 1.7 90 -145"),
        'T' => (5.9, "M 0 7 L 5 7 M 2.5 7 L 2.5 0"),
        'U' => (6.0, "M 0 7 L 0 2.4 A 2.4 2.4 2.4 2.4 180 360 M 4.8 2.4 L 4.8 7"),
        'V' => (6.3, "M 0 7 L 2.7 0 L 5.4 7"),
        'W' => (8.9, "M 0 7 L 2 0 L 4 6.6 L 6 0 L 8 7"),
        'X' => (5.8, "M 0 0 L 4.8 7 M 0 7 L 4.8 0"),
        'Y' => (5.9, "M 0 7 L 2.5 3.4 L 5 7 M 2.5 3.4 L 2.5 0"),
        _ => (5.6, "M 0 7 L 4.6 7 L 0 0 L 4.6 0"),
    }
}

fn sign(letter: char) -> (f32, &'static str) {
    match letter {
        '0' => (5.6, "A 2.2 3.5 2.2 3.5 0 360"),
        '1' => (5.6, "M 0.8 5.5 L 2.6 7 L 2.6 0"),
        '2' => (5.6, "A 2.2 4.9 2.1 2.1 165 -25 M 4.1 4.01 L 0.1 0 L 4.4 0"),
        '3' => (5.6, "A 2.1 5.3 1.8 1.7 140 -90 A 2.1 1.8 2.1 1.8 90 -150"),
        '4' => (5.6, "M 3.4 0 L 3.4 7 L 0 2 L 4.5 2"),
        '5' => (5.6, "M 4 7 L 0.8 7 L 0.5 3.9 A 2.1 2.3 2.2 2.3 135 -150"),
        '6' => (5.6, "A 2.2 2.2 2.2 2.2 0 360 A 4.3 2.2 4.3 4.9 180 105"),
        '7' => (5.6, "M 0 7 L 4.3 7 L 1.5 0"),
        '8' => (5.6, "A 2.2 5.35 1.75 1.65 0 360 A 2.2 1.85 2.2 1.85 0 360"),
        '9' => (5.6, "A 2.2 4.8 2.2 2.2 0 360 A 0.1 4.8 4.3 4.8 0 -75"),
        '.' => (1.5, "M 0 0.1 L 0 0.1"),
        ',' => (1.5, "M 0.2 0.2 L -0.3 -1.2"),
        ':' => (1.5, "M 0 0.4 L 0 0.4 M 0 4.2 L 0 4.2"),
        '-' => (3.4, "M 0 2.6 L 2.4 2.6"),
        '/' => (3.8, "M 0 -0.6 L 2.8 7.4"),
        '%' => (7.2, "A 1.2 5.6 1.2 1.4 0 360 A 4.8 1.4 1.2 1.4 0 360 M 4.9 7 L 1.1 0"),
        '+' => (4.8, "M 0 2.8 L 3.8 2.8 M 1.9 0.9 L 1.9 4.7"),
        '\u{b0}' => (2.9, "A 0.9 6.1 0.9 0.9 0 360"),
        '\'' | '\u{2019}' => (1.3, "M 0 7 L -0.2 5.5"),
        '(' => (2.2, "A 2.6 2.7 2.4 4.7 125 235"),
        ')' => (2.2, "A -1.4 2.7 2.4 4.7 55 -55"),
        '\u{b7}' => (2.6, "M 0.6 2.7 L 0.6 2.7"),
        _ => (2.7, ""),
    }
}

/// How far the pen moves on after a letter, on the grid.
pub fn advance(letter: char) -> f32 {
    outline(letter).0 + 0.4
}

/// The strokes of a letter.
pub fn strokes(letter: char) -> Vec<Stroke> {
    let mut words = outline(letter).1.split_ascii_whitespace();
    let (mut made, mut at) = (Vec::new(), [0.0; 2]);
    while let Some(word) = words.next() {
        let mut number = || words.next().and_then(|word| word.parse::<f32>().ok()).unwrap_or_default();
        match word {
            "A" => made.push(Stroke::Arc([number(), number(), number(), number(), number(), number()])),
            "L" => {
                let to = [number(), number()];
                made.push(Stroke::Line([at[0], at[1], to[0], to[1]]));
                at = to;
            }
            _ => at = [number(), number()],
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_and_digit_has_strokes_within_its_line() {
        for letter in ('a'..='z').chain('A'..='Z').chain('0'..='9').chain(".,:-/%+()".chars()) {
            let strokes = strokes(letter);
            assert!(!strokes.is_empty(), "{letter}");
            for stroke in strokes {
                let (low, high) = match stroke {
                    Stroke::Line([_, y, _, to]) => (y.min(to), y.max(to)),
                    Stroke::Arc([_, y, _, r, ..]) => (y - r, y + r),
                };
                assert!((-2.4..=10.0).contains(&high) && low >= -2.4, "{letter}: {stroke:?}");
            }
        }
        assert!(strokes('\u{1f600}').is_empty());
    }
}
