//! People for tests, made straight through the library so that a test of comments does not depend on invitations.

use twotake::account::setup::{self, Founding};
use twotake::account::{NewPerson, Person, Role, create_person, token};
use twotake::id::{OrganisationId, PersonId};
use twotake::on_tx;

use super::{Client, Server};

/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery";

impl Server {
    /// Founds the organisation "Northwind" (Berlin) with the administrator Ada Byron, and returns her client. Once per server.
    pub async fn admin(&self) -> Client {
        let clock = &self.app.clock;
        let founding = Founding {
            organisation: "Northwind".into(),
            time_zone: "Europe/Berlin".into(),
            name: "Ada Byron".into(),
            email: email("Ada Byron"),
            password_hash: self.app.passwords.hash(clock, PASSWORD.into()).await.unwrap(),
        };
        let mut tx = self.app.db.begin().await.unwrap();
        let (_, admin) = setup::found(clock, &mut tx, founding).await.unwrap();
        let (_, token) = token::create(clock, &mut tx, &admin, "test", None).await.unwrap();
        tx.commit().await.unwrap();
        self.client_of(&admin, token)
    }

    /// A member with that name; `admin` comes first.
    pub async fn member(&self, name: &str) -> Client {
        self.person(name, Role::Member).await
    }

    /// A guest with that name; `admin` comes first.
    pub async fn guest(&self, name: &str) -> Client {
        self.person(name, Role::Guest).await
    }

    async fn person(&self, name: &str, role: Role) -> Client {
        let clock = &self.app.clock;
        let new = NewPerson {
            organisation: self.organisation().await,
            name: name.into(),
            email: email(name),
            title: String::new(),
            role,
            manager: None,
            time_zone: None,
            password_hash: Some(self.app.passwords.hash(clock, PASSWORD.into()).await.unwrap()),
            created_by: None,
        };
        let mut tx = self.app.db.begin().await.unwrap();
        let person = create_person(clock, &mut tx, new).await.unwrap();
        let (_, token) = token::create(clock, &mut tx, &person, "test", None).await.unwrap();
        tx.commit().await.unwrap();
        self.client_of(&person, token)
    }

    /// The same person in a browser: signed in with their password, with a session cookie instead of a token.
    pub async fn browser_of(&self, person: &Client) -> Client {
        Client::sign_in(&self.base, &person.email, PASSWORD).await
    }

    /// Says whom somebody reports to.
    pub async fn reports_to(&self, person: &Client, manager: &Client) {
        const SQL: &str = "update person set manager = $2 where id = $1";
        let (person, manager): (PersonId, PersonId) = (person.id.parse().unwrap(), manager.id.parse().unwrap());
        let mut tx = self.app.db.begin().await.unwrap();
        on_tx!(&mut tx, |c| sqlx::query(SQL).bind(person).bind(manager).execute(c).await.map(|_| ())).unwrap();
        twotake::checkin::slots::replan(&mut tx, person, &self.app.clock).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The one organisation.
    pub async fn organisation(&self) -> OrganisationId {
        const SQL: &str = "select id from organisation";
        twotake::on_db!(&self.app.db, |c| sqlx::query_scalar(SQL).fetch_one(c).await)
            .expect("make server.admin() first")
    }

    fn client_of(&self, person: &Person, token: String) -> Client {
        let Person { id, name, email, .. } = person.clone();
        Client { id: id.to_string(), name, email, ..Client::new(&self.base, Some(token)) }
    }
}

fn email(name: &str) -> String {
    format!("{}@example.com", name.to_lowercase().replace(' ', "."))
}
