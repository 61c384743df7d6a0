//! The table behind the scoreboard's sums: whatever happens to slots and reviews, it says what they say, also where a migration
//! filled it.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, TimeDelta};
use sqlx::AssertSqlSafe;
use twotake::db::Pool;
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

/// The statements with which the migration fills the table.
fn filling(server: &Server) -> Vec<&'static str> {
    let text = match &server.app.db.pool {
        Pool::Sqlite { .. } => include_str!("../../migrations/sqlite/0019_reliability.sql"),
        Pool::Postgres(_) => include_str!("../../migrations/postgres/0019_reliability.sql"),
    };
    let statements = text.split(";\n\n").filter(|statement| statement.starts_with("insert into reliability"));
    statements.collect()
}

both! {
    web at "2026-11-22T10:00:00Z";

    async fn the_weeks_say_what_slots_and_reviews_say_whatever_happens_to_them(server: Server) {
        let [admin, ann, _, tomasz] = three_slots(&server).await;
        let whole = counted(&server).await;
        let total = whole.values().fold([0; 8], |sum, week| std::array::from_fn(|at| sum[at] + week[at]));
        assert_eq!(total, [2, 1, 5, 1, 3, 1, 1, 0]);
        assert_eq!(kept(&server).await, whole);

        // As a migration finds them.
        execute(&server, "delete from reliability").await;
        let statements = filling(&server);
        assert_eq!(statements.len(), 2, "slots and reviews");
        for statement in statements {
            execute(&server, statement).await;
        }
        assert_eq!(kept(&server).await, whole);

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
            assert_eq!(kept(&server).await, counted(&server).await, "{change}");
        }
        let mine = |weeks: &Weeks, of: &str| weeks.iter().filter(|((person, _), _)| person.to_string() == of).count();
        let left = kept(&server).await;
        assert_eq!((mine(&left, &ann.id), mine(&left, &tomasz.id)), (2, 1), "{left:?}");
    }
}
