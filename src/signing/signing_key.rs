//! An RSA private key that signs tokens with RS512 (RFC 7518 section 3.3), held by OpenSSL.

use std::fmt;
use std::sync::Arc;

use openssl::error::ErrorStack;
use openssl::pkey::{Id, PKey, Private};
use openssl::pkey_ctx::PkeyCtx;
use thiserror::Error;

use super::provider::{Rs512Key, rs512_is_valid};
use super::public_key::PublicKey;
use crate::model::secret::SecretBytes;

/// The modulus sizes that a setting may choose, in bits.
pub const MODULUS_BITS: [u32; 3] = [2048, 3072, 4096];

/// A parsed private key and its public half. OpenSSL wipes it when dropped.
pub struct SigningKey {
    private: Arc<Rs512Key>,
    public: PublicKey,
}

/// Why there is no signing key.
#[derive(Debug, Error)]
pub enum SigningKeyError {
    #[error("a signing key has 2048, 3072 or 4096 bits, not {0}")]
    ModulusBits(u32),
    #[error("the bytes are no PKCS #8 RSA private key with the public exponent 65537")]
    NotAnRsaKey,
    #[error("the private key does not fit its public half")]
    Inconsistent,
    #[error("OpenSSL failed: {0}")]
    OpenSsl(#[from] ErrorStack),
}

impl SigningKey {
    /// A new random key with a modulus of `bits`; takes from 50 ms (2048) to seconds (4096).
    ///
    /// # Errors
    /// [`SigningKeyError::ModulusBits`] for a size that is not offered, or OpenSSL's.
    pub fn generate(bits: u32) -> Result<Self, SigningKeyError> {
        if !MODULUS_BITS.contains(&bits) {
            return Err(SigningKeyError::ModulusBits(bits));
        }
        let mut context = PkeyCtx::new_id(Id::RSA)?;
        context.keygen_init()?;
        context.set_rsa_keygen_bits(bits)?;
        Self::checked(context.keygen()?)
    }

    /// The private key as PKCS #8 DER (RFC 5208), to be sealed.
    ///
    /// # Errors
    /// OpenSSL's, out of memory.
    pub fn to_pkcs8_der(&self) -> Result<SecretBytes, SigningKeyError> {
        Ok(SecretBytes::new(
            self.private.pkey().private_key_to_pkcs8()?,
        ))
    }

    /// A key that was kept with [`SigningKey::to_pkcs8_der`].
    ///
    /// # Errors
    /// Any [`SigningKeyError`]: when it is not RSA, of another size, or its halves do not fit.
    pub fn from_pkcs8_der(der: &SecretBytes) -> Result<Self, SigningKeyError> {
        let private =
            PKey::private_key_from_pkcs8(der.expose()).map_err(|_| SigningKeyError::NotAnRsaKey)?;
        Self::checked(private)
    }

    fn checked(private: PKey<Private>) -> Result<Self, SigningKeyError> {
        if private.id() != Id::RSA {
            return Err(SigningKeyError::NotAnRsaKey);
        }
        if !MODULUS_BITS.contains(&private.bits()) {
            return Err(SigningKeyError::ModulusBits(private.bits()));
        }
        let public = PublicKey::of(&private)?;
        if public.jwk().e != "AQAB" {
            return Err(SigningKeyError::NotAnRsaKey);
        }
        // A signature that verifies shows that the halves belong together, in 0.3 ms.
        // `RSA_check_key` proves the primes again, 34 ms for each key at every start, and a key
        // that was altered at rest does not open anyway.
        let probe = b"mintmark: does this private key fit its public half?";
        let private = Arc::new(Rs512Key::new(private));
        match private.sign(probe) {
            Ok(signature) if rs512_is_valid(public.pkey(), probe, &signature)? => {
                Ok(Self { private, public })
            }
            _ => Err(SigningKeyError::Inconsistent),
        }
    }

    /// The half that is published.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    pub(super) fn private(&self) -> &Arc<Rs512Key> {
        &self.private
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[signing key {}]", self.public.kid())
    }
}

/// One key for all tests of this folder, because making one takes long.
#[cfg(test)]
pub(super) fn test_key() -> &'static SigningKey {
    static KEY: std::sync::LazyLock<SigningKey> =
        std::sync::LazyLock::new(|| SigningKey::generate(2048).unwrap());
    &KEY
}

#[cfg(test)]
mod tests {
    use super::*;
    use openssl::bn::BigNum;
    use openssl::ec::{EcGroup, EcKey};
    use openssl::nid::Nid;
    use openssl::rsa::Rsa;

    fn read(pkey: &PKey<Private>) -> Result<SigningKey, SigningKeyError> {
        SigningKey::from_pkcs8_der(&SecretBytes::new(pkey.private_key_to_pkcs8().unwrap()))
    }

    #[test]
    fn a_key_is_kept_and_brought_back() {
        let der = test_key().to_pkcs8_der().unwrap();
        let again = SigningKey::from_pkcs8_der(&der).unwrap();
        assert_eq!(again.public().jwk(), test_key().public().jwk());
        let debug = format!("[signing key {}]", again.public().kid());
        assert_eq!(format!("{again:?}"), debug);
    }

    #[test]
    fn other_sizes_are_neither_made_nor_taken() {
        for bits in [0, 512, 1024, 2047, 2049, 8192] {
            let error = SigningKey::generate(bits).unwrap_err();
            assert!(matches!(error, SigningKeyError::ModulusBits(b) if b == bits));
        }
        let small = PKey::from_rsa(Rsa::generate(1024).unwrap()).unwrap();
        let error = read(&small).unwrap_err();
        assert!(matches!(error, SigningKeyError::ModulusBits(1024)));
    }

    #[test]
    fn other_kinds_of_key_are_refused() {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let ec = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
        assert!(matches!(read(&ec), Err(SigningKeyError::NotAnRsaKey)));
        let exponent = BigNum::from_u32(3).unwrap();
        let weak = PKey::from_rsa(Rsa::generate_with_e(2048, &exponent).unwrap()).unwrap();
        assert!(matches!(read(&weak), Err(SigningKeyError::NotAnRsaKey)));
        let mut der = test_key().to_pkcs8_der().unwrap().expose().to_vec();
        der.truncate(der.len() - 1);
        for bytes in [Vec::new(), b"not a key".to_vec(), der] {
            let error = SigningKey::from_pkcs8_der(&SecretBytes::new(bytes)).unwrap_err();
            assert!(matches!(error, SigningKeyError::NotAnRsaKey));
        }
    }

    #[test]
    fn a_key_whose_halves_do_not_fit_is_refused() {
        let one = test_key().private().pkey().rsa().unwrap();
        let other = Rsa::generate(2048).unwrap();
        let mixed = Rsa::from_private_components(
            other.n().to_owned().unwrap(),
            one.e().to_owned().unwrap(),
            one.d().to_owned().unwrap(),
            one.p().unwrap().to_owned().unwrap(),
            one.q().unwrap().to_owned().unwrap(),
            one.dmp1().unwrap().to_owned().unwrap(),
            one.dmq1().unwrap().to_owned().unwrap(),
            one.iqmp().unwrap().to_owned().unwrap(),
        )
        .unwrap();
        let error = read(&PKey::from_rsa(mixed).unwrap()).unwrap_err();
        assert!(matches!(error, SigningKeyError::Inconsistent), "{error}");
    }
}
