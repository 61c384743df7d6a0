//! Check-ins.
