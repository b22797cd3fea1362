//! Which addresses an agent may fetch.

use cowork_engine::{PermissionAsk, PermissionKind};
use url::{Host, Url};

use crate::model_url::is_public;

/// Why an ask to fetch is refused by its address alone: it leads to this machine or into a private network. Names are
/// judged again by where they lead when they are connected to; here it is said before a person is bothered.
///
/// While the engine lives in the person's own home (`in_persons_home`) it connects by itself, and nothing judges where
/// names and redirects lead: then no page is fetched.
#[must_use]
pub fn refused_fetch(ask: &PermissionAsk, in_persons_home: bool) -> Option<String> {
    if ask.kind != PermissionKind::Fetch {
        return None;
    }
    if in_persons_home {
        return Some(
            "pages are not fetched while the engine lives in the person's own home: nothing there keeps a page from leading the \
             engine to this machine"
                .to_owned(),
        );
    }
    ask.patterns.iter().find_map(|address| {
        let host = not_public(address)?;
        Some(format!(
            "{host} is on this machine or in a private network, which an agent never fetches from"
        ))
    })
}

/// The host of an address, when it is not on the internet by its spelling.
fn not_public(address: &str) -> Option<String> {
    let url = Url::parse(address.trim()).ok()?;
    let public = match url.host()? {
        Host::Ipv4(address) => is_public(address.into()),
        Host::Ipv6(address) => is_public(address.into()),
        Host::Domain(name) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            let below = |zone: &str| name == zone || name.ends_with(&format!(".{zone}"));
            name.contains('.')
                && ![
                    "localhost",
                    "local",
                    "internal",
                    "lan",
                    "home.arpa",
                    "localdomain",
                ]
                .iter()
                .any(|zone| below(zone))
        }
    };
    (!public).then(|| url.host_str().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_this_machine_and_of_private_networks_are_refused_however_they_are_spelled() {
        for address in [
            "http://127.0.0.1:4096/config",
            "http://localhost/",
            "http://LOCALHOST./",
            "http://[::1]/",
            "http://0/",
            "http://0x7f.1/",
            "http://2130706433/",
            "http://[::ffff:127.0.0.1]/",
            "http://10.0.0.1/",
            "http://192.168.1.1/",
            "http://169.254.169.254/latest/meta-data",
            "http://metadata.google.internal/",
            "http://printer.local/",
            "http://router/",
            "http://a@127.0.0.1/",
        ] {
            assert!(not_public(address).is_some(), "{address}");
        }
        for address in [
            "https://example.org/a?b#c",
            "https://8.8.8.8/",
            "https://local.example.org/",
        ] {
            assert_eq!(not_public(address), None, "{address}");
        }
    }
}
