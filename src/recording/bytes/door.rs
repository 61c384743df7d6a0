//! The three doors to a recording's bytes. Each lets through or refuses; what lies behind is the same. A player asks for many
//! files in a row, so a permission is repeated for a few seconds (see [`Passes`]) before the database is asked again.
//!
//! Invariant: nothing is answered that [`access::decide`] or a signature of ours did not open.

use actix_web::web::Data;
use actix_web::{FromRequest as _, HttpRequest};

use crate::account::guard::{Anyone, SignedIn, credential};
use crate::app::App;
use crate::error::Problem;

use super::super::access::{self, Key, Passes, Presented};
use super::{File, playback};

/// Through which door a file is asked for; decides who may keep the answer and who may read it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Door {
    /// A session or bearer: this site only.
    Session,
    /// A playback token in the path: any frame.
    Token,
    /// A share link's stable address: any site; checked again each time, since the link may end.
    Share,
}

/// Whether the session or bearer that the request brings may watch the recording.
///
/// # Errors
/// Not signed in; not theirs to watch; a take of another recording, or one whose bytes were discarded.
pub async fn by_session(app: &Data<App>, req: &HttpRequest, file: &File) -> Result<(), Problem> {
    let (kind, token) = credential(req);
    let key = Key::of(&[kind.as_bytes(), token.as_bytes(), file.recording.0.as_bytes(), file.take.0.as_bytes()]);
    let decide = async {
        let SignedIn(me) = SignedIn::extract(req).await?;
        access::decide(app, Some(&me), Presented::Recording(file.recording)).await?;
        is_there(app, file).await
    };
    Passes::ask(app, key, decide).await.map(|_| ())
}

/// Whether the token opens the take, and the take is still there.
///
/// # Errors
/// It does not, or no longer.
pub async fn by_token(app: &Data<App>, token: &str, file: &File) -> Result<(), Problem> {
    if !playback::opens(&app.keys, token, file.recording, file.take, app.clock.now()) {
        return Err(Problem::not_found());
    }
    let key = Key::of(&[b"token", file.recording.0.as_bytes(), file.take.0.as_bytes()]);
    let decide = async {
        let found = access::sql::by_id(&app.db, file.recording).await?;
        found.filter(|found| found.state != "deleted").ok_or_else(Problem::not_found)?;
        is_there(app, file).await
    };
    Passes::ask(app, key, decide).await.map(|_| ())
}

/// The file that a share link's word and a name stand for now.
///
/// # Errors
/// The link has ended, asks for a password, or shows nothing of that name.
pub async fn by_share(
    app: &Data<App>,
    req: &HttpRequest,
    word: &str,
    proof: Option<&str>,
    name: String,
) -> Result<File, Problem> {
    let (kind, token) = credential(req);
    let given = [u8::from(proof.is_some())];
    let key = Key::of(&[
        b"share",
        word.as_bytes(),
        &given,
        proof.unwrap_or_default().as_bytes(),
        kind.as_bytes(),
        token.as_bytes(),
    ]);
    let decide = async {
        let Anyone(me) = Anyone::extract(req).await?;
        let found = access::decide(app, me.as_ref(), Presented::Word { word, proof }).await?.recording;
        let (take, attempt) = access::sql::shown(&app.db, found.id).await?.ok_or_else(Problem::not_found)?;
        Ok(Some((found.id, take, attempt)))
    };
    let (recording, take, attempt) = Passes::ask(app, key, decide).await?.ok_or_else(Problem::not_found)?;
    File { recording, take, attempt, name }.checked()
}

async fn is_there(app: &App, file: &File) -> Result<access::Opened, Problem> {
    match access::sql::take_of(&app.db, file.recording, file.take).await? {
        true => Ok(None),
        false => Err(Problem::not_found()),
    }
}
