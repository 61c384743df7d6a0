//! Pages over HTTP. A GET here is looked at by link-preview robots as often as by people, so it never counts as a view.

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::web::{Data, Form, Path, Query, ServiceConfig};
use actix_web::{HttpResponse, post, route};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::account::guard::{Anyone, PeerAddress};
use crate::app::App;
use crate::error::{Code, Problem};
use crate::recording::access::{self, By, Denied, Presented, Refused};
use crate::recording::share;

use super::following;
use super::oembed::{self, Format, Subject};
use super::show::{self, Shown};
use super::thumbnail::{self, Wanted};
use super::view::{self, Player};

/// Registers the routes.
pub fn register(config: &mut ServiceConfig) {
    config
        .service(watch)
        .service(unlock)
        .service(state)
        .service(following::events)
        .service(picture)
        .service(embed)
        .service(unlock_embed)
        .service(tell);
}

/// What the API document says of them.
#[derive(utoipa::OpenApi)]
#[openapi(paths(watch, embed, state, following::events, picture, tell))]
pub struct Api;

/// How a page is to open.
#[derive(Debug, Default, Deserialize)]
pub struct Opening {
    /// The second to begin at: 68, 68.5, 1:08 or 1m8s.
    t: Option<String>,
    /// 1 or true: play at once, without sound.
    autoplay: Option<String>,
    /// Proof that the link's password was given.
    pub proof: Option<String>,
}

impl Opening {
    fn start(&self) -> f64 {
        self.t.as_deref().and_then(seconds).unwrap_or(0.0)
    }

    fn autoplay(&self) -> bool {
        matches!(self.autoplay.as_deref(), Some("1" | "true" | "muted"))
    }
}

/// Seconds as people write them into an address.
fn seconds(text: &str) -> Option<f64> {
    let text = text.trim().trim_end_matches('s');
    let (minutes, rest) = text.split_once([':', 'm']).unwrap_or(("0", text));
    let rest = if rest.is_empty() { 0.0 } else { rest.parse::<f64>().ok()? };
    let at = minutes.parse::<u32>().ok().map(|m| f64::from(m) * 60.0 + rest)?;
    (at.is_finite() && (0.0..=86_400.0).contains(&at)).then_some(at)
}

/// Watch page
#[utoipa::path(get, path = "/w/{id}", tag = "pages", params(("id" = String, Path)), responses(
    (status = 200, description = "the page, or the neutral page where it is for members"),
    (status = 404, description = "the neutral page")))]
#[route("/w/{id}", method = "GET", method = "HEAD")]
async fn watch(
    app: Data<App>,
    Anyone(viewer): Anyone,
    id: Path<String>,
    opening: Query<Opening>,
) -> Result<HttpResponse, Problem> {
    match show::find(&app, viewer.as_ref(), &id, opening.proof.as_deref()).await {
        Ok(shown) => show::watch(&app, viewer, &shown, opening.start()).await,
        Err(refused) => refuse(&app, refused),
    }
}

/// What the form for a password sends.
#[derive(Deserialize)]
struct Password {
    password: String,
}

#[post("/w/{id}")]
async fn unlock(
    app: Data<App>,
    PeerAddress(peer): PeerAddress,
    id: Path<String>,
    form: Form<Password>,
) -> Result<HttpResponse, Problem> {
    let Some(shown) = unlocked(&app, peer, &id, form.into_inner().password).await? else {
        return view::password(&app.config, Some("That is not the password of this link."));
    };
    show::watch(&app, None, &shown, 0.0).await
}

/// The player alone, for frames
#[utoipa::path(get, path = "/embed/{id}", tag = "pages", params(("id" = String, Path)), responses(
    (status = 200, description = "the player, or a frame that asks to sign in"), (status = 404)))]
#[route("/embed/{id}", method = "GET", method = "HEAD")]
async fn embed(
    app: Data<App>,
    Anyone(viewer): Anyone,
    id: Path<String>,
    opening: Query<Opening>,
) -> Result<HttpResponse, Problem> {
    match show::find(&app, viewer.as_ref(), &id, opening.proof.as_deref()).await {
        Ok(shown) => framed(&app, &shown, &opening),
        Err(Refused::Denied(Denied::Password)) => view::closed(&app.config, StatusCode::OK, word(&id), Some(None)),
        Err(refused) => view::closed(&app.config, status(refused)?, word(&id), None),
    }
}

#[post("/embed/{id}")]
async fn unlock_embed(
    app: Data<App>,
    PeerAddress(peer): PeerAddress,
    id: Path<String>,
    form: Form<Password>,
) -> Result<HttpResponse, Problem> {
    match unlocked(&app, peer, &id, form.into_inner().password).await? {
        Some(shown) => framed(&app, &shown, &Opening::default()),
        None => view::closed(&app.config, StatusCode::FORBIDDEN, word(&id), Some(Some("That is not the password."))),
    }
}

fn framed(app: &App, shown: &Shown, opening: &Opening) -> Result<HttpResponse, Problem> {
    let player = Player { card: &shown.card, origin: &app.config.origin(), start: opening.start() };
    view::embed(&app.config, &player, shown.ancestors.clone(), opening.autoplay())
}

/// Gives a link's password, as often as a sign-in may be tried, and finds what it opens.
async fn unlocked(
    app: &App,
    peer: Option<std::net::IpAddr>,
    id: &str,
    password: String,
) -> Result<Option<Shown>, Problem> {
    app.limits.sign_in(peer, id)?;
    let Some(proof) = share::unlock(app, id, password).await? else { return Ok(None) };
    Ok(Some(show::find(app, None, id, Some(&proof)).await?))
}

/// How far a take is, for players that came by a link.
#[derive(Debug, Serialize, ToSchema)]
pub struct State {
    /// receiving, processing, ready, refused or failed.
    pub state: String,
    /// Why it was refused or failed.
    pub detail: Option<String>,
    /// Share done, 0 to 1.
    pub progress: f64,
    /// The estimate, while there is one.
    pub seconds_left: Option<f64>,
    /// Its length, once measured.
    pub measured_ms: Option<i64>,
    /// The playlist.
    pub hls_url: Option<String>,
    /// The whole in one file.
    pub mp4_url: Option<String>,
    /// A still picture.
    pub poster_url: Option<String>,
    /// Width of the picture.
    pub width: Option<u32>,
    /// Height of the picture.
    pub height: Option<u32>,
}

/// How far the take behind a link is
#[utoipa::path(get, path = "/embed/{id}/state", tag = "pages", params(("id" = String, Path)), responses(
    (status = 200, body = State), (status = 401), (status = 404)))]
#[route("/embed/{id}/state", method = "GET", method = "HEAD")]
async fn state(
    app: Data<App>,
    Anyone(viewer): Anyone,
    id: Path<String>,
    opening: Query<Opening>,
) -> Result<HttpResponse, Problem> {
    let shown = show::find(&app, viewer.as_ref(), &id, opening.proof.as_deref()).await?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(shown.state()))
}

/// Still picture for previews elsewhere, in the size asked for
#[utoipa::path(get, path = "/embed/{id}/poster.jpg", tag = "pages", params(("id" = String, Path), ("width" = u32, Query),
    ("height" = u32, Query), ("play" = Option<String>, Query)),
    responses((status = 200), (status = 400), (status = 401), (status = 404)))]
#[route("/embed/{id}/poster.jpg", method = "GET", method = "HEAD")]
async fn picture(
    app: Data<App>,
    Anyone(viewer): Anyone,
    id: Path<String>,
    wanted: Query<Wanted>,
) -> Result<HttpResponse, Problem> {
    let presented = Presented::Word { word: &id, proof: None };
    let access = access::decide(&app, viewer.as_ref(), presented).await?;
    let bytes = thumbnail::picture(&app, &access, wanted.into_inner()).await?;
    // Only what strangers may see is kept by shared caches, and not for long: a link can be ended.
    let who = if access.by == By::Link { "public" } else { "private" };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "image/jpeg"))
        .insert_header((header::CACHE_CONTROL, format!("{who}, max-age=300")))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header(("cross-origin-resource-policy", "cross-origin"))
        .body(bytes))
}

/// oEmbed
#[utoipa::path(get, path = "/oembed", tag = "pages",
    params(("url" = String, Query), ("format" = Option<String>, Query), ("maxwidth" = Option<u32>, Query),
        ("maxheight" = Option<u32>, Query)),
    responses((status = 200), (status = 400), (status = 401), (status = 404), (status = 501)))]
#[route("/oembed", method = "GET", method = "HEAD")]
async fn tell(app: Data<App>, query: Query<oembed::Query>) -> HttpResponse {
    // Any page may ask: nothing here depends on who does.
    let mut answer = embedded(&app, &query).await.unwrap_or_else(|problem| {
        use actix_web::ResponseError;
        problem.error_response()
    });
    let anyone = header::HeaderValue::from_static("*");
    answer.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, anyone);
    answer
}

async fn embedded(app: &App, query: &oembed::Query) -> Result<HttpResponse, Problem> {
    let request = query.read(&app.config)?;
    let private = || Problem::new(Code::Unauthenticated, "This is for members: link to it instead.");
    let Subject::Watch(word) = &request.subject else { return Err(private()) };
    // Asked as a stranger whoever asks: the answer goes into pages that others read.
    let card = match show::find(app, None, word, None).await {
        Ok(shown) => shown.card,
        Err(Refused::Denied(Denied::SignIn | Denied::Password)) => return Err(private()),
        Err(refused) => return Err(refused.into()),
    };
    let form = match request.format {
        Format::Json => "application/json",
        Format::Xml => "text/xml; charset=utf-8",
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, form))
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(oembed::answer(&card, &request, &app.config.origin())))
}

/// The refusal of a watch page.
fn refuse(app: &App, refused: Refused) -> Result<HttpResponse, Problem> {
    match refused {
        Refused::Denied(Denied::Password) => view::password(&app.config, None),
        refused => view::neutral(&app.config, status(refused)?),
    }
}

fn status(refused: Refused) -> Result<StatusCode, Problem> {
    match refused {
        Refused::Denied(Denied::SignIn | Denied::Password) => Ok(StatusCode::OK),
        Refused::Denied(Denied::Gone) => Ok(StatusCode::NOT_FOUND),
        Refused::Database(error) => Err(error.into()),
    }
}

/// The word as it may be written back: nothing but what can be a word.
fn word(id: &str) -> &str {
    if oembed::is_word(id) { id } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_is_read_in_every_way_people_write_it() {
        for (text, at) in [("68", 68.0), ("68.5", 68.5), ("1:08", 68.0), ("1m8s", 68.0), ("2m", 120.0), ("5s", 5.0)] {
            assert_eq!(seconds(text), Some(at), "{text}");
        }
        for text in ["", "x", "-3", "1:x", "NaN", "inf", "99999999"] {
            assert_eq!(seconds(text), None.or(if text.is_empty() { Some(0.0) } else { None }), "{text}");
        }
    }
}
