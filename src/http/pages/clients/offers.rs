//! What can be ticked in a client's form.

use super::place::Place;
use crate::domain::offers::{self, Offer};
use crate::domain::{AnyConnection, Authority, DomainError};
use crate::model::client::Client;
use crate::model::scope::{Scope, ScopeSet};

/// The scopes that can be given, at the console and at applications.
#[derive(Clone, Debug)]
pub struct Offers {
    pub scope: ScopeSet,
    pub applications: Vec<Offer>,
}

impl Offers {
    /// What may be given to a client of `place`; one that is there already keeps what it has.
    pub fn read(
        c: &mut AnyConnection,
        authority: &Authority,
        place: Place,
        client: Option<&Client>,
    ) -> Result<Self, DomainError> {
        let had = client.map_or(ScopeSet::EMPTY, |client| client.scope);
        let scope = match place {
            Place::Own { .. } => authority.scope | had,
            Place::Services => authority.scope - ScopeSet::of(&[Scope::OpenId]),
        };
        let applications = match (place, client) {
            (Place::Own { user_list, user }, _) => offers::list(c, (user_list, user))?,
            (Place::Services, Some(client)) => offers::list_at(c, &client.audiences)?,
            // Which applications it reaches is not said yet.
            (Place::Services, None) => Vec::new(),
        };
        Ok(Self {
            scope,
            applications,
        })
    }
}
