//! F6: writers race for one offset, on one node and across two. Exactly one wins, and what is kept is what it sent.

use futures_util::future::join_all;
use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::harness::{Client, both};
use crate::tus::{begun, keeps, noise, offset, patch};

/// Rounds per backend; the nightly run multiplies them.
fn rounds(few: usize) -> usize {
    std::env::var("TWOTAKE_TEST_ROUNDS").ok().and_then(|n| n.parse::<usize>().ok()).map_or(few, |times| few * times)
}

async fn race(clients: &[Client], path: &str, rng: &mut StdRng, round: usize) -> Vec<u8> {
    let writers = rng.random_range(2..=8);
    let size = [1, 1000, 70_000, 400_000][rng.random_range(0..4)];
    let sent: Vec<Vec<u8>> = (0..writers).map(|writer| noise((round * 10 + writer) as u64, size)).collect();
    let answers = join_all(sent.iter().enumerate().map(|(writer, bytes)| {
        let client = &clients[writer % clients.len()];
        async move { patch(client, &format!("{}{path}", client.base), 0, bytes.clone()).await }
    }));
    let statuses: Vec<u16> = answers.await.iter().map(|answer| answer.status.as_u16()).collect();
    let winners: Vec<usize> = (0..writers).filter(|writer| statuses[*writer] == 204).collect();
    assert_eq!(winners.len(), 1, "round {round}: {statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 204 | 409 | 423)), "round {round}: {statuses:?}");
    sent[winners[0]].clone()
}

both! {
    web;

    async fn f6_of_writers_at_one_offset_exactly_one_wins(server: Server) {
        let (ada, mut rng) = (server.admin().await, StdRng::seed_from_u64(6));
        for round in 0..rounds(12) {
            let url = begun(&ada, 500_000).await;
            let path = url.strip_prefix(&server.base).unwrap();
            let won = race(std::slice::from_ref(&ada), path, &mut rng, round).await;
            assert_eq!(offset(&ada, &url).await, won.len());
            let rest = noise(99, 500_000 - won.len());
            patch(&ada, &url, won.len(), rest.clone()).await.is(204);
            keeps(&server, &url, &[won, rest].concat()).await;
        }
    }

    async fn f6_across_two_nodes_exactly_one_wins(server: Server) {
        let (ada, mut rng) = (server.admin().await, StdRng::seed_from_u64(66));
        let other = server.another_node().await;
        let there = Client { base: other.base.clone(), ..ada.clone() };
        let both = [ada.clone(), there];
        for round in 0..rounds(12) {
            let url = begun(&ada, 500_000).await;
            let path = url.strip_prefix(&server.base).unwrap();
            let won = race(&both, path, &mut rng, round).await;
            let rest = noise(99, 500_000 - won.len());
            // The next request may come to either node.
            let next = &both[round % 2];
            let url_there = format!("{}{path}", next.base);
            assert_eq!(offset(next, &url_there).await, won.len());
            patch(next, &url_there, won.len(), rest.clone()).await.is(204);
            keeps(&other, &url, &[won, rest].concat()).await;
        }
        other.stop().await;
    }
}
