//! A scoreboard as CSV (RFC 4180): one line for each person and week, or for each lead metric and week. Written page by page as
//! it is read, so that a company of thousands is never in memory.
//!
//! Invariant: a cell is either a number of ours or text; text that a spreadsheet would take for a formula gets an apostrophe.

use std::collections::HashMap;
use std::fmt::Write as _;

use actix_web::web::{Bytes, Data};
use futures_util::{Stream, stream};

use crate::account::Person;
use crate::app::App;

use super::metric::{self, LeadMetric};
use super::sql::{self, After};
use super::{Board, week_name};

/// People read at once.
const PAGE: i64 = 250;

/// A piece of text as a cell: quoted where it has to be, and never a formula.
#[must_use]
pub fn text(value: &str) -> String {
    // What Excel, LibreOffice and Google Sheets begin a formula with, also after blanks, and in the full width of East Asia.
    let start = value.trim_start().chars().next();
    let formula = start.is_some_and(|first| "=+-@\u{ff1d}\u{ff0b}\u{ff0d}\u{ff20}|".contains(first));
    let guarded = if formula || value.starts_with(['\t', '\r', '\n']) { format!("'{value}") } else { value.to_owned() };
    if guarded.contains(['"', ',', ';', '\r', '\n', '\t']) {
        format!("\"{}\"", guarded.replace('"', "\"\""))
    } else {
        guarded
    }
}

/// The reliability of a circle, a line for each person and week with a slot or a review.
pub fn reliability(
    app: Data<App>,
    asker: Person,
    board: Board,
) -> impl Stream<Item = Result<Bytes, sqlx::Error>> + 'static {
    let head = "week,monday,name,handle,manager,submitted,late,missed,excused,open,reviews_on_time,reviews_missed,reviews_excused\r\n";
    let start = (Some(None::<After>), head.to_owned());
    stream::try_unfold(start, move |(after, head)| {
        let (app, asker, board) = (app.clone(), asker.clone(), board.clone());
        async move {
            let Some(after) = after else { return Ok(None) };
            let (lines, next) = page(&app, &asker, &board, after.as_ref()).await?;
            Ok(Some((Bytes::from(head + &lines), (next.map(Some), String::new()))))
        }
    })
}

async fn page(
    app: &App,
    asker: &Person,
    board: &Board,
    after: Option<&After>,
) -> Result<(String, Option<After>), sqlx::Error> {
    let rows = sql::weeks_of(&app.db, asker.organisation, board, after, PAGE).await?;
    let named = board.window.mondays().map(|monday| (monday.to_string(), week_name(monday)));
    let named: HashMap<String, String> = named.collect();
    let mut lines = String::new();
    for row in &rows {
        let person = &row.person;
        let names = [&person.name, &person.handle, &person.manager_name].map(|word| text(word)).join(",");
        let weeks = row.weeks.iter().flat_map(|weeks| weeks.split(' '));
        let mut weeks: Vec<(&str, &str)> = weeks.filter_map(counted).collect();
        weeks.sort_unstable();
        for (monday, counts) in weeks {
            let week = named.get(monday).map_or("", String::as_str);
            let _ = write!(lines, "{week},{monday},{names},{counts}\r\n");
        }
    }
    let full = i64::try_from(rows.len()).is_ok_and(|count| count == PAGE);
    let next = rows.last().filter(|_| full).map(|row| &row.person);
    let next = next.map(|last| (last.manager_name.clone(), last.name.clone(), last.id));
    Ok((lines, next))
}

/// The Monday of a week and its counts, unless nothing is counted.
fn counted(week: &str) -> Option<(&str, &str)> {
    week.split_once(',').filter(|(_, counts)| counts.contains(|digit| matches!(digit, '1'..='9')))
}

/// The lead metrics of a scoreboard, a line for each metric and week with a value.
#[must_use]
pub fn metrics(lead: &[LeadMetric]) -> String {
    let mut lines = String::from("week,monday,goal,scope,owner,metric,unit,direction,baseline,target,value\r\n");
    for metric in lead {
        for (week, value) in metric::weekly(&metric.points) {
            let goal = &metric.goal;
            let words = [
                week_name(week),
                week.to_string(),
                text(&goal.title),
                goal.scope.to_string(),
                text(&goal.owner.name),
                text(&metric.name),
                text(&metric.unit),
                metric.direction.to_string(),
            ];
            let _ = write!(lines, "{},{},{},{}\r\n", words.join(","), metric.baseline, metric.target, value);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula() {
        for formula in ["=1+1", "+1", "-2+3", "@SUM(A1)", "  =1", "\u{ff1d}1", "|calc", "=HYPERLINK(\"x\")"] {
            assert!(text(formula).trim_start_matches('"').starts_with('\''), "{formula}");
        }
        assert_eq!(text("\t=1"), "\"'\t=1\"");
        assert_eq!(text("Ann-Kathrin"), "Ann-Kathrin");
    }

    #[test]
    fn a_week_of_nothing_has_no_line() {
        assert_eq!(counted("2026-11-30,0,0,0,0,0,0,0,0"), None);
        assert_eq!(counted("2026-11-30,0,0,0,0,0,0,0,10"), Some(("2026-11-30", "0,0,0,0,0,0,0,10")));
    }

    #[test]
    fn a_cell_with_a_comma_a_quote_or_a_line_end_is_quoted() {
        assert_eq!(text("Wilk, Tomasz"), "\"Wilk, Tomasz\"");
        assert_eq!(text("the \u{201c}big\u{201d} \"one\""), "\"the \u{201c}big\u{201d} \"\"one\"\"\"");
        assert_eq!(text("a\r\nb"), "\"a\r\nb\"");
        assert_eq!(text(""), "");
    }
}
