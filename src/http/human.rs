//! Whether a request comes of a person's own doing. Link-preview robots and browsers that fetch ahead say so themselves; what
//! they do is answered and never counted as somebody having looked. Not a defence: whoever lies is counted.

use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{FromRequest, HttpRequest};

/// Words in the names of robots that fetch what people share.
const ROBOTS: [&str; 9] =
    ["bot", "crawl", "spider", "preview", "unfurl", "facebookexternalhit", "whatsapp", "embedly", "pinterest"];

/// True when nothing says that it was not a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Human(pub bool);

impl FromRequest for Human {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Human(req.method() != Method::HEAD && is_human(req.headers()))))
    }
}

fn is_human(headers: &HeaderMap) -> bool {
    let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_lowercase();
    let ahead = ["sec-purpose", "purpose", "x-purpose", "x-moz"].iter().any(|name| {
        let purpose = said(name);
        purpose.contains("prefetch") || purpose.contains("prerender") || purpose.contains("preview")
    });
    let agent = said(header::USER_AGENT.as_str());
    !ahead && !ROBOTS.iter().any(|word| agent.contains(word))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn robots_and_what_is_fetched_ahead_are_not_people() {
        let of = |name: &'static str, value: &'static str| {
            is_human(TestRequest::default().insert_header((name, value)).to_http_request().headers())
        };
        assert!(of("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"));
        assert!(of("accept", "application/json"));
        for (name, value) in [
            ("user-agent", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"),
            ("user-agent", "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5"),
            ("user-agent", "Atlassian Confluence unfurl"),
            ("sec-purpose", "prefetch;prerender"),
            ("purpose", "prefetch"),
            ("x-moz", "prefetch"),
        ] {
            assert!(!of(name, value), "{name}: {value}");
        }
    }
}
