//! What is not a recording is refused with a word and a sentence, and never makes us read or decode what we should not.

use crate::bench::{made, run, run_bytes};

/// Five seconds of a small moving picture.
const SMALL: &str = "-f lavfi -i testsrc2=size=640x360:rate=30:duration=5 -pix_fmt yuv420p -c:v libx264";

#[tokio::test(flavor = "multi_thread")]
async fn texts_that_would_make_a_player_open_other_files_are_not_video() {
    let folder = tempfile::tempdir().unwrap();
    let secret = made(&folder, "secret.mp4", SMALL);
    let secret = secret.to_str().unwrap();
    let texts = [
        format!("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{secret}\n#EXT-X-ENDLIST\n"),
        format!("ffconcat version 1.0\nfile '{secret}'\n"),
        "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 5004 RTP/AVP 96\r\n"
            .to_owned(),
        format!("<?xml version=\"1.0\"?><MPD><Period><BaseURL>file://{secret}</BaseURL></Period></MPD>"),
        "WEBVTT\n\n00:00.000 --> 00:01.000\nhello\n".to_owned(),
        String::new(),
    ];
    for text in texts {
        let run = run_bytes(text.clone().into_bytes()).await;
        assert_eq!(run.refusal(), ("not_video", None), "{text}");
        assert_eq!(std::fs::read_dir(run.folder.path()).unwrap().count(), 0, "nothing was made of {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_and_sound_are_not_video() {
    let folder = tempfile::tempdir().unwrap();
    let still = "-f lavfi -i testsrc=size=64x64 -frames:v 1";
    let tone = "-f lavfi -i sine=duration=1";
    for (name, words) in [
        ("a.png", still),
        ("a.jpg", still),
        ("a.gif", still),
        ("a.wav", tone),
        ("a.mp3", tone),
        ("a.m4a", tone),
        ("a.mka", tone),
    ] {
        assert_eq!(run(&made(&folder, name, words)).await.refusal(), ("not_video", None), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_of_sixteen_thousand_squared_is_never_decoded() {
    let folder = tempfile::tempdir().unwrap();
    let words = "-f lavfi -i color=gray:size=16000x16000:rate=1 -frames:v 1 -pix_fmt yuvj420p -c:v mjpeg";
    let bomb = std::fs::read(made(&folder, "bomb.mkv", words)).unwrap();
    assert_eq!(run_bytes(bomb.clone()).await.refusal(), ("picture_too_large", None));
    // The same with a container that lies about it.
    let mut liar = bomb;
    for element in [[0xb0, 0x82, 0x3e, 0x80], [0xba, 0x82, 0x3e, 0x80]] {
        let at = liar.windows(4).position(|four| four == element).unwrap();
        liar[at + 2..at + 4].copy_from_slice(&[0, 64]);
    }
    let run = run_bytes(liar).await;
    assert!(["picture_too_large", "damaged"].contains(&run.refusal().0), "{:?}", run.outcome);
}

#[tokio::test(flavor = "multi_thread")]
async fn codecs_that_are_not_on_the_list_are_not_decoded() {
    let folder = tempfile::tempdir().unwrap();
    for (name, codec) in [("a.mkv", "ffv1"), ("b.avi", "huffyuv"), ("c.mkv", "magicyuv"), ("d.avi", "magicyuv")] {
        let made = made(&folder, name, &format!("-f lavfi -i testsrc=size=64x64:duration=1 -c:v {codec}"));
        assert_eq!(run(&made).await.refusal(), ("unsupported_codec", None), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_files_end_with_a_word() {
    let folder = tempfile::tempdir().unwrap();
    // The index in front, as a cut file must have it to be read at all.
    let whole = std::fs::read(made(&folder, "whole.mp4", &format!("{SMALL} -movflags +faststart"))).unwrap();
    let mut noise: Vec<u8> = (0..200_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    assert_eq!(run_bytes(noise.clone()).await.refusal().0, "not_video");
    noise.splice(0..4, [0x1a, 0x45, 0xdf, 0xa3]);
    assert_eq!(run_bytes(noise).await.refusal().0, "damaged");
    for cut in [20, 1000, whole.len() / 3] {
        let run = run_bytes(whole[..cut].to_vec()).await;
        let (code, _) = match &run.outcome {
            twotake::media::child::Outcome::Done(result) => {
                assert!(result.measured_ms < 5000, "cut at {cut}");
                continue;
            }
            _ => run.refusal(),
        };
        assert_eq!(code, "damaged", "cut at {cut}");
    }
}
