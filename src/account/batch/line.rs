//! One line of a list of people: which column is which, and whether what it says can be done. No I/O.

use std::collections::HashSet;

use crate::account::change::parse_handle;
use crate::account::person::parse_email;
use crate::account::{PersonState, Role};
use crate::error::Problem;
use crate::http::form::Form;
use crate::id::{PersonId, UnitId};
use crate::org::{self, slug_of};

use super::csv::Row;
use super::{BatchLine, LineState};

/// Where each column stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    name: Option<usize>,
    email: Option<usize>,
    handle: Option<usize>,
    title: Option<usize>,
    manager: Option<usize>,
    unit: Option<usize>,
    role: Option<usize>,
    time_zone: Option<usize>,
}

impl Columns {
    /// The address in a row.
    pub fn email<'a>(&self, row: &'a Row) -> &'a str {
        cell(row, self.email)
    }
}

fn cell(row: &Row, column: Option<usize>) -> &str {
    column.and_then(|at| row.cells.get(at)).map_or("", String::as_str)
}

/// The columns that the first line names.
///
/// # Errors
/// A column that is not known, or named twice; no name or no address.
pub fn columns(header: Option<&[String]>) -> Result<Columns, Problem> {
    let mut columns = Columns::default();
    for (at, word) in header.unwrap_or_default().iter().enumerate().filter(|(_, word)| !word.is_empty()) {
        let place = match slug_of(word).as_str() {
            "name" | "full-name" => &mut columns.name,
            "email" | "e-mail" | "e-mail-address" | "email-address" | "mail" | "address" => &mut columns.email,
            "handle" => &mut columns.handle,
            "title" | "job" | "job-title" => &mut columns.title,
            "manager" | "reports-to" => &mut columns.manager,
            "unit" | "team" | "division" => &mut columns.unit,
            "role" => &mut columns.role,
            "time-zone" | "zone" | "timezone" => &mut columns.time_zone,
            _ => {
                let sentence =
                    format!("{word:?} is not a column: name, email, handle, title, manager, unit, role, time_zone.");
                return Err(Problem::field("csv", sentence));
            }
        };
        if place.replace(at).is_some() {
            return Err(Problem::field("csv", format!("The column {word:?} stands there twice.")));
        }
    }
    if columns.name.is_none() || columns.email.is_none() {
        let sentence =
            "The first line names the columns; name and email are needed: name,email,title,manager,unit,role,time_zone";
        return Err(Problem::field("csv", sentence));
    }
    Ok(columns)
}

/// What lines are checked against.
pub struct Known {
    /// Everybody, here or gone: id, name, handle, address, role, state.
    pub people: Vec<(PersonId, String, String, String, Role, PersonState)>,
    /// Units: id, name, slug.
    pub units: Vec<(UnitId, String, String)>,
    /// Addresses that are invited.
    pub invited: HashSet<String>,
    /// Addresses on the list itself.
    pub listed: HashSet<String>,
}

/// What an invitation needs to know beside name and address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub role: Role,
    pub manager: Option<PersonId>,
    pub manager_email: String,
    pub unit: Option<UnitId>,
    pub title: String,
    pub handle: String,
    pub time_zone: Option<String>,
}

/// A line, looked at.
#[derive(Clone, Debug)]
pub struct Checked {
    /// As it is shown.
    pub shown: BatchLine,
    /// What it asks for.
    pub person: Wanted,
}

/// Looks at every line.
pub fn check(rows: &[Row], columns: &Columns, known: &Known, renew: bool) -> Vec<Checked> {
    let (mut emails, mut handles) = (HashSet::new(), HashSet::new());
    let mut checked = Vec::with_capacity(rows.len());
    for row in rows {
        let mut one = line(row, columns, known, renew);
        if !one.shown.email.is_empty() && !emails.insert(one.shown.email.clone()) {
            one.shown.errors.push(format!("{} stands on the list twice.", one.shown.email));
        }
        if !one.person.handle.is_empty() && !handles.insert(one.person.handle.clone()) {
            one.shown.errors.push(format!("@{} stands on the list twice.", one.person.handle));
        }
        if !one.shown.errors.is_empty() {
            one.shown.state = LineState::Wrong;
        }
        checked.push(one);
    }
    checked
}

fn line(row: &Row, columns: &Columns, known: &Known, renew: bool) -> Checked {
    let (mut errors, mut form) = (Vec::new(), Form::new());
    let name = form.line("name", cell(row, columns.name), 1, 100);
    let title = form.line("title", cell(row, columns.title), 0, 100);
    for (field, sentence) in form.sentences() {
        errors.push(format!("{}: {sentence}", if field == "name" { "Name" } else { "Title" }));
    }
    let email = parse_email(columns.email(row)).unwrap_or_else(|_| {
        errors.push(match columns.email(row) {
            "" => "An e-mail address is needed.".to_owned(),
            text => format!("{text:?} is not an e-mail address."),
        });
        String::new()
    });
    let here = known.people.iter().any(|person| person.3 == email && !email.is_empty());
    let state = match () {
        () if here => LineState::Here,
        () if known.invited.contains(&email) && !renew => LineState::Invited,
        () => LineState::New,
    };
    let mut note = |found: Result<(), String>| errors.extend(found.err());
    let mut person = Wanted {
        role: Role::Member,
        manager: None,
        manager_email: String::new(),
        unit: None,
        title,
        handle: String::new(),
        time_zone: None,
    };
    note(role(cell(row, columns.role)).map(|role| person.role = role));
    note(unit(cell(row, columns.unit), known).map(|unit| person.unit = unit));
    note(
        manager(cell(row, columns.manager), &email, known)
            .map(|(id, email)| (person.manager, person.manager_email) = (id, email)),
    );
    note(zone(cell(row, columns.time_zone)).map(|zone| person.time_zone = zone));
    note(handle(cell(row, columns.handle), known, here).map(|handle| person.handle = handle));
    let shown = BatchLine { line: row.line, name, email, state, errors, url: None, expires_at: None };
    Checked { shown, person }
}

fn role(word: &str) -> Result<Role, String> {
    match word.to_lowercase().as_str() {
        "" | "member" => Ok(Role::Member),
        "admin" | "administrator" => Ok(Role::Admin),
        "guest" => Ok(Role::Guest),
        _ => Err(format!("{word:?} is not a role: member, admin or guest.")),
    }
}

fn zone(word: &str) -> Result<Option<String>, String> {
    if word.is_empty() {
        Ok(None)
    } else {
        org::parse_time_zone(word).map(Some).map_err(|_| format!("{word:?} is not a time zone, as in Europe/Warsaw."))
    }
}

fn unit(word: &str, known: &Known) -> Result<Option<UnitId>, String> {
    if word.is_empty() {
        return Ok(None);
    }
    let same = |unit: &&(UnitId, String, String)| {
        unit.2 == word.to_lowercase() || unit.1.to_lowercase() == word.to_lowercase()
    };
    let mut found = known.units.iter().filter(same);
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(Some(one.0)),
        (None, _) => Err(format!("There is no unit {word:?}. Make it first.")),
        (Some(_), Some(_)) => Err(format!("Several units are called {word:?}. Name it as its address does.")),
    }
}

/// A manager by address, handle or full name: a member who is here, or somebody on the list, by address.
fn manager(word: &str, own: &str, known: &Known) -> Result<(Option<PersonId>, String), String> {
    let lower = word.trim_start_matches('@').to_lowercase();
    if word.is_empty() {
        return Ok((None, String::new()));
    }
    if lower == own {
        return Err("Nobody is their own manager.".to_owned());
    }
    let here = |person: &&(PersonId, String, String, String, Role, PersonState)| {
        person.5 == PersonState::Active
            && person.4 != Role::Guest
            && (person.3 == lower || person.2 == lower || person.1.to_lowercase() == lower)
    };
    let mut found = known.people.iter().filter(here);
    match (found.next(), found.next()) {
        (Some(one), None) => Ok((Some(one.0), String::new())),
        (Some(_), Some(_)) => Err(format!("Several people are called {word:?}. Name the manager by their address.")),
        (None, _) if known.listed.contains(&lower) || known.invited.contains(&lower) => Ok((None, lower)),
        (None, _) => Err(format!("There is no member {word:?}, here or on the list by their address.")),
    }
}

fn handle(word: &str, known: &Known, here: bool) -> Result<String, String> {
    if word.is_empty() || here {
        return Ok(String::new());
    }
    let handle = parse_handle(word).map_err(|sentence| format!("Handle: {sentence}"))?;
    match known.people.iter().any(|person| person.2 == handle) {
        true => Err(format!("Someone already goes by @{handle}.")),
        false => Ok(handle),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::account::batch::csv::rows;

    fn known() -> Known {
        let person = |n: u128, name: &str, handle: &str, role, state| {
            (PersonId(Uuid::from_u128(n)), name.to_owned(), handle.to_owned(), format!("{handle}@x.org"), role, state)
        };
        Known {
            people: vec![
                person(1, "Ada Byron", "ada", Role::Admin, PersonState::Active),
                person(2, "Sofia", "sofia", Role::Guest, PersonState::Active),
                person(3, "Ben Ali", "ben", Role::Member, PersonState::Active),
                person(4, "Ben Ali", "ben2", Role::Member, PersonState::Active),
                person(5, "Gone", "gone", Role::Member, PersonState::Left),
            ],
            units: vec![(UnitId(Uuid::from_u128(7)), "Research".into(), "research".into())],
            invited: HashSet::from(["cy@x.org".to_owned()]),
            listed: HashSet::from(["boss@x.org".to_owned()]),
        }
    }

    fn looked_at(text: &str, renew: bool) -> Vec<Checked> {
        let mut rows = rows(text);
        let columns = columns(Some(&rows.remove(0).cells)).unwrap();
        check(&rows, &columns, &known(), renew)
    }

    #[test]
    fn columns_stand_in_any_order_and_are_named_as_people_name_them() {
        let found =
            columns(Some(&["E-Mail address", "Full name", "", "Reports to", "Zone"].map(str::to_owned))).unwrap();
        assert_eq!((found.email, found.name, found.manager, found.time_zone), (Some(0), Some(1), Some(3), Some(4)));
        for wrong in [&["name"][..], &["name", "email", "shoe size"], &["name", "email", "name"], &[]] {
            let header: Vec<String> = wrong.iter().map(|word| (*word).to_owned()).collect();
            assert!(columns(Some(&header)).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_line_says_everything_that_is_wrong_with_it() {
        let found = looked_at("name,email,manager,unit,role,zone,handle\n,nobody,Ben Ali,Sales,boss,Mars,ada", false);
        assert_eq!(
            (found[0].shown.state, found[0].shown.errors.len()),
            (LineState::Wrong, 7),
            "{:?}",
            found[0].shown.errors
        );
        let twice = looked_at("name,email\nA,a@x.org\nB,A@x.org", false);
        assert_eq!((twice[0].shown.state, twice[1].shown.state), (LineState::New, LineState::Wrong));
    }

    #[test]
    fn managers_are_found_here_or_on_the_list_and_neither_guests_nor_who_left() {
        let managers = |word: &str| {
            let one = looked_at(&format!("name,email,manager\nNew,new@x.org,{word}"), false).remove(0);
            (one.person.manager.map(|id| id.0.as_u128()), one.person.manager_email, one.shown.errors.len())
        };
        for word in ["ada@x.org", "@ada", "ada", "ADA BYRON"] {
            assert_eq!(managers(word), (Some(1), String::new(), 0), "{word}");
        }
        assert_eq!(managers("Boss@x.org"), (None, "boss@x.org".to_owned(), 0));
        for word in ["sofia", "gone", "Ben Ali", "new@x.org", "nobody"] {
            assert_eq!(managers(word).2, 1, "{word}");
        }
    }

    #[test]
    fn who_is_here_or_invited_is_left_alone_unless_links_are_renewed() {
        let states = |renew| -> Vec<LineState> {
            let found = looked_at("name,email\nAda,ADA@x.org\nCy,cy@x.org\nDi,di@x.org", renew);
            found.into_iter().map(|one| one.shown.state).collect()
        };
        assert_eq!(states(false), [LineState::Here, LineState::Invited, LineState::New]);
        assert_eq!(states(true), [LineState::Here, LineState::New, LineState::New]);
    }
}
