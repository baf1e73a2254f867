//! Who sends a request: the address that counts and that networks are compared with.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use actix_web::HttpRequest;

use crate::model::network::Networks;

/// The peer's address. When the connection comes from a trusted proxy, it is the rightmost address
/// of `X-Forwarded-For` that is not a trusted proxy itself: what stands left of it can be invented.
pub fn peer(http: &HttpRequest, trusted_proxies: &Networks) -> IpAddr {
    let nowhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let mut peer = http
        .peer_addr()
        .map_or(nowhere, |address| address.ip().to_canonical());
    if trusted_proxies.is_empty() {
        return peer;
    }
    // From bytes: a line must not be lost, with what a proxy wrote at its end, because its
    // beginning is no text.
    let hops = http
        .headers()
        .get_all("x-forwarded-for")
        .flat_map(|line| line.as_bytes().split(|b| *b == b','));
    let hops: Vec<&[u8]> = hops.collect();
    for hop in hops.into_iter().rev() {
        if !trusted_proxies.contains(peer) {
            break;
        }
        // What is no address ends the chain: the proxy that wrote it is all that is known.
        let Some(address) = parse_hop(hop.trim_ascii()) else {
            break;
        };
        peer = address.to_canonical();
    }
    peer
}

/// An address, perhaps with a port; never a name, which would have to be resolved.
fn parse_hop(hop: &[u8]) -> Option<IpAddr> {
    let hop = std::str::from_utf8(hop).ok()?;
    let bare = hop.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    bare.unwrap_or(hop)
        .parse()
        .ok()
        .or_else(|| hop.parse::<SocketAddr>().ok().map(|a| a.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn seen(socket: &str, forwarded: &[&str]) -> String {
        let mut request = TestRequest::get().peer_addr(socket.parse().unwrap());
        for line in forwarded {
            request = request.append_header(("x-forwarded-for", *line));
        }
        let trusted = Networks::parse("10.0.0.0/8").unwrap();
        peer(&request.to_http_request(), &trusted).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_as_far_as_it_saw() {
        assert_eq!(seen("203.0.113.1:1", &["198.51.100.1"]), "203.0.113.1");
        assert_eq!(seen("10.0.0.1:1", &[]), "10.0.0.1");
        assert_eq!(seen("10.0.0.1:1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(
            seen("10.0.0.1:1", &["1.1.1.1, 198.51.100.1, 10.0.0.2"]),
            "198.51.100.1"
        );
        assert_eq!(
            seen("10.0.0.1:1", &["1.1.1.1", "198.51.100.1:443"]),
            "198.51.100.1"
        );
        assert_eq!(seen("10.0.0.1:1", &["[2001:db8::1]"]), "2001:db8::1");
        assert_eq!(seen("10.0.0.1:1", &["1.1.1.1, localhost"]), "10.0.0.1");
    }
}
