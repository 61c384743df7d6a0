//! Who may watch a recording. One rule, asked by the watch page, the embed, oEmbed, the API and every byte of media; nothing
//! else decides.
//!
//! Invariant: a stranger learns no more than that an address exists (and only for an address that names a recording of the
//! organisation); a link that has ended looks like one that never was.

mod pass;
mod rule;
pub mod sql;

use serde::Serialize;

use crate::account::{Person, Role};
use crate::app::App;
use crate::channel;
use crate::error::{Code, Problem};
use crate::id::{OrganisationId, PersonId, RecordingId, ShareLinkId};

use super::share;

pub use pass::{Key, Opened, Passes};
pub use rule::{Asker, By, Denied, LinkState, rule};

/// What the asker holds: the recording's own address, or a link that was given to them.
#[derive(Clone, Copy, Debug)]
pub enum Presented<'a> {
    /// Its id, from the API or a media address.
    Recording(RecordingId),
    /// The word in `/w/…` or `/embed/…`: a slug of 10 characters, or a share link's token of 22. `proof` tells that the
    /// link's password was given (see [`share::proof`]).
    Word {
        /// The word.
        word: &'a str,
        /// Proof that the password was given, if it has one.
        proof: Option<&'a str>,
    },
}

/// A recording that may be watched.
#[derive(Clone, Debug)]
pub struct Access {
    /// The recording.
    pub recording: Found,
    /// By what right.
    pub by: By,
    /// The link it was reached by, when it was.
    pub link: Option<Link>,
}

/// What the rule needs to know of a recording.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Found {
    /// Its id.
    pub id: RecordingId,
    /// Its word in addresses.
    pub slug: String,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Who made it.
    pub author: PersonId,
    /// `draft`, `published` or `deleted`.
    pub state: String,
}

/// A share link as far as watching goes.
#[derive(Clone, Debug, Serialize)]
pub struct Link {
    /// Its id.
    pub id: ShareLinkId,
    /// Origins that may frame it; anywhere when absent.
    pub allowed_origins: Option<Vec<String>>,
}

/// Decides whether the asker may watch what they present.
///
/// # Errors
/// [`Refused::Denied`] by the rule; [`Refused::Database`] when the facts could not be read.
pub async fn decide(app: &App, asker: Option<&Person>, presented: Presented<'_>) -> Result<Access, Refused> {
    let (found, link) = match presented {
        Presented::Recording(id) => (sql::by_id(&app.db, id).await?, None),
        Presented::Word { word, .. } if word.len() == share::TOKEN_LENGTH => {
            match share::sql::by_token(&app.db, word).await? {
                Some(row) => (sql::by_id(&app.db, row.recording).await?, Some(row)),
                None => (None, None),
            }
        }
        Presented::Word { word, .. } => (sql::by_slug(&app.db, word).await?, None),
    };
    let Some(found) = found.filter(|f| f.state != "deleted") else { return Err(Denied::Gone.into()) };
    let proof = match presented {
        Presented::Word { proof, .. } => proof,
        Presented::Recording(_) => None,
    };
    let state = link.as_ref().map(|row| row.state(app, proof));
    let by = rule(asker_of(app, asker, &found).await?, state)?;
    let link = link.map(|row| Link { id: row.id, allowed_origins: row.allowed_origins.map(|list| list.0) });
    Ok(Access { recording: found, by, link })
}

async fn asker_of(app: &App, asker: Option<&Person>, found: &Found) -> Result<Asker, sqlx::Error> {
    let Some(person) = asker.filter(|p| p.organisation == found.organisation) else { return Ok(Asker::Stranger) };
    if person.id == found.author {
        return Ok(Asker::Author);
    }
    Ok(match person.role {
        Role::Admin | Role::Member => Asker::Member,
        Role::Guest => {
            Asker::Guest { sees_it_in_a_channel: channel::sql::post::hangs_for(&app.db, person.id, found.id).await? }
        }
    })
}

/// Why nothing is shown.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The rule says no.
    #[error("{0}")]
    Denied(#[from] Denied),
    /// The facts could not be read.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Denied(denied) => denied.into(),
            Refused::Database(error) => error.into(),
        }
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::SignIn => Problem::new(Code::Unauthenticated, "Sign in to continue."),
            Denied::Password => Problem::new(Code::Forbidden, "This link asks for a password.").with("password", true),
            Denied::Gone => Problem::not_found(),
        }
    }
}
