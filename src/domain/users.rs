//! Users: made, switched off and on, given a password, deleted.

use serde_json::{Value, json};

use super::{Act, DomainError, application_users, clients as client_acts, second_factor};
use crate::ambient::random_uuid;
use crate::model::audit::ActorKind;
use crate::model::change::Change;
use crate::model::client::Disabled;
use crate::model::ids::{SessionId, UserId, UserListId};
use crate::model::scope::Role;
use crate::model::user::{User, check_login, check_presentation};
use crate::store::clients::Whose;
use crate::store::users::PasswordHash;
use crate::store::{AnyConnection, clients, sessions, user_lists, users};

/// What a new user is to be.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub login: String,
    /// The login, unless given.
    pub presentation: Option<String>,
    pub role: Role,
    /// The first list, unless given.
    pub user_list: Option<UserListId>,
}

/// Makes a user.
pub fn create(
    c: &mut AnyConnection,
    act: &Act,
    new: NewUser,
    password: &PasswordHash,
) -> Result<User, DomainError> {
    check_login(&new.login).map_err(|e| DomainError::invalid("login", e))?;
    let presentation = new.presentation.unwrap_or_else(|| new.login.clone());
    check_presentation(&presentation).map_err(|e| DomainError::invalid("presentation", e))?;
    let list = match new.user_list {
        Some(id) => user_lists::find(c, id)?,
        None => user_lists::find_first(c)?,
    };
    let list = list.ok_or(DomainError::NotFound("user list"))?;
    if users::find_by_login(c, &new.login)?.is_some() {
        return Err(DomainError::AlreadyExists(
            "there is a user with this login already".to_owned(),
        ));
    }
    let user = User {
        id: UserId::new(random_uuid()),
        user_list_id: list.id,
        login: new.login,
        presentation,
        email: None,
        phone: None,
        role: new.role,
        disabled: None,
        generation: 0,
        created_at: act.now,
    };
    users::create(c, &user, password)?;
    let details = json!({
        "login": user.login,
        "role": user.role.as_str(),
        "user-list-id": list.id.to_string(),
    });
    record(c, act, &user, "user.created", details)?;
    Ok(user)
}

/// The user with this login, in whatever case.
pub fn find_by_login(c: &mut AnyConnection, login: &str) -> Result<User, DomainError> {
    users::find_by_login(c, login)?.ok_or(DomainError::NotFound("user"))
}

/// Switches a user off: none of their keys gets a token, and what they have is refused here.
pub fn disable(c: &mut AnyConnection, act: &Act, user: &User) -> Result<(), DomainError> {
    if user.disabled.is_some() {
        return Ok(());
    }
    keep_an_administrator(c, user)?;
    let disabled = Disabled {
        at: act.now,
        by: ActorKind::Administrator,
    };
    users::update_disabled(c, user.id, Some(disabled))?;
    sessions::delete_all(c, user.id, None)?;
    record(c, act, user, "user.disabled", json!({}))
}

/// Switches a user on again; tokens issued before stay refused.
pub fn enable(c: &mut AnyConnection, act: &Act, user: &User) -> Result<(), DomainError> {
    if user.disabled.is_none() {
        return Ok(());
    }
    users::update_disabled(c, user.id, None)?;
    record(c, act, user, "user.enabled", json!({}))
}

/// Gives a user another password.
pub fn set_password(
    c: &mut AnyConnection,
    act: &Act,
    user: &User,
    password: &PasswordHash,
) -> Result<(), DomainError> {
    users::update_password(c, user.id, password)?;
    sessions::delete_all(c, user.id, None)?;
    let details = json!({"temporary": password.temporary});
    record(c, act, user, "user.password_set", details)
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
    sessions::delete_all(c, id, Some(keep))?;
    record(c, act, &user, "user.password_changed", json!({}))
}

/// Deletes a user and all their access keys.
pub fn delete(c: &mut AnyConnection, act: &Act, user: &User) -> Result<(), DomainError> {
    keep_an_administrator(c, user)?;
    for key in clients::list_all(c, Whose::User(user.id))? {
        client_acts::delete(c, act, &key.id)?;
    }
    let mut changed = application_users::forget(c, user.id)?;
    sessions::delete_all(c, user.id, None)?;
    second_factor::forget(c, user.id)?;
    users::delete(c, user.id, act.now)?;
    changed.push(Change::User(user.id));
    let object = ("user", user.id.to_string());
    let details = json!({"login": user.login});
    Ok(act.record(c, &changed, "user.deleted", object, details)?)
}

/// Refuses what would leave nobody who can administer.
fn keep_an_administrator(c: &mut AnyConnection, user: &User) -> Result<(), DomainError> {
    let is_one = user.role == Role::Administrator && user.disabled.is_none();
    if is_one && users::count_administrators_besides(c, user.id)? == 0 {
        return Err(DomainError::FailedPrecondition(
            "this is the last administrator: make another one first".to_owned(),
        ));
    }
    Ok(())
}

fn record(
    c: &mut AnyConnection,
    act: &Act,
    user: &User,
    kind: &'static str,
    details: Value,
) -> Result<(), DomainError> {
    let object = ("user", user.id.to_string());
    Ok(act.record(c, &[Change::User(user.id)], kind, object, details)?)
}
