//! The address of Home.

use actix_web::get;
use actix_web::web::{Data, Json, ServiceConfig};
use chrono::{Datelike, Days, NaiveDate};
use chrono_tz::Tz;
use serde::Serialize;
use utoipa::ToSchema;

use super::news::{self, News};
use super::owe::{self, Owed};
use crate::account::guard::SignedIn;
use crate::account::{Person, Role};
use crate::app::App;
use crate::checkin::slots;
use crate::checkin::view::{Slot, slots as show_slots};
use crate::error::Problem;
use crate::goal;
use crate::goal::view::Goal;

/// Registers the route.
pub fn register(config: &mut ServiceConfig) {
    config.service(home);
}

/// The route in the OpenAPI document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(home))]
pub struct Api;

/// What a person sees first.
#[derive(Serialize, ToSchema)]
pub struct Home {
    /// The day it is where the viewer is.
    date: NaiveDate,
    /// What asks for the viewer, the most urgent first.
    owe: Vec<Owed>,
    /// The viewer's slots of this week.
    week: Vec<Slot>,
    /// The viewer's active goals of this month and week.
    goals: Vec<Goal>,
    /// What is new, at most twelve.
    news: Vec<News>,
}

/// What you owe, your week, your goals, then what is new.
#[utoipa::path(tag = "home", responses((status = 200, body = Home)))]
#[get("/api/home")]
pub async fn home(app: Data<App>, SignedIn(person): SignedIn) -> Result<Json<Home>, Problem> {
    let zone: Tz = slots::sql::zone(&app.db, person.id).await?.parse().unwrap_or(Tz::UTC);
    let date = app.clock.now().with_timezone(&zone).date_naive();
    let ((week, goals), owe, news) =
        tokio::try_join!(own(&app, &person, date), owe::owed(&app, &person), news::news(&app, &person))?;
    Ok(Json(Home { date, owe, week, goals, news }))
}

async fn own(app: &App, person: &Person, date: NaiveDate) -> Result<(Vec<Slot>, Vec<Goal>), sqlx::Error> {
    if person.role == Role::Guest {
        return Ok((Vec::new(), Vec::new()));
    }
    let monday = date - Days::new(date.weekday().num_days_from_monday().into());
    let days = (monday, monday + Days::new(6));
    let slots = async {
        let rows = slots::sql::list(&app.db, (person.organisation, person.id), days, monday - Days::new(1), 7).await?;
        show_slots(app, person.id, rows).await
    };
    let goals = async { goal::view::goals(app, goal::sql::current(&app.db, person.id, date).await?).await };
    tokio::try_join!(slots, goals)
}
