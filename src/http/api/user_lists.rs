//! `/console/api/v2/user-lists`: the lists that users belong to.

use actix_web::HttpResponse;
use serde::{Deserialize, Serialize};

use super::query::ListQuery;
use super::{ApiCall, ApiError, created, no_content, ok};
use crate::domain::Reading;
use crate::domain::user_lists::{self, NewUserList};
use crate::model::ids::{SpaceId, UserListId};
use crate::model::object::Object;
use crate::model::page::Page;
use crate::model::password::{LONGEST_PASSWORD, SHORTEST_PASSWORD};
use crate::model::user_list::{SelfRegistration, UserList};

/// A user list among others, as console clients know one.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Entry {
    id: UserListId,
    presentation: String,
    space_id: Option<SpaceId>,
}

/// A user list by itself.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Body {
    #[serde(flatten)]
    entry: Entry,
    self_registration: Registration,
    confirmations: [&'static str; 0],
    password_policy_enabled: bool,
    password_policy: PasswordPolicy,
    include_personal_data_in_messages: bool,
}

#[derive(Serialize, Deserialize, Default)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Registration {
    #[serde(default)]
    enabled: bool,
    #[serde(default)]
    phone_required: bool,
    #[serde(default)]
    email_required: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct PasswordPolicy {
    min_length: usize,
    max_length: usize,
    must_contain_lower_case: bool,
    must_contain_upper_case: bool,
    must_contain_symbol: bool,
    allowed_alphabet: &'static str,
    must_contain_digit: bool,
    prohibit_previous_passwords: bool,
}

/// The same for every list, and no matter of a list's own: a length, and any characters.
const PASSWORD_POLICY: PasswordPolicy = PasswordPolicy {
    min_length: SHORTEST_PASSWORD,
    max_length: LONGEST_PASSWORD,
    must_contain_lower_case: false,
    must_contain_upper_case: false,
    must_contain_symbol: false,
    allowed_alphabet: "",
    must_contain_digit: false,
    prohibit_previous_passwords: false,
};

/// The console's create body. What it does not name is refused.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct CreateBody {
    presentation: String,
    space_id: Option<String>,
    #[serde(default)]
    include_personal_data_in_messages: bool,
    self_registration: Option<Object<Registration>>,
}

impl CreateBody {
    fn into_new(self) -> Result<NewUserList, ApiError> {
        let space = |text: &String| SpaceId::parse(text).ok_or_else(|| ApiError::not_a_uuid(text));
        let registration = self.self_registration.map(|Object(it)| it);
        let registration = registration.unwrap_or_default();
        Ok(NewUserList {
            space_id: self.space_id.as_ref().map(space).transpose()?,
            presentation: self.presentation,
            include_personal_data: self.include_personal_data_in_messages,
            self_registration: SelfRegistration {
                enabled: registration.enabled,
                phone_required: registration.phone_required,
                email_required: registration.email_required,
            },
        })
    }
}

impl From<UserList> for Entry {
    fn from(list: UserList) -> Self {
        Self {
            id: list.id,
            presentation: list.presentation,
            space_id: list.space_id,
        }
    }
}

impl From<UserList> for Body {
    fn from(list: UserList) -> Self {
        let registration = list.self_registration;
        Self {
            self_registration: Registration {
                enabled: registration.enabled,
                phone_required: registration.phone_required,
                email_required: registration.email_required,
            },
            confirmations: [],
            password_policy_enabled: true,
            password_policy: PASSWORD_POLICY,
            include_personal_data_in_messages: list.include_personal_data,
            entry: list.into(),
        }
    }
}

pub async fn list(call: ApiCall) -> Result<HttpResponse, ApiError> {
    let query = ListQuery::read(&call.http)?;
    let (search, window) = (query.text("search"), query.window);
    let reading = Reading::list(search.as_deref());
    let found = call.read_as(reading, move |c, authority| {
        user_lists::list(c, authority, search, window)
    });
    let (found, total) = found.await?;
    let entries: Vec<Entry> = found.into_iter().map(Entry::from).collect();
    Ok(match query.as_page {
        true => ok(&Page::new(entries, window, total)),
        false => ok(&entries),
    })
}

pub async fn create(mut call: ApiCall) -> Result<HttpResponse, ApiError> {
    let body: CreateBody = call.body().await?;
    let new = body.into_new()?;
    let made = call.write(move |c, act, _| user_lists::create(c, act, new));
    Ok(created(&Body::from(made.await?)))
}

pub async fn find(call: ApiCall) -> Result<HttpResponse, ApiError> {
    let id = call.id("list", UserListId::parse)?;
    let found = call.read(move |c, authority| user_lists::find(c, authority, id));
    Ok(ok(&Body::from(found.await?)))
}

pub async fn delete(call: ApiCall) -> Result<HttpResponse, ApiError> {
    let id = call.id("list", UserListId::parse)?;
    let deleted = call.write(move |c, act, _| user_lists::delete(c, act, id));
    deleted.await?;
    Ok(no_content())
}
