//! Days and instants beyond every calendar: each place that takes one answers, and no such thing is a fault of the server.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use reqwest::Method;
use serde_json::{Value, json};

use crate::goal::{goal, path};
use crate::harness::{Client, both};

/// Days that a date can hold and no database has to.
const DAYS: [&str; 4] = ["-262143-01-01", "-0001-06-01", "0000-01-01", "+262142-12-31"];

async fn answers(client: &Client, method: Method, path: &str, body: Option<Value>) {
    let mut request = client.request(method.clone(), path);
    if let Some(body) = &body {
        request = request.json(body);
    }
    let answer = client.send(request).await;
    assert!(answer.status.as_u16() < 500, "{method} {path} {body:?}: {} {}", answer.status, answer.text());
}

both! {
    at "2026-11-22T10:00:00Z";

    async fn a_day_beyond_every_calendar_is_answered_wherever_one_is_taken(server: Server) {
        let admin = server.admin().await;
        let own = goal(&admin, json!({})).await;
        let place = json!({ "check_in": own["id"], "speed": 1.0 });
        for day in DAYS {
            let asked = day.replace('+', "%2B");
            for at in ["absences?from", "slots?from", "slots?to", "goals?within=year&period", "rounds?date"] {
                answers(&admin, Method::GET, &format!("/api/{at}={asked}"), None).await;
            }
            answers(&admin, Method::GET, &format!("/api/slots?from={asked}&to={asked}"), None).await;
            // Cursors that no list has made.
            let cursor = |keys: Value| BASE64_URL_SAFE_NO_PAD.encode(keys.to_string());
            answers(&admin, Method::GET, &format!("/api/slots?after={}", cursor(json!(day))), None).await;
            for at in ["absences", "goals"] {
                let cursor = cursor(json!([day, own["id"]]));
                answers(&admin, Method::GET, &format!("/api/{at}?after={cursor}"), None).await;
            }
            answers(&admin, Method::PUT, &format!("/api/rounds/place?date={asked}"), Some(place.clone())).await;
            for kind in ["year", "quarter", "month", "week"] {
                let new = json!({ "scope": "individual", "period_kind": kind, "period_start": day, "title": "Far" });
                answers(&admin, Method::POST, "/api/goals", Some(new)).await;
            }
            let change = json!({ "period_start": day, "revision": 1 });
            answers(&admin, Method::PATCH, &path(&own, ""), Some(change)).await;
            answers(&admin, Method::POST, &path(&own, "/carry"), Some(json!({ "period_start": day }))).await;
            for (first, last) in [(day, day), (day, "2026-12-01"), ("2026-12-01", day)] {
                let new = json!({ "first_day": first, "last_day": last });
                answers(&admin, Method::POST, "/api/absences", Some(new)).await;
            }
        }
        answers(&admin, Method::GET, "/api/absences", None).await;
        answers(&admin, Method::GET, "/api/goals", None).await;
    }

    async fn an_instant_beyond_every_calendar_is_answered_wherever_one_is_taken(server: Server) {
        let admin = server.admin().await;
        let own = goal(&admin, json!({ "metrics": [{ "name": "Boards", "target": 64 }] })).await;
        let metric = own["metrics"][0]["id"].as_str().unwrap().to_owned();
        for day in DAYS {
            let at = format!("{day}T00:00:00Z");
            let new = json!({ "name": "A token", "expires_at": at });
            answers(&admin, Method::POST, "/api/tokens", Some(new)).await;
            answers(&admin, Method::POST, &format!("/api/metrics/{metric}/points"), Some(json!({ "value": 1.0, "at": at }))).await;
            for field in ["acknowledge_by", "pinned_until"] {
                let new = json!({ "title": "Far", "body": "away", field: at });
                answers(&admin, Method::POST, "/api/channels/general/posts", Some(new)).await;
            }
            let later = json!({ "local": format!("{day}T09:00"), "zone": "Europe/Helsinki" });
            let new = json!({ "title": "Far", "body": "away", "state": "scheduled", "schedule": later });
            answers(&admin, Method::POST, "/api/channels/general/posts", Some(new)).await;
        }
        answers(&admin, Method::GET, "/api/channels/general/posts", None).await;
        answers(&admin, Method::GET, "/api/tokens", None).await;
        answers(&admin, Method::GET, &format!("/api/metrics/{metric}/points"), None).await;
    }
}
