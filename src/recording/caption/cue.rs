//! Cues and the file they make: WebVTT (W3C) with nothing in it but cues.

use super::time;

/// Something said, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cue {
    /// When it begins, in milliseconds.
    pub start: i64,
    /// When it ends.
    pub end: i64,
    /// Where it stands, as WebVTT writes it; mostly empty.
    pub settings: String,
    /// Its text as it is served.
    pub markup: String,
    /// Its text as it is read, one line.
    pub words: String,
}

/// The file of these cues.
#[must_use]
pub fn write(cues: &[Cue]) -> String {
    let mut file = String::from("WEBVTT\n");
    for cue in cues {
        let (start, end) = (time::write(cue.start), time::write(cue.end));
        let space = if cue.settings.is_empty() { "" } else { " " };
        file.push_str(&format!("\n{start} --> {end}{space}{}\n{}\n", cue.settings, cue.markup));
    }
    file
}

/// Settings that WebVTT knows, each once; others are left out, as a browser would.
#[must_use]
pub fn settings(text: &str) -> String {
    let mut kept: Vec<(&str, &str)> = Vec::new();
    for (name, value) in text.split_whitespace().filter_map(|setting| setting.split_once(':')) {
        if is_setting(name, value) && !kept.iter().any(|(known, _)| *known == name) {
            kept.push((name, value));
        }
    }
    kept.iter().map(|(name, value)| format!("{name}:{value}")).collect::<Vec<_>>().join(" ")
}

fn is_setting(name: &str, value: &str) -> bool {
    let (place, side) = value.split_once(',').map_or((value, None), |(place, side)| (place, Some(side)));
    let aligned = |sides: [&str; 3]| side.is_none_or(|side| sides.contains(&side));
    match name {
        "vertical" => ["rl", "lr"].contains(&value),
        "line" => (is_share(place) || is_line(place)) && aligned(["start", "center", "end"]),
        "position" => is_share(place) && aligned(["line-left", "center", "line-right"]),
        "size" => is_share(value),
        "align" => ["start", "center", "end", "left", "right"].contains(&value),
        _ => false,
    }
}

/// "50%" or "33.3%".
fn is_share(text: &str) -> bool {
    let Some(number) = text.strip_suffix('%').filter(|number| number.len() <= 12) else { return false };
    let plain = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    plain && number.parse::<f64>().is_ok_and(|share| (0.0..=100.0).contains(&share))
}

/// "3" or "-1".
fn is_line(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    (1..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_settings_that_a_browser_would_take_stay() {
        assert_eq!(
            settings("align:start  line:-1 position:10%,line-left size:80%"),
            "align:start line:-1 position:10%,line-left size:80%"
        );
        assert_eq!(settings("vertical:rl line:33.3%,end"), "vertical:rl line:33.3%,end");
        for odd in [
            "align:middle",
            "line:x",
            "size:101%",
            "size:-1%",
            "position:5",
            "region:a",
            "X1:40",
            "size:1e1%",
            "line:1,up",
            "a",
            ":",
        ] {
            assert_eq!(settings(odd), "", "{odd}");
        }
        assert_eq!(settings("align:start align:end"), "align:start");
    }
}
