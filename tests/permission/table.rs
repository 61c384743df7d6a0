//! The table of permissions as data: read from `table.txt`, written out as docs/permissions.md.
//!
//! Invariant: every line names a method, an address and either one mark for everybody or one for each actor.

#![allow(dead_code, reason = "each test binary uses its own part")]

use std::fmt::Write as _;

/// Who asks, in the order of the marks: how the page names them.
pub const ACTORS: [&str; 10] = [
    "administrator",
    "owner",
    "reviewer",
    "member",
    "listed member",
    "guest inside",
    "guest outside",
    "signed out",
    "revoked token",
    "person who left",
];

/// Whoever asks without a session.
pub const SIGNED_OUT: &str = "signed out";

/// One route as somebody may ask for it.
pub struct Line {
    /// The heading it stands under.
    pub section: String,
    /// GET, POST, …
    pub method: String,
    /// With {things} in it.
    pub address: String,
    /// One for each actor.
    pub marks: Vec<char>,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// JSON with {things} in it.
    pub body: Option<String>,
    /// As it stands in the file.
    pub text: String,
}

/// Every line of the table.
pub fn lines() -> Vec<Line> {
    let mut section = String::new();
    let mut found = Vec::new();
    for text in
        include_str!("table.txt").lines().map(str::trim).filter(|text| !text.is_empty() && !text.starts_with('#'))
    {
        match text.strip_prefix("== ") {
            Some(name) => name.clone_into(&mut section),
            None => found.push(line(&section, text)),
        }
    }
    found
}

fn line(section: &str, text: &str) -> Line {
    // The body is the rest from the first " {" that is not part of the address: a thing in an address follows a slash.
    let (head, body) = match text.find(" {\"").or_else(|| text.find(" {}")) {
        Some(at) => (&text[..at], Some(text[at + 1..].to_owned())),
        None => (text, None),
    };
    // Things have spaces in their names.
    let (mut words, mut inside) = (vec![String::new()], false);
    for letter in head.chars() {
        inside = (inside || letter == '{') && letter != '}';
        match letter {
            ' ' if !inside => words.push(String::new()),
            letter => words.last_mut().expect("never empty").push(letter),
        }
    }
    let mut words = words.into_iter().filter(|word| !word.is_empty());
    let (method, address) = (words.next().expect("a method"), words.next().expect("an address"));
    let marks = match words.next().as_deref() {
        Some("all") => vec![words.next().and_then(|mark| mark.chars().next()).expect("a mark"); ACTORS.len()],
        Some(marks) => marks.chars().collect(),
        None => Vec::new(),
    };
    assert_eq!(marks.len(), ACTORS.len(), "{text}: a mark for each actor");
    let headers =
        words.filter_map(|word| word.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())));
    Line {
        section: section.to_owned(),
        method,
        address,
        marks,
        headers: headers.collect(),
        body,
        text: text.to_owned(),
    }
}

/// What a mark says on the page.
fn word(mark: char) -> &'static str {
    match mark {
        'y' | 'p' => "yes",
        'n' => "no",
        'h' => "hidden",
        'q' => "neutral",
        'c' => "not now",
        'o' => "not offered",
        '-' => "sign in",
        _ => "?",
    }
}

/// The table as a page.
pub fn markdown() -> String {
    let mut page = String::from(
        "# Who may do what\n\n\
         Written from `tests/permission/table.txt` by `make docs`; `tests/api/permission.rs` asks every line over HTTP as each \
         of these people, on SQLite and on PostgreSQL. A route that is missing here fails the tests.\n\n\
         \"Owner\" is whose thing it is (a goal's owner, a check-in's, post's, comment's or recording's author); \"reviewer\" is \
         the owner's manager; \"listed member\" made the project channel Launch and \"guest inside\" was added to it.\n\n\
         | word | answer |\n| --- | --- |\n| yes | 2xx |\n| no | 403: it may be known that it exists |\n\
         | hidden | 404: as if it did not exist |\n| sign in | 401 |\n| neutral | a page that names nothing |\n\
         | not now | 409, whoever asks |\n",
    );
    let mut section = String::new();
    for line in lines() {
        if line.section != section {
            line.section.clone_into(&mut section);
            let heads = ACTORS.join(" | ");
            let _ = write!(page, "\n## {section}\n\n| route | {heads} |\n| ---{} |\n", " | ---".repeat(ACTORS.len()));
        }
        let cells: Vec<&str> = line.marks.iter().map(|mark| word(*mark)).collect();
        let asked =
            line.body.as_deref().filter(|body| *body != "{}").map(|body| format!(" `{body}`")).unwrap_or_default();
        let _ = writeln!(page, "| `{} {}`{asked} | {} |", line.method, line.address, cells.join(" | "));
    }
    page
}
