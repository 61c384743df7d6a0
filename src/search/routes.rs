//! The address of search.

use actix_web::get;
use actix_web::web::{Data, Json, Query, ServiceConfig};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::account::guard::SignedIn;
use crate::app::App;
use crate::error::Problem;

use super::Kind;
use super::asked::Asked;
use super::find::{Hit, find};

/// Registers the route.
pub fn register(config: &mut ServiceConfig) {
    config.service(search);
}

/// The route in the OpenAPI document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(search))]
pub struct Api;

/// What is looked for.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Question {
    /// Words that must all occur, in any order; the last may be only begun. Case and accents make no difference.
    #[serde(default)]
    q: String,
    /// Only this kind; every kind when absent.
    kind: Option<Kind>,
}

/// What was found.
#[derive(Serialize, ToSchema)]
pub struct Found {
    /// The best first: at most 20 of a kind, 50 in all.
    items: Vec<Hit>,
}

/// Search what you may see: people, goals, check-ins, posts, comments, recordings and what is said in them. No text is a mistake.
#[utoipa::path(tag = "search", params(Question), responses((status = 200, body = Found)))]
#[get("/api/search")]
pub async fn search(
    app: Data<App>,
    SignedIn(person): SignedIn,
    question: Query<Question>,
) -> Result<Json<Found>, Problem> {
    let kinds = question.kind.as_ref().map_or(Kind::ALL, std::slice::from_ref);
    Ok(Json(Found { items: find(&app, &person, &Asked::of(&question.q), kinds).await? }))
}
