//! oEmbed 1.0, row by row of its specification.

use serde_json::json;

use crate::harness::{Server, both};
use crate::page::{oembed_of, share, slug};
use crate::recorded::recording;

async fn linked(server: &Server) -> String {
    server.admin().await;
    let leena = server.member("Leena Koskela").await;
    let id = recording(server, &leena, "Calibration is down to 31 minutes").await;
    share(&leena, id, json!({})).await.0
}

both! {
    async fn a_link_is_answered_as_a_video_within_the_maxima(server: Server) {
        let token = linked(&server).await;
        let (stranger, ask) = (server.stranger(), oembed_of(&server, &token));
        let whole = stranger.get(&ask).await.is(200);
        assert_eq!(whole.header("content-type"), "application/json");
        assert_eq!(whole.header("access-control-allow-origin"), "*");
        assert_eq!(whole.header("cache-control"), "public, max-age=300");
        let told = whole.json();
        assert_eq!((&told["type"], &told["version"]), (&json!("video"), &json!("1.0")));
        assert_eq!((&told["width"], &told["height"]), (&json!(1920), &json!(1080)));
        assert_eq!((&told["author_name"], &told["duration"]), (&json!("Leena Koskela"), &json!(161)));
        assert_eq!((&told["provider_name"], &told["cache_age"]), (&json!("Twotake"), &json!(300)));
        let html = told["html"].as_str().unwrap();
        assert!(html.starts_with("<iframe ") && html.ends_with("></iframe>") && html.matches('<').count() == 2, "{html}");
        for part in ["allowfullscreen", "allow=\"autoplay; fullscreen; picture-in-picture\"", "title=\"Calibration", "width=\"1920\""] {
            assert!(html.contains(part), "{part} is missing: {html}");
        }
        for (maxima, (width, height)) in [("&maxwidth=640", (640, 360)), ("&maxheight=180", (320, 180)),
            ("&maxwidth=400&maxheight=711", (400, 225)), ("&maxwidth=9000", (1920, 1080)), ("&maxwidth=&unknown=1", (1920, 1080))]
        {
            let told = stranger.get(&format!("{ask}{maxima}")).await.is(200).json();
            assert_eq!((&told["width"], &told["height"]), (&json!(width), &json!(height)), "{maxima}");
            let across = told["thumbnail_width"].as_u64().unwrap();
            let down = told["thumbnail_height"].as_u64().unwrap();
            assert!(across <= width && down <= height && told["thumbnail_url"].is_string(), "{maxima}: {told}");
        }
        stranger.head(&ask).await.is(200);
    }

    async fn xml_is_answered_as_well_formed_xml(server: Server) {
        let token = linked(&server).await;
        let answer = server.stranger().get(&format!("{}&format=xml", oembed_of(&server, &token))).await.is(200);
        assert_eq!(answer.header("content-type"), "text/xml; charset=utf-8");
        let text = answer.text();
        assert!(text.starts_with("<?xml version=\"1.0\" encoding=\"utf-8\""));
        assert!(text.contains("<oembed><type>video</type>") && text.trim_end().ends_with("</oembed>"));
        assert!(text.contains("<html>&lt;iframe src=&quot;"));
    }

    async fn errors_are_those_of_the_specification(server: Server) {
        server.admin().await;
        let leena = server.member("Leena Koskela").await;
        let id = recording(&server, &leena, "Calibration").await;
        let slug = slug(&server, id).await;
        let (open, _) = share(&leena, id, json!({})).await;
        let (locked, _) = share(&leena, id, json!({"password": "three baths"})).await;
        let (ended, ended_id) = share(&leena, id, json!({})).await;
        leena.delete(&format!("/api/share-links/{ended_id}")).await.is(204);
        let check_in = format!("/oembed?url={}/check-ins/{}", server.app.config.origin(), id);
        let table = [
            ("/oembed".to_owned(), "bad_request"),
            ("/oembed?url=".to_owned(), "bad_request"),
            (format!("{}&maxwidth=wide", oembed_of(&server, &open)), "bad_request"),
            (format!("{}&format=yaml", oembed_of(&server, &open)), "not_implemented"),
            (oembed_of(&server, &slug), "unauthenticated"),
            (oembed_of(&server, &locked), "unauthenticated"),
            (check_in, "unauthenticated"),
            (oembed_of(&server, &ended), "not_found"),
            (oembed_of(&server, "nosuchword"), "not_found"),
            ("/oembed?url=https%3A%2F%2Felsewhere.example%2Fw%2Fabc".to_owned(), "not_found"),
            ("/oembed?url=http%3A%2F%2F169.254.169.254%2F".to_owned(), "not_found"),
        ];
        for (path, code) in table {
            // A signed-in member is told no more than anybody: the answer goes into pages that others read.
            for asker in [&server.stranger(), &leena] {
                let answer = asker.get(&path).await;
                assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
                assert_eq!(answer.header("cache-control"), "no-store", "{path}");
                assert!(!answer.text().contains("Calibration") && !answer.text().contains("Leena"), "{path}");
                answer.problem(code);
            }
        }
    }
}
