//! Generations: one growing number, by which everything issued so far is refused at once.
//!
//! A number is never given twice, also not after a backup was put back or the last changes were lost:
//! raising takes the database's time, unless what is covered stands higher already.

use super::DomainError;
use crate::model::client::Client;
use crate::model::ids::UserId;
use crate::model::user::User;
use crate::store::{AnyConnection, StoreError, clients, database_time, users};

/// For a client of this owner that is taken over from another system with its id.
pub(super) fn of_imported_client(
    c: &mut AnyConnection,
    owner: Option<UserId>,
) -> Result<i64, DomainError> {
    let owner = of_owner(c, owner)?;
    Ok(above(c, owner)?)
}

/// For a client, so that every token that it has is refused. A token carries the greater of its own
/// generation and its owner's, so both are covered.
pub(super) fn of_client(c: &mut AnyConnection, client: &Client) -> Result<i64, DomainError> {
    let owner = of_owner(c, client.owner)?;
    Ok(above(c, client.generation.max(owner))?)
}

/// For a user, so that every token of each of their clients is refused.
pub(super) fn of_user(c: &mut AnyConnection, user: &User) -> Result<i64, DomainError> {
    let of_keys = clients::greatest_generation(c, user.id)?.unwrap_or_default();
    Ok(above(c, user.generation.max(of_keys))?)
}

fn of_owner(c: &mut AnyConnection, owner: Option<UserId>) -> Result<i64, StoreError> {
    let owner = match owner {
        Some(id) => users::find(c, id)?,
        None => None,
    };
    Ok(owner.map_or(0, |owner| owner.generation))
}

fn above(c: &mut AnyConnection, covered: i64) -> Result<i64, StoreError> {
    let now = database_time(c)?.millis();
    Ok(now.max(covered).saturating_add(1))
}
