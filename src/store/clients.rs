//! Table `clients`: access keys and service clients.

use std::collections::HashMap;

use diesel::dsl::max;
use diesel::prelude::*;

use super::connection::MultiBackend;
use super::error::broken;
use super::schema::clients;
use super::search::containing;
use super::users::read_disabled;
use super::windowed::windowed;
use super::{AnyConnection, StoreError};
use crate::model::client::{Client, Disabled};
use crate::model::granted_scopes::GrantedScopes;
use crate::model::ids::{ClientId, UserId};
use crate::model::network::Networks;
use crate::model::page::Window;
use crate::model::scope::ScopeSet;
use crate::model::text::fold;
use crate::model::timestamp::Timestamp;

#[derive(Queryable, Selectable)]
#[diesel(table_name = clients)]
struct Row {
    id: String,
    user_id: Option<String>,
    name: String,
    description: String,
    scope: String,
    application_scopes: String,
    audiences: String,
    lifetime: i64,
    allowed_networks: String,
    expires_at: Option<i64>,
    disabled_at: Option<i64>,
    disabled_by: Option<String>,
    generation: i64,
    created_at: i64,
    provisions_users: Option<bool>,
    default_audience: Option<String>,
}

/// Whose clients are meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whose {
    /// All that there are.
    Any,
    /// The access keys of this user.
    User(UserId),
    /// The service clients.
    Nobody,
}

/// Which clients are wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub whose: Whose,
    /// Only those with this in their name, description or id, in whatever case.
    pub search: Option<String>,
}

pub fn create(c: &mut AnyConnection, client: &Client) -> Result<(), StoreError> {
    diesel::insert_into(clients::table)
        .values((
            clients::id.eq(client.id.as_str()),
            clients::user_id.eq(client.owner.map(|id| id.to_string())),
            clients::name.eq(&client.name),
            clients::description.eq(&client.description),
            clients::search.eq(search_text(client)),
            clients::scope.eq(client.scope.to_string()),
            clients::application_scopes.eq(client.application_scopes.to_json().to_string()),
            clients::audiences.eq(client.audiences.join(" ")),
            clients::lifetime.eq(client.lifetime),
            clients::allowed_networks.eq(client.allowed_networks.to_string()),
            clients::expires_at.eq(client.expires_at.map(Timestamp::millis)),
            clients::disabled_at.eq(client.disabled.map(|d| d.at.millis())),
            clients::disabled_by.eq(client.disabled.map(|d| d.by.as_str())),
            clients::generation.eq(client.generation),
            clients::created_at.eq(client.created_at.millis()),
            clients::provisions_users.eq(client.provisions_users),
            clients::default_audience.eq(client.default_audience.as_deref()),
        ))
        .execute(c)?;
    Ok(())
}

/// The living client with this id, if it is among those that are meant.
pub fn find(
    c: &mut AnyConnection,
    id: &ClientId,
    whose: Whose,
) -> Result<Option<Client>, StoreError> {
    let row: Option<Row> = living(whose)
        .filter(clients::id.eq(id.as_str()))
        .select(Row::as_select())
        .first(c)
        .optional()?;
    row.map(read).transpose()
}

/// Whether the id was ever given, to a client that lives or to one that is gone.
pub fn was_ever_used(c: &mut AnyConnection, id: &ClientId) -> Result<bool, StoreError> {
    let found: i64 = clients::table
        .filter(clients::id.eq(id.as_str()))
        .count()
        .get_result(c)?;
    Ok(found > 0)
}

/// Every one of those that are meant, oldest first.
pub fn list_all(c: &mut AnyConnection, whose: Whose) -> Result<Vec<Client>, StoreError> {
    let rows: Vec<Row> = living(whose)
        .order((clients::created_at, clients::id))
        .select(Row::as_select())
        .load(c)?;
    rows.into_iter().map(read).collect()
}

/// Those that ended before `time`, the first to end first: `limit` of them at most.
pub fn list_expired(
    c: &mut AnyConnection,
    time: Timestamp,
    limit: usize,
) -> Result<Vec<Client>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows: Vec<Row> = living(Whose::Any)
        .filter(clients::expires_at.lt(time.millis()))
        .order((clients::expires_at, clients::id))
        .limit(limit)
        .select(Row::as_select())
        .load(c)?;
    rows.into_iter().map(read).collect()
}

/// Whether there are at least `count` that ended before `time`, or that did not.
pub fn are_at_least(
    c: &mut AnyConnection,
    count: i64,
    time: Timestamp,
    ended: bool,
) -> Result<bool, StoreError> {
    let query = living(Whose::Any);
    let query = match ended {
        true => query
            .filter(clients::expires_at.lt(time.millis()))
            .order((clients::expires_at, clients::id)),
        false => {
            let later = clients::expires_at
                .is_null()
                .or(clients::expires_at.ge(time.millis()).assume_not_null());
            query.filter(later)
        }
    };
    let last: Option<String> = query
        .offset(count - 1)
        .limit(1)
        .select(clients::id)
        .first(c)
        .optional()?;
    Ok(last.is_some())
}

/// The id and name of each of a user's keys, oldest first.
pub fn list_names(
    c: &mut AnyConnection,
    owner: UserId,
) -> Result<Vec<(String, String)>, StoreError> {
    Ok(clients::table
        .filter(clients::user_id.eq(owner.to_string()))
        .filter(clients::deleted_at.is_null())
        .order((clients::created_at, clients::id))
        .select((clients::id, clients::name))
        .load(c)?)
}

/// The owner of each of these clients that lives.
pub fn list_owners(
    c: &mut AnyConnection,
    ids: &[&ClientId],
) -> Result<HashMap<String, Option<UserId>>, StoreError> {
    let rows: Vec<(String, Option<String>)> = clients::table
        .filter(clients::id.eq_any(ids.iter().map(|id| id.as_str())))
        .filter(clients::deleted_at.is_null())
        .select((clients::id, clients::user_id))
        .load(c)?;
    let read = |(id, owner): (String, Option<String>)| {
        let owner = match owner {
            Some(owner) => Some(UserId::parse(&owner).ok_or_else(|| broken("clients", &id))?),
            None => None,
        };
        Ok((id, owner))
    };
    rows.into_iter().map(read).collect()
}

windowed! {
    /// Part of the wanted clients, oldest first.
    list((clients::created_at, clients::id), clients::id) -> Client
}

/// The id and name of each key of these users, by the user's id, each user's oldest first.
pub fn list_names_by_user(
    c: &mut AnyConnection,
    owners: &[UserId],
) -> Result<HashMap<String, Vec<(String, String)>>, StoreError> {
    let owners: Vec<String> = owners.iter().map(ToString::to_string).collect();
    let found: Vec<(Option<String>, i64, String, String)> = clients::table
        .filter(clients::user_id.eq_any(owners))
        .filter(clients::deleted_at.is_null())
        .select((
            clients::user_id,
            clients::created_at,
            clients::id,
            clients::name,
        ))
        .load(c)?;
    // Ordered here: together they stand in no index's order.
    let mut keys: HashMap<String, Vec<(i64, String, String)>> = HashMap::new();
    for (owner, created_at, id, name) in found {
        let of_owner = keys.entry(owner.unwrap_or_default()).or_default();
        of_owner.push((created_at, id, name));
    }
    let names = |mut keys: Vec<(i64, String, String)>| {
        keys.sort_unstable();
        keys.into_iter().map(|(_, id, name)| (id, name)).collect()
    };
    Ok(keys
        .into_iter()
        .map(|(owner, keys)| (owner, names(keys)))
        .collect())
}

/// Writes what can be changed of a client: all but its id, owner and birth.
pub fn update(c: &mut AnyConnection, client: &Client) -> Result<(), StoreError> {
    diesel::update(clients::table.find(client.id.as_str()))
        .set((
            clients::name.eq(&client.name),
            clients::description.eq(&client.description),
            clients::search.eq(search_text(client)),
            clients::scope.eq(client.scope.to_string()),
            clients::application_scopes.eq(client.application_scopes.to_json().to_string()),
            clients::audiences.eq(client.audiences.join(" ")),
            clients::lifetime.eq(client.lifetime),
            clients::allowed_networks.eq(client.allowed_networks.to_string()),
            clients::expires_at.eq(client.expires_at.map(Timestamp::millis)),
            clients::provisions_users.eq(client.provisions_users),
            clients::default_audience.eq(client.default_audience.as_deref()),
        ))
        .execute(c)?;
    Ok(())
}

/// Switches a client off, or on again; either way what was issued to it so far ends.
pub fn update_disabled(
    c: &mut AnyConnection,
    id: &ClientId,
    disabled: Option<Disabled>,
    generation: i64,
) -> Result<(), StoreError> {
    diesel::update(clients::table.find(id.as_str()))
        .set((
            clients::disabled_at.eq(disabled.map(|d| d.at.millis())),
            clients::disabled_by.eq(disabled.map(|d| d.by.as_str())),
            clients::generation.eq(generation),
        ))
        .execute(c)?;
    Ok(())
}

/// The greatest generation among a user's keys, those that are gone too.
pub fn greatest_generation(
    c: &mut AnyConnection,
    owner: UserId,
) -> Result<Option<i64>, StoreError> {
    Ok(clients::table
        .filter(clients::user_id.eq(owner.to_string()))
        .select(max(clients::generation))
        .first(c)?)
}

/// Ends what was issued to a client so far.
pub fn update_generation(
    c: &mut AnyConnection,
    id: &ClientId,
    generation: i64,
) -> Result<(), StoreError> {
    diesel::update(clients::table.find(id.as_str()))
        .set(clients::generation.eq(generation))
        .execute(c)?;
    Ok(())
}

/// Deletes a client: its id stays taken, and its owner's, who may read what became of it; what it
/// was goes.
pub fn delete(
    c: &mut AnyConnection,
    id: &ClientId,
    now: Timestamp,
    generation: i64,
) -> Result<(), StoreError> {
    diesel::update(clients::table.find(id.as_str()))
        .set((
            clients::name.eq(""),
            clients::description.eq(""),
            clients::search.eq(""),
            clients::scope.eq(""),
            clients::application_scopes.eq(GrantedScopes::default().to_json().to_string()),
            clients::audiences.eq(""),
            clients::allowed_networks.eq(""),
            clients::provisions_users.eq(None::<bool>),
            clients::default_audience.eq(None::<String>),
            clients::deleted_at.eq(now.millis()),
            clients::generation.eq(generation),
        ))
        .execute(c)?;
    Ok(())
}

type Boxed<'a> = clients::BoxedQuery<'a, MultiBackend>;

fn living<'a>(whose: Whose) -> Boxed<'a> {
    let query = clients::table
        .into_boxed()
        .filter(clients::deleted_at.is_null());
    match whose {
        Whose::Any => query,
        Whose::User(id) => query.filter(clients::user_id.eq(id.to_string())),
        Whose::Nobody => query.filter(clients::user_id.is_null()),
    }
}

fn wanted_ones<'a>(wanted: &Wanted) -> Boxed<'a> {
    let query = living(wanted.whose);
    match &wanted.search {
        None => query,
        Some(search) => query.filter(clients::search.like(containing(search)).escape('\\')),
    }
}

/// What a search looks through. The parts do not run into each other: none holds a line feed.
fn search_text(client: &Client) -> String {
    fold(&format!(
        "{}\n{}\n{}",
        client.name, client.description, client.id
    ))
}

fn read(row: Row) -> Result<Client, StoreError> {
    let wrong = || broken("clients", &row.id);
    let application_scopes = serde_json::from_str(&row.application_scopes).ok();
    let application_scopes = application_scopes
        .as_ref()
        .and_then(GrantedScopes::from_json);
    let owner = match &row.user_id {
        Some(id) => Some(UserId::parse(id).ok_or_else(wrong)?),
        None => None,
    };
    Ok(Client {
        id: ClientId::parse(&row.id).map_err(|_| wrong())?,
        owner,
        scope: ScopeSet::parse(&row.scope).map_err(|_| wrong())?,
        application_scopes: application_scopes.ok_or_else(wrong)?,
        audiences: row
            .audiences
            .split(' ')
            .filter(|a| !a.is_empty())
            .map(str::to_owned)
            .collect(),
        default_audience: row.default_audience,
        lifetime: row.lifetime,
        allowed_networks: Networks::parse(&row.allowed_networks).map_err(|_| wrong())?,
        name: row.name,
        description: row.description,
        expires_at: row.expires_at.map(Timestamp::from_millis),
        provisions_users: row.provisions_users.unwrap_or(false),
        disabled: read_disabled(row.disabled_at, row.disabled_by.as_deref()),
        generation: row.generation,
        created_at: Timestamp::from_millis(row.created_at),
    })
}
