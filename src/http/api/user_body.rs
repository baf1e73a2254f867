//! A user on the wire.

use serde::Serialize;

use crate::model::ids::{UserId, UserListId};
use crate::model::timestamp::Timestamp;
use crate::model::user::User;

/// A user as console clients know one: its keys in the console's order, then ours.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Body<'a> {
    id: UserId,
    login: &'a str,
    presentation: &'a str,
    email: &'a str,
    phone: &'a str,
    email_confirmed: bool,
    phone_confirmed: bool,
    is_active: bool,
    user_list_id: UserListId,
    accounts: [&'static str; 0],
    second_factor_authentication: SecondFactorAuthentication,
    access_tokens: Vec<AccessToken<'a>>,
    esia_account: [&'static str; 0],
    role: &'static str,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    temporary_password_ends_at: Option<Timestamp>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct SecondFactorAuthentication {
    priority_list: [&'static str; 0],
    use_always: bool,
}

/// An access key as console clients know one; its secret is never read back.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct AccessToken<'a> {
    client_id: &'a str,
    description: &'a str,
}

impl<'a> Body<'a> {
    /// The user with these keys, each an id and a name.
    pub fn new(user: &'a User, second_factor: bool, keys: &'a [(String, String)]) -> Self {
        let token = |(client_id, description): &'a (String, String)| AccessToken {
            client_id,
            description,
        };
        Self {
            id: user.id,
            login: &user.login,
            presentation: &user.presentation,
            email: user.email.as_deref().unwrap_or_default(),
            phone: user.phone.as_deref().unwrap_or_default(),
            // Nothing is ever sent to either, so neither is ever confirmed.
            email_confirmed: false,
            phone_confirmed: false,
            is_active: user.disabled.is_none(),
            user_list_id: user.user_list_id,
            accounts: [],
            second_factor_authentication: SecondFactorAuthentication {
                // There is one kind of it.
                priority_list: [],
                use_always: second_factor,
            },
            access_tokens: keys.iter().map(token).collect(),
            esia_account: [],
            role: user.role.as_str(),
            created_at: user.created_at,
            temporary_password_ends_at: user.password_ends_at,
        }
    }
}
