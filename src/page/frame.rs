//! Who may frame the embed page: a list of origins for `frame-ancestors`, from the link, the organisation and the settings,
//! beside the places this product is made to play in. Pure.
//!
//! Invariant: only well-formed origins (or `*` alone) ever reach the header; a stored oddity cannot widen the policy.

use url::Url;

/// Slack, its government cloud, and the origin its Work Objects pane uses.
const SLACK: [&str; 3] = ["https://*.slack.com", "https://*.slack-gov.com", "https://*.slack-mcps.com"];
/// Teams in every host it runs in today.
const TEAMS: [&str; 5] = [
    "https://teams.microsoft.com",
    "https://*.teams.microsoft.com",
    "https://*.cloud.microsoft",
    "https://*.microsoft365.com",
    "https://*.office.com",
];
/// Confluence and Jira in Atlassian's cloud. A Data Center host is a setting.
const ATLASSIAN: [&str; 1] = ["https://*.atlassian.net"];

/// The value of `frame-ancestors`. `link` is what the share link allows: `None` is a link without restriction, which may
/// stand anywhere.
#[must_use]
pub fn ancestors(link: Option<&[String]>, organisation: &[String], settings: &[String]) -> String {
    let Some(link) = link else { return "*".into() };
    let known = SLACK.iter().chain(&TEAMS).chain(&ATLASSIAN).map(|origin| (*origin).to_owned());
    let given = link.iter().chain(organisation).chain(settings).filter_map(|text| origin(text));
    let mut list = vec!["'self'".to_owned()];
    for source in given.chain(known) {
        if !list.contains(&source) {
            list.push(source);
        }
    }
    list.join(" ")
}

/// `text` as one source expression: scheme, host (its first label may be `*`) and port. Anything else is left out.
fn origin(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches('/');
    let (scheme, host) = text.split_once("://")?;
    let plain = host.strip_prefix("*.").unwrap_or(host);
    let url = Url::parse(&format!("{scheme}://{plain}")).ok()?;
    let whole = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    let named = url.host_str().filter(|h| !h.is_empty() && !h.contains(['*', ';', ',', '\'', ' ']))?;
    let port = url.port().map(|p| format!(":{p}")).unwrap_or_default();
    let star = if plain.len() < host.len() { "*." } else { "" };
    (matches!(url.scheme(), "https" | "http") && whole).then(|| format!("{}://{star}{named}{port}", url.scheme()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(list: &[&str]) -> Vec<String> {
        list.iter().map(|w| (*w).to_owned()).collect()
    }

    #[test]
    fn a_link_without_restriction_may_stand_anywhere() {
        assert_eq!(ancestors(None, &words(&["https://a.example"]), &[]), "*");
    }

    #[test]
    fn a_restricted_link_lets_in_its_own_list_the_organisation_the_settings_and_the_known_places() {
        let link = words(&["https://wiki.example:8443"]);
        let text = ancestors(Some(&link), &words(&["https://*.intra.example/"]), &words(&["http://localhost:3000"]));
        assert!(text.starts_with(
            "'self' https://wiki.example:8443 https://*.intra.example http://localhost:3000 https://*.slack.com "
        ));
        assert!(text.ends_with("https://*.office.com https://*.atlassian.net"));
    }

    #[test]
    fn what_is_not_an_origin_never_reaches_the_header() {
        for odd in [
            "*",
            "https://*",
            "https:",
            "javascript://x",
            "https://a.example/path",
            "https://a.example; script-src *",
            "https://u:p@a.example",
            "https://a b.example",
            "data:text/html,x",
            "",
        ] {
            assert_eq!(origin(odd), None, "{odd}");
        }
        assert!(!ancestors(Some(&words(&["*"])), &[], &[]).split(' ').any(|source| source == "*"));
    }
}
