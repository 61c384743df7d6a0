//! The tables behind the scoreboard's sums: whatever happens to slots and reviews, they say what those say, also where a migration
//! filled them.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, TimeDelta};
use sqlx::AssertSqlSafe;
use twotake::db::Pool;
use twotake::scoreboard::fold;
use uuid::Uuid;

use crate::harness::{Server, both};
use crate::scoreboard::three_slots;

/// By person and Monday: submitted, late, missed, excused, open, and of reviews on time, missed, excused.
type Weeks = BTreeMap<(Uuid, NaiveDate), [i64; 8]>;
const SLOTS: [&str; 5] = ["submitted", "late", "missed", "excused", "open"];
const REVIEWS: [&str; 3] = ["on_time", "missed", "excused"];

async fn kept(server: &Server) -> Weeks {
    const SQL: &str = "select person, monday, submitted, late, missed, excused, open, reviews_on_time, reviews_missed, reviews_excused
                       from reliability";
    type Row = (Uuid, NaiveDate, i32, i32, i32, i32, i32, i32, i32, i32);
    let rows: Vec<Row> = twotake::on_db!(&server.app.db, |c| sqlx::query_as(SQL).fetch_all(c).await).unwrap();
    let week =
        |(person, monday, a, b, c, d, e, f, g, h): Row| ((person, monday), [a, b, c, d, e, f, g, h].map(i64::from));
    rows.into_iter().map(week).filter(|(_, counts)| *counts != [0; 8]).collect()
}

/// What is kept of the company: by Monday, the rows that add up to it, and how many they are.
async fn kept_together(server: &Server) -> BTreeMap<NaiveDate, ([i64; 8], usize)> {
    const SQL: &str =
        "select monday, submitted, late, missed, excused, open, reviews_on_time, reviews_missed, reviews_excused
                       from reliability_week";
    type Row = (NaiveDate, i64, i64, i64, i64, i64, i64, i64, i64);
    let rows: Vec<Row> = twotake::on_db!(&server.app.db, |c| sqlx::query_as(SQL).fetch_all(c).await).unwrap();
    let mut weeks = BTreeMap::new();
    for (monday, a, b, c, d, e, f, g, h) in rows {
        let (sum, count) = weeks.entry(monday).or_insert(([0; 8], 0));
        *sum = together(*sum, [a, b, c, d, e, f, g, h]);
        *count += 1;
    }
    weeks
}

fn together(some: [i64; 8], more: [i64; 8]) -> [i64; 8] {
    std::array::from_fn(|at| some[at] + more[at])
}

/// Fails unless both tables say what the slots and reviews say.
async fn both_are_right(server: &Server, after: &str) {
    let whole = counted(server).await;
    assert_eq!(kept(server).await, whole, "{after}");
    let mut weeks: BTreeMap<NaiveDate, [i64; 8]> = BTreeMap::new();
    for ((_, monday), counts) in whole {
        let week = weeks.entry(monday).or_default();
        *week = together(*week, counts);
    }
    let mut company: BTreeMap<_, _> =
        kept_together(server).await.into_iter().map(|(monday, (sum, _))| (monday, sum)).collect();
    company.retain(|_, sum| *sum != [0; 8]);
    assert_eq!(company, weeks, "{after}");
}

/// The same, counted from the slots and reviews themselves.
async fn counted(server: &Server) -> Weeks {
    const OF_SLOTS: &str = "select person, local_date, state from check_in_slot where state <> 'ahead'";
    const OF_REVIEWS: &str =
        "select r.reviewer, i.local_date, r.ended from review r join check_in i on i.id = r.check_in
                              where r.ended is not null";
    let mut weeks = Weeks::new();
    for (sql, names, first) in [(OF_SLOTS, &SLOTS[..], 0), (OF_REVIEWS, &REVIEWS[..], 5)] {
        let rows: Vec<(Uuid, NaiveDate, String)> =
            twotake::on_db!(&server.app.db, |c| sqlx::query_as(sql).fetch_all(c).await).unwrap();
        for (person, day, what) in rows {
            let monday = day - TimeDelta::days(day.weekday().num_days_from_monday().into());
            let place = first + names.iter().position(|name| *name == what).unwrap();
            weeks.entry((person, monday)).or_default()[place] += 1;
        }
    }
    weeks
}

async fn execute(server: &Server, sql: &str) {
    let mut tx = server.app.db.begin().await.unwrap();
    twotake::on_tx!(&mut tx, |c| sqlx::query(AssertSqlSafe(sql)).execute(c).await.map(|_| ())).unwrap();
    tx.commit().await.unwrap();
}

/// The statements with which migrations fill the tables.
fn filling(server: &Server) -> Vec<&'static str> {
    let texts = match &server.app.db.pool {
        Pool::Sqlite { .. } => [
            include_str!("../../migrations/sqlite/0019_reliability.sql"),
            include_str!("../../migrations/sqlite/0022_company_weeks.sql"),
        ],
        Pool::Postgres(_) => [
            include_str!("../../migrations/postgres/0019_reliability.sql"),
            include_str!("../../migrations/postgres/0022_company_weeks.sql"),
        ],
    };
    let statements = texts.into_iter().flat_map(|text| text.split(";\n\n"));
    statements.filter(|statement| statement.starts_with("insert into reliability")).collect()
}

both! {
    web at "2026-11-22T10:00:00Z";

    async fn the_weeks_say_what_slots_and_reviews_say_whatever_happens_to_them(server: Server) {
        let [admin, ann, _, tomasz] = three_slots(&server).await;
        let whole = counted(&server).await;
        let total = whole.values().fold([0; 8], |sum, week| together(sum, *week));
        assert_eq!(total, [2, 1, 5, 1, 3, 1, 1, 0]);
        both_are_right(&server, "what people and the clock did").await;

        // As a migration finds them.
        execute(&server, "delete from reliability").await;
        execute(&server, "delete from reliability_week").await;
        let statements = filling(&server);
        assert_eq!(statements.len(), 3, "slots and reviews, and both of the company");
        for statement in statements {
            execute(&server, statement).await;
        }
        both_are_right(&server, "the migrations").await;

        // What no page does today, but a repair by hand or a removal may.
        let other = match &server.app.db.pool {
            Pool::Sqlite { .. } => format!("x'{}'", admin.id.replace('-', "")),
            Pool::Postgres(_) => format!("'{}'", admin.id),
        };
        for change in [
            format!("update review set reviewer = {other} where ended = 'on_time'"),
            "update review set ended = 'excused' where ended = 'missed'".to_owned(),
            "update check_in_slot set state = 'excused' where state = 'open'".to_owned(),
            "update check_in_slot set state = 'excused' where state = 'excused'".to_owned(),
            "delete from review where ended = 'excused'".to_owned(),
            "delete from check_in_slot where state = 'missed'".to_owned(),
        ] {
            execute(&server, &change).await;
            both_are_right(&server, &change).await;
        }
        let mine = |weeks: &Weeks, of: &str| weeks.iter().filter(|((person, _), _)| person.to_string() == of).count();
        let left = kept(&server).await;
        assert_eq!((mine(&left, &ann.id), mine(&left, &tomasz.id)), (2, 1), "{left:?}");
    }

    async fn a_week_is_folded_into_one_row_and_says_the_same(server: Server) {
        let [admin, ..] = three_slots(&server).await;
        let rows = |weeks: &BTreeMap<NaiveDate, ([i64; 8], usize)>| weeks.values().map(|week| week.1).max();
        let before = kept_together(&server).await;
        assert!(rows(&before) > Some(1), "{before:?}");
        let shown = admin.get("/api/scoreboard?weeks=4").await.ok();
        assert_eq!(fold::run(&server.app, &|| {}).await.unwrap(), before.values().filter(|week| week.1 > 1).count());
        let after = kept_together(&server).await;
        assert_eq!(rows(&after), Some(1));
        both_are_right(&server, "the fold").await;
        assert_eq!(admin.get("/api/scoreboard?weeks=4").await.ok(), shown);
        assert_eq!(fold::run(&server.app, &|| {}).await.unwrap(), 0, "there is nothing left to do");

        // What comes later is added to it, and what comes to nothing leaves no row.
        execute(&server, "update check_in_slot set state = 'excused' where state = 'open'").await;
        both_are_right(&server, "an absence").await;
        execute(&server, "delete from review").await;
        execute(&server, "delete from check_in_goal").await;
        execute(&server, "delete from check_in").await;
        execute(&server, "delete from check_in_slot").await;
        fold::run(&server.app, &|| {}).await.unwrap();
        assert_eq!(kept_together(&server).await, BTreeMap::new());
    }

    async fn what_is_written_while_weeks_are_folded_is_not_lost(server: Server) {
        three_slots(&server).await;
        let write = async {
            for round in 0..40 {
                let (from, to) = if round % 2 == 0 { ("missed", "late") } else { ("late", "missed") };
                execute(&server, &format!("update check_in_slot set state = '{to}' where state = '{from}'")).await;
            }
        };
        let fold = || async {
            for _ in 0..40 {
                fold::run(&server.app, &|| {}).await.unwrap();
            }
        };
        // Two at once, as two nodes may.
        tokio::join!(write, fold(), fold());
        both_are_right(&server, "writing and folding at once").await;
    }
}
