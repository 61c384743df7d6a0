//! Slots: one's own and everybody else's, since check-ins are open to every member.

use actix_web::get;
use actix_web::web::{Data, Json, Path, Query};
use chrono::{Days, NaiveDate};
use chrono_tz::Tz;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::account::guard::Member;
use crate::app::App;
use crate::checkin::slots::sql;
use crate::checkin::view::{self, Slot};
use crate::error::Problem;
use crate::http::calendar;
use crate::http::paging::{Page, PageQuery};
use crate::id::{PersonId, SlotId};

/// Which slots to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SlotQuery {
    /// Whose: an id, or `me` (when absent).
    person: Option<String>,
    /// First day; two weeks ago when absent.
    #[serde(default, deserialize_with = "calendar::within")]
    from: Option<NaiveDate>,
    /// Last day; in two weeks when absent.
    #[serde(default, deserialize_with = "calendar::within")]
    to: Option<NaiveDate>,
}

/// A person's slots, in order of days.
#[utoipa::path(tag = "check-ins", params(SlotQuery, PageQuery), responses((status = 200, body = Page<Slot>)))]
#[get("/api/slots")]
pub async fn list(
    app: Data<App>,
    Member(asker): Member,
    query: Query<SlotQuery>,
    page: Query<PageQuery>,
) -> Result<Json<Page<Slot>>, Problem> {
    let person = match query.person.as_deref() {
        None | Some("me") => asker.id,
        Some(id) => id.parse::<PersonId>().map_err(|_| Problem::field("person", "That is not an id."))?,
    };
    let zone: Tz = sql::zone(&app.db, asker.id).await?.parse().unwrap_or(Tz::UTC);
    let today = app.clock.now().with_timezone(&zone).date_naive();
    let from = query.from.unwrap_or(today - Days::new(14));
    let to = query.to.unwrap_or(today + Days::new(14));
    let (after, limit) = (page.after::<NaiveDate>()?.unwrap_or(from - Days::new(1)), page.limit());
    let rows = sql::list(&app.db, (asker.organisation, person), (from, to), after, limit + 1).await?;
    let page = Page::of(rows, limit, |last| last.local_date);
    Ok(Json(Page { items: view::slots(&app, asker.id, page.items).await?, next: page.next }))
}

/// One slot.
#[utoipa::path(tag = "check-ins", params(("id" = Uuid, Path)), responses((status = 200, body = Slot), (status = 404)))]
#[get("/api/slots/{id}")]
pub async fn show(app: Data<App>, Member(asker): Member, id: Path<SlotId>) -> Result<Json<Slot>, Problem> {
    let row = sql::one(&app.db, asker.organisation, *id).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(view::slots(&app, asker.id, vec![row]).await?.pop().ok_or_else(Problem::not_found)?))
}
