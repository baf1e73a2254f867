//! Table `clock_marks`: the highest time of day that a server was sure of, in one row. And what the
//! database's own clock shows.

use diesel::dsl::max;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::BigInt;

use super::schema::{audit_events, changes, clock_marks};
use super::{AnyConnection, StoreError};
use crate::model::timestamp::Timestamp;

/// The highest time that is written down; where none is, that of the newest thing of which the
/// database knows when it happened. Nothing in an empty database.
pub fn find(c: &mut AnyConnection) -> Result<Option<Timestamp>, StoreError> {
    let written: Option<i64> = clock_marks::table
        .select(clock_marks::highest_at)
        .first(c)
        .optional()?;
    if let Some(written) = written {
        return Ok(Some(Timestamp::from_millis(written)));
    }
    let event: Option<i64> = audit_events::table.select(max(audit_events::at)).first(c)?;
    let change: Option<i64> = changes::table.select(max(changes::changed_at)).first(c)?;
    Ok(event.max(change).map(Timestamp::from_millis))
}

#[derive(QueryableByName)]
struct Shown {
    #[diesel(sql_type = BigInt)]
    millis: i64,
}

/// What the database's own clock says: the one clock that all who write there have in common.
pub fn database_time(c: &mut AnyConnection) -> Result<Timestamp, StoreError> {
    let shown: Shown = match c {
        AnyConnection::Sqlite(c) => {
            sql_query("SELECT CAST(unixepoch('now', 'subsec') * 1000 AS BIGINT) AS millis")
                .get_result(c)?
        }
        AnyConnection::Postgresql(c) => sql_query(
            "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) AS millis",
        )
        .get_result(c)?,
    };
    Ok(Timestamp::from_millis(shown.millis))
}

/// What the database's own clock shows. SQLite has none: it is on this machine.
pub fn find_now_there(c: &mut AnyConnection) -> Result<Option<Timestamp>, StoreError> {
    let AnyConnection::Postgresql(c) = c else {
        return Ok(None);
    };
    let query = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) AS millis";
    let shown: Shown = sql_query(query).get_result(c)?;
    Ok(Some(Timestamp::from_millis(shown.millis)))
}

/// Writes down a higher time; a lower one changes nothing.
pub fn raise(c: &mut AnyConnection, to: Timestamp) -> Result<(), StoreError> {
    let rows: i64 = clock_marks::table.count().get_result(c)?;
    if rows == 0 {
        return create(c, to);
    }
    diesel::update(clock_marks::table.filter(clock_marks::highest_at.lt(to.millis())))
        .set(clock_marks::highest_at.eq(to.millis()))
        .execute(c)?;
    Ok(())
}

/// Writes this text, or takes it away again.
pub fn update_padding(c: &mut AnyConnection, padding: Option<&str>) -> Result<(), StoreError> {
    let update = |c: &mut AnyConnection| {
        diesel::update(clock_marks::table)
            .set(clock_marks::padding.eq(padding))
            .execute(c)
    };
    if update(c)? == 0 && padding.is_some() {
        // Nothing that is written nowhere shows that something can be.
        let known = find(c)?.unwrap_or(Timestamp::from_millis(0));
        create(c, known)?;
        update(c)?;
    }
    Ok(())
}

/// Writes down this time in place of the one that is there, also of a higher one.
pub fn replace(c: &mut AnyConnection, with: Timestamp) -> Result<(), StoreError> {
    let replaced = diesel::update(clock_marks::table)
        .set(clock_marks::highest_at.eq(with.millis()))
        .execute(c)?;
    match replaced {
        0 => create(c, with),
        _ => Ok(()),
    }
}

fn create(c: &mut AnyConnection, at: Timestamp) -> Result<(), StoreError> {
    diesel::insert_into(clock_marks::table)
        .values((
            clock_marks::id.eq(1),
            clock_marks::highest_at.eq(at.millis()),
        ))
        .execute(c)?;
    Ok(())
}
