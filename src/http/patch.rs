//! Fields of a partial change: absent, null and a value are three different things.

use serde::{Deserialize, Deserializer};

/// For `#[serde(default, deserialize_with = "present")] field: Option<Option<T>>`: absent is `None`, null is `Some(None)`.
///
/// # Errors
/// What the value's own reading says.
pub fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
