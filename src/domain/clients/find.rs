//! Clients found and listed: those that whoever asks may see. Another's is as good as none.

use crate::domain::authority::Reach;
use crate::domain::lists::{check_search, check_whole};
use crate::domain::{Authority, DomainError};
use crate::model::client::Client;
use crate::model::ids::{ClientId, UserId, UserListId};
use crate::model::page::{WHOLE_LIST, Window};
use crate::model::user::User;
use crate::store::clients::{Wanted, Whose};
use crate::store::{AnyConnection, clients, users};

/// The client with this id.
pub fn find(
    c: &mut AnyConnection,
    authority: &Authority,
    id: &ClientId,
) -> Result<Client, DomainError> {
    let whose = match authority.reach {
        Reach::Everything => Whose::Any,
        Reach::Own { user, .. } => Whose::User(user),
    };
    clients::find(c, id, whose)?.ok_or(DomainError::NotFound("client"))
}

/// An access key of this user of this list.
pub fn find_key(
    c: &mut AnyConnection,
    authority: &Authority,
    (list, user): (UserListId, UserId),
    id: &ClientId,
) -> Result<Client, DomainError> {
    let owner = find_owner(c, authority, (list, user))?;
    let key = clients::find(c, id, Whose::User(owner.id))?;
    key.ok_or(DomainError::NotFound("access key"))
}

/// A service client.
pub fn find_service(
    c: &mut AnyConnection,
    authority: &Authority,
    id: &ClientId,
) -> Result<Client, DomainError> {
    let found = match authority.reach {
        Reach::Everything => clients::find(c, id, Whose::Nobody)?,
        Reach::Own { .. } => None,
    };
    found.ok_or(DomainError::NotFound("service client"))
}

/// The user of this list whose access keys are meant.
pub fn find_owner(
    c: &mut AnyConnection,
    authority: &Authority,
    (list, user): (UserListId, UserId),
) -> Result<User, DomainError> {
    let found = match authority.reaches_user(user) {
        true => users::find(c, user)?,
        false => None,
    };
    let found = found.filter(|found| found.user_list_id == list);
    found.ok_or(DomainError::NotFound("user"))
}

/// Part of a user's access keys, oldest first, and how many there are: those with `search` in their
/// name or id, or all.
pub fn list_keys(
    c: &mut AnyConnection,
    authority: &Authority,
    owner: (UserListId, UserId),
    search: Option<String>,
    window: Window,
) -> Result<(Vec<Client>, i64), DomainError> {
    check_search(search.as_deref())?;
    let owner = find_owner(c, authority, owner)?;
    let whose = Whose::User(owner.id);
    list(c, &Wanted { whose, search }, window)
}

/// Part of the service clients, oldest first, and how many there are: those with `search` in their
/// name, description or id, or all. A member sees none.
pub fn list_services(
    c: &mut AnyConnection,
    authority: &Authority,
    search: Option<String>,
    window: Window,
) -> Result<(Vec<Client>, i64), DomainError> {
    check_search(search.as_deref())?;
    match authority.reach {
        Reach::Everything => {
            let whose = Whose::Nobody;
            list(c, &Wanted { whose, search }, window)
        }
        Reach::Own { .. } => Ok((Vec::new(), 0)),
    }
}

fn list(
    c: &mut AnyConnection,
    wanted: &Wanted,
    window: Window,
) -> Result<(Vec<Client>, i64), DomainError> {
    if window == Window::Whole {
        check_whole(clients::are_more_than(c, wanted, WHOLE_LIST)?)?;
    }
    let found = clients::list(c, wanted, window)?;
    let total = match window {
        Window::Whole => i64::try_from(found.len()).unwrap_or(i64::MAX),
        Window::Page { .. } => clients::count(c, wanted)?,
    };
    Ok((found, total))
}
