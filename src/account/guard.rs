//! Who is asking, as extractor types: the permission a handler needs stands in its signature.

use std::future::{Ready, ready};
use std::pin::Pin;

use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Data};

use crate::app::App;
use crate::error::{Code, Problem};

use super::keys::token_hash;
use super::{Person, Role, sql};

/// Name of the session cookie over HTTPS; the prefix makes browsers refuse it from anywhere but this host (RFC 6265bis).
pub const SECURE_COOKIE: &str = "__Host-twotake";
/// Name of the session cookie over plain HTTP on localhost, where `__Host-` is not accepted.
pub const PLAIN_COOKIE: &str = "twotake";

type Later<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

/// Somebody signed in: administrator, member or guest.
#[derive(Clone, Debug)]
pub struct SignedIn(pub Person);

/// A member or administrator; guests are refused.
#[derive(Clone, Debug)]
pub struct Member(pub Person);

/// An administrator.
#[derive(Clone, Debug)]
pub struct Admin(pub Person);

/// Whoever asks, signed in or not.
#[derive(Clone, Debug)]
pub struct Anyone(pub Option<Person>);

async fn person(app: Data<App>, bearer: Option<String>, cookie: Option<String>) -> Result<Option<Person>, Problem> {
    let now = app.clock.now();
    if let Some(token) = bearer {
        return Ok(sql::person_by_api_token(&app.db, &token_hash(&token), now).await?);
    }
    match cookie {
        Some(token) => Ok(sql::person_by_session(&app.db, &token_hash(&token), now).await?),
        None => Ok(None),
    }
}

/// The session token in the request's cookie, if any.
#[must_use]
pub fn session_token(req: &HttpRequest) -> Option<String> {
    req.cookie(SECURE_COOKIE).or_else(|| req.cookie(PLAIN_COOKIE)).map(|c| c.value().to_owned())
}

fn bearer_token(req: &HttpRequest) -> Option<String> {
    let value = req.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ").or_else(|| value.strip_prefix("bearer ")).map(|t| t.trim().to_owned())
}

impl FromRequest for Anyone {
    type Error = Problem;
    type Future = Later<Self>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let app = req.app_data::<Data<App>>().cloned();
        let (bearer, cookie) = (bearer_token(req), session_token(req));
        Box::pin(async move {
            let app = app.ok_or_else(|| Problem::internal("App is not registered"))?;
            Ok(Anyone(person(app, bearer, cookie).await?))
        })
    }
}

impl FromRequest for SignedIn {
    type Error = Problem;
    type Future = Later<Self>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let anyone = Anyone::from_request(req, payload);
        Box::pin(async move {
            let person = anyone.await?.0;
            person.map(SignedIn).ok_or_else(|| Problem::new(Code::Unauthenticated, "Sign in to continue."))
        })
    }
}

impl FromRequest for Member {
    type Error = Problem;
    type Future = Later<Self>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let someone = SignedIn::from_request(req, payload);
        Box::pin(async move {
            let SignedIn(person) = someone.await?;
            match person.role {
                Role::Guest => Err(Problem::new(Code::Forbidden, "Guests see only the project channels they were added to.")),
                Role::Member | Role::Admin => Ok(Member(person)),
            }
        })
    }
}

impl FromRequest for Admin {
    type Error = Problem;
    type Future = Later<Self>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let someone = SignedIn::from_request(req, payload);
        Box::pin(async move {
            let SignedIn(person) = someone.await?;
            match person.role {
                Role::Admin => Ok(Admin(person)),
                Role::Member | Role::Guest => Err(Problem::new(Code::Forbidden, "Only administrators may do that.")),
            }
        })
    }
}

/// Address of the peer, for rate limits and the log; behind a trusted proxy the one it names.
pub struct PeerAddress(pub Option<std::net::IpAddr>);

impl FromRequest for PeerAddress {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let trust = req.app_data::<Data<App>>().is_some_and(|app| app.config.trust_proxy);
        let info = req.connection_info();
        let named = if trust { info.realip_remote_addr() } else { info.peer_addr() };
        ready(Ok(PeerAddress(named.and_then(|a| a.parse().ok()))))
    }
}
