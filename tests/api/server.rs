//! The server itself: that it runs, says who asks, and answers what it does not know with a problem document.

use crate::harness::both;

both! {
    async fn an_unknown_route_of_the_interface_is_answered_with_a_problem(server: Server) {
        server.admin().await.get("/api/nothing-of-the-kind").await.is(404);
    }

    async fn two_people_are_made_with_tokens_of_their_own(server: Server) {
        let admin = server.admin().await;
        let leena = server.member("Leena Koskinen").await;
        server.reports_to(&leena, &admin).await;
        assert_ne!(admin.token, leena.token);
        assert_eq!(leena.email, "leena.koskinen@example.com");
    }
}
