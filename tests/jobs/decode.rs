//! What was published, read by another program: every rendition of a take's set is decoded whole.

use std::process::Command;

use futures_util::TryStreamExt;
use twotake::store::Store;

/// Pictures that the ffmpeg program finds in each rendition of the set under `takes/<take>/<attempt>/` and in its MP4; panics
/// when one of them cannot be decoded to its end without a complaint.
pub async fn pictures(store: &dyn Store, set: &str) -> Vec<(String, u64)> {
    let dir = tempfile::tempdir().unwrap();
    for object in store.list(&format!("{set}/"), None, 5000).await.unwrap() {
        let name = object.key.rsplit('/').next().unwrap();
        let pieces: Vec<_> = store.get(&object.key, None).await.unwrap().body.try_collect().await.unwrap();
        std::fs::write(dir.path().join(name), pieces.concat()).unwrap();
    }
    let mut names: Vec<String> = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name == "video.mp4" || name.ends_with(".m3u8") && name != "master.m3u8")
        .collect();
    names.sort();
    names.into_iter().map(|name| (name.clone(), decode(&dir.path().join(name)))).collect()
}

pub fn decode(file: &std::path::Path) -> u64 {
    let done = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-xerror", "-i"])
        .arg(file)
        .args(["-fps_mode", "passthrough", "-progress", "-", "-f", "null", "-"])
        .output()
        .unwrap();
    let complaints = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && complaints.is_empty(), "{} does not decode: {complaints}", file.display());
    let said = String::from_utf8_lossy(&done.stdout);
    said.lines().rev().find_map(|line| line.strip_prefix("frame=")).map_or(0, |count| count.trim().parse().unwrap())
}
