//! Table `audit_events`.

use diesel::prelude::*;

use super::schema::audit_events;
use super::{AnyConnection, StoreError};
use crate::ambient::random_uuid;
use crate::model::audit::AuditEvent;

pub fn create(c: &mut AnyConnection, event: &AuditEvent) -> Result<(), StoreError> {
    diesel::insert_into(audit_events::table)
        .values((
            audit_events::id.eq(random_uuid().to_string()),
            audit_events::at.eq(event.at.millis()),
            audit_events::actor.eq(&event.actor),
            audit_events::kind.eq(event.kind),
            audit_events::object_kind.eq(event.object_kind),
            audit_events::object_id.eq(&event.object_id),
            audit_events::details.eq(event.details.to_string()),
            audit_events::request_id.eq(&event.request_id),
        ))
        .execute(c)?;
    Ok(())
}
