//! Table `applications`.

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::connection::MultiBackend;
use super::error::broken;
use super::schema::{application_user_lists, application_users, applications};
use super::search::containing;
use super::windowed::windowed;
use super::{AnyConnection, StoreError, application_user_lists as connections};
use crate::model::application::{Application, ApplicationSource, DbmsType};
use crate::model::application_scope::ApplicationScope;
use crate::model::application_status::ApplicationStatus;
use crate::model::ids::{ApplicationId, SpaceId, UserId, UserListId};
use crate::model::page::Window;
use crate::model::text::fold;
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
    scopes: String,
    created_at: i64,
    deleted_at: Option<i64>,
}

/// Somebody who sees only the applications that they are connected to, by name or through their
/// list, and of an application's lists only their own.
#[derive(Clone, Copy, Debug)]
pub struct Viewer {
    pub user: UserId,
    pub user_list: UserListId,
}

/// Which applications are wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Only those that this viewer sees; all, for one who may see all.
    pub viewer: Option<Viewer>,
    /// Those that were deleted, or those that were not.
    pub deleted: bool,
    /// Only those with this in their name, display name or uri, in whatever case.
    pub search: Option<String>,
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
            applications::scopes.eq(scopes_text(&a.scopes)),
            applications::search.eq(search_text(a)),
            applications::created_at.eq(a.created_at.millis()),
        ))
        .execute(c)?;
    connections::create(c, a.id, &a.user_lists)
}

/// The application, deleted or not, if the viewer sees it.
pub fn find(
    c: &mut AnyConnection,
    id: ApplicationId,
    viewer: Option<Viewer>,
) -> Result<Option<Application>, StoreError> {
    let row: Option<Row> = visible(viewer)
        .filter(applications::id.eq(id.to_string()))
        .select(Row::as_select())
        .first(c)
        .optional()?;
    Ok(with_user_lists(c, Vec::from_iter(row), viewer)?.pop())
}

/// The living application with this `uri`.
pub fn find_by_uri(c: &mut AnyConnection, uri: &str) -> Result<Option<Application>, StoreError> {
    let row: Option<Row> = applications::table
        .filter(applications::uri.eq(uri))
        .filter(applications::deleted_at.is_null())
        .select(Row::as_select())
        .first(c)
        .optional()?;
    Ok(with_user_lists(c, Vec::from_iter(row), None)?.pop())
}

/// Whether the name was ever given to an application.
pub fn was_ever_named(c: &mut AnyConnection, name: &str) -> Result<bool, StoreError> {
    let found: i64 = applications::table
        .filter(applications::name.eq(name))
        .count()
        .get_result(c)?;
    Ok(found > 0)
}

/// The living applications that this user gets tokens for.
pub fn list_open_to(c: &mut AnyConnection, user: Viewer) -> Result<Vec<Application>, StoreError> {
    let refused = application_users::table
        .filter(application_users::application_id.eq(applications::id))
        .filter(application_users::user_id.eq(user.user.to_string()))
        .filter(application_users::token_access.eq(false));
    let rows: Vec<Row> = visible(Some(user))
        .filter(applications::deleted_at.is_null())
        .filter(not(exists(refused)))
        .order((applications::created_at, applications::id))
        .select(Row::as_select())
        .load(c)?;
    rows.into_iter()
        .map(|row| read(row, Vec::new(), None))
        .collect()
}

/// Part of the wanted applications, the first made first.
pub fn list(
    c: &mut AnyConnection,
    wanted: &Wanted,
    window: Window,
) -> Result<Vec<Application>, StoreError> {
    let rows: Vec<Row> = wanted_ones(wanted)
        .order((applications::created_at, applications::id))
        .limit(window.limit())
        .offset(window.offset())
        .select(Row::as_select())
        .load(c)?;
    with_user_lists(c, rows, wanted.viewer)
}

windowed! { count((applications::created_at, applications::id), applications::id) }

/// How many living applications this space has.
pub fn count_in_space(c: &mut AnyConnection, space: SpaceId) -> Result<i64, StoreError> {
    Ok(applications::table
        .filter(applications::space_id.eq(space.to_string()))
        .filter(applications::deleted_at.is_null())
        .count()
        .get_result(c)?)
}

/// Writes what can be changed of an application by itself.
pub fn update(c: &mut AnyConnection, application: &Application) -> Result<(), StoreError> {
    let a = application;
    diesel::update(applications::table.find(a.id.to_string()))
        .set((
            applications::display_name.eq(&a.display_name),
            applications::description.eq(&a.description),
            applications::uri.eq(&a.uri),
            applications::scopes.eq(scopes_text(&a.scopes)),
            applications::search.eq(search_text(a)),
        ))
        .execute(c)?;
    Ok(())
}

pub fn update_status(
    c: &mut AnyConnection,
    id: ApplicationId,
    status: ApplicationStatus,
) -> Result<(), StoreError> {
    diesel::update(applications::table.find(id.to_string()))
        .set(applications::status.eq(status.as_str()))
        .execute(c)?;
    Ok(())
}

/// Leaves one application, or every one, without this list as its default.
pub fn update_without_default(
    c: &mut AnyConnection,
    id: Option<ApplicationId>,
    list: UserListId,
) -> Result<(), StoreError> {
    let of_list = applications::default_user_list_id.eq(list.to_string());
    let none = applications::default_user_list_id.eq(None::<String>);
    match id {
        Some(id) => diesel::update(applications::table.find(id.to_string()).filter(of_list))
            .set(none)
            .execute(c)?,
        None => diesel::update(applications::table.filter(of_list))
            .set(none)
            .execute(c)?,
    };
    Ok(())
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

fn visible<'a>(viewer: Option<Viewer>) -> Boxed<'a> {
    let query = applications::table.into_boxed();
    let Some(viewer) = viewer else {
        return query;
    };
    // Asked of one application after the other, so that they are walked in their order.
    let through_list = application_user_lists::table
        .filter(application_user_lists::application_id.eq(applications::id))
        .filter(application_user_lists::user_list_id.eq(viewer.user_list.to_string()));
    let by_name = application_users::table
        .filter(application_users::application_id.eq(applications::id))
        .filter(application_users::user_id.eq(viewer.user.to_string()))
        .filter(application_users::by_name);
    query.filter(exists(through_list).or(exists(by_name)))
}

fn wanted_ones<'a>(wanted: &Wanted) -> Boxed<'a> {
    let mut query = visible(wanted.viewer);
    if let Some(search) = &wanted.search {
        query = query.filter(applications::search.like(containing(search)).escape('\\'));
    }
    match wanted.deleted {
        true => query.filter(applications::deleted_at.is_not_null()),
        false => query.filter(applications::deleted_at.is_null()),
    }
}

/// Reads the rows together with the lists that they are connected to and the viewer sees.
fn with_user_lists(
    c: &mut AnyConnection,
    rows: Vec<Row>,
    viewer: Option<Viewer>,
) -> Result<Vec<Application>, StoreError> {
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let only = viewer.map(|viewer| viewer.user_list);
    let mut lists = connections::list(c, &ids, only)?;
    let read_one = |row: Row| {
        let connected = lists.remove(&row.id).unwrap_or_default();
        read(row, connected, only)
    };
    rows.into_iter().map(read_one).collect()
}

/// What a search looks through. The names do not run into each other: none holds a line feed.
fn search_text(a: &Application) -> String {
    fold(&format!("{}\n{}\n{}", a.name, a.display_name, a.uri))
}

fn scopes_text(scopes: &[ApplicationScope]) -> String {
    serde_json::to_string(scopes).expect("texts have a JSON form")
}

fn read(
    row: Row,
    user_lists: Vec<UserListId>,
    only: Option<UserListId>,
) -> Result<Application, StoreError> {
    let wrong = || broken("applications", &row.id);
    let default_user_list = match &row.default_user_list_id {
        Some(id) => Some(UserListId::parse(id).ok_or_else(wrong)?),
        None => None,
    };
    let default_user_list = default_user_list.filter(|list| only.is_none_or(|only| only == *list));
    Ok(Application {
        id: ApplicationId::parse(&row.id).ok_or_else(wrong)?,
        status: ApplicationStatus::parse(&row.status).ok_or_else(wrong)?,
        dbms_type: DbmsType::parse(&row.dbms_type).ok_or_else(wrong)?,
        scopes: serde_json::from_str(&row.scopes).map_err(|_| wrong())?,
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
