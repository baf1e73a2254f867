//! Scopes (RFC 6749 section 3.3) and the roles that bound them.

use std::fmt;
use std::ops::{BitAnd, BitOr, Sub};

/// One scope: what a token may do at the console API.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    OpenId,
    ApplicationsRead,
    ApplicationsWrite,
    UsersRead,
    UsersWrite,
    KeysRead,
    KeysWrite,
    AuditRead,
    Introspect,
}

use Scope::*;

impl Scope {
    /// Every scope there is, in the order in which they are written.
    pub const ALL: [Scope; 9] = [
        OpenId,
        ApplicationsRead,
        ApplicationsWrite,
        UsersRead,
        UsersWrite,
        KeysRead,
        KeysWrite,
        AuditRead,
        Introspect,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            OpenId => "openid",
            ApplicationsRead => "applications:read",
            ApplicationsWrite => "applications:write",
            UsersRead => "users:read",
            UsersWrite => "users:write",
            KeysRead => "keys:read",
            KeysWrite => "keys:write",
            AuditRead => "audit:read",
            Introspect => "introspect",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }
}

/// What stands between the spaces of a scope.
pub fn scope_tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(' ').filter(|name| !name.is_empty())
}

/// A set of scopes; written as their names in the order of [`Scope::ALL`], one space between.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct ScopeSet(u16);

/// A scope that is not well formed, or that does not exist.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "the scopes are: openid applications:read applications:write users:read users:write keys:read keys:write audit:read introspect"
)]
pub struct UnknownScope;

impl ScopeSet {
    pub const EMPTY: Self = Self(0);

    pub const fn of(scopes: &[Scope]) -> Self {
        let mut bits = 0;
        let mut at = 0;
        while at < scopes.len() {
            bits |= 1 << scopes[at] as u16;
            at += 1;
        }
        Self(bits)
    }

    pub const fn all() -> Self {
        Self::of(&Scope::ALL)
    }

    /// Reads `scope-token *( SP scope-token )`, with more spaces before, between and after them, as
    /// programs write that put lists together; the empty text is the empty set.
    pub fn parse(text: &str) -> Result<Self, UnknownScope> {
        if text.is_empty() {
            return Ok(Self::EMPTY);
        }
        let mut names = scope_tokens(text).peekable();
        names.peek().ok_or(UnknownScope)?;
        names.try_fold(Self::EMPTY, |set, name| {
            let scope = Scope::parse(name).ok_or(UnknownScope)?;
            Ok(Self(set.0 | Self::of(&[scope]).0))
        })
    }

    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & Self::of(&[scope]).0 != 0
    }

    pub const fn is_subset(self, of: Self) -> bool {
        self.0 & !of.0 == 0
    }

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |&s| self.contains(s))
    }
}

/// What both have.
impl BitAnd for ScopeSet {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

/// What either has.
impl BitOr for ScopeSet {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What the first has and the second has not.
impl Sub for ScopeSet {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, scope) in self.iter().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

/// What a user may do at most; a key of theirs can do no more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Every scope, over everything.
    Administrator,
    /// Some scopes, over what is theirs.
    Member,
}

impl Role {
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::Administrator => "administrator",
            Role::Member => "member",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "administrator" => Some(Role::Administrator),
            "member" => Some(Role::Member),
            _ => None,
        }
    }

    /// The scopes that a key of a user in this role can have.
    pub const fn scopes(self) -> ScopeSet {
        match self {
            Role::Administrator => ScopeSet::all(),
            Role::Member => {
                ScopeSet::of(&[OpenId, ApplicationsRead, UsersRead, KeysRead, KeysWrite])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_written_in_one_order_and_read_back() {
        let set = ScopeSet::parse("users:read openid users:read").unwrap();
        assert_eq!(set.to_string(), "openid users:read");
        assert_eq!(ScopeSet::parse(&set.to_string()), Ok(set));
        assert_eq!(
            ScopeSet::parse(&ScopeSet::all().to_string()),
            Ok(ScopeSet::all())
        );
    }

    #[test]
    fn spaces_around_and_between_scopes_mean_nothing() {
        for text in ["openid ", " openid", "  openid   openid "] {
            assert_eq!(
                ScopeSet::parse(text),
                Ok(ScopeSet::of(&[OpenId])),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_malformed_or_unknown_scope_is_refused() {
        for wrong in [" ", "   ", "OpenID", "open id", "openid\tx", "all"] {
            assert_eq!(ScopeSet::parse(wrong), Err(UnknownScope), "{wrong:?}");
        }
    }

    #[test]
    fn a_member_has_no_scope_that_changes_what_is_not_theirs() {
        let beyond = ScopeSet::all() - Role::Member.scopes();
        assert_eq!(
            beyond.to_string(),
            "applications:write users:write audit:read introspect"
        );
    }
}
