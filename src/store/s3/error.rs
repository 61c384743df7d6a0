//! What the server's errors mean for us: missing, full, passing or permanent.

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};

use super::super::StoreError;

/// Marks a range that starts behind the end; such a request is answered from the size instead.
const BEYOND: &str = "InvalidRange";

/// What an error of the client means, for an act on `key`.
pub fn of<E>(key: &str, error: &SdkError<E, HttpResponse>) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let status = error.raw_response().map_or(0, |answer| answer.status().as_u16());
    let code = error.code().unwrap_or_default();
    let cause = || format!("{key}: {code} {status}: {}", DisplayErrorContext(error));
    match (status, code) {
        (_, "NoSuchKey" | "NotFound") => StoreError::Missing(key.to_owned()),
        // A HEAD has no body to say which of its parts is missing; a bucket that is not there says so on the first PUT.
        (404, "") => StoreError::Missing(key.to_owned()),
        (507, _) | (_, "QuotaExceeded" | "StorageFull" | "XMinioStorageFull") => StoreError::Full,
        (416, _) | (_, BEYOND) => StoreError::Failed { passing: false, cause: BEYOND.to_owned() },
        (500.. | 429 | 408, _) | (_, "SlowDown" | "RequestTimeout" | "RequestTimeTooSkewed" | "InternalError") => {
            StoreError::Failed { passing: true, cause: cause() }
        }
        _ => StoreError::Failed { passing: may_pass(error), cause: cause() },
    }
}

/// No answer, or half of one: the act may have happened or not.
fn may_pass<E>(error: &SdkError<E, HttpResponse>) -> bool {
    matches!(error, SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_))
}

/// Whether trying again may help.
pub fn is_passing(error: &StoreError) -> bool {
    matches!(error, StoreError::Failed { passing: true, .. })
}

/// Whether the range began behind the end of the object.
pub fn is_beyond_the_end(error: &StoreError) -> bool {
    matches!(error, StoreError::Failed { cause, .. } if cause == BEYOND)
}
