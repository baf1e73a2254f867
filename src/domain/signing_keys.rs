//! The signing keys, to be looked at.

use super::authority::Reach;
use super::{Authority, DomainError};
use crate::model::signing_key::StoredSigningKey;
use crate::store::{AnyConnection, signing_keys};

/// Every key in the set, without anything private that is not wrapped.
pub fn list(
    c: &mut AnyConnection,
    authority: &Authority,
) -> Result<Vec<StoredSigningKey>, DomainError> {
    match authority.reach {
        Reach::Everything => Ok(signing_keys::list(c)?),
        Reach::Own { .. } => Ok(Vec::new()),
    }
}
