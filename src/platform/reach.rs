//! Which addresses the platform connects to for people who are not its administrators: the webhooks that they set. A
//! server must not be used to reach its own machine or its private network.

use std::net::{IpAddr, SocketAddr};
use std::sync::LazyLock;

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Addresses that are not those of one public machine (IANA special-purpose registries).
static SPECIAL: LazyLock<Vec<IpNet>> = LazyLock::new(|| {
    let nets = [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        // Of the global unicast addresses, 2000::/3: protocols and tunnels, documentation, 6to4.
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
    ];
    nets.iter().filter_map(|net| net.parse().ok()).collect()
});

/// Which addresses webhooks may have.
#[derive(Debug, Clone, Default)]
pub enum Reach {
    /// All, for a platform whose users can connect to them anyway.
    #[default]
    Everywhere,
    /// Public ones, and those in these networks.
    Public(Vec<IpNet>),
}

/// An address to which the platform does not connect.
#[derive(Debug, thiserror::Error)]
#[error("this address is not public")]
pub struct NotPermitted;

impl Reach {
    /// Returns whether the platform may connect to this address.
    pub fn permits(&self, address: IpAddr) -> bool {
        let Reach::Public(more) = self else { return true };
        // An IPv4 address in the form of IPv6 leads to the same machine.
        let address = address.to_canonical();
        let unicast = match address {
            IpAddr::V4(_) => true,
            IpAddr::V6(address) => address.segments()[0] & 0xe000 == 0x2000,
        };
        unicast && !SPECIAL.iter().any(|net| net.contains(&address))
            || more.iter().any(|net| net.contains(&address))
    }

    /// Returns whether a webhook may have this URL, as far as that is known before its name is resolved.
    pub fn permits_url(&self, url: &Url) -> bool {
        match url.host() {
            Some(Host::Ipv4(address)) => self.permits(address.into()),
            Some(Host::Ipv6(address)) => self.permits(address.into()),
            Some(Host::Domain(name)) => {
                let name = name.trim_end_matches('.');
                let local = name == "localhost" || name.ends_with(".localhost");
                !local || self.permits(IpAddr::from([127, 0, 0, 1]))
            }
            None => false,
        }
    }
}

/// Resolves names to permitted addresses only. Decides when connecting, because the addresses of a name can change after
/// any earlier check.
pub struct Resolver(pub Reach);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0.clone();
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let permitted: Vec<SocketAddr> = found.into_iter().filter(|a| reach.permits(a.ip())).collect();
            if permitted.is_empty() {
                return Err(NotPermitted.into());
            }
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}

/// Returns whether an error has this cause.
pub fn is_not_permitted(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source()).any(|error| error.is::<NotPermitted>())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Notations of addresses that are not public.
    const INSIDE: [&str; 22] = [
        "http://127.0.0.1:8080/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0.0.0.0/",
        "http://10.0.0.1/",
        "http://172.16.5.4/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.64.0.1/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "http://[::1]/",
        "http://[::]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:a00:1]/",
        "http://[fe80::1]/",
        "http://[fc00::1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://localhost/",
        "http://a.localhost./",
    ];

    #[test]
    fn addresses_inside_are_not_reached() {
        assert_eq!(SPECIAL.len(), 19);
        let reach = Reach::Public(Vec::new());
        for url in INSIDE {
            assert!(!reach.permits_url(&url.parse().unwrap()), "{url}");
            assert!(Reach::Everywhere.permits_url(&url.parse().unwrap()), "{url}");
        }
        for url in ["https://hooks.example/x", "http://8.8.8.8/", "http://[2606:4700::1111]/"] {
            assert!(reach.permits_url(&url.parse().unwrap()), "{url}");
        }
    }

    #[test]
    fn permitted_networks_are_reached() {
        let reach = Reach::Public(vec!["10.1.0.0/16".parse().unwrap(), "127.0.0.0/8".parse().unwrap()]);
        for (url, permitted) in [
            ("http://10.1.2.3/", true),
            ("http://10.2.0.1/", false),
            ("http://localhost/", true),
            ("http://[::ffff:10.1.0.1]/", true),
        ] {
            assert_eq!(reach.permits_url(&url.parse().unwrap()), permitted, "{url}");
        }
    }

    #[tokio::test]
    async fn a_name_is_judged_by_its_address() {
        let resolver = |reach| Resolver(reach).resolve("localhost".parse().unwrap());
        let refused = resolver(Reach::Public(Vec::new())).await.err().unwrap();
        assert!(is_not_permitted(&*refused));
        assert!(resolver(Reach::Everywhere).await.is_ok());
    }
}
