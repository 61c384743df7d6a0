//! Who is asking, as extractor types: the permission a handler needs stands in its signature.

use std::future::{Ready, ready};
use std::pin::Pin;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, web::Data};
use uuid::Uuid;

use crate::app::App;
use crate::error::{Code, Problem};

use super::keys::token_hash;
use super::session::{IDLE, PLAIN_COOKIE, Presence, SECURE_COOKIE, TOUCH};
use super::{Person, Role, sql};

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

/// The session behind the request, if it is a session that speaks (and not a personal token).
#[derive(Clone, Debug)]
pub struct CurrentSession(pub Option<Uuid>);

/// Looked up once a request, whatever extractors ask.
#[derive(Clone)]
struct Known(Option<Presence>);

async fn presence(app: &App, bearer: Option<&str>, cookie: Option<&str>) -> Result<Option<Presence>, Problem> {
    let now = app.clock.now();
    let found = match (bearer, cookie) {
        (Some(token), _) => sql::token::presence(&app.db, &token_hash(token), now).await?,
        (None, Some(token)) => sql::session::presence(&app.db, &token_hash(token), now, now - IDLE).await?,
        (None, None) => None,
    };
    let Some(found) = found else { return Ok(None) };
    if found.seen_at.is_none_or(|seen| seen <= now - TOUCH) {
        let mut tx = app.db.begin().await?;
        match bearer {
            Some(_) => sql::token::touch(&mut tx, found.proof, now, now - TOUCH).await?,
            None => sql::session::touch(&mut tx, found.proof, now, now - TOUCH).await?,
        }
        tx.commit_quietly().await?;
    }
    Ok(Some(found))
}

/// Who is behind what a request brought, asked anew: for an answer that goes on after its request. A stream is no use of a session
/// that would keep it from ending.
///
/// # Errors
/// The database's.
pub async fn still(app: &App, (kind, token): &(&'static str, String)) -> Result<Option<Person>, sqlx::Error> {
    let (now, hash) = (app.clock.now(), token_hash(token));
    let found = match *kind {
        "bearer" => sql::token::presence(&app.db, &hash, now).await?,
        _ => sql::session::presence(&app.db, &hash, now, now - IDLE).await?,
    };
    Ok(found.map(|presence| presence.person))
}

/// Who asks, remembered in the request and named in its span.
async fn known(req: HttpRequest) -> Result<Option<Presence>, Problem> {
    if let Some(Known(presence)) = req.extensions().get::<Known>() {
        return Ok(presence.clone());
    }
    let app = req.app_data::<Data<App>>().cloned().ok_or_else(|| Problem::internal("App is not registered"))?;
    let found = presence(&app, bearer_token(&req).as_deref(), session_token(&req).as_deref()).await?;
    if let Some(presence) = &found {
        tracing::Span::current().record("person", tracing::field::display(presence.person.id));
    }
    req.extensions_mut().insert(Known(found.clone()));
    Ok(found)
}

/// Middleware: looks up who asks before any extractor runs. Extractors are polled together, and a body that cannot be read
/// would otherwise be answered before the permission was known.
///
/// # Errors
/// What the request itself fails with. A look-up that fails is left to the extractors, which try again and answer.
pub async fn recognise<B: MessageBody>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    if req.path().starts_with("/api/") {
        let _ = known(req.request().clone()).await;
    }
    next.call(req).await
}

/// Whether people reach this server over HTTPS: decides the cookie's name and its Secure mark.
#[must_use]
pub fn is_secure(req: &HttpRequest) -> bool {
    let Some(app) = req.app_data::<Data<App>>() else { return false };
    app.config.origin().starts_with("https://") || (app.config.trust_proxy && req.connection_info().scheme() == "https")
}

/// The session token in the request's cookie, if any. Over HTTPS only the `__Host-` cookie counts: a plain one could have
/// been put there by a neighbouring host.
#[must_use]
pub fn session_token(req: &HttpRequest) -> Option<String> {
    let name = if is_secure(req) { SECURE_COOKIE } else { PLAIN_COOKIE };
    req.cookie(name).map(|c| c.value().to_owned()).filter(|token| !token.is_empty())
}

fn bearer_token(req: &HttpRequest) -> Option<String> {
    let value = req.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ").or_else(|| value.strip_prefix("bearer ")).map(|t| t.trim().to_owned())
}

/// What the request would be recognised by, not looked up: `bearer` or `cookie`, and the token. Empty when it brings nothing.
#[must_use]
pub fn credential(req: &HttpRequest) -> (&'static str, String) {
    match bearer_token(req) {
        Some(token) => ("bearer", token),
        None => ("cookie", session_token(req).unwrap_or_default()),
    }
}

impl FromRequest for CurrentSession {
    type Error = Problem;
    type Future = Later<Self>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let by_token = bearer_token(req).is_some();
        let found = known(req.clone());
        Box::pin(async move { Ok(CurrentSession(found.await?.filter(|_| !by_token).map(|presence| presence.proof))) })
    }
}

impl FromRequest for Anyone {
    type Error = Problem;
    type Future = Later<Self>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let found = known(req.clone());
        Box::pin(async move { Ok(Anyone(found.await?.map(|presence| presence.person))) })
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
                Role::Guest => {
                    Err(Problem::new(Code::Forbidden, "Guests see only the project channels they were added to."))
                }
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
