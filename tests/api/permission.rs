//! Who may do what, route by route: every line of tests/permission/table.txt is asked over HTTP as everybody, and every route of
//! the description has a line.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::Value;

#[path = "../permission/table.rs"]
mod table;
#[path = "../permission/thing.rs"]
mod thing;

use crate::harness::{Client, both};
use table::{ACTORS, Line, SIGNED_OUT, lines};
use thing::{Made, World};

/// Things named in a text, in their order.
fn named(text: &str) -> Vec<String> {
    let parts = text.split('{').skip(1).filter_map(|part| part.split_once('}'));
    parts.map(|(name, _)| name.to_owned()).filter(|name| !name.is_empty() && !name.contains(['"', ':'])).collect()
}

fn filled(text: &str, made: &Made) -> String {
    made.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

impl World {
    /// Everything a line names, made for this asker.
    async fn ready(&self, line: &Line, asker: &Client) -> Made {
        let mut made = Made::new();
        let text = format!("{} {}", line.address, line.body.as_deref().unwrap_or_default());
        for name in named(&text) {
            self.make(&name, asker, &mut made).await;
        }
        made
    }

    /// What the asker is told, as a mark and in full.
    async fn ask(&self, line: &Line, asker: &Client, made: &Made) -> (char, String) {
        let method = Method::from_bytes(line.method.as_bytes()).expect("a method");
        let mut request = asker.request(method, &filled(&line.address, made));
        for (name, value) in &line.headers {
            request = request.header(name, value);
        }
        if let Some(body) = &line.body {
            let body: Value =
                serde_json::from_str(&filled(body, made)).unwrap_or_else(|e| panic!("{}: {e}", line.text));
            request = request.json(&body);
        }
        let mut answer = asker.http.execute(request.build().unwrap()).await.unwrap();
        let status = answer.status();
        // A stream has no end: its first bytes are enough.
        let body = match line.address.ends_with("/events") {
            true => answer.chunk().await.unwrap().unwrap_or_default(),
            false => answer.bytes().await.unwrap(),
        };
        let text = String::from_utf8_lossy(&body).into_owned();
        let judged_by_name = line.marks.iter().any(|mark| "pq".contains(*mark));
        let mark = match status.as_u16() {
            _ if judged_by_name && text.contains("Calibration is down") => 'p',
            _ if judged_by_name => 'q',
            200..300 => 'y',
            401 => '-',
            403 => 'n',
            404 => 'h',
            409 => 'c',
            410 => 'g',
            501 => 'o',
            _ => '?',
        };
        (mark, format!("{status} {}", text.chars().take(200).collect::<String>()))
    }
}

both! {
    at "2026-11-24T10:00:00Z";

    async fn everybody_may_do_what_the_table_says_and_nothing_else(server: Server) {
        let world = World::new(server).await;
        let mut wrong = String::new();
        let only = std::env::var("TWOTAKE_PERMISSION").unwrap_or_default();
        for line in lines().iter().filter(|line| line.text.contains(&only)) {
            // Attempts to sign in are counted; all lines together take less than the open slot's hours.
            world.server.app.clock.advance(TimeDelta::seconds(100));
            let mut kept: Option<Made> = None;
            let (mut told, mut texts) = (String::new(), Vec::new());
            for (at, actor) in world.actors.iter().enumerate() {
                // Whoever signs in with a line is not signed out with the next.
                let stranger = world.server.stranger();
                let asker = if ACTORS[at] == SIGNED_OUT { &stranger } else { actor };
                // What is only read stays as it is.
                let made = match kept.take() {
                    Some(made) if line.method == "GET" => made,
                    _ => world.ready(line, asker).await,
                };
                let (mark, text) = world.ask(line, asker, &made).await;
                texts.push(text);
                told.push(mark);
                kept = Some(made);
            }
            let wanted: String = line.marks.iter().collect();
            if told != wanted {
                let _ = write!(wrong, "\n{}\n    the table says {wanted}, the server {told}", line.text);
                let differing = wanted.chars().zip(told.chars()).position(|(wanted, told)| wanted != told);
                let _ = differing.map_or(Ok(()), |at| write!(wrong, "; the {}: {}", ACTORS[at], texts[at]));
            }
        }
        assert!(wrong.is_empty(), "the table and the server differ:{wrong}");
    }
}

/// The segments of an address, with every thing as `{}`.
fn shape(address: &str) -> Vec<&str> {
    let path = address.split('?').next().unwrap_or_default();
    path.split('/').map(|part| if part.contains('{') { "{}" } else { part }).collect()
}

#[test]
fn every_route_has_a_line() {
    let document = twotake::wiring::openapi();
    let mut routes: BTreeMap<(String, String), bool> = BTreeMap::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            routes.insert((method.to_uppercase(), path.clone()), false);
        }
    }
    let mut strangers = BTreeSet::new();
    for line in lines() {
        // A thing may stand for several segments: {watched} is a recording, a take and an attempt.
        let address = line.address.replace("{watched}", "{}/{}/{}").replace("{launch watched}", "{}/{}/{}");
        let address = address.replace("{playback}", "{}/{}/{}/{}");
        let address = address.replace("{captioned take}", "{}/{}").replace("{captioned playback}", "{}/{}/{}");
        let asked = shape(&address);
        let fits = |path: &str| {
            let wanted = shape(path);
            wanted.len() == asked.len() && wanted.iter().zip(&asked).all(|(a, b)| a == b || *a == "{}")
        };
        // The most literal of those that fit is the one that answers.
        let best = routes.keys().filter(|(method, path)| *method == line.method && fits(path));
        let best = best.max_by_key(|(_, path)| shape(path).iter().filter(|part| **part != "{}").count()).cloned();
        if let Some(route) = best {
            routes.insert(route, true);
        } else {
            strangers.insert(line.text);
        }
    }
    let missing: Vec<_> =
        routes.iter().filter(|(_, asked)| !**asked).map(|((method, path), _)| format!("{method} {path}")).collect();
    assert!(missing.is_empty(), "add a line to tests/permission/table.txt for {missing:#?}");
    assert!(strangers.is_empty(), "no route answers {strangers:#?}");
}
