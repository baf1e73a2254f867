//! Client authentication (RFC 6749 section 2.3): is this the client that it says it is, and may it
//! be used now, from there?

use std::net::IpAddr;
use std::sync::Arc;

use super::guard::Guard;
use super::secret::DigestKeys;
use crate::directory::{Directory, Freshness, KnownClient, KnownUser};
use crate::model::client::{ClientSecret, SHORTEST_TOKEN_LIFETIME};
use crate::model::ids::ClientId;
use crate::model::secret::Secret;
use crate::model::timestamp::Timestamp;
use crate::store::StoreError;

/// What a caller presents.
#[derive(Clone, Debug)]
pub struct Presented {
    /// `client_id` as it was sent, whether it can be one or not.
    pub client_id: String,
    /// The secret in every reading that the way of sending it allows: one or two.
    pub secrets: Vec<Secret>,
    pub peer: IpAddr,
}

/// A client that proved who it is, with its owner.
#[derive(Clone, Debug)]
pub struct Authenticated {
    pub client: Arc<KnownClient>,
    pub owner: Option<Arc<KnownUser>>,
    /// Which of the client's secrets was presented; none where a token was.
    pub secret: Option<usize>,
}

impl Authenticated {
    /// The secret that was presented, if one was.
    pub fn secret(&self) -> Option<&ClientSecret> {
        self.secret.and_then(|place| self.client.secrets.get(place))
    }

    /// When what it is let in by ends, if it does: the client, or the secret that was presented.
    pub fn ends_at(&self) -> Option<Timestamp> {
        let of_secret = self.secret().and_then(|secret| secret.expires_at);
        [self.client.client.expires_at, of_secret]
            .into_iter()
            .flatten()
            .min()
    }
}

/// Why a client was refused: for the log and the audit, never for the caller.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    #[error("unknown client")]
    Unknown,
    #[error("wrong secret")]
    WrongSecret,
    #[error("client disabled")]
    Disabled,
    #[error("client expired")]
    Expired,
    #[error("client or secret ends within a minute")]
    Ending,
    #[error("owner disabled")]
    OwnerDisabled,
    #[error("network not allowed")]
    Network,
}

/// How an authentication ends, or what it needs before it can.
#[derive(Debug)]
pub enum Outcome {
    Authenticated(Authenticated),
    /// Ask [`Authentication::read_and_decide`] on a thread that may wait: before a refusal the
    /// database is read once, so that a secret made a moment ago elsewhere works.
    MustRead,
    /// Refused; `slowed` says how many seconds to wait when there were too many failures.
    Refused {
        refusal: Refusal,
        slowed: Option<u64>,
    },
    /// Nothing can be decided while the database is away.
    Unavailable,
}

/// What authentication decides from.
#[derive(Clone, Copy)]
pub struct Authentication<'a> {
    pub directory: &'a Directory,
    pub digest_keys: &'a DigestKeys,
    pub guard: &'a Guard,
}

impl Authentication<'_> {
    /// Decides from memory. The secret is checked first, and a right one is never slowed.
    pub fn decide(self, presented: &Presented, now: Timestamp) -> Outcome {
        if self.directory.freshness() == Freshness::Lost {
            return Outcome::Unavailable;
        }
        let id = ClientId::parse(&presented.client_id).ok();
        let client = id.as_ref().and_then(|id| self.directory.client(id));
        let is_sure =
            id.is_none() || client.is_some() || self.directory.is_unknown(&presented.client_id);
        let checked = self.recognise(presented, client, now).and_then(|known| {
            let owner = known.0.client.owner;
            match owner.map(|id| self.directory.user(id)) {
                Some(None) => Ok(Outcome::MustRead),
                owner => {
                    use_now(known, owner.flatten(), presented.peer, now).map(Outcome::Authenticated)
                }
            }
        });
        let refusal = match checked {
            Ok(outcome) => return outcome,
            Err(refusal) => refusal,
        };
        if self.directory.is_away() {
            return Outcome::Unavailable;
        }
        let slowed = self.guard.slowed(&presented.client_id, presented.peer, now);
        // What memory is sure of is not read again for one who is slowed.
        match slowed.is_some() && is_sure && self.directory.freshness() == Freshness::Fresh {
            true => Outcome::Refused { refusal, slowed },
            false => Outcome::MustRead,
        }
    }

    /// Reads the client and decides for good; a failure is counted. May wait for the database.
    pub fn read_and_decide(
        self,
        presented: &Presented,
        now: Timestamp,
    ) -> Result<Outcome, StoreError> {
        let refusal = match self.read_and_check(presented, now)? {
            Ok(authenticated) => return Ok(Outcome::Authenticated(authenticated)),
            Err(refusal) => refusal,
        };
        let slowed = self.guard.slowed(&presented.client_id, presented.peer, now);
        self.guard.failed(&presented.client_id, presented.peer, now);
        Ok(Outcome::Refused { refusal, slowed })
    }

    fn read_and_check(
        self,
        presented: &Presented,
        now: Timestamp,
    ) -> Result<Result<Authenticated, Refusal>, StoreError> {
        // What cannot be an id is looked for all the same, under a name that nobody has: it must
        // not be quicker than what can be one.
        let id = ClientId::parse(&presented.client_id).unwrap_or_else(|_| ClientId::nobody());
        let client = self.directory.read_credentials(&id)?;
        let known = match self.recognise(presented, client, now) {
            Ok(known) => known,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let owner = match known.0.client.owner {
            None => None,
            Some(owner) => match self.directory.read_user(owner)? {
                // A key whose owner is gone is as good as gone itself.
                None => return Ok(Err(Refusal::Unknown)),
                owner => owner,
            },
        };
        Ok(use_now(known, owner, presented.peer, now))
    }

    /// The client, if what is presented is a secret of its own, with the place of that secret. The
    /// work is the same whether there is a client or not.
    fn recognise(
        self,
        presented: &Presented,
        client: Option<Arc<KnownClient>>,
        now: Timestamp,
    ) -> Result<(Arc<KnownClient>, usize), Refusal> {
        let rows = client.as_ref().map_or(&[][..], |client| &client.secrets);
        let id = &presented.client_id;
        let recognised = self
            .digest_keys
            .recognise(id, &presented.secrets, rows, now);
        let client = client.ok_or(Refusal::Unknown)?;
        match recognised {
            Some(secret) => Ok((client, secret)),
            None => Err(Refusal::WrongSecret),
        }
    }
}

fn use_now(
    (client, secret): (Arc<KnownClient>, usize),
    owner: Option<Arc<KnownUser>>,
    peer: IpAddr,
    now: Timestamp,
) -> Result<Authenticated, Refusal> {
    is_usable(&client, owner.as_deref(), peer, now)?;
    let authenticated = Authenticated {
        client,
        owner,
        secret: Some(secret),
    };
    // What it would get ends with it, and is to be of use.
    let first_end = now.plus_seconds(SHORTEST_TOKEN_LIFETIME);
    match authenticated.ends_at().is_some_and(|at| at < first_end) {
        true => Err(Refusal::Ending),
        false => Ok(authenticated),
    }
}

/// Whether a client, and its owner, may be used now from `peer`.
pub fn is_usable(
    client: &KnownClient,
    owner: Option<&KnownUser>,
    peer: IpAddr,
    now: Timestamp,
) -> Result<(), Refusal> {
    let client = &client.client;
    if client.disabled.is_some() {
        return Err(Refusal::Disabled);
    }
    if !client.is_alive(now) {
        return Err(Refusal::Expired);
    }
    if owner.is_some_and(|owner| owner.user.disabled.is_some()) {
        return Err(Refusal::OwnerDisabled);
    }
    if !client.allowed_networks.allow(peer) {
        return Err(Refusal::Network);
    }
    Ok(())
}

/// The generation of everything issued to a client now: the greater of its own and its owner's.
/// Raising either goes above both, so that it changes.
pub fn generation(client: &KnownClient, owner: Option<&KnownUser>) -> i64 {
    let of_owner = owner.map_or(0, |owner| owner.user.generation);
    client.client.generation.max(of_owner)
}
