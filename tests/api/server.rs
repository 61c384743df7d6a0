//! The server itself: that it runs, says who asks, and answers what it does not know with a problem document.

use crate::harness::both;

both! {
    async fn an_unknown_route_of_the_interface_is_answered_with_a_problem(server: Server) {
        server.admin().await.get("/api/nothing-of-the-kind").await.is(404);
    }

    async fn a_token_and_a_session_say_who_asks(server: Server) {
        let admin = server.admin().await;
        let leena = server.member("Leena Koskinen").await;
        server.reports_to(&leena, &admin).await;
        assert_eq!(leena.get("/api/me").await.ok()["email"], "leena.koskinen@example.com");
        let browser = server.browser_of(&leena).await;
        assert_eq!(browser.get("/api/me").await.ok()["manager"]["id"], admin.id.as_str());
        server.stranger().get("/api/me").await.problem("unauthenticated");
    }
}
