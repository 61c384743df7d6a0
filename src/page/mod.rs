//! HTML the server renders.
