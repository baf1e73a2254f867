//! Keys, digests and signed tokens (RFC 7515, 7517, 7519, 7638): the only code that touches RSA or JWS.
//!
//! Reading order: `master_key` (the one file to keep) wraps everything else through `seal`;
//! `digest` turns secrets into what may be stored; `signing_key` and `public_key` are the two
//! halves of an RSA key; `jws` makes tokens and takes them apart.
//!
//! Invariants:
//! - Private-key work happens in OpenSSL only. The `rsa` crate sees the public half.
//! - A private key never enters `jsonwebtoken`: see `provider`.
//! - No clock is read here. Whether a token is of use now is for the caller to say.

mod derive;
pub mod digest;
pub mod jws;
pub mod master_key;
pub mod one_time_code;
pub mod private_file;
mod provider;
pub mod public_key;
pub mod seal;
pub mod signing_key;
mod strict_json;
mod unverified;

pub use derive::content_hash;
pub use digest::{Digest, DigestKey, DigestKeyError, Purpose};
pub use jws::{
    SignError, TYP_ACCESS_TOKEN, TYP_ID_TOKEN, TokenError, Unverified, at_hash, parse_claims,
    read_header, sign,
};
pub use master_key::{KeyFileError, MasterKey};
pub use private_file::write_private_file;
pub use provider::install_provider;
pub use public_key::{Jwk, PublicKey};
pub use seal::{Place, SealError};
pub use signing_key::{SigningKey, SigningKeyError};
