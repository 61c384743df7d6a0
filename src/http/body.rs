//! What a handler is not called for: bodies, paths and queries that cannot be read are answered as problems, never as the
//! framework's plain text.

use actix_web::error::{JsonPayloadError, PathError, QueryPayloadError};
use actix_web::web::{JsonConfig, PathConfig, PayloadConfig, QueryConfig, ServiceConfig};

use crate::error::{Code, Problem};

/// Largest body of a JSON request, in bytes.
pub const JSON_LIMIT: usize = 1 << 20;

/// Registers the readers' limits and what they answer.
pub fn configure(config: &mut ServiceConfig) {
    config
        .app_data(JsonConfig::default().limit(JSON_LIMIT).error_handler(|error, _| json(&error).into()))
        .app_data(PathConfig::default().error_handler(|error, _| path(&error).into()))
        .app_data(QueryConfig::default().error_handler(|error, _| query(&error).into()))
        .app_data(PayloadConfig::default().limit(JSON_LIMIT));
}

fn json(error: &JsonPayloadError) -> Problem {
    match error {
        JsonPayloadError::OverflowKnownLength { .. } | JsonPayloadError::Overflow { .. } => {
            Problem::new(Code::BodyTooLarge, "A JSON request may have at most 1 MiB.")
        }
        JsonPayloadError::ContentType => {
            Problem::new(Code::UnsupportedMediaType, "Send the body as JSON, with Content-Type: application/json.")
        }
        // The sentence speaks only of what was sent ("missing field `title` at line 1"), nothing of ours.
        JsonPayloadError::Deserialize(cause) if cause.is_data() => {
            Problem::new(Code::Invalid, format!("The body does not have the expected shape: {cause}."))
        }
        JsonPayloadError::Deserialize(cause) => {
            Problem::new(Code::BadRequest, format!("The body is not JSON: {cause}."))
        }
        _ => Problem::new(Code::BadRequest, "The body did not arrive whole."),
    }
}

fn path(_: &PathError) -> Problem {
    // An id that is not an id names nothing: the same answer as for an unknown one.
    Problem::not_found()
}

fn query(error: &QueryPayloadError) -> Problem {
    Problem::new(Code::BadRequest, format!("The query could not be read: {error}."))
}
