//! What every integration test stands on: a real server in this process, on either pair of database and store, people with
//! tokens, a client that reads like a sentence, and recordings to send. Not a place for tests or for rules of a feature.
//!
//! Invariant: nothing is shared between tests. Each server has its own folder, its own database and its own prefix in the
//! store, and takes them along when it goes. A test that lacks a server of its environment fails with a sentence; it never
//! skips.
//!
//! A server runs under `#[tokio::test(flavor = "multi_thread")]`: without an actix `System`, actix-server gives each of its
//! workers a thread with a runtime of its own, so nothing more is needed (and `#[actix_web::test]` would only bind the test
//! itself to one thread).

#![allow(dead_code, unused_imports, unused_macros, reason = "each test binary uses its own part of the harness")]

mod client;
mod database;
pub mod media;
pub mod people;
mod receiver;
mod server;
mod wait;

pub use client::{Answer, Client};
pub use database::Database;
pub use people::PASSWORD;
pub use receiver::{Came, Receiver};
pub use server::{Backend, Options, Server, test_store};
pub use wait::{PATIENCE, until, until_some};

/// Runs each test on SQLite with local files (`sqlite::name`) and on PostgreSQL with S3 (`postgres::name`). Once in a module:
///
/// ```text
/// both! {
///     async fn a_sentence(server: Server) { … }
///     async fn another(server: Server) { … }
/// }
/// ```
///
/// `both! { web; async fn … }` gives a server that answers requests and works on nothing: what is sent there need not be a video.
/// `both! { web at "2026-11-16T09:00:00Z"; async fn … }` gives both: what time does, the test does by itself.
/// `both! { at "2026-11-16T09:00:00Z"; async fn … }` gives a clock that stands there until the test moves it.
macro_rules! both {
    (at $start:literal; $($(#[$meta:meta])* async fn $name:ident($server:ident: Server) $body:block)+) => {
        $crate::harness::both!(@ Some($start), All; $($(#[$meta])* async fn $name($server: Server) $body)+);
    };
    (web at $start:literal; $($(#[$meta:meta])* async fn $name:ident($server:ident: Server) $body:block)+) => {
        $crate::harness::both!(@ Some($start), Web; $($(#[$meta])* async fn $name($server: Server) $body)+);
    };
    (web; $($(#[$meta:meta])* async fn $name:ident($server:ident: Server) $body:block)+) => {
        $crate::harness::both!(@ None, Web; $($(#[$meta])* async fn $name($server: Server) $body)+);
    };
    (@ $start:expr, $role:ident; $($(#[$meta:meta])* async fn $name:ident($server:ident: Server) $body:block)+) => {
        $($(#[$meta])* async fn $name($server: $crate::harness::Server) $body)+
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let options = $crate::harness::Options {
                    backend: $crate::harness::Backend::Sqlite,
                    start: $start,
                    configure: |config| config.role = twotake::config::Role::$role,
                };
                $crate::harness::Server::scope(options, super::$name).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let options = $crate::harness::Options {
                    backend: $crate::harness::Backend::Postgres,
                    start: $start,
                    configure: |config| config.role = twotake::config::Role::$role,
                };
                $crate::harness::Server::scope(options, super::$name).await;
            })+
        }
    };
    ($($(#[$meta:meta])* async fn $name:ident($server:ident: Server) $body:block)+) => {
        $crate::harness::both!(@ None, All; $($(#[$meta])* async fn $name($server: Server) $body)+);
    };
}
pub(crate) use both;
