//! Users of every list, for the administration.

use std::collections::HashMap;

use super::authority::Reach;
use super::lists::check_search;
use super::{Authority, DomainError};
use crate::model::ids::UserId;
use crate::model::page::Window;
use crate::model::user::User;
use crate::store::AnyConnection;
use crate::store::users::{self, Wanted};

/// One user, of whatever list. A member finds only themselves.
pub fn find(c: &mut AnyConnection, authority: &Authority, id: UserId) -> Result<User, DomainError> {
    let found = match authority.reaches_user(id) {
        true => users::find(c, id)?,
        false => None,
    };
    found.ok_or(DomainError::NotFound("user"))
}

/// Part of all users, by login, and how many there are: those with `search` in their login,
/// presentation, email or phone, or all. A member sees only themselves.
pub fn list(
    c: &mut AnyConnection,
    authority: &Authority,
    search: Option<String>,
    window: Window,
) -> Result<(Vec<User>, i64), DomainError> {
    check_search(search.as_deref())?;
    let wanted = Wanted {
        user_list: None,
        only: match authority.reach {
            Reach::Everything => None,
            Reach::Own { user, .. } => Some(user),
        },
        search,
    };
    Ok((users::list(c, &wanted, window)?, users::count(c, &wanted)?))
}

/// What these users sign in with, under their ids; of those who are, and who may be seen.
pub fn logins(
    c: &mut AnyConnection,
    authority: &Authority,
    ids: &[UserId],
) -> Result<HashMap<String, String>, DomainError> {
    let seen = ids.iter().filter(|id| authority.reaches_user(**id));
    let seen: Vec<UserId> = seen.copied().collect();
    match seen.is_empty() {
        true => Ok(HashMap::new()),
        false => Ok(users::list_logins(c, &seen)?),
    }
}
