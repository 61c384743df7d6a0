//! The company is put together: people join, units are made and led, somebody goes on leave.

use chrono::{Days, TimeDelta};
use serde_json::json;

use crate::account::departure::HandOver;
use crate::account::{self, NewPerson, Person, Role, create_person};
use crate::channel;
use crate::jobs::Failure;
use crate::org::{self, UnitKind, absence, tree};
use crate::sample::sql;

use super::Story;
use super::cast::{CAST, Member, UNITS, UnitOf};
use super::goals::Standing;

/// Where the sample's addresses end: a name that no mail can reach (RFC 2606).
const HOST: &str = "sample.tidemark.example";

impl Story<'_> {
    /// Whoever makes units and posts for the whole company: the managing director with an administrator's rights, which exist
    /// only here and in no row.
    pub(super) fn acting(&self) -> Person {
        Person { role: Role::Admin, ..self.people[0].clone() }
    }

    /// Forty people join, then the units are made.
    pub(super) async fn join(&mut self) -> Result<(), Failure> {
        for (n, member) in CAST.iter().enumerate() {
            let manager = (n > 0).then(|| self.people[member.boss].id);
            let new = NewPerson {
                organisation: self.organisation,
                name: member.name.to_owned(),
                email: address(member),
                title: member.title.to_owned(),
                role: Role::Member,
                manager,
                time_zone: None,
                password_hash: None,
                created_by: None,
            };
            let mut tx = self.app.db.begin().await?;
            let person = create_person(&self.app.clock, &mut tx, new).await.map_err(Failure::passing)?;
            sql::enter_person(&mut tx, person.id).await?;
            tx.commit().await?;
            self.people.push(person);
            self.standing.push(Standing::new(member, &mut self.dice));
            self.work.alive();
        }
        self.units().await?;
        self.absences().await
    }

    async fn units(&mut self) -> Result<(), Failure> {
        let acting = self.acting();
        for UnitOf(name, parent, lead) in &UNITS {
            let kind = if parent.is_none() { UnitKind::Division } else { UnitKind::Team };
            let parent = parent.map(|parent| self.units[parent]);
            let new = json!({ "kind": kind, "parent": parent, "lead": self.people[*lead].id, "name": name });
            let new = serde_json::from_value(new).map_err(Failure::permanent)?;
            let unit = tree::create(&self.app, &acting, new).await.map_err(Failure::passing)?;
            self.units.push(unit);
            let row = org::sql::unit::one(&self.app.db, self.organisation, unit).await?;
            self.words.extend(row.map(|row| row.unit.slug));
        }
        for (member, person) in CAST.iter().zip(&self.people) {
            let Some(unit) = member.unit.map(|unit| self.units[unit]) else { continue };
            tree::set_member(&self.app, &acting, unit, person.id, true).await.map_err(Failure::passing)?;
            self.work.alive();
        }
        let new = channel::change::NewProjectChannel {
            name: "Probe 3 launch".to_owned(),
            purpose: "Everything that has to be true before the first hundred sites.".to_owned(),
            audience: None,
            posting: None,
            acknowledgement: None,
            document_required: false,
            members: [1, 2, 10, 11, 12, 29, 38].map(|who| self.people[who].id).to_vec(),
        };
        let made = channel::change::create(&self.app, &self.people[9], new).await;
        self.project = Some(made.map_err(Failure::passing)?);
        Ok(())
    }

    /// One is away for a week in the middle, another next week.
    async fn absences(&self) -> Result<(), Failure> {
        let first = self.start.with_timezone(&self.zone).date_naive();
        let today = self.end.with_timezone(&self.zone).date_naive();
        let away = [
            (33, first + Days::new(21), 4, "Hunting reindeer, without a phone"),
            (6, today + Days::new(5), 3, "Wedding in Kochi"),
        ];
        for (who, from, days, note) in away {
            let new = json!({ "first_day": from, "last_day": from + TimeDelta::days(days), "note": note });
            let new = serde_json::from_value(new).map_err(Failure::permanent)?;
            absence::create(&self.app, &self.people[who], new).await.map_err(Failure::passing)?;
        }
        Ok(())
    }

    /// From now on the managing director's check-ins are the administrator's to review.
    pub(super) async fn report_to_administrator(&mut self) -> Result<(), Failure> {
        let (acting, id) = (self.acting(), self.people[0].id);
        let change = json!({ "manager": self.administrator, "revision": self.people[0].revision });
        let change = serde_json::from_value(change).map_err(Failure::permanent)?;
        let changed = account::change::person(&self.app, &acting, id, change, &HandOver::default()).await;
        self.people[0] = changed.map_err(Failure::passing)?;
        Ok(())
    }
}

/// An address that nobody can write to: first and last name.
fn address(member: &Member) -> String {
    format!("{}@{HOST}", member.name.to_lowercase().replace(' ', "."))
}
