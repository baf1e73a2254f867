//! Table `instance`: what this database was set up with, in one row.

use diesel::prelude::*;

use super::schema::{audit_events, clients, digest_keys, instance, signing_keys, users};
use super::{AnyConnection, StoreError};
use crate::model::timestamp::Timestamp;

/// Records that the database is sealed under the master key with this fingerprint.
pub fn create(
    c: &mut AnyConnection,
    master_key_fingerprint: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    diesel::insert_into(instance::table)
        .values((
            instance::id.eq(1),
            instance::master_key_fingerprint.eq(master_key_fingerprint),
            instance::created_at.eq(now.millis()),
        ))
        .execute(c)?;
    Ok(())
}

/// The fingerprint of the master key; nothing before the first start.
pub fn find(c: &mut AnyConnection) -> Result<Option<String>, StoreError> {
    Ok(instance::table
        .select(instance::master_key_fingerprint)
        .first(c)
        .optional()?)
}

/// Whether nobody has set this database up: the tables are there, and what a first start puts into
/// them is not.
pub fn is_untouched(c: &mut AnyConnection) -> Result<bool, StoreError> {
    let rows: [i64; 6] = [
        instance::table.count().get_result(c)?,
        digest_keys::table.count().get_result(c)?,
        signing_keys::table.count().get_result(c)?,
        users::table.count().get_result(c)?,
        clients::table.count().get_result(c)?,
        audit_events::table.count().get_result(c)?,
    ];
    Ok(rows == [0; 6])
}
