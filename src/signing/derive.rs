//! Subkeys by label (HKDF, RFC 5869) and unambiguous joining of several values into one.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openssl::error::ErrorStack;
use openssl::md::Md;
use openssl::pkey::Id;
use openssl::pkey_ctx::PkeyCtx;
use zeroize::Zeroizing;

/// A 32-byte key that wipes itself.
pub(super) type Key = Zeroizing<[u8; 32]>;

/// HKDF-SHA-256 of `key` without salt, with `label` as the info: another label, an unrelated key.
pub(super) fn subkey(key: &[u8; 32], label: &str) -> Key {
    hkdf(key, label).expect("OpenSSL 3 always has HKDF and SHA-256, and 32 bytes are in its range")
}

fn hkdf(key: &[u8; 32], label: &str) -> Result<Key, ErrorStack> {
    let mut context = PkeyCtx::new_id(Id::HKDF)?;
    context.derive_init()?;
    context.set_hkdf_md(Md::sha256())?;
    context.set_hkdf_key(key)?;
    context.add_hkdf_info(label.as_bytes())?;
    let mut derived = Zeroizing::new([0; 32]);
    context.derive(Some(derived.as_mut_slice()))?;
    Ok(derived)
}

/// The values one after another, each after its length in 8 big-endian bytes, so that no two
/// different lists join to the same bytes.
pub(super) fn joined<const N: usize>(values: [&[u8]; N]) -> Vec<u8> {
    let mut joined = Vec::with_capacity(values.iter().map(|value| value.len() + 8).sum());
    for value in values {
        joined.extend_from_slice(&(value.len() as u64).to_be_bytes());
        joined.extend_from_slice(value);
    }
    joined
}

/// SHA-256 of public content as base64url: a name that changes with it.
pub fn content_hash(content: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(openssl::sha::sha256(content))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subkey_is_the_one_that_rfc_5869_gives() {
        // Computed with Python's hmac: extract with a zero salt, expand with the info and 0x01.
        let derived = subkey(&[0x0b; 32], "mintmark test");
        assert_eq!(derived.as_slice(), EXPECTED);
        assert_ne!(derived, subkey(&[0x0b; 32], "mintmark tess"));
        assert_ne!(derived, subkey(&[0x0c; 32], "mintmark test"));
    }

    const EXPECTED: [u8; 32] = [
        0xf7, 0x40, 0xb9, 0xd3, 0x2a, 0x67, 0x43, 0x22, 0xec, 0xf7, 0x8d, 0x06, 0x60, 0xd1, 0x99,
        0xc7, 0x5b, 0x20, 0x50, 0x52, 0x06, 0x27, 0x86, 0x94, 0x79, 0x66, 0x6e, 0xfe, 0x5a, 0xea,
        0xbf, 0x85,
    ];

    #[test]
    fn values_cannot_slide_from_one_place_into_the_next() {
        assert_ne!(joined([b"ab", b"c"]), joined([b"a", b"bc"]));
        assert_ne!(joined([b"ab", b""]), joined([b"", b"ab"]));
        assert_eq!(joined([b"a"]), [0, 0, 0, 0, 0, 0, 0, 1, b'a']);
    }
}
