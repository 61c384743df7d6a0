//! H.264 that fits, sent to a server: it can be watched with its own picture, and one that turns out not to fit on its way is
//! encoded without an attempt being lost or a viewer being cut off.

use serde_json::{Value, json};
use twotake::on_db;

use crate::decode;
use crate::harness::{Client, Server, both, media, until_some};
use crate::sending::{PATIENCE, add, begin, path_of, send, settled};

/// A 1280x720 H.264 and AAC Matroska of nine seconds with keys at these seconds only.
fn matroska(name: &str, keys: &str) -> std::path::PathBuf {
    let line = format!(
        "-f lavfi -i testsrc2=size=1280x720:rate=30:duration=9 -f lavfi -i sine=frequency=440:sample_rate=48000:duration=9 \
         -c:v libx264 -preset ultrafast -b:v 1500k -maxrate 2M -bufsize 2M -pix_fmt yuv420p -sc_threshold 0 -g 999 \
         -force_key_frames {keys} -c:a aac -live 1 -f matroska"
    );
    media::made(name, &line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
}

async fn author(server: &Server) -> Client {
    server.admin().await;
    server.member("Leena Koskinen").await
}

/// The set that was published first, and what is told of its renditions.
async fn published(server: &Server, take: &Value) -> (String, Value) {
    const SQL: &str = "select media from take where id = $1";
    let id: uuid::Uuid = take["id"].as_str().unwrap().parse().unwrap();
    let media: sqlx::types::Json<Value> =
        on_db!(&server.app.db, |c| sqlx::query_scalar(SQL).bind(id).fetch_one(c).await).unwrap();
    let attempt = take["hls_url"].as_str().unwrap().rsplit('/').nth(1).unwrap();
    (format!("takes/{id}/{attempt}"), media.0["renditions"].clone())
}

/// Lengths in a playlist, in milliseconds.
fn lengths(playlist: &str) -> Vec<i64> {
    let lines = playlist.lines().filter_map(|line| line.strip_prefix("#EXTINF:")?.strip_suffix(','));
    lines.map(|seconds| (seconds.parse::<f64>().unwrap() * 1000.0).round() as i64).collect()
}

both! {
    async fn an_upload_that_fits_is_published_with_its_own_picture(server: Server) {
        let leena = author(&server).await;
        let file = matroska("fits-720.mkv", "0,1.8,3.7,5.5,7.1");
        let ready = settled(&leena, &send(&leena, &file, &[]).await).await;
        assert_eq!(ready["state"], "ready", "{ready}");
        let (set, renditions) = published(&server, &ready).await;
        let told: Vec<_> = renditions.as_array().unwrap().iter().map(|r| (&r["name"], &r["copied"], &r["frames"])).collect();
        let (yes, no, all) = (json!(true), json!(false), json!(270));
        assert_eq!(told, [(&json!("720"), &yes, &all), (&json!("480"), &no, &all)]);
        for (name, pictures) in decode::pictures(server.app.store.as_ref(), &set).await {
            assert_eq!(pictures, if name == "audio.m3u8" { 0 } else { 270 }, "{name}");
        }
        // Whoever began to watch before it was ready goes on to the end with the same playlists.
        let hls = ready["hls_url"].as_str().unwrap();
        let path = format!("/media/{}", hls.split_once("/media/").unwrap().1);
        let folder = path.rsplit('/').nth(1).unwrap();
        for rung in ["720", "480"] {
            let live = path.replace(folder, "live").replace("master.m3u8", &format!("{rung}.m3u8"));
            let text = leena.get(&live).await.is(200).text();
            assert!(text.contains("#EXT-X-TARGETDURATION:4\n") && text.ends_with("#EXT-X-ENDLIST\n"), "{text}");
            // The sound begins a blink before the picture.
            let found = lengths(&text);
            let near = found.len() == 3 && found.iter().zip([3700, 3400, 1900]).all(|(a, b)| (a - b).abs() < 60);
            assert!(near, "{text}");
        }
    }

    async fn a_stream_that_no_longer_fits_is_encoded_and_its_viewers_play_on(server: Server) {
        let leena = author(&server).await;
        let bytes = std::fs::read(matroska("stops-720.mkv", "0,2,4")).unwrap();
        // A file, of which no picture may be missing however slow this machine is. Up to the middle everything fits.
        let begun = begin(&leena, bytes.len(), Vec::new(), &[]).await.is(201);
        let (upload, take) = (path_of(begun.header("location")), path_of(begun.header("twotake-take")));
        let half = bytes.len() * 6 / 10;
        for (n, slice) in bytes[..half].chunks(40_000).enumerate() {
            add(&leena, &upload, n * 40_000, slice, false).await.is(204);
        }
        let standing = until_some("something of it can be watched", PATIENCE, async || {
            let take = leena.get(&take).await.ok();
            (take["watchable"] == true).then_some(take)
        })
        .await;
        let master = standing["hls_url"].as_str().unwrap();
        let live = |rung: &str| format!("/media/{}", master.split_once("/media/").unwrap().1).replace("master.m3u8", &format!("{rung}.m3u8"));
        let before = leena.get(&live("720")).await.is(200).text();
        assert!(before.contains("#EXT-X-TARGETDURATION:4\n"), "{before}");

        add(&leena, &upload, half, &bytes[half..], false).await.is(204);
        let ready = settled(&leena, &take).await;
        assert_eq!(ready["state"], "ready", "{ready}");
        let (set, renditions) = published(&server, &ready).await;
        assert_eq!((&renditions[0]["copied"], &renditions[0]["frames"]), (&json!(false), &json!(270)));
        for (name, pictures) in decode::pictures(server.app.store.as_ref(), &set).await {
            assert_eq!(pictures, if name == "audio.m3u8" { 0 } else { 270 }, "{name}");
        }
        let after = leena.get(&live("720")).await.is(200).text();
        assert!(after.starts_with(&before) && after.ends_with("#EXT-X-ENDLIST\n"), "what was told stays: {before} {after}");
        assert_eq!(after.matches("#EXT-X-MAP").count(), 2, "{after}");
        let measured = ready["measured_ms"].as_i64().unwrap();
        assert!((lengths(&after).iter().sum::<i64>() - measured).abs() <= 5, "{after}");
        const SQL: &str = "select state, attempt from job where unique_key = $1";
        let key = format!("process:{}", ready["id"].as_str().unwrap());
        let job: (String, i32) = on_db!(&server.app.db, |c| sqlx::query_as(SQL).bind(&key).fetch_one(c).await).unwrap();
        assert_eq!(job, ("done".into(), 1), "no attempt was lost");
    }
}
