//! Tables `change_head` and `changes`: the change log that every directory follows.

use diesel::prelude::*;

use super::schema::{change_head, changes};
use super::{AnyConnection, StoreError};
use crate::ambient::random_base62;
use crate::model::change::{Change, Entry, Position};
use crate::model::timestamp::Timestamp;

/// How many random characters tell one entry from all others: 131 bits.
const MARK: usize = 22;

/// An entry's mark, kind, subject and time.
type Stored = (Option<String>, String, String, i64);

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
            changes::mark.eq(random_base62(MARK)),
        ))
        .execute(c)?;
    Ok(number)
}

/// Where the log stands.
pub fn find_head(c: &mut AnyConnection) -> Result<Position, StoreError> {
    let stored = (
        changes::mark,
        changes::kind,
        changes::subject,
        changes::changed_at,
    );
    let (epoch, number, last): (String, i64, Option<Stored>) = change_head::table
        .left_join(changes::table.on(changes::number.eq(change_head::number)))
        .select((change_head::epoch, change_head::number, stored.nullable()))
        .first(c)?;
    Ok(Position {
        epoch,
        number,
        mark: last.map(mark),
    })
}

/// At most `limit` entries from the one with `number` on, oldest first.
pub fn list(c: &mut AnyConnection, number: i64, limit: i64) -> Result<Vec<Entry>, StoreError> {
    let rows: Vec<(i64, Stored)> = changes::table
        .filter(changes::number.ge(number))
        .order(changes::number)
        .limit(limit)
        .select((
            changes::number,
            (
                changes::mark,
                changes::kind,
                changes::subject,
                changes::changed_at,
            ),
        ))
        .load(c)?;
    let read = |(number, stored): (i64, Stored)| Entry {
        number,
        change: Change::from_columns(&stored.1, &stored.2),
        mark: mark(stored),
    };
    Ok(rows.into_iter().map(read).collect())
}

/// What tells an entry from every other. One of a version that wrote no mark is told by what stands
/// in it.
fn mark((mark, kind, subject, changed_at): Stored) -> String {
    mark.unwrap_or_else(|| format!("{changed_at} {kind} {subject}"))
}

/// Begins a history of its own: whoever followed another must load afresh.
pub fn update_epoch(c: &mut AnyConnection, epoch: &str) -> Result<(), StoreError> {
    diesel::update(change_head::table)
        .set(change_head::epoch.eq(epoch))
        .execute(c)?;
    Ok(())
}

/// Trims the log of what is older than `before`; who was away longer loads afresh. The last entry
/// stays, so that whoever stands on it finds it.
pub fn delete_before(c: &mut AnyConnection, before: Timestamp) -> Result<usize, StoreError> {
    let last: i64 = change_head::table.select(change_head::number).first(c)?;
    let old = changes::changed_at
        .lt(before.millis())
        .and(changes::number.lt(last));
    Ok(diesel::delete(changes::table.filter(old)).execute(c)?)
}
