//! What a word after an @ may become, for whoever is typing it.

use actix_web::get;
use actix_web::web::{Data, Json, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::account::Role;
use crate::account::guard::SignedIn;
use crate::app::App;
use crate::channel;
use crate::comment::mention::{Mention, suggest};
use crate::comment::subject::place;
use crate::error::Problem;
use crate::http::form::Form;
use crate::id::ChannelId;

/// What was typed, and where.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Typed {
    /// The beginning of the word, without its @; may be empty.
    #[serde(default)]
    word: String,
    /// The channel it is typed in, if it is one.
    channel: Option<ChannelId>,
}

/// A few who could be meant.
#[derive(Serialize, ToSchema)]
pub struct Suggestions {
    /// People first, then units, then the channel; at most a dozen.
    items: Vec<Mention>,
}

/// Who or what a word after an @ could mean: those who may read what is being written, and what you may name there.
#[utoipa::path(tag = "comments", params(Typed), responses((status = 200, body = Suggestions), (status = 404), (status = 422)))]
#[get("/api/mentions/suggestions")]
pub async fn suggestions(
    app: Data<App>,
    SignedIn(person): SignedIn,
    typed: Query<Typed>,
) -> Result<Json<Suggestions>, Problem> {
    let mut form = Form::new();
    let word = form.line("word", &typed.word, 0, 64);
    form.done()?;
    let channel = match typed.channel {
        Some(id) => Some(channel::sql::channel::one(&app.db, &person, id).await?.ok_or_else(Problem::not_found)?),
        // Outside their channels guests name nobody.
        None if person.role == Role::Guest => return Ok(Json(Suggestions { items: Vec::new() })),
        None => None,
    };
    Ok(Json(Suggestions { items: suggest(&app.db, place(&person, channel.as_ref()), &word).await? }))
}
