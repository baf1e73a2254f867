//! Table `application_uris`: the uris that applications had before; and which are alike among those and
//! the uris that applications have.

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::error::broken;
use super::schema::{application_uris, applications};
use super::{AnyConnection, StoreError};
use crate::model::ids::ApplicationId;
use crate::model::timestamp::Timestamp;

diesel::define_sql_function! {
    /// In lower case; of ASCII alone it is the same in every database.
    fn lower(text: Text) -> Text;
}

/// A uri that an application has or had.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Held {
    pub uri: String,
    pub application: ApplicationId,
}

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

/// When an application gave this uri up, if one did.
pub fn find_given_up(c: &mut AnyConnection, uri: &str) -> Result<Option<Timestamp>, StoreError> {
    let found: Option<i64> = application_uris::table
        .find(uri)
        .select(application_uris::given_up_at)
        .first(c)
        .optional()?;
    Ok(found.map(Timestamp::from_millis))
}

/// The uris that an application had before, the last given up first.
pub fn list(c: &mut AnyConnection, application: ApplicationId) -> Result<Vec<String>, StoreError> {
    Ok(application_uris::table
        .filter(application_uris::application_id.eq(application.to_string()))
        .order((application_uris::given_up_at.desc(), application_uris::uri))
        .select(application_uris::uri)
        .load(c)?)
}

/// Every uri that an application, deleted or not, has or had and that in lower case is one of these.
pub fn list_lowercase(
    c: &mut AnyConnection,
    spellings: &[String],
) -> Result<Vec<Held>, StoreError> {
    let mut rows: Vec<(String, String)> = applications::table
        .filter(lower(applications::uri).eq_any(spellings))
        .select((applications::uri, applications::id))
        .load(c)?;
    let former: Vec<(String, String)> = application_uris::table
        .filter(lower(application_uris::uri).eq_any(spellings))
        .select((application_uris::uri, application_uris::application_id))
        .load(c)?;
    rows.extend(former);
    let read = |(uri, id): (String, String)| {
        let application = ApplicationId::parse(&id).ok_or_else(|| broken("applications", &id))?;
        Ok(Held { uri, application })
    };
    rows.into_iter().map(read).collect()
}

/// Takes a uri out, because its application has it again.
pub fn delete(c: &mut AnyConnection, uri: &str) -> Result<(), StoreError> {
    diesel::delete(application_uris::table.find(uri)).execute(c)?;
    Ok(())
}
