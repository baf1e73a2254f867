//! Table `recovery_codes`: keyed digests, never the codes.

use diesel::prelude::*;

use super::error::broken;
use super::schema::recovery_codes;
use super::{AnyConnection, StoreError};
use crate::model::ids::UserId;
use crate::model::second_factor::RecoveryCode;
use crate::model::timestamp::Timestamp;

type Row = (String, String, String, String, i64, Option<i64>);

pub fn create(c: &mut AnyConnection, code: &RecoveryCode) -> Result<(), StoreError> {
    diesel::insert_into(recovery_codes::table)
        .values((
            recovery_codes::id.eq(&code.id),
            recovery_codes::user_id.eq(code.user_id.to_string()),
            recovery_codes::digest.eq(&code.digest),
            recovery_codes::digest_key_id.eq(&code.digest_key_id),
            recovery_codes::created_at.eq(code.created_at.millis()),
            recovery_codes::used_at.eq(code.used_at.map(Timestamp::millis)),
        ))
        .execute(c)?;
    Ok(())
}

/// A user's codes, those that were used too.
pub fn list(c: &mut AnyConnection, user: UserId) -> Result<Vec<RecoveryCode>, StoreError> {
    let rows: Vec<Row> = recovery_codes::table
        .filter(recovery_codes::user_id.eq(user.to_string()))
        .order(recovery_codes::id)
        .load(c)?;
    rows.into_iter().map(read).collect()
}

pub fn update_used(c: &mut AnyConnection, id: &str, used_at: Timestamp) -> Result<(), StoreError> {
    diesel::update(recovery_codes::table.find(id))
        .set(recovery_codes::used_at.eq(used_at.millis()))
        .execute(c)?;
    Ok(())
}

/// Deletes every code of a user.
pub fn delete_all(c: &mut AnyConnection, user: UserId) -> Result<(), StoreError> {
    let all = recovery_codes::table.filter(recovery_codes::user_id.eq(user.to_string()));
    diesel::delete(all).execute(c)?;
    Ok(())
}

fn read(
    (id, user_id, digest, digest_key_id, created_at, used_at): Row,
) -> Result<RecoveryCode, StoreError> {
    Ok(RecoveryCode {
        user_id: UserId::parse(&user_id).ok_or_else(|| broken("recovery_codes", &id))?,
        id,
        digest,
        digest_key_id,
        created_at: Timestamp::from_millis(created_at),
        used_at: used_at.map(Timestamp::from_millis),
    })
}
