//! Table `user_lists`.

use diesel::prelude::*;

use super::connection::MultiBackend;
use super::error::broken;
use super::schema::user_lists;
use super::search::containing;
use super::windowed::windowed;
use super::{AnyConnection, StoreError};
use crate::model::ids::{SpaceId, UserListId};
use crate::model::page::Window;
use crate::model::text::fold;
use crate::model::timestamp::Timestamp;
use crate::model::user_list::{SelfRegistration, UserList};

#[derive(Queryable, Selectable)]
#[diesel(table_name = user_lists)]
struct Row {
    id: String,
    presentation: String,
    space_id: Option<String>,
    include_personal_data: bool,
    self_registration: bool,
    self_registration_phone: bool,
    self_registration_email: bool,
    created_at: i64,
}

/// Which lists are wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Only this one.
    pub only: Option<UserListId>,
    /// Only those with this in their presentation, in whatever case.
    pub search: Option<String>,
}

pub fn create(c: &mut AnyConnection, list: &UserList) -> Result<(), StoreError> {
    let registration = list.self_registration;
    diesel::insert_into(user_lists::table)
        .values((
            user_lists::id.eq(list.id.to_string()),
            user_lists::presentation.eq(&list.presentation),
            user_lists::presentation_folded.eq(fold(&list.presentation)),
            user_lists::space_id.eq(list.space_id.map(|id| id.to_string())),
            user_lists::include_personal_data.eq(list.include_personal_data),
            user_lists::self_registration.eq(registration.enabled),
            user_lists::self_registration_phone.eq(registration.phone_required),
            user_lists::self_registration_email.eq(registration.email_required),
            user_lists::created_at.eq(list.created_at.millis()),
        ))
        .execute(c)?;
    Ok(())
}

pub fn find(c: &mut AnyConnection, id: UserListId) -> Result<Option<UserList>, StoreError> {
    let row: Option<Row> = user_lists::table
        .filter(user_lists::id.eq(id.to_string()))
        .filter(user_lists::deleted_at.is_null())
        .select(Row::as_select())
        .first(c)
        .optional()?;
    row.map(read).transpose()
}

/// The list that was made first: the one that new users join unless told otherwise.
pub fn find_first(c: &mut AnyConnection) -> Result<Option<UserList>, StoreError> {
    let row: Option<Row> = user_lists::table
        .filter(user_lists::deleted_at.is_null())
        .order((user_lists::created_at, user_lists::id))
        .select(Row::as_select())
        .first(c)
        .optional()?;
    row.map(read).transpose()
}

/// The lists with this presentation, in whatever case: `limit` of them at most.
pub fn list_called(
    c: &mut AnyConnection,
    presentation: &str,
    limit: i64,
) -> Result<Vec<UserList>, StoreError> {
    let rows: Vec<Row> = user_lists::table
        .filter(user_lists::presentation_folded.eq(fold(presentation)))
        .filter(user_lists::deleted_at.is_null())
        .limit(limit)
        .select(Row::as_select())
        .load(c)?;
    rows.into_iter().map(read).collect()
}

windowed! {
    /// Part of the wanted lists, the first made first.
    list((user_lists::created_at, user_lists::id), user_lists::id) -> UserList
}

/// Deletes a list; its row stays, for those of its former users.
pub fn delete(c: &mut AnyConnection, id: UserListId, now: Timestamp) -> Result<(), StoreError> {
    diesel::update(user_lists::table.find(id.to_string()))
        .set(user_lists::deleted_at.eq(now.millis()))
        .execute(c)?;
    Ok(())
}

fn wanted_ones<'a>(wanted: &Wanted) -> user_lists::BoxedQuery<'a, MultiBackend> {
    let mut query = user_lists::table
        .filter(user_lists::deleted_at.is_null())
        .into_boxed();
    if let Some(only) = wanted.only {
        query = query.filter(user_lists::id.eq(only.to_string()));
    }
    if let Some(search) = &wanted.search {
        let found = user_lists::presentation_folded.like(containing(search));
        query = query.filter(found.escape('\\'));
    }
    query
}

fn read(row: Row) -> Result<UserList, StoreError> {
    let wrong = || broken("user_lists", &row.id);
    let space_id = match &row.space_id {
        Some(id) => Some(SpaceId::parse(id).ok_or_else(wrong)?),
        None => None,
    };
    Ok(UserList {
        id: UserListId::parse(&row.id).ok_or_else(wrong)?,
        presentation: row.presentation,
        space_id,
        include_personal_data: row.include_personal_data,
        self_registration: SelfRegistration {
            enabled: row.self_registration,
            phone_required: row.self_registration_phone,
            email_required: row.self_registration_email,
        },
        created_at: Timestamp::from_millis(row.created_at),
    })
}
