//! Times of cues, in milliseconds: read as people and programs write them, written as WebVTT wants them.

/// "1:02:03.456", "02:03,4" or "2:03": hours and parts of a second may be left out, a comma stands for a point.
#[must_use]
pub fn read(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once(['.', ',']).map_or((text, "0"), |(whole, part)| (whole, part));
    let parts: Vec<&str> = whole.split(':').collect();
    let (hours, minutes, seconds) = match parts[..] {
        [minutes, seconds] => (0, number(minutes, 2)?, number(seconds, 2)?),
        [hours, minutes, seconds] => (number(hours, 4)?, number(minutes, 2)?, number(seconds, 2)?),
        _ => return None,
    };
    number(part, 3)?;
    let thousandths = number(&format!("{part:0<3}"), 3)?;
    let whole = (hours * 60 + minutes) * 60 + seconds;
    (minutes < 60 && seconds < 60).then_some(whole * 1000 + thousandths)
}

fn number(text: &str, most: usize) -> Option<i64> {
    let digits = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// "02:03.456", with hours only where there are some.
#[must_use]
pub fn write(ms: i64) -> String {
    let (minutes, seconds, part) = (ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
    let hours = if ms >= 3_600_000 { format!("{:02}:", ms / 3_600_000) } else { String::new() };
    format!("{hours}{minutes:02}:{seconds:02}.{part:03}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_every_way_it_is_written() {
        for (text, ms) in [
            ("00:00:01.000", 1000),
            ("00:01.000", 1000),
            ("00:00:01,000", 1000),
            ("0:01", 1000),
            ("1:08.5", 68_500),
            ("1:08.05", 68_050),
            ("100:00:00.001", 360_000_001),
        ] {
            assert_eq!(read(text), Some(ms), "{text}");
        }
        for text in
            ["", "1", "1:60", "60:00", "1:2:3:4", "-0:01", "0:01.", "0:01.0000", "0:0x", "00 : 01", "+0:01", "001:00"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_time_is_written_as_the_standard_has_it() {
        assert_eq!([0, 68_500, 3_600_000].map(write), ["00:00.000", "01:08.500", "01:00:00.000"]);
    }
}
