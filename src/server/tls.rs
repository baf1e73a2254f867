//! TLS: the certificate and its key, read at the start and again at SIGHUP.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::rt::signal::unix::Signal;
use actix_web::rt::time::sleep;
use arc_swap::ArcSwap;
use futures_util::future::{Either, select};
use openssl::asn1::Asn1Time;
use openssl::error::ErrorStack;
use openssl::pkey::PKey;
use openssl::ssl::{
    AlpnError, ClientHelloResponse, SslAcceptor, SslAcceptorBuilder, SslAlert, SslContext,
    SslMethod, SslVersion, select_next_proto,
};
use openssl::x509::X509;
use zeroize::Zeroizing;

use super::ListenError;
use crate::ambient::Clock;
use crate::model::timestamp::Timestamp;

/// What is spoken in TLS, as ALPN writes it.
const HTTP_1_1: &[u8] = b"\x08http/1.1";
/// How long before a certificate's end it is told, in seconds.
const TOLD_BEFORE: i64 = 14 * 24 * 3600;
/// How often that is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(24 * 3600);

/// The files, and what was last read from them.
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    acceptor: SslAcceptor,
    current: Arc<ArcSwap<Pair>>,
}

/// A certificate with its key, ready to be spoken with.
struct Pair {
    context: SslContext,
    ends_at: Timestamp,
}

impl Tls {
    /// Reads both files.
    pub fn load(certificate: &Path, key: &Path) -> Result<Self, ListenError> {
        let (mut builder, ends_at) = read(certificate, key)?;
        let (context, _) = read(certificate, key)?;
        let context = context.build().into_context();
        let current = Arc::new(ArcSwap::from_pointee(Pair { context, ends_at }));
        let newest = current.clone();
        // Asked at every handshake's beginning, so that a pair that is read again serves from the
        // next connection on.
        builder.set_client_hello_callback(move |ssl, alert| {
            ssl.set_ssl_context(&newest.load().context)
                .inspect_err(|_| *alert = SslAlert::INTERNAL_ERROR)?;
            Ok(ClientHelloResponse::SUCCESS)
        });
        Ok(Self {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            acceptor: builder.build(),
            current,
        })
    }

    pub(super) fn acceptor(&self) -> SslAcceptor {
        self.acceptor.clone()
    }

    /// Reads both files again; a pair that is wrong leaves the old one in use.
    fn reload(&self) -> Result<(), ListenError> {
        let (builder, ends_at) = read(&self.certificate, &self.key)?;
        let context = builder.build().into_context();
        self.current.store(Arc::new(Pair { context, ends_at }));
        Ok(())
    }

    /// Tells of a certificate that has expired or expires soon.
    fn tell_end(&self, now: Timestamp) {
        let end = self.current.load().ends_at;
        let certificate = self.certificate.display().to_string();
        let ends_at = end.to_string();
        if end <= now {
            tracing::error!(
                certificate,
                ends_at,
                "the TLS certificate has expired: renew it, then send SIGHUP"
            );
        } else if end <= now.plus_seconds(TOLD_BEFORE) {
            tracing::warn!(
                certificate,
                ends_at,
                "the TLS certificate expires soon: renew it, then send SIGHUP"
            );
        }
    }
}

/// Reads the certificate again at each SIGHUP, and tells daily when it ends soon. Without TLS a
/// SIGHUP does nothing.
pub(super) async fn attend(tls: Option<Tls>, mut hangups: Signal, clock: Arc<dyn Clock>) {
    loop {
        if let Some(tls) = &tls {
            tls.tell_end(clock.now());
        }
        let hangup = match select(pin!(hangups.recv()), pin!(sleep(LOOK_EVERY))).await {
            Either::Left((hangup, _)) => hangup,
            Either::Right(_) => continue,
        };
        // No more of them can come.
        if hangup.is_none() {
            return;
        }
        match tls.as_ref().map(Tls::reload) {
            None => tracing::info!("SIGHUP: there is no TLS certificate to read again"),
            Some(Ok(())) => tracing::info!("SIGHUP: the TLS certificate was read again"),
            Some(Err(e)) => {
                let cause = e.to_string();
                tracing::error!(cause, "SIGHUP: the TLS certificate of before stays in use");
            }
        }
    }
}

/// TLS 1.2 with ECDHE and AEAD, and TLS 1.3; and when the certificate ends.
fn read(certificate: &Path, key: &Path) -> Result<(SslAcceptorBuilder, Timestamp), ListenError> {
    let other = |e: ErrorStack| ListenError::Io(e.into());
    let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls()).map_err(other)?;
    builder
        .set_min_proto_version(Some(SslVersion::TLS1_2))
        .map_err(other)?;
    builder
        .set_cipher_list("ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL")
        .map_err(other)?;
    let read = |path: &Path| fs::read(path).map_err(|e| ListenError::TlsFile(path.to_owned(), e));
    let chain = X509::stack_from_pem(&read(certificate)?).unwrap_or_default();
    let mut chain = chain.into_iter();
    let Some(own) = chain.next() else {
        return Err(ListenError::Certificate(certificate.to_owned()));
    };
    builder.set_certificate(&own).map_err(other)?;
    for issuer in chain {
        builder.add_extra_chain_cert(issuer).map_err(other)?;
    }
    // Without the callback OpenSSL would ask the terminal for the passphrase.
    let pem = Zeroizing::new(read(key)?);
    let private_key = PKey::private_key_from_pem_callback(&pem, |_| Ok(0))
        .map_err(|_| ListenError::PrivateKey(key.to_owned()))?;
    // A group can be the one that keeps certificates; everybody is nobody's.
    let unreadable = |e| ListenError::TlsFile(key.to_owned(), e);
    let mode = fs::metadata(key).map_err(unreadable)?.permissions().mode() & 0o7777;
    if mode & 0o007 != 0 {
        let path = key.to_owned();
        return Err(ListenError::ExposedKey { path, mode });
    }
    let pair = builder.set_private_key(&private_key);
    pair.and_then(|()| builder.check_private_key())
        .map_err(|_| ListenError::TlsPair {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
        })?;
    builder.set_alpn_select_callback(|_, offered| {
        select_next_proto(HTTP_1_1, offered).ok_or(AlpnError::NOACK)
    });
    Ok((builder, ends_at(&own).map_err(other)?))
}

/// When a certificate ends.
fn ends_at(certificate: &X509) -> Result<Timestamp, ErrorStack> {
    let since = Asn1Time::from_unix(0)?.diff(certificate.not_after())?;
    Ok(Timestamp::from_seconds(
        i64::from(since.days) * 24 * 3600 + i64::from(since.secs),
    ))
}
