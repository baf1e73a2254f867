//! The user lists that can be chosen in a form: the oldest by a click, every other by its name.

use maud::{Markup, html};

use crate::domain::{DomainError, user_lists};
use crate::http::pages::parts::Field;
use crate::http::pages::{PageCall, PageError};
use crate::model::ids::UserListId;
use crate::model::page::{LARGEST_PAGE, Window};
use crate::model::user_list::UserList;

/// The field in which a list is named.
const NAMED: &str = "user_list_named";

pub struct Offers {
    /// The oldest lists, as many as one page of them may have.
    pub lists: Vec<UserList>,
    /// Whether there are others.
    pub has_more: bool,
    /// What was typed to name one.
    typed: String,
}

impl Offers {
    pub async fn read(call: &PageCall) -> Result<Self, PageError> {
        let window = Window::Page {
            number: 0,
            size: LARGEST_PAGE,
        };
        let found = call.read(move |c, authority| user_lists::list(c, authority, None, window));
        let (lists, total) = found.await?;
        Ok(Self {
            has_more: total > LARGEST_PAGE,
            lists,
            typed: call.form.value(NAMED)?.to_owned(),
        })
    }

    /// The field for a list that is not among those that can be clicked, if there are such.
    pub fn show(&self, call: &PageCall) -> Markup {
        let says = &call.text().applications;
        let field = Field {
            name: NAMED,
            label: says.other_list,
            hint: says.other_list_hint,
            value: &self.typed,
            limit: Some(200),
            is_optional: true,
            autocomplete: "off",
            ..Field::default()
        };
        html! { @if self.has_more { (field.show(call.text())) } }
    }
}

/// The list that is named in the form, if one is; what names none, or several, is an error.
pub async fn named(call: &PageCall) -> Result<Option<Result<UserListId, ()>>, PageError> {
    let typed = call.form.value(NAMED)?.trim().to_owned();
    if typed.is_empty() {
        return Ok(None);
    }
    let found = call.read(move |c, authority| user_lists::find_named(c, authority, &typed));
    Ok(Some(found.await?.map(|list| list.id).ok_or(())))
}

/// What these lists are called, in their order; one that is gone, by its id.
pub async fn names(call: &PageCall, ids: Vec<UserListId>) -> Result<Vec<String>, PageError> {
    call.read(move |c, authority| {
        let name = |id: &UserListId| match user_lists::find(c, authority, *id) {
            Ok(list) => Ok(list.presentation),
            Err(DomainError::NotFound(_)) => Ok(id.to_string()),
            Err(other) => Err(other),
        };
        ids.iter().map(name).collect()
    })
    .await
}
