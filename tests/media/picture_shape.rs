//! Pictures of every shape come out upright, whole and in the right proportions, also when the shape changes on the way.

use std::path::Path;

use tempfile::TempDir;

use crate::bench::{grey, made, packets, run, say};

const WEBM: &str = "-c:v libvpx -deadline realtime -cpu-used 16 -b:v 500k -live 1";
const H264: &str = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p";

/// Sets the display matrix of the first track that has one: a and d, b and c lie at their places as 16.16.
fn with_matrix(file: &Path, [a, b, c, d]: [i32; 4]) {
    let mut bytes = std::fs::read(file).unwrap();
    let at = bytes.windows(4).position(|four| four == b"tkhd").unwrap() + 4 + 40;
    let numbers = [a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30];
    for (n, number) in numbers.into_iter().enumerate() {
        bytes[at + 4 * n..at + 4 * n + 4].copy_from_slice(&number.to_be_bytes());
    }
    std::fs::write(file, bytes).unwrap();
}

/// The four corners of the first picture: which of them are bright.
fn corners(file: &Path) -> [bool; 4] {
    let picture = &grey(file, 16, 16)[0];
    [(2, 2), (13, 2), (2, 13), (13, 13)].map(|(x, y)| picture[y * 16 + x] > 120)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_display_matrix_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    // Bright at the upper left, and somewhat wider than high.
    let words = format!(
        "-f lavfi -i color=black:size=320x240:rate=10:duration=1,drawbox=x=0:y=0:w=160:h=120:color=white:t=fill {H264}"
    );
    // Where that corner goes: upper left, upper right, lower left, lower right.
    let table = [
        ([1, 0, 0, 1], 0, (320, 240)),
        ([0, 1, -1, 0], 1, (240, 320)),
        ([-1, 0, 0, -1], 3, (320, 240)),
        ([0, -1, 1, 0], 2, (240, 320)),
        ([-1, 0, 0, 1], 1, (320, 240)),
        ([1, 0, 0, -1], 2, (320, 240)),
        ([0, 1, 1, 0], 0, (240, 320)),
        ([0, -1, -1, 0], 3, (240, 320)),
    ];
    for (matrix, bright, size) in table {
        let file = made(&folder, "turned.mp4", &words);
        with_matrix(&file, matrix);
        let run = run(&file).await;
        assert_eq!((run.result().width, run.result().height), size, "{matrix:?}");
        let expected: [bool; 4] = std::array::from_fn(|corner| corner == bright);
        assert_eq!(corners(&run.path("video.mp4")), expected, "{matrix:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_and_extreme_sizes_are_taken() {
    let folder = tempfile::tempdir().unwrap();
    let table = [
        ((1438, 874), ("874", 1438, 874), WEBM),
        ((1437, 873), ("872", 1436, 872), WEBM),
        ((1, 1), ("2", 2, 2), WEBM),
        ((2, 2000), ("1080", 2, 1920), "-c:v libx264 -preset ultrafast -pix_fmt yuv444p"),
        ((2000, 2), ("1080", 1920, 2), "-c:v libx264 -preset ultrafast -pix_fmt yuv444p"),
        ((15, 17), ("14", 14, 16), "-c:v libx264 -preset ultrafast -pix_fmt yuv444p"),
    ];
    for ((width, height), (name, w, h), codec) in table {
        let extension = if codec == WEBM { "webm" } else { "mkv" };
        let words =
            format!("-f lavfi -i testsrc=size=640x480:rate=10:duration=1,scale={width}:{height},setsar=1 {codec}");
        let run = run(&made(&folder, &format!("{width}x{height}.{extension}"), &words)).await;
        let top = &run.result().renditions[0];
        assert_eq!((top.name.as_str(), top.width, top.height), (name, w, h), "{width}x{height}");
        assert_eq!(top.frames, 10, "{width}x{height}");
        assert_eq!(packets(&run.path("video.mp4")).len(), 10, "{width}x{height}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pixels_that_are_not_square_are_made_so() {
    let folder = tempfile::tempdir().unwrap();
    // A circle, squeezed: it must come out round.
    let circle = "geq=lum='if(lt(hypot(X-W/2,(Y-H/2)*{S}),100),235,16)':cb=128:cr=128";
    for (sar, coded, shown) in
        [("2/1", "320x480", (640, 480)), ("1/2", "640x240", (320, 240)), ("4/3", "540x400", (720, 400))]
    {
        let (num, den) = sar.split_once('/').unwrap();
        let ratio = den.parse::<f64>().unwrap() / num.parse::<f64>().unwrap();
        let filter = circle.replace("{S}", &ratio.to_string());
        let words = format!("-f lavfi -i color=black:size={coded}:rate=5:duration=1,{filter},setsar={sar} {H264}");
        let run = run(&made(&folder, &format!("{}.mp4", shown.0), &words)).await;
        let result = run.result();
        assert_eq!((result.width, result.height), shown, "{sar}");
        let (width, height) = (result.renditions[0].width as usize, result.renditions[0].height as usize);
        let picture = &grey(&run.path("video.mp4"), width, height)[0];
        let across = (0..width).filter(|x| picture[height / 2 * width + x] > 128).count();
        let down = (0..height).filter(|y| picture[y * width + width / 2] > 128).count();
        assert!(across.abs_diff(down) <= 4 && across > 50, "{sar}: {across} by {down}");
    }
}

/// Joins recordings of other sizes into one whose stream changes on its way.
fn changing(folder: &TempDir, name: &str, codec: &str, sizes: &[&str], seconds: f64) -> std::path::PathBuf {
    let extension = name.rsplit_once('.').unwrap().1;
    let mut list = String::new();
    for (n, size) in sizes.iter().enumerate() {
        let part = format!("{n}-{name}");
        let words = format!("-f lavfi -i testsrc=size={size}:rate=30:duration={seconds} {codec}");
        made(folder, &part, &words);
        list.push_str(&format!("file {part}\n"));
    }
    let path = folder.path().join(format!("{name}.txt"));
    std::fs::write(&path, list).unwrap();
    let live = if extension == "webm" { "-live 1" } else { "" };
    made(folder, name, &format!("-f concat -safe 0 -i {} -c copy {live}", path.display()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_may_change_its_size_in_any_codec_and_direction() {
    let folder = tempfile::tempdir().unwrap();
    let sizes = ["640x480", "320x240", "1280x720", "360x640", "1000x600", "640x480"];
    let table = [
        ("vp8.webm", "-c:v libvpx -deadline realtime -cpu-used 16 -b:v 500k"),
        ("vp9.webm", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 500k"),
        // Every part has its own parameter sets in the stream, as a transport stream or a browser writes them.
        ("h264.ts", "-c:v libx264 -preset ultrafast -bf 0 -pix_fmt yuv420p"),
    ];
    for (name, codec) in table {
        let run = run(&changing(&folder, name, codec, &sizes, 1.0)).await;
        let result = run.result();
        assert_eq!((result.width, result.height), (640, 480), "{name}");
        assert!(result.renditions.iter().all(|rung| rung.frames == result.renditions[0].frames), "{name}");
        let pictures = grey(&run.path("video.mp4"), 32, 24);
        say(&format!("{name}: {} pictures of 180", pictures.len()));
        assert!((176..=180).contains(&pictures.len()), "{name}: {} pictures", pictures.len());
        // In the middle of each second: which columns and rows are black.
        let bar =
            |second: usize, x: usize, y: usize| pictures[(second * 30 + 20).min(pictures.len() - 1)][y * 32 + x] < 24;
        let around = |second| [bar(second, 1, 12), bar(second, 30, 12), bar(second, 16, 1), bar(second, 16, 22)];
        assert_eq!(around(1), [true; 4], "{name}: a smaller window stands in the middle");
        assert_eq!(around(2)[2..], [true; 2], "{name}: a wider one between bars above and below");
        assert_eq!(around(3)[..2], [true; 2], "{name}: an upright one between bars at its sides");
        assert_eq!(around(5)[2..], [false; 2], "{name}: and the first size fills it again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_is_dragged_changes_its_size_many_times_a_second() {
    let folder = tempfile::tempdir().unwrap();
    let sizes: Vec<String> = (0..40).map(|n| format!("{}x{}", 640 + 16 * (n % 13), 480 - 8 * (n % 7))).collect();
    let sizes: Vec<&str> = sizes.iter().map(String::as_str).collect();
    let codec = "-c:v libvpx -deadline realtime -cpu-used 16 -b:v 800k";
    let run = run(&changing(&folder, "dragged.webm", codec, &sizes, 0.1)).await;
    assert_eq!(run.result().renditions[0].frames, 120);
    assert_eq!((run.result().width, run.result().height), (640, 480));
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_in_two_fields_become_whole() {
    let folder = tempfile::tempdir().unwrap();
    // Narrow bars that move fast: two fields of them stand apart like the teeth of a comb.
    let moving =
        "-f lavfi -i nullsrc=size=320x240:rate=50:duration=2,geq=lum='if(lt(mod(X+N*8,64),32),235,16)':cb=128:cr=128";
    let codecs = [
        ("mpeg2.mpg", "-c:v mpeg2video -q:v 3 -flags +ildct+ilme"),
        ("h264.mp4", "-c:v libx264 -preset ultrafast -flags +ildct -x264-params tff=1 -pix_fmt yuv420p"),
    ];
    for (name, codec) in codecs {
        let name = name.replace(".mpg", ".ts");
        let comb = made(&folder, &name, &format!("{moving},interlace=lowpass=0,setfield=tff {codec}"));
        let run = run(&comb).await;
        assert_eq!(run.result().renditions[0].frames, 50, "{name}");
        // How much one row differs from the next.
        let teeth = |file: &Path| {
            let picture = &grey(file, 320, 240)[20];
            let rows: Vec<&[u8]> = picture.chunks(320).collect();
            rows.windows(2)
                .map(|pair| pair[0].iter().zip(pair[1]).map(|(a, b)| u64::from(a.abs_diff(*b))).sum::<u64>())
                .sum::<u64>()
                / (320 * 239)
        };
        let (before, after) = (teeth(&comb), teeth(&run.path("video.mp4")));
        say(&format!("{name}: rows differ by {before} before and {after} after"));
        assert!(before >= 20 && after * 5 < before, "{name}: {before} before, {after} after");
        let all = packets(&run.path("video.mp4"));
        assert!(all.iter().enumerate().all(|(n, (at, _))| (at - n as f64 * 0.04).abs() < 0.001), "{name}: {all:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_seen_through_stands_over_black() {
    let folder = tempfile::tempdir().unwrap();
    // White everywhere, and the left half not to be seen.
    let source = "-f lavfi -i color=white:size=320x240:rate=10:duration=1,format=yuva444p10le,\
                  geq=lum='lum(X,Y)':cb='cb(X,Y)':cr='cr(X,Y)':a='if(lt(X,W/2),0,1023)'";
    let source: String = source.split_whitespace().collect::<Vec<_>>().join(" ").replace(", geq", ",geq");
    let film = made(&folder, "alpha.mov", &format!("{source} -c:v prores_ks -profile:v 4444"));
    let run_film = run(&film).await;
    let picture = &grey(&run_film.path("video.mp4"), 16, 12)[0];
    assert!(picture[6 * 16 + 2] < 20 && picture[6 * 16 + 13] > 220, "{picture:?}");
    // What WebM carries beside its pictures is not read: the pictures are shown as they are.
    let vp9 = source.replace("yuva444p10le", "yuva420p").replace("1023", "255");
    for codec in ["libvpx", "libvpx-vp9"] {
        let film = made(&folder, &format!("{codec}.webm"), &format!("{vp9} -c:v {codec} -auto-alt-ref 0 -b:v 500k"));
        let run = run(&film).await;
        assert_eq!(run.result().renditions[0].frames, 10, "{codec}");
        assert!(grey(&run.path("video.mp4"), 16, 12)[0][6 * 16 + 13] > 220, "{codec}");
    }
}
