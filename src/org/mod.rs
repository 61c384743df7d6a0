//! The organisation and its shape: settings, units (a tree of company, divisions, teams), who is in them, who is away.
//! Not the people themselves: they are the account slice's.

pub mod absence;
pub mod circle;
pub mod routes;
pub mod settings;
pub mod sql;
pub mod tree;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::db::text_enum;
use crate::id::{OrganisationId, PersonId, UnitId};

/// A company that runs on this server, with the settings that shape its rhythm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct Organisation {
    /// Its id.
    pub id: OrganisationId,
    /// Its name.
    pub name: String,
    /// IANA name of the zone its people are in unless they say otherwise.
    pub time_zone: String,
    /// First day of the week, ISO: 1 is Monday.
    pub week_start: i16,
    /// Days worked, ISO weekdays.
    #[sqlx(json)]
    pub workdays: Vec<i16>,
    /// First month of the fiscal year.
    pub fiscal_year_start: i16,
    /// Days on which people check in, ISO weekdays.
    #[sqlx(json)]
    pub check_in_weekdays: Vec<i16>,
    /// When a check-in is due, in each person's own time: `HH:MM`.
    pub due_local_time: String,
    /// Minutes after that until it counts as missed.
    pub grace_minutes: i32,
    /// Hours a reviewer has.
    pub review_due_hours: i32,
    /// Slots after which an open blocker passes up one manager.
    pub escalate_after: i32,
    /// Longest recording in milliseconds, at most 180 000.
    pub limit_ms: i64,
    /// Takes for each thing that is recorded, at most 2.
    pub takes: i16,
    /// Origins that may frame an embed, besides Slack, Teams and Confluence.
    #[sqlx(json)]
    pub allowed_origins: Vec<String>,
    /// For optimistic locking.
    pub revision: i64,
    /// When it was set up.
    pub created_at: DateTime<Utc>,
}

impl Organisation {
    /// A new organisation with the product's defaults: Tuesday and Thursday by 16:00, three minutes, two takes.
    #[must_use]
    pub fn new(id: OrganisationId, name: String, time_zone: String, now: DateTime<Utc>) -> Organisation {
        Organisation {
            id,
            name,
            time_zone,
            week_start: 1,
            workdays: vec![1, 2, 3, 4, 5],
            fiscal_year_start: 1,
            check_in_weekdays: vec![2, 4],
            due_local_time: "16:00".to_owned(),
            grace_minutes: 60,
            review_due_hours: 24,
            escalate_after: 3,
            limit_ms: 180_000,
            takes: 2,
            allowed_origins: Vec::new(),
            revision: 1,
            created_at: now,
        }
    }
}

text_enum! {
    /// What a unit is.
    UnitKind {
        /// The whole: one, at the top.
        Company = "company",
        /// A part of the company or of another division.
        Division = "division",
        /// People who work together.
        Team = "team",
    }
}

/// A unit as kept.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Unit {
    /// Its id.
    pub id: UnitId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Company, division or team.
    pub kind: UnitKind,
    /// The unit it is part of; none for the company.
    pub parent: Option<UnitId>,
    /// Who leads it.
    pub lead: Option<PersonId>,
    /// Its name.
    pub name: String,
    /// Its name in addresses.
    pub slug: String,
    /// For optimistic locking.
    pub revision: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl Unit {
    /// A new unit, alone and without a lead.
    #[must_use]
    pub fn new(id: UnitId, organisation: OrganisationId, kind: UnitKind, name: &str, now: DateTime<Utc>) -> Unit {
        let (name, slug) = (name.to_owned(), slug_of(name));
        Unit { id, organisation, kind, parent: None, lead: None, name, slug, revision: 1, created_at: now }
    }
}

/// A unit as named beside a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct UnitRef {
    /// Its id.
    pub id: UnitId,
    /// Its name.
    pub name: String,
    /// Company, division or team.
    pub kind: UnitKind,
}

/// A time zone by its IANA name, as it is kept.
///
/// # Errors
/// A sentence, when there is none of that name.
pub fn parse_time_zone(name: &str) -> Result<String, String> {
    let zone = name.trim().parse::<chrono_tz::Tz>();
    zone.map(|zone| zone.name().to_owned()).map_err(|_| "That is not a time zone, as in Europe/Warsaw.".to_owned())
}

/// A name as it stands in an address: lower-case letters, digits and single hyphens.
#[must_use]
pub fn slug_of(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.to_lowercase().chars() {
        match crate::account::person::plain_letter(letter) {
            Some(plain) => slug.push(plain),
            None if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
            None => {}
        }
    }
    let slug: String = slug.chars().take(48).collect();
    match slug.trim_end_matches('-') {
        "" => "unit".to_owned(),
        slug => slug.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_reads_like_its_name() {
        assert_eq!(slug_of("Research & Development"), "research-development");
        assert_eq!(slug_of("  Größe 7! "), "grose-7");
        assert_eq!(slug_of("研究"), "unit");
    }

    #[test]
    fn a_zone_is_kept_by_its_name() {
        assert_eq!(parse_time_zone(" Europe/Warsaw ").unwrap(), "Europe/Warsaw");
        assert!(parse_time_zone("Mars/Olympus").is_err());
    }
}
