//! F15: files that say another length than they have. What was measured decides.

use crate::answer::{Answer, answer};
use crate::source::{find, made, written};

const THREE: &str = "-f lavfi -i testsrc=size=64x64:rate=10:duration=3 -f lavfi -i sine=duration=3";
const LONG: &str = "-f lavfi -i testsrc=size=64x64:rate=2:duration=185 -f lavfi -i sine=duration=185";
const H264: &str = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac -movflags +faststart";
const VP8: &str = "-c:v libvpx -deadline realtime -cpu-used 16 -c:a libopus";

fn answered(name: &str, bytes: &[u8]) -> Answer {
    let folder = tempfile::tempdir().unwrap();
    answer(&written(&folder, name, bytes)).unwrap_or_else(|how| panic!("{how}"))
}

fn bytes(name: &str, words: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::read(made(&folder, name, words)).unwrap()
}

/// Writes `seconds` into every header of an MP4 (mvhd, tkhd, mdhd, version 0) that tells a length, in the unit of the film.
fn claims_mp4(mut film: Vec<u8>, seconds: u32) -> Vec<u8> {
    let mvhd = find(&film, b"mvhd").unwrap();
    let scale = u32::from_be_bytes(film[mvhd + 16..mvhd + 20].try_into().unwrap());
    film[mvhd + 20..mvhd + 24].copy_from_slice(&(seconds.wrapping_mul(scale)).to_be_bytes());
    let mut from = 0;
    while let Some(at) = find(&film[from..], b"mdhd").map(|at| at + from) {
        let scale = u32::from_be_bytes(film[at + 16..at + 20].try_into().unwrap());
        film[at + 20..at + 24].copy_from_slice(&(seconds.wrapping_mul(scale)).to_be_bytes());
        from = at + 4;
    }
    film
}

/// Writes a number of milliseconds into Matroska's Duration (0x4489, a float of eight bytes).
fn claims_webm(mut film: Vec<u8>, ms: f64) -> Vec<u8> {
    let at = find(&film, &[0x44, 0x89, 0x88]).expect("a length of eight bytes");
    film[at + 3..at + 11].copy_from_slice(&ms.to_be_bytes());
    film
}

#[test]
fn f15_three_seconds_that_claim_hours_or_nothing_are_three_seconds() {
    let (mp4, webm) = (bytes("a.mp4", &format!("{THREE} {H264}")), bytes("a.webm", &format!("{THREE} {VP8}")));
    let liars = [
        ("hours.mp4", claims_mp4(mp4.clone(), 40_000)),
        ("none.mp4", claims_mp4(mp4, 0)),
        ("hours.webm", claims_webm(webm.clone(), 4e7)),
        ("none.webm", claims_webm(webm.clone(), 0.0)),
        ("below.webm", claims_webm(webm.clone(), -5.0)),
        ("nan.webm", claims_webm(webm, f64::NAN)),
    ];
    for (name, film) in liars {
        let answer = answered(name, &film);
        assert_eq!(answer.word, "ready", "{name}");
        assert!(answer.measured_ms.unwrap().abs_diff(3000) <= 100, "{name}: {:?}", answer.measured_ms);
    }
}

#[test]
fn f15_a_recording_over_the_limit_that_claims_one_second_is_too_long() {
    let (mp4, webm) = (bytes("a.mp4", &format!("{LONG} {H264}")), bytes("a.webm", &format!("{LONG} {VP8}")));
    for (name, film) in [("second.mp4", claims_mp4(mp4, 1)), ("second.webm", claims_webm(webm, 1000.0))] {
        let answer = answered(name, &film);
        assert_eq!(answer.word, "too_long", "{name}");
        assert!(answer.measured_ms.unwrap().abs_diff(185_000) <= 200, "{name}: {:?}", answer.measured_ms);
    }
}

#[test]
fn f15_times_that_jump_are_measured_as_they_are_shown() {
    // Thirty pictures, and from the fifteenth on ten minutes later.
    let jump = "-f lavfi -i testsrc=size=64x64:rate=10:duration=3 -vf setpts=PTS+gte(N\\,15)*600/TB -vsync passthrough \
                -c:v libvpx -deadline realtime -cpu-used 16 -live 1";
    let answer = answered("jump.webm", &bytes("jump.webm", jump));
    assert_eq!(answer.word, "too_long");
    assert!(answer.measured_ms.unwrap() > 600_000, "{:?}", answer.measured_ms);
}
