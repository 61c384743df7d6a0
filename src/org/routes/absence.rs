//! Who is away when.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, delete, get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::account::guard::Member;
use crate::account::{PersonRef, people_by_ids};
use crate::app::App;
use crate::error::Problem;
use crate::http::calendar;
use crate::http::paging::{Page, PageQuery};
use crate::id::PersonId;
use crate::org::absence::{self, Absence, NewAbsence};
use crate::org::sql::absence as sql;

/// An absence as it is shown.
#[derive(Serialize, utoipa::ToSchema)]
pub struct AbsenceEntry {
    id: Uuid,
    person: PersonRef,
    first_day: NaiveDate,
    last_day: NaiveDate,
    note: String,
}

async fn entries(app: &App, absences: Vec<Absence>) -> Result<Vec<AbsenceEntry>, Problem> {
    let people: Vec<PersonId> = absences.iter().map(|absence| absence.person).collect();
    let people = people_by_ids(&app.db, &people).await?;
    let entry = |absence: Absence| {
        let Absence { id, person, first_day, last_day, note, .. } = absence;
        people.get(&person).map(|person| AbsenceEntry { id, person: person.clone(), first_day, last_day, note })
    };
    Ok(absences.into_iter().filter_map(entry).collect())
}

/// Whose absences, and from when on.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// One person's; everybody's when absent.
    person: Option<PersonId>,
    /// Those that end on this day or later; those since 1970 when absent.
    #[serde(default, deserialize_with = "calendar::within")]
    from: Option<NaiveDate>,
}

/// Absences, the first to begin first.
#[utoipa::path(tag = "organisation", params(Filter, PageQuery), responses((status = 200, body = Page<AbsenceEntry>)))]
#[get("/api/absences")]
pub async fn list(
    app: Data<App>,
    Member(member): Member,
    filter: Query<Filter>,
    page: Query<PageQuery>,
) -> Result<Json<Page<AbsenceEntry>>, Problem> {
    let (after, limit, from) = (page.after()?, page.limit(), filter.from.unwrap_or_default());
    let rows = sql::list(&app.db, member.organisation, filter.person, from, after, limit + 1).await?;
    let page = Page::of(rows, limit, |last| (last.first_day, last.id));
    Ok(Json(Page { items: entries(&app, page.items).await?, next: page.next }))
}

/// Enter an absence.
#[utoipa::path(tag = "organisation", request_body = NewAbsence, responses(
    (status = 201, body = AbsenceEntry), (status = 403), (status = 422)))]
#[post("/api/absences")]
pub async fn create(
    app: Data<App>,
    Member(member): Member,
    Json(new): Json<NewAbsence>,
) -> Result<HttpResponse, Problem> {
    let absence = absence::create(&app, &member, new).await?;
    let entry = entries(&app, vec![absence]).await?.pop().ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Created().json(entry))
}

/// Take an absence back.
#[utoipa::path(tag = "organisation", params(("id" = Uuid, Path)), responses((status = 204), (status = 403), (status = 404)))]
#[delete("/api/absences/{id}")]
pub async fn remove(app: Data<App>, Member(member): Member, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    absence::delete(&app, &member, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}
