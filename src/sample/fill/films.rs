//! The films of the sample: twelve, each drawn once. Words and numbers only; drawing is `media::film`'s.

use crate::media::film::{Film, Scene};

use super::cast::{CAST, UNITS};
use super::words;
use crate::sample::Films;

/// What a film shows.
#[derive(Debug)]
pub struct FilmOf {
    /// Who speaks, by place in the cast.
    pub who: usize,
    /// Its title.
    pub title: &'static str,
    /// How long it runs, in seconds.
    pub seconds: u32,
    /// A number over time with its target and unit, or lines.
    pub shows: Shows,
}

/// What moves in it.
#[derive(Debug)]
pub enum Shows {
    /// Values, target, unit.
    Chart(&'static [f64], f64, &'static str),
    /// Lines.
    Lines(&'static [&'static str]),
}

/// How many of them belong to posts; the others to check-ins of the last days.
pub const POSTED: usize = 8;

/// Every film.
pub const FILMS: [FilmOf; 12] = [
    FilmOf {
        who: 27,
        title: "Restart a probe in forty seconds",
        seconds: 12,
        shows: Shows::Lines(&[
            "Hold the ring",
            "Count to four",
            "Let go: three short lights",
            "One long light: try again",
        ]),
    },
    FilmOf {
        who: 2,
        title: "Calibrate with the new bath",
        seconds: 18,
        shows: Shows::Lines(&[
            "Rinse, then wait",
            "Clamp with half a turn",
            "Second beep: start",
            "Read after eighteen minutes",
        ]),
    },
    FilmOf {
        who: 0,
        title: "The one we dropped, and why",
        seconds: 16,
        shows: Shows::Lines(&[
            "Two people for a year",
            "Four sites from it",
            "Renewals need them more",
            "Nobody did it badly",
        ]),
    },
    FilmOf {
        who: 7,
        title: "Oxygen first, with gloves on",
        seconds: 14,
        shows: Shows::Chart(&[9.5, 8.0, 8.2, 5.1, 3.4, 2.2, 1.8], 2.0, "s"),
    },
    FilmOf {
        who: 9,
        title: "Housing rev F: the seal moved 3 mm",
        seconds: 15,
        shows: Shows::Chart(&[11.0, 12.0, 12.0, 15.0, 19.0, 22.0], 24.0, "dry"),
    },
    FilmOf {
        who: 24,
        title: "Support in numbers",
        seconds: 17,
        shows: Shows::Chart(&[63.0, 61.0, 66.0, 70.0, 69.0, 74.0, 78.0], 90.0, "%"),
    },
    FilmOf {
        who: 28,
        title: "Winter on-call: the new handover",
        seconds: 20,
        shows: Shows::Lines(&[
            "Four people, one week each",
            "Monday at nine, by video",
            "Restart first, then call",
            "The van counts as a hub",
        ]),
    },
    FilmOf {
        who: 5,
        title: "Fewer alarms, better alarms",
        seconds: 16,
        shows: Shows::Chart(&[61.0, 58.0, 59.0, 52.0, 44.0, 41.0, 36.0, 34.0], 30.0, ""),
    },
    FilmOf {
        who: 2,
        title: "Calibration is down to 24 minutes",
        seconds: 15,
        shows: Shows::Chart(&[42.0, 41.0, 38.0, 35.0, 31.0, 31.0, 27.0, 24.0], 20.0, "min"),
    },
    FilmOf {
        who: 17,
        title: "The four sites that worry me",
        seconds: 14,
        shows: Shows::Lines(&[
            "A new owner in the north",
            "An audit without us",
            "A hub that is too far",
            "A price they saw twice",
        ]),
    },
    FilmOf {
        who: 10,
        title: "Heard from the far pen",
        seconds: 13,
        shows: Shows::Chart(&[82.0, 83.0, 81.0, 86.0, 90.0, 92.0, 93.0], 97.0, "%"),
    },
    FilmOf {
        who: 0,
        title: "My week, and one thing for you",
        seconds: 12,
        shows: Shows::Lines(&["Bergen is open", "Two hubs in the budget", "One lease to sign"]),
    },
];

/// The place of the managing director's film of today.
pub const TODAY: usize = 11;

/// A film as it is drawn.
pub fn film(n: usize, films: Films) -> Film {
    let of = &FILMS[n];
    let who = &CAST[of.who];
    let place = who.unit.map_or("Tidemark", |unit| UNITS[unit].0);
    Film {
        title: of.title.to_owned(),
        about: format!("{} \u{b7} {place}", who.name),
        initials: who.name.split(' ').filter_map(|word| word.chars().next()).collect(),
        palette: n,
        scene: match of.shows {
            Shows::Chart(values, target, unit) => {
                Scene::Chart { values: values.to_vec(), target, unit: unit.to_owned() }
            }
            Shows::Lines(lines) => Scene::List(lines.iter().map(|line| (*line).to_owned()).collect()),
        },
        seconds: of.seconds.min(films.longest),
        size: films.size,
    }
}

/// What is said in a film, as a file of captions: its title, then its lines or what its chart shows, in equal parts.
pub fn said(n: usize, films: Films) -> String {
    let of = &FILMS[n];
    let mut lines = vec![of.title.to_owned()];
    match of.shows {
        Shows::Chart(values, target, unit) => {
            let value = |value: Option<&f64>| words::said(value.copied().unwrap_or_default(), unit);
            lines.push(format!("It began at {}.", value(values.first()).trim_end()));
            let (now, wanted) = (value(values.last()), value(Some(&target)));
            lines.push(format!("Today it is {}, and {} is where it should be.", now.trim_end(), wanted.trim_end()));
        }
        Shows::Lines(list) => lines.extend(list.iter().map(|line| (*line).to_owned())),
    }
    let each = of.seconds.min(films.longest) as usize * 1000 / lines.len();
    let time = |ms: usize| format!("00:{:02}.{:03}", ms / 1000, ms % 1000);
    let cues = lines
        .iter()
        .enumerate()
        .map(|(at, line)| format!("\n{} --> {}\n{line}\n", time(at * each), time((at + 1) * each)));
    format!("WEBVTT\n{}", cues.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::super::posts::POSTS;
    use super::*;

    #[test]
    fn each_film_of_a_post_is_its_authors_and_every_moment_commented_on_is_in_it() {
        for post in POSTS.iter() {
            let Some(n) = post.film else { continue };
            assert!(n < POSTED && FILMS[n].who == post.author, "{}", post.title);
            for (_, _, at, words, _) in post.comments {
                assert!(at.is_none_or(|at| at < i64::from(FILMS[n].seconds) * 1000), "{words}");
            }
        }
        assert!(FILMS.iter().all(|film| (8..=20).contains(&film.seconds)));
    }
}
