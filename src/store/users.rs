//! Table `users`.

use std::collections::HashMap;

use diesel::prelude::*;

use super::connection::MultiBackend;
use super::error::broken;
use super::schema::{user_lists, users};
use super::search::containing;
use super::windowed::windowed;
use super::{AnyConnection, StoreError};
use crate::model::audit::ActorKind;
use crate::model::client::Disabled;
use crate::model::ids::{SpaceId, UserId, UserListId};
use crate::model::page::Window;
use crate::model::password::TEMPORARY_TIME;
use crate::model::scope::Role;
use crate::model::text::fold;
use crate::model::timestamp::Timestamp;
use crate::model::user::User;

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
struct Row {
    id: String,
    user_list_id: String,
    login: String,
    presentation: String,
    email: Option<String>,
    phone: Option<String>,
    role: String,
    disabled_at: Option<i64>,
    disabled_by: Option<String>,
    generation: i64,
    created_at: i64,
    password_ends_at: Option<i64>,
}

/// What a new password is: its Argon2id hash, and whether it must be changed at the next sign-in.
#[derive(Clone)]
pub struct PasswordHash {
    pub hash: String,
    pub temporary: bool,
    /// When a temporary one ends.
    pub ends_at: Option<Timestamp>,
}

impl PasswordHash {
    /// The same, given to somebody now: a temporary one ends.
    pub fn given_at(&self, now: Timestamp) -> Self {
        Self {
            ends_at: self.temporary.then(|| now.plus_seconds(TEMPORARY_TIME)),
            ..self.clone()
        }
    }
}

/// Which users are wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Only those of this list.
    pub user_list: Option<UserListId>,
    /// Only this one.
    pub only: Option<UserId>,
    /// Only those with this in their login, presentation, email or phone, in whatever case.
    pub search: Option<String>,
}

pub fn create(
    c: &mut AnyConnection,
    user: &User,
    password: &PasswordHash,
) -> Result<(), StoreError> {
    diesel::insert_into(users::table)
        .values((
            users::id.eq(user.id.to_string()),
            users::user_list_id.eq(user.user_list_id.to_string()),
            users::login.eq(&user.login),
            users::login_folded.eq(fold(&user.login)),
            users::presentation.eq(&user.presentation),
            users::email.eq(&user.email),
            users::phone.eq(&user.phone),
            users::search.eq(search_text(user)),
            users::role.eq(user.role.as_str()),
            users::password_hash.eq(&password.hash),
            users::password_temporary.eq(password.temporary),
            users::password_ends_at.eq(password.ends_at.map(Timestamp::millis)),
            users::disabled_at.eq(user.disabled.map(|d| d.at.millis())),
            users::disabled_by.eq(user.disabled.map(|d| d.by.as_str())),
            users::generation.eq(user.generation),
            users::created_at.eq(user.created_at.millis()),
        ))
        .execute(c)?;
    Ok(())
}

pub fn find(c: &mut AnyConnection, id: UserId) -> Result<Option<User>, StoreError> {
    let row: Option<Row> = users::table
        .filter(users::id.eq(id.to_string()))
        .filter(users::deleted_at.is_null())
        .select(Row::as_select())
        .first(c)
        .optional()?;
    row.map(read).transpose()
}

/// The user with this login, in whatever case.
pub fn find_by_login(c: &mut AnyConnection, login: &str) -> Result<Option<User>, StoreError> {
    let row: Option<Row> = users::table
        .filter(users::login_folded.eq(fold(login)))
        .filter(users::deleted_at.is_null())
        .select(Row::as_select())
        .first(c)
        .optional()?;
    row.map(read).transpose()
}

/// The user with this login, in whatever case, and their password as it is kept.
pub fn find_sign_in(
    c: &mut AnyConnection,
    login: &str,
) -> Result<Option<(User, PasswordHash)>, StoreError> {
    let row: Option<(Row, String, bool)> = users::table
        .filter(users::login_folded.eq(fold(login)))
        .filter(users::deleted_at.is_null())
        .select((
            Row::as_select(),
            users::password_hash,
            users::password_temporary,
        ))
        .first(c)
        .optional()?;
    let Some((row, hash, temporary)) = row else {
        return Ok(None);
    };
    let user = read(row)?;
    let ends_at = user.password_ends_at;
    let password = PasswordHash {
        hash,
        temporary,
        ends_at,
    };
    Ok(Some((user, password)))
}

/// The password of a living user, as it is kept.
pub fn find_password(
    c: &mut AnyConnection,
    id: UserId,
) -> Result<Option<PasswordHash>, StoreError> {
    let row: Option<(String, bool, Option<i64>)> = users::table
        .filter(users::id.eq(id.to_string()))
        .filter(users::deleted_at.is_null())
        .select((
            users::password_hash,
            users::password_temporary,
            users::password_ends_at,
        ))
        .first(c)
        .optional()?;
    Ok(row.map(|(hash, temporary, ends_at)| PasswordHash {
        hash,
        temporary,
        ends_at: ends_at.map(Timestamp::from_millis),
    }))
}

/// The user, if they are in this list.
pub fn find_in_list(
    c: &mut AnyConnection,
    list: UserListId,
    id: UserId,
) -> Result<Option<User>, StoreError> {
    let row: Option<Row> = users::table
        .filter(users::id.eq(id.to_string()))
        .filter(users::user_list_id.eq(list.to_string()))
        .filter(users::deleted_at.is_null())
        .select(Row::as_select())
        .first(c)
        .optional()?;
    row.map(read).transpose()
}

windowed! {
    /// Part of the wanted users, by login.
    list(users::login_folded, users::id) -> User
}

/// How many users the lists of this space have together.
pub fn count_in_space(c: &mut AnyConnection, space: SpaceId) -> Result<i64, StoreError> {
    Ok(users::table
        .inner_join(user_lists::table)
        .filter(user_lists::space_id.eq(space.to_string()))
        .filter(user_lists::deleted_at.is_null())
        .filter(users::deleted_at.is_null())
        .count()
        .get_result(c)?)
}

/// Every user, by login.
pub fn list_all(c: &mut AnyConnection) -> Result<Vec<User>, StoreError> {
    let rows: Vec<Row> = users::table
        .filter(users::deleted_at.is_null())
        .order(users::login_folded)
        .select(Row::as_select())
        .load(c)?;
    rows.into_iter().map(read).collect()
}

/// The login of each of these users that lives.
pub fn list_logins(
    c: &mut AnyConnection,
    ids: &[UserId],
) -> Result<HashMap<String, String>, StoreError> {
    let rows: Vec<(String, String)> = users::table
        .filter(users::id.eq_any(ids.iter().map(UserId::to_string)))
        .filter(users::deleted_at.is_null())
        .select((users::id, users::login))
        .load(c)?;
    Ok(rows.into_iter().collect())
}

/// How many administrators could sign in now, besides `except`.
pub fn count_administrators_besides(
    c: &mut AnyConnection,
    except: UserId,
) -> Result<i64, StoreError> {
    Ok(users::table
        .filter(users::role.eq(Role::Administrator.as_str()))
        .filter(users::deleted_at.is_null())
        .filter(users::disabled_at.is_null())
        .filter(users::id.ne(except.to_string()))
        .count()
        .get_result(c)?)
}

/// Writes what can be changed of a user by themselves: how they are shown and reached, and the role.
pub fn update(c: &mut AnyConnection, user: &User) -> Result<(), StoreError> {
    diesel::update(users::table.find(user.id.to_string()))
        .set((
            users::presentation.eq(&user.presentation),
            users::email.eq(&user.email),
            users::phone.eq(&user.phone),
            users::search.eq(search_text(user)),
            users::role.eq(user.role.as_str()),
        ))
        .execute(c)?;
    Ok(())
}

/// Switches a user off, or on again; either way what was issued so far ends.
pub fn update_disabled(
    c: &mut AnyConnection,
    id: UserId,
    disabled: Option<Disabled>,
    generation: i64,
) -> Result<(), StoreError> {
    diesel::update(users::table.find(id.to_string()))
        .set((
            users::disabled_at.eq(disabled.map(|d| d.at.millis())),
            users::disabled_by.eq(disabled.map(|d| d.by.as_str())),
            users::generation.eq(generation),
        ))
        .execute(c)?;
    Ok(())
}

pub fn update_password(
    c: &mut AnyConnection,
    id: UserId,
    password: &PasswordHash,
) -> Result<(), StoreError> {
    diesel::update(users::table.find(id.to_string()))
        .set((
            users::password_hash.eq(&password.hash),
            users::password_temporary.eq(password.temporary),
            users::password_ends_at.eq(password.ends_at.map(Timestamp::millis)),
        ))
        .execute(c)?;
    Ok(())
}

/// The columns that were folded, of every user who lives, the oldest first.
pub fn list_folded(c: &mut AnyConnection) -> Result<Vec<(User, String)>, StoreError> {
    let rows: Vec<(Row, String)> = users::table
        .filter(users::deleted_at.is_null())
        .order((users::created_at, users::id))
        .select((Row::as_select(), users::login_folded))
        .load(c)?;
    rows.into_iter()
        .map(|(row, folded)| Ok((read(row)?, folded)))
        .collect()
}

/// Writes a user's login, and all that is folded of them.
pub fn update_login(c: &mut AnyConnection, user: &User) -> Result<(), StoreError> {
    diesel::update(users::table.find(user.id.to_string()))
        .set((
            users::login.eq(&user.login),
            users::login_folded.eq(fold(&user.login)),
            users::search.eq(search_text(user)),
        ))
        .execute(c)?;
    Ok(())
}

/// Deletes a user: the id stays taken, what was known of the person goes.
pub fn delete(
    c: &mut AnyConnection,
    id: UserId,
    now: Timestamp,
    generation: i64,
) -> Result<(), StoreError> {
    diesel::update(users::table.find(id.to_string()))
        .set((
            users::login.eq(""),
            users::login_folded.eq(format!("#{id}")),
            users::presentation.eq(""),
            users::email.eq(None::<String>),
            users::phone.eq(None::<String>),
            users::search.eq(""),
            users::password_hash.eq(""),
            users::generation.eq(generation),
            users::deleted_at.eq(now.millis()),
        ))
        .execute(c)?;
    Ok(())
}

fn wanted_ones<'a>(wanted: &Wanted) -> users::BoxedQuery<'a, MultiBackend> {
    let mut query = users::table
        .filter(users::deleted_at.is_null())
        .into_boxed();
    if let Some(list) = wanted.user_list {
        query = query.filter(users::user_list_id.eq(list.to_string()));
    }
    if let Some(only) = wanted.only {
        query = query.filter(users::id.eq(only.to_string()));
    }
    if let Some(search) = &wanted.search {
        query = query.filter(users::search.like(containing(search)).escape('\\'));
    }
    query
}

/// What a search looks through. The parts do not run into each other: none holds a line feed.
fn search_text(user: &User) -> String {
    let email = user.email.as_deref().unwrap_or_default();
    let phone = user.phone.as_deref().unwrap_or_default();
    fold(&format!(
        "{}\n{}\n{email}\n{phone}",
        user.login, user.presentation
    ))
}

fn read(row: Row) -> Result<User, StoreError> {
    let wrong = || broken("users", &row.id);
    Ok(User {
        id: UserId::parse(&row.id).ok_or_else(wrong)?,
        user_list_id: UserListId::parse(&row.user_list_id).ok_or_else(wrong)?,
        role: Role::parse(&row.role).ok_or_else(wrong)?,
        login: row.login,
        presentation: row.presentation,
        email: row.email,
        phone: row.phone,
        disabled: read_disabled(row.disabled_at, row.disabled_by.as_deref()),
        generation: row.generation,
        created_at: Timestamp::from_millis(row.created_at),
        password_ends_at: row.password_ends_at.map(Timestamp::from_millis),
    })
}

/// The two columns that say since when and by whose hand something is disabled.
pub(super) fn read_disabled(at: Option<i64>, by: Option<&str>) -> Option<Disabled> {
    at.map(|at| Disabled {
        at: Timestamp::from_millis(at),
        by: by.map_or(ActorKind::Administrator, ActorKind::parse),
    })
}
