//! The user lists that an application can be connected to.

use crate::domain::user_lists;
use crate::http::pages::{PageCall, PageError};
use crate::model::ids::UserListId;
use crate::model::page::{LARGEST_PAGE, Window};
use crate::model::user_list::UserList;

/// The oldest lists, as many as one page of them may have.
pub async fn lists(call: &PageCall) -> Result<Vec<UserList>, PageError> {
    let window = Window::Page {
        number: 0,
        size: LARGEST_PAGE,
    };
    let found = call.read(move |c, authority| user_lists::list(c, authority, None, window));
    Ok(found.await?.0)
}

/// What a list is called.
pub fn name(lists: &[UserList], id: UserListId) -> String {
    let found = lists.iter().find(|list| list.id == id);
    found.map_or_else(|| id.to_string(), |list| list.presentation.clone())
}
