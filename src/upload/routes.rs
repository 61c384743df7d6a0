//! The tus interface at `/api/uploads`.

use actix_web::http::{Method, header};
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, Path, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use super::append::Patch;
use super::checksum::{ALGORITHMS, Checksum};
use super::protocol::{self, carries_bytes, count, describe, expires, is, text};
use super::{Upload, UploadError, append as log, create, ending, sql};
use crate::account::Person;
use crate::account::guard::SignedIn;
use crate::app::App;
use crate::error::{Code, Problem};
use crate::id::UploadId;

/// Registers the routes.
pub fn register(config: &mut ServiceConfig) {
    let wrong = || async {
        Problem::new(Code::MethodNotAllowed, "Uploads speak tus 1.0.0: OPTIONS, POST, HEAD, PATCH and DELETE.")
    };
    let all = web::resource("")
        .route(web::route().guard(is(Method::OPTIONS)).to(offer))
        .route(web::route().guard(is(Method::POST)).to(begin))
        .default_service(web::to(move || async move { Err::<HttpResponse, _>(wrong().await) }));
    let one = web::resource("/{id}")
        .route(web::route().guard(is(Method::OPTIONS)).to(offer))
        .route(web::route().guard(is(Method::HEAD)).to(look))
        .route(web::route().guard(is(Method::PATCH)).to(append))
        .route(web::route().guard(is(Method::DELETE)).to(cancel))
        .default_service(web::to(move || async move { Err::<HttpResponse, _>(wrong().await) }));
    config.service(web::scope("/api/uploads").wrap(from_fn(protocol::speak)).service(all).service(one));
}

/// The routes in the OpenAPI document.
#[derive(utoipa::OpenApi)]
#[openapi(paths(offer, begin, look, append, cancel), components(schemas(UploadId)))]
pub struct Api;

/// What is offered: version, extensions, largest size, checksums.
#[utoipa::path(options, path = "/api/uploads", tag = "uploads", responses((status = 204, description = "Tus-Version, Tus-Extension, Tus-Max-Size, Tus-Checksum-Algorithm")))]
pub(crate) async fn offer() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header(("Tus-Extension", protocol::EXTENSIONS))
        .insert_header(("Tus-Checksum-Algorithm", ALGORITHMS))
        .finish()
}

/// Begin an upload, and with it a take. Metadata: filename, filetype, title, take_session, declared_ms, each optional. The
/// body may already carry bytes.
#[utoipa::path(post, path = "/api/uploads", tag = "uploads",
    params(("Tus-Resumable" = String, Header, description = "1.0.0"), ("Upload-Length" = Option<i64>, Header), ("Upload-Defer-Length" = Option<i64>, Header, description = "1, when the length is told later"), ("Upload-Metadata" = Option<String>, Header)),
    responses(
        (status = 201, description = "Location is the upload, Twotake-Take the take"),
        (status = 400, description = "A header is missing or cannot be read"),
        (status = 401, description = "Nobody is signed in"),
        (status = 409, description = "takes_used_up or session_closed"),
        (status = 413, description = "too_large; Tus-Max-Size tells the limit"),
        (status = 422, description = "too_long: the declared length is over the limit"),
        (status = 429, description = "Too many uploads are open"),
        (status = 507, description = "quota_exceeded")))]
pub(crate) async fn begin(
    app: Data<App>,
    SignedIn(person): SignedIn,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse, Problem> {
    let size = protocol::length_at_creation(&request)?;
    let checksum = text(&request, "Upload-Checksum").map(Checksum::parse).transpose()?;
    let mut upload = create::create(&app, &person, size, text(&request, "Upload-Metadata").unwrap_or_default()).await?;
    let mut answer = HttpResponse::Created();
    if carries_bytes(&request) {
        let patch = Patch { checksum, ..Patch::default() };
        upload = with_first_bytes(&app, upload, patch, body).await?;
        answer.insert_header(("Upload-Offset", upload.received.to_string()));
    }
    let origin = protocol::origin(&request, &app);
    expires(&mut answer, &upload);
    answer.insert_header((header::LOCATION, format!("{origin}/api/uploads/{}", upload.id)));
    Ok(answer.insert_header(("Twotake-Take", format!("{origin}/api/takes/{}", upload.take))).finish())
}

/// The upload exists whatever becomes of its first bytes; only a size that can never be is worth refusing it for.
async fn with_first_bytes(app: &Data<App>, upload: Upload, patch: Patch, body: Payload) -> Result<Upload, UploadError> {
    let id = upload.id;
    match log::append(app.clone(), upload, patch, body).await {
        Err(refused @ (UploadError::TooLarge { .. } | UploadError::Refused { .. })) => Err(refused),
        Ok(upload) => Ok(upload),
        Err(error) => {
            tracing::info!(upload = %id, %error, "an upload was begun without its first bytes");
            sql::find(&app.db, id).await?.ok_or(UploadError::NotFound)
        }
    }
}

/// Where an upload stands. Whoever was writing lets go.
#[utoipa::path(head, path = "/api/uploads/{id}", tag = "uploads", params(("id" = UploadId, Path), ("Tus-Resumable" = String, Header, description = "1.0.0")),
    responses((status = 200, description = "Upload-Offset, Upload-Length, Upload-Metadata, Upload-Expires"), (status = 404, description = "No such upload"), (status = 410, description = "The upload has ended")))]
pub(crate) async fn look(
    app: Data<App>,
    SignedIn(person): SignedIn,
    id: Path<UploadId>,
) -> Result<HttpResponse, Problem> {
    let upload = own(&app, &person, *id).await?;
    upload.still_there()?;
    let upload = fence(&app, upload).await?;
    let mut answer = HttpResponse::Ok();
    describe(&mut answer, &upload);
    if !upload.metadata.is_empty() {
        answer.insert_header(("Upload-Metadata", upload.metadata.as_str()));
    }
    Ok(answer.insert_header((header::CACHE_CONTROL, "no-store")).finish())
}

/// Add bytes at the offset where the upload stands.
#[utoipa::path(patch, path = "/api/uploads/{id}", tag = "uploads",
    params(("id" = UploadId, Path), ("Tus-Resumable" = String, Header, description = "1.0.0"), ("Upload-Offset" = i64, Header), ("Upload-Length" = Option<i64>, Header, description = "once, when it was deferred"), ("Upload-Checksum" = Option<String>, Header, description = "sha1 or sha256, and the sum in base64")),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    responses(
        (status = 204, description = "Every byte is durable; Upload-Offset is the new offset"),
        (status = 404, description = "No such upload"),
        (status = 409, description = "The upload stands at another offset"),
        (status = 410, description = "The upload has ended"),
        (status = 413, description = "More bytes than were declared or allowed"),
        (status = 415, description = "Not application/offset+octet-stream"),
        (status = 423, description = "Another request is writing, or the bytes broke off; ask for the offset and go on"),
        (status = 460, description = "The bytes do not match their checksum and were not kept"),
        (status = 507, description = "The storage is full")))]
pub(crate) async fn append(
    app: Data<App>,
    SignedIn(person): SignedIn,
    id: Path<UploadId>,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse, Problem> {
    let upload = own(&app, &person, *id).await?;
    let upload = log::append(app.clone(), upload, patch(&request)?, body).await?;
    let mut answer = HttpResponse::NoContent();
    expires(&mut answer, &upload);
    Ok(answer.insert_header(("Upload-Offset", upload.received.to_string())).finish())
}

/// End an upload; its bytes are deleted.
#[utoipa::path(delete, path = "/api/uploads/{id}", tag = "uploads", params(("id" = UploadId, Path), ("Tus-Resumable" = String, Header, description = "1.0.0")),
    responses((status = 204, description = "Ended"), (status = 404, description = "No such upload"), (status = 409, description = "It is complete: delete the recording instead"), (status = 410, description = "It had ended")))]
pub(crate) async fn cancel(
    app: Data<App>,
    SignedIn(person): SignedIn,
    id: Path<UploadId>,
) -> Result<HttpResponse, Problem> {
    let upload = own(&app, &person, *id).await?;
    ending::terminate(&app, &upload).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// An upload of that person; another's does not exist for them.
async fn own(app: &App, person: &Person, id: UploadId) -> Result<Upload, UploadError> {
    sql::find(&app.db, id).await?.filter(|upload| upload.person == person.id).ok_or(UploadError::NotFound)
}

/// Makes whoever writes let go, here at once and elsewhere at their next chunk, so that the offset told is the last word.
async fn fence(app: &App, upload: Upload) -> Result<Upload, UploadError> {
    if upload.state != super::State::Receiving {
        return Ok(upload);
    }
    app.uploads.evict(upload.id).await;
    let mut tx = app.db.begin().await?;
    sql::fence(&mut tx, upload.id, app.clock.id()).await?;
    tx.commit().await?;
    sql::find(&app.db, upload.id).await?.ok_or(UploadError::NotFound)
}

fn patch(request: &HttpRequest) -> Result<Patch, UploadError> {
    if !carries_bytes(request) {
        return Err(UploadError::WrongType);
    }
    Ok(Patch {
        from: count(request, "Upload-Offset")?
            .ok_or_else(|| UploadError::BadHeader("Upload-Offset is missing.".into()))?,
        size: count(request, "Upload-Length")?,
        announced: count(request, "Content-Length")?,
        checksum: text(request, "Upload-Checksum").map(Checksum::parse).transpose()?,
    })
}
