//! F20, F21: what travels in a file beside its pictures and sound does not come out: labels, places, chapters, subtitles, other
//! languages of the same bytes.

use crate::answer::{Answer, answer};
use crate::source::{made_of, printed, written};

const PICTURES: [&str; 8] =
    ["-f", "lavfi", "-i", "testsrc=size=64x64:rate=10:duration=2", "-f", "lavfi", "-i", "sine=duration=2"];
const SECRET: &str = "STOWAWAY";

/// No file that came out has the word in it, in any of its bytes.
fn clean(answer: &Answer, name: &str) {
    assert_eq!(answer.word, "ready", "{name}");
    for entry in std::fs::read_dir(answer.out.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes()), "{name}: {}", path.display());
    }
}

#[test]
fn f21_labels_places_chapters_subtitles_and_fonts_stay_behind() {
    let folder = tempfile::tempdir().unwrap();
    let subtitles = written(&folder, "words.srt", format!("1\n00:00:00,000 --> 00:00:01,000\n{SECRET}\n").as_bytes());
    let chapters = written(
        &folder,
        "chapters.txt",
        format!(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1000\ntitle={SECRET}\n").as_bytes(),
    );
    let font = written(&folder, "font.ttf", SECRET.repeat(1000).as_bytes());
    let (title, place) = (format!("title={SECRET}"), format!("location=+48.8584+002.2945/{SECRET}"));
    let (subtitles, chapters, font) = (subtitles.to_str().unwrap(), chapters.to_str().unwrap(), font.to_str().unwrap());
    let beside = [
        "-i",
        subtitles,
        "-f",
        "ffmetadata",
        "-i",
        chapters,
        "-map",
        "0",
        "-map",
        "1",
        "-map",
        "2",
        "-map_chapters",
        "3",
        "-metadata",
        &title,
        "-metadata",
        &place,
        "-metadata:s:v",
        &title,
        "-metadata:s:a",
        &title,
    ];
    let mkv =
        ["-c:v", "libvpx", "-c:a", "libopus", "-c:s", "srt", "-attach", font, "-metadata:s:t", "mimetype=font/ttf"];
    let mp4 =
        ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", "-c:s", "mov_text", "-movflags", "use_metadata_tags"];
    for (name, codecs) in [("full.mkv", mkv.as_slice()), ("full.mp4", &mp4), ("full.mov", &mp4)] {
        let file = made_of(&folder, name, &[PICTURES.as_slice(), &beside, codecs].concat());
        assert!(
            std::fs::read(&file).unwrap().windows(SECRET.len()).any(|window| window == SECRET.as_bytes()),
            "{name} carries it"
        );
        let answer = answer(&file).unwrap_or_else(|how| panic!("{how}"));
        clean(&answer, name);
        let kinds = printed(
            "ffprobe",
            &["-v", "error", "-show_entries", "stream=codec_type", "-of", "csv=p=0"],
            &answer.path("video.mp4"),
        );
        assert_eq!(kinds.split_whitespace().collect::<Vec<_>>(), ["video", "audio"], "{name}");
    }
}

#[test]
fn f20_bytes_that_are_also_something_else_come_out_as_video_only() {
    let folder = tempfile::tempdir().unwrap();
    let words = [
        "-c:v",
        "libx264",
        "-pix_fmt",
        "yuv420p",
        "-c:a",
        "aac",
        "-movflags",
        "frag_keyframe+empty_moov+default_base_moof",
    ];
    let film = std::fs::read(made_of(&folder, "film.mp4", &[PICTURES.as_slice(), &words].concat())).unwrap();
    let page = format!("<html><script>alert('{SECRET}')</script></html>");
    // A box that players skip, with a page in it, in front of and behind the film.
    let mut boxed = (u32::try_from(page.len()).unwrap() + 8).to_be_bytes().to_vec();
    boxed.extend(b"free");
    boxed.extend(page.as_bytes());
    let zip = format!("PK\x03\x04{SECRET}PK\x05\x06{}", "\0".repeat(18));
    for (name, bytes) in [
        ("front.html", [boxed.as_slice(), &film].concat()),
        ("behind.html", [film.as_slice(), &boxed].concat()),
        ("behind.zip", [film.as_slice(), zip.as_bytes()].concat()),
    ] {
        clean(&answer(&written(&folder, name, &bytes)).unwrap_or_else(|how| panic!("{how}")), name);
    }
    // What begins as something else is no video at all.
    for (name, head) in [
        ("gif", "GIF89a"),
        ("pdf", "%PDF-1.7\n"),
        ("zip", "PK\x03\x04"),
        ("svg", "<svg xmlns='http://www.w3.org/2000/svg'>"),
    ] {
        let answer =
            answer(&written(&folder, name, &[head.as_bytes(), &film].concat())).unwrap_or_else(|how| panic!("{how}"));
        assert!(["not_video", "damaged"].contains(&answer.word.as_str()), "{name}: {}", answer.word);
    }
}
