//! What the directory knows of one client, one user, one application.

use std::collections::{HashMap, HashSet};

use crate::model::application::Application;
use crate::model::client::{Client, ClientSecret};
use crate::model::ids::{ApplicationId, UserId, UserListId};
use crate::model::user::User;
use crate::store::application_users::Setting;

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
    /// Whether a code is asked for when they sign in.
    pub second_factor: bool,
    pub keys: Vec<(String, String)>,
}

/// An application, as far as it is an audience.
#[derive(Debug)]
pub struct KnownApplication {
    pub id: ApplicationId,
    pub uri: String,
    /// The names of the scopes that it defines, in its order.
    pub scopes: Vec<String>,
    user_lists: HashSet<UserListId>,
    users: HashMap<UserId, Setting>,
}

impl KnownApplication {
    /// `settings` are those of its users; one that means nothing now is not kept in memory.
    pub fn new(application: Application, settings: Vec<Setting>) -> Self {
        let user_lists: HashSet<UserListId> = application.user_lists.into_iter().collect();
        let counts = |one: &Setting| one.by_name || user_lists.contains(&one.user_list);
        Self {
            id: application.id,
            uri: application.uri,
            scopes: application.scopes.into_iter().map(|s| s.name).collect(),
            users: settings
                .into_iter()
                .filter(counts)
                .map(|one| (one.user, one))
                .collect(),
            user_lists,
        }
    }

    /// Whether a user of this list gets tokens for it: connected through the list or by name, and
    /// not without token access.
    pub fn lets_in(&self, user: UserId, list: UserListId) -> bool {
        let through_list = self.user_lists.contains(&list);
        match self.users.get(&user) {
            None => through_list,
            Some(setting) => setting.token_access && (setting.by_name || through_list),
        }
    }
}
