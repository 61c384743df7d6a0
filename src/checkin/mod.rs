//! Check-ins: the dated duty (a slot), what a person says about their goals, and the reviewer's answer.
//!
//! Invariant: what happened is never rewritten. A slot ends once, as submitted, late, missed or excused; a published check-in
//! keeps its words and numbers; an extra check-in stands beside a missed slot, not in it.

pub mod slots;
