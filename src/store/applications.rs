//! Tables `applications` and `application_user_lists`.

use diesel::prelude::*;

use super::connection::MultiBackend;
use super::error::broken;
use super::schema::{application_user_lists as connected, applications};
use super::{AnyConnection, StoreError};
use crate::model::application::{Application, ApplicationSource, ApplicationStatus, DbmsType};
use crate::model::ids::{ApplicationId, UserListId};
use crate::model::page::Window;
use crate::model::timestamp::Timestamp;

#[derive(Queryable, Selectable)]
#[diesel(table_name = applications)]
struct Row {
    id: String,
    name: String,
    display_name: String,
    description: String,
    uri: String,
    status: String,
    source_kind: String,
    project_version_id: Option<String>,
    image_id: Option<String>,
    space_id: Option<String>,
    technology_version: String,
    development_mode: bool,
    autostarting_scheduled_jobs: bool,
    autostarting_esb: bool,
    default_time_zone: Option<String>,
    default_locale: Option<String>,
    dbms_type: String,
    default_user_list_id: Option<String>,
    created_at: i64,
    deleted_at: Option<i64>,
}

/// Which applications are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Only those that are connected to this list; all, for one who may see all.
    pub user_list: Option<UserListId>,
    /// Those that were deleted, or those that were not.
    pub deleted: bool,
}

pub fn create(c: &mut AnyConnection, application: &Application) -> Result<(), StoreError> {
    let a = application;
    diesel::insert_into(applications::table)
        .values((
            applications::id.eq(a.id.to_string()),
            applications::name.eq(&a.name),
            applications::display_name.eq(&a.display_name),
            applications::description.eq(&a.description),
            applications::uri.eq(&a.uri),
            applications::status.eq(a.status.as_str()),
            applications::source_kind.eq(&a.source.kind),
            applications::project_version_id.eq(&a.source.project_version_id),
            applications::image_id.eq(&a.source.image_id),
            applications::space_id.eq(&a.space_id),
            applications::technology_version.eq(&a.technology_version),
            applications::development_mode.eq(a.development_mode),
            applications::autostarting_scheduled_jobs.eq(a.autostarting_scheduled_jobs),
            applications::autostarting_esb.eq(a.autostarting_esb),
            applications::default_time_zone.eq(&a.default_time_zone),
            applications::default_locale.eq(&a.default_locale),
            applications::dbms_type.eq(a.dbms_type.as_str()),
            applications::default_user_list_id.eq(a.default_user_list.map(|id| id.to_string())),
            applications::created_at.eq(a.created_at.millis()),
        ))
        .execute(c)?;
    for (place, list) in (0_i64..).zip(&a.user_lists) {
        diesel::insert_into(connected::table)
            .values((
                connected::application_id.eq(a.id.to_string()),
                connected::user_list_id.eq(list.to_string()),
                connected::place.eq(place),
            ))
            .execute(c)?;
    }
    Ok(())
}

/// The application, deleted or not, if it is among the wanted ones otherwise.
pub fn find(
    c: &mut AnyConnection,
    id: ApplicationId,
    user_list: Option<UserListId>,
) -> Result<Option<Application>, StoreError> {
    let row: Option<Row> = visible(user_list)
        .filter(applications::id.eq(id.to_string()))
        .select(Row::as_select())
        .first(c)
        .optional()?;
    Ok(with_user_lists(c, Vec::from_iter(row))?.pop())
}

/// The living application with this `uri`.
pub fn find_by_uri(c: &mut AnyConnection, uri: &str) -> Result<Option<Application>, StoreError> {
    let row: Option<Row> = applications::table
        .filter(applications::uri.eq(uri))
        .filter(applications::deleted_at.is_null())
        .select(Row::as_select())
        .first(c)
        .optional()?;
    Ok(with_user_lists(c, Vec::from_iter(row))?.pop())
}

/// Whether the name or the uri was ever given to an application.
pub fn was_ever_used(c: &mut AnyConnection, name: &str, uri: &str) -> Result<bool, StoreError> {
    let found: i64 = applications::table
        .filter(applications::name.eq(name).or(applications::uri.eq(uri)))
        .count()
        .get_result(c)?;
    Ok(found > 0)
}

/// Part of the wanted applications, the first made first.
pub fn list(
    c: &mut AnyConnection,
    wanted: Wanted,
    window: Window,
) -> Result<Vec<Application>, StoreError> {
    let rows: Vec<Row> = wanted_ones(wanted)
        .order((applications::created_at, applications::id))
        .limit(window.limit())
        .offset(window.offset())
        .select(Row::as_select())
        .load(c)?;
    with_user_lists(c, rows)
}

pub fn count(c: &mut AnyConnection, wanted: Wanted) -> Result<i64, StoreError> {
    Ok(wanted_ones(wanted).count().get_result(c)?)
}

/// Deletes an application; its name and uri stay taken.
pub fn delete(c: &mut AnyConnection, id: ApplicationId, now: Timestamp) -> Result<(), StoreError> {
    diesel::update(applications::table.find(id.to_string()))
        .set((
            applications::status.eq(ApplicationStatus::Deleted.as_str()),
            applications::deleted_at.eq(now.millis()),
        ))
        .execute(c)?;
    Ok(())
}

type Boxed<'a> = applications::BoxedQuery<'a, MultiBackend>;

fn visible<'a>(user_list: Option<UserListId>) -> Boxed<'a> {
    let query = applications::table.into_boxed();
    match user_list {
        None => query,
        Some(list) => {
            let ids = connected::table
                .filter(connected::user_list_id.eq(list.to_string()))
                .select(connected::application_id);
            query.filter(applications::id.eq_any(ids))
        }
    }
}

fn wanted_ones<'a>(wanted: Wanted) -> Boxed<'a> {
    let query = visible(wanted.user_list);
    match wanted.deleted {
        true => query.filter(applications::deleted_at.is_not_null()),
        false => query.filter(applications::deleted_at.is_null()),
    }
}

/// Reads the rows together with the lists that they are connected to, in one query for all.
fn with_user_lists(c: &mut AnyConnection, rows: Vec<Row>) -> Result<Vec<Application>, StoreError> {
    let mut lists: std::collections::HashMap<String, Vec<UserListId>> = Default::default();
    // SQLite takes 32,766 variables in one statement, and a page of the whole list fewer.
    if !rows.is_empty() {
        let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        let pairs: Vec<(String, String)> = connected::table
            .filter(connected::application_id.eq_any(ids))
            .order((connected::application_id, connected::place))
            .select((connected::application_id, connected::user_list_id))
            .load(c)?;
        for (application, list) in pairs {
            let id = UserListId::parse(&list)
                .ok_or_else(|| broken("application_user_lists", &application))?;
            lists.entry(application).or_default().push(id);
        }
    }
    let read_one = |row: Row| {
        let connected = lists.remove(&row.id).unwrap_or_default();
        read(row, connected)
    };
    rows.into_iter().map(read_one).collect()
}

fn read(row: Row, user_lists: Vec<UserListId>) -> Result<Application, StoreError> {
    let wrong = || broken("applications", &row.id);
    let default_user_list = match &row.default_user_list_id {
        Some(id) => Some(UserListId::parse(id).ok_or_else(wrong)?),
        None => None,
    };
    Ok(Application {
        id: ApplicationId::parse(&row.id).ok_or_else(wrong)?,
        status: ApplicationStatus::parse(&row.status).ok_or_else(wrong)?,
        dbms_type: DbmsType::parse(&row.dbms_type).ok_or_else(wrong)?,
        name: row.name,
        display_name: row.display_name,
        description: row.description,
        uri: row.uri,
        source: ApplicationSource {
            kind: row.source_kind,
            project_version_id: row.project_version_id,
            image_id: row.image_id,
        },
        space_id: row.space_id,
        technology_version: row.technology_version,
        development_mode: row.development_mode,
        autostarting_scheduled_jobs: row.autostarting_scheduled_jobs,
        autostarting_esb: row.autostarting_esb,
        default_time_zone: row.default_time_zone,
        default_locale: row.default_locale,
        default_user_list,
        user_lists,
        created_at: Timestamp::from_millis(row.created_at),
        deleted_at: row.deleted_at.map(Timestamp::from_millis),
    })
}
