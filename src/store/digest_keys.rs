//! Table `digest_keys`: what client secrets are digested under, wrapped.

use diesel::prelude::*;

use super::schema::digest_keys;
use super::{AnyConnection, StoreError};
use crate::model::timestamp::Timestamp;

/// The table's name, to which the wrapping is bound.
pub const TABLE: &str = "digest_keys";

pub fn create(
    c: &mut AnyConnection,
    id: &str,
    sealed: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    diesel::insert_into(digest_keys::table)
        .values((
            digest_keys::id.eq(id),
            digest_keys::sealed.eq(sealed),
            digest_keys::created_at.eq(now.millis()),
        ))
        .execute(c)?;
    Ok(())
}

/// Every digest key as `(id, sealed)`, oldest first.
pub fn list(c: &mut AnyConnection) -> Result<Vec<(String, String)>, StoreError> {
    Ok(digest_keys::table
        .order((digest_keys::created_at, digest_keys::id))
        .select((digest_keys::id, digest_keys::sealed))
        .load(c)?)
}
