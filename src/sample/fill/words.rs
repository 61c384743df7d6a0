//! What people of the sample say in check-ins and reviews, put together from what each works towards. Words only.

use super::cast::Member;

/// A number as it is said: whole where it is large.
pub fn said(value: f64, unit: &str) -> String {
    let text =
        if value.abs() < 10.0 && value.fract().abs() > 0.04 { format!("{value:.1}") } else { format!("{value:.0}") };
    if unit == "%" { format!("{text}%") } else { format!("{text} {unit}") }
}

/// The one sentence of a check-in. `n` counts the person's check-ins.
pub fn headline(who: &Member, n: usize, (before, value): (f64, f64), task: &str) -> String {
    let (now, then) = (said(value, who.aim.unit), said(before, who.aim.unit));
    let metric = who.aim.metric;
    match (n + who.name.len()) % 9 {
        0 => format!("{metric}: {now}, from {then}"),
        1 => format!("{task}: done, and {now} to show for it"),
        2 => format!("Now at {now}; next is \u{201c}{}\u{201d}", lower(task)),
        3 if (value - before).abs() < 0.05 => format!("Still at {now}, and I know why"),
        3 => format!("From {then} to {now} since the last check-in"),
        4 => format!("{task} takes two days longer than I said"),
        5 => format!("{metric} stands at {now}, and one question is left"),
        6 => format!("Half of \u{201c}{}\u{201d} is behind us", lower(task)),
        7 => format!("A quiet half week: {now}, nothing broke"),
        _ => format!("{now} today, with {} still open", lower(task)),
    }
}

/// What went well.
pub fn wins(who: &Member, n: usize, value: f64, task: &str) -> String {
    let now = said(value, who.aim.unit);
    match (n * 5 + who.title.len()) % 6 {
        0 => format!("{task} went without a surprise."),
        1 => format!("The number is {now}, measured twice."),
        2 => format!("Two people asked for the notes on \u{201c}{}\u{201d} and used them.", lower(task)),
        3 => format!("Nobody had to wait for me; {} is in the document.", lower(task)),
        4 => format!("We stopped one thing that did not help and reached {now} all the same."),
        _ => String::new(),
    }
}

/// What comes next.
pub fn next(who: &Member, n: usize, task: &str, after: &str) -> String {
    match (n * 7 + who.name.len()) % 5 {
        0 => format!("- {task}, the last part\n- {after}"),
        1 => format!("{after}, before Friday noon."),
        2 => format!("- Show it to {}\n- {after}", if who.boss == 0 { "Ingrid" } else { "the team" }),
        3 => format!("{task}: write down what we learned, then {}.", lower(after)),
        _ => format!("- {after}\n- Measure again on the same day next week"),
    }
}

/// A line about a goal of the month; most say nothing, for the number does.
pub fn note(who: &Member, n: usize, better: bool) -> String {
    match (n + who.title.len()) % 6 {
        0 if better => "The change of last week shows.".to_owned(),
        0 => "It moved the wrong way; one bad day explains most of it.".to_owned(),
        3 if better => format!("{} is on the way it should be on.", who.aim.metric),
        3 => "I would rather show it than explain it; see the video of the team.".to_owned(),
        _ => String::new(),
    }
}

/// Why somebody says on track although a number says otherwise.
pub fn reason(n: usize) -> &'static str {
    match n % 3 {
        0 => "Two days of stock-taking are in it; the last three days alone are where they should be.",
        1 => "The fix went out this morning. The number follows it by about a week.",
        _ => "One large case hides the rest. Without it the line goes the right way.",
    }
}

/// What a reviewer writes who asks for more than a glance.
pub const DISCUSS: [&str; 6] = [
    "What would you stop, if you had to stop one thing this week?",
    "The number is good. Who else should hear how you got there?",
    "Let us look at the second half of the month together; I read two plans in this.",
    "I do not follow the jump since the last time. A line about how it was measured would help.",
    "Is the date still the date? Say so now rather than on it.",
    "Good. Put the cause into the document, not only here.",
];

/// What a reviewer writes who asks for something else.
pub const CHANGE: [&str; 3] = [
    "Please take the smaller half first. The other one waits for a part that is not here.",
    "Stop this until the field has answered. Use the days for the guide.",
    "The status says on track and the number does not. Choose one, with a reason.",
];

/// What keeps people from moving, and how it was answered; by place in the cast, on which check-in.
pub const BLOCKERS: [(usize, usize, &str, usize, Option<&str>); 9] = [
    (
        4,
        2,
        "Rig B has no spare power supply; one fuse ends the night",
        34,
        Some("Two are on the shelf from Thursday. Minho signed for them."),
    ),
    (
        10,
        4,
        "Antenna tuning needs the firmware candidate on two boards",
        12,
        Some("Both boards are on your bench with the candidate."),
    ),
    (
        18,
        3,
        "Two sites changed hands and nobody knows the new owner\u{2019}s number",
        16,
        Some("Adaeze met them on Monday; the numbers are in the account."),
    ),
    (
        31,
        5,
        "The boat is booked until the twentieth",
        28,
        Some("We have the harbour\u{2019}s boat on Thursday mornings."),
    ),
    (
        35,
        6,
        "The pressure sensor has one maker and a wait of nine weeks",
        34,
        Some("A second maker sends samples; the first promised six weeks."),
    ),
    (13, 8, "The bench meter drifts; I cannot tell 12 from 14 microamps", 38, None),
    (25, 9, "Pairing light goes out after four seconds, people need ten", 12, None),
    (22, 11, "Three trial boxes are still at a site that said no", 29, None),
    (
        6,
        12,
        "The map provider counts each reading as a call",
        1,
        Some("They moved us to the yearly plan. No more counting."),
    ),
];

/// How a goal ended that was not reached.
pub fn closing(who: &Member, value: f64, reached: bool) -> String {
    let (now, target) = (said(value, who.aim.unit), said(who.aim.way.1, who.aim.unit));
    if reached {
        format!("{}: {now}, and {target} was the target.", who.aim.metric)
    } else {
        format!("{now} instead of {target}. The direction is right, the month was short.")
    }
}

/// A text that stands inside a sentence.
pub fn lower(text: &str) -> String {
    let mut letters = text.chars();
    match (letters.next(), text.chars().nth(1)) {
        // A name or an abbreviation keeps its capital.
        (Some(first), Some(second)) if !second.is_uppercase() => first.to_lowercase().chain(letters).collect(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::cast::CAST;
    use super::*;

    #[test]
    fn headlines_are_short_sentences_and_seldom_the_same() {
        let mut all = Vec::new();
        for who in &CAST {
            for n in 0..16 {
                let (from, to) = who.aim.way;
                let at = |n: usize| from + (to - from) * n as f64 / 16.0;
                let text = headline(who, n, (at(n), at(n + 1)), who.aim.tasks[n / 4]);
                assert!(text.chars().count() <= 120 && !text.ends_with('!'), "{text}");
                all.push(text);
            }
        }
        let different = all.iter().collect::<HashSet<_>>().len();
        assert!(different * 100 >= all.len() * 95, "{different} of {}", all.len());
    }
}
