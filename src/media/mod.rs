//! Pure media work on libav: no HTTP, no SQL.
