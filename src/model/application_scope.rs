//! The scopes that an application defines for itself (RFC 6749 section 3.3): what they mean is the
//! application's affair, that nothing else is granted is ours.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::model::scope::ScopeSet;
use crate::model::text::{TextError, check_text};

/// How many scopes one application can define.
pub const SCOPES: usize = 50;
/// How long a scope's name may be; all of an application's names fit into one token.
pub const SCOPE_LENGTH: usize = 64;
/// How long what a scope means may be told, in characters.
pub const DESCRIPTION_LENGTH: usize = 200;

/// A scope of an application's own.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct ApplicationScope {
    pub name: String,
    #[serde(default)]
    pub description: String,
}

/// Why an application cannot define these scopes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ApplicationScopeError {
    #[error("an application defines at most 50 scopes")]
    TooMany,
    #[error("a name has 1 to 64 printable ASCII characters, and no space, '\"' or '\\'")]
    Name,
    #[error("a name is not one of the console's own scopes")]
    ConsoleScope,
    #[error("a name stands there once")]
    Repeated,
    #[error("a description {0}")]
    Description(#[from] TextError),
}

/// Whether `text` can name a scope: a scope-token of RFC 6749 section 3.3.
pub fn is_scope_token(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_graphic() && b != b'"' && b != b'\\';
    (1..=SCOPE_LENGTH).contains(&text.len()) && text.bytes().all(allowed)
}

/// Checks what an application is to define.
pub fn check_scopes(scopes: &[ApplicationScope]) -> Result<(), ApplicationScopeError> {
    use ApplicationScopeError as E;
    if scopes.len() > SCOPES {
        return Err(E::TooMany);
    }
    let mut names = HashSet::new();
    for scope in scopes {
        if !is_scope_token(&scope.name) {
            return Err(E::Name);
        }
        // A token's reader could not tell ours from theirs.
        if ScopeSet::parse(&scope.name).is_ok() {
            return Err(E::ConsoleScope);
        }
        if !names.insert(&scope.name) {
            return Err(E::Repeated);
        }
        check_text(&scope.description, DESCRIPTION_LENGTH)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(name: &str) -> ApplicationScope {
        ApplicationScope {
            name: name.to_owned(),
            description: String::new(),
        }
    }

    #[test]
    fn an_applications_scopes_are_scope_tokens_that_the_console_does_not_have() {
        use ApplicationScopeError as E;
        let check = |names: &[&str]| {
            let scopes: Vec<_> = names.iter().map(|name| scope(name)).collect();
            check_scopes(&scopes)
        };
        assert_eq!(check(&[]), Ok(()));
        assert_eq!(check(&["deals:read", "!#[]^~", &"x".repeat(64)]), Ok(()));
        for wrong in [
            "",
            "a b",
            "a\"b",
            "a\\b",
            "ключ",
            "a\u{7f}",
            &"x".repeat(65),
        ] {
            assert_eq!(check(&[wrong]), Err(E::Name), "{wrong:?}");
        }
        for ours in ["openid", "applications:write", "introspect"] {
            assert_eq!(check(&[ours]), Err(E::ConsoleScope), "{ours}");
        }
        assert_eq!(check(&["a", "b", "a"]), Err(E::Repeated));
        assert_eq!(check(&["A", "a"]), Ok(()));
        let many: Vec<_> = (0..51).map(|at| scope(&format!("s{at}"))).collect();
        assert_eq!(check_scopes(&many[..50]), Ok(()));
        assert_eq!(check_scopes(&many), Err(E::TooMany));
        let long = ApplicationScope {
            description: "я".repeat(201),
            ..scope("a")
        };
        assert_eq!(
            check_scopes(&[long]),
            Err(E::Description(TextError::TooLong(200)))
        );
    }
}
