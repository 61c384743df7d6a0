//! Who reports to whom, a level at a time.

use actix_web::get;
use actix_web::web::{Data, Json, Path, Query};
use serde::{Deserialize, Serialize};

use crate::account::PersonRef;
use crate::account::guard::Member;
use crate::account::sql::chart as sql;
use crate::app::App;
use crate::error::Problem;
use crate::http::paging::{Page, PageQuery};
use crate::id::PersonId;

/// Which level.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Level {
    /// Those who report to this person; those who report to nobody when absent.
    under: Option<PersonId>,
}

/// A person in the chart.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Standing {
    /// Who.
    person: PersonRef,
    /// How many report to them.
    reports: i64,
    /// The units they lead, by name.
    leads: Vec<String>,
}

/// One level of the chart, by name. Guests stand outside it.
#[utoipa::path(tag = "people", params(Level, PageQuery), responses((status = 200, body = Page<Standing>)))]
#[get("/api/people/chart")]
pub async fn level(
    app: Data<App>,
    Member(member): Member,
    level: Query<Level>,
    page: Query<PageQuery>,
) -> Result<Json<Page<Standing>>, Problem> {
    let (after, limit, organisation) = (page.after()?, page.limit(), member.organisation);
    let rows = match level.under {
        Some(manager) => sql::under(&app.db, organisation, manager, after, limit + 1).await?,
        None => sql::top(&app.db, organisation, after, limit + 1).await?,
    };
    let page = Page::of(rows, limit, |last| (last.person.name.clone(), last.person.id));
    let people: Vec<PersonId> = page.items.iter().map(|standing| standing.person.id).collect();
    let led = sql::led(&app.db, &people).await?;
    Ok(Json(page.map(|sql::Standing { person, reports }| {
        let leads = led.iter().filter(|(lead, _)| *lead == person.id).map(|(_, unit)| unit.clone()).collect();
        Standing { person, reports, leads }
    })))
}

/// A line of managers.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Line {
    /// Whoever stands on top first, the person asked for last.
    items: Vec<PersonRef>,
}

/// A person with everybody above them.
#[utoipa::path(tag = "people", params(("id" = PersonId, Path)), responses((status = 200, body = Line), (status = 404)))]
#[get("/api/people/{id}/line")]
pub async fn line(app: Data<App>, Member(member): Member, id: Path<PersonId>) -> Result<Json<Line>, Problem> {
    match sql::line(&app.db, member.organisation, *id).await? {
        items if items.is_empty() => Err(Problem::not_found()),
        items => Ok(Json(Line { items })),
    }
}
