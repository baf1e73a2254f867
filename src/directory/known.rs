//! What the directory knows of one client, one user, one application.

use std::collections::{HashMap, HashSet};

use crate::model::application::Application;
use crate::model::client::{Client, ClientSecret};
use crate::model::ids::{ApplicationId, UserId, UserListId};
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

/// What is kept of one user beside the application.
#[derive(Debug)]
struct Setting {
    by_name: bool,
    token_access: bool,
}

impl KnownApplication {
    /// `settings` are of each user whether by name, and whether with token access.
    pub fn new(application: Application, settings: Vec<(UserId, bool, bool)>) -> Self {
        let setting = |(user, by_name, token_access)| {
            let setting = Setting {
                by_name,
                token_access,
            };
            (user, setting)
        };
        Self {
            id: application.id,
            uri: application.uri,
            scopes: application.scopes.into_iter().map(|s| s.name).collect(),
            user_lists: application.user_lists.into_iter().collect(),
            users: settings.into_iter().map(setting).collect(),
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
