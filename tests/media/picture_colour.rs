//! Colours come out as they went in: black is black, white is white, and what the encoders are told is what the pixels are.

use std::path::Path;

use tempfile::TempDir;

use crate::bench::{made, run, say, shared, tool};

/// The colours of a file's first picture at so many places from top to bottom, as the ffmpeg program shows them by what is stated.
fn shown(file: &Path, places: usize) -> Vec<[u8; 3]> {
    let filter = format!("scale=3:{}:flags=area,format=rgb24", places * 3);
    let words = ["-v", "error", "-i", file.to_str().unwrap(), "-frames:v", "1", "-vf", &filter, "-f", "rawvideo", "-"];
    let bytes = tool("ffmpeg", &words);
    (0..places)
        .map(|place| {
            let at = ((place * 3 + 1) * 3 + 1) * 3;
            bytes[at..at + 3].try_into().unwrap()
        })
        .collect()
}

/// The brightness of the first picture, as it is stored.
fn stored(file: &Path) -> Vec<u8> {
    let filter = "extractplanes=y";
    let words = ["-v", "error", "-i", file.to_str().unwrap(), "-frames:v", "1", "-vf", filter, "-f", "rawvideo", "-"];
    tool("ffmpeg", &words)
}

fn stated(file: &Path) -> String {
    let what = "stream=color_range,color_space,color_transfer,color_primaries";
    let words =
        ["-v", "error", "-select_streams", "v", "-show_entries", what, "-of", "csv=p=0", file.to_str().unwrap()];
    String::from_utf8(tool("ffprobe", &words)).unwrap().trim().to_owned()
}

fn furthest(one: &[[u8; 3]], other: &[[u8; 3]]) -> u8 {
    one.iter().flatten().zip(other.iter().flatten()).map(|(a, b)| a.abs_diff(*b)).max().unwrap()
}

/// Red, green and blue, cyan, magenta and yellow, one above the other.
fn stripes(folder: &TempDir, name: &str, size: &str, filter: &str, codec: &str) -> std::path::PathBuf {
    let words = format!("-f lavfi -i rgbtestsrc=size={size}:rate=10:duration=0.5:complement=1,{filter} {codec}");
    made(folder, name, &words)
}

#[tokio::test(flavor = "multi_thread")]
async fn black_and_white_of_the_full_range_become_those_of_the_ordinary_one() {
    let folder = tempfile::tempdir().unwrap();
    let halves = "-f lavfi -i color=black:size=640x360:rate=10:duration=0.5,format=rgb24,drawbox=x=320:w=320:h=360:color=white:t=fill";
    let x264 = "-c:v libx264 -preset ultrafast -qp 4";
    let table = [
        ("mjpeg.mkv", "format=yuvj420p", "-c:v mjpeg -q:v 2".to_owned()),
        ("full.mp4", "scale=out_range=pc,format=yuvj420p", format!("{x264} -color_range pc")),
        ("full422.mp4", "scale=out_range=pc,format=yuvj422p", format!("{x264} -color_range pc")),
        ("rgb.mkv", "format=gbrp", "-c:v libx264rgb -preset ultrafast -qp 0".to_owned()),
        ("limited.mp4", "scale=out_range=tv,format=yuv420p", x264.to_owned()),
        (
            "vp9.webm",
            "scale=out_range=pc,format=yuv420p",
            "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -crf 10 -color_range pc".to_owned(),
        ),
    ];
    for (name, filter, codec) in table {
        let run = run(&made(&folder, name, &format!("{halves},{filter} {codec}"))).await;
        let film = run.path("video.mp4");
        let luma = stored(&film);
        let (black, white) = (luma[180 * 640 + 100], luma[180 * 640 + 540]);
        say(&format!("{name}: black {black}, white {white}"));
        assert!(black.abs_diff(16) <= 1 && white.abs_diff(235) <= 1, "{name}: black {black}, white {white}");
        assert!(stated(&film).starts_with("tv,"), "{name}: {}", stated(&film));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn colours_of_every_matrix_and_depth_stay_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let tags = |matrix: &str| match matrix {
        "bt601" => "-colorspace smpte170m -color_primaries smpte170m -color_trc smpte170m",
        _ => "-colorspace bt709 -color_primaries bt709 -color_trc bt709",
    };
    let x264 = "-c:v libx264 -preset ultrafast -qp 6";
    let x265 = "-c:v libx265 -preset ultrafast -x265-params log-level=none:qp=6";
    let vp9 = "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -crf 4 -b:v 4M";
    let table = [
        ("709.mp4", "bt709", "yuv420p", x264),
        ("601.mp4", "bt601", "yuv420p", x264),
        ("hi10.mp4", "bt709", "yuv420p10le", x264),
        ("422.mp4", "bt601", "yuv422p", x264),
        ("444.mp4", "bt709", "yuv444p", x264),
        ("422p10.mp4", "bt709", "yuv422p10le", x264),
        ("444p10.mp4", "bt601", "yuv444p10le", x264),
        ("main10.mp4", "bt709", "yuv420p10le", x265),
        ("main422.mp4", "bt709", "yuv422p10le", x265),
        ("profile2.webm", "bt709", "yuv420p10le", vp9),
        ("profile1.webm", "bt601", "yuv444p", vp9),
    ];
    for (name, matrix, format, codec) in table {
        let filter = format!("scale=out_color_matrix={matrix}:out_range=tv,format={format}");
        let source = stripes(&folder, name, "640x360", &filter, &format!("{codec} {} -color_range tv", tags(matrix)));
        let run = run(&source).await;
        let film = run.path("video.mp4");
        let (before, after) = (shown(&source, 6), shown(&film, 6));
        let far = furthest(&before, &after);
        say(&format!("{name}: at most {far} of 255 away, {}", stated(&film)));
        assert!(far <= 6, "{name}: {before:?} became {after:?}, {}", stated(&film));
        // And the still, which knows one matrix only.
        let far = furthest(&before, &shown(&run.path("poster.jpg"), 6));
        assert!(far <= 10, "{name}: the poster is {far} away");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_stated_is_filled_in() {
    let folder = tempfile::tempdir().unwrap();
    let table = [
        ("small.mp4", "640x360", "-c:v libx264 -preset ultrafast", "tv,smpte170m,smpte170m,smpte170m"),
        ("large.mp4", "1280x720", "-c:v libx264 -preset ultrafast", "tv,bt709,bt709,bt709"),
        (
            "vp8.webm",
            "1280x720",
            "-c:v libvpx -deadline realtime -cpu-used 16 -b:v 1M",
            "tv,bt470bg,smpte170m,smpte170m",
        ),
    ];
    for (name, size, codec, expected) in table {
        let run = run(&stripes(&folder, name, size, "scale=out_range=tv,format=yuv420p", codec)).await;
        assert_eq!(stated(&run.path("video.mp4")), expected, "{name}");
    }
}

/// How near a film comes to what the filters that are asked for the table of colours make of its source, in dB.
fn near(film: &Path, source: &Path, transfer: &str, map: &str) -> f64 {
    let chain = format!(
        "[1:v]zscale=tin={transfer}:pin=bt2020:min=bt2020nc:rin=tv:t=linear:npl=100,format=gbrpf32le,\
         zscale=p=bt709{map},zscale=t=bt709:m=bt709:r=tv,format=yuv420p[a];[0:v][a]psnr=stats_file=-"
    );
    let (film, source) = (film.to_str().unwrap(), source.to_str().unwrap());
    let words = ["-v", "error", "-i", film, "-i", source, "-frames:v", "1", "-lavfi", &chain, "-f", "null", "-"];
    let text = String::from_utf8(tool("ffmpeg", &words)).unwrap();
    let found = text.split_whitespace().find_map(|word| word.strip_prefix("psnr_avg:")).expect("a number");
    found.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn bright_and_wide_colours_are_brought_to_an_ordinary_screen() {
    let folder = tempfile::tempdir().unwrap();
    let hable = ",tonemap=tonemap=hable:desat=0:peak=10";
    let x265 = "-c:v libx265 -preset ultrafast -x265-params log-level=none:qp=8";
    let wide = "-colorspace bt2020nc -color_primaries bt2020 -color_range tv";
    let kinds = [
        ("hlg.mp4", "arib-std-b67", "arib-std-b67", hable),
        ("pq.mp4", "smpte2084", "smpte2084", hable),
        ("wide.mp4", "bt2020-10", "bt709", ""),
    ];
    let mut files: Vec<_> = kinds
        .into_iter()
        .map(|(name, transfer, asked, map)| {
            let filter = "scale=out_color_matrix=bt2020:out_range=tv,eq=saturation=0.6,format=yuv420p10le";
            // Colours that are not named are drawn by lot, whatever the seed.
            let colours = "c0=0xd02040:c1=0x20a060:c2=0x3050d0:c3=0xe0c030:c4=0x808080:c5=0xf0f0f0";
            let words = format!(
                "-f lavfi -i gradients=size=640x360:rate=10:duration=0.5:n=6:seed=3:speed=0.01:{colours},{filter} {x265} {wide} -color_trc {transfer}"
            );
            (made(&folder, name, &words), name, asked, map)
        })
        .collect();
    if let Some(file) = shared("hlg10-color-test.mp4") {
        files.push((file, "hlg10-color-test.mp4", "arib-std-b67", hable));
    }
    for (file, name, transfer, map) in files {
        let run = run(&file).await;
        let film = run.path("video.mp4");
        assert_eq!(stated(&film), "tv,bt709,bt709,bt709", "{name}");
        let psnr = near(&film, &file, transfer, map);
        say(&format!("{name}: {psnr:.1} dB to the reference"));
        assert!(psnr >= 35.0, "{name}: {psnr}");
    }
}
