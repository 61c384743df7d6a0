//! Personal tokens: what a program presents in a person's place (`Authorization: Bearer …`). Only the hash is kept; the
//! token itself is shown once, when it is made.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use crate::admin::audit::{self, AuditEvent};
use crate::clock::Clock;
use crate::db::Tx;

use super::keys::token_hash;
use super::{Person, sql};

/// Starts every token, so that one that leaks is found by those who scan for such things.
const PREFIX: &str = "tt_";

/// A live token as its owner sees it.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Token {
    /// Its id (not the token).
    pub id: Uuid,
    /// What its owner called it.
    pub name: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub used_at: Option<DateTime<Utc>>,
    /// When it ends; never when absent.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Makes a token for a person. Gives what is kept and the token, which is nowhere else.
///
/// # Errors
/// The database's.
pub async fn create(
    clock: &Clock,
    tx: &mut Tx,
    person: &Person,
    name: &str,
    expires_at: Option<DateTime<Utc>>,
) -> Result<(Token, String), sqlx::Error> {
    let word = format!("{PREFIX}{}", clock.word(43));
    let token = Token { id: clock.id(), name: name.to_owned(), created_at: clock.now(), used_at: None, expires_at };
    sql::token::insert(tx, &token, &token_hash(&word), person.id).await?;
    let event = AuditEvent::by(clock, person, "token.created", "token", token.id).detail(json!({ "name": token.name }));
    audit::record(tx, &event).await?;
    Ok((token, word))
}
