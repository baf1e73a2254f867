//! Table `application_user_lists`.

use std::collections::HashMap;

use diesel::prelude::*;

use super::error::broken;
use super::schema::{application_user_lists as connected, applications};
use super::{AnyConnection, StoreError};
use crate::model::ids::{ApplicationId, UserListId};

/// Connects lists that are not connected yet, after those that are.
pub fn create(
    c: &mut AnyConnection,
    application: ApplicationId,
    lists: &[UserListId],
) -> Result<(), StoreError> {
    let last: Option<i64> = connected::table
        .filter(connected::application_id.eq(application.to_string()))
        .select(diesel::dsl::max(connected::place))
        .first(c)?;
    for (place, list) in (last.map_or(0, |last| last + 1)..).zip(lists) {
        diesel::insert_into(connected::table)
            .values((
                connected::application_id.eq(application.to_string()),
                connected::user_list_id.eq(list.to_string()),
                connected::place.eq(place),
            ))
            .execute(c)?;
    }
    Ok(())
}

/// The lists of each of these applications, in the order in which they were connected, by the
/// application's id; of all lists `only` this one, if it is given.
pub fn list(
    c: &mut AnyConnection,
    applications: &[&str],
    only: Option<UserListId>,
) -> Result<HashMap<String, Vec<UserListId>>, StoreError> {
    let mut lists: HashMap<String, Vec<UserListId>> = HashMap::new();
    if applications.is_empty() {
        return Ok(lists);
    }
    // SQLite takes 32,766 variables in one statement, and a page of the whole list fewer.
    let mut query = connected::table
        .filter(connected::application_id.eq_any(applications))
        .select((
            connected::application_id,
            connected::user_list_id,
            connected::place,
        ))
        .into_boxed();
    if let Some(only) = only {
        query = query.filter(connected::user_list_id.eq(only.to_string()));
    }
    // Here: an index that has them in this order would be written for nothing else.
    let mut found: Vec<(String, String, i64)> = query.load(c)?;
    found.sort_unstable_by_key(|(_, _, place)| *place);
    for (application, list, _) in found {
        let id = UserListId::parse(&list)
            .ok_or_else(|| broken("application_user_lists", &application))?;
        lists.entry(application).or_default().push(id);
    }
    Ok(lists)
}

/// The `uri`s of the living applications that a list is connected to.
pub fn list_uris(c: &mut AnyConnection, list: UserListId) -> Result<Vec<String>, StoreError> {
    Ok(connected::table
        .inner_join(applications::table)
        .filter(connected::user_list_id.eq(list.to_string()))
        .filter(applications::deleted_at.is_null())
        .select(applications::uri)
        .load(c)?)
}

pub fn delete(
    c: &mut AnyConnection,
    application: ApplicationId,
    list: UserListId,
) -> Result<(), StoreError> {
    let key = (application.to_string(), list.to_string());
    diesel::delete(connected::table.find(key)).execute(c)?;
    Ok(())
}

/// Disconnects a list from every application.
pub fn delete_of_list(c: &mut AnyConnection, list: UserListId) -> Result<(), StoreError> {
    let of_list = connected::user_list_id.eq(list.to_string());
    diesel::delete(connected::table.filter(of_list)).execute(c)?;
    Ok(())
}
