//! What is changed of a user by somebody who may: how they are shown and reached, the role, whether
//! they are switched on.

use serde_json::json;

use super::becoming::{check_becomes, viewer};
use super::users::{
    check_details, check_may_change, disable, enable, find, keep_an_administrator, record,
};
use super::{Act, DomainError, sessions};
use crate::model::ids::{UserId, UserListId};
use crate::model::scope::Role;
use crate::model::text::tidy;
use crate::model::user::User;
use crate::store::{AnyConnection, users};

/// What is to become of a user; what is absent stays.
#[derive(Clone, Default, Debug)]
pub struct UserUpdate {
    pub presentation: Option<String>,
    /// `Some(None)` leaves the user without one.
    pub email: Option<Option<String>>,
    /// `Some(None)` leaves the user without one.
    pub phone: Option<Option<String>>,
    pub role: Option<Role>,
    pub active: Option<bool>,
}

/// Changes what is given, and answers what stands then. Tokens are cut by the role as it is now, so a
/// demotion needs no more than this.
pub fn update(
    c: &mut AnyConnection,
    act: &Act,
    of: (UserListId, UserId),
    update: UserUpdate,
) -> Result<User, DomainError> {
    let given = |text: String| tidy(&text);
    let update = UserUpdate {
        presentation: update.presentation.map(given),
        email: update.email.map(|email| email.map(given)),
        phone: update.phone.map(|phone| phone.map(given)),
        ..update
    };
    check_details(
        update.presentation.as_deref(),
        update.email.as_ref().and_then(Option::as_deref),
        update.phone.as_ref().and_then(Option::as_deref),
    )?;
    let before = find(c, &act.authority, of)?;
    check_may_change(act, &before)?;
    let mut after = before.clone();
    after.presentation = update.presentation.unwrap_or(after.presentation);
    after.email = update.email.unwrap_or(after.email);
    after.phone = update.phone.unwrap_or(after.phone);
    after.role = update.role.unwrap_or(after.role);
    if after.role != before.role {
        change_role(c, act, &before, &after)?;
    }
    let changed = changed(&before, &after);
    if !changed.is_empty() {
        users::update(c, &after)?;
        // Not what it became: the log would keep of a person what a deletion forgets.
        let details = json!({"changed": changed});
        record(c, act, &after, "user.updated", details)?;
    }
    match update.active {
        None => {}
        Some(true) => enable(c, act, &after)?,
        Some(false) => disable(c, act, &after)?,
    }
    find(c, &act.authority, of)
}

/// Gives a user the role of `after`, and ends their sessions. Whether it makes an administrator or unmakes one, it needs every
/// scope: the one is asked for here, the other was asked for by who the user is.
fn change_role(
    c: &mut AnyConnection,
    act: &Act,
    before: &User,
    after: &User,
) -> Result<(), DomainError> {
    check_becomes(c, &act.authority, viewer(after), after.role)?;
    if after.role != Role::Administrator {
        keep_an_administrator(c, before)?;
    }
    users::update(c, after)?;
    // Whoever is signed in signs in again: nothing that was opened before gets another role.
    sessions::end_all(c, act, after.id, None)?;
    let details = json!({
        "from": before.role.as_str(),
        "to": after.role.as_str(),
    });
    record(c, act, after, "user.role_changed", details)
}

fn changed(before: &User, after: &User) -> Vec<&'static str> {
    [
        ("presentation", before.presentation != after.presentation),
        ("email", before.email != after.email),
        ("phone", before.phone != after.phone),
    ]
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect()
}
