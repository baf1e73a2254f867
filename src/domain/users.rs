//! Users: made, listed, read, switched off and on, given a password, deleted.
//!
//! Whoever acts on an administrator, or makes one, has every scope; so nobody becomes one, or ends
//! the only one, by a token for less. Nor does anybody become a person, by what `becoming` names, who
//! can do more than they.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::authority::Reach;
use super::becoming::{check_becomes, viewer};
use super::lists::{check_search, check_whole};
use super::{
    Act, Authority, DomainError, Obstacle, Taken, application_users, clients as client_acts,
    generations, half_sign_ins, second_factor, spaces, user_lists as list_acts, with,
};
use crate::ambient::random_uuid;
use crate::model::audit::ActorKind;
use crate::model::change::Change;
use crate::model::client::Disabled;
use crate::model::ids::{SessionId, UserId, UserListId};
use crate::model::page::{WHOLE_LIST, Window};
use crate::model::scope::{Role, Scope, ScopeSet};
use crate::model::text::tidy;
use crate::model::user::{
    User, check_email, check_login, check_phone, check_presentation, tidy_login,
};
use crate::store::applications::Viewer;
use crate::store::clients::Whose;
pub use crate::store::users::PasswordHash;
use crate::store::users::Wanted;
use crate::store::{AnyConnection, clients, second_factors, sessions, user_lists, users};

/// What a new user is to be.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub login: String,
    /// The login, unless given.
    pub presentation: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub role: Role,
    /// The first list, unless given.
    pub user_list: Option<UserListId>,
}

/// A user, with what else is told of one.
#[derive(Clone, Debug)]
pub struct UserDetails {
    pub user: User,
    /// Whether a code is asked for when they sign in.
    pub second_factor: bool,
    /// The id and name of each of their access keys.
    /// None of them, for those who may not read keys.
    pub keys: Vec<(String, String)>,
}

/// Makes a user, who can do nothing that whoever makes them lacks: the one could become the other.
pub fn create(
    c: &mut AnyConnection,
    act: &Act,
    new: NewUser,
    password: &PasswordHash,
) -> Result<User, DomainError> {
    let password = password.given_at(act.now);
    let user = User {
        password_ends_at: password.ends_at,
        ..draft(c, act, new)?
    };
    users::create(c, &user, &password)?;
    let details = json!({
        "role": user.role.as_str(),
        "user-list-id": user.user_list_id.to_string(),
    });
    record(c, act, &user, "user.created", details)?;
    Ok(user)
}

/// That [`create`] would be refused for nothing now. To hash a password takes time and a place that
/// others wait for, so this is asked before; the act itself asks it again.
pub fn check_can_create(c: &mut AnyConnection, act: &Act, new: NewUser) -> Result<(), DomainError> {
    draft(c, act, new).map(|_| ())
}

/// A user as [`create`] makes one, without a password.
fn draft(c: &mut AnyConnection, act: &Act, new: NewUser) -> Result<User, DomainError> {
    check_may_write(act)?;
    let login = tidy_login(&new.login);
    check_login(&login).map_err(|e| DomainError::invalid("login", e))?;
    let given = |text: Option<String>| text.map(|text| tidy(&text));
    let (email, phone) = (given(new.email), given(new.phone));
    let presentation = given(new.presentation).unwrap_or_else(|| login.clone());
    check_details(Some(&presentation), email.as_deref(), phone.as_deref())?;
    let list = match new.user_list {
        Some(id) => user_lists::find(c, id)?,
        None => user_lists::find_first(c)?,
    };
    let list = list.ok_or(DomainError::NotFound("user list"))?;
    let who = Viewer {
        user: UserId::new(random_uuid()),
        user_list: list.id,
    };
    check_becomes(c, &act.authority, who, new.role)?;
    if users::find_by_login(c, &login)?.is_some() {
        return Err(DomainError::AlreadyExists(Taken::Login));
    }
    spaces::check_users_quota(c, list.space_id)?;
    Ok(User {
        id: who.user,
        user_list_id: list.id,
        login,
        presentation,
        email,
        phone,
        role: new.role,
        disabled: None,
        generation: 0,
        created_at: act.now,
        password_ends_at: None,
    })
}

/// The user with this login, in whatever case.
pub fn find_by_login(c: &mut AnyConnection, login: &str) -> Result<User, DomainError> {
    users::find_by_login(c, login.trim())?.ok_or(DomainError::NotFound("user"))
}

/// One user of this list. A member finds only themselves.
pub fn find(
    c: &mut AnyConnection,
    authority: &Authority,
    (list, id): (UserListId, UserId),
) -> Result<User, DomainError> {
    let found = match authority.reaches_user(id) {
        true => users::find_in_list(c, list, id)?,
        false => None,
    };
    found.ok_or(DomainError::NotFound("user"))
}

/// The same with what else is told; their keys, as far as whoever asks may read those.
pub fn find_details(
    c: &mut AnyConnection,
    authority: &Authority,
    of: (UserListId, UserId),
) -> Result<UserDetails, DomainError> {
    let user = find(c, authority, of)?;
    let found = details(c, authority, vec![user])?.pop();
    found.ok_or(DomainError::NotFound("user"))
}

/// Part of the users of a list, by login, and how many there are: those with `search` in their login,
/// presentation, email or phone, or all. A member sees only themselves.
pub fn list(
    c: &mut AnyConnection,
    authority: &Authority,
    list: UserListId,
    search: Option<String>,
    window: Window,
) -> Result<(Vec<User>, i64), DomainError> {
    check_search(search.as_deref())?;
    list_acts::find(c, authority, list)?;
    let wanted = Wanted {
        user_list: Some(list),
        only: match authority.reach {
            Reach::Everything => None,
            Reach::Own { user, .. } => Some(user),
        },
        search,
    };
    if window == Window::Whole {
        check_whole(users::are_more_than(c, &wanted, WHOLE_LIST)?)?;
    }
    let found = users::list(c, &wanted, window)?;
    let total = match window {
        Window::Whole => i64::try_from(found.len()).unwrap_or(i64::MAX),
        Window::Page { .. } => users::count(c, &wanted)?,
    };
    Ok((found, total))
}

/// These users with what else is told; their keys, as far as whoever asks may read those.
pub fn details(
    c: &mut AnyConnection,
    authority: &Authority,
    found: Vec<User>,
) -> Result<Vec<UserDetails>, DomainError> {
    let ids: Vec<UserId> = found.iter().map(|user| user.id).collect();
    let mut keys = match authority.scope.contains(Scope::KeysRead) && !ids.is_empty() {
        true => clients::list_names_by_user(c, &ids)?,
        false => HashMap::new(),
    };
    let confirmed = second_factors::list_confirmed(c, &ids)?;
    let detailed = found.into_iter().map(|user| {
        let id = user.id.to_string();
        UserDetails {
            user,
            second_factor: confirmed.contains(&id),
            keys: keys.remove(&id).unwrap_or_default(),
        }
    });
    Ok(detailed.collect())
}

/// Switches a user off: none of their keys gets a token, and what they have is refused here.
pub fn disable(c: &mut AnyConnection, act: &Act, user: &User) -> Result<(), DomainError> {
    check_may_change(act, user)?;
    if user.disabled.is_some() {
        return Ok(());
    }
    keep_an_administrator(c, user)?;
    let by = match act.authority.user() == Some(user.id) {
        true => ActorKind::Owner,
        false => ActorKind::Administrator,
    };
    let disabled = Disabled { at: act.now, by };
    let generation = generations::of_user(c, user)?;
    users::update_disabled(c, user.id, Some(disabled), generation)?;
    sessions::delete_all(c, user.id, None)?;
    record(c, act, user, "user.disabled", json!({}))
}

/// Switches a user on again, with all their keys; tokens issued before stay refused. The person can do
/// all that a key of theirs can, so it is enough to ask what is asked of whoever becomes them.
pub fn enable(c: &mut AnyConnection, act: &Act, user: &User) -> Result<(), DomainError> {
    check_may_change(act, user)?;
    if user.disabled.is_none() {
        return Ok(());
    }
    check_becomes(c, &act.authority, viewer(user), user.role)?;
    let generation = generations::of_user(c, user)?;
    users::update_disabled(c, user.id, None, generation)?;
    record(c, act, user, "user.enabled", json!({}))
}

/// Gives a user another password: whoever knows it can become them, and gains nothing by that.
pub fn set_password(
    c: &mut AnyConnection,
    act: &Act,
    user: &User,
    password: &PasswordHash,
) -> Result<(), DomainError> {
    check_can_set_password(c, act, user)?;
    let password = password.given_at(act.now);
    users::update_password(c, user.id, &password)?;
    half_sign_ins::forget(c, user.id)?;
    sessions::delete_all(c, user.id, None)?;
    let details = json!({"temporary": password.temporary});
    record(c, act, user, "user.password_set", details)
}

/// That [`set_password`] would be refused for nothing now: asked before the password is hashed, too.
pub fn check_can_set_password(
    c: &mut AnyConnection,
    act: &Act,
    user: &User,
) -> Result<(), DomainError> {
    check_may_write(act)?;
    check_becomes(c, &act.authority, viewer(user), user.role)
}

/// Gives whoever acts, in person, another password; their sessions end but for the one that it is
/// done in.
pub fn change_password(
    c: &mut AnyConnection,
    act: &Act,
    keep: SessionId,
    password: &PasswordHash,
) -> Result<(), DomainError> {
    let id = act.authority.user().ok_or(DomainError::NotFound("user"))?;
    let user = users::find(c, id)?.ok_or(DomainError::NotFound("user"))?;
    users::update_password(c, id, password)?;
    half_sign_ins::forget(c, id)?;
    sessions::delete_all(c, id, Some(keep))?;
    record(c, act, &user, "user.password_changed", json!({}))
}

/// Deletes a user and all their access keys.
pub fn delete(c: &mut AnyConnection, act: &Act, user: &User) -> Result<(), DomainError> {
    check_may_change(act, user)?;
    keep_an_administrator(c, user)?;
    for key in clients::list_all(c, Whose::User(user.id))? {
        client_acts::delete(c, act, &key.id)?;
    }
    let mut changed = application_users::forget(c, user.id)?;
    sessions::delete_all(c, user.id, None)?;
    second_factor::forget(c, user.id)?;
    half_sign_ins::forget(c, user.id)?;
    let generation = generations::of_user(c, user)?;
    users::delete(c, user.id, act.now, generation)?;
    changed.push(Change::User(user.id));
    let object = ("user", user.id.to_string());
    let details = json!({"login": user.login});
    Ok(act.record(c, &changed, "user.deleted", object, details)?)
}

/// That whoever acts may change this user: an administrator is changed only with every scope.
pub(super) fn check_may_change(act: &Act, user: &User) -> Result<(), DomainError> {
    match user.role {
        Role::Administrator => act.authority.check_acts_on(user.role),
        Role::Member => check_may_write(act),
    }
}

/// How a user is shown and reached, as far as it is given.
pub(super) fn check_details(
    presentation: Option<&str>,
    email: Option<&str>,
    phone: Option<&str>,
) -> Result<(), DomainError> {
    if let Some(presentation) = presentation {
        check_presentation(presentation).map_err(|e| DomainError::invalid("presentation", e))?;
    }
    if let Some(email) = email {
        check_email(email).map_err(|e| DomainError::invalid("email", e))?;
    }
    if let Some(phone) = phone {
        check_phone(phone).map_err(|e| DomainError::invalid("phone", e))?;
    }
    Ok(())
}

fn check_may_write(act: &Act) -> Result<(), DomainError> {
    act.authority.check_has(ScopeSet::of(&[Scope::UsersWrite]))
}

/// Refuses what would leave nobody who can administer.
pub(super) fn keep_an_administrator(c: &mut AnyConnection, user: &User) -> Result<(), DomainError> {
    let is_one = user.role == Role::Administrator && user.disabled.is_none();
    if is_one && users::count_administrators_besides(c, user.id)? == 0 {
        return Err(DomainError::FailedPrecondition(Obstacle::LastAdministrator));
    }
    Ok(())
}

/// Leaves the event behind, with the login: an id alone says nothing to whoever reads the log.
pub(super) fn record(
    c: &mut AnyConnection,
    act: &Act,
    user: &User,
    kind: &'static str,
    more: Value,
) -> Result<(), DomainError> {
    let details = with(json!({"login": user.login}), more);
    let object = ("user", user.id.to_string());
    Ok(act.record(c, &[Change::User(user.id)], kind, object, details)?)
}
