//! Table `application_users`.

use diesel::prelude::*;

use super::connection::MultiBackend;
use super::error::broken;
use super::schema::{
    application_user_lists as lists, application_users as connected, applications,
};
use super::search::containing;
use super::windowed::windowed;
use super::{AnyConnection, StoreError};
use crate::model::application::ConnectedUser;
use crate::model::ids::{ApplicationId, UserId, UserListId};
use crate::model::page::Window;
use crate::model::text::fold;
use crate::model::timestamp::Timestamp;

#[derive(Queryable, Selectable)]
#[diesel(table_name = connected)]
struct Row {
    user_id: String,
    user_list_id: String,
    by_name: bool,
    presentation: String,
    is_admin: bool,
    token_access: bool,
    connected_at: i64,
}

/// Which of an application's rows are wanted: of those whose user is connected now.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub application: ApplicationId,
    /// Only this user's.
    pub user: Option<UserId>,
    /// Only those with this in their presentation or login, in whatever case.
    pub search: Option<String>,
}

pub fn create(
    c: &mut AnyConnection,
    application: ApplicationId,
    user: &ConnectedUser,
    login: &str,
) -> Result<(), StoreError> {
    diesel::insert_into(connected::table)
        .values((
            connected::application_id.eq(application.to_string()),
            connected::user_id.eq(user.user_id.to_string()),
            connected::user_list_id.eq(user.user_list_id.to_string()),
            connected::login_folded.eq(fold(login)),
            connected::by_name.eq(user.by_name),
            connected::presentation.eq(&user.presentation),
            connected::presentation_folded.eq(fold(&user.presentation)),
            connected::is_admin.eq(user.is_admin),
            connected::token_access.eq(user.token_access),
            connected::connected_at.eq(user.connected_at.millis()),
        ))
        .execute(c)?;
    Ok(())
}

/// What is kept of this user, whether it means something now or not.
pub fn find(
    c: &mut AnyConnection,
    application: ApplicationId,
    user: UserId,
) -> Result<Option<ConnectedUser>, StoreError> {
    let key = (application.to_string(), user.to_string());
    let row: Option<Row> = connected::table
        .find(key)
        .select(Row::as_select())
        .first(c)
        .optional()?;
    row.map(read).transpose()
}

windowed! {
    /// Part of the wanted ones, the first connected first.
    list((connected::connected_at, connected::user_id), connected::user_id) -> ConnectedUser
}

/// How many users are connected to the application by name.
pub fn count_named(c: &mut AnyConnection, application: ApplicationId) -> Result<i64, StoreError> {
    Ok(connected::table
        .filter(connected::application_id.eq(application.to_string()))
        .filter(connected::by_name)
        .count()
        .get_result(c)?)
}

/// What is kept of one user beside an application, as far as the hot path must know it.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    pub user: UserId,
    pub user_list: UserListId,
    pub by_name: bool,
    pub token_access: bool,
}

/// What is kept of each user, whether it means something now or not.
pub fn list_settings(
    c: &mut AnyConnection,
    application: ApplicationId,
) -> Result<Vec<Setting>, StoreError> {
    let rows: Vec<(String, String, bool, bool)> = connected::table
        .filter(connected::application_id.eq(application.to_string()))
        .select((
            connected::user_id,
            connected::user_list_id,
            connected::by_name,
            connected::token_access,
        ))
        .load(c)?;
    let read = |(id, list, by_name, token_access): (String, String, bool, bool)| {
        let wrong = || broken("application_users", &id);
        Ok(Setting {
            user: UserId::parse(&id).ok_or_else(wrong)?,
            user_list: UserListId::parse(&list).ok_or_else(wrong)?,
            by_name,
            token_access,
        })
    };
    rows.into_iter().map(read).collect()
}

/// The `uri`s of the living applications that keep something of a user.
pub fn list_uris(c: &mut AnyConnection, user: UserId) -> Result<Vec<String>, StoreError> {
    Ok(connected::table
        .inner_join(applications::table)
        .filter(connected::user_id.eq(user.to_string()))
        .filter(applications::deleted_at.is_null())
        .select(applications::uri)
        .load(c)?)
}

/// Writes what can be changed: all but whose it is.
pub fn update(
    c: &mut AnyConnection,
    application: ApplicationId,
    user: &ConnectedUser,
) -> Result<(), StoreError> {
    let key = (application.to_string(), user.user_id.to_string());
    diesel::update(connected::table.find(key))
        .set((
            connected::by_name.eq(user.by_name),
            connected::presentation.eq(&user.presentation),
            connected::presentation_folded.eq(fold(&user.presentation)),
            connected::is_admin.eq(user.is_admin),
            connected::token_access.eq(user.token_access),
            connected::connected_at.eq(user.connected_at.millis()),
        ))
        .execute(c)?;
    Ok(())
}

pub fn delete(
    c: &mut AnyConnection,
    application: ApplicationId,
    user: UserId,
) -> Result<(), StoreError> {
    let key = (application.to_string(), user.to_string());
    diesel::delete(connected::table.find(key)).execute(c)?;
    Ok(())
}

/// Forgets a user beside every application.
pub fn delete_of_user(c: &mut AnyConnection, user: UserId) -> Result<(), StoreError> {
    let of_user = connected::user_id.eq(user.to_string());
    diesel::delete(connected::table.filter(of_user)).execute(c)?;
    Ok(())
}

type Boxed<'a> = connected::BoxedQuery<'a, MultiBackend>;

fn wanted_ones<'a>(wanted: &Wanted) -> Boxed<'a> {
    let application = wanted.application.to_string();
    let connected_lists = lists::table
        .filter(lists::application_id.eq(application.clone()))
        .select(lists::user_list_id);
    let through_list = connected::user_list_id.eq_any(connected_lists);
    let mut query = connected::table
        .into_boxed()
        .filter(connected::application_id.eq(application))
        .filter(connected::by_name.or(through_list));
    if let Some(user) = wanted.user {
        query = query.filter(connected::user_id.eq(user.to_string()));
    }
    if let Some(search) = &wanted.search {
        let presentation = connected::presentation_folded.like(containing(search));
        let login = connected::login_folded.like(containing(search));
        query = query.filter(presentation.escape('\\').or(login.escape('\\')));
    }
    query
}

fn read(row: Row) -> Result<ConnectedUser, StoreError> {
    let wrong = || broken("application_users", &row.user_id);
    Ok(ConnectedUser {
        user_id: UserId::parse(&row.user_id).ok_or_else(wrong)?,
        user_list_id: UserListId::parse(&row.user_list_id).ok_or_else(wrong)?,
        by_name: row.by_name,
        presentation: row.presentation,
        is_admin: row.is_admin,
        token_access: row.token_access,
        connected_at: Timestamp::from_millis(row.connected_at),
    })
}
