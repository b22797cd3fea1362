//! Where this server stands, as a browser names it: which `Host` is meant for it and which `Origin` is its own page.
//!
//! A name that is not its own is refused whatever else a request has, so that a page elsewhere cannot reach a server
//! on this machine by letting its own name lead here.

use std::net::SocketAddr;

use http::header::{HOST, ORIGIN};
use http::{HeaderMap, Uri};
use url::{Host, Url};

/// The names of this server.
#[derive(Clone, Debug)]
pub struct Origins {
    /// `https://name[:port]`, and what a browser on this machine may call it.
    own: Vec<String>,
    encrypted: bool,
    shown: String,
}

/// An address that people cannot be sent to.
#[derive(Debug, thiserror::Error)]
pub enum PublicUrlError {
    /// It cannot be read, or has parts that it must not have.
    #[error("the public address is https://NAME[:PORT], without a path, user, query or fragment")]
    Shape,
    /// It is not encrypted and not on this machine.
    #[error("the public address must be https, but for this machine's own (http://localhost…)")]
    NotEncrypted,
    /// It listens beyond this machine and does not know its name.
    #[error(
        "a server that listens beyond this machine needs its public address (--public-url https://NAME); people's \
         browsers and desktops reach it there"
    )]
    Missing,
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

impl Origins {
    /// The names of a server that listens at `listen` and is reached at `public`.
    ///
    /// # Errors
    /// [`PublicUrlError`].
    pub fn new(public: Option<&str>, listen: SocketAddr) -> Result<Self, PublicUrlError> {
        let mut own = Vec::new();
        let mut encrypted = false;
        if let Some(public) = public {
            let url = Url::parse(public).map_err(|_| PublicUrlError::Shape)?;
            let plain = url.path() == "/"
                && url.query().is_none()
                && url.fragment().is_none()
                && url.username().is_empty()
                && url.password().is_none();
            if !plain || url.host().is_none() {
                return Err(PublicUrlError::Shape);
            }
            encrypted = url.scheme() == "https";
            let on_this_machine = url.scheme() == "http" && is_loopback(&url);
            if !encrypted && !on_this_machine {
                return Err(PublicUrlError::NotEncrypted);
            }
            own.push(url.origin().ascii_serialization());
        }
        if listen.ip().is_loopback() {
            let port = listen.port();
            own.extend(["localhost", "127.0.0.1", "[::1]"].map(|name| format!("http://{name}:{port}")));
        } else if public.is_none() {
            return Err(PublicUrlError::Missing);
        }
        let shown = own.first().cloned().unwrap_or_default();
        Ok(Self {
            own,
            encrypted,
            shown,
        })
    }

    /// Whether browsers reach it by https.
    #[must_use]
    pub fn encrypted(&self) -> bool {
        self.encrypted
    }

    /// The address people are told, without a slash at its end.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Whether a request is meant for this server, by the host it names.
    #[must_use]
    pub fn is_meant(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else {
            return false;
        };
        let Ok(host) = host.to_str() else { return false };
        // A request may name it in its line as well; two names that differ are for confusing somebody.
        if uri
            .authority()
            .is_some_and(|authority| authority.as_str() != host)
        {
            return false;
        }
        // As it nearly always is; else in another spelling, with capitals or the port that is usual.
        let is_spelled = |own: &String| own.split_once("://").is_some_and(|(_, own)| own == host);
        if self.own.iter().any(is_spelled) {
            return true;
        }
        self.own.iter().any(|own| {
            Url::parse(own).is_ok_and(|own| {
                Url::parse(&format!("{}://{host}", own.scheme()))
                    .is_ok_and(|asked| asked.path() == "/" && asked.origin() == own.origin())
            })
        })
    }

    /// Whether a request comes from this server's own page, by what the browser says of it. A request that says
    /// nothing of it is not.
    #[must_use]
    pub fn is_own_page(&self, headers: &HeaderMap) -> bool {
        if headers
            .get("sec-fetch-site")
            .is_some_and(|site| site != "same-origin")
        {
            return false;
        }
        let mut origins = headers.get_all(ORIGIN).iter();
        match (origins.next(), origins.next()) {
            (Some(origin), None) => self.own.iter().any(|own| origin == own.as_str()),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    fn loopback() -> Origins {
        Origins::new(None, "127.0.0.1:8790".parse().unwrap()).unwrap()
    }

    #[test]
    fn a_public_address_is_https_and_nothing_but_a_name() {
        let listen = "0.0.0.0:8790".parse().unwrap();
        assert!(Origins::new(Some("https://cowork.example"), listen).is_ok());
        assert!(Origins::new(Some("https://cowork.example:8443/"), listen).is_ok());
        for address in [
            "http://cowork.example",
            "https://cowork.example/below",
            "https://user@cowork.example",
            "https://cowork.example?a=b",
            "https://cowork.example#a",
            "cowork.example",
            "ftp://cowork.example",
        ] {
            assert!(Origins::new(Some(address), listen).is_err(), "{address}");
        }
        assert!(Origins::new(None, listen).is_err());
    }

    #[test]
    fn only_its_own_names_are_meant() {
        let origins = loopback();
        let uri = Uri::from_static("/api/server");
        for host in ["localhost:8790", "127.0.0.1:8790", "[::1]:8790", "LOCALHOST:8790"] {
            assert!(origins.is_meant(&uri, &headers(&[("host", host)])), "{host}");
        }
        for host in [
            "localhost",
            "evil.example:8790",
            "localhost:8790@evil.example",
            "localhost:8790/x",
            "",
        ] {
            assert!(!origins.is_meant(&uri, &headers(&[("host", host)])), "{host}");
        }
        assert!(!origins.is_meant(&uri, &headers(&[])));
        let twice = headers(&[("host", "localhost:8790"), ("host", "localhost:8790")]);
        assert!(!origins.is_meant(&uri, &twice));
        let other = Uri::from_static("http://evil.example/api/server");
        assert!(!origins.is_meant(&other, &headers(&[("host", "localhost:8790")])));
    }

    #[test]
    fn only_its_own_page_may_change_something() {
        let origins = loopback();
        assert!(origins.is_own_page(&headers(&[("origin", "http://localhost:8790")])));
        for pairs in [
            &[][..],
            &[("origin", "null")],
            &[("origin", "http://localhost:8791")],
            &[("origin", "https://localhost:8790")],
            &[
                ("origin", "http://localhost:8790"),
                ("origin", "http://evil.example"),
            ],
            &[
                ("origin", "http://localhost:8790"),
                ("sec-fetch-site", "cross-site"),
            ],
            &[
                ("origin", "http://localhost:8790"),
                ("sec-fetch-site", "same-site"),
            ],
        ] {
            assert!(!origins.is_own_page(&headers(pairs)), "{pairs:?}");
        }
    }
}
