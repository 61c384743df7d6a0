//! Rounds: what some people said on a day, and where one left it.

use actix_web::web::{Data, Json, Query};
use actix_web::{HttpResponse, get, put};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::account::Person;
use crate::account::guard::Member;
use crate::app::App;
use crate::checkin::round::{self, NewPlace, Round};
use crate::error::Problem;
use crate::http::calendar;
use crate::id::{PersonId, UnitId};
use crate::org::circle::{self, Circle, CircleKind};

/// Whose round.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RoundQuery {
    /// Of a unit and those under it; the company's unit for everybody.
    unit: Option<UnitId>,
    /// Of whoever reports to one person: an id, or `me`. Without unit and manager: of your reports, else your colleagues under
    /// the same manager, else everybody.
    manager: Option<String>,
    /// The day; the last one with a check-in when absent.
    #[serde(default, deserialize_with = "calendar::within")]
    date: Option<NaiveDate>,
}

impl RoundQuery {
    async fn circle(&self, app: &App, asker: &Person) -> Result<Circle, Problem> {
        match (self.unit, self.manager.as_deref()) {
            (Some(unit), _) => circle::unit(app, asker, unit).await,
            (None, Some("me")) => circle::around(app, asker, CircleKind::Manager, asker.id).await,
            (None, Some(id)) => {
                let id = id.parse::<PersonId>().map_err(|_| Problem::field("manager", "That is not an id."))?;
                circle::around(app, asker, CircleKind::Manager, id).await
            }
            (None, None) => circle::usual(app, asker).await,
        }
    }
}

/// What some people said on one day, in order, with where you left it.
#[utoipa::path(tag = "check-ins", params(RoundQuery), responses((status = 200, body = Round), (status = 404)))]
#[get("/api/rounds")]
pub async fn show(app: Data<App>, Member(asker): Member, query: Query<RoundQuery>) -> Result<Json<Round>, Problem> {
    let circle = query.circle(&app, &asker).await?;
    Ok(Json(round::round(&app, &asker, circle, query.date).await?))
}

/// Keep where you are in a round and at which speed, for whatever screen you go on with.
#[utoipa::path(tag = "check-ins", params(RoundQuery), request_body = NewPlace,
    responses((status = 204), (status = 404), (status = 422)))]
#[put("/api/rounds/place")]
pub async fn keep(
    app: Data<App>,
    Member(asker): Member,
    query: Query<RoundQuery>,
    body: Json<NewPlace>,
) -> Result<HttpResponse, Problem> {
    let date = query.date.ok_or_else(|| Problem::field("date", "Say of which day."))?;
    let circle = query.circle(&app, &asker).await?;
    round::keep(&app, &asker, &circle, date, &body).await?;
    Ok(HttpResponse::NoContent().finish())
}
