//! Tables `change_head` and `changes`: the change log that every directory follows.

use diesel::prelude::*;

use super::schema::{change_head, changes};
use super::{AnyConnection, StoreError};
use crate::model::change::{Change, Position};
use crate::model::timestamp::Timestamp;

/// Appends a change; its number is its place in the log. Only inside [`super::Database::write`]:
/// a number taken elsewhere could become visible after a larger one, and be missed for ever.
pub fn create(c: &mut AnyConnection, change: &Change, now: Timestamp) -> Result<i64, StoreError> {
    diesel::update(change_head::table)
        .set(change_head::number.eq(change_head::number + 1))
        .execute(c)?;
    let number: i64 = change_head::table.select(change_head::number).first(c)?;
    let (kind, subject) = change.to_columns();
    diesel::insert_into(changes::table)
        .values((
            changes::number.eq(number),
            changes::kind.eq(kind),
            changes::subject.eq(subject),
            changes::changed_at.eq(now.millis()),
        ))
        .execute(c)?;
    Ok(number)
}

/// Where the log stands.
pub fn find_head(c: &mut AnyConnection) -> Result<Position, StoreError> {
    let (epoch, number) = change_head::table
        .select((change_head::epoch, change_head::number))
        .first(c)?;
    Ok(Position { epoch, number })
}

/// At most `limit` changes after `number`, oldest first, each with its number.
pub fn list(
    c: &mut AnyConnection,
    number: i64,
    limit: i64,
) -> Result<Vec<(i64, Change)>, StoreError> {
    let rows: Vec<(i64, String, String)> = changes::table
        .filter(changes::number.gt(number))
        .order(changes::number)
        .limit(limit)
        .select((changes::number, changes::kind, changes::subject))
        .load(c)?;
    let read = |(number, kind, subject): (i64, String, String)| {
        (number, Change::from_columns(&kind, &subject))
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Begins a history of its own: whoever followed another must load afresh.
pub fn update_epoch(c: &mut AnyConnection, epoch: &str) -> Result<(), StoreError> {
    diesel::update(change_head::table)
        .set(change_head::epoch.eq(epoch))
        .execute(c)?;
    Ok(())
}

/// Trims the log of what is older than `before`; who was away longer loads afresh.
pub fn delete_before(c: &mut AnyConnection, before: Timestamp) -> Result<usize, StoreError> {
    Ok(
        diesel::delete(changes::table.filter(changes::changed_at.lt(before.millis())))
            .execute(c)?,
    )
}
