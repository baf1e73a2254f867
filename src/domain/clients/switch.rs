//! A client switched off and on, and cut off from everything that was issued to it.

use serde_json::json;

use super::{find, record, rules};
use crate::domain::authority::Reach;
use crate::domain::{Act, DomainError, Obstacle, generations};
use crate::model::audit::ActorKind;
use crate::model::client::{Client, Disabled};
use crate::model::ids::ClientId;
use crate::store::{AnyConnection, clients};

/// Switches a client off: from now on it gets no token, and what it has is refused here. What its
/// owner has switched off, an administrator switches off for good.
pub fn disable(c: &mut AnyConnection, act: &Act, id: &ClientId) -> Result<Client, DomainError> {
    let client = find(c, &act.authority, id)?;
    rules::check_may_end(c, &act.authority, &client)?;
    let by = rules::hand(&act.authority, &client);
    match client.disabled {
        Some(disabled) if disabled.by == by || by == ActorKind::Owner => return Ok(client),
        _ => {}
    }
    let disabled = Disabled { at: act.now, by };
    let generation = generations::of_client(c, &client)?;
    clients::update_disabled(c, id, Some(disabled), generation)?;
    let details = json!({"by": by.as_str()});
    record(c, act, &client, "client.disabled", details)?;
    find(c, &act.authority, id)
}

/// Switches a client on again; tokens issued before stay refused. What an administrator disabled,
/// only an administrator enables.
pub fn enable(c: &mut AnyConnection, act: &Act, id: &ClientId) -> Result<Client, DomainError> {
    let client = find(c, &act.authority, id)?;
    let Some(disabled) = client.disabled else {
        return Ok(client);
    };
    let is_member = act.authority.reach != Reach::Everything;
    if disabled.by == ActorKind::Administrator && is_member {
        return Err(DomainError::FailedPrecondition(
            Obstacle::DisabledByAdministrator,
        ));
    }
    rules::check_may_take_over(c, &act.authority, &client)?;
    let generation = generations::of_client(c, &client)?;
    clients::update_disabled(c, id, None, generation)?;
    record(c, act, &client, "client.enabled", json!({}))?;
    find(c, &act.authority, id)
}

/// Refuses every token that was issued so far, here and now; the client itself goes on.
pub fn cut_off(c: &mut AnyConnection, act: &Act, id: &ClientId) -> Result<Client, DomainError> {
    let client = find(c, &act.authority, id)?;
    rules::check_may_end(c, &act.authority, &client)?;
    let generation = generations::of_client(c, &client)?;
    clients::update_generation(c, id, generation)?;
    record(c, act, &client, "client.cut_off", json!({}))?;
    find(c, &act.authority, id)
}
