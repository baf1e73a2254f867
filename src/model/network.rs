//! The networks from which a client may be used, and how an address is counted.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net};

/// Networks in CIDR notation; an empty list allows every address.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Networks(Vec<IpNet>);

/// A text that is no network.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "a network is an address with an optional prefix length, such as 192.0.2.0/24 or 2001:db8::/32"
)]
pub struct NetworkError;

/// Reads an address, which stands for itself alone, or a network in CIDR notation.
pub fn parse_network(text: &str) -> Result<IpNet, NetworkError> {
    let network = text
        .parse::<IpNet>()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    network
        .map(|network| canonical(network.trunc()))
        .map_err(|_| NetworkError)
}

/// An IPv4 network in IPv6's spelling is that network: addresses are compared as IPv4's, so it would
/// hold none.
fn canonical(network: IpNet) -> IpNet {
    let (IpAddr::V4(address), 96..) = (network.addr().to_canonical(), network.prefix_len()) else {
        return network;
    };
    Ipv4Net::new(address, network.prefix_len() - 96).map_or(network, IpNet::V4)
}

impl Networks {
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// Reads the form that `Display` writes.
    pub fn parse(text: &str) -> Result<Self, NetworkError> {
        text.split_ascii_whitespace()
            .map(parse_network)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &IpNet> {
        self.0.iter()
    }

    /// Whether one of the networks holds `address`.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Whether every address that these networks hold is held by `others` too.
    pub fn is_within(&self, others: &Networks) -> bool {
        let held = |network: &IpNet| others.0.iter().any(|other| other.contains(network));
        self.0.iter().all(held)
    }

    /// Whether a client limited to these networks may be used only from where one limited to
    /// `others` may: an empty list allows every address.
    pub fn allow_no_more_than(&self, others: &Networks) -> bool {
        others.is_empty() || (!self.is_empty() && self.is_within(others))
    }

    /// Whether a client limited to these networks may be used from `address`.
    pub fn allow(&self, address: IpAddr) -> bool {
        self.is_empty() || self.contains(address)
    }
}

/// The networks with one space between.
impl fmt::Display for Networks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, network) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            write!(f, "{network}")?;
        }
        Ok(())
    }
}

/// The address under which failures are counted: an IPv6 host owns its whole /64.
pub fn counted_address(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => {
            let s = v6.segments();
            IpAddr::V6(Ipv6Addr::new(s[0], s[1], s[2], s[3], 0, 0, 0, 0))
        }
    }
}

/// What an address shares with those around it, which one person can often have as well: its /24, of
/// IPv6 its /48, as providers give them to one customer.
pub fn site(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            IpAddr::from([a, b, c, 0])
        }
        IpAddr::V6(v6) => {
            let s = v6.segments();
            IpAddr::V6(Ipv6Addr::new(s[0], s[1], s[2], 0, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_empty_list_allows_everyone_and_another_only_its_own() {
        assert!(Networks::default().allow(address("203.0.113.9")));
        let networks = Networks::parse("192.0.2.7/24 2001:db8::/32 198.51.100.1").unwrap();
        assert_eq!(
            networks.to_string(),
            "192.0.2.0/24 2001:db8::/32 198.51.100.1/32"
        );
        let mapped = Networks::parse("::ffff:192.0.2.7/120 ::ffff:198.51.100.1 ::ffff:0:0/96");
        assert_eq!(
            mapped.unwrap().to_string(),
            "192.0.2.0/24 198.51.100.1/32 0.0.0.0/0"
        );
        assert!(networks.allow(address("192.0.2.200")));
        assert!(networks.allow(address("::ffff:192.0.2.200")));
        assert!(networks.allow(address("2001:db8:1::1")));
        assert!(!networks.allow(address("198.51.100.2")));
        let within = |text| Networks::parse(text).unwrap().is_within(&networks);
        assert!(within("192.0.2.128/25 2001:db8:7::/48"));
        assert!(!within("192.0.2.0/23"));
        assert_eq!(Networks::parse("192.0.2.0/33"), Err(NetworkError));
        assert_eq!(Networks::parse("example.org"), Err(NetworkError));
    }

    #[test]
    fn one_ipv6_host_cannot_count_as_many() {
        let one = counted_address(address("2001:db8:1:2:3:4:5:6"));
        assert_eq!(one, counted_address(address("2001:db8:1:2:ffff::1")));
        assert_ne!(one, counted_address(address("2001:db8:1:3::1")));
        assert_eq!(
            counted_address(address("::ffff:192.0.2.1")),
            address("192.0.2.1")
        );
    }

    #[test]
    fn a_site_is_what_one_customer_is_given() {
        assert_eq!(site(address("192.0.2.9")), address("192.0.2.0"));
        assert_eq!(site(address("::ffff:192.0.2.9")), address("192.0.2.0"));
        assert_eq!(site(address("2001:db8:1:2::7")), address("2001:db8:1::"));
    }
}
