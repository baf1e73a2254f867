//! Table `application_uris`: the uris that applications had before.

use diesel::prelude::*;

use super::schema::application_uris;
use super::{AnyConnection, StoreError};
use crate::model::ids::ApplicationId;
use crate::model::timestamp::Timestamp;

pub fn create(
    c: &mut AnyConnection,
    application: ApplicationId,
    uri: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    diesel::insert_into(application_uris::table)
        .values((
            application_uris::uri.eq(uri),
            application_uris::application_id.eq(application.to_string()),
            application_uris::given_up_at.eq(now.millis()),
        ))
        .execute(c)?;
    Ok(())
}

/// The application that had this uri before.
pub fn find_holder(c: &mut AnyConnection, uri: &str) -> Result<Option<String>, StoreError> {
    Ok(application_uris::table
        .find(uri)
        .select(application_uris::application_id)
        .first(c)
        .optional()?)
}

/// Takes a uri out, because its application has it again.
pub fn delete(c: &mut AnyConnection, uri: &str) -> Result<(), StoreError> {
    diesel::delete(application_uris::table.find(uri)).execute(c)?;
    Ok(())
}
