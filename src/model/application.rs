//! Applications: the protected resources that tokens are meant for, as a registry. Mintmark runs
//! none of them.

use crate::model::application_scope::ApplicationScope;
use crate::model::application_status::ApplicationStatus;
use crate::model::ids::{ApplicationId, UserId, UserListId};
use crate::model::timestamp::Timestamp;

/// A protected resource: its `uri` is the audience of the tokens meant for it.
#[derive(Clone, Debug)]
pub struct Application {
    pub id: ApplicationId,
    /// Unique for ever; the last part of the `uri` that is given by default.
    pub name: String,
    pub display_name: String,
    pub description: String,
    /// The audience; compared byte by byte, unique for ever.
    pub uri: String,
    /// The state that its operator set.
    pub status: ApplicationStatus,
    pub source: ApplicationSource,
    pub space_id: Option<String>,
    pub technology_version: String,
    pub development_mode: bool,
    pub autostarting_scheduled_jobs: bool,
    pub autostarting_esb: bool,
    pub default_time_zone: Option<String>,
    pub default_locale: Option<String>,
    pub dbms_type: DbmsType,
    pub default_user_list: Option<UserListId>,
    /// The lists whose users may get tokens for it, in the order in which they were connected.
    pub user_lists: Vec<UserListId>,
    /// What a token for it can be good for, by its own reckoning.
    pub scopes: Vec<ApplicationScope>,
    pub created_at: Timestamp,
    pub deleted_at: Option<Timestamp>,
}

/// Where an application comes from; the ids are the builder's and are only kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApplicationSource {
    /// `repository`, or `image` when it came as one.
    pub kind: String,
    pub project_version_id: Option<String>,
    pub image_id: Option<String>,
}

/// What is kept of one user beside one application.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConnectedUser {
    pub user_id: UserId,
    pub user_list_id: UserListId,
    /// Connected for themselves. Otherwise this is a setting of somebody who is connected through
    /// their list, and means nothing without that.
    pub by_name: bool,
    /// What the application calls them.
    pub presentation: String,
    /// Recorded for the application; no right in Mintmark comes of it.
    pub is_admin: bool,
    /// Whether they get tokens for the application.
    pub token_access: bool,
    pub connected_at: Timestamp,
}

/// Which database an application keeps its data in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DbmsType {
    File,
    Postgres,
    MsSql,
}

impl DbmsType {
    pub const fn as_str(self) -> &'static str {
        match self {
            DbmsType::File => "File",
            DbmsType::Postgres => "Postgres",
            DbmsType::MsSql => "MSSQL",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [DbmsType::File, DbmsType::Postgres, DbmsType::MsSql]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// Whether `name` can be a publication context: it becomes a part of a URI as it is.
pub fn is_application_name(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    (1..=100).contains(&name.len())
        && name.bytes().all(allowed)
        && name
            .bytes()
            .next()
            .is_some_and(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_applications_name_needs_no_escaping_in_a_uri() {
        for right in ["DemoCRM-dev", "a", "crm.v2_x"] {
            assert!(is_application_name(right), "{right}");
        }
        for wrong in ["", "..", "a/b", "a b", "ключ", "-a", "a%20"] {
            assert!(!is_application_name(wrong), "{wrong}");
        }
    }
}
