//! Table `audit_events`. Read newest first; nothing in it is ever changed, but what it is searched by
//! when an upgrade folds texts otherwise (`store/folding.rs`).

use diesel::dsl::exists;
use diesel::prelude::*;

use super::connection::MultiBackend;
use super::error::broken;
use super::schema::{audit_events, clients};
use super::search::containing;
use super::windowed::windowed;
use super::{AnyConnection, StoreError};
use crate::ambient::random_uuid;
use crate::model::audit::{AuditEvent, AuditFilter, RecordedEvent};
use crate::model::ids::UserId;
use crate::model::page::Window;
use crate::model::text::fold;
use crate::model::timestamp::Timestamp;

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_events)]
struct Row {
    id: String,
    at: i64,
    actor: String,
    key: Option<String>,
    kind: String,
    object_kind: String,
    object_id: String,
    details: String,
    request_id: Option<String>,
}

/// Which events are wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub filter: AuditFilter,
    /// Only what happened to access keys of this user; all, for one who may see all.
    pub owner: Option<UserId>,
}

pub fn create(c: &mut AnyConnection, event: &AuditEvent) -> Result<(), StoreError> {
    diesel::insert_into(audit_events::table)
        .values((
            audit_events::id.eq(random_uuid().to_string()),
            audit_events::at.eq(event.at.millis()),
            audit_events::actor.eq(event.actor.to_string()),
            audit_events::key.eq(event.actor.key().map(|key| key.as_str())),
            audit_events::kind.eq(event.kind),
            audit_events::object_kind.eq(event.object_kind),
            audit_events::object_id.eq(&event.object_id),
            audit_events::details.eq(event.details.to_string()),
            audit_events::request_id.eq(&event.request_id),
            audit_events::search.eq(search_text(event)),
        ))
        .execute(c)?;
    Ok(())
}

/// The `limit` wanted events that follow `last`, the newest first: a walk through all of them costs
/// no more at its end than at its beginning.
pub fn list_after(
    c: &mut AnyConnection,
    wanted: &Wanted,
    last: Option<&RecordedEvent>,
    limit: i64,
) -> Result<Vec<RecordedEvent>, StoreError> {
    let mut query = wanted_ones(wanted);
    if let Some(last) = last {
        let at = last.at.millis();
        let is_older = audit_events::at
            .lt(at)
            .or(audit_events::id.lt(last.id.clone()));
        query = query.filter(audit_events::at.le(at)).filter(is_older);
    }
    let rows: Vec<Row> = query
        .order((audit_events::at.desc(), audit_events::id.desc()))
        .limit(limit)
        .select(Row::as_select())
        .load(c)?;
    rows.into_iter().map(read).collect()
}

windowed! {
    /// Part of the wanted events, the newest first.
    list((audit_events::at.desc(), audit_events::id.desc()), audit_events::id) -> RecordedEvent
}

/// Whether there are at least `count` that are older than `than`, or that are not.
pub fn are_at_least(
    c: &mut AnyConnection,
    count: i64,
    than: Timestamp,
    older: bool,
) -> Result<bool, StoreError> {
    let query = audit_events::table.into_boxed();
    let query = match older {
        true => query.filter(audit_events::at.lt(than.millis())),
        false => query.filter(audit_events::at.ge(than.millis())),
    };
    let last: Option<i64> = query
        .order((audit_events::at, audit_events::id))
        .offset(count - 1)
        .limit(1)
        .select(audit_events::at)
        .first(c)
        .optional()?;
    Ok(last.is_some())
}

/// Deletes what is older than `before`, the oldest first, at most `limit` of it.
pub fn delete_before(
    c: &mut AnyConnection,
    before: Timestamp,
    limit: i64,
) -> Result<usize, StoreError> {
    let old: Vec<String> = audit_events::table
        .filter(audit_events::at.lt(before.millis()))
        .order((audit_events::at, audit_events::id))
        .limit(limit)
        .select(audit_events::id)
        .load(c)?;
    Ok(diesel::delete(audit_events::table.filter(audit_events::id.eq_any(old))).execute(c)?)
}

fn wanted_ones<'a>(wanted: &Wanted) -> audit_events::BoxedQuery<'a, MultiBackend> {
    let filter = wanted.filter.clone();
    let mut query = audit_events::table.into_boxed();
    if let Some(actor) = filter.actor {
        query = query.filter(audit_events::actor.eq(actor));
    }
    if let Some(key) = filter.key {
        query = query.filter(audit_events::key.eq(key));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(audit_events::kind.eq(kind));
    }
    if let Some(kind) = filter.object_kind {
        query = query.filter(audit_events::object_kind.eq(kind));
    }
    if let Some(id) = filter.object_id {
        query = query.filter(audit_events::object_id.eq(id));
    }
    if let Some(from) = filter.from {
        query = query.filter(audit_events::at.ge(from.millis()));
    }
    if let Some(until) = filter.until {
        query = query.filter(audit_events::at.lt(until.millis()));
    }
    if let Some(search) = filter.search {
        query = query.filter(audit_events::search.like(containing(&search)).escape('\\'));
    }
    match wanted.owner {
        None => query,
        // A deleted key stays its owner's.
        Some(owner) => query.filter(exists(
            clients::table
                .filter(clients::id.eq(audit_events::object_id))
                .filter(clients::user_id.eq(owner.to_string())),
        )),
    }
}

/// What a search looks through: everything that is written but the time. The parts do not run into
/// each other.
fn search_text(event: &AuditEvent) -> String {
    let actor = event.actor.to_string();
    let key = event.actor.key().map_or("", |key| key.as_str());
    let request_id = event.request_id.as_deref().unwrap_or_default();
    let mut text = [
        &actor,
        key,
        event.kind,
        event.object_kind,
        &event.object_id,
        request_id,
    ]
    .join("\n");
    collect(&event.details, &mut text);
    fold(&text)
}

fn collect(details: &serde_json::Value, text: &mut String) {
    match details {
        serde_json::Value::String(value) => {
            text.push('\n');
            text.push_str(value);
        }
        serde_json::Value::Array(values) => values.iter().for_each(|v| collect(v, text)),
        serde_json::Value::Object(members) => members.values().for_each(|v| collect(v, text)),
        _ => {}
    }
}

fn read(row: Row) -> Result<RecordedEvent, StoreError> {
    let details = serde_json::from_str(&row.details);
    Ok(RecordedEvent {
        details: details.map_err(|_| broken("audit_events", &row.id))?,
        id: row.id,
        at: Timestamp::from_millis(row.at),
        actor: row.actor,
        key: row.key,
        kind: row.kind,
        object_kind: row.object_kind,
        object_id: row.object_id,
        request_id: row.request_id,
    })
}
