//! Statements about check-ins.

use sqlx::query_scalar;

use crate::db::Db;
use crate::id::{CheckInId, OrganisationId, PersonId};
use crate::on_db;

/// Who wrote a published check-in of the organisation.
pub async fn published_author(
    db: &Db,
    organisation: OrganisationId,
    id: CheckInId,
) -> Result<Option<PersonId>, sqlx::Error> {
    const SQL: &str = "select author from check_in where id = $1 and organisation = $2 and state = 'published'";
    on_db!(db, |c| query_scalar(SQL).bind(id).bind(organisation).fetch_optional(c).await)
}
