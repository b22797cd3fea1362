//! Whose certificates are trusted.
//!
//! On Linux the verifier reads the distribution's certificates, or those that `SSL_CERT_FILE` and `SSL_CERT_DIR`
//! name; on macOS and Windows the system itself judges and knows nothing of these variables. A company's authority
//! in `SSL_CERT_FILE` is therefore added there, and one in `NODE_EXTRA_CA_CERTS` everywhere: who made the engine
//! work in such a network has set that one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio_rustls::TlsConnector;

/// What connects safely, trusting `only` these authorities or the system's. Reads files.
///
/// # Errors
/// Words about what could not be read.
pub(crate) fn connector(only: Option<Vec<CertificateDer<'static>>>) -> Result<TlsConnector, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = verifier(only, &provider).map_err(|error| error.to_string())?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}

fn verifier(
    only: Option<Vec<CertificateDer<'static>>>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, rustls::Error> {
    let Some(only) = only else {
        let added = added_authorities();
        let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(added, Arc::clone(provider))?;
        return Ok(Arc::new(verifier));
    };
    let mut roots = rustls::RootCertStore::empty();
    for root in only {
        roots.add(root)?;
    }
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map_err(|error| rustls::Error::General(error.to_string()))?;
    Ok(verifier)
}

fn added_authorities() -> Vec<CertificateDer<'static>> {
    let variables: &[&str] = if cfg!(any(target_vendor = "apple", windows)) {
        &["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"]
    } else {
        &["NODE_EXTRA_CA_CERTS"]
    };
    variables
        .iter()
        .filter_map(|variable| std::env::var_os(variable).map(|path| (*variable, PathBuf::from(path))))
        .flat_map(|(variable, path)| authorities_in(variable, &path))
        .collect()
}

/// The certificates in a file. One that cannot be used is left out: it is no reason to trust less than without it.
fn authorities_in(variable: &str, path: &Path) -> Vec<CertificateDer<'static>> {
    let found = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!(variable, %error, "the certificates of a variable could not be read");
            return Vec::new();
        }
    };
    let mut usable = rustls::RootCertStore::empty();
    found
        .into_iter()
        .filter(|certificate| usable.add(certificate.clone()).is_ok())
        .collect()
}
