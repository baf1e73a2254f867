//! The scopes of applications' own that a client may have, application by application.

use serde_json::{Map, Value};

use crate::model::application_scope::SCOPES;
use crate::model::ids::ApplicationId;

/// For how many applications one client may have scopes.
pub const APPLICATIONS: usize = 50;

/// Names of scopes that applications define, by the application. Beside an application that
/// defines one of them no more, the name means nothing.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct GrantedScopes(Vec<(ApplicationId, Vec<String>)>);

/// Why a client cannot be given such scopes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum GrantedScopesError {
    #[error("an application stands there once")]
    Repeated,
    #[error("names scopes of more than {APPLICATIONS} applications")]
    TooManyApplications,
    #[error("names more than {SCOPES} scopes of one application")]
    TooManyScopes,
}

impl GrantedScopes {
    /// Takes each scope once, in the order given; an application without any is left out.
    pub fn new(granted: Vec<(ApplicationId, Vec<String>)>) -> Result<Self, GrantedScopesError> {
        let mut kept: Vec<(ApplicationId, Vec<String>)> = Vec::new();
        for (application, scopes) in granted {
            if kept.iter().any(|(known, _)| *known == application) {
                return Err(GrantedScopesError::Repeated);
            }
            let mut once: Vec<String> = Vec::new();
            for scope in scopes {
                if !once.contains(&scope) {
                    once.push(scope);
                }
            }
            if once.len() > SCOPES {
                return Err(GrantedScopesError::TooManyScopes);
            }
            kept.push((application, once));
        }
        kept.retain(|(_, scopes)| !scopes.is_empty());
        match kept.len() > APPLICATIONS {
            true => Err(GrantedScopesError::TooManyApplications),
            false => Ok(Self(kept)),
        }
    }

    /// The scopes of one application.
    pub fn of(&self, application: ApplicationId) -> &[String] {
        let mut granted = self.0.iter();
        granted
            .find(|(id, _)| *id == application)
            .map_or(&[], |(_, scopes)| scopes)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (ApplicationId, &[String])> {
        self.0.iter().map(|(id, scopes)| (*id, scopes.as_slice()))
    }

    /// What these have and `others` have not.
    #[must_use]
    pub fn without(&self, others: &GrantedScopes) -> Self {
        let lacking = |(application, scopes): (ApplicationId, &[String])| {
            let has = others.of(application);
            let lacking = scopes.iter().filter(|scope| !has.contains(scope));
            (application, lacking.cloned().collect::<Vec<_>>())
        };
        let mut kept: Vec<_> = self.iter().map(lacking).collect();
        kept.retain(|(_, scopes)| !scopes.is_empty());
        Self(kept)
    }

    /// A JSON object: each application's id with the list of its scopes.
    pub fn to_json(&self) -> Value {
        let member = |(id, scopes): (ApplicationId, &[String])| (id.to_string(), scopes.into());
        Value::Object(self.iter().map(member).collect::<Map<_, _>>())
    }

    /// Reads what `to_json` wrote; nothing if it is something else.
    pub fn from_json(json: &Value) -> Option<Self> {
        let read = |(id, scopes): (&String, &Value)| {
            let scopes = scopes.as_array()?.iter();
            let scopes = scopes.map(|scope| scope.as_str().map(str::to_owned));
            Some((ApplicationId::parse(id)?, scopes.collect::<Option<_>>()?))
        };
        let granted: Option<_> = json.as_object()?.iter().map(read).collect();
        Self::new(granted?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn application(last: u8) -> ApplicationId {
        ApplicationId::parse(&format!("25d2757d-ed6b-48ae-9abf-a563d00052{last:02x}")).unwrap()
    }

    fn granted(of: &[(u8, &[&str])]) -> Result<GrantedScopes, GrantedScopesError> {
        let owned = |scopes: &[&str]| scopes.iter().map(|s| (*s).to_owned()).collect();
        let of = of.iter().map(|(last, s)| (application(*last), owned(s)));
        GrantedScopes::new(of.collect())
    }

    #[test]
    fn scopes_are_granted_application_by_application_and_read_back() {
        let both = granted(&[(1, &["b", "a", "b"]), (2, &["a"]), (3, &[])]).unwrap();
        assert_eq!(both.of(application(1)), ["b", "a"]);
        assert_eq!(both.of(application(3)), [""; 0]);
        assert_eq!(both.iter().count(), 2);
        assert_eq!(GrantedScopes::from_json(&both.to_json()), Some(both));
        let none = GrantedScopes::default();
        assert!(none.is_empty());
        assert_eq!(GrantedScopes::from_json(&none.to_json()), Some(none));
        for broken in [
            "[]",
            r#"{"x":[]}"#,
            r#"{"25d2757d-ed6b-48ae-9abf-a563d00052ae":[1]}"#,
        ] {
            let broken = serde_json::from_str(broken).unwrap();
            assert_eq!(GrantedScopes::from_json(&broken), None, "{broken}");
        }
    }

    #[test]
    fn what_one_client_has_more_than_another_is_told_by_the_application() {
        let wide = granted(&[(1, &["a", "b"]), (2, &["a"])]).unwrap();
        let other = granted(&[(1, &["b", "c"]), (3, &["a"])]).unwrap();
        assert_eq!(
            wide.without(&other),
            granted(&[(1, &["a"]), (2, &["a"])]).unwrap()
        );
        assert!(wide.without(&wide).is_empty());
    }

    #[test]
    fn one_client_has_so_many_and_each_application_once() {
        let twice = granted(&[(1, &["a"]), (1, &["b"])]);
        assert_eq!(twice, Err(GrantedScopesError::Repeated));
        let names: Vec<String> = (0..=SCOPES).map(|at| at.to_string()).collect();
        let many = GrantedScopes::new(vec![(application(1), names)]);
        assert_eq!(many, Err(GrantedScopesError::TooManyScopes));
        let all = (0..=50).map(|last| (application(last), vec!["a".to_owned()]));
        let many = GrantedScopes::new(all.collect());
        assert_eq!(many, Err(GrantedScopesError::TooManyApplications));
    }
}
