//! Clients: access keys, which act for a user, and service clients, which act for themselves.

use crate::model::audit::ActorKind;
use crate::model::granted_scopes::GrantedScopes;
use crate::model::ids::{ClientId, UserId};
use crate::model::network::Networks;
use crate::model::scope::{Scope, ScopeSet};
use crate::model::timestamp::Timestamp;

/// How long a token lives unless its client asks for less, in seconds.
pub const TOKEN_LIFETIME: i64 = 3600;
/// The shortest lifetime that a client may ask for, in seconds.
pub const SHORTEST_TOKEN_LIFETIME: i64 = 60;
/// How many clients one user may own.
pub const KEYS_PER_USER: i64 = 50;
/// How long a client's name may be, in characters.
pub const NAME_LENGTH: usize = 100;
/// How long a client's description may be, in characters.
pub const DESCRIPTION_LENGTH: usize = 500;
/// How many networks or audiences one client may list.
pub const LIST_LENGTH: usize = 50;

/// A registered program that asks for tokens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Client {
    pub id: ClientId,
    /// Whose access key this is; a service client has no owner.
    pub owner: Option<UserId>,
    /// What its maker calls it.
    pub name: String,
    /// What it is for, where the name does not say it.
    pub description: String,
    /// What it may do at most at the console API.
    pub scope: ScopeSet,
    /// What it may do at most at applications that define scopes of their own.
    pub application_scopes: GrantedScopes,
    /// The `uri`s of the applications that a service client may reach.
    pub audiences: Vec<String>,
    /// What a service client's tokens are for when a request names nothing (RFC 8707 section 2); the
    /// console API without. It is what was stored, though the application may be gone by now, or the
    /// client list it no longer.
    pub default_audience: Option<String>,
    /// How long its tokens live, in seconds.
    pub lifetime: i64,
    pub allowed_networks: Networks,
    pub expires_at: Option<Timestamp>,
    /// Whether it may make people, let them in and change their roles though it ends, is bound to
    /// networks or has tokens of a short life: a person is bound by none of these.
    pub provisions_users: bool,
    pub disabled: Option<Disabled>,
    /// Raised when everything issued so far must be refused.
    pub generation: i64,
    pub created_at: Timestamp,
}

/// That something was switched off, when, and by what kind of hand: what an administrator has
/// disabled, only an administrator enables.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Disabled {
    pub at: Timestamp,
    pub by: ActorKind,
}

/// One secret of a client, without the secret.
#[derive(Clone, Debug)]
pub struct ClientSecret {
    pub id: String,
    pub client_id: ClientId,
    /// What the secret's keyed digest must be.
    pub digest: String,
    /// Which digest key made it.
    pub digest_key_id: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    /// For how many seconds it must be unused to be called safe to remove; only where a newer one
    /// was made.
    pub quiet_for: Option<i64>,
}

/// Why a client cannot be as asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ClientRuleError {
    #[error("a service client acts for itself and cannot have the scope openid")]
    ServiceOpenId,
    #[error("an access key's audiences are those of its user: it cannot list any")]
    AccessKeyAudience,
    #[error("an access key's tokens are for the console API unless a request says otherwise")]
    AccessKeyDefault,
    #[error("a token lives 60 seconds at least and 1 hour at most")]
    Lifetime,
    #[error("expires in the past")]
    ExpiresInThePast,
    #[error("is {} at most", Timestamp::LATEST)]
    ExpiresTooLate,
    #[error("lists more than 50 networks")]
    TooManyNetworks,
    #[error("lists more than 50 audiences")]
    TooManyAudiences,
}

impl Client {
    /// Checks the rules that hold between a client's members.
    pub fn check(&self, now: Timestamp) -> Result<(), ClientRuleError> {
        if self.owner.is_none() && self.scope.contains(Scope::OpenId) {
            return Err(ClientRuleError::ServiceOpenId);
        }
        if self.owner.is_some() && !self.audiences.is_empty() {
            return Err(ClientRuleError::AccessKeyAudience);
        }
        if self.owner.is_some() && self.default_audience.is_some() {
            return Err(ClientRuleError::AccessKeyDefault);
        }
        if !(SHORTEST_TOKEN_LIFETIME..=TOKEN_LIFETIME).contains(&self.lifetime) {
            return Err(ClientRuleError::Lifetime);
        }
        if self.expires_at.is_some_and(|at| at <= now) {
            return Err(ClientRuleError::ExpiresInThePast);
        }
        if self.audiences.len() > LIST_LENGTH {
            return Err(ClientRuleError::TooManyAudiences);
        }
        if self.allowed_networks.iter().count() > LIST_LENGTH {
            return Err(ClientRuleError::TooManyNetworks);
        }
        // The last rule: a client that broke it before it was one may go on doing so.
        if self.expires_at.is_some_and(|at| at > Timestamp::LATEST) {
            return Err(ClientRuleError::ExpiresTooLate);
        }
        Ok(())
    }

    /// Neither disabled nor expired.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        self.disabled.is_none() && self.expires_at.is_none_or(|at| now < at)
    }

    /// `access_key` or `service_client`, as in the audit log.
    pub fn kind(&self) -> &'static str {
        client_kind(&self.owner)
    }
}

/// What a client with this owner is called in the audit log.
pub const fn client_kind(owner: &Option<UserId>) -> &'static str {
    match owner {
        Some(_) => "access_key",
        None => "service_client",
    }
}

impl ClientSecret {
    pub fn is_alive(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|at| now < at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client() -> Client {
        Client {
            id: ClientId::parse("mmk_a").unwrap(),
            owner: None,
            name: "ci".to_owned(),
            description: String::new(),
            scope: ScopeSet::of(&[Scope::UsersRead]),
            application_scopes: GrantedScopes::default(),
            audiences: vec![],
            default_audience: None,
            lifetime: TOKEN_LIFETIME,
            allowed_networks: Networks::default(),
            expires_at: None,
            provisions_users: false,
            disabled: None,
            generation: 1,
            created_at: Timestamp::from_seconds(0),
        }
    }

    #[test]
    fn a_service_client_never_has_openid() {
        let now = Timestamp::from_seconds(1);
        assert_eq!(client().check(now), Ok(()));
        let with_openid = Client {
            scope: ScopeSet::of(&[Scope::OpenId]),
            ..client()
        };
        assert_eq!(with_openid.check(now), Err(ClientRuleError::ServiceOpenId));
    }

    #[test]
    fn lifetimes_and_expiry_have_bounds() {
        let now = Timestamp::from_seconds(100);
        for (lifetime, holds) in [(59, false), (60, true), (3600, true), (3601, false)] {
            let client = Client {
                lifetime,
                ..client()
            };
            assert_eq!(client.check(now).is_ok(), holds, "{lifetime}");
        }
        let expired = Client {
            expires_at: Some(now),
            ..client()
        };
        assert_eq!(expired.check(now), Err(ClientRuleError::ExpiresInThePast));
        let endless = Client {
            expires_at: Some(Timestamp::LATEST.plus_seconds(1)),
            ..client()
        };
        assert_eq!(endless.check(now), Err(ClientRuleError::ExpiresTooLate));
        assert!(!expired.is_alive(now));
        assert!(expired.is_alive(Timestamp::from_millis(99_999)));
    }
}
