//! People for tests, made straight in the database so that a test of comments does not depend on invitations.

use serde_json::json;
use sqlx::types::Json;
use twotake::account::keys::token_hash;
use twotake::db::Tx;
use twotake::id::{OrganisationId, PersonId, UnitId};
use twotake::on_tx;

use super::{Client, Server};

impl Server {
    /// Makes the organisation "Northwind" with the administrator Ada Byron, and returns her client. Once per server.
    pub async fn admin(&self) -> Client {
        let mut tx = self.app.db.begin().await.unwrap();
        let organisation = self.app.clock.id::<OrganisationId>();
        insert_organisation(&mut tx, organisation, self.app.clock.now()).await;
        let (id, token) = self.insert_person(&mut tx, organisation, "Ada Byron", "admin").await;
        insert_company(&mut tx, self.app.clock.id(), organisation, id, self.app.clock.now()).await;
        tx.commit().await.unwrap();
        self.client_of(id, "Ada Byron", token)
    }

    /// A member with that name; `admin` comes first.
    pub async fn member(&self, name: &str) -> Client {
        self.person(name, "member").await
    }

    /// A guest with that name; `admin` comes first.
    pub async fn guest(&self, name: &str) -> Client {
        self.person(name, "guest").await
    }

    async fn person(&self, name: &str, role: &str) -> Client {
        let organisation = self.organisation().await;
        let mut tx = self.app.db.begin().await.unwrap();
        let (id, token) = self.insert_person(&mut tx, organisation, name, role).await;
        tx.commit().await.unwrap();
        self.client_of(id, name, token)
    }

    /// Says whom somebody reports to.
    pub async fn reports_to(&self, person: &Client, manager: &Client) {
        const SQL: &str = "update person set manager = $2 where id = $1";
        let (person, manager): (PersonId, PersonId) = (person.id.parse().unwrap(), manager.id.parse().unwrap());
        let mut tx = self.app.db.begin().await.unwrap();
        on_tx!(&mut tx, |c| sqlx::query(SQL).bind(person).bind(manager).execute(c).await.map(|_| ())).unwrap();
        tx.commit().await.unwrap();
    }

    /// The one organisation.
    pub async fn organisation(&self) -> OrganisationId {
        const SQL: &str = "select id from organisation";
        twotake::on_db!(&self.app.db, |c| sqlx::query_scalar(SQL).fetch_one(c).await)
            .expect("make server.admin() first")
    }

    fn client_of(&self, id: PersonId, name: &str, token: String) -> Client {
        Client { id: id.to_string(), name: name.into(), email: email(name), ..Client::new(&self.base, Some(token)) }
    }

    async fn insert_person(
        &self,
        tx: &mut Tx,
        organisation: OrganisationId,
        name: &str,
        role: &str,
    ) -> (PersonId, String) {
        const PERSON: &str = "
            insert into person (id, organisation, name, handle, email, role, state, settings, created_at)
            values ($1, $2, $3, $4, $5, $6, 'active', $7, $8)";
        const TOKEN: &str =
            "insert into api_token (id, token_hash, person, name, created_at) values ($1, $2, $3, 'test', $4)";
        let clock = &self.app.clock;
        let (id, token, now) = (clock.id::<PersonId>(), clock.word(40), clock.now());
        let settings = Json(json!({}));
        on_tx!(&mut *tx, |c| sqlx::query(PERSON)
            .bind(id)
            .bind(organisation)
            .bind(name)
            .bind(handle(name))
            .bind(email(name))
            .bind(role)
            .bind(settings)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))
        .unwrap();
        let token_id = clock.id::<uuid::Uuid>();
        let hash = token_hash(&token);
        on_tx!(&mut *tx, |c| sqlx::query(TOKEN)
            .bind(token_id)
            .bind(hash)
            .bind(id)
            .bind(now)
            .execute(c)
            .await
            .map(|_| ()))
        .unwrap();
        (id, token)
    }
}

async fn insert_organisation(tx: &mut Tx, id: OrganisationId, now: chrono::DateTime<chrono::Utc>) {
    const SQL: &str = "
        insert into organisation (id, name, time_zone, workdays, check_in_weekdays, allowed_origins, created_at)
        values ($1, 'Northwind', 'Europe/Berlin', $2, $3, $4, $5)";
    on_tx!(tx, |c| sqlx::query(SQL)
        .bind(id)
        .bind(Json(json!([1, 2, 3, 4, 5])))
        .bind(Json(json!([2, 4])))
        .bind(Json(json!([])))
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))
    .unwrap();
}

async fn insert_company(
    tx: &mut Tx,
    id: UnitId,
    organisation: OrganisationId,
    lead: PersonId,
    now: chrono::DateTime<chrono::Utc>,
) {
    const SQL: &str = "
        insert into unit (id, organisation, kind, lead, name, slug, created_at)
        values ($1, $2, 'company', $3, 'Northwind', 'northwind', $4)";
    on_tx!(tx, |c| sqlx::query(SQL).bind(id).bind(organisation).bind(lead).bind(now).execute(c).await.map(|_| ()))
        .unwrap();
}

fn handle(name: &str) -> String {
    name.to_lowercase().replace(' ', ".")
}

fn email(name: &str) -> String {
    format!("{}@example.com", handle(name))
}
