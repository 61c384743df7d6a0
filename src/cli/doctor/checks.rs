//! The single checks. Each looks at one thing and never ends the others.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::TryStreamExt as _;

use super::Check;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{Db, migrate};
use crate::notify::push::read_key;
use crate::{media, store};

const INSTALL: &str =
    "install FFmpeg's libraries: `apt install libavcodec59 libavfilter8 libavformat59 libswscale6`, or run `make deps`";

/// FFmpeg's version.
pub(super) fn ffmpeg() -> Check {
    let version = media::version();
    let major: u32 = version.trim_start_matches('n').split('.').next().and_then(|n| n.parse().ok()).unwrap_or(0);
    match major {
        5.. => Check::ok("ffmpeg", format!("version {version}")),
        0 => Check::warn(
            "ffmpeg",
            format!("version {version}"),
            "a build without a release number: tested with 5.1 and newer",
        ),
        _ => Check::fail("ffmpeg", format!("version {version}"), INSTALL),
    }
}

/// What must be written, and what people send.
pub(super) fn codecs() -> Check {
    let lacking = |names: &[&'static str], has: fn(&str) -> bool| -> Vec<&'static str> {
        names.iter().copied().filter(|name| !has(name)).collect()
    };
    let encoders = lacking(&["libx264", "aac", "mjpeg", "gif"], media::has_encoder);
    let decoders =
        lacking(&["h264", "hevc", "vp8", "vp9", "aac", "opus", "vorbis", "mp3", "pcm_s16le"], media::has_decoder);
    let av1 = ["libdav1d", "av1"].into_iter().any(media::has_decoder);
    if !encoders.is_empty() {
        return Check::fail("codecs", format!("cannot write {}", encoders.join(", ")), INSTALL);
    }
    if !decoders.is_empty() || !av1 {
        let names = decoders.into_iter().chain((!av1).then_some("av1")).collect::<Vec<_>>().join(", ");
        return Check::warn("codecs", format!("cannot read {names}: such uploads are refused"), INSTALL);
    }
    Check::ok("codecs", "writes H.264, AAC, JPEG and GIF; reads H.264, HEVC, VP8, VP9, AV1 and the usual sound")
}

/// Whether the data folder can be written.
pub(super) fn data_folder(config: &Config) -> Check {
    let written = std::fs::create_dir_all(&config.data).and_then(|()| tempfile::NamedTempFile::new_in(&config.data));
    match written {
        Ok(_) => Check::ok("data folder", config.data.display().to_string()),
        Err(cause) => Check::fail(
            "data folder",
            format!("{}: {cause}", config.data.display()),
            "give the user who runs the server this folder, or name another with --data",
        ),
    }
}

/// Whether the database answers, writes and reads; whether its schema is this version's; whether its clock is ours.
pub(super) async fn database(config: &Config, clock: &Clock) -> Vec<Check> {
    const ADVICE: &str =
        "look at --database: is the server running, are name and password right, may the folder be written?";
    let db = match Db::open(&config.database).await {
        Ok(db) => db,
        Err(cause) => return vec![Check::fail("database", format!("cannot be opened: {cause}"), ADVICE)],
    };
    let checks = vec![
        match db.round_trip().await {
            Ok(()) => Check::ok("database", format!("{} writes and reads", db.kind())),
            Err(cause) => Check::fail("database", format!("{} cannot write: {cause}", db.kind()), ADVICE),
        },
        schema(&db).await,
        time(&db, config, clock).await,
    ];
    db.close().await;
    checks
}

async fn schema(db: &Db) -> Check {
    let (known, applied) = (migrate::names(false).last().map_or(0, |m| m.0), migrate::applied(db).await);
    match applied {
        Some(applied) if applied > known => Check::fail(
            "schema",
            format!("{applied}, newer than this program knows ({known})"),
            "run the program that moved the database on, or a newer one",
        ),
        Some(applied) if applied == known => Check::ok("schema", format!("{applied}, this version's")),
        Some(applied) => {
            Check::warn("schema", format!("{applied} of {known}"), "`twotake serve` or `twotake migrate` moves it on")
        }
        None => Check::ok("schema", "none yet: made at the first start"),
    }
}

/// The database's time (with SQLite the file system's) against ours.
async fn time(db: &Db, config: &Config, clock: &Clock) -> Check {
    const ADVICE: &str = "let NTP set the clocks of this machine and of the database's (`timedatectl set-ntp true`)";
    // Asking takes a while on a busy machine: their time is right when it lies between before and after.
    let before = clock.now();
    let theirs = match db.time().await {
        Ok(Some(theirs)) => Some(("database", theirs)),
        Ok(None) => file_time(config).map(|theirs| ("file system", theirs)),
        Err(_) => None,
    };
    let now = clock.now();
    let Some((whose, theirs)) = theirs else {
        return Check::warn("clock", format!("{now}; nothing to compare it with"), ADVICE);
    };
    let apart = (before - theirs).max(theirs - now).max(chrono::TimeDelta::zero());
    let detail = format!("{now}, at most {} ms from the {whose}'s", (now - before + apart).num_milliseconds());
    match apart.num_seconds() {
        0..2 => Check::ok("clock", detail),
        2..30 => Check::warn("clock", detail, ADVICE),
        _ => Check::fail("clock", detail, ADVICE),
    }
}

/// When the file system says that a file of this moment was written.
fn file_time(config: &Config) -> Option<DateTime<Utc>> {
    let file = tempfile::NamedTempFile::new_in(&config.data).ok()?;
    file.as_file().metadata().ok()?.modified().ok().map(DateTime::from)
}

/// Whether the store keeps, gives back and deletes an object.
pub(super) async fn store(config: &Config, clock: &Clock) -> Check {
    const ADVICE: &str = "look at --store and its keys: bucket, endpoint, region, path_style; does the key allow put, get, list and delete?";
    match round_trip(config, clock).await {
        Ok(()) => {
            Check::ok("store", format!("{} puts, gets and deletes", config.store.split('?').next().unwrap_or_default()))
        }
        Err(cause) => Check::fail("store", cause, ADVICE),
    }
}

async fn round_trip(config: &Config, clock: &Clock) -> Result<(), String> {
    let store = store::open(config).await?;
    let key = format!("health/doctor-{}.txt", clock.word(12));
    let bytes = Bytes::from(clock.word(4096));
    store.put(&key, bytes.clone(), "text/plain").await.map_err(|e| format!("cannot put: {e}"))?;
    let object = store.get(&key, None).await.map_err(|e| format!("cannot get: {e}"))?;
    let pieces: Vec<Bytes> = object.body.try_collect().await.map_err(|e| format!("cannot read: {e}"))?;
    let same = pieces.concat() == bytes;
    store.delete(&key).await.map_err(|e| format!("cannot delete: {e}"))?;
    match store.head(&key).await {
        Ok(None) if same => Ok(()),
        Ok(None) => Err("what came back is not what was put".to_owned()),
        Ok(Some(_)) => Err("a deleted object is still there".to_owned()),
        Err(cause) => Err(format!("cannot look: {cause}")),
    }
}

/// Room on the disk of the data folder: each job needs some for its work, whatever the store is.
pub(super) fn disk(config: &Config) -> Check {
    const ADVICE: &str = "make room, or name another folder with --data; a recording of three minutes takes about 100 MB while it is worked on";
    match nix::sys::statvfs::statvfs(&config.data) {
        Ok(disk) => {
            let free = disk.blocks_available().saturating_mul(disk.fragment_size());
            let detail = format!("{:.1} GB free under {}", free as f64 / 1e9, config.data.display());
            match free / 1_000_000_000 {
                0 => Check::fail("disk", detail, ADVICE),
                1..10 => Check::warn("disk", detail, ADVICE),
                _ => Check::ok("disk", detail),
            }
        }
        Err(cause) => Check::warn("disk", format!("cannot look at {}: {cause}", config.data.display()), ADVICE),
    }
}

/// Whether people reach the server so that their sessions are safe.
pub(super) fn address(config: &Config) -> Check {
    let origin = config.origin();
    if origin.starts_with("https://") || config.trust_proxy {
        return Check::ok("address", origin);
    }
    let host = origin.trim_start_matches("http://");
    if ["127.", "localhost", "[::1]"].iter().any(|local| host.starts_with(local)) {
        return Check::ok("address", format!("{origin}, for this machine only"));
    }
    Check::warn(
        "address",
        format!(
            "{origin}: passwords and sessions cross the network in the clear, and browsers refuse camera and microphone"
        ),
        "put a proxy with TLS in front and name its address with --public-url https://…",
    )
}

/// Whether browsers can be woken.
pub(super) fn push(config: &Config) -> Check {
    match config.push_key.as_deref().map(read_key) {
        None => Check::ok("push", "browsers are not woken; `twotake push-key` makes a key for it"),
        Some(Ok(_)) => Check::ok("push", "browsers are woken with the key of the settings"),
        Some(Err(cause)) => {
            Check::fail("push", cause, "set push_key to what `twotake push-key` prints, or leave it out")
        }
    }
}
