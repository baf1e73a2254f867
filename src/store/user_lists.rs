//! Table `user_lists`.

use diesel::prelude::*;

use super::error::broken;
use super::schema::user_lists;
use super::{AnyConnection, StoreError};
use crate::model::ids::UserListId;
use crate::model::timestamp::Timestamp;
use crate::model::user::UserList;

type Row = (String, String, i64);

pub fn create(c: &mut AnyConnection, list: &UserList) -> Result<(), StoreError> {
    diesel::insert_into(user_lists::table)
        .values((
            user_lists::id.eq(list.id.to_string()),
            user_lists::presentation.eq(&list.presentation),
            user_lists::created_at.eq(list.created_at.millis()),
        ))
        .execute(c)?;
    Ok(())
}

pub fn find(c: &mut AnyConnection, id: UserListId) -> Result<Option<UserList>, StoreError> {
    let row: Option<Row> = user_lists::table.find(id.to_string()).first(c).optional()?;
    row.map(read).transpose()
}

/// The list that was made first: the one that new users join unless told otherwise.
pub fn find_first(c: &mut AnyConnection) -> Result<Option<UserList>, StoreError> {
    let row: Option<Row> = user_lists::table
        .order((user_lists::created_at, user_lists::id))
        .first(c)
        .optional()?;
    row.map(read).transpose()
}

fn read((id, presentation, created_at): Row) -> Result<UserList, StoreError> {
    Ok(UserList {
        id: UserListId::parse(&id).ok_or_else(|| broken("user_lists", &id))?,
        presentation,
        created_at: Timestamp::from_millis(created_at),
    })
}
