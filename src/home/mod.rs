//! Home: what a person owes, then what is new.
