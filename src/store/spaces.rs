//! Table `spaces`.

use std::collections::HashMap;

use diesel::dsl::count_star;
use diesel::prelude::*;

use super::connection::MultiBackend;
use super::error::broken;
use super::schema::{applications, spaces, user_lists};
use super::search::containing;
use super::windowed::windowed;
use super::{AnyConnection, StoreError};
use crate::model::ids::{SpaceId, UserId};
use crate::model::page::Window;
use crate::model::space::Space;
use crate::model::text::fold;
use crate::model::timestamp::Timestamp;

#[derive(Queryable, Selectable)]
#[diesel(table_name = spaces)]
struct Row {
    id: String,
    owner_id: Option<String>,
    name: String,
    applications_quota: Option<i64>,
    users_quota: Option<i64>,
    project_creation_allowed: bool,
    created_at: i64,
}

/// Which spaces are wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Only those with this in their name, in whatever case.
    pub search: Option<String>,
}

pub fn create(c: &mut AnyConnection, space: &Space) -> Result<(), StoreError> {
    diesel::insert_into(spaces::table)
        .values((
            spaces::id.eq(space.id.to_string()),
            spaces::owner_id.eq(space.owner.map(|id| id.to_string())),
            spaces::name.eq(&space.name),
            spaces::name_folded.eq(fold(&space.name)),
            spaces::applications_quota.eq(space.applications_quota),
            spaces::users_quota.eq(space.users_quota),
            spaces::project_creation_allowed.eq(space.project_creation_allowed),
            spaces::created_at.eq(space.created_at.millis()),
        ))
        .execute(c)?;
    Ok(())
}

pub fn find(c: &mut AnyConnection, id: SpaceId) -> Result<Option<Space>, StoreError> {
    let row: Option<Row> = spaces::table
        .filter(spaces::id.eq(id.to_string()))
        .select(Row::as_select())
        .first(c)
        .optional()?;
    row.map(read).transpose()
}

/// The space with this name, in whatever case.
pub fn find_by_name(c: &mut AnyConnection, name: &str) -> Result<Option<Space>, StoreError> {
    let row: Option<Row> = spaces::table
        .filter(spaces::name_folded.eq(fold(name)))
        .select(Row::as_select())
        .first(c)
        .optional()?;
    row.map(read).transpose()
}

windowed! {
    /// Part of the wanted spaces, the first made first.
    list((spaces::created_at, spaces::id), spaces::id) -> Space
}

/// How many living applications and user lists each of these spaces has, by the space's id. Each is
/// counted along an index of its own, so that nothing is sorted.
pub fn count_within(
    c: &mut AnyConnection,
    ids: &[String],
) -> Result<HashMap<String, (i64, i64)>, StoreError> {
    let of_space = applications::table
        .filter(applications::space_id.eq(spaces::id.nullable()))
        .filter(applications::deleted_at.is_null())
        .select(count_star())
        .single_value();
    let lists_of_space = user_lists::table
        .filter(user_lists::space_id.eq(spaces::id.nullable()))
        .filter(user_lists::deleted_at.is_null())
        .select(count_star())
        .single_value();
    let counted: Vec<(String, Option<i64>, Option<i64>)> = spaces::table
        .filter(spaces::id.eq_any(ids))
        .select((spaces::id, of_space, lists_of_space))
        .load(c)?;
    let number = |counted: Option<i64>| counted.unwrap_or_default();
    Ok(counted
        .into_iter()
        .map(|(id, applications, lists)| (id, (number(applications), number(lists))))
        .collect())
}

fn wanted_ones<'a>(wanted: &Wanted) -> spaces::BoxedQuery<'a, MultiBackend> {
    let query = spaces::table.into_boxed();
    match &wanted.search {
        None => query,
        Some(search) => {
            let found = spaces::name_folded.like(containing(search));
            query.filter(found.escape('\\'))
        }
    }
}

fn read(row: Row) -> Result<Space, StoreError> {
    let wrong = || broken("spaces", &row.id);
    let owner = match &row.owner_id {
        Some(id) => Some(UserId::parse(id).ok_or_else(wrong)?),
        None => None,
    };
    Ok(Space {
        id: SpaceId::parse(&row.id).ok_or_else(wrong)?,
        owner,
        name: row.name,
        applications_quota: row.applications_quota,
        users_quota: row.users_quota,
        project_creation_allowed: row.project_creation_allowed,
        created_at: Timestamp::from_millis(row.created_at),
    })
}
