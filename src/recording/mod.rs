//! Take sessions, takes and recordings.
