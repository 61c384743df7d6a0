//! The description of the HTTP interface: what every operation has in common, and a page to read it that needs no script
//! and no other server.

use actix_web::http::header;
use actix_web::web::{Data, ServiceConfig};
use actix_web::{HttpResponse, get};
use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use utoipa::openapi::OpenApi;

use crate::error::{Code, Problem};

mod shape;

/// The whole document, made once at start by the wiring.
pub struct Document(pub Value);

const ABOUT: &str = "Requests carry `Authorization: Bearer TOKEN` (a personal token) or the session cookie. Errors are \
    problem documents (RFC 9457) with a stable `code`. Lists answer `{items, next}`; give `next` back as `after`. A write to \
    something that changes carries its `revision`; when it is stale, the answer is 409 with `current`.";

/// The document with what is true of every operation: its name, how one signs in, and that errors are problem documents.
#[must_use]
pub fn complete(document: &OpenApi) -> Value {
    let mut whole = serde_json::to_value(document).unwrap_or_default();
    whole["info"] = json!({ "title": "Twotake", "version": env!("CARGO_PKG_VERSION"), "description": ABOUT,
                            "license": { "name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later" } });
    whole["security"] = json!([{ "token": [] }, { "session": [] }]);
    whole["components"]["securitySchemes"] = json!({
        "token": { "type": "http", "scheme": "bearer" },
        "session": { "type": "apiKey", "in": "cookie", "name": "__Host-twotake" },
    });
    whole["components"]["schemas"]["Problem"] = problem();
    let default = json!({ "description": "A problem", "content": {
        "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } } });
    for (path, methods) in whole["paths"].as_object_mut().into_iter().flatten() {
        for (method, operation) in methods.as_object_mut().into_iter().flatten() {
            operation["operationId"] = json!(operation_id(method, path));
            operation["responses"]["default"] = default.clone();
        }
    }
    shape::correct(&mut whole);
    whole
}

/// One name for each operation: handlers of different slices may be called the same.
fn operation_id(method: &str, path: &str) -> String {
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty() && *word != "api");
    words.fold(method.to_owned(), |name, word| name + "_" + word)
}

/// The shape of a problem document.
fn problem() -> Value {
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.name()).collect();
    json!({ "type": "object", "required": ["type", "code", "title", "status", "detail"], "additionalProperties": true,
        "properties": {
            "type": { "type": "string" }, "code": { "type": "string", "enum": codes }, "title": { "type": "string" },
            "status": { "type": "integer" }, "detail": { "type": "string" },
            "fields": { "type": "object", "additionalProperties": { "type": "string" } } } })
}

/// Registers the routes.
pub fn register(config: &mut ServiceConfig) {
    config.service(json).service(page);
}

/// The document for programs.
#[get("/api/openapi.json")]
pub async fn json(document: Data<Document>) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-cache")).json(&document.0)
}

/// The same for people.
#[get("/api/docs")]
pub async fn page(document: Data<Document>) -> Result<HttpResponse, Problem> {
    let page = Page::of(&document.0);
    let html = page.render().map_err(Problem::internal)?;
    // The one style is inside the page; its hash is all that the policy lets through.
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .body(html))
}

const STYLE: &str = include_str!("../../templates/docs.css");

#[derive(Template)]
#[template(path = "docs.html")]
struct Page {
    style: &'static str,
    version: String,
    about: String,
    groups: Vec<Group>,
    schemas: Vec<(String, String)>,
}

struct Group {
    name: String,
    operations: Vec<Operation>,
}

struct Operation {
    method: String,
    path: String,
    summary: String,
    parameters: Vec<Parameter>,
    body: Option<Shape>,
    answers: Vec<Answer>,
}

struct Parameter {
    name: String,
    place: String,
    about: String,
}

struct Answer {
    status: String,
    about: String,
    shape: Option<Shape>,
}

/// A shape by its name, linked to where it is written out.
struct Shape {
    name: String,
}

impl Page {
    fn of(whole: &Value) -> Page {
        let mut groups: Vec<Group> = Vec::new();
        for (path, methods) in whole["paths"].as_object().into_iter().flatten() {
            for (method, operation) in methods.as_object().into_iter().flatten() {
                let name = operation["tags"][0].as_str().unwrap_or("other").to_owned();
                let at = groups.iter().position(|group| group.name == name).unwrap_or_else(|| {
                    groups.push(Group { name, operations: Vec::new() });
                    groups.len() - 1
                });
                groups[at].operations.push(Operation::of(method, path, operation));
            }
        }
        groups.sort_by(|a, b| a.name.cmp(&b.name));
        let written = |(name, schema): (&String, &Value)| {
            (name.clone(), serde_json::to_string_pretty(schema).unwrap_or_default())
        };
        Page {
            style: STYLE,
            version: text(&whole["info"]["version"]),
            about: text(&whole["info"]["description"]),
            groups,
            schemas: whole["components"]["schemas"].as_object().into_iter().flatten().map(written).collect(),
        }
    }
}

impl Operation {
    fn of(method: &str, path: &str, operation: &Value) -> Operation {
        let parameter =
            |p: &Value| Parameter { name: text(&p["name"]), place: text(&p["in"]), about: text(&p["description"]) };
        let answer = |(status, a): (&String, &Value)| Answer {
            status: status.clone(),
            about: text(&a["description"]),
            shape: shape(&a["content"]),
        };
        Operation {
            method: method.to_uppercase(),
            path: path.to_owned(),
            summary: [text(&operation["summary"]), text(&operation["description"])].join(" ").trim().to_owned(),
            parameters: operation["parameters"].as_array().into_iter().flatten().map(parameter).collect(),
            body: shape(&operation["requestBody"]["content"]),
            answers: operation["responses"].as_object().into_iter().flatten().map(answer).collect(),
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The named shape of a body, if it has one.
fn shape(content: &Value) -> Option<Shape> {
    let schema = content.as_object()?.values().next().unwrap_or(&Value::Null).get("schema")?.clone();
    let reference = schema["$ref"].as_str().or_else(|| schema["items"]["$ref"].as_str())?;
    Some(Shape { name: reference.rsplit('/').next().unwrap_or(reference).to_owned() })
}
