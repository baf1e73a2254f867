//! Table `second_factors`: what one-time codes are made from, wrapped.

use std::collections::HashSet;

use diesel::prelude::*;

use super::error::broken;
use super::schema::second_factors;
use super::{AnyConnection, StoreError};
use crate::model::ids::UserId;
use crate::model::second_factor::SecondFactor;
use crate::model::timestamp::Timestamp;

/// The table's name, for what is wrapped here.
pub const TABLE: &str = "second_factors";

type Row = (String, String, i64, i64, i64, i64, Option<i64>);

pub fn create(c: &mut AnyConnection, factor: &SecondFactor) -> Result<(), StoreError> {
    diesel::insert_into(second_factors::table)
        .values((
            second_factors::user_id.eq(factor.user_id.to_string()),
            second_factors::sealed.eq(&factor.sealed),
            second_factors::last_step.eq(factor.last_step),
            second_factors::tries.eq(factor.tries),
            second_factors::tries_since_at.eq(factor.tries_since_at.millis()),
            second_factors::created_at.eq(factor.created_at.millis()),
            second_factors::confirmed_at.eq(factor.confirmed_at.map(Timestamp::millis)),
        ))
        .execute(c)?;
    Ok(())
}

pub fn find(c: &mut AnyConnection, user: UserId) -> Result<Option<SecondFactor>, StoreError> {
    let row: Option<Row> = second_factors::table
        .find(user.to_string())
        .first(c)
        .optional()?;
    row.map(read).transpose()
}

/// Those of these users, by id, from whom a code is asked.
pub fn list_confirmed(
    c: &mut AnyConnection,
    users: &[UserId],
) -> Result<HashSet<String>, StoreError> {
    let users: Vec<String> = users.iter().map(ToString::to_string).collect();
    let confirmed: Vec<String> = second_factors::table
        .filter(second_factors::user_id.eq_any(users))
        .filter(second_factors::confirmed_at.is_not_null())
        .select(second_factors::user_id)
        .load(c)?;
    Ok(confirmed.into_iter().collect())
}

/// Keeps what was used of it and tried on it, and since when it is asked for.
pub fn update(c: &mut AnyConnection, factor: &SecondFactor) -> Result<(), StoreError> {
    diesel::update(second_factors::table.find(factor.user_id.to_string()))
        .set((
            second_factors::last_step.eq(factor.last_step),
            second_factors::tries.eq(factor.tries),
            second_factors::tries_since_at.eq(factor.tries_since_at.millis()),
            second_factors::confirmed_at.eq(factor.confirmed_at.map(Timestamp::millis)),
        ))
        .execute(c)?;
    Ok(())
}

pub fn delete(c: &mut AnyConnection, user: UserId) -> Result<(), StoreError> {
    diesel::delete(second_factors::table.find(user.to_string())).execute(c)?;
    Ok(())
}

fn read(
    (user_id, sealed, last_step, tries, tries_since_at, created_at, confirmed_at): Row,
) -> Result<SecondFactor, StoreError> {
    Ok(SecondFactor {
        user_id: UserId::parse(&user_id).ok_or_else(|| broken(TABLE, &user_id))?,
        sealed,
        last_step,
        tries,
        tries_since_at: Timestamp::from_millis(tries_since_at),
        created_at: Timestamp::from_millis(created_at),
        confirmed_at: confirmed_at.map(Timestamp::from_millis),
    })
}
