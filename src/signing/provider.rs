//! RS512 (RFC 7518 section 3.3) for `jsonwebtoken`, computed by OpenSSL with keys parsed beforehand.
//!
//! `jsonwebtoken` keeps keys as bytes and has them parsed anew for every token, which costs more
//! than the signature. So its key objects hold only a `kid` here, and the parsed key waits in a
//! thread-local place for the factory that the very next call into the library runs on this
//! thread. Nothing is shared, nothing outlives the call, and the private key stays with OpenSSL.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, Once, PoisonError};

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::signature::{self, Signer, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::md::Md;
use openssl::pkey::{PKey, Private, Public};
use openssl::pkey_ctx::PkeyCtx;
use openssl::rsa::Padding;
use openssl::sha::sha512;

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: take_signer,
    verifier_factory: take_verifier,
    // For the library's own JWK type, which nothing here uses.
    key_utils: KeyUtils::new_unimplemented(),
};

/// Makes `jsonwebtoken` use OpenSSL, for this process and for good. Calling it again does nothing.
/// Every key calls it when it is made, so that no caller can forget to.
pub fn install_provider() {
    static ONCE: Once = Once::new();
    // If another provider were installed already, it would find a `kid` where it wants a key, and
    // refuse: nothing is signed or accepted by mistake.
    ONCE.call_once(|| {
        let _ = PROVIDER.install_default();
    });
}

/// A private key that is ready to sign. OpenSSL's context for it, once set up, serves any number of
/// signatures, one after the other; to set one up for each costs 0.01 of a signature.
pub(super) struct Rs512Key {
    key: PKey<Private>,
    /// As many as ever signed at once.
    idle: Mutex<Vec<PkeyCtx<Private>>>,
}

impl Rs512Key {
    pub fn new(key: PKey<Private>) -> Self {
        Self {
            key,
            idle: Mutex::default(),
        }
    }

    pub fn pkey(&self) -> &PKey<Private> {
        &self.key
    }

    /// The RS512 signature of `message`: as many bytes as the modulus.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, ErrorStack> {
        let idle = self.idle().pop();
        let mut context = match idle {
            Some(context) => context,
            None => self.set_up()?,
        };
        let mut signature = vec![0; self.key.size()];
        let length = context.sign(&sha512(message), Some(&mut signature))?;
        signature.truncate(length);
        // One that failed is not used again.
        self.idle().push(context);
        Ok(signature)
    }

    fn set_up(&self) -> Result<PkeyCtx<Private>, ErrorStack> {
        let mut context = PkeyCtx::new(&self.key)?;
        context.sign_init()?;
        context.set_rsa_padding(Padding::PKCS1)?;
        context.set_signature_md(Md::sha512())?;
        Ok(context)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<PkeyCtx<Private>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum ParsedKey {
    Private(Arc<Rs512Key>),
    Public(PKey<Public>),
}

thread_local! {
    static IN_HAND: RefCell<Option<(String, ParsedKey)>> = const { RefCell::new(None) };
}

/// Runs `call` with a key object that stands for `key` in the one library call that it makes.
pub(super) fn with_private_key<R>(
    kid: &str,
    key: &Arc<Rs512Key>,
    call: impl FnOnce(&EncodingKey) -> R,
) -> R {
    let _hold = Hold::of(kid, ParsedKey::Private(key.clone()));
    call(&EncodingKey::from_rsa_der(kid.as_bytes()))
}

/// Like [`with_private_key`], for verification.
pub(super) fn with_public_key<R>(
    kid: &str,
    key: &PKey<Public>,
    call: impl FnOnce(&DecodingKey) -> R,
) -> R {
    let _hold = Hold::of(kid, ParsedKey::Public(key.clone()));
    call(&DecodingKey::from_rsa_der(kid.as_bytes()))
}

/// Empties the place when the call is over, also when it ended before a factory ran.
struct Hold;

impl Hold {
    fn of(kid: &str, key: ParsedKey) -> Self {
        IN_HAND.set(Some((kid.to_owned(), key)));
        Self
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        IN_HAND.set(None);
    }
}

fn take(algorithm: &Algorithm, kid: &[u8]) -> Result<ParsedKey, Error> {
    if *algorithm != Algorithm::RS512 {
        return Err(ErrorKind::UnsupportedAlgorithm.into());
    }
    match IN_HAND.take() {
        Some((in_hand, key)) if in_hand.as_bytes() == kid => Ok(key),
        _ => Err(ErrorKind::InvalidKeyFormat.into()),
    }
}

fn take_signer(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>, Error> {
    match take(algorithm, key.as_bytes())? {
        ParsedKey::Private(key) => Ok(Box::new(Rs512Signer(key))),
        ParsedKey::Public(_) => Err(ErrorKind::InvalidKeyFormat.into()),
    }
}

fn take_verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    match take(algorithm, key.try_get_as_bytes()?)? {
        ParsedKey::Public(key) => Ok(Box::new(Rs512Verifier(key))),
        ParsedKey::Private(_) => Err(ErrorKind::InvalidKeyFormat.into()),
    }
}

/// Whether `signature` is the RS512 signature of `message`.
pub(super) fn rs512_is_valid(
    key: &PKey<Public>,
    message: &[u8],
    signature: &[u8],
) -> Result<bool, ErrorStack> {
    openssl::sign::Verifier::new(MessageDigest::sha512(), key)?.verify_oneshot(signature, message)
}

struct Rs512Signer(Arc<Rs512Key>);

impl Signer<Vec<u8>> for Rs512Signer {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        self.0.sign(message).map_err(signature::Error::from_source)
    }
}

impl JwtSigner for Rs512Signer {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS512
    }
}

struct Rs512Verifier(PKey<Public>);

impl Verifier<Vec<u8>> for Rs512Verifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        match rs512_is_valid(&self.0, message, signature) {
            Ok(true) => Ok(()),
            Ok(false) => Err(signature::Error::new()),
            Err(error) => Err(signature::Error::from_source(error)),
        }
    }
}

impl JwtVerifier for Rs512Verifier {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS512
    }
}

#[cfg(test)]
mod tests {
    use super::super::signing_key::test_key;
    use super::*;
    use jsonwebtoken::{Header, encode};
    use serde_json::json;

    fn encode_with(key: &EncodingKey, algorithm: Algorithm) -> Result<String, Error> {
        encode(&Header::new(algorithm), &json!({}), key)
    }

    #[test]
    fn a_key_in_hand_serves_one_call_with_its_own_kid_and_rs512_only() {
        let key = test_key();
        let kid = key.public().kid();
        with_private_key(kid, key.private(), |encoding_key| {
            assert!(encode_with(encoding_key, Algorithm::RS512).is_ok());
            assert!(encode_with(encoding_key, Algorithm::RS512).is_err());
        });
        for algorithm in [Algorithm::RS256, Algorithm::RS384, Algorithm::PS512] {
            with_private_key(kid, key.private(), |encoding_key| {
                let error = encode_with(encoding_key, algorithm).unwrap_err();
                assert!(matches!(error.kind(), ErrorKind::UnsupportedAlgorithm));
            });
        }
        with_private_key(kid, key.private(), |_| {
            let other = EncodingKey::from_rsa_der(b"another kid");
            assert!(encode_with(&other, Algorithm::RS512).is_err());
        });
    }

    #[test]
    fn a_key_is_out_of_hand_after_the_call() {
        let key = test_key();
        let kid = key.public().kid();
        let kept = with_private_key(kid, key.private(), EncodingKey::clone);
        assert!(encode_with(&kept, Algorithm::RS512).is_err());
        assert!(IN_HAND.take().is_none());
    }

    #[test]
    fn a_public_key_does_not_sign() {
        let key = test_key().public();
        with_public_key(key.kid(), key.pkey(), |_| {
            let encoding_key = EncodingKey::from_rsa_der(key.kid().as_bytes());
            assert!(encode_with(&encoding_key, Algorithm::RS512).is_err());
        });
    }

    #[test]
    fn threads_that_sign_at_once_share_a_key_and_each_signature_is_its_messages() {
        let key = test_key();
        let sign = |thread: usize| {
            for number in 0..20 {
                let message = format!("{thread}.{number}");
                let signature = key.private().sign(message.as_bytes()).unwrap();
                let is_valid = |message: &str| {
                    rs512_is_valid(key.public().pkey(), message.as_bytes(), &signature).unwrap()
                };
                assert!(is_valid(&message));
                assert!(!is_valid("another"));
            }
        };
        std::thread::scope(|scope| {
            for thread in 0..4 {
                scope.spawn(move || sign(thread));
            }
        });
        assert!(!key.private().idle().is_empty());
    }

    #[test]
    fn the_provider_is_installed_any_number_of_times() {
        install_provider();
        install_provider();
    }
}
