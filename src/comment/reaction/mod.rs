//! Reactions: five words without words. One person gives each at most once to one thing.

pub mod change;
pub mod sql;

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::{Db, text_enum};
use crate::id::PersonId;

use super::SubjectKind;

text_enum! {
    /// What a reaction says.
    ReactionKind {
        /// Thank you.
        Thanks = "thanks",
        /// I agree.
        Agreed = "agreed",
        /// That gives me an idea.
        Idea = "idea",
        /// Let us celebrate that.
        Celebrate = "celebrate",
        /// I have a question.
        Question = "question",
    }
}

/// How many gave one reaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Reaction {
    /// Which.
    pub kind: ReactionKind,
    /// How many people.
    pub count: i64,
    /// Whether you are one of them.
    pub mine: bool,
}

/// One row of the count.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct CountRow {
    /// What was reacted to.
    pub subject: Uuid,
    /// With what.
    pub kind: ReactionKind,
    /// By how many.
    pub count: i64,
    /// By the viewer: 1 or 0.
    pub mine: i64,
}

/// The reactions to each of these things, as one viewer sees them; always in the same order of kinds.
///
/// # Errors
/// The database's.
pub async fn counts(
    db: &Db,
    viewer: PersonId,
    kind: SubjectKind,
    subjects: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Reaction>>, sqlx::Error> {
    let mut found: HashMap<Uuid, Vec<Reaction>> = HashMap::new();
    for some in subjects.chunks(500) {
        for row in sql::counts(db, viewer, kind, some).await? {
            let reaction = Reaction { kind: row.kind, count: row.count, mine: row.mine > 0 };
            found.entry(row.subject).or_default().push(reaction);
        }
    }
    for reactions in found.values_mut() {
        reactions.sort_by_key(|reaction| reaction.kind);
    }
    Ok(found)
}
