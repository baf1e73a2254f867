//! `GET /console/api/v2/me`: whose token this is. Answered from memory.

use actix_web::HttpResponse;
use serde::Serialize;

use super::{ApiCall, ApiError, ok};
use crate::directory::KnownUser;
use crate::model::scope::Scope;

/// A user as console clients know one.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct User<'a> {
    id: String,
    login: &'a str,
    presentation: &'a str,
    email: &'a str,
    phone: &'a str,
    email_confirmed: bool,
    phone_confirmed: bool,
    is_active: bool,
    user_list_id: String,
    accounts: [&'static str; 0],
    second_factor_authentication: SecondFactorAuthentication,
    access_tokens: Vec<AccessToken<'a>>,
    esia_account: [&'static str; 0],
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

pub async fn find(call: ApiCall) -> Result<HttpResponse, ApiError> {
    let Some(owner) = &call.caller.authenticated.owner else {
        return Err(ApiError::not_found("A service client is no user."));
    };
    let sees_keys = call.caller.scope.contains(Scope::KeysRead);
    Ok(ok(&user(owner, sees_keys)))
}

fn user(known: &KnownUser, sees_keys: bool) -> User<'_> {
    let user = &known.user;
    let keys = known.keys.iter().filter(|_| sees_keys);
    User {
        id: user.id.to_string(),
        login: &user.login,
        presentation: &user.presentation,
        email: user.email.as_deref().unwrap_or_default(),
        phone: user.phone.as_deref().unwrap_or_default(),
        // Nothing is ever sent to either, so neither is ever confirmed.
        email_confirmed: false,
        phone_confirmed: false,
        is_active: user.disabled.is_none(),
        user_list_id: user.user_list_id.to_string(),
        accounts: [],
        second_factor_authentication: SecondFactorAuthentication {
            priority_list: [],
            use_always: false,
        },
        access_tokens: keys
            .map(|(client_id, description)| AccessToken {
                client_id,
                description,
            })
            .collect(),
        esia_account: [],
    }
}
