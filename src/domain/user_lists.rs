//! User lists: made, listed, read, deleted.

use serde_json::json;

use super::authority::Reach;
use super::lists::{check_search, check_whole};
use super::{Act, Authority, DomainError, Obstacle, application_user_lists};
use crate::ambient::random_uuid;
use crate::model::change::Change;
use crate::model::ids::{SpaceId, UserListId};
use crate::model::page::{WHOLE_LIST, Window};
use crate::model::scope::{Scope, ScopeSet};
use crate::model::text::tidy;
use crate::model::user_list::{SelfRegistration, UserList, check_list_presentation};
use crate::store::user_lists::Wanted;
use crate::store::{AnyConnection, spaces, user_lists, users};

/// What a new list is to be.
#[derive(Clone, Default, Debug)]
pub struct NewUserList {
    pub presentation: String,
    pub space_id: Option<SpaceId>,
    pub include_personal_data: bool,
    pub self_registration: SelfRegistration,
}

/// Makes a list.
pub fn create(c: &mut AnyConnection, act: &Act, new: NewUserList) -> Result<UserList, DomainError> {
    check_may_write(act)?;
    let presentation = tidy(&new.presentation);
    check_list_presentation(&presentation).map_err(|e| DomainError::invalid("presentation", e))?;
    if let Some(space) = new.space_id
        && spaces::find(c, space)?.is_none()
    {
        return Err(DomainError::invalid("space-id", "no such space"));
    }
    let list = UserList {
        id: UserListId::new(random_uuid()),
        presentation,
        space_id: new.space_id,
        include_personal_data: new.include_personal_data,
        self_registration: new.self_registration,
        created_at: act.now,
    };
    user_lists::create(c, &list)?;
    let details = json!({"presentation": list.presentation, "space-id": list.space_id});
    record(c, act, &list, &[], "user_list.created", details)?;
    Ok(list)
}

/// One list. A member finds only their own.
pub fn find(
    c: &mut AnyConnection,
    authority: &Authority,
    id: UserListId,
) -> Result<UserList, DomainError> {
    let found = match authority.reaches_list(id) {
        true => user_lists::find(c, id)?,
        false => None,
    };
    let list = found.ok_or(DomainError::NotFound("user list"))?;
    Ok(as_seen(authority, list))
}

/// The one list that `text` names: by its id, or by its presentation in whatever case; nothing if there
/// is none, or several are called so.
pub fn find_named(
    c: &mut AnyConnection,
    authority: &Authority,
    text: &str,
) -> Result<Option<UserList>, DomainError> {
    if let Some(id) = UserListId::parse(text) {
        return match find(c, authority, id) {
            Err(DomainError::NotFound(_)) => Ok(None),
            found => found.map(Some),
        };
    }
    let called = user_lists::list_called(c, text.trim(), 2)?;
    let mut seen = called
        .into_iter()
        .filter(|list| authority.reaches_list(list.id));
    let found = seen.next().filter(|_| seen.next().is_none());
    Ok(found.map(|list| as_seen(authority, list)))
}

/// Part of the lists that may be seen, and how many there are: those with `search` in their
/// presentation, or all. A member sees their own.
pub fn list(
    c: &mut AnyConnection,
    authority: &Authority,
    search: Option<String>,
    window: Window,
) -> Result<(Vec<UserList>, i64), DomainError> {
    check_search(search.as_deref())?;
    let wanted = Wanted {
        only: match authority.reach {
            Reach::Everything => None,
            Reach::Own { user_list, .. } => Some(user_list),
        },
        search,
    };
    if window == Window::Whole {
        check_whole(user_lists::are_more_than(c, &wanted, WHOLE_LIST)?)?;
    }
    let found = user_lists::list(c, &wanted, window)?;
    let total = match window {
        Window::Whole => i64::try_from(found.len()).unwrap_or(i64::MAX),
        Window::Page { .. } => user_lists::count(c, &wanted)?,
    };
    let seen = found.into_iter().map(|list| as_seen(authority, list));
    Ok((seen.collect(), total))
}

/// Deletes a list that nobody is in, and disconnects it from every application. One list stays, for
/// those who are made without naming one.
pub fn delete(c: &mut AnyConnection, act: &Act, id: UserListId) -> Result<(), DomainError> {
    check_may_write(act)?;
    let list = find(c, &act.authority, id)?;
    let everybody = users::Wanted {
        user_list: Some(id),
        only: None,
        search: None,
    };
    if users::are_more_than(c, &everybody, 0)? {
        return Err(DomainError::FailedPrecondition(Obstacle::ListHasUsers));
    }
    let every = Wanted {
        only: None,
        search: None,
    };
    if !user_lists::are_more_than(c, &every, 1)? {
        return Err(DomainError::FailedPrecondition(Obstacle::LastList));
    }
    let changed = application_user_lists::forget(c, id)?;
    user_lists::delete(c, id, act.now)?;
    let details = json!({"presentation": list.presentation});
    record(c, act, &list, &changed, "user_list.deleted", details)
}

/// The list as far as it is shown to whoever asks: a member sees no space.
fn as_seen(authority: &Authority, mut list: UserList) -> UserList {
    if authority.reach != Reach::Everything {
        list.space_id = None;
    }
    list
}

fn check_may_write(act: &Act) -> Result<(), DomainError> {
    act.authority.check_has(ScopeSet::of(&[Scope::UsersWrite]))
}

fn record(
    c: &mut AnyConnection,
    act: &Act,
    list: &UserList,
    changed: &[Change],
    kind: &'static str,
    details: serde_json::Value,
) -> Result<(), DomainError> {
    let object = ("user_list", list.id.to_string());
    Ok(act.record(c, changed, kind, object, details)?)
}
