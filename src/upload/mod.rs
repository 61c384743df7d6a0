//! Bytes arrive: resumable uploads (tus 1.0.0) into an append-only log of chunks. Knows nothing of what the bytes mean; a
//! take is told when its first byte and its last byte are durable.
//!
//! Invariants: a byte that was acknowledged is durable and stays; `received` never goes down; one writer at a time, told
//! apart by `upload.writer`, and every append is guarded by it and by the offset it starts from.
//!
//! Reading order: [`create`] → [`append`] → [`log`]; [`live`] is who is writing in this process, [`sweep`] what is cleared
//! away.

pub mod append;
mod appender;
pub mod checksum;
pub mod create;
pub mod ending;
pub mod live;
pub mod log;
pub mod metadata;
pub mod protocol;
pub mod routes;
pub mod sql;
pub mod sweep;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::codes::Code;
use crate::db::text_enum;
use crate::error::Problem;
use crate::id::{PersonId, TakeId, UploadId};
use crate::recording::take::TakeError;
use crate::store::StoreError;

text_enum! {
    /// Where an upload is in its life; only `receiving` takes bytes, the others are final.
    State {
        /// Bytes are expected.
        Receiving = "receiving",
        /// Every byte is durable.
        Complete = "complete",
        /// What arrived proved that it cannot become a take.
        Refused = "refused",
        /// Its owner ended it.
        Terminated = "terminated",
        /// Nobody went on with it in time.
        Expired = "expired",
    }
}

/// An upload as it stands in the database.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Upload {
    /// Its id.
    pub id: UploadId,
    /// Who uploads; nobody else may touch it.
    pub person: PersonId,
    /// What it becomes.
    pub take: TakeId,
    /// `Upload-Metadata` as it was sent.
    pub metadata: String,
    /// How many bytes there will be, once that is known.
    pub declared_size: Option<i64>,
    /// How many are durable: the offset.
    pub received: i64,
    /// Where it is in its life.
    pub state: State,
    /// Why it was refused.
    pub code: Option<String>,
    /// The same as a sentence.
    pub detail: Option<String>,
    /// The length it was refused for.
    pub measured_ms: Option<i64>,
    /// Who may append.
    pub writer: Option<Uuid>,
    /// When it is swept unless it goes on.
    pub expires_at: DateTime<Utc>,
}

impl Upload {
    /// Whether bytes may still come; otherwise what a client is told.
    ///
    /// # Errors
    /// [`UploadError::Ended`] or the refusal that ended it.
    pub fn still_there(&self) -> Result<(), UploadError> {
        match self.state {
            State::Receiving | State::Complete => Ok(()),
            State::Terminated | State::Expired => Err(UploadError::Ended),
            State::Refused => Err(UploadError::Refused {
                code: self.code.as_deref().and_then(Code::from_name).unwrap_or(Code::MediaFailed),
                detail: self.detail.clone().unwrap_or_default(),
                measured_ms: self.measured_ms,
            }),
        }
    }
}

/// Why an upload request did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// A header that is missing or cannot be read; the sentence names it.
    #[error("{0}")]
    BadHeader(String),
    /// Not `application/offset+octet-stream`.
    #[error("the bytes of an upload are sent as {}", protocol::OFFSET_TYPE)]
    WrongType,
    /// No such upload, or somebody else's.
    #[error("no such upload")]
    NotFound,
    /// Terminated or expired.
    #[error("this upload has ended")]
    Ended,
    /// It became something that cannot be a take.
    #[error("{detail}")]
    Refused {
        /// Why.
        code: Code,
        /// In words.
        detail: String,
        /// How long it is, as far as it was measured, where that is the reason.
        measured_ms: Option<i64>,
    },
    /// The request starts elsewhere than the upload stands.
    #[error("the upload stands at {0}")]
    Offset(i64),
    /// Somebody else is writing at this moment.
    #[error("another request is writing this upload")]
    Busy,
    /// More bytes than were declared.
    #[error("more bytes were sent than the {0} that were declared")]
    TooMany(i64),
    /// More bytes than any upload may have.
    #[error("larger than the limit of {limit} bytes")]
    TooLarge {
        /// The largest upload.
        limit: u64,
    },
    /// The person's storage is full.
    #[error("over the quota of {quota} bytes")]
    Quota {
        /// What they may fill.
        quota: i64,
        /// What they have filled.
        used: i64,
    },
    /// Too many uploads of this person are open.
    #[error("{0} uploads are open")]
    TooManyOpen(i64),
    /// It is complete, and has become a take.
    #[error("this upload is complete")]
    Complete,
    /// The bytes do not match their checksum.
    #[error("the bytes do not match their checksum")]
    Checksum,
    /// The body broke off, or was silent for too long, or a newcomer took over. What arrived is kept.
    #[error("the bytes did not arrive whole")]
    BrokenOff(i64),
    /// The store did not take the bytes.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database did not.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// The take was not opened, or it is over.
    #[error(transparent)]
    Take(#[from] TakeError),
}

impl From<UploadError> for Problem {
    fn from(error: UploadError) -> Problem {
        use UploadError as E;
        match error {
            E::BadHeader(sentence) => Problem::new(Code::BadRequest, sentence),
            E::WrongType => {
                Problem::new(Code::UnsupportedMediaType, format!("Send the bytes as {}.", protocol::OFFSET_TYPE))
            }
            E::NotFound => Problem::not_found(),
            E::Ended => Problem::new(Code::Gone, "This upload has ended and its bytes are gone. Start a new one."),
            E::Refused { code, detail, measured_ms: Some(ms) } => Problem::new(code, detail).with("measured_ms", ms),
            E::Refused { code, detail, measured_ms: None } => Problem::new(code, detail),
            E::Offset(offset) => {
                Problem::new(Code::OffsetMismatch, format!("The upload stands at byte {offset}. Go on from there."))
                    .with("offset", offset)
            }
            E::Busy => Problem::new(Code::UploadBusy, "Another request is sending bytes to this upload right now.")
                .retry_after(1),
            E::TooMany(size) => Problem::new(
                Code::LengthMismatch,
                format!("The upload was declared to have {size} bytes, and more were sent."),
            ),
            E::TooLarge { limit } => {
                Problem::new(Code::TooLarge, format!("Files may have at most {}. Choose a smaller one.", size(limit)))
                    .with("limit_bytes", limit)
            }
            E::Quota { quota, used } => {
                let (full, of) = (size(used.unsigned_abs()), size(quota.unsigned_abs()));
                let sentence =
                    format!("You have filled {full} of {of}. Delete recordings you no longer need, then try again.");
                Problem::new(Code::QuotaExceeded, sentence).with("quota_bytes", quota).with("used_bytes", used)
            }
            E::TooManyOpen(open) => {
                let sentence =
                    format!("You have {open} uploads that have not ended. Finish or cancel one, then start this one.");
                Problem::new(Code::TooManyRequests, sentence)
            }
            E::Complete => Problem::new(
                Code::Conflict,
                "This upload is complete and has become a take. Discard the take or delete its recording.",
            ),
            E::Checksum => Problem::new(
                Code::ChecksumMismatch,
                "These bytes were damaged on their way and were not kept. Send them again.",
            ),
            E::BrokenOff(offset) => {
                let sentence =
                    format!("The bytes broke off. Everything up to byte {offset} is safe; go on from there.");
                Problem::new(Code::UploadBusy, sentence).with("offset", offset).retry_after(1)
            }
            E::Store(StoreError::Full) => Problem::new(
                Code::StorageFull,
                "The server's storage is full. What has arrived is safe; try again later.",
            )
            .retry_after(60),
            E::Store(error) => {
                tracing::error!(%error, "the store did not take the bytes of an upload");
                let sentence = "The bytes could not be stored. What was acknowledged is safe; go on in a few seconds.";
                Problem::new(Code::Unavailable, sentence).retry_after(3)
            }
            E::Database(error) => error.into(),
            E::Take(error) => error.into(),
        }
    }
}

/// A size for a person: GiB or MiB with at most one decimal.
fn size(bytes: u64) -> String {
    let (unit, name) = if bytes >= 1 << 30 { (1_u64 << 30, "GiB") } else { (1 << 20, "MiB") };
    let tenths = bytes.saturating_mul(10) / unit;
    if tenths.is_multiple_of(10) {
        format!("{} {name}", tenths / 10)
    } else {
        format!("{}.{} {name}", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_well() {
        assert_eq!(
            (size(2 << 30), size(1_610_612_736), size(5 << 20)),
            ("2 GiB".into(), "1.5 GiB".into(), "5 MiB".into())
        );
    }
}
