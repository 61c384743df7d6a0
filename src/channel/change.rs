//! Making project channels, changing channels, and saying who is in them.

use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::account::{Person, Role};
use crate::admin::audit::{self, AuditEvent};
use crate::app::App;
use crate::db::Tx;
use crate::error::{Code, Problem};
use crate::http::form::Form;
use crate::id::{ChannelId, PersonId};
use crate::org;

use super::{Acknowledgement, Audience, ChannelKind, ChannelRow, NewChannel, Posting, sql};

/// A project channel to be made.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct NewProjectChannel {
    /// Its name.
    pub name: String,
    /// What belongs in it.
    #[serde(default)]
    pub purpose: String,
    /// Everyone when absent.
    pub audience: Option<Audience>,
    /// Who may post; everyone when absent.
    pub posting: Option<Posting>,
    /// Whether posts ask to be acknowledged; optional when absent.
    pub acknowledgement: Option<Acknowledgement>,
    /// Whether each post needs a document.
    #[serde(default)]
    pub document_required: bool,
    /// People to add at once, guests too. You are added by yourself.
    #[serde(default)]
    pub members: Vec<PersonId>,
}

/// What is to change of a channel; absent fields stay.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct ChannelChange {
    /// Its name.
    pub name: Option<String>,
    /// What belongs in it.
    pub purpose: Option<String>,
    /// Who sees it; only a project's channel.
    pub audience: Option<Audience>,
    /// Who may post.
    pub posting: Option<Posting>,
    /// Whether posts ask to be acknowledged.
    pub acknowledgement: Option<Acknowledgement>,
    /// Whether each post needs a document.
    pub document_required: Option<bool>,
    /// The revision that was read.
    pub revision: i64,
}

/// Makes a project channel with its maker in it.
///
/// # Errors
/// A field that needs another value.
pub async fn create(app: &App, by: &Person, new: NewProjectChannel) -> Result<ChannelId, Problem> {
    let mut form = Form::new();
    let name = form.line("name", &new.name, 1, 80);
    let purpose = form.line("purpose", &new.purpose, 0, 300);
    if new.members.len() > 500 {
        form.wrong("members", "At most 500 at once.");
    }
    form.done()?;
    let mut tx = app.db.begin().await?;
    let mut channel = NewChannel {
        id: app.clock.id(),
        organisation: by.organisation,
        kind: ChannelKind::Project,
        unit: None,
        slug: String::new(),
        name,
        purpose,
        audience: new.audience.unwrap_or(Audience::Everyone),
        posting: new.posting.unwrap_or(Posting::Everyone),
        acknowledgement: new.acknowledgement.unwrap_or(Acknowledgement::Optional),
        document_required: new.document_required,
        created_at: app.clock.now(),
    };
    insert(&mut tx, &mut channel).await?;
    let event = AuditEvent::by(&app.clock, by, "channel.created", "channel", channel.id.0);
    audit::record(&mut tx, &event.detail(json!({ "name": channel.name }))).await?;
    sql::channel::add_member(&mut tx, channel.id, by.id, true).await?;
    for person in new.members.iter().filter(|person| **person != by.id) {
        add(app, &mut tx, by, channel.id, *person, false).await?;
    }
    tx.commit().await?;
    Ok(channel.id)
}

/// Inserts it under the first free slug made from its name.
async fn insert(tx: &mut Tx, channel: &mut NewChannel) -> Result<(), sqlx::Error> {
    let base = org::slug_of(&channel.name);
    for n in 1.. {
        channel.slug = if n == 1 { base.clone() } else { format!("{base}-{n}") };
        if sql::channel::insert(tx, channel).await? {
            break;
        }
    }
    Ok(())
}

/// Changes a channel that the asker manages.
///
/// # Errors
/// Not theirs to change; stale; a field that needs another value.
pub async fn change(app: &App, by: &Person, old: &ChannelRow, change: ChannelChange) -> Result<(), Problem> {
    check_manages(by, old)?;
    let (mut form, mut row) = (Form::new(), old.clone());
    if let Some(name) = &change.name {
        row.name = form.line("name", name, 1, 80);
    }
    if let Some(purpose) = &change.purpose {
        row.purpose = form.line("purpose", purpose, 0, 300);
    }
    if change.audience == Some(Audience::Selected) && old.kind != ChannelKind::Project {
        form.wrong("audience", "Only project channels are for selected people.");
    }
    form.done()?;
    row.audience = change.audience.unwrap_or(row.audience);
    row.posting = change.posting.unwrap_or(row.posting);
    row.acknowledgement = change.acknowledgement.unwrap_or(row.acknowledgement);
    row.document_required = change.document_required.unwrap_or(row.document_required);
    let mut tx = app.db.begin().await?;
    if !sql::channel::update(&mut tx, &row, change.revision).await? {
        return Err(Problem::new(
            Code::Stale,
            "This channel changed while you were editing. Look at it again, then save.",
        ));
    }
    let event = AuditEvent::by(&app.clock, by, "channel.changed", "channel", old.id.0);
    let detail = json!({ "name": row.name, "audience": row.audience, "posting": row.posting });
    audit::record(&mut tx, &event.detail(detail)).await?;
    tx.commit().await?;
    Ok(())
}

fn check_manages(by: &Person, channel: &ChannelRow) -> Result<(), Problem> {
    if channel.may_manage(by) {
        return Ok(());
    }
    Err(Problem::new(
        Code::Forbidden,
        "Administrators manage a channel, and in a project's channel those listed to post.",
    ))
}

/// Adds somebody to a channel, or changes whether they may post.
///
/// # Errors
/// Not the asker's to manage; no such person; a guest outside a project channel.
pub async fn add_member(
    app: &App,
    by: &Person,
    channel: &ChannelRow,
    person: PersonId,
    may_post: bool,
) -> Result<(), Problem> {
    check_manages(by, channel)?;
    let mut tx = app.db.begin().await?;
    let role = add(app, &mut tx, by, channel.id, person, may_post).await?;
    if role == Role::Guest && channel.kind != ChannelKind::Project {
        return Err(Problem::field("person", "Guests are added to project channels only."));
    }
    tx.commit().await?;
    Ok(())
}

async fn add(
    app: &App,
    tx: &mut Tx,
    by: &Person,
    channel: ChannelId,
    person: PersonId,
    may_post: bool,
) -> Result<Role, Problem> {
    let Some(role) = sql::channel::role(tx, by.organisation, person).await? else {
        return Err(Problem::field("members", "One of them is not with the organisation."));
    };
    sql::channel::add_member(tx, channel, person, may_post).await?;
    let event = AuditEvent::by(&app.clock, by, "channel.member_added", "channel", channel.0);
    audit::record(tx, &event.detail(json!({ "person": person, "may_post": may_post }))).await?;
    Ok(role)
}

/// Takes somebody out of a channel; everybody may take themselves out.
///
/// # Errors
/// Not the asker's to manage.
pub async fn remove_member(app: &App, by: &Person, channel: &ChannelRow, person: PersonId) -> Result<(), Problem> {
    if person != by.id {
        check_manages(by, channel)?;
    }
    let mut tx = app.db.begin().await?;
    sql::channel::remove_member(&mut tx, channel.id, person).await?;
    let event = AuditEvent::by(&app.clock, by, "channel.member_removed", "channel", channel.id.0);
    audit::record(&mut tx, &event.detail(json!({ "person": person }))).await?;
    tx.commit().await?;
    Ok(())
}
