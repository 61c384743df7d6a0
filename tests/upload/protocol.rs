//! The table of tus 1.0.0, row by row.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::Method;
use sha1::{Digest, Sha1};
use sha2::Sha256;

use crate::harness::both;
use crate::tus::{OFFSET_TYPE, begun, create, delete, head, keeps, metadata, noise, offset, patch, patching, request};

both! {
    web;

    async fn options_tells_what_is_offered_without_signing_in(server: Server) {
        let nobody = server.stranger();
        let answer = nobody.send(nobody.request(Method::OPTIONS, "/api/uploads")).await.is(204);
        assert_eq!(answer.header("tus-resumable"), "1.0.0");
        assert_eq!(answer.header("tus-version"), "1.0.0");
        assert_eq!(answer.header("tus-max-size"), "2147483648");
        assert_eq!(answer.header("tus-checksum-algorithm"), "sha1,sha256");
        for extension in ["creation", "creation-with-upload", "creation-defer-length", "expiration", "checksum", "termination"] {
            assert!(answer.header("tus-extension").split(',').any(|e| e == extension), "{extension}");
        }
    }

    async fn another_version_is_refused_before_anything_is_done(server: Server) {
        let ada = server.admin().await;
        let url = begun(&ada, 4).await;
        for version in [None, Some("0.2.2"), Some("2.0.0")] {
            let mut asked = ada.request(Method::PATCH, &url).header("upload-offset", "0").header("content-type", OFFSET_TYPE).body("four");
            if let Some(version) = version {
                asked = asked.header("tus-resumable", version);
            }
            let answer = ada.send(asked).await;
            answer.problem("tus_version");
            assert_eq!(answer.header("tus-version"), "1.0.0");
            assert_eq!(answer.header("tus-resumable"), "1.0.0");
        }
        assert_eq!(offset(&ada, &url).await, 0);
    }

    async fn an_upload_goes_from_creation_to_the_last_byte(server: Server) {
        let ada = server.admin().await;
        let bytes = noise(1, 300_000);
        let told = metadata(&[("filename", "update.webm"), ("filetype", "video/webm"), ("title", "Week 46")]);
        let made = create(&ada, &[("upload-length", "300000"), ("upload-metadata", &told)]).await.is(201);
        let url = made.header("location").to_owned();
        assert!(url.starts_with(&format!("{}/api/uploads/", server.base)), "{url}");
        assert!(made.header("twotake-take").starts_with(&format!("{}/api/takes/", server.base)));
        assert!(made.header("upload-expires").ends_with("GMT"));
        let answer = head(&ada, &url).await.is(200);
        assert_eq!((answer.header("upload-offset"), answer.header("upload-length")), ("0", "300000"));
        assert_eq!((answer.header("cache-control"), answer.header("upload-metadata")), ("no-store", told.as_str()));
        let answer = patch(&ada, &url, 0, bytes[..100_000].to_vec()).await.is(204);
        assert_eq!(answer.header("upload-offset"), "100000");
        assert!(answer.header("upload-expires").ends_with("GMT"));
        assert_eq!(answer.header("tus-resumable"), "1.0.0");
        patch(&ada, &url, 100_000, bytes[100_000..].to_vec()).await.is(204);
        assert_eq!(offset(&ada, &url).await, 300_000, "HEAD tells the offset of a complete upload too");
        keeps(&server, &url, &bytes).await;
    }

    async fn a_chunk_is_at_most_eight_mebibytes_whatever_the_request(server: Server) {
        let ada = server.admin().await;
        let bytes = noise(2, 20 << 20);
        let url = begun(&ada, bytes.len()).await;
        patch(&ada, &url, 0, bytes.clone()).await.is(204);
        keeps(&server, &url, &bytes).await;
        let id = url.rsplit('/').next().unwrap();
        let stored = server.app.store.list(&format!("uploads/{id}/"), None, 100).await.unwrap();
        assert_eq!(stored.iter().map(|o| o.size >> 20).collect::<Vec<_>>(), [8, 8, 4]);
    }

    async fn a_wrong_offset_changes_nothing_and_tells_the_right_one(server: Server) {
        let ada = server.admin().await;
        let url = begun(&ada, 10).await;
        patch(&ada, &url, 0, "four").await.is(204);
        for wrong in [0, 3, 5, 10, 11] {
            let problem = patch(&ada, &url, wrong, "xx").await.problem("offset_mismatch");
            assert_eq!(problem["offset"], 4);
        }
        assert_eq!(offset(&ada, &url).await, 4);
    }

    async fn headers_that_cannot_be_read_are_named(server: Server) {
        let ada = server.admin().await;
        let bad: [&[(&str, &str)]; 7] = [
            &[],
            &[("upload-length", "-1")],
            &[("upload-length", "ten")],
            &[("upload-defer-length", "2")],
            &[("upload-length", "1"), ("upload-defer-length", "1")],
            &[("upload-length", "1"), ("upload-metadata", "title ???")],
            &[("upload-length", "1"), ("upload-metadata", "a YQ==,a YQ==")],
        ];
        for headers in bad {
            create(&ada, headers).await.problem("bad_request");
        }
        let url = begun(&ada, 4).await;
        let no_offset = request(&ada, Method::PATCH, &url).header("content-type", OFFSET_TYPE).body("four");
        ada.send(no_offset).await.problem("bad_request");
        let wrong_type = request(&ada, Method::PATCH, &url).header("upload-offset", "0").header("content-type", "video/webm").body("four");
        ada.send(wrong_type).await.problem("unsupported_media_type");
        assert_eq!(offset(&ada, &url).await, 0);
    }

    async fn only_its_owner_knows_an_upload(server: Server) {
        let ada = server.admin().await;
        let leena = server.member("Leena Koskinen").await;
        let url = begun(&leena, 4).await;
        assert_eq!(head(&ada, &url).await.status, 404);
        patch(&ada, &url, 0, "four").await.problem("not_found");
        delete(&ada, &url).await.problem("not_found");
        patch(&server.stranger(), &url, 0, "four").await.problem("unauthenticated");
        create(&server.stranger(), &[("upload-length", "4")]).await.problem("unauthenticated");
        patch(&leena, &format!("{}/api/uploads/0190f6b2-0000-7000-8000-000000000000", server.base), 0, "four").await.problem("not_found");
        patch(&leena, &format!("{}/api/uploads/nonsense", server.base), 0, "four").await.problem("not_found");
        patch(&leena, &url, 0, "four").await.is(204);
    }

    async fn a_guest_may_upload(server: Server) {
        server.admin().await;
        let guest = server.guest("Noor Aziz").await;
        let url = begun(&guest, 4).await;
        patch(&guest, &url, 0, "four").await.is(204);
    }

    async fn nothing_is_an_upload_that_is_complete_at_once(server: Server) {
        let ada = server.admin().await;
        let url = begun(&ada, 0).await;
        let answer = head(&ada, &url).await.is(200);
        assert_eq!((answer.header("upload-offset"), answer.header("upload-length")), ("0", "0"));
        patch(&ada, &url, 0, "").await.is(204);
        keeps(&server, &url, b"").await;
    }

    async fn creation_may_carry_bytes(server: Server) {
        let ada = server.admin().await;
        let made = request(&ada, Method::POST, "/api/uploads").header("upload-length", "9").header("content-type", OFFSET_TYPE);
        let made = ada.send(made.body("first")).await.is(201);
        assert_eq!(made.header("upload-offset"), "5");
        let url = made.header("location").to_owned();
        patch(&ada, &url, 5, "last").await.is(204);
        keeps(&server, &url, b"firstlast").await;
        let whole = request(&ada, Method::POST, "/api/uploads").header("upload-length", "5").header("content-type", OFFSET_TYPE);
        let whole = ada.send(whole.body("whole")).await.is(201);
        assert_eq!(whole.header("upload-offset"), "5");
        keeps(&server, whole.header("location"), b"whole").await;
    }

    async fn a_length_may_be_told_later_and_only_once(server: Server) {
        let ada = server.admin().await;
        let url = create(&ada, &[("upload-defer-length", "1")]).await.is(201).header("location").to_owned();
        let answer = head(&ada, &url).await.is(200);
        assert_eq!((answer.header("upload-defer-length"), answer.header("upload-length")), ("1", ""));
        patch(&ada, &url, 0, "live ").await.is(204);
        ada.send(patching(&ada, &url, 5, "").header("upload-length", "3")).await.problem("bad_request");
        ada.send(patching(&ada, &url, 5, "record").header("upload-length", "14")).await.is(204);
        ada.send(patching(&ada, &url, 11, "ing").header("upload-length", "15")).await.problem("bad_request");
        let answer = head(&ada, &url).await.is(200);
        assert_eq!((answer.header("upload-defer-length"), answer.header("upload-length")), ("", "14"));
        ada.send(patching(&ada, &url, 11, "ing").header("upload-length", "14")).await.is(204);
        keeps(&server, &url, b"live recording").await;
    }

    async fn a_length_told_with_the_last_byte_already_there_completes(server: Server) {
        let ada = server.admin().await;
        let url = create(&ada, &[("upload-defer-length", "1")]).await.is(201).header("location").to_owned();
        patch(&ada, &url, 0, "all").await.is(204);
        ada.send(patching(&ada, &url, 3, "").header("upload-length", "3")).await.is(204);
        keeps(&server, &url, b"all").await;
    }

    async fn a_checksum_decides_whether_bytes_count(server: Server) {
        let ada = server.admin().await;
        let bytes = noise(3, 9 << 20);
        let url = begun(&ada, bytes.len() + 4).await;
        let (sha1, sha256) = (BASE64_STANDARD.encode(Sha1::digest(&bytes)), BASE64_STANDARD.encode(Sha256::digest(b"four")));
        let with = |offset, bytes: Vec<u8>, sum: String| ada.send(patching(&ada, &url, offset, bytes).header("upload-checksum", sum));
        let mut damaged = bytes.clone();
        damaged[8_500_000] ^= 1;
        with(0, damaged, format!("sha1 {sha1}")).await.problem("checksum_mismatch");
        assert_eq!(offset(&ada, &url).await, 0);
        let id = url.rsplit('/').next().unwrap();
        assert!(server.app.store.list(&format!("uploads/{id}/"), None, 10).await.unwrap().is_empty(), "damaged bytes are not kept");
        with(0, bytes.clone(), "md5 AAAA".into()).await.problem("bad_request");
        with(0, bytes.clone(), format!("sha1 {sha1}")).await.is(204);
        with(bytes.len(), b"fear".to_vec(), format!("sha256 {sha256}")).await.problem("checksum_mismatch");
        with(bytes.len(), b"four".to_vec(), format!("sha256 {sha256}")).await.is(204);
        keeps(&server, &url, &[bytes, b"four".to_vec()].concat()).await;
    }

    async fn termination_deletes_the_bytes_and_the_upload_is_gone(server: Server) {
        let ada = server.admin().await;
        let url = begun(&ada, 10).await;
        patch(&ada, &url, 0, "four").await.is(204);
        delete(&ada, &url).await.is(204);
        assert_eq!(head(&ada, &url).await.status, 410);
        patch(&ada, &url, 4, "x").await.problem("gone");
        delete(&ada, &url).await.problem("gone");
        assert!(server.app.store.list("uploads/", None, 10).await.unwrap().is_empty());
        let whole = begun(&ada, 4).await;
        patch(&ada, &whole, 0, "four").await.is(204);
        delete(&ada, &whole).await.problem("conflict");
        keeps(&server, &whole, b"four").await;
    }

    async fn a_post_may_stand_for_the_other_methods(server: Server) {
        let ada = server.admin().await;
        let url = begun(&ada, 4).await;
        let instead = |method: &str| request(&ada, Method::POST, &url).header("x-http-method-override", method.to_owned());
        let sent = instead("PATCH").header("upload-offset", "0").header("content-type", OFFSET_TYPE).body("fo");
        assert_eq!(ada.send(sent).await.is(204).header("upload-offset"), "2");
        assert_eq!(ada.send(instead("HEAD")).await.is(200).header("upload-offset"), "2");
        ada.send(instead("DELETE")).await.is(204);
        ada.send(instead("PUT")).await.problem("method_not_allowed");
        ada.send(request(&ada, Method::GET, "/api/uploads")).await.problem("method_not_allowed");
    }

    async fn metadata_is_echoed_as_sent_and_harmless_where_it_is_shown(server: Server) {
        let ada = server.admin().await;
        let told = metadata(&[("filename", "../../a\r\nX-Evil: 1\u{202E}.mp4"), ("unknown", "kept")]);
        let url = create(&ada, &[("upload-length", "4"), ("upload-metadata", &told)]).await.is(201).header("location").to_owned();
        let answer = head(&ada, &url).await.is(200);
        assert_eq!(answer.header("upload-metadata"), told);
        assert!(answer.headers.get("x-evil").is_none());
    }
}
