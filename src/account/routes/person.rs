//! The people of the organisation, and what administrators change about them.

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, patch, post};
use serde::Deserialize;

use crate::account::change::{self, PersonChange};
use crate::account::departure::HandOver;
use crate::account::guard::{Admin, Member};
use crate::account::view::{self, Profile};
use crate::account::{password, sql};
use crate::app::App;
use crate::error::Problem;
use crate::http::paging::{Page, PageQuery};
use crate::id::PersonId;

/// Which people.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Part of a name, handle or address.
    q: Option<String>,
    /// Whether those who left are listed too.
    #[serde(default)]
    left: bool,
}

/// The people of the organisation by name.
#[utoipa::path(tag = "people", params(Filter, PageQuery), responses((status = 200, body = Page<Profile>)))]
#[get("/api/people")]
pub async fn list(
    app: Data<App>,
    Member(member): Member,
    filter: Query<Filter>,
    page: Query<PageQuery>,
) -> Result<Json<Page<Profile>>, Problem> {
    let like = filter.q.as_deref().map(str::trim).filter(|q| !q.is_empty()).map(crate::http::form::like);
    let (after, limit) = (page.after()?, page.limit());
    let rows = sql::person::list(&app.db, member.organisation, like.as_deref(), filter.left, after, limit + 1).await?;
    let page = Page::of(rows, limit, |last| (last.name.clone(), last.id));
    Ok(Json(Page { items: view::profiles(&app.db, page.items).await?, next: page.next }))
}

/// One person.
#[utoipa::path(tag = "people", params(("id" = PersonId, Path)), responses((status = 200, body = Profile), (status = 404)))]
#[get("/api/people/{id}")]
pub async fn show(app: Data<App>, Member(member): Member, id: Path<PersonId>) -> Result<Json<Profile>, Problem> {
    let found = sql::person::one(&app.db, member.organisation, *id).await?;
    Ok(Json(view::profile(&app.db, found.ok_or_else(Problem::not_found)?).await?))
}

/// Change a person's name, title, manager, role or state.
#[utoipa::path(tag = "people", params(("id" = PersonId, Path)), request_body = PersonChange, responses(
    (status = 200, body = Profile), (status = 404), (status = 409, description = "Stale, or the last administrator"),
    (status = 422, description = "Not a value, or somebody would become their own manager")))]
#[patch("/api/people/{id}")]
pub async fn edit(
    app: Data<App>,
    Admin(admin): Admin,
    id: Path<PersonId>,
    Json(form): Json<PersonChange>,
) -> Result<Json<Profile>, Problem> {
    let changed = change::person(&app, &admin, *id, form, &HandOver::default()).await?;
    Ok(Json(view::profile(&app.db, changed).await?))
}

/// A new password for somebody who forgot theirs.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct NewPassword {
    /// At least 10 characters.
    password: String,
}

/// Give somebody a new password. Ends their sessions.
#[utoipa::path(tag = "people", params(("id" = PersonId, Path)), request_body = NewPassword, responses(
    (status = 204), (status = 404), (status = 422)))]
#[post("/api/people/{id}/password")]
pub async fn set_password(
    app: Data<App>,
    Admin(admin): Admin,
    id: Path<PersonId>,
    Json(form): Json<NewPassword>,
) -> Result<HttpResponse, Problem> {
    let person = sql::person::one(&app.db, admin.organisation, *id).await?.ok_or_else(Problem::not_found)?;
    password::check("password", &form.password, &person.email)?;
    let hash = app.passwords.hash(&app.clock, form.password).await?;
    change::password(&app.db, &app.clock, Some(&admin), &person, None, &hash).await?;
    Ok(HttpResponse::NoContent().finish())
}
