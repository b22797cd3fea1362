//! What is changed in the heads of requests and answers on their way between a window and a server.
//!
//! Development servers answer to `localhost` alone, so that no page of another name can use them. In the window the
//! server has a name of its own, so its names are put in the place of each other.

use cowork_gateway::without_hop;
use http::header::{
    ALT_SVC, CONNECTION, CONTENT_SECURITY_POLICY, HOST, HeaderName, LOCATION, ORIGIN, REFERER,
    STRICT_TRANSPORT_SECURITY, UPGRADE, X_DNS_PREFETCH_CONTROL,
};
use http::{HeaderMap, HeaderValue};

/// What would lead the window away from its one plain connection.
const LEADS_AWAY: [HeaderName; 2] = [ALT_SVC, STRICT_TRANSPORT_SECURITY];

/// The two names of a server.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    /// In the window: its host, and that with the port.
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Names {
    /// As an address names it in the window.
    pub(crate) fn authority(&self) -> String {
        if self.port == 80 {
            self.host.clone()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// Where it is in the window.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.authority())
    }

    fn own_authority(&self) -> String {
        if self.port == 80 {
            "localhost".to_owned()
        } else {
            format!("localhost:{}", self.port)
        }
    }

    /// What the server calls itself.
    fn own_origins(&self) -> [String; 4] {
        ["localhost", "127.0.0.1", "[::1]", "0.0.0.0"].map(|host| {
            if self.port == 80 {
                format!("http://{host}")
            } else {
                format!("http://{host}:{}", self.port)
            }
        })
    }

    /// Makes a window's request one that the server takes. `upgrade` is what it wants to change to.
    pub(crate) fn to_server(&self, headers: &mut HeaderMap, upgrade: Option<&HeaderValue>) {
        without_hop(headers);
        let own = self.own_authority();
        if let Ok(host) = HeaderValue::from_str(&own) {
            headers.insert(HOST, host);
        }
        for name in [ORIGIN, REFERER] {
            replace_origin(headers, &name, &self.origin(), &format!("http://{own}"));
        }
        // Each answer has a connection of its own: a server that ends one in the middle breaks one answer.
        let connection = if let Some(upgrade) = upgrade {
            headers.insert(UPGRADE, upgrade.clone());
            "upgrade"
        } else {
            "close"
        };
        headers.insert(CONNECTION, HeaderValue::from_static(connection));
    }

    /// Makes a server's answer one for the window. `upgraded` is what it changed to.
    pub(crate) fn to_window(&self, headers: &mut HeaderMap, upgraded: Option<&HeaderValue>) {
        without_hop(headers);
        for name in LEADS_AWAY {
            headers.remove(name);
        }
        for own in self.own_origins() {
            replace_origin(headers, &LOCATION, &own, &self.origin());
        }
        if let Some(upgraded) = upgraded {
            headers.insert(UPGRADE, upgraded.clone());
            headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
            return;
        }
        self.fence(headers);
    }

    /// Has the window's engine keep a page to its server by itself, before the proxy does: what leaves by another way than
    /// requests (names looked up ahead, calls between browsers) does not pass the proxy.
    fn fence(&self, headers: &mut HeaderMap) {
        let authority = self.authority();
        let policy = format!(
            "default-src http://{authority} ws://{authority} data: blob: 'unsafe-inline' 'unsafe-eval'; \
             base-uri http://{authority}; form-action http://{authority}; object-src 'none'; webrtc 'block'"
        );
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            // Beside the server's own: a page is held to all of them.
            headers.append(CONTENT_SECURITY_POLICY, policy);
        }
        headers.insert(X_DNS_PREFETCH_CONTROL, HeaderValue::from_static("off"));
    }
}

/// Puts one origin in the place of another at the beginning of an address.
fn replace_origin(headers: &mut HeaderMap, name: &HeaderName, from: &str, to: &str) {
    let replaced = headers.get(name).and_then(|value| {
        let rest = value.to_str().ok()?.strip_prefix(from)?;
        let is_whole = rest.is_empty() || rest.starts_with(['/', '?', '#']);
        is_whole.then(|| HeaderValue::from_str(&format!("{to}{rest}")).ok())?
    });
    if let Some(replaced) = replaced {
        headers.insert(name, replaced);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(port: u16) -> Names {
        Names {
            host: "abc.preview.localhost".to_owned(),
            port,
        }
    }

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_server_is_asked_by_its_own_name() {
        let mut head = headers(&[
            ("host", "abc.preview.localhost:5173"),
            ("origin", "http://abc.preview.localhost:5173"),
            ("referer", "http://abc.preview.localhost:5173/a?b"),
            ("proxy-connection", "keep-alive"),
            ("connection", "keep-alive, x-hop"),
            ("x-hop", "1"),
        ]);
        names(5173).to_server(&mut head, None);
        assert_eq!(head["host"], "localhost:5173");
        assert_eq!(head["origin"], "http://localhost:5173");
        assert_eq!(head["referer"], "http://localhost:5173/a?b");
        assert_eq!(head["connection"], "close");
        assert!(!head.contains_key("x-hop") && !head.contains_key("proxy-connection"));
        let mut foreign = headers(&[("origin", "http://abc.preview.localhost:51739")]);
        names(5173).to_server(&mut foreign, Some(&HeaderValue::from_static("websocket")));
        assert_eq!(foreign["origin"], "http://abc.preview.localhost:51739");
        assert_eq!(foreign["upgrade"], "websocket");
        assert_eq!(foreign["connection"], "upgrade");
    }

    #[test]
    fn a_window_is_led_to_the_name_it_knows_and_kept_there() {
        for (said, heard) in [
            ("http://localhost:5173/x", "http://abc.preview.localhost:5173/x"),
            ("http://127.0.0.1:5173", "http://abc.preview.localhost:5173"),
            ("http://localhost:80/x", "http://localhost:80/x"),
            ("/x", "/x"),
        ] {
            let mut head = headers(&[
                ("location", said),
                ("strict-transport-security", "max-age=1"),
                ("content-security-policy", "img-src 'none'"),
            ]);
            names(5173).to_window(&mut head, None);
            assert_eq!(head["location"], heard);
            assert!(!head.contains_key("strict-transport-security"));
            let policies: Vec<_> = head.get_all(CONTENT_SECURITY_POLICY).iter().collect();
            assert_eq!(policies.len(), 2);
            assert!(policies[1].to_str().unwrap().contains("webrtc 'block'"));
            assert_eq!(head["x-dns-prefetch-control"], "off");
        }
        assert_eq!(names(80).origin(), "http://abc.preview.localhost");
    }
}
