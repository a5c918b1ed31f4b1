//! How downloads reach the network: proxies and certificates.

use std::env;

use piper_rs::download::Connection;

/// Returns the proxies and certificates for connections.
pub(crate) fn connection() -> Connection {
    let var = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let either = |lower: &str| var(lower).or_else(|| var(&lower.to_uppercase()));
    let no_proxy = either("no_proxy").unwrap_or_default();
    let no_proxy = no_proxy
        .split(',')
        .map(str::trim)
        .filter(|host| !host.is_empty());
    Connection {
        // Not HTTP_PROXY: in CGI programs, visitors of a server control it.
        http_proxy: var("http_proxy").or_else(|| either("all_proxy")),
        https_proxy: either("https_proxy").or_else(|| either("all_proxy")),
        // `a.b` includes its subdomains, as in curl.
        no_proxy: no_proxy
            .flat_map(|host| match host.starts_with(['.', '*']) {
                true => vec![host.to_owned()],
                false => vec![host.to_owned(), format!(".{host}")],
            })
            .collect(),
        root_certificates: certificates(),
        ..Connection::default()
    }
}

/// Returns the certificates that this system trusts, or those of `SSL_CERT_FILE`
/// and `SSL_CERT_DIR`, which the crate reads.
fn certificates() -> Vec<Vec<u8>> {
    let found = rustls_native_certs::load_native_certs();
    found.certs.iter().map(|der| der.to_vec()).collect()
}
