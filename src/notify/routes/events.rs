//! What changes, as it changes.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};

use crate::account::guard::{self, SignedIn};
use crate::app::App;
use crate::error::Problem;
use crate::notify::inbox::Counts;
use crate::notify::live::stream;

/// What changes, as server-sent events: `counts` with how much waits for you, at once and whenever that changes; `changed` with a
/// list of hints `{kind, id}` at what has changed that you may see. Whoever comes back after a pause looks at everything again.
#[utoipa::path(tag = "inbox", operation_id = "follow_me", responses((status = 200, body = Counts, content_type = "text/event-stream"),
    (status = 401), (status = 503)))]
#[get("/api/me/events")]
pub async fn events(app: Data<App>, SignedIn(person): SignedIn, req: HttpRequest) -> Result<HttpResponse, Problem> {
    stream::open(&app, person, guard::credential(&req))
}
