//! Units and who is in them.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, delete, get, patch, post, put};
use serde::Serialize;

use crate::account::PersonRef;
use crate::account::guard::{Admin, Member};
use crate::app::App;
use crate::error::Problem;
use crate::http::paging::{Page, PageQuery};
use crate::id::{PersonId, UnitId};
use crate::org::sql::unit as sql;
use crate::org::tree::{self, NewUnit, UnitChange, UnitView};

/// Most units of an organisation that are shown.
const MOST: i64 = 500;

/// The whole tree: it is never long.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Units {
    items: Vec<UnitView>,
}

/// The units, the company first, then divisions, then teams, each by name.
#[utoipa::path(tag = "organisation", responses((status = 200, body = Units)))]
#[get("/api/units")]
pub async fn list(app: Data<App>, Member(member): Member) -> Result<Json<Units>, Problem> {
    let units = sql::all(&app.db, member.organisation, MOST).await?;
    Ok(Json(Units { items: tree::views(&app.db, units).await? }))
}

/// Make a division (with its five channels) or a team.
#[utoipa::path(tag = "organisation", request_body = NewUnit, responses((status = 201, body = UnitView), (status = 422)))]
#[post("/api/units")]
pub async fn create(app: Data<App>, Admin(admin): Admin, Json(new): Json<NewUnit>) -> Result<HttpResponse, Problem> {
    let id = tree::create(&app, &admin, new).await?;
    Ok(HttpResponse::Created().json(tree::view(&app.db, &admin, id).await?))
}

/// Rename a unit, move it in the tree, or give it another lead.
#[utoipa::path(tag = "organisation", params(("id" = UnitId, Path)), request_body = UnitChange, responses(
    (status = 200, body = UnitView), (status = 404), (status = 409, description = "Stale"),
    (status = 422, description = "Not a value, or a unit would be inside itself")))]
#[patch("/api/units/{id}")]
pub async fn edit(
    app: Data<App>,
    Admin(admin): Admin,
    id: Path<UnitId>,
    Json(form): Json<UnitChange>,
) -> Result<Json<UnitView>, Problem> {
    tree::change(&app, &admin, *id, form).await?;
    Ok(Json(tree::view(&app.db, &admin, *id).await?))
}

/// Delete a unit in which nothing is left.
#[utoipa::path(tag = "organisation", params(("id" = UnitId, Path)), responses(
    (status = 204), (status = 404), (status = 409, description = "Something is left in it, or it is the company")))]
#[delete("/api/units/{id}")]
pub async fn remove(app: Data<App>, Admin(admin): Admin, id: Path<UnitId>) -> Result<HttpResponse, Problem> {
    tree::delete(&app, &admin, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The people in a unit, by name.
#[utoipa::path(tag = "organisation", params(("id" = UnitId, Path), PageQuery), responses(
    (status = 200, body = Page<PersonRef>), (status = 404)))]
#[get("/api/units/{id}/members")]
pub async fn members(
    app: Data<App>,
    Member(member): Member,
    id: Path<UnitId>,
    page: Query<PageQuery>,
) -> Result<Json<Page<PersonRef>>, Problem> {
    sql::one(&app.db, member.organisation, *id).await?.ok_or_else(Problem::not_found)?;
    let (after, limit) = (page.after()?, page.limit());
    let rows = sql::members(&app.db, *id, after, limit + 1).await?;
    Ok(Json(Page::of(rows, limit, |last| (last.name.clone(), last.id))))
}

/// Put somebody into a unit.
#[utoipa::path(tag = "organisation", params(("id" = UnitId, Path), ("person" = PersonId, Path)), responses(
    (status = 204), (status = 404)))]
#[put("/api/units/{id}/members/{person}")]
pub async fn add_member(
    app: Data<App>,
    Admin(admin): Admin,
    path: Path<(UnitId, PersonId)>,
) -> Result<HttpResponse, Problem> {
    tree::set_member(&app, &admin, path.0, path.1, true).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Take somebody out of a unit.
#[utoipa::path(tag = "organisation", params(("id" = UnitId, Path), ("person" = PersonId, Path)), responses(
    (status = 204), (status = 404)))]
#[delete("/api/units/{id}/members/{person}")]
pub async fn remove_member(
    app: Data<App>,
    Admin(admin): Admin,
    path: Path<(UnitId, PersonId)>,
) -> Result<HttpResponse, Problem> {
    tree::set_member(&app, &admin, path.0, path.1, false).await?;
    Ok(HttpResponse::NoContent().finish())
}
