//! A client's secrets: a second one beside the first, so that nobody is without one in between.

use serde_json::json;

use super::{find, record, rules};
use crate::domain::secret::{DigestKeys, generate};
use crate::domain::{Act, DomainError, Obstacle};
use crate::model::client::Client;
use crate::model::ids::ClientId;
use crate::model::secret::Secret;
use crate::store::{AnyConnection, client_secrets};

/// How many secrets of one client can live at once: enough to rotate without an outage.
const LIVE_SECRETS: usize = 2;
/// How long the older secret lives on after a rotation unless something else is said, in seconds.
pub const OVERLAP: i64 = 24 * 3600;
/// For how long it must be unused to be called safe to remove unless something else is said, in
/// seconds.
const QUIET: i64 = 3600;
/// How long the older secret can live on after a rotation, in seconds: what is never used again
/// must not stay forgotten.
pub const LONGEST_OVERLAP: i64 = 7 * 24 * 3600;

/// How the older secret of a client goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rotation {
    /// In so many seconds; 0 ends all older ones now.
    pub old_ends_in: i64,
    /// For how many seconds it must be unused to be called safe to remove.
    pub quiet_for: i64,
}

impl Rotation {
    /// The older secret ends in so many seconds.
    pub const fn of(old_ends_in: i64) -> Self {
        Self {
            old_ends_in,
            quiet_for: QUIET,
        }
    }
}

/// Adds a second secret and lets the older one end as `rotation` says.
pub fn rotate(
    c: &mut AnyConnection,
    act: &Act,
    keys: &DigestKeys,
    id: &ClientId,
    rotation: Rotation,
) -> Result<(Client, Secret), DomainError> {
    let old_ends_in = rotation.old_ends_in;
    if !(0..=LONGEST_OVERLAP).contains(&old_ends_in) {
        let reason = "is 0 to 604800 seconds: 7 days at most";
        return Err(DomainError::invalid("old-ends-in", reason));
    }
    let client = find(c, &act.authority, id)?;
    rules::check_may_take_over(c, &act.authority, &client)?;
    // A secret that has leaked ends at once, however many there are.
    match old_ends_in {
        0 => client_secrets::delete_all(c, id)?,
        _ => client_secrets::delete_expired(c, id, act.now)?,
    }
    let living = client_secrets::list(c, id)?;
    if living.len() >= LIVE_SECRETS {
        return Err(DomainError::FailedPrecondition(Obstacle::TwoSecrets));
    }
    let ends_at = act.now.plus_seconds(old_ends_in);
    for old in &living {
        // A secret that ends sooner anyway is not given more time.
        let ends_at = old.expires_at.map_or(ends_at, |sooner| sooner.min(ends_at));
        client_secrets::update_expiry(c, &old.id, ends_at, rotation.quiet_for)?;
    }
    let secret = generate();
    let row = keys.row(id, &secret, act.now);
    client_secrets::create(c, &row)?;
    let details = json!({"old-ends-at": ends_at.to_string(), "secret": row.id});
    record(c, act, &client, "client.rotated", details)?;
    Ok((client, secret))
}

/// Ends the older of a client's two secrets now. The newest stays: without it the client would be
/// switched off, at once or when the older one ends, and not look so.
pub fn remove_secret(
    c: &mut AnyConnection,
    act: &Act,
    id: &ClientId,
    secret_id: &str,
) -> Result<(), DomainError> {
    let client = find(c, &act.authority, id)?;
    rules::check_may_end(c, &act.authority, &client)?;
    client_secrets::delete_expired(c, id, act.now)?;
    let mut living = client_secrets::list(c, id)?.into_iter();
    let secret = living.find(|secret| secret.id == secret_id);
    let secret = secret.ok_or(DomainError::NotFound("secret"))?;
    // Every older one was given an end when the newest was made.
    if secret.expires_at.is_none() {
        return Err(DomainError::FailedPrecondition(Obstacle::NewestSecret));
    }
    client_secrets::delete(c, secret_id)?;
    let details = json!({"secret": secret_id});
    record(c, act, &client, "client.secret_removed", details)
}
