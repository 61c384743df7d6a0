//! What is made beside the renditions: poster, previews, storyboard, waveform and the MP4 with its index in front.

use std::path::Path;

use crate::bench::{grey, made, plays, run, tool};

/// The top-level boxes of an MP4, in order.
fn boxes(file: &Path) -> Vec<String> {
    let bytes = std::fs::read(file).unwrap();
    let (mut at, mut all) = (0, Vec::new());
    while let Some(head) = bytes.get(at..at + 8) {
        all.push(String::from_utf8_lossy(&head[4..]).into_owned());
        at += u32::from_be_bytes(head[..4].try_into().unwrap()) as usize;
    }
    assert_eq!(at, bytes.len(), "the boxes fill the file: {all:?}");
    all
}

fn probed(file: &Path, what: &str) -> String {
    let words = ["-v", "error", "-show_entries", what, "-of", "csv=p=0", file.to_str().unwrap()];
    String::from_utf8(tool("ffprobe", &words)).unwrap().trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_beside_the_renditions_shows_the_recording() {
    let folder = tempfile::tempdir().unwrap();
    // Black for three seconds, and a tone from the sixth on.
    let words = "-f lavfi -i testsrc2=size=640x360:rate=30:duration=12,drawbox=color=black:t=fill:enable='lt(t,3)' \
                 -f lavfi -i aevalsrc=exprs=0.5*sin(2000*t)*gte(t\\,6)|0.5*sin(2000*t)*gte(t\\,6):s=48000:d=12 \
                 -c:v libvpx -deadline realtime -cpu-used 16 -b:v 600k -c:a libopus -live 1";
    let run = run(&made(&folder, "a.webm", words)).await;
    let kinds: Vec<String> = run.result().files.iter().map(|file| format!("{:?}", file.kind)).collect();
    for kind in ["Poster", "Preview", "PreviewMp4", "Storyboard", "StoryboardIndex", "Waveform", "Mp4", "Master"] {
        assert_eq!(kinds.iter().filter(|listed| *listed == kind).count(), 1, "{kind} is listed once");
    }

    let bright = |name: &str| grey(&run.path(name), 1, 1)[0][0];
    assert!(bright("poster.jpg") > 60 && bright("preview.gif") > 60, "not the black beginning");
    assert!(std::fs::metadata(run.path("preview.gif")).unwrap().len() <= 500_000);

    let clip = run.path("preview.mp4");
    assert_eq!(probed(&clip, "stream=codec_type"), "video", "without sound");
    let length: f64 = probed(&clip, "format=duration").parse().unwrap();
    assert!((2.0..5.0).contains(&length), "{length} s");
    for file in [clip, run.path("video.mp4")] {
        plays(&file);
        let order = boxes(&file);
        let place = |name: &str| order.iter().position(|found| found == name).unwrap();
        assert!(place("moov") < place("mdat"), "{order:?}");
    }

    assert_eq!(probed(&run.path("storyboard.jpg"), "stream=width,height"), "960,90");
    let index = std::fs::read_to_string(run.path("storyboard.vtt")).unwrap();
    assert!(index.starts_with("WEBVTT\n") && index.matches("storyboard.jpg#xywh=").count() == 6, "{index}");
    // The first picture lies where the recording's clock puts it: a few milliseconds beside the instant.
    let third = index.split("\n\n").nth(3).unwrap();
    assert!(third.starts_with("00:00:04.0") && third.ends_with("\nstoryboard.jpg#xywh=320,0,160,90"), "{index}");
    let sheet = &grey(&run.path("storyboard.jpg"), 6, 1)[0];
    assert!(sheet[0] < 30 && sheet[1] < 30 && sheet[2..].iter().all(|tile| *tile > 60), "{sheet:?}");

    let waveform: serde_json::Value =
        serde_json::from_slice(&std::fs::read(run.path("waveform.json")).unwrap()).unwrap();
    let peaks: Vec<u64> = waveform["peaks"].as_array().unwrap().iter().map(|peak| peak.as_u64().unwrap()).collect();
    assert!((240..=242).contains(&peaks.len()), "{} peaks", peaks.len());
    assert!(peaks[..118].iter().all(|peak| *peak < 3) && peaks[122..238].iter().all(|peak| (45..56).contains(peak)));
}
