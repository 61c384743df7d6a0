//! Take sessions: opened by whoever is about to record, closed by keeping one take or discarding all.

use actix_web::web::{Bytes, Data, Json, Path};
use actix_web::{HttpResponse, delete, get, post};

use crate::account::Person;
use crate::account::guard::SignedIn;
use crate::app::App;
use crate::error::{Code, Problem};
use crate::http::form::Form;
use crate::id::TakeSessionId;
use crate::recording::library::{self, body::RecordingBody};
use crate::recording::session::body::{KeepTake, OpenSession, SessionBody};
use crate::recording::session::{self, NewSession, Session, SubjectKind};
use crate::recording::take;

/// Open a take session. Without a body it is free-standing; its takes wait to be kept.
#[utoipa::path(tag = "recording", request_body = Option<OpenSession>, responses((status = 201, body = SessionBody),
    (status = 401), (status = 422)))]
#[post("/api/take-sessions")]
pub async fn open(app: Data<App>, SignedIn(person): SignedIn, body: Bytes) -> Result<HttpResponse, Problem> {
    let OpenSession { subject, title } = asked(&body)?;
    let mut form = Form::new();
    let title = form.line("title", &title, 0, 200);
    form.done()?;
    let (subject_kind, subject) = subject.map_or((SubjectKind::Free, None), |subject| (subject.kind, subject.id));
    let new = NewSession { author: &person, subject_kind, subject, title: &title, keeps_itself: false };
    let mut tx = app.db.begin().await?;
    let session = session::open(&app, &mut tx, new).await?;
    tx.commit().await?;
    Ok(HttpResponse::Created().json(SessionBody::of(&app, session, &[])))
}

/// One's own take session with its takes.
#[utoipa::path(tag = "recording", params(("id" = TakeSessionId, Path)), responses((status = 200, body = SessionBody),
    (status = 401), (status = 404)))]
#[get("/api/take-sessions/{id}")]
pub async fn show(
    app: Data<App>,
    SignedIn(person): SignedIn,
    id: Path<TakeSessionId>,
) -> Result<Json<SessionBody>, Problem> {
    let session = own(&app, &person, *id).await?;
    let takes = take::sql::of_session(&app.db, session.id).await?;
    Ok(Json(SessionBody::of(&app, session, &takes)))
}

/// Keep one take: it is published, the other is discarded.
#[utoipa::path(tag = "recording", params(("id" = TakeSessionId, Path)), request_body = KeepTake,
    responses((status = 200, body = RecordingBody), (status = 401), (status = 404),
    (status = 409, description = "not_ready or session_closed"), (status = 422)))]
#[post("/api/take-sessions/{id}/keep")]
pub async fn keep(
    app: Data<App>,
    SignedIn(person): SignedIn,
    id: Path<TakeSessionId>,
    Json(asked): Json<KeepTake>,
) -> Result<Json<RecordingBody>, Problem> {
    let session = own(&app, &person, *id).await?;
    let mut form = Form::new();
    let title = form.line("title", asked.title.as_deref().unwrap_or(&session.title), 0, 200);
    let description = form.text("description", &asked.description, 10_000);
    form.done()?;
    let mut tx = app.db.begin().await?;
    session::keep(&app, &mut tx, &session, asked.take, Some((&title, &description)), Some(&person)).await?;
    tx.commit().await?;
    app.jobs.wake();
    let kept = library::sql::recording(&app.db, session.recording).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(RecordingBody::whole(&app, kept, person.id).await?))
}

/// Throw every take of the session away.
#[utoipa::path(tag = "recording", params(("id" = TakeSessionId, Path)),
    responses((status = 204), (status = 401), (status = 404), (status = 409, description = "session_closed")))]
#[delete("/api/take-sessions/{id}")]
pub async fn discard(
    app: Data<App>,
    SignedIn(person): SignedIn,
    id: Path<TakeSessionId>,
) -> Result<HttpResponse, Problem> {
    let session = own(&app, &person, *id).await?;
    let mut tx = app.db.begin().await?;
    session::discard(&app, &mut tx, &session, &person).await?;
    tx.commit().await?;
    app.jobs.wake();
    Ok(HttpResponse::NoContent().finish())
}

/// No body opens a free-standing session; a body that cannot be read is not taken for none.
fn asked(body: &[u8]) -> Result<OpenSession, Problem> {
    if body.is_empty() {
        return Ok(OpenSession::default());
    }
    serde_json::from_slice(body).map_err(|cause| {
        let code = if cause.is_data() { Code::Invalid } else { Code::BadRequest };
        Problem::new(code, format!("The body does not have the expected shape: {cause}."))
    })
}

async fn own(app: &App, person: &Person, id: TakeSessionId) -> Result<Session, Problem> {
    session::sql::session(&app.db, id, person.id).await?.ok_or_else(Problem::not_found)
}
