//! Table `signing_keys`: the keys that sign tokens, the private half wrapped.

use diesel::prelude::*;

use super::error::broken;
use super::schema::signing_keys;
use super::{AnyConnection, StoreError};
use crate::model::signing_key::{SigningKeyState, StoredSigningKey};
use crate::model::timestamp::Timestamp;

/// The table's name, to which the wrapping is bound.
pub const TABLE: &str = "signing_keys";

type Row = (String, String, i64, String, i64, Option<i64>);

pub fn create(c: &mut AnyConnection, key: &StoredSigningKey) -> Result<(), StoreError> {
    diesel::insert_into(signing_keys::table)
        .values((
            signing_keys::kid.eq(&key.kid),
            signing_keys::state.eq(key.state.as_str()),
            signing_keys::bits.eq(key.bits),
            signing_keys::sealed.eq(&key.sealed),
            signing_keys::published_at.eq(key.published_at.millis()),
            signing_keys::activated_at.eq(key.activated_at.map(Timestamp::millis)),
        ))
        .execute(c)?;
    Ok(())
}

/// Every key that is published, the first published first.
pub fn list(c: &mut AnyConnection) -> Result<Vec<StoredSigningKey>, StoreError> {
    let rows: Vec<Row> = signing_keys::table
        .order((signing_keys::published_at, signing_keys::kid))
        .load(c)?;
    rows.into_iter().map(read).collect()
}

fn read(
    (kid, state, bits, sealed, published_at, activated_at): Row,
) -> Result<StoredSigningKey, StoreError> {
    let Some(state) = SigningKeyState::parse(&state) else {
        return Err(broken(TABLE, &kid));
    };
    Ok(StoredSigningKey {
        kid,
        state,
        bits,
        sealed,
        published_at: Timestamp::from_millis(published_at),
        activated_at: activated_at.map(Timestamp::from_millis),
    })
}
