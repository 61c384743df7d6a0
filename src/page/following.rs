//! Who came by a link is told of a take that is being made as it happens, behind the same rule as the page: it is asked again before
//! each thing that is said, so a link that ends, ends its listeners. Knows nothing of what the events say.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpResponse, get};

use crate::account::Person;
use crate::account::guard::{Anyone, PeerAddress};
use crate::app::App;
use crate::error::Problem;
use crate::events::Now;
use crate::recording::access::Refused;

use super::routes::{Opening, State};
use super::show;

/// How one came here, to be asked again.
struct Listener {
    viewer: Option<Person>,
    word: String,
    proof: Option<String>,
}

/// What happens to the take behind a link, as server-sent events: `take`, with its state, at once and whenever it changes; the
/// last one when it is ready, refused or failed.
#[utoipa::path(get, path = "/embed/{id}/state/events", tag = "pages", operation_id = "follow_link", params(("id" = String, Path)),
    responses((status = 200, body = State, content_type = "text/event-stream"), (status = 401), (status = 404),
    (status = 503, description = "too many listen, from everywhere or from there")))]
#[get("/embed/{id}/state/events")]
pub async fn events(
    app: Data<App>,
    Anyone(viewer): Anyone,
    PeerAddress(address): PeerAddress,
    id: Path<String>,
    opening: Query<Opening>,
) -> Result<HttpResponse, Problem> {
    let listener = Listener { viewer, word: id.into_inner(), proof: opening.into_inner().proof };
    let shown = show::find(&app, listener.viewer.as_ref(), &listener.word, listener.proof.as_deref()).await?;
    let thing = shown.take.map_or(shown.access.recording.id.0, |take| take.0);
    let (visit, shared) = (app.events.visit(address)?, app.clone());
    let listener = std::sync::Arc::new((listener, visit));
    app.events.stream(thing, "take", move || standing(shared.clone(), listener.clone()))
}

/// A take as a listener who came by a link is told of it.
async fn standing<V>(app: Data<App>, of: std::sync::Arc<(Listener, V)>) -> Result<Now<State>, sqlx::Error> {
    let Listener { viewer, word, proof } = &of.0;
    let state = match show::find(&app, viewer.as_ref(), word, proof.as_deref()).await {
        Ok(shown) => shown.state(),
        Err(Refused::Denied(_)) => return Ok(Now::Gone),
        Err(Refused::Database(error)) => return Err(error),
    };
    let goes_on = ["receiving", "processing"].contains(&state.state.as_str());
    Ok(if goes_on { Now::Open(state) } else { Now::Last(state) })
}
