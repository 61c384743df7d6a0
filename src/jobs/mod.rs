//! The queue of owed work, in the database.

/// The handle through which work is owed and workers are woken.
#[derive(Debug, Default)]
pub struct Jobs {}

impl Jobs {
    /// A queue with nobody waiting.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}
