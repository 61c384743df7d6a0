//! The templates and what goes into them. Every value is escaped by the template; what is written as it is (`safe`) is our
//! own text or has been through [`json_in_html`].

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use crate::config::Config;
use crate::error::Problem;
use crate::http::assets::{self, Shell};
use crate::http::policy::{self, Policy};

use super::card::Card;

/// Style of the pages that stand alone.
const PLAIN_CSS: &str = include_str!("../../templates/page/plain.css");
/// Keeps the player's place until its script has run, beside the app's own style.
const PLACE_CSS: &str = "twotake-player:not(:defined){display:block;position:relative;aspect-ratio:16/9;max-height:82vh;\
    border-radius:12px;overflow:hidden;background:#0f0f12}twotake-player>video{width:100%;height:100%;object-fit:contain}";
/// Style of the page in a frame.
const EMBED_CSS: &str = include_str!("../../templates/page/embed.css");
/// Starts the player of the page in a frame on Play.
const EMBED_JS: &str = include_str!("../../templates/page/embed.js");
/// Signs in from the neutral page.
const SIGN_IN_JS: &str = include_str!("../../templates/page/signin.js");

/// The neutral page: the same for every refusal.
#[derive(Template)]
#[template(path = "page/neutral.html")]
struct Neutral {
    css: &'static str,
    script: &'static str,
}

/// The form for a link's password.
#[derive(Template)]
#[template(path = "page/password.html")]
struct Password<'a> {
    css: &'static str,
    error: Option<&'a str>,
}

/// What a frame shows of a recording that is not for the asker.
#[derive(Template)]
#[template(path = "page/closed.html")]
struct Closed<'a> {
    css: &'static str,
    id: &'a str,
    password: bool,
    error: Option<&'a str>,
}

/// What the three pages with a player share.
pub struct Player<'a> {
    /// What is played.
    pub card: &'a Card,
    /// The address people use.
    pub origin: &'a str,
    /// The second to begin at.
    pub start: f64,
}

#[derive(Template)]
#[template(path = "page/link.html")]
struct LinkPage<'a> {
    card: &'a Card,
    origin: &'a str,
    start: f64,
    css: &'static str,
    script: &'a str,
    embed: bool,
    alone: bool,
    autoplay: bool,
}

#[derive(Template)]
#[template(path = "page/embed.html")]
struct EmbedPage<'a> {
    card: &'a Card,
    origin: &'a str,
    start: f64,
    css: &'static str,
    script: &'a str,
    loader: &'static str,
    embed: bool,
    alone: bool,
    autoplay: bool,
    at_once: bool,
}

#[derive(Template)]
#[template(path = "page/watch.html")]
struct WatchPage<'a> {
    card: &'a Card,
    origin: &'a str,
    start: f64,
    css: &'static str,
    script: &'a str,
    embed: bool,
    alone: bool,
    autoplay: bool,
    organisation: &'a str,
    comments: &'a [Remark],
    head: &'a str,
    boot: &'a str,
    data: &'a str,
}

/// A comment as the server's own drawing shows it.
#[derive(Clone, Debug)]
pub struct Remark {
    /// Who wrote it.
    pub author: String,
    /// When, as "10 Nov".
    pub day: String,
    /// Which moment it is about.
    pub at_ms: Option<i64>,
    /// Its words, sanitised.
    pub body_html: String,
    /// Answers to it.
    pub replies: Vec<Remark>,
}

impl Remark {
    fn initials(&self) -> String {
        super::card::initials(&self.author)
    }

    fn at(&self) -> Option<String> {
        self.at_ms.map(|ms| super::card::clock(ms / 1000))
    }

    fn seconds(&self) -> i64 {
        self.at_ms.unwrap_or(0) / 1000
    }
}

fn render(template: &impl Template) -> Result<String, Problem> {
    template.render().map_err(Problem::internal)
}

/// A page that stands alone, with its one style and perhaps one script.
fn alone(config: &Config, script: Option<&str>) -> Policy {
    let scripts = script.map(policy::hash).into_iter().collect();
    Policy { scripts, styles: vec![policy::hash(PLAIN_CSS)], ..Policy::strict(config) }
}

fn answer(status: StatusCode, policy: &Policy, body: String) -> HttpResponse {
    assets::html(status, policy)
        // No shared cache may keep what was decided for one asker, and robots keep nothing at all.
        .insert_header(("cache-control", "private, no-cache"))
        .insert_header(("vary", "cookie, authorization"))
        .insert_header(("x-robots-tag", "noindex"))
        .body(body)
}

/// The neutral page.
///
/// # Errors
/// None in practice: the template has no values.
pub fn neutral(config: &Config, status: StatusCode) -> Result<HttpResponse, Problem> {
    let page = Neutral { css: PLAIN_CSS, script: SIGN_IN_JS };
    Ok(answer(status, &alone(config, Some(SIGN_IN_JS)), render(&page)?))
}

/// The form for a password.
///
/// # Errors
/// None in practice.
pub fn password(config: &Config, error: Option<&str>) -> Result<HttpResponse, Problem> {
    let status = if error.is_some() { StatusCode::FORBIDDEN } else { StatusCode::OK };
    Ok(answer(status, &alone(config, None), render(&Password { css: PLAIN_CSS, error })?))
}

/// The frame for a refusal. `asking` is the password's form: `Some(None)` at first, `Some(Some(words))` after a wrong one.
///
/// # Errors
/// None in practice.
pub fn closed(
    config: &Config,
    status: StatusCode,
    id: &str,
    asking: Option<Option<&str>>,
) -> Result<HttpResponse, Problem> {
    let page = Closed { css: EMBED_CSS, id, password: asking.is_some(), error: asking.flatten() };
    // Any page may frame a refusal: it says nothing, and a blank frame would look broken.
    let policy = Policy { styles: vec![policy::hash(EMBED_CSS)], ancestors: "*".into(), ..Policy::strict(config) };
    Ok(answer(status, &policy, render(&page)?))
}

/// The page of a link, for somebody who is not signed in.
///
/// # Errors
/// None in practice.
pub fn link(config: &Config, player: &Player<'_>) -> Result<HttpResponse, Problem> {
    let Player { card, origin, start } = *player;
    let script = &assets::player_script();
    let page = LinkPage { card, origin, start, css: PLAIN_CSS, script, embed: false, alone: true, autoplay: false };
    Ok(answer(StatusCode::OK, &alone(config, None), render(&page)?))
}

/// The player in a frame.
///
/// # Errors
/// None in practice.
pub fn embed(config: &Config, player: &Player<'_>, ancestors: String, autoplay: bool) -> Result<HttpResponse, Problem> {
    let Player { card, origin, start } = *player;
    let script = &assets::player_script();
    // Before Play nothing is loaded but the poster. A take that is not ready is followed, and autoplay plays, at once.
    let at_once = autoplay || card.state != "ready" || card.mp4.is_none();
    let page = EmbedPage {
        card,
        origin,
        start,
        css: EMBED_CSS,
        script,
        loader: EMBED_JS,
        embed: true,
        alone: true,
        autoplay,
        at_once,
    };
    let policy = Policy {
        scripts: vec![policy::hash(EMBED_JS)],
        styles: vec![policy::hash(EMBED_CSS)],
        ancestors,
        ..Policy::strict(config)
    };
    Ok(answer(StatusCode::OK, &policy, render(&page)?))
}

/// A member's page: the server's drawing, with the web app inside that takes over.
pub struct Inside<'a> {
    /// The organisation's name.
    pub organisation: &'a str,
    /// Comments for the server's drawing.
    pub comments: &'a [Remark],
    /// What the app need not ask for again.
    pub data: &'a serde_json::Value,
}

/// The page of a member. Without a built web app it is the page of a link.
///
/// # Errors
/// None in practice.
pub fn watch(config: &Config, player: &Player<'_>, inside: &Inside<'_>) -> Result<HttpResponse, Problem> {
    let Some(shell) = Shell::read() else { return link(config, player) };
    let Player { card, origin, start } = *player;
    let page = WatchPage {
        card,
        origin,
        start,
        css: PLACE_CSS,
        script: &assets::player_script(),
        embed: false,
        alone: false,
        autoplay: false,
        organisation: inside.organisation,
        comments: inside.comments,
        head: &shell.head,
        boot: &shell.boot,
        data: &json_in_html(inside.data),
    };
    let policy = Policy { styles: vec![policy::hash(PLACE_CSS)], ..shell.policy(config) };
    Ok(answer(StatusCode::OK, &policy, render(&page)?))
}

/// JSON that can stand inside a script element: nothing in it can end the element or begin a comment.
fn json_in_html(value: &serde_json::Value) -> String {
    value.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_in_a_page_cannot_end_its_element() {
        let text = json_in_html(&serde_json::json!({"title": "</script><!-- & >"}));
        assert!(!text.contains(['<', '>', '&']));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap()["title"], "</script><!-- & >");
    }
}
