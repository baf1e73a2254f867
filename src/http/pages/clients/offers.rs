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
    /// What may be given to a client of `place`. An access key that is there already can keep what
    /// it has, and gets nothing more.
    pub fn read(
        c: &mut AnyConnection,
        authority: &Authority,
        place: Place,
        client: Option<&Client>,
    ) -> Result<Self, DomainError> {
        let scope = match (place, client) {
            (Place::Own { .. }, Some(client)) => client.scope,
            (Place::Own { .. }, None) => authority.scope,
            (Place::Services, _) => authority.scope - ScopeSet::of(&[Scope::OpenId]),
        };
        let applications = match (place, client) {
            (Place::Own { user_list, user }, None) => offers::list(c, (user_list, user))?,
            (Place::Own { user_list, user }, Some(client)) => {
                had(offers::list(c, (user_list, user))?, client)
            }
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

/// Of these offers, those that a client has.
fn had(offers: Vec<Offer>, client: &Client) -> Vec<Offer> {
    let narrowed = offers.into_iter().filter_map(|mut offer| {
        let had = client.application_scopes.of(offer.id);
        offer.scopes.retain(|scope| had.contains(&scope.name));
        (!offer.scopes.is_empty()).then_some(offer)
    });
    narrowed.collect()
}
