//! From a word in an address to what may be shown: asks the one rule, then gathers the recording. Writes no HTML.

use actix_web::HttpResponse;
use serde_json::json;

use crate::account::{Person, view as account_view};
use crate::app::App;
use crate::comment::subject::Subject;
use crate::comment::view::Comment;
use crate::comment::{self, SubjectKind};
use crate::error::Problem;
use crate::http::paging::Page;
use crate::id::{CommentId, TakeId};
use crate::recording::access::{self, Access, By, Denied, Found, Presented, Refused};
use crate::recording::brief;
use crate::recording::bytes::playback;
use crate::recording::library::{self, body::RecordingBody};

use super::card::{Card, Way};
use super::routes::State;
use super::view::{self, Inside, Player, Remark};
use super::{frame, sql};

/// Comments written into the page; the app reads the rest.
const COMMENTS: i64 = 50;

/// A recording that may be shown to this asker.
#[derive(Debug)]
pub struct Shown {
    /// How it was reached, and by what right.
    pub access: Access,
    /// What is said of it.
    pub card: Card,
    /// Who may frame it.
    pub ancestors: String,
    /// Its organisation's name, for members.
    pub organisation: String,
    /// The take that is shown.
    pub take: Option<TakeId>,
    progress: f64,
    seconds_left: Option<f64>,
    take_state: String,
}

/// Finds what the word names, if the asker may watch it.
///
/// # Errors
/// The rule's refusal, or the database's.
pub async fn find(app: &App, viewer: Option<&Person>, word: &str, proof: Option<&str>) -> Result<Shown, Refused> {
    let access = access::decide(app, viewer, Presented::Word { word, proof }).await?;
    let id = access.recording.id;
    let (Some(brief), Some(around)) = (brief(app, id).await?, sql::around(&app.db, id).await?) else {
        return Err(Denied::Gone.into());
    };
    let wait = match brief.take {
        Some(take) => sql::wait(&app.db, take).await?,
        None => None,
    };
    let way = way(app, &access, &brief, word, proof);
    let ancestors = ancestors(app, &access, &around.allowed_origins);
    let (progress, seconds_left) = wait.as_ref().map_or((0.0, None), |w| (w.progress, w.seconds_left));
    Ok(Shown {
        take_state: brief.state.clone().unwrap_or_else(|| "receiving".into()),
        organisation: around.organisation.clone(),
        take: brief.take,
        card: Card::new(brief, around, wait, &way, &app.config.origin()),
        access,
        ancestors,
        progress,
        seconds_left,
    })
}

/// Which addresses the player is given: those of the session for who is signed in, a playback token for who holds a link.
fn way(app: &App, access: &Access, brief: &brief::RecordingBrief, word: &str, proof: Option<&str>) -> Way {
    match (access.by, brief.take) {
        (By::Link, Some(take)) => {
            let playback = playback::mint(&app.keys, access.recording.id, take, playback::until(app.clock.now()));
            Way::Link { token: word.to_owned(), playback, proof: proof.map(str::to_owned) }
        }
        (By::Link, None) => {
            Way::Link { token: word.to_owned(), playback: String::new(), proof: proof.map(str::to_owned) }
        }
        _ => Way::Member,
    }
}

/// A link says where it may stand; a member's own view of an embed only where the organisation's embeds may.
fn ancestors(app: &App, access: &Access, organisation: &[String]) -> String {
    let nothing_more: &[String] = &[];
    let link = match &access.link {
        Some(link) => link.allowed_origins.as_deref(),
        None => Some(nothing_more),
    };
    frame::ancestors(link, organisation, &app.config.frame_ancestors)
}

/// The watch page: the app inside for who is signed in, the player alone for who came by a link.
///
/// # Errors
/// The database's.
pub async fn watch(app: &App, viewer: Option<Person>, shown: &Shown, start: f64) -> Result<HttpResponse, Problem> {
    let origin = app.config.origin();
    let player = Player { card: &shown.card, origin: &origin, start };
    let Some(person) = viewer.filter(|_| shown.access.by != By::Link) else { return view::link(&app.config, &player) };
    let page = comments(app, &person, &shown.access.recording).await?;
    let remarks: Vec<Remark> = page.items.iter().map(|comment| shown.card.remark(comment)).collect();
    let data = json!({ "recording": whole(app, &person, shown).await?, "comments": page,
        "session": account_view::start(app, person).await? });
    let inside = Inside { organisation: &shown.organisation, comments: &remarks, data: &data };
    view::watch(&app.config, &player, &inside)
}

/// The recording as the interface tells it, so that the app need not ask.
async fn whole(app: &App, person: &Person, shown: &Shown) -> Result<RecordingBody, Problem> {
    let row = library::sql::recording(&app.db, shown.access.recording.id).await?.ok_or_else(Problem::not_found)?;
    Ok(RecordingBody::whole(app, row, person.id).await?)
}

/// The first comments, as the interface tells them.
async fn comments(app: &App, person: &Person, of: &Found) -> Result<Page<Comment>, Problem> {
    let first = CommentId(uuid::Uuid::nil());
    let under = Subject { kind: SubjectKind::Recording, id: of.id.0, owner: of.author, channel: None, closed: false };
    let rows = comment::sql::top(&app.db, (under.kind, under.id), first, None, COMMENTS + 1).await?;
    let page = Page::of(rows, COMMENTS, |last| last.id);
    Ok(Page { items: comment::view::comments(app, person, under, page.items).await?, next: page.next })
}

impl Shown {
    /// How far it is, for a player that waits.
    #[must_use]
    pub fn state(&self) -> State {
        let card = &self.card;
        State {
            state: self.take_state.clone(),
            detail: card.detail.clone(),
            progress: self.progress,
            seconds_left: self.seconds_left,
            measured_ms: card.measured_ms,
            hls_url: card.hls.clone(),
            mp4_url: card.mp4.clone(),
            poster_url: card.poster.clone(),
            width: card.size.map(|(width, _)| width),
            height: card.size.map(|(_, height)| height),
        }
    }
}
