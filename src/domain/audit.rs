//! The audit log: read by those who may, and kept as long as the setting says.

use serde_json::{Value, json};

use super::authority::Reach;
use super::deletions::Due;
use super::lists::{check_search, check_whole};
use super::{Act, Authority, DomainError};
use crate::model::audit::{AuditFilter, RecordedEvent};
use crate::model::ids::ClientId;
use crate::model::page::{WHOLE_LIST, Window};
use crate::model::scope::{Scope, ScopeSet};
use crate::model::text::check_text;
use crate::model::timestamp::Timestamp;
use crate::store::audit_events::Wanted;
use crate::store::{AnyConnection, StoreError, audit_events};

/// How long a value that is filtered by may be, in characters: longer than any that is written.
const LONGEST: usize = 300;
/// How many events one step of a walk reads, or one step of trimming deletes.
pub const STEP: i64 = 500;
/// Fewer than so many can go without a second look, though they be all.
const FEW: i64 = 100;

/// Part of the events that `filter` lets through, the newest first.
pub fn list(
    c: &mut AnyConnection,
    authority: &Authority,
    filter: AuditFilter,
    window: Window,
) -> Result<Vec<RecordedEvent>, DomainError> {
    let wanted = wanted(authority, filter)?;
    if window == Window::Whole {
        check_whole(audit_events::are_more_than(c, &wanted, WHOLE_LIST)?)?;
    }
    Ok(audit_events::list(c, &wanted, window)?)
}

/// How many events `filter` lets through.
pub fn count(
    c: &mut AnyConnection,
    authority: &Authority,
    filter: AuditFilter,
) -> Result<i64, DomainError> {
    Ok(audit_events::count(c, &wanted(authority, filter)?)?)
}

/// The next events that `filter` lets through, at most [`STEP`], after the last one that was read:
/// called until it answers none, it walks through all of them, however many there are.
pub fn list_after(
    c: &mut AnyConnection,
    authority: &Authority,
    filter: AuditFilter,
    last: Option<&RecordedEvent>,
) -> Result<Vec<RecordedEvent>, DomainError> {
    let wanted = wanted(authority, filter)?;
    Ok(audit_events::list_after(c, &wanted, last, STEP)?)
}

/// Part of what happened to one client, the newest first: for its owner, who need not have the
/// scope for the whole log, and for those who see every client. Another's has no events.
pub fn list_of_client(
    c: &mut AnyConnection,
    authority: &Authority,
    client: &ClientId,
    window: Window,
) -> Result<Vec<RecordedEvent>, DomainError> {
    authority.check_has(ScopeSet::of(&[Scope::KeysRead]))?;
    let filter = AuditFilter {
        object_id: Some(client.to_string()),
        ..AuditFilter::default()
    };
    let owner = match authority.reach {
        Reach::Everything => None,
        Reach::Own { user, .. } => Some(user),
    };
    Ok(audit_events::list(c, &Wanted { filter, owner }, window)?)
}

/// How much is older than `before`.
pub fn due(c: &mut AnyConnection, before: Timestamp) -> Result<Due, StoreError> {
    Due::of(c, FEW, |c, count, old| {
        audit_events::are_at_least(c, count, before, old)
    })
}

/// Leaves an event behind of who takes away all that `filter` lets through.
pub fn exported(c: &mut AnyConnection, act: &Act, filter: &AuditFilter) -> Result<(), DomainError> {
    act.authority.check_has(ScopeSet::of(&[Scope::AuditRead]))?;
    let texts = [
        ("actor", filter.actor.clone()),
        ("key", filter.key.clone()),
        ("kind", filter.kind.clone()),
        ("object-kind", filter.object_kind.clone()),
        ("object-id", filter.object_id.clone()),
        ("from", filter.from.map(|at| at.to_string())),
        ("until", filter.until.map(|at| at.to_string())),
        ("search", filter.search.clone()),
    ];
    let given = texts
        .into_iter()
        .filter_map(|(name, text)| Some((name.to_owned(), text?.into())));
    let details = Value::Object(given.collect());
    Ok(act.record(
        c,
        &[],
        "audit_log.exported",
        ("audit_log", String::new()),
        details,
    )?)
}

/// Leaves an event behind of a copy of the whole database.
pub fn backed_up(c: &mut AnyConnection, act: &Act, file: &str) -> Result<(), DomainError> {
    let object = ("database", String::new());
    Ok(act.record(c, &[], "database.backed_up", object, json!({"file": file}))?)
}

/// Deletes what is older than `before`, the oldest first, at most [`STEP`] events; answers how many.
/// That leaves an event of its own.
pub fn trim(c: &mut AnyConnection, act: &Act, before: Timestamp) -> Result<usize, StoreError> {
    let deleted = audit_events::delete_before(c, before, STEP)?;
    if deleted > 0 {
        let details = json!({"deleted": deleted, "before": before.to_string()});
        let object = ("audit_log", String::new());
        act.record(c, &[], "audit_log.trimmed", object, details)?;
    }
    Ok(deleted)
}

fn wanted(authority: &Authority, filter: AuditFilter) -> Result<Wanted, DomainError> {
    authority.check_has(ScopeSet::of(&[Scope::AuditRead]))?;
    check_search(filter.search.as_deref())?;
    let texts = [
        ("actor", &filter.actor),
        ("key", &filter.key),
        ("kind", &filter.kind),
        ("object-kind", &filter.object_kind),
        ("object-id", &filter.object_id),
    ];
    for (name, text) in texts {
        check_text(text.as_deref().unwrap_or_default(), LONGEST)
            .map_err(|e| DomainError::invalid(name, e))?;
    }
    // No member has the scope, whose reach would have to be asked for here.
    Ok(Wanted {
        filter,
        owner: None,
    })
}
