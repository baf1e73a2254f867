//! Among which clients a page looks: somebody's own access keys, or the service clients.

use std::borrow::Cow;

use crate::domain::clients;
use crate::domain::{AnyConnection, Authority, DomainError};
use crate::http::form::decode;
use crate::http::pages::text::{Kind, Text};
use crate::http::pages::{PageCall, PageError};
use crate::model::client::Client;
use crate::model::ids::{ClientId, UserId, UserListId};
use crate::model::page::Window;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// The access keys of whoever is signed in.
    Own {
        user_list: UserListId,
        user: UserId,
    },
    Services,
}

impl Place {
    pub fn own(call: &PageCall) -> Self {
        Place::Own {
            user_list: call.signed_in.user.user_list_id,
            user: call.signed_in.user.id,
        }
    }

    pub fn owner(self) -> Option<UserId> {
        match self {
            Place::Own { user, .. } => Some(user),
            Place::Services => None,
        }
    }

    /// Where the list is.
    pub const fn base(self) -> &'static str {
        match self {
            Place::Own { .. } => "/console/profile/keys",
            Place::Services => "/console/admin/clients",
        }
    }

    /// Where one client is, or what is done with it.
    pub fn path(self, id: &ClientId, act: &str) -> String {
        let id: Cow<'_, str> =
            url::form_urlencoded::byte_serialize(id.as_str().as_bytes()).collect();
        let slash = if act.is_empty() { "" } else { "/" };
        format!("{}/{id}{slash}{act}", self.base())
    }

    pub fn kind(self, text: &Text) -> &Kind {
        match self {
            Place::Own { .. } => &text.clients.keys,
            Place::Services => &text.clients.services,
        }
    }

    pub fn find(
        self,
        c: &mut AnyConnection,
        authority: &Authority,
        id: &ClientId,
    ) -> Result<Client, DomainError> {
        match self {
            Place::Own { user_list, user } => {
                clients::find_key(c, authority, (user_list, user), id)
            }
            Place::Services => clients::find_service(c, authority, id),
        }
    }

    pub fn list(
        self,
        c: &mut AnyConnection,
        authority: &Authority,
        search: Option<String>,
        window: Window,
    ) -> Result<(Vec<Client>, i64), DomainError> {
        match self {
            Place::Own { user_list, user } => {
                clients::list_keys(c, authority, (user_list, user), search, window)
            }
            Place::Services => clients::list_services(c, authority, search, window),
        }
    }
}

/// The client that the path means. An id with a slash in it comes with that escaped.
pub fn client_id(call: &PageCall) -> Result<ClientId, PageError> {
    let text = decode(call.http.match_info().query("client_id").as_bytes());
    let id = text.and_then(|text| ClientId::parse(&text).ok());
    id.ok_or(PageError::NotFound)
}
