//! Table `client_uses`: when, from where and for what clients were used. Written in batches, outside
//! the change log: nothing is decided by it.

use std::collections::HashMap;

use diesel::prelude::*;

use super::error::broken;
use super::schema::client_uses;
use super::{AnyConnection, StoreError};
use crate::model::ids::ClientId;
use crate::model::scope::ScopeSet;
use crate::model::timestamp::Timestamp;
use crate::model::uses::{LastUse, Uses};

type Row = (String, i64, i64, String, String, String, String);

pub fn create(c: &mut AnyConnection, id: &ClientId, uses: &Uses) -> Result<(), StoreError> {
    diesel::insert_into(client_uses::table)
        .values((
            client_uses::client_id.eq(id.as_str()),
            client_uses::first_used_at.eq(uses.first_at.millis()),
            client_uses::last_used_at.eq(uses.last.at.millis()),
            client_uses::last_used_from.eq(uses.last.from.to_string()),
            client_uses::secrets.eq(uses.secrets_to_json().to_string()),
            client_uses::scopes.eq(uses.scopes.to_string()),
            client_uses::days.eq(uses.days_to_json().to_string()),
        ))
        .execute(c)?;
    Ok(())
}

/// The uses of a client; nothing if there was none.
pub fn find(c: &mut AnyConnection, id: &ClientId) -> Result<Option<Uses>, StoreError> {
    let row: Option<Row> = client_uses::table.find(id.as_str()).first(c).optional()?;
    Ok(row.map(read).transpose()?.map(|(_, uses)| uses))
}

/// The uses of those of these clients that were ever used, by the client's id.
pub fn list(c: &mut AnyConnection, ids: &[&ClientId]) -> Result<HashMap<String, Uses>, StoreError> {
    let rows: Vec<Row> = client_uses::table
        .filter(client_uses::client_id.eq_any(ids.iter().map(|id| id.as_str())))
        .load(c)?;
    rows.into_iter().map(read).collect()
}

pub fn update(c: &mut AnyConnection, id: &ClientId, uses: &Uses) -> Result<(), StoreError> {
    diesel::update(client_uses::table.find(id.as_str()))
        .set((
            client_uses::first_used_at.eq(uses.first_at.millis()),
            client_uses::last_used_at.eq(uses.last.at.millis()),
            client_uses::last_used_from.eq(uses.last.from.to_string()),
            client_uses::secrets.eq(uses.secrets_to_json().to_string()),
            client_uses::scopes.eq(uses.scopes.to_string()),
            client_uses::days.eq(uses.days_to_json().to_string()),
        ))
        .execute(c)?;
    Ok(())
}

pub fn delete(c: &mut AnyConnection, id: &ClientId) -> Result<(), StoreError> {
    diesel::delete(client_uses::table.find(id.as_str())).execute(c)?;
    Ok(())
}

fn read(
    (id, first_at, last_at, last_from, secrets, scopes, days): Row,
) -> Result<(String, Uses), StoreError> {
    let wrong = || broken("client_uses", &id);
    let json = |text: &str| serde_json::from_str(text).ok();
    let last = LastUse {
        at: Timestamp::from_millis(last_at),
        from: last_from.parse().map_err(|_| wrong())?,
    };
    let secrets = json(&secrets).and_then(|json| Uses::secrets_from_json(&json));
    let days = json(&days).and_then(|json| Uses::days_from_json(&json));
    let uses = Uses {
        first_at: Timestamp::from_millis(first_at),
        last,
        secrets: secrets.ok_or_else(wrong)?,
        scopes: ScopeSet::parse(&scopes).map_err(|_| wrong())?,
        days: days.ok_or_else(wrong)?,
    };
    Ok((id, uses))
}
