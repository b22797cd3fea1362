//! The one cookie there is.

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

/// Makes and reads the cookie that a browser is signed in by.
#[derive(Clone, Debug)]
pub struct Cookies {
    name: String,
}

impl Cookies {
    /// The `__Host-` before the name has the browser refuse one that was set without `Secure`, for another path or
    /// for a whole domain: no neighbour of this server can plant one.
    #[must_use]
    pub fn new(brand: &str) -> Self {
        Self {
            name: format!("__Host-{brand}"),
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The header that sets it for so many seconds. No script reads it, and no other page's request carries it.
    #[must_use]
    pub fn set(&self, secret: &str, seconds: i64) -> Option<HeaderValue> {
        let name = &self.name;
        let text = format!("{name}={secret}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={seconds}");
        let mut value = HeaderValue::try_from(text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// The header that takes it away.
    #[must_use]
    pub fn clear(&self) -> Option<HeaderValue> {
        self.set("", 0)
    }

    /// What it holds. Two of the name are none: somebody tries which one is taken.
    #[must_use]
    pub fn read<'h>(&self, headers: &'h HeaderMap) -> Option<&'h str> {
        let mut found = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|header| header.to_str().ok())
            .flat_map(|header| header.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(name, value)| *name == self.name && !value.is_empty())
            .map(|(_, value)| value);
        match (found.next(), found.next()) {
            (Some(value), None) => Some(value),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_bound_to_this_host_and_out_of_reach_of_scripts() {
        let cookies = Cookies::new("product");
        let set = cookies.set("ocs_secret", 60).unwrap();
        assert_eq!(
            set,
            "__Host-product=ocs_secret; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=60"
        );
        assert!(set.is_sensitive());
        assert!(!set.to_str().unwrap().contains("Domain"));
        assert!(cookies.clear().unwrap().to_str().unwrap().contains("Max-Age=0"));
    }

    #[test]
    fn one_is_read_and_two_are_none() {
        let cookies = Cookies::new("product");
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, "a=b; __Host-product=one; c=d".parse().unwrap());
        assert_eq!(cookies.read(&headers), Some("one"));
        headers.append(COOKIE, "__Host-product=two".parse().unwrap());
        assert_eq!(cookies.read(&headers), None);
        headers.insert(
            COOKIE,
            "product=one; __Host-productx=two; __Host-product="
                .parse()
                .unwrap(),
        );
        assert_eq!(cookies.read(&headers), None);
    }
}
