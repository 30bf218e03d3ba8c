//! TLS by rustls: which certificates are trusted.

use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use super::config::TlsConfig;
use crate::error::{Code, Error, Result};

/// The rustls configuration of a client, made when it is first needed: reading the system's certificates takes a while.
#[derive(Debug, Default)]
pub struct SharedTls(OnceLock<Arc<ClientConfig>>);

impl SharedTls {
    /// # Errors
    /// `TLS_ERROR` where the given certificates cannot be read.
    pub fn get(&self, config: &TlsConfig) -> Result<Arc<ClientConfig>> {
        if let Some(made) = self.0.get() {
            return Ok(Arc::clone(made));
        }
        let made = client_config(config)?;
        Ok(Arc::clone(self.0.get_or_init(|| made)))
    }
}

fn client_config(config: &TlsConfig) -> Result<Arc<ClientConfig>> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|cause| Error::new(Code::Tls, "TLS could not be set up").with_cause(cause))?;
    let mut tls = if config.verify {
        builder.with_root_certificates(roots(config)?).with_no_client_auth()
    } else {
        builder.dangerous().with_custom_certificate_verifier(Arc::new(AcceptAny(provider))).with_no_client_auth()
    };
    tls.alpn_protocols = vec![b"h2".to_vec()];
    Ok(Arc::new(tls))
}

fn roots(config: &TlsConfig) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    if let Some(pem) = &config.ca {
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let refused = |cause: Box<dyn std::error::Error + Send + Sync>| {
                Error::new(Code::Tls, "the ca option holds a certificate that cannot be read").with_cause(cause)
            };
            let certificate = certificate.map_err(|cause| refused(Box::new(cause)))?;
            roots.add(certificate).map_err(|cause| refused(Box::new(cause)))?;
        }
        if roots.is_empty() {
            return Err(Error::new(Code::Tls, "the ca option holds no PEM certificate"));
        }
        return Ok(roots);
    }
    let native = rustls_native_certs::load_native_certs();
    let _ = roots.add_parsable_certificates(native.certs);
    if roots.is_empty() {
        // Slim images have no store of their own.
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    Ok(roots)
}

/// Accepts every certificate; signatures are still checked, so that the peer at least holds the key of what it showed.
#[derive(Debug)]
struct AcceptAny(Arc<CryptoProvider>);

impl ServerCertVerifier for AcceptAny {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
