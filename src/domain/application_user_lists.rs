//! The user lists that an application is connected to: their users get tokens for it.

use serde_json::json;

use super::applications::{LISTS, find_to_change, record};
use super::{Act, DomainError, Obstacle};
use crate::model::application::Application;
use crate::model::change::Change;
use crate::model::ids::{ApplicationId, UserListId};
use crate::store::{AnyConnection, StoreError, application_user_lists, applications, user_lists};

/// Connects lists, and answers them: those too that were connected already.
pub fn connect(
    c: &mut AnyConnection,
    act: &Act,
    id: ApplicationId,
    lists: Vec<UserListId>,
) -> Result<Vec<UserListId>, DomainError> {
    check_number(&lists)?;
    let application = find_to_change(c, act, id)?;
    let lists = once_each(lists);
    for list in &lists {
        if user_lists::find(c, *list)?.is_none() {
            return Err(DomainError::invalid("user-lists", "no such user list"));
        }
    }
    let mut new = lists.clone();
    new.retain(|list| !application.user_lists.contains(list));
    if application.user_lists.len() + new.len() > LISTS {
        return Err(DomainError::FailedPrecondition(Obstacle::TooManyLists));
    }
    if !new.is_empty() {
        application_user_lists::create(c, id, &new)?;
        let kind = "application.user_lists_connected";
        record(c, act, &application, kind, json!({"user-lists": new}))?;
    }
    Ok(lists)
}

/// Disconnects lists, and answers those of them that were connected.
pub fn disconnect(
    c: &mut AnyConnection,
    act: &Act,
    id: ApplicationId,
    lists: Vec<UserListId>,
) -> Result<Vec<UserListId>, DomainError> {
    check_number(&lists)?;
    let application = find_to_change(c, act, id)?;
    let mut lists = once_each(lists);
    lists.retain(|list| application.user_lists.contains(list));
    if !lists.is_empty() {
        end(c, act, &application, &lists)?;
    }
    Ok(lists)
}

/// Disconnects one list, which must be connected.
pub fn disconnect_one(
    c: &mut AnyConnection,
    act: &Act,
    id: ApplicationId,
    list: UserListId,
) -> Result<Vec<UserListId>, DomainError> {
    let application = find_to_change(c, act, id)?;
    if !application.user_lists.contains(&list) {
        return Err(DomainError::NotFound("connected user list"));
    }
    end(c, act, &application, &[list])?;
    Ok(vec![list])
}

fn end(
    c: &mut AnyConnection,
    act: &Act,
    application: &Application,
    lists: &[UserListId],
) -> Result<(), DomainError> {
    for list in lists {
        application_user_lists::delete(c, application.id, *list)?;
        applications::update_without_default(c, Some(application.id), *list)?;
    }
    let kind = "application.user_lists_disconnected";
    record(c, act, application, kind, json!({"user-lists": lists}))
}

/// Disconnects a list that is being deleted from every application, and answers what must be read
/// again for it.
pub fn forget(c: &mut AnyConnection, list: UserListId) -> Result<Vec<Change>, StoreError> {
    let uris = application_user_lists::list_uris(c, list)?;
    application_user_lists::delete_of_list(c, list)?;
    applications::update_without_default(c, None, list)?;
    Ok(uris.into_iter().map(Change::Application).collect())
}

fn check_number(lists: &[UserListId]) -> Result<(), DomainError> {
    match lists.len() > LISTS {
        true => Err(DomainError::invalid(
            "user-lists",
            format!("at most {LISTS}"),
        )),
        false => Ok(()),
    }
}

fn once_each(lists: Vec<UserListId>) -> Vec<UserListId> {
    let mut once = Vec::new();
    for list in lists {
        if !once.contains(&list) {
            once.push(list);
        }
    }
    once
}
