//! `/console/api/v2/audit-events`: what was done, by whom, to what.

use actix_web::HttpResponse;
use serde::Serialize;
use serde_json::Value;

use super::query::ListQuery;
use super::{ApiCall, ApiError, ok};
use crate::domain::{Reading, audit};
use crate::model::audit::{AuditFilter, RecordedEvent};
use crate::model::page::Page;
use crate::model::timestamp::Timestamp;

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Body {
    id: String,
    at: Timestamp,
    actor: String,
    key: Option<String>,
    kind: String,
    object_kind: String,
    object_id: String,
    details: Value,
    request_id: Option<String>,
}

impl From<RecordedEvent> for Body {
    fn from(event: RecordedEvent) -> Self {
        Self {
            id: event.id,
            at: event.at,
            actor: event.actor,
            key: event.key,
            kind: event.kind,
            object_kind: event.object_kind,
            object_id: event.object_id,
            details: event.details,
            request_id: event.request_id,
        }
    }
}

pub async fn list(call: ApiCall) -> Result<HttpResponse, ApiError> {
    let query = ListQuery::read(&call.http)?;
    let filter = read_filter(&query)?;
    let (window, as_page) = (query.window, query.as_page);
    let found = call.read_as(Reading::Long, move |c, authority| {
        let found = audit::list(c, authority, filter.clone(), window)?;
        // The log is long: it is counted only for the form that says how long.
        let total = match as_page {
            true => audit::count(c, authority, filter)?,
            false => 0,
        };
        Ok((found, total))
    });
    let (found, total) = found.await?;
    let bodies: Vec<Body> = found.into_iter().map(Body::from).collect();
    Ok(match as_page {
        true => ok(&Page::new(bodies, window, total)),
        false => ok(&bodies),
    })
}

fn read_filter(query: &ListQuery) -> Result<AuditFilter, ApiError> {
    Ok(AuditFilter {
        actor: query.text("actor"),
        key: query.text("key"),
        kind: query.text("kind"),
        object_kind: query.text("object-kind"),
        object_id: query.text("object-id"),
        from: query.time("from")?,
        until: query.time("until")?,
        search: query.text("search"),
    })
}
