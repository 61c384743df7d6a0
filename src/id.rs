//! Identifiers: one newtype per noun over UUIDv7, so that a goal's id cannot be handed to a function that wants a person's.

/// Declares an identifier type: transparent in JSON, in both databases and in OpenAPI (a UUID string).
macro_rules! id {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize, sqlx::Type,
            utoipa::ToSchema)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        #[schema(value_type = uuid::Uuid)]
        pub struct $name(pub uuid::Uuid);

        impl From<uuid::Uuid> for $name {
            fn from(id: uuid::Uuid) -> Self {
                Self(id)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map(Self)
            }
        }
    )+};
}

id! {
    /// A company that runs on this server.
    OrganisationId,
    /// A member, guest or administrator.
    PersonId,
    /// Company, division or team.
    UnitId,
    /// A resumable upload (tus).
    UploadId,
    /// The thing being recorded: at most two takes.
    TakeSessionId,
    /// One attempt inside a take session.
    TakeId,
    /// The published take.
    RecordingId,
    /// A link somebody outside may be given.
    ShareLinkId,
    /// Work owed to the queue.
    JobId,
    /// A goal of the company, a division, a manager or a person.
    GoalId,
    /// What a goal is measured by.
    MetricId,
    /// A dated duty to check in.
    SlotId,
    /// A submitted (or drafted) check-in.
    CheckInId,
    /// What keeps a goal from moving.
    BlockerId,
    /// A reviewer's answer to a check-in.
    ReviewId,
    /// A room for posts.
    ChannelId,
    /// A post in a channel.
    PostId,
    /// A comment under a post, check-in, recording or goal.
    CommentId,
    /// The captions of a recording in one language.
    CaptionId,
}
