//! The users of an application: connected by name, or through their list with a setting of their
//! own; and whether they get tokens for it.

use serde_json::json;

use super::applications::{find, find_to_change, record};
use super::authority::Reach;
use super::lists::{check_search, check_whole};
use super::{Act, Authority, DomainError, Obstacle, Taken};
use crate::model::application::{Application, ConnectedUser};
use crate::model::change::Change;
use crate::model::ids::{ApplicationId, UserId, UserListId};
use crate::model::page::{WHOLE_LIST, Window};
use crate::model::text::tidy;
use crate::model::user::{User, check_presentation};
use crate::store::application_users::Wanted;
use crate::store::{AnyConnection, StoreError, application_users, users};

/// How many users one application can have by name.
pub const NAMED_USERS: i64 = 10_000;
/// How many it can have by name or with a setting of their own, together: whoever asks for a token
/// for it has all of them in memory.
pub const USERS: i64 = 20_000;

/// Which user of which list, and what the application is to call them.
#[derive(Clone, Debug)]
pub struct NewConnection {
    pub user_list: UserListId,
    pub user: UserId,
    pub presentation: String,
}

/// Part of an application's users, and how many there are: those connected by name, and those
/// connected through their list who have a setting of their own. A member finds only themselves.
pub fn list(
    c: &mut AnyConnection,
    authority: &Authority,
    id: ApplicationId,
    search: Option<String>,
    window: Window,
) -> Result<(Vec<ConnectedUser>, i64), DomainError> {
    check_search(search.as_deref())?;
    find(c, authority, id)?;
    let wanted = Wanted {
        application: id,
        user: match authority.reach {
            Reach::Everything => None,
            Reach::Own { user, .. } => Some(user),
        },
        search,
    };
    if window == Window::Whole {
        check_whole(application_users::are_more_than(c, &wanted, WHOLE_LIST)?)?;
    }
    let found = application_users::list(c, &wanted, window)?;
    let total = match window {
        Window::Whole => i64::try_from(found.len()).unwrap_or(i64::MAX),
        Window::Page { .. } => application_users::count(c, &wanted)?,
    };
    Ok((found, total))
}

/// Connects a user by name, with token access.
pub fn connect(
    c: &mut AnyConnection,
    act: &Act,
    id: ApplicationId,
    new: NewConnection,
) -> Result<ConnectedUser, DomainError> {
    let presentation = tidy(&new.presentation);
    check_presentation(&presentation).map_err(|e| DomainError::invalid("presentation", e))?;
    let application = find_to_change(c, act, id)?;
    let user = find_user(c, new.user_list, new.user)?;
    let user = user.ok_or_else(no_such_user)?;
    let kept = application_users::find(c, id, user.id)?;
    if kept.as_ref().is_some_and(|kept| kept.by_name) {
        return Err(DomainError::AlreadyExists(Taken::Connection));
    }
    if application_users::count_named(c, id)? >= NAMED_USERS {
        return Err(DomainError::FailedPrecondition(Obstacle::TooManyNamedUsers));
    }
    // A setting counts only for one who is connected; a forgotten one does not come back this way.
    let is_admin = kept.as_ref().is_some_and(|kept| kept.is_admin);
    let connected = ConnectedUser {
        user_id: user.id,
        user_list_id: user.user_list_id,
        by_name: true,
        presentation,
        is_admin: is_admin && application.user_lists.contains(&user.user_list_id),
        token_access: true,
        connected_at: act.now,
    };
    keep(c, id, kept.is_some(), &connected, &user.login)?;
    record_user(
        c,
        act,
        &application,
        &connected,
        "application.user_connected",
    )?;
    Ok(connected)
}

/// Whether [`connect`] would do so now.
pub fn can_connect(
    c: &mut AnyConnection,
    authority: &Authority,
    id: ApplicationId,
    new: &NewConnection,
) -> Result<bool, DomainError> {
    check_presentation(&tidy(&new.presentation))
        .map_err(|e| DomainError::invalid("presentation", e))?;
    let application = find(c, authority, id)?;
    if application.deleted_at.is_some() || find_user(c, new.user_list, new.user)?.is_none() {
        return Ok(false);
    }
    Ok(match application_users::find(c, id, new.user)? {
        Some(kept) if kept.by_name => false,
        Some(_) => application_users::count_named(c, id)? < NAMED_USERS,
        None => application_users::count_named(c, id)? < NAMED_USERS && has_room(c, id)?,
    })
}

/// Gives or takes a connected user's token access.
pub fn change_token_access(
    c: &mut AnyConnection,
    act: &Act,
    id: ApplicationId,
    (list, user): (UserListId, UserId),
    enable: bool,
) -> Result<ConnectedUser, DomainError> {
    let application = find_to_change(c, act, id)?;
    let user = find_user(c, list, user)?.ok_or_else(no_such_user)?;
    let Some((was_kept, before)) = find_connected(c, act, &application, &user)? else {
        return Err(DomainError::FailedPrecondition(Obstacle::NotConnected));
    };
    let after = ConnectedUser {
        token_access: enable,
        ..before.clone()
    };
    if after == before {
        return Ok(before);
    }
    keep(c, id, was_kept, &after, &user.login)?;
    let kind = match enable {
        true => "application.token_access_enabled",
        false => "application.token_access_disabled",
    };
    record_user(c, act, &application, &after, kind)?;
    Ok(after)
}

/// Records whether a connected user administers the application; no right here comes of it.
pub fn set_admin(
    c: &mut AnyConnection,
    act: &Act,
    id: ApplicationId,
    (list, user): (UserListId, UserId),
    is_admin: bool,
) -> Result<ConnectedUser, DomainError> {
    let application = find_to_change(c, act, id)?;
    let user = find_user(c, list, user)?.ok_or_else(not_found)?;
    let (was_kept, before) = find_connected(c, act, &application, &user)?.ok_or_else(not_found)?;
    let after = ConnectedUser {
        is_admin,
        ..before.clone()
    };
    if after == before {
        return Ok(before);
    }
    keep(c, id, was_kept, &after, &user.login)?;
    record_user(c, act, &application, &after, "application.user_changed")?;
    Ok(after)
}

/// Sees to it that a connected user gets no token: ends the connection by name, and leaves one who
/// is connected through their list too without token access, until they are connected again.
pub fn disconnect(
    c: &mut AnyConnection,
    act: &Act,
    id: ApplicationId,
    (list, user): (UserListId, UserId),
) -> Result<(), DomainError> {
    let application = find_to_change(c, act, id)?;
    let user = find_user(c, list, user)?.ok_or_else(not_found)?;
    let (was_kept, before) = find_connected(c, act, &application, &user)?.ok_or_else(not_found)?;
    if application.user_lists.contains(&before.user_list_id) {
        let after = ConnectedUser {
            by_name: false,
            is_admin: false,
            token_access: false,
            ..before.clone()
        };
        if after == before {
            return Ok(());
        }
        keep(c, id, was_kept, &after, &user.login)?;
    } else {
        application_users::delete(c, id, before.user_id)?;
    }
    record_user(
        c,
        act,
        &application,
        &before,
        "application.user_disconnected",
    )
}

/// Forgets a user who is being deleted beside every application, and answers what must be read
/// again for it.
pub(super) fn forget(c: &mut AnyConnection, user: UserId) -> Result<Vec<Change>, StoreError> {
    let uris = application_users::list_uris(c, user)?;
    application_users::delete_of_user(c, user)?;
    Ok(uris.into_iter().map(Change::Application).collect())
}

/// What holds for a user who is connected, and whether it is kept in a row of their own.
fn find_connected(
    c: &mut AnyConnection,
    act: &Act,
    application: &Application,
    user: &User,
) -> Result<Option<(bool, ConnectedUser)>, DomainError> {
    let through_list = application.user_lists.contains(&user.user_list_id);
    Ok(match application_users::find(c, application.id, user.id)? {
        Some(kept) => (kept.by_name || through_list).then_some((true, kept)),
        None => through_list.then(|| {
            let connected = ConnectedUser {
                user_id: user.id,
                user_list_id: user.user_list_id,
                by_name: false,
                presentation: user.presentation.clone(),
                is_admin: false,
                token_access: true,
                connected_at: act.now,
            };
            (false, connected)
        }),
    })
}

fn find_user(
    c: &mut AnyConnection,
    list: UserListId,
    user: UserId,
) -> Result<Option<User>, DomainError> {
    let found = users::find(c, user)?;
    Ok(found.filter(|user| user.user_list_id == list))
}

fn no_such_user() -> DomainError {
    DomainError::invalid("user-id", "no such user in this list")
}

/// Nobody who is connected has this name in the path.
fn not_found() -> DomainError {
    DomainError::NotFound("connected user")
}

fn keep(
    c: &mut AnyConnection,
    id: ApplicationId,
    was_kept: bool,
    user: &ConnectedUser,
    login: &str,
) -> Result<(), DomainError> {
    if was_kept {
        return Ok(application_users::update(c, id, user)?);
    }
    check_room(c, id)?;
    Ok(application_users::create(c, id, user, login)?)
}

/// Whether one more user can have a row of their own beside the application.
fn has_room(c: &mut AnyConnection, id: ApplicationId) -> Result<bool, StoreError> {
    let wanted = Wanted {
        application: id,
        user: None,
        search: None,
    };
    Ok(!application_users::are_more_than(c, &wanted, USERS - 1)?)
}

fn check_room(c: &mut AnyConnection, id: ApplicationId) -> Result<(), DomainError> {
    match has_room(c, id)? {
        true => Ok(()),
        false => Err(DomainError::FailedPrecondition(Obstacle::TooManyUsers)),
    }
}

fn record_user(
    c: &mut AnyConnection,
    act: &Act,
    application: &Application,
    user: &ConnectedUser,
    kind: &'static str,
) -> Result<(), DomainError> {
    let more = json!({
        "user-id": user.user_id,
        "user-list-id": user.user_list_id,
        "is-admin": user.is_admin,
        "token-access-enabled": user.token_access,
    });
    record(c, act, application, kind, more)
}
