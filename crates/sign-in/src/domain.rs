//! The domain of a company's own GitHub.

use std::fmt;

use url::{Host, Url};

use crate::endpoints::fixed;

/// A company's domain at GitHub Enterprise, such as `company.ghe.com`. Its names are public ones: GitHub's models
/// answer there only where GitHub runs the servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnterpriseDomain(String);

/// Why a text is no such domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DomainError {
    /// It is no name of a machine.
    #[error("this is not a domain: it has to look like company.ghe.com")]
    NotADomain,
    /// There is more in it than a name.
    #[error("only the domain is wanted, without a user name, a port or a path: company.ghe.com")]
    MoreThanADomain,
    /// It is GitHub's public site.
    #[error("github.com is no company's domain: sign in without one")]
    PublicSite,
}

impl EnterpriseDomain {
    /// Takes what a person typed: a domain, or an https address that holds nothing else.
    ///
    /// # Errors
    /// [`DomainError`] in words.
    pub fn parse(text: &str) -> Result<Self, DomainError> {
        let text = text.trim();
        let address = if text.contains("://") {
            text.to_owned()
        } else {
            format!("https://{text}")
        };
        let url = Url::parse(&address).map_err(|_| DomainError::NotADomain)?;
        let Some(Host::Domain(domain)) = url.host() else {
            return Err(DomainError::NotADomain);
        };
        let labels: Vec<&str> = domain.split('.').collect();
        let plain = labels.len() >= 2
            && domain.len() <= 253
            && labels.iter().all(|label| {
                (1..=63).contains(&label.len())
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label
                        .bytes()
                        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            });
        if url.scheme() != "https" || !plain {
            return Err(DomainError::NotADomain);
        }
        let alone = url.username().is_empty()
            && url.password().is_none()
            && url.port().is_none()
            && matches!(url.path(), "" | "/")
            && url.query().is_none()
            && url.fragment().is_none();
        if !alone {
            return Err(DomainError::MoreThanADomain);
        }
        if matches!(domain, "github.com" | "www.github.com") {
            return Err(DomainError::PublicSite);
        }
        Ok(Self(domain.to_owned()))
    }

    /// Where its people sign in.
    #[must_use]
    pub fn site(&self) -> Url {
        self.with_prefix("")
    }

    /// Where its models answer.
    #[must_use]
    pub fn models(&self) -> Url {
        self.with_prefix("copilot-api.")
    }

    fn with_prefix(&self, prefix: &str) -> Url {
        let mut url = fixed("https://github.com/");
        let host = format!("{prefix}{}", self.0);
        // A domain that was checked above is always taken.
        debug_assert!(Url::parse(&format!("https://{host}/")).is_ok());
        let _ = url.set_host(Some(&host));
        url
    }
}

impl fmt::Display for EnterpriseDomain {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_or_its_address_is_taken() {
        for text in [
            "company.ghe.com",
            " https://Company.GHE.com/ ",
            "https://company.ghe.com",
        ] {
            let domain = EnterpriseDomain::parse(text).unwrap();
            assert_eq!(domain.to_string(), "company.ghe.com", "{text}");
            assert_eq!(domain.site().as_str(), "https://company.ghe.com/");
            assert_eq!(domain.models().as_str(), "https://copilot-api.company.ghe.com/");
        }
    }

    #[test]
    fn what_is_no_plain_domain_is_refused() {
        for text in [
            "",
            "company",
            "127.0.0.1",
            "2130706433",
            "[::1]",
            "http://company.ghe.com",
            "ftp://company.ghe.com",
            "company..com",
            "-a.com",
            "a_b.com",
            "company.ghe.com.",
            "localhost",
        ] {
            assert_eq!(
                EnterpriseDomain::parse(text),
                Err(DomainError::NotADomain),
                "{text}"
            );
        }
        for text in [
            "company.ghe.com:8443",
            "me@company.ghe.com",
            "company.ghe.com/login",
            "company.ghe.com?x=1",
            "evil.example\\@company.ghe.com",
            "https://company.ghe.com/#x",
        ] {
            assert_eq!(
                EnterpriseDomain::parse(text),
                Err(DomainError::MoreThanADomain),
                "{text}"
            );
        }
        assert_eq!(
            EnterpriseDomain::parse("github.com"),
            Err(DomainError::PublicSite)
        );
    }
}
