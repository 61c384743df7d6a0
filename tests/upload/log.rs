//! Following an upload: the process job reads it while it arrives, on whatever node.

use futures_util::{StreamExt, TryStreamExt};
use twotake::upload::log::{LogError, follow};

use crate::harness::both;
use crate::tus::{begun, create, delete, noise, patch, patching};

both! {
    web;

    async fn a_follower_reads_what_arrives_and_ends_with_the_last_byte(server: Server) {
        let ada = server.admin().await;
        let other = server.another_node().await;
        let url = create(&ada, &[("upload-defer-length", "1")]).await.is(201).header("location").to_owned();
        let id = url.rsplit('/').next().unwrap().parse().unwrap();
        let bytes = noise(4, 500_000);
        let here = tokio::spawn(follow(server.app.clone(), id, 0).try_collect::<Vec<_>>());
        let there = tokio::spawn(follow(other.app.clone(), id, 123_456).try_collect::<Vec<_>>());
        for (n, piece) in bytes.chunks(100_000).enumerate() {
            patch(&ada, &url, n * 100_000, piece.to_vec()).await.is(204);
        }
        ada.send(patching(&ada, &url, 500_000, "").header("upload-length", "500000")).await.is(204);
        assert!(here.await.unwrap().unwrap().concat() == bytes);
        assert!(there.await.unwrap().unwrap().concat() == bytes[123_456..]);
        other.stop().await;
    }

    async fn a_follower_is_told_when_there_will_be_no_more(server: Server) {
        let ada = server.admin().await;
        let url = begun(&ada, 100).await;
        patch(&ada, &url, 0, "some").await.is(204);
        let id = url.rsplit('/').next().unwrap().parse().unwrap();
        let mut log = Box::pin(follow(server.app.clone(), id, 0));
        assert_eq!(log.next().await.unwrap().unwrap(), "some");
        delete(&ada, &url).await.is(204);
        assert!(matches!(log.next().await, Some(Err(LogError::Ended(_)))));
        let unknown = server.app.clock.id();
        let mut nothing = Box::pin(follow(server.app.clone(), unknown, 0));
        assert!(matches!(nothing.next().await, Some(Err(LogError::Missing))));
    }
}
