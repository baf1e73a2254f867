//! Table `instance`: what this database was set up with, in one row.

use diesel::prelude::*;

use super::schema::{audit_events, clients, digest_keys, instance, signing_keys, users};
use super::{AnyConnection, StoreError};
use crate::model::text::FOLDING;
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
            instance::text_version.eq(FOLDING),
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

/// By which rules the folded columns were folded; nothing before the first start, and zero where a
/// version wrote them that did not say.
pub fn find_text_version(c: &mut AnyConnection) -> Result<Option<i64>, StoreError> {
    let found: Option<Option<i64>> = instance::table
        .select(instance::text_version)
        .first(c)
        .optional()?;
    Ok(found.map(Option::unwrap_or_default))
}

/// Notes that they are folded by the rules of today.
pub fn update_text_version(c: &mut AnyConnection) -> Result<(), StoreError> {
    diesel::update(instance::table)
        .set(instance::text_version.eq(FOLDING))
        .execute(c)?;
    Ok(())
}
