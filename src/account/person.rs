//! People: how one comes to be, and how one is shown to others. Who may change one is decided in the routes.
//!
//! Invariant: an address and a handle belong to one person of an organisation, for ever; someone who left keeps both.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::admin::audit::{self, AuditEvent};
use crate::clock::Clock;
use crate::db::{Db, Tx};
use crate::error::{Code, Problem};
use crate::id::{OrganisationId, PersonId};

use super::{Person, PersonState, Role, sql};

/// A person as shown wherever one is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct PersonRef {
    /// Their id.
    pub id: PersonId,
    /// Full name.
    pub name: String,
    /// Short name for mentions, without the @.
    pub handle: String,
    /// What they do.
    pub title: String,
}

impl From<&Person> for PersonRef {
    fn from(person: &Person) -> Self {
        let Person { id, name, handle, title, .. } = person.clone();
        Self { id, name, handle, title }
    }
}

/// The people with these ids (doubles are fine, unknown ones are absent), however many, in a few statements.
///
/// # Errors
/// The database's.
pub async fn people_by_ids(db: &Db, ids: &[PersonId]) -> Result<HashMap<PersonId, PersonRef>, sqlx::Error> {
    let mut wanted: Vec<PersonId> = ids.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    let mut found = HashMap::with_capacity(wanted.len());
    for some in wanted.chunks(500) {
        found.extend(sql::person::refs(db, some).await?.into_iter().map(|person| (person.id, person)));
    }
    Ok(found)
}

/// What is needed to make a person. Name, title and address are checked by [`create_person`].
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// Whose they will be.
    pub organisation: OrganisationId,
    /// Full name.
    pub name: String,
    /// Address to sign in with.
    pub email: String,
    /// What they do.
    pub title: String,
    /// What they may do.
    pub role: Role,
    /// Whom they report to.
    pub manager: Option<PersonId>,
    /// IANA name, when not the organisation's.
    pub time_zone: Option<String>,
    /// Their password, hashed; without one they sign in otherwise.
    pub password_hash: Option<String>,
    /// Who made them, for the audit trail.
    pub created_by: Option<PersonId>,
}

/// Why a person could not be made or changed.
#[derive(Debug, thiserror::Error)]
pub enum PersonError {
    /// Someone of the organisation has that address.
    #[error("someone already has the address {0}")]
    EmailTaken(String),
    /// Not an address.
    #[error("{0:?} is not an e-mail address")]
    NotAnEmail(String),
    /// The database's.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<PersonError> for Problem {
    fn from(error: PersonError) -> Self {
        match error {
            PersonError::EmailTaken(email) => {
                Problem::new(Code::EmailTaken, format!("Someone already signs in with {email}.")).with("email", email)
            }
            PersonError::NotAnEmail(_) => Problem::field("email", "That is not an e-mail address."),
            PersonError::Database(error) => error.into(),
        }
    }
}

/// An address as it is kept: trimmed, lower case. No mail is sent to it, so only its shape is looked at.
///
/// # Errors
/// The text, when it has not the shape of an address.
pub fn parse_email(text: &str) -> Result<String, PersonError> {
    let email = text.trim().to_lowercase();
    let whole = email.len() <= 254 && !email.contains(|c: char| c.is_whitespace() || c.is_control());
    match email.split_once('@') {
        Some((local, host)) if whole && !local.is_empty() && !host.is_empty() && !host.contains('@') => Ok(email),
        _ => Err(PersonError::NotAnEmail(text.to_owned())),
    }
}

/// Makes a person with a handle of their own and their first check-in slots, and writes it into the audit trail.
///
/// # Errors
/// An address that is taken or none; the database's.
pub async fn create_person(clock: &Clock, tx: &mut Tx, new: NewPerson) -> Result<Person, PersonError> {
    let mut person = Person {
        id: clock.id(),
        organisation: new.organisation,
        name: new.name.trim().to_owned(),
        handle: String::new(),
        email: parse_email(&new.email)?,
        title: new.title.trim().to_owned(),
        manager: new.manager,
        role: new.role,
        state: PersonState::Active,
        time_zone: new.time_zone,
        revision: 1,
        created_at: clock.now(),
    };
    if sql::person::email_exists(tx, person.organisation, &person.email).await? {
        return Err(PersonError::EmailTaken(person.email));
    }
    let base = handle_of(&person.name, &person.email);
    for n in 1.. {
        person.handle = if n == 1 { base.clone() } else { format!("{base}{n}") };
        if sql::person::insert(tx, &person, new.password_hash.as_deref()).await? {
            break;
        }
        // Nothing was inserted: the handle is taken, or someone else's transaction took the address a moment ago.
        if sql::person::email_exists(tx, person.organisation, &person.email).await? {
            return Err(PersonError::EmailTaken(person.email));
        }
    }
    let mut event = AuditEvent::of(clock, person.organisation, "person.created", "person", person.id.0);
    event.actor = new.created_by;
    audit::record(tx, &event.detail(json!({ "role": person.role, "email": person.email }))).await?;
    crate::search::refresh(tx, crate::search::Kind::Person, person.id.0).await?;
    crate::checkin::slots::make_ahead(tx, person.id, clock).await?;
    Ok(person)
}

/// A first guess at a handle: the first name in plain letters, else the address before the @.
fn handle_of(name: &str, email: &str) -> String {
    let plain = |text: &str| -> String {
        let lower = text.to_lowercase();
        lower.chars().filter_map(plain_letter).take(24).collect()
    };
    let first = plain(name.split_whitespace().next().unwrap_or_default());
    let local = plain(email.split('@').next().unwrap_or_default());
    [first, local].into_iter().find(|handle| handle.len() >= 2).unwrap_or_else(|| "member".to_owned())
}

/// The plain letter behind the commonest accented ones of European names; others are left out.
pub(crate) fn plain_letter(letter: char) -> Option<char> {
    Some(match letter {
        'a'..='z' | '0'..='9' => letter,
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ą' | 'ă' | 'æ' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'ď' | 'đ' => 'd',
        'è' | 'é' | 'ê' | 'ë' | 'ę' | 'ě' => 'e',
        'ğ' => 'g',
        'ì' | 'í' | 'î' | 'ï' | 'ı' => 'i',
        'ł' => 'l',
        'ñ' | 'ń' | 'ň' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ő' => 'o',
        'ř' => 'r',
        'ś' | 'š' | 'ş' | 'ș' | 'ß' => 's',
        'ť' | 'ț' => 't',
        'ù' | 'ú' | 'û' | 'ü' | 'ů' | 'ű' => 'u',
        'ý' | 'ÿ' => 'y',
        'ź' | 'ž' | 'ż' => 'z',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_the_first_name_in_plain_letters() {
        assert_eq!(handle_of("Łukasz Nowak", "l@x.org"), "lukasz");
        assert_eq!(handle_of("Zoë", "z@x.org"), "zoe");
        assert_eq!(handle_of("李 明", "li.ming@x.org"), "liming");
        assert_eq!(handle_of("李", "李@x.org"), "member");
    }

    #[test]
    fn an_address_is_kept_in_lower_case_and_a_word_is_not_one() {
        assert_eq!(parse_email(" Ada@Example.org ").unwrap(), "ada@example.org");
        for text in ["", "ada", "@x", "a@", "a b@x", "a@b@c"] {
            assert!(parse_email(text).is_err(), "{text}");
        }
    }
}
