//! What every store does alike: local files, memory and S3 go through the same functions.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use twotake::config::{Args, Config};
use twotake::store::{self, Store, StoreError};

/// A store of one's own, and what keeps its folder alive.
pub struct Place {
    pub store: Arc<dyn Store>,
    _folder: tempfile::TempDir,
}

async fn place(kind: &str) -> Place {
    match kind {
        "local" => opened("file:").await,
        "memory" => opened("memory:").await,
        _ => opened(&s3_address()).await,
    }
}

/// Opens a store by its address; `file:` stands for a folder of its own.
pub async fn opened(address: &str) -> Place {
    let folder = tempfile::tempdir().unwrap();
    let address = match address {
        "file:" => format!("file:{}", folder.path().join("store").display()),
        address => address.to_owned(),
    };
    let args = Args {
        data: Some(folder.path().to_owned()),
        store: Some(address),
        s3_access_key: std::env::var("TWOTAKE_S3_ACCESS_KEY").ok(),
        s3_secret_key: std::env::var("TWOTAKE_S3_SECRET_KEY").ok(),
        ..Args::default()
    };
    let store = store::open(&Config::resolve(args).unwrap()).await.unwrap();
    Place { store, _folder: folder }
}

/// The test server's bucket with a prefix that nobody else has.
pub fn s3_address() -> String {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let address = std::env::var("TWOTAKE_TEST_S3")
        .expect("TWOTAKE_TEST_S3 names the S3 server for tests; `eval \"$(tests/servers start)\"` starts one");
    let (bucket, query) = address.split_once('?').expect("an endpoint in TWOTAKE_TEST_S3");
    let unique = tempfile::Builder::new().prefix("").tempdir().unwrap();
    let unique = unique.path().file_name().unwrap().to_str().unwrap().to_owned();
    format!("{bucket}/store-test-{}-{unique}?{query}", std::process::id())
}

async fn read(store: &dyn Store, key: &str, range: Option<std::ops::Range<u64>>) -> Result<(u64, Vec<u8>), StoreError> {
    let object = store.get(key, range).await?;
    let pieces: Vec<Bytes> = object.body.try_collect().await?;
    Ok((object.size, pieces.concat()))
}

async fn keys(store: &dyn Store, prefix: &str, after: Option<&str>, limit: usize) -> Vec<String> {
    store.list(prefix, after, limit).await.unwrap().into_iter().map(|stat| stat.key).collect()
}

async fn what_is_put_is_read_back_with_size_and_type(store: &dyn Store) {
    store.put("takes/a/1/poster.jpg", Bytes::from_static(b"picture"), "image/jpeg").await.unwrap();
    assert_eq!(read(store, "takes/a/1/poster.jpg", None).await.unwrap(), (7, b"picture".to_vec()));
    let stat = store.head("takes/a/1/poster.jpg").await.unwrap().unwrap();
    assert_eq!((stat.key.as_str(), stat.size, stat.content_type.as_str()), ("takes/a/1/poster.jpg", 7, "image/jpeg"));
}

async fn an_empty_object_is_an_object(store: &dyn Store) {
    store.put("takes/empty", Bytes::new(), "application/octet-stream").await.unwrap();
    assert_eq!(read(store, "takes/empty", None).await.unwrap(), (0, Vec::new()));
    assert_eq!(read(store, "takes/empty", Some(0..5)).await.unwrap(), (0, Vec::new()));
    assert_eq!(store.head("takes/empty").await.unwrap().unwrap().size, 0);
}

async fn what_is_not_there_is_missing_and_can_be_deleted(store: &dyn Store) {
    assert!(matches!(read(store, "takes/none", None).await, Err(StoreError::Missing(_))));
    assert!(matches!(read(store, "takes/none", Some(3..9)).await, Err(StoreError::Missing(_))));
    assert!(store.head("takes/none").await.unwrap().is_none());
    store.delete("takes/none").await.unwrap();
    store.put("takes/none", Bytes::from_static(b"x"), "video/mp4").await.unwrap();
    store.delete("takes/none").await.unwrap();
    assert!(store.head("takes/none").await.unwrap().is_none());
}

async fn ranges_are_exact_and_clipped(store: &dyn Store) {
    let bytes: Vec<u8> = (0..300_000_u32).map(|n| (n % 251) as u8).collect();
    store.put("takes/range", bytes.clone().into(), "video/mp4").await.unwrap();
    for (from, to) in [(0, 1), (0, 300_000), (131_071, 131_073), (299_999, 300_000), (299_999, 400_000), (10, 200_001)]
    {
        let (size, found) = read(store, "takes/range", Some(from..to)).await.unwrap();
        assert_eq!(size, 300_000);
        assert_eq!(found, bytes[from as usize..to.min(300_000) as usize], "{from}..{to}");
    }
    for nothing in [5..5, 300_000..300_001, 400_000..500_000] {
        assert_eq!(read(store, "takes/range", Some(nothing)).await.unwrap(), (300_000, Vec::new()));
    }
}

async fn a_draft_is_invisible_until_it_is_finished(store: &dyn Store) {
    let bytes: Vec<u8> = (0..2_500_000_u32).map(|n| (n % 253) as u8).collect();
    let mut draft = store.begin("uploads/u/0", "application/octet-stream").await.unwrap();
    for piece in bytes.chunks(70_001) {
        draft.write(Bytes::copy_from_slice(piece)).await.unwrap();
    }
    assert!(store.head("uploads/u/0").await.unwrap().is_none());
    draft.finish().await.unwrap();
    assert_eq!(read(store, "uploads/u/0", None).await.unwrap(), (bytes.len() as u64, bytes));
    let mut dropped = store.begin("uploads/u/1", "application/octet-stream").await.unwrap();
    dropped.write(Bytes::from_static(b"lost")).await.unwrap();
    drop(dropped);
    assert!(store.head("uploads/u/1").await.unwrap().is_none());
}

async fn a_file_of_any_size_is_put_in_parts(store: &dyn Store) {
    let folder = tempfile::tempdir().unwrap();
    for size in [0_usize, 1, 8 << 20, (17 << 20) + 3] {
        let bytes: Vec<u8> = (0..size).map(|n| (n / 7 % 249) as u8).collect();
        std::fs::write(folder.path().join("file"), &bytes).unwrap();
        store.put_file("takes/file.mp4", &folder.path().join("file"), "video/mp4").await.unwrap();
        assert!(read(store, "takes/file.mp4", None).await.unwrap() == (size as u64, bytes), "{size} bytes");
        assert_eq!(store.head("takes/file.mp4").await.unwrap().unwrap().content_type, "video/mp4");
    }
    assert!(store.put_file("takes/file.mp4", &folder.path().join("nothing"), "video/mp4").await.is_err());
}

async fn listing_is_in_key_order_page_by_page(store: &dyn Store) {
    let all = ["list/a.b", "list/a/1", "list/a/2", "list/a_b", "list/ab", "list/b/c/d", "other/a"];
    for key in all {
        store
            .put(key, Bytes::from_static(b"x"), "application/octet-stream")
            .await
            .unwrap_or_else(|e| panic!("{key}: {e}"));
    }
    assert_eq!(keys(store, "list/", None, 100).await, all[..6]);
    assert_eq!(keys(store, "list/a", None, 100).await, all[..5]);
    assert_eq!(keys(store, "list/a/", None, 100).await, ["list/a/1", "list/a/2"]);
    assert_eq!(keys(store, "nothing/", None, 100).await, [""; 0]);
    let mut paged: Vec<String> = Vec::new();
    loop {
        let page = keys(store, "list/", paged.last().map(String::as_str), 2).await;
        if page.is_empty() {
            break;
        }
        paged.extend(page);
    }
    assert_eq!(paged, all[..6]);
}

async fn a_key_nobody_would_generate_is_refused(store: &dyn Store) {
    for bad in ["", "../x", "/x", "a//b", "a/../../b", "a b", ".tmp/x", "a/.hidden"] {
        let put = store.put(bad, Bytes::from_static(b"x"), "video/mp4").await;
        assert!(matches!(put, Err(StoreError::BadKey(_))), "{bad:?}");
        assert!(matches!(store.get(bad, None).await, Err(StoreError::BadKey(_))), "{bad:?}");
        assert!(matches!(store.delete(bad).await, Err(StoreError::BadKey(_))), "{bad:?}");
        assert!(matches!(store.begin(bad, "").await, Err(StoreError::BadKey(_))), "{bad:?}");
    }
}

async fn many_at_once_do_not_disturb_each_other(store: &dyn Store) {
    let work = futures_util::stream::iter(0..40_u32).map(|n| async move {
        let key = format!("many/{}/{n}", n % 3);
        store.put(&key, Bytes::from(n.to_string()), "video/mp4").await.unwrap();
        assert_eq!(read(store, &key, None).await.unwrap().1, n.to_string().into_bytes());
        store.delete(&key).await.unwrap();
    });
    work.buffer_unordered(8).collect::<Vec<()>>().await;
    assert!(keys(store, "many/", None, 100).await.is_empty());
}

async fn a_signed_address_gives_the_bytes_without_a_key(store: &dyn Store) {
    store.put("takes/signed.mp4", Bytes::from_static(b"moving"), "video/mp4").await.unwrap();
    let Some(url) = store.signed_url("takes/signed.mp4", Duration::from_secs(60)).await.unwrap() else { return };
    let client = reqwest::Client::new();
    let answer = client.get(url).header("range", "bytes=1-3").send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["content-type"].to_str().unwrap()), (206, "video/mp4"));
    assert_eq!(answer.bytes().await.unwrap(), "ovi");
}

macro_rules! suite {
    ($($kind:ident),+ : $tests:tt) => { $( mod $kind { suite!(@each $kind $tests); } )+ };
    (@each $kind:ident { $($test:ident),+ $(,)? }) => { $(
        #[tokio::test]
        async fn $test() {
            let place = super::place(stringify!($kind)).await;
            super::$test(place.store.as_ref()).await;
        }
    )+ };
}

suite!(local, memory, s3: {
    what_is_put_is_read_back_with_size_and_type,
    an_empty_object_is_an_object,
    what_is_not_there_is_missing_and_can_be_deleted,
    ranges_are_exact_and_clipped,
    a_draft_is_invisible_until_it_is_finished,
    a_file_of_any_size_is_put_in_parts,
    listing_is_in_key_order_page_by_page,
    a_key_nobody_would_generate_is_refused,
    many_at_once_do_not_disturb_each_other,
    a_signed_address_gives_the_bytes_without_a_key,
});
