//! What is too much is refused in words: size, length, quota, open uploads; and what is abandoned is swept.

use chrono::TimeDelta;
use reqwest::Method;
use twotake::upload::sweep;

use crate::harness::{Backend, Options, Server, both};
use crate::tus::{OFFSET_TYPE, begun, create, head, keeps, metadata, patch, patching, request};

both! {
    web;

    async fn what_is_declared_too_large_is_refused_at_creation(server: Server) {
        let ada = server.admin().await;
        let answer = create(&ada, &[("upload-length", "2147483649")]).await;
        let problem = answer.problem("too_large");
        assert_eq!((answer.header("tus-max-size"), problem["limit_bytes"].as_u64()), ("2147483648", Some(2_147_483_648)));
        let url = create(&ada, &[("upload-defer-length", "1")]).await.is(201).header("location").to_owned();
        ada.send(patching(&ada, &url, 0, "x").header("upload-length", "2147483649")).await.problem("too_large");
    }

    async fn what_is_declared_too_long_is_refused_at_creation(server: Server) {
        let ada = server.admin().await;
        for allowed in ["180000", "180499.6"] {
            create(&ada, &[("upload-length", "4"), ("upload-metadata", &metadata(&[("declared_ms", allowed)]))]).await.is(201);
        }
        let told = metadata(&[("declared_ms", "181000")]);
        let problem = create(&ada, &[("upload-length", "4"), ("upload-metadata", &told)]).await.problem("too_long");
        assert_eq!((problem["measured_ms"].as_i64(), problem["limit_ms"].as_i64()), (Some(181_000), Some(180_000)));
    }

    async fn more_bytes_than_declared_are_not_kept(server: Server) {
        let ada = server.admin().await;
        let url = begun(&ada, 4).await;
        patch(&ada, &url, 0, "fives").await.problem("length_mismatch");
        assert_eq!(head(&ada, &url).await.is(200).header("upload-offset"), "0");
        // The same without a Content-Length that gives it away.
        let pieces = futures_util::stream::iter([Ok::<_, std::io::Error>("fi"), Ok("ves")]);
        let sent = request(&ada, Method::PATCH, &url).header("upload-offset", "0").header("content-type", OFFSET_TYPE);
        ada.send(sent.body(reqwest::Body::wrap_stream(pieces))).await.problem("length_mismatch");
        assert_eq!(head(&ada, &url).await.is(200).header("upload-offset"), "0");
        patch(&ada, &url, 0, "four").await.is(204);
        keeps(&server, &url, b"four").await;
    }

    async fn one_person_has_so_many_uploads_open_and_no_more(server: Server) {
        let ada = server.admin().await;
        let mut urls = Vec::new();
        for _ in 0..32 {
            urls.push(begun(&ada, 4).await);
        }
        create(&ada, &[("upload-length", "4")]).await.problem("too_many_requests");
        patch(&ada, &urls[0], 0, "four").await.is(204);
        begun(&ada, 4).await;
        let leena = server.member("Leena Koskinen").await;
        begun(&leena, 4).await;
    }
}

async fn small(backend: Backend) -> Server {
    let configure = |config: &mut twotake::config::Config| {
        config.quota_bytes = 1000;
        config.max_upload_bytes = 600;
        config.role = twotake::config::Role::Web;
    };
    Server::with(Options { backend, start: Some("2026-11-16T09:00:00Z"), configure }).await
}

async fn a_quota_counts_what_is_kept_and_what_is_promised(server: Server) {
    let ada = server.admin().await;
    let first = begun(&ada, 600).await;
    let problem = create(&ada, &[("upload-length", "401")]).await.problem("quota_exceeded");
    assert_eq!((problem["quota_bytes"].as_i64(), problem["used_bytes"].as_i64()), (Some(1000), Some(600)));
    let second = begun(&ada, 400).await;
    create(&ada, &[("upload-defer-length", "1")]).await.problem("quota_exceeded");
    patch(&ada, &first, 0, vec![1; 600]).await.is(204);
    create(&ada, &[("upload-length", "1")]).await.problem("quota_exceeded");
    crate::tus::delete(&ada, &second).await.is(204);
    begun(&ada, 400).await;
}

async fn a_live_upload_that_grows_over_the_largest_size_is_refused(server: Server) {
    let ada = server.admin().await;
    let url = create(&ada, &[("upload-defer-length", "1")]).await.is(201).header("location").to_owned();
    patch(&ada, &url, 0, vec![1; 500]).await.is(204);
    patch(&ada, &url, 500, vec![1; 101]).await.problem("too_large");
    patch(&ada, &url, 500, vec![1; 1]).await.problem("too_large");
    // Without a Content-Length it is the bytes themselves that tell.
    let leena = server.member("Leena Koskinen").await;
    let url = create(&leena, &[("upload-defer-length", "1")]).await.is(201).header("location").to_owned();
    let pieces = futures_util::stream::iter((0..7).map(|_| Ok::<_, std::io::Error>(vec![1; 100])));
    let sent = request(&leena, Method::PATCH, &url).header("upload-offset", "0").header("content-type", OFFSET_TYPE);
    leena.send(sent.body(reqwest::Body::wrap_stream(pieces))).await.problem("too_large");
    patch(&leena, &url, 0, vec![1; 1]).await.problem("too_large");
}

async fn what_is_abandoned_is_swept_after_a_day_without_bytes(server: Server) {
    let ada = server.admin().await;
    let (abandoned, alive, whole) = (begun(&ada, 10).await, begun(&ada, 10).await, begun(&ada, 4).await);
    patch(&ada, &abandoned, 0, "four").await.is(204);
    patch(&ada, &whole, 0, "four").await.is(204);
    server.app.clock.advance(TimeDelta::hours(20));
    patch(&ada, &alive, 0, "four").await.is(204);
    assert_eq!(sweep::run(&server.app).await.unwrap(), sweep::Swept::default());
    server.app.clock.advance(TimeDelta::hours(5));
    assert_eq!(sweep::run(&server.app).await.unwrap(), sweep::Swept { expired: 1, dropped: 1 });
    assert_eq!(head(&ada, &abandoned).await.status, 410);
    patch(&ada, &alive, 4, "5").await.is(204);
    keeps(&server, &whole, b"four").await;
    assert_eq!(server.app.store.list("uploads/", None, 10).await.unwrap().len(), 3);
}

async fn an_original_is_kept_for_days_after_its_take_is_ready_and_then_dropped(server: Server) {
    let ada = server.admin().await;
    let url = begun(&ada, 4).await;
    patch(&ada, &url, 0, "four").await.is(204);
    const READY: &str = "update take set state = 'ready', finished_at = $1";
    let mut tx = server.app.db.begin().await.unwrap();
    let now = server.app.clock.now();
    twotake::on_tx!(&mut tx, |c| sqlx::query(READY).bind(now).execute(c).await.map(|_| ())).unwrap();
    tx.commit().await.unwrap();
    server.app.clock.advance(TimeDelta::days(6));
    assert_eq!(sweep::run(&server.app).await.unwrap().dropped, 0);
    keeps(&server, &url, b"four").await;
    server.app.clock.advance(TimeDelta::days(2));
    assert_eq!(sweep::run(&server.app).await.unwrap().dropped, 1);
    assert_eq!(sweep::run(&server.app).await.unwrap().dropped, 0, "once is enough");
    assert!(server.app.store.list("uploads/", None, 10).await.unwrap().is_empty());
}

macro_rules! on_a_small_server {
    ($($name:ident),+ $(,)?) => {
        mod small_sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() { super::$name(super::small(crate::harness::Backend::Sqlite).await).await; })+
        }
        mod small_postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() { super::$name(super::small(crate::harness::Backend::Postgres).await).await; })+
        }
    };
}

on_a_small_server!(
    a_quota_counts_what_is_kept_and_what_is_promised,
    a_live_upload_that_grows_over_the_largest_size_is_refused,
    what_is_abandoned_is_swept_after_a_day_without_bytes,
    an_original_is_kept_for_days_after_its_take_is_ready_and_then_dropped,
);
