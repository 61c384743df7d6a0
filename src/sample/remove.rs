//! The removal, in one step for whoever asks and many small ones for the database. What goes is found, not listed: from the
//! sample's people, their units and channels along every foreign key that may not be empty, and along every `subject`. A table
//! that is added later goes along by itself as long as it refers to what it is about; [`RULES`] holds the exceptions.
//!
//! Invariants: a person who is not the sample's is never deleted, nor the organisation; files go by the rules of
//! docs/deletion.md, owed in the transaction that takes their row; a removal that was killed goes on where it stood.

use std::collections::BTreeSet;

use actix_web::web::Data;
use async_trait::async_trait;
use chrono::TimeDelta;
use uuid::Uuid;

use crate::app::App;
use crate::db::Tx;
use crate::db::catalogue::{self, Catalogue, Reference};
use crate::id::{OrganisationId, TakeId, UploadId};
use crate::jobs::{Failure, Handler, Job, Outcome, Work};
use crate::recording::deletion;
use crate::upload::{self, ending, sweep};

use super::sql::gone;
use super::{Payload, note, sql};

/// The kind of job that removes the sample.
pub const KIND: &str = "sample.remove";

/// Tables whose rows are never found along a key: people are entered when they are made, the organisation stays.
const NEVER: [&str; 3] = ["person", "organisation", "sample"];

/// What happens to a reference where its own form would say otherwise.
const RULES: [(&str, &str, Rule); 2] = [
    // What the sample's people did is the sample's trail, though the actor may be empty.
    ("audit_event", "actor", Rule::Goes),
    // Somebody recorded an answer to a thing of the sample: the recording stays, and is about nothing.
    ("take_session", "subject", Rule::Stays),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    Goes,
    Stays,
}

fn rule(table: &str, column: &str) -> Option<Rule> {
    RULES.iter().find(|(t, c, _)| (*t, *c) == (table, column)).map(|(_, _, rule)| *rule)
}

/// Whether a row cannot be without what the reference names.
fn goes_along(reference: &Reference) -> bool {
    match rule(&reference.child, &reference.name) {
        Some(rule) => rule == Rule::Goes,
        None => !reference.nullable,
    }
}

/// Removes the sample as a job.
pub struct Remove;

#[async_trait]
impl Handler for Remove {
    async fn run(&self, app: &Data<App>, work: &Work) -> Result<Outcome, Failure> {
        let Payload { organisation, .. } = work.payload()?;
        let people = sql::people(&app.db).await?;
        everything(app, work, organisation).await?;
        let mut tx = app.db.begin().await?;
        if !work.finish(app, &mut tx).await? {
            return Ok(Outcome::Finished);
        }
        sql::forget(&mut tx, organisation).await?;
        note(app, &mut tx, None, organisation, "sample.removed", people).await?;
        tx.commit().await?;
        tracing::info!(people, "the sample company is gone");
        Ok(Outcome::Finished)
    }

    async fn gave_up(&self, app: &Data<App>, tx: &mut Tx, job: &Job, _: &Failure) -> Result<(), sqlx::Error> {
        super::failed(app, tx, job).await
    }
}

/// Removes everything of the sample; nothing happens where nothing is.
///
/// # Errors
/// The database's or the store's; what was removed before stays removed.
pub async fn everything(app: &Data<App>, work: &Work, organisation: OrganisationId) -> Result<(), Failure> {
    let catalogue = catalogue::read(&app.db).await?;
    find(app, work, organisation, &catalogue).await?;
    drop_files(app, work).await?;
    let mut tx = app.db.begin().await?;
    for reference in catalogue.references.iter().filter(|reference| !goes_along(reference)) {
        gone::let_go(&mut tx, reference).await?;
        work.alive();
    }
    for table in catalogue.subjects.iter().filter(|table| rule(table, "subject") == Some(Rule::Stays)) {
        gone::let_go_of_subject(&mut tx, table).await?;
    }
    tx.commit().await?;
    delete(app, work, organisation, &catalogue).await
}

/// Enters whatever hangs on the sample, until nothing more is found.
async fn find(app: &App, work: &Work, organisation: OrganisationId, catalogue: &Catalogue) -> Result<(), Failure> {
    let mut tx = app.db.begin().await?;
    gone::enter_roots(&mut tx).await?;
    gone::keep_what_is_real(&mut tx, organisation).await?;
    tx.commit().await?;
    let found = |table: &String| catalogue.identified.contains(table) && !NEVER.contains(&table.as_str());
    let keys: Vec<_> = catalogue.references.iter().filter(|key| goes_along(key) && found(&key.child)).collect();
    let subjects = catalogue.subjects.iter().filter(|table| found(table) && rule(table, "subject").is_none());
    let subjects: Vec<_> = subjects.collect();
    loop {
        let mut new = 0;
        for key in &keys {
            new += batches(app, work, Step::Key(key)).await?;
        }
        for table in &subjects {
            new += batches(app, work, Step::About(table)).await?;
        }
        if new == 0 {
            return Ok(());
        }
    }
}

enum Step<'a> {
    Key(&'a Reference),
    About(&'a str),
}

async fn batches(app: &App, work: &Work, step: Step<'_>) -> Result<u64, Failure> {
    let mut all = 0;
    loop {
        let mut tx = app.db.begin().await?;
        let new = match step {
            Step::Key(key) => gone::enter(&mut tx, key).await?,
            Step::About(table) => gone::enter_about(&mut tx, table).await?,
        };
        tx.commit_quietly().await?;
        work.alive();
        all += new;
        if new == 0 {
            return Ok(all);
        }
    }
}

/// Calls off whoever makes files of the sample's takes, and deletes the bytes of its uploads.
async fn drop_files(app: &App, work: &Work) -> Result<(), Failure> {
    let mut after = Uuid::nil();
    loop {
        let mut tx = app.db.begin().await?;
        let takes = gone::next(&mut tx, "take", after).await?;
        for take in &takes {
            deletion::call_off(app, &mut tx, TakeId(*take)).await?;
        }
        tx.commit().await?;
        let Some(last) = takes.last() else { break };
        after = *last;
    }
    loop {
        let uploads = sql::uploads(&app.db).await?;
        if uploads.is_empty() {
            return Ok(());
        }
        for id in uploads {
            let id = UploadId(id);
            if let Some(upload) = upload::sql::find(&app.db, id).await? {
                ending::withdraw(app, &upload).await.map_err(Failure::passing)?;
            }
            sweep::drop_bytes(app, id).await.map_err(Failure::passing)?;
            work.alive();
        }
    }
}

/// Deletes the rows, those first that no other row of the sample needs.
async fn delete(app: &App, work: &Work, organisation: OrganisationId, catalogue: &Catalogue) -> Result<(), Failure> {
    let mut tx = app.db.begin().await?;
    let mut left: BTreeSet<String> = gone::relations(&mut tx).await?.into_iter().collect();
    drop(tx);
    let all = left.len().max(1);
    while !left.is_empty() {
        let needed = |table: &String| {
            let by = |key: &&Reference| goes_along(key) && key.parent == *table && key.child != *table;
            catalogue.references.iter().filter(by).any(|key| left.contains(&key.child))
        };
        let Some(table) = left.iter().find(|table| !needed(table)).cloned() else {
            return Err(Failure::permanent(format!("tables of the sample need each other: {left:?}")));
        };
        empty(app, work, &table, catalogue).await?;
        left.remove(&table);
        let part = (all - left.len()) as f64 / all as f64;
        let mut tx = app.db.begin().await?;
        sql::progress(&mut tx, organisation, part).await?;
        tx.commit_quietly().await?;
        work.progress(part);
    }
    Ok(())
}

/// Deletes the sample's rows of one table, each batch with the rows without an id that belong to it.
async fn empty(app: &App, work: &Work, table: &str, catalogue: &Catalogue) -> Result<(), Failure> {
    let leaf = |child: &String| !catalogue.identified.contains(child);
    let keys = catalogue.references.iter().filter(|key| key.parent == table && !key.nullable && leaf(&key.child));
    let keys: Vec<_> = keys.filter(|key| !NEVER.contains(&key.child.as_str())).collect();
    loop {
        let mut tx = app.db.begin().await?;
        let ids = gone::next(&mut tx, table, Uuid::nil()).await?;
        if ids.is_empty() {
            return Ok(());
        }
        for key in &keys {
            gone::delete_by(&mut tx, &key.child, &key.name, &ids).await?;
        }
        for about in catalogue.subjects.iter().filter(|table| leaf(table)) {
            gone::delete_by(&mut tx, about, "subject", &ids).await?;
        }
        for pointing in catalogue.targets.iter().filter(|table| leaf(table)) {
            gone::delete_by(&mut tx, pointing, "target", &ids).await?;
        }
        gone::delete_by(&mut tx, table, "id", &ids).await?;
        if table == "take" {
            for id in &ids {
                // At once, and again when a worker that was called off in the middle can write nothing more.
                deletion::owe_gone(app, &mut tx, TakeId(*id), TimeDelta::zero()).await?;
                deletion::owe_gone(app, &mut tx, TakeId(*id), TimeDelta::hours(1)).await?;
            }
        }
        gone::forget(&mut tx, table, &ids).await?;
        tx.commit().await?;
        app.jobs.wake();
        work.alive();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_may_be_empty_lets_go_and_one_that_may_not_takes_its_row_along() {
        let key = |child: &str, name: &str, nullable| Reference {
            child: child.into(),
            name: name.into(),
            parent: "person".into(),
            nullable,
        };
        assert!(goes_along(&key("goal", "owner", false)) && !goes_along(&key("goal", "reviewer", true)));
        assert!(goes_along(&key("audit_event", "actor", true)), "the trail of what is gone goes too");
    }
}
