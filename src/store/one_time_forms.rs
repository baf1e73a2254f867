//! Table `one_time_forms`.

use diesel::prelude::*;

use super::schema::one_time_forms;
use super::{AnyConnection, StoreError};
use crate::model::timestamp::Timestamp;

pub fn create(c: &mut AnyConnection, name: &str, now: Timestamp) -> Result<(), StoreError> {
    diesel::insert_into(one_time_forms::table)
        .values((
            one_time_forms::name.eq(name),
            one_time_forms::sent_at.eq(now.millis()),
        ))
        .execute(c)?;
    Ok(())
}

pub fn exists(c: &mut AnyConnection, name: &str) -> Result<bool, StoreError> {
    let found: i64 = one_time_forms::table
        .filter(one_time_forms::name.eq(name))
        .count()
        .get_result(c)?;
    Ok(found > 0)
}

pub fn delete_before(c: &mut AnyConnection, before: Timestamp) -> Result<usize, StoreError> {
    let old = one_time_forms::table.filter(one_time_forms::sent_at.lt(before.millis()));
    Ok(diesel::delete(old).execute(c)?)
}
