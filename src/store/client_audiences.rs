//! Table `clients`, by what its service clients list as audiences.

use diesel::prelude::*;

use super::error::broken;
use super::schema::clients;
use super::search::holding;
use super::{AnyConnection, StoreError};
use crate::model::ids::ClientId;

/// A service client by its id and name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NamedClient {
    pub id: ClientId,
    pub name: String,
}

/// The living service clients that list this uri as an audience, oldest first: `limit` of them at most.
pub fn list(
    c: &mut AnyConnection,
    uri: &str,
    limit: usize,
) -> Result<Vec<NamedClient>, StoreError> {
    let rows: Vec<(String, String, String)> = clients::table
        .filter(clients::deleted_at.is_null())
        .filter(clients::user_id.is_null())
        .filter(clients::audiences.like(holding(uri)).escape('\\'))
        .order((clients::created_at, clients::id))
        .select((clients::id, clients::name, clients::audiences))
        .load(c)?;
    // `LIKE` also finds longer ones, and in SQLite those in other case.
    rows.into_iter()
        .filter(|(_, _, audiences)| audiences.split(' ').any(|audience| audience == uri))
        .take(limit)
        .map(|(id, name, _)| {
            let id = ClientId::parse(&id).map_err(|_| broken("clients", &id))?;
            Ok(NamedClient { id, name })
        })
        .collect()
}
