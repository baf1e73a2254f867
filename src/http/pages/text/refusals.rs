//! What is said of an act that was not done.

use crate::domain::{DomainError, Obstacle, StoreError, Taken};

/// By what stood in the way, never by what the domain says of it, which is English.
pub struct Refusals {
    /// A value that is not as it must be: its name on the wire, and why, in English.
    pub invalid: fn(&str, &str) -> String,
    pub too_many: &'static str,
    pub taken: fn(Taken) -> String,
    pub obstacle: fn(Obstacle) -> String,
    pub changed: &'static str,
    pub exists: &'static str,
}

impl super::Text {
    /// Why an act was not done.
    pub fn refusal(&self, error: &DomainError) -> String {
        let (says, errors) = (&self.refusals, &self.errors);
        match error {
            DomainError::Invalid { field, reason } => (says.invalid)(field, reason),
            DomainError::OutOfRange { .. } => says.too_many.to_owned(),
            DomainError::NotFound(_) => errors.not_found.to_owned(),
            DomainError::Forbidden { .. } => errors.forbidden.to_owned(),
            DomainError::AlreadyExists(taken) => (says.taken)(*taken),
            DomainError::FailedPrecondition(obstacle) => (says.obstacle)(*obstacle),
            DomainError::Changed => says.changed.to_owned(),
            DomainError::Store(StoreError::Unavailable(_)) => errors.unavailable.to_owned(),
            DomainError::Store(StoreError::Conflict(_)) => says.exists.to_owned(),
            DomainError::Store(StoreError::Broken(_) | StoreError::Refused(_))
            | DomainError::Internal(_) => errors.internal.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Counted;
    use crate::http::pages::text::Language;
    use crate::model::application_status::{ApplicationStatus, StatusAct};
    use crate::model::scope::ScopeSet;

    const FIELDS: [&str; 26] = [
        "allowed-networks",
        "application-scopes",
        "applications-quota",
        "audience",
        "default-locale",
        "default-time-zone",
        "description",
        "display-name",
        "email",
        "expires-at",
        "lifetime",
        "login",
        "name",
        "old-ends-in",
        "password",
        "phone",
        "presentation",
        "publication-context",
        "scope",
        "scopes",
        "search",
        "secret",
        "space-id",
        "technology-version",
        "uri",
        "user-lists",
    ];

    fn every() -> Vec<DomainError> {
        let mut every = vec![
            DomainError::OutOfRange {
                field: "page",
                reason: "the list is too long".to_owned(),
            },
            DomainError::NotFound("user"),
            DomainError::Forbidden {
                needed: ScopeSet::EMPTY,
                reason: "for administrators".to_owned(),
            },
            DomainError::Changed,
            DomainError::Store(StoreError::Unavailable("no answer".to_owned())),
            DomainError::Store(StoreError::Conflict("unique".to_owned())),
            DomainError::Internal("broken".to_owned()),
        ];
        every.extend(FIELDS.map(|field| DomainError::invalid(field, "is not right")));
        every.extend(
            [
                Taken::SpaceName,
                Taken::Login,
                Taken::Connection,
                Taken::ClientId,
                Taken::ApplicationName,
                Taken::ApplicationUri,
                Taken::ApplicationUriAlike,
            ]
            .map(DomainError::AlreadyExists),
        );
        every.extend(
            [
                Obstacle::TooManyKeys,
                Obstacle::DisabledByAdministrator,
                Obstacle::TwoSecrets,
                Obstacle::NewestSecret,
                Obstacle::NothingToChange,
                Obstacle::LastAdministrator,
                Obstacle::SecondFactorOn,
                Obstacle::SecondFactorOff,
                Obstacle::ListHasUsers,
                Obstacle::LastList,
                Obstacle::Quota {
                    of: Counted::Users,
                    quota: 7,
                },
                Obstacle::Quota {
                    of: Counted::Applications,
                    quota: 7,
                },
                Obstacle::UriGivenUp,
                Obstacle::Deleted,
                Obstacle::DeletedAlready,
                Obstacle::Status {
                    act: StatusAct::Start,
                    status: ApplicationStatus::Running,
                },
                Obstacle::TooManyLists,
                Obstacle::TooManyNamedUsers,
                Obstacle::TooManyUsers,
                Obstacle::NotConnected,
            ]
            .map(DomainError::FailedPrecondition),
        );
        every
    }

    #[test]
    fn every_refusal_is_said_in_the_readers_language() {
        let mut said = Vec::new();
        for error in every() {
            let russian = Language::Russian.text().refusal(&error);
            let english = Language::English.text().refusal(&error);
            assert!(
                !russian.contains(|c: char| c.is_ascii_alphabetic()),
                "{error:?}: {russian}"
            );
            assert!(english.is_ascii(), "{error:?}: {english}");
            said.push(russian);
        }
        // What a user and an application lack are two things.
        let all = said.len();
        said.sort();
        said.dedup();
        assert_eq!(said.len(), all);
    }
}
