//! Three minutes are three minutes, whatever the container says about itself.

use crate::bench::{made, run};

/// A small picture and a tone of so many seconds, quick to make and quick to read.
fn source(seconds: f64) -> String {
    format!(
        "-f lavfi -i testsrc=size=160x120:rate=10:duration={seconds} -f lavfi -i sine=frequency=300:duration={seconds}"
    )
}

const WEBM: &str = "-c:v libvpx -deadline realtime -cpu-used 16 -b:v 60k -c:a libopus -b:a 24k -live 1";
const BACK: &str = "-c:v mpeg4 -b:v 60k -c:a aac -b:a 24k";

#[tokio::test(flavor = "multi_thread")]
async fn three_minutes_are_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let run = run(&made(&folder, "180.webm", &format!("{} {WEBM}", source(180.0)))).await;
    let result = run.result();
    assert!(result.measured_ms.abs_diff(180_000) <= 100, "{}", result.measured_ms);
    let playlist = std::fs::read_to_string(run.path(&result.renditions[0].playlist)).unwrap();
    assert_eq!(playlist.matches("#EXTINF:").count(), 90);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_more_is_refused_with_its_length() {
    let folder = tempfile::tempdir().unwrap();
    for (name, format) in [("181.webm", WEBM), ("181.mp4", BACK), ("181.mkv", BACK)] {
        let (code, measured) = run(&made(&folder, name, &format!("{} {format}", source(181.0)))).await.refusal();
        assert_eq!(code, "too_long", "{name}");
        assert!(measured.unwrap().abs_diff(181_000) <= 150, "{name}: {measured:?}");
    }
}
