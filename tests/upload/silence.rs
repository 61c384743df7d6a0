//! F7: a connection that went silent holds nothing up; what it brought is kept.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{Client, PATIENCE, both, until};
use crate::tus::{begun, head, keeps, noise, offset, patch};

/// Opens a connection that announces `announced` bytes at `offset`, sends some and then nothing.
async fn silent(client: &Client, url: &str, offset: usize, announced: usize, sent: &[u8]) -> TcpStream {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let token = client.token.as_deref().unwrap();
    let request = format!(
        "PATCH /{path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nTus-Resumable: 1.0.0\r\n\
         Content-Type: application/offset+octet-stream\r\nUpload-Offset: {offset}\r\nContent-Length: {announced}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.write_all(sent).await.unwrap();
    stream.flush().await.unwrap();
    stream
}

both! {
    web;

    async fn f7_head_is_answered_at_once_while_a_dead_connection_holds_the_upload(server: Server) {
        let ada = server.admin().await;
        let mut worst = Duration::ZERO;
        for round in 0..5 {
            let bytes = noise(round, 600_000);
            let url = begun(&ada, bytes.len()).await;
            let mut dead = silent(&ada, &url, 0, bytes.len(), &bytes[..250_000]).await;
            let arriving = || async { server.app.uploads.count() > 0 };
            until("the server reads the dead connection", PATIENCE, arriving).await;
            let began = Instant::now();
            let answer = head(&ada, &url).await.is(200);
            worst = worst.max(began.elapsed());
            let stands: usize = answer.header("upload-offset").parse().unwrap();
            assert!(stands <= 250_000, "{url} stands at {stands}");
            // The old body was stopped: it is answered or its connection ends, though it never sent its last byte.
            let mut answered = Vec::new();
            let _ = tokio::time::timeout(PATIENCE, dead.read_buf(&mut answered)).await.expect("the old request is still open");
            patch(&ada, &url, stands, bytes[stands..].to_vec()).await.is(204);
            keeps(&server, &url, &bytes).await;
        }
        println!("F7: 5 dead connections, HEAD answered within {worst:?} at worst");
        // 0.2 s on an idle machine; what matters here is that it does not wait for the dead connection (30 s).
        assert!(worst < Duration::from_secs(10), "HEAD took {worst:?}");
    }

    async fn what_a_broken_connection_brought_is_kept(server: Server) {
        let ada = server.admin().await;
        let bytes = noise(7, 900_000);
        let url = begun(&ada, bytes.len()).await;
        let broken = silent(&ada, &url, 0, bytes.len(), &bytes[..400_000]).await;
        drop(broken);
        // Not asked by HEAD, which would make the request let go before it has read everything. What the HTTP layer had read
        // but not handed over when the connection ended (two of its buffers) does not count as arrived.
        let id = url.rsplit('/').next().unwrap().parse().unwrap();
        let received = || async { twotake::upload::sql::find(&server.app.db, id).await.unwrap().unwrap().received };
        until("the bytes that arrived are kept", PATIENCE, || async { received().await >= 400_000 - 131_072 }).await;
        let stands = offset(&ada, &url).await;
        assert!((400_000 - 131_072..=400_000).contains(&stands), "{stands}");
        patch(&ada, &url, stands, bytes[stands..].to_vec()).await.is(204);
        keeps(&server, &url, &bytes).await;
    }

    async fn a_slow_body_becomes_durable_while_it_goes_on(server: Server) {
        let ada = server.admin().await;
        let url = begun(&ada, 1000).await;
        let mut slow = silent(&ada, &url, 0, 1000, &[1; 300]).await;
        let id = url.rsplit('/').next().unwrap().parse().unwrap();
        let received = || async { twotake::upload::sql::find(&server.app.db, id).await.unwrap().unwrap().received };
        until("the first bytes are durable", PATIENCE, || async { received().await == 300 }).await;
        slow.write_all(&[2; 700]).await.unwrap();
        let mut answered = vec![0; 12];
        slow.read_exact(&mut answered).await.unwrap();
        assert_eq!(answered, b"HTTP/1.1 204");
        keeps(&server, &url, &[vec![1; 300], vec![2; 700]].concat()).await;
    }
}
