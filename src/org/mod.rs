//! Units, membership, managers, absences.
