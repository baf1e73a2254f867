//! What the directory knows of one client, one user, one application.

use std::collections::HashSet;

use crate::model::application::Application;
use crate::model::client::{Client, ClientSecret};
use crate::model::ids::{ApplicationId, UserListId};
use crate::model::user::User;

/// A client with the digests of its secrets.
#[derive(Debug)]
pub struct KnownClient {
    pub client: Client,
    pub secrets: Vec<ClientSecret>,
}

/// A user with the ids and names of their access keys.
#[derive(Debug)]
pub struct KnownUser {
    pub user: User,
    pub keys: Vec<(String, String)>,
}

/// An application, as far as it is an audience.
#[derive(Debug)]
pub struct KnownApplication {
    pub id: ApplicationId,
    pub uri: String,
    user_lists: HashSet<UserListId>,
}

impl KnownApplication {
    pub fn new(application: Application) -> Self {
        Self {
            id: application.id,
            uri: application.uri,
            user_lists: application.user_lists.into_iter().collect(),
        }
    }

    /// Whether a user of this list may get tokens for it.
    pub fn is_connected(&self, list: UserListId) -> bool {
        self.user_lists.contains(&list)
    }
}
