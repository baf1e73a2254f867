//! Table `client_secrets`: keyed digests, never the secrets.

use diesel::prelude::*;

use super::error::broken;
use super::schema::client_secrets;
use super::{AnyConnection, StoreError};
use crate::model::client::ClientSecret;
use crate::model::ids::ClientId;
use crate::model::timestamp::Timestamp;

type Row = (
    String,
    String,
    String,
    String,
    i64,
    Option<i64>,
    Option<i64>,
);

pub fn create(c: &mut AnyConnection, secret: &ClientSecret) -> Result<(), StoreError> {
    diesel::insert_into(client_secrets::table)
        .values((
            client_secrets::id.eq(&secret.id),
            client_secrets::client_id.eq(secret.client_id.as_str()),
            client_secrets::digest.eq(&secret.digest),
            client_secrets::digest_key_id.eq(&secret.digest_key_id),
            client_secrets::created_at.eq(secret.created_at.millis()),
            client_secrets::expires_at.eq(secret.expires_at.map(Timestamp::millis)),
            client_secrets::quiet_for.eq(secret.quiet_for),
        ))
        .execute(c)?;
    Ok(())
}

/// A client's secrets, oldest first; the expired too, until they are deleted.
pub fn list(c: &mut AnyConnection, client: &ClientId) -> Result<Vec<ClientSecret>, StoreError> {
    let rows: Vec<Row> = client_secrets::table
        .filter(client_secrets::client_id.eq(client.as_str()))
        .order((client_secrets::created_at, client_secrets::id))
        .load(c)?;
    rows.into_iter().map(read).collect()
}

/// The secrets of several clients, client by client, each oldest first.
pub fn list_of(c: &mut AnyConnection, clients: &[&str]) -> Result<Vec<ClientSecret>, StoreError> {
    let rows: Vec<Row> = client_secrets::table
        .filter(client_secrets::client_id.eq_any(clients))
        .load(c)?;
    let read: Result<Vec<ClientSecret>, StoreError> = rows.into_iter().map(read).collect();
    let mut secrets = read?;
    // Here, where it is done for a page's few and not for whatever the planner takes in.
    secrets.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    Ok(secrets)
}

/// Sets when a secret ends, and after how many seconds without a use it can be removed before.
pub fn update_expiry(
    c: &mut AnyConnection,
    id: &str,
    expires_at: Timestamp,
    quiet_for: i64,
) -> Result<(), StoreError> {
    diesel::update(client_secrets::table.find(id))
        .set((
            client_secrets::expires_at.eq(expires_at.millis()),
            client_secrets::quiet_for.eq(quiet_for),
        ))
        .execute(c)?;
    Ok(())
}

pub fn delete(c: &mut AnyConnection, id: &str) -> Result<(), StoreError> {
    diesel::delete(client_secrets::table.find(id)).execute(c)?;
    Ok(())
}

/// Deletes those of a client's secrets that have ended by `now`.
pub fn delete_expired(
    c: &mut AnyConnection,
    client: &ClientId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let expired = client_secrets::table
        .filter(client_secrets::client_id.eq(client.as_str()))
        .filter(client_secrets::expires_at.le(now.millis()));
    diesel::delete(expired).execute(c)?;
    Ok(())
}

/// Deletes every secret of a client.
pub fn delete_all(c: &mut AnyConnection, client: &ClientId) -> Result<(), StoreError> {
    let all = client_secrets::table.filter(client_secrets::client_id.eq(client.as_str()));
    diesel::delete(all).execute(c)?;
    Ok(())
}

fn read(
    (id, client_id, digest, digest_key_id, created_at, expires_at, quiet_for): Row,
) -> Result<ClientSecret, StoreError> {
    Ok(ClientSecret {
        client_id: ClientId::parse(&client_id).map_err(|_| broken("client_secrets", &id))?,
        id,
        digest,
        digest_key_id,
        created_at: Timestamp::from_millis(created_at),
        expires_at: expires_at.map(Timestamp::from_millis),
        quiet_for,
    })
}
