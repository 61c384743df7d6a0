//! F17: small files that would unfold into more than a machine has.

use std::path::Path;

use crate::answer::{Answer, answer};
use crate::source::{find, made, made_of, written};

fn answered(file: &Path) -> Answer {
    answer(file).unwrap_or_else(|how| panic!("{how}"))
}

#[test]
fn f17_a_picture_larger_than_any_screen_is_never_decoded() {
    let folder = tempfile::tempdir().unwrap();
    let small = std::fs::read(made(
        &folder,
        "small.webm",
        "-f lavfi -i testsrc=size=64x64:rate=10:duration=1 -c:v libvpx -live 1",
    ))
    .unwrap();
    // The picture itself says how large it is, whatever the container says: 14 bits each, after the start code of a key frame.
    let mut bomb = small;
    let at = find(&bomb, &[0x9d, 0x01, 0x2a]).unwrap() + 3;
    bomb[at..at + 4].copy_from_slice(&[0xff, 0x3f, 0xff, 0x3f]);
    let answer = answered(&written(&folder, "16383.webm", &bomb));
    assert!(["picture_too_large", "damaged"].contains(&answer.word.as_str()), "{}", answer.word);
    assert!(answer.memory < 128 * 1024, "{} KiB", answer.memory);
}

#[test]
fn f17_two_pictures_a_day_apart_are_too_long_and_make_no_others() {
    let folder = tempfile::tempdir().unwrap();
    let far = "-f lavfi -i testsrc=size=64x64:rate=1:duration=2 -vf setpts=N*100000/TB -vsync passthrough -c:v libvpx -live 1";
    let answer = answered(&made(&folder, "far.mkv", far));
    assert_eq!(answer.word, "too_long");
    assert!(answer.measured_ms.unwrap() >= 100_000_000, "{:?}", answer.measured_ms);
}

#[test]
fn f17_a_thousand_pictures_a_second_become_thirty() {
    let folder = tempfile::tempdir().unwrap();
    let fast = "-f lavfi -i testsrc=size=64x64:rate=1000:duration=2 -c:v libx264 -preset ultrafast -pix_fmt yuv420p";
    let answer = answered(&made(&folder, "fast.mkv", fast));
    assert_eq!(answer.word, "ready");
    let frames = crate::source::printed(
        "ffprobe",
        &[
            "-v",
            "error",
            "-select_streams",
            "v",
            "-count_packets",
            "-show_entries",
            "stream=nb_read_packets",
            "-of",
            "csv=p=0",
        ],
        &answer.path("video.mp4"),
    );
    assert!(frames.trim().parse::<u64>().unwrap() <= 62, "{frames}");
}

#[test]
fn f17_a_crowd_of_tracks_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut words = "-f lavfi -i testsrc=size=16x16:rate=5:duration=1 -c:v mpeg4".split(' ').collect::<Vec<_>>();
    words.extend(std::iter::repeat_n(["-map", "0"], 400).flatten());
    for name in ["crowd.mkv", "crowd.mov"] {
        let answer = answered(&made_of(&folder, name, &words));
        assert!(
            ["ready", "damaged", "unsupported_codec", "not_video"].contains(&answer.word.as_str()),
            "{name}: {}",
            answer.word
        );
    }
}

#[test]
fn f17_a_load_of_attachments_and_labels_is_left_aside() {
    let folder = tempfile::tempdir().unwrap();
    let load = written(&folder, "load.bin", &vec![7; 60 << 20]);
    let label = "comment=".to_owned() + &"x".repeat(100_000);
    let words = [
        "-f",
        "lavfi",
        "-i",
        "testsrc=size=64x64:rate=10:duration=1",
        "-c:v",
        "libvpx",
        "-metadata",
        &label,
        "-attach",
        load.to_str().unwrap(),
        "-metadata:s:t",
        "mimetype=application/octet-stream",
    ];
    let answer = answered(&made_of(&folder, "attached.mkv", &words));
    assert_eq!(answer.word, "ready");
    let written: u64 =
        std::fs::read_dir(answer.out.path()).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum();
    assert!(written < 2 << 20, "{written} bytes came out");
}

#[test]
fn f17_noise_after_a_good_beginning_ends() {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = std::fs::read(made(
        &folder,
        "begun.webm",
        "-f lavfi -i testsrc=size=64x64:rate=10:duration=1 -c:v libvpx -live 1",
    ))
    .unwrap();
    bytes.extend((0..30_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 11) as u8));
    let answer = answered(&written(&folder, "noise.webm", &bytes));
    assert!(["ready", "damaged", "too_long"].contains(&answer.word.as_str()), "{}", answer.word);
}
