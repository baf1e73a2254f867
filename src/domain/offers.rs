//! What applications offer to clients: the scopes that they define.

use super::DomainError;
use crate::model::application::Application;
use crate::model::application_scope::ApplicationScope;
use crate::model::ids::{ApplicationId, UserId, UserListId};
use crate::model::page::{LARGEST_PAGE, Window};
use crate::store::applications::{Viewer, Wanted};
use crate::store::{AnyConnection, applications};

/// The scopes that one application defines.
#[derive(Clone, Debug)]
pub struct Offer {
    pub id: ApplicationId,
    pub display_name: String,
    pub scopes: Vec<ApplicationScope>,
}

/// What the applications offer that this user is connected to.
pub fn list(
    c: &mut AnyConnection,
    (user_list, user): (UserListId, UserId),
) -> Result<Vec<Offer>, DomainError> {
    let wanted = Wanted {
        viewer: Some(Viewer { user, user_list }),
        deleted: false,
        search: None,
    };
    let window = Window::Page {
        number: 0,
        size: LARGEST_PAGE,
    };
    let found = applications::list(c, &wanted, window)?;
    Ok(found.into_iter().filter_map(offer).collect())
}

/// What the applications with these `uri`s offer.
pub fn list_at(c: &mut AnyConnection, uris: &[String]) -> Result<Vec<Offer>, DomainError> {
    let mut offers = Vec::new();
    for uri in uris {
        offers.extend(applications::find_by_uri(c, uri)?.and_then(offer));
    }
    Ok(offers)
}

fn offer(application: Application) -> Option<Offer> {
    let offer = Offer {
        id: application.id,
        display_name: application.display_name,
        scopes: application.scopes,
    };
    (!offer.scopes.is_empty()).then_some(offer)
}
