//! The claims of the two tokens (RFC 7519, RFC 9068, OpenID Connect Core section 2), and the
//! subject of an id_token as the old console writes it.

use serde::{Deserialize, Serialize};

use crate::model::ids::{ClientId, UserId, UserListId};
use crate::model::object::Object;

/// `typ` of an access token (RFC 9068 section 2.1).
pub const ACCESS_TOKEN_TYP: &str = "at+jwt";
/// `typ` of an id_token.
pub const ID_TOKEN_TYP: &str = "JWT";

/// Claims of an access token (RFC 9068 section 2.2).
#[derive(Serialize, Debug)]
pub struct AccessTokenClaims<'a> {
    pub iss: &'a str,
    /// The user's id, or the client_id of a service client.
    pub sub: &'a str,
    pub aud: &'a str,
    pub client_id: &'a str,
    pub iat: i64,
    pub exp: i64,
    pub jti: &'a str,
    /// Left out where nothing was granted: there is no empty scope (RFC 9068 section 2.2.3, RFC 6749
    /// section 3.3), and verifiers refuse one or take it for a scope without a name.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub scope: &'a str,
    #[serde(rename = "gen")]
    pub generation: i64,
}

/// Claims of an id_token for console clients.
#[derive(Serialize, Debug)]
pub struct IdTokenClaims<'a> {
    pub iss: &'a str,
    /// A text that holds JSON: see [`Subject`].
    pub sub: &'a str,
    /// The client_id.
    pub aud: &'a str,
    pub iat: i64,
    pub exp: i64,
    pub at_hash: &'a str,
    pub jti: &'a str,
    pub scope: &'a str,
    #[serde(rename = "gen")]
    pub generation: i64,
}

/// Whom an id_token is about.
pub struct Subject<'a> {
    pub user_id: UserId,
    pub user_list_id: UserListId,
    pub user_presentation: &'a str,
    pub client_id: &'a ClientId,
}

impl Subject<'_> {
    /// The JSON in the old console's exact layout: CRLF line ends, two spaces, ` : ` between a key
    /// and its value.
    pub fn to_text(&self) -> String {
        // A string always has a JSON form.
        let presentation = serde_json::Value::from(self.user_presentation);
        let Self {
            user_id,
            user_list_id,
            client_id,
            ..
        } = self;
        let name = serde_json::Value::from(client_id.as_str());
        format!(
            "{{\r\n  \"user-id\" : \"{user_id}\",\r\n  \"user-list-id\" : \"{user_list_id}\",\r\n  \
             \"user-presentation\" : {presentation},\r\n  \"auth-identity\" : {{\r\n    \
             \"name\" : {name},\r\n    \"domain\" : \"user_tokens\"\r\n  }}\r\n}}"
        )
    }
}

/// The subject as it is read back from a token.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ReadSubject {
    pub user_id: String,
    pub user_list_id: String,
    pub user_presentation: String,
    pub auth_identity: Object<AuthIdentity>,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct AuthIdentity {
    pub name: String,
    pub domain: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_subject_has_the_layout_of_the_old_consoles_document() {
        let client_id = ClientId::parse("vQBFm9ZCcVfaWfOfvPNunkZgpocpIA1xfMnlnip6duk=").unwrap();
        let subject = Subject {
            user_id: UserId::parse("25d2757d-ed6b-48ae-9abf-a563d00052ae").unwrap(),
            user_list_id: UserListId::parse("411c5ca0-9ad3-4cdb-83fe-06a0f20cb5b2").unwrap(),
            user_presentation: "admin",
            client_id: &client_id,
        };
        let documented = "{\r\n  \"user-id\" : \"25d2757d-ed6b-48ae-9abf-a563d00052ae\",\r\n  \
            \"user-list-id\" : \"411c5ca0-9ad3-4cdb-83fe-06a0f20cb5b2\",\r\n  \
            \"user-presentation\" : \"admin\",\r\n  \"auth-identity\" : {\r\n    \
            \"name\" : \"vQBFm9ZCcVfaWfOfvPNunkZgpocpIA1xfMnlnip6duk=\",\r\n    \
            \"domain\" : \"user_tokens\"\r\n  }\r\n}";
        assert_eq!(subject.to_text(), documented);
        let odd = Subject {
            user_presentation: "a\"\\\u{1}ж",
            ..subject
        };
        let read: ReadSubject = serde_json::from_str(&odd.to_text()).unwrap();
        assert_eq!(read.user_presentation, "a\"\\\u{1}ж");
        assert_eq!(read.auth_identity.0.domain, "user_tokens");
    }
}
