//! Requests that this server makes to addresses that people gave it: over https only, to public addresses only, without
//! redirects and without proxies. What a name resolves to is checked at the moment of connecting, so that a name which
//! changes its mind (DNS rebinding) reaches nothing inside either.
//!
//! Invariant: no request leaves through a client of [`client`] for an address that [`is_public`] denies, unless `local` says so,
//! which only tests do.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect;
use url::{Host, Url};

/// How long one request may take in all.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Longest address that is kept.
const LONGEST: usize = 2_000;

/// A client for such requests.
///
/// # Errors
/// A sentence, when TLS cannot be set up.
pub fn client(local: bool) -> Result<reqwest::Client, String> {
    let builder = reqwest::Client::builder()
        .timeout(TIMEOUT)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .https_only(!local)
        .dns_resolver(Arc::new(Public { local }));
    builder.build().map_err(|e| format!("cannot set up outgoing requests: {e}"))
}

/// An address that somebody gave, if a request may be sent there as far as its text tells. A host that is an address itself is
/// never resolved, so it is judged here.
///
/// # Errors
/// A sentence for whoever gave it.
pub fn check(text: &str, local: bool) -> Result<Url, String> {
    let url = Url::parse(text).ok().filter(|_| text.len() <= LONGEST).ok_or("That is not an address.")?;
    if url.scheme() != "https" && !(local && url.scheme() == "http") {
        return Err("The address begins with https://.".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("The address has no name and password in it.".to_owned());
    }
    let outside = match url.host() {
        Some(Host::Ipv4(ip)) => is_public(ip.into()),
        Some(Host::Ipv6(ip)) => is_public(ip.into()),
        Some(Host::Domain(name)) => name.contains('.') && !name.ends_with(".localhost"),
        None => false,
    };
    if outside || local { Ok(url) } else { Err("That address is not on the public network.".to_owned()) }
}

/// Resolves names to public addresses only.
struct Public {
    local: bool,
}

impl Resolve for Public {
    fn resolve(&self, name: Name) -> Resolving {
        let local = self.local;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|address| local || is_public(address.ip())).collect();
            if allowed.is_empty() {
                return Err(format!("{} has no public address", name.as_str()).into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is one of the public network: neither this machine, nor its neighbours, nor a cloud's metadata, in any of
/// the forms in which IPv6 carries IPv4.
#[must_use]
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => public_v4(ip),
        IpAddr::V6(ip) => public_v6(ip),
    }
}

fn public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let protocols = a == 192 && b == 0 && c == 0;
    let relays = a == 192 && b == 88 && c == 99;
    let benchmarks = a == 198 && (b == 18 || b == 19);
    let special = shared || protocols || relays || benchmarks || a == 0 || a >= 224;
    !(special || ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_documentation())
}

fn public_v6(ip: Ipv6Addr) -> bool {
    let words = ip.segments();
    let inside = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match words {
        [0, 0, 0, 0, 0, 0xffff, high, low] => inside(high, low),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => inside(high, low),
        [0x2002, high, low, ..] => inside(high, low),
        // Teredo, benchmarks, ORCHID and documentation.
        [0x2001, second, ..] => second >= 0x200 && second != 0xdb8,
        [first, ..] => first & 0xe000 == 0x2000 && first & 0xfff0 != 0x3ff0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_inside_is_reached_in_any_form() {
        let inside = [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "198.18.0.1",
            "192.0.0.8",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "::127.0.0.1",
        ];
        for ip in inside {
            assert!(!is_public(ip.parse().unwrap()), "{ip}");
        }
        for ip in ["1.1.1.1", "142.250.74.78", "2a00:1450:4001:80b::200e", "2606:4700:4700::1111", "::ffff:1.1.1.1"] {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
    }

    #[test]
    fn an_address_is_https_and_outside() {
        assert!(check("https://fcm.googleapis.com/fcm/send/abc", false).is_ok());
        let wrong = [
            "http://fcm.googleapis.com/x",
            "https://127.0.0.1/x",
            "https://[::1]/x",
            "https://2130706433/x",
            "https://0x7f.1/x",
            "https://localhost/x",
            "https://intranet/x",
            "https://u:p@example.com/x",
            "ftp://example.com",
            "nothing",
            "https://[::ffff:169.254.169.254]/latest",
        ];
        for text in wrong {
            assert!(check(text, false).is_err(), "{text}");
        }
        assert!(check("http://127.0.0.1:9/x", true).is_ok());
    }

    #[tokio::test]
    async fn a_name_that_resolves_inside_is_not_connected_to() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let failed = client(false).unwrap().get("https://localhost:9/x").send().await.unwrap_err();
        let causes = std::iter::successors(std::error::Error::source(&failed), |cause| cause.source());
        let said: Vec<String> = causes.map(ToString::to_string).collect();
        assert!(said.iter().any(|cause| cause.contains("has no public address")), "{said:?}");
    }
}
