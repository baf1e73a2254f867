//! Tokens made by hand with the server's own signing key, so that each can be wrong in one place.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mintmark::ambient::Clock;
use mintmark::model::client::Client;
use mintmark::store::users;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::sign::Signer;
use serde_json::{Value, json};

use crate::support::{Credentials, TestApp};

pub const ACCESS: &str = "at+jwt";
pub const ID: &str = "JWT";

/// Members of a JSON object as they will be written: a name and a raw value, in order.
#[derive(Clone)]
pub struct Members(Vec<(String, String)>);

impl Members {
    /// The members of `value`, which is an object.
    pub fn of(value: &Value) -> Self {
        let members = value.as_object().unwrap().iter();
        Self(members.map(|(k, v)| (k.clone(), v.to_string())).collect())
    }

    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(|(name, _)| name.clone()).collect()
    }

    pub fn raw(&self, name: &str) -> String {
        let found = self.0.iter().find(|(n, _)| n == name);
        found.unwrap_or_else(|| panic!("no {name}")).1.clone()
    }

    /// With another value for a member that is there.
    pub fn set(&self, name: &str, value: impl Into<Value>) -> Self {
        self.set_raw(name, &value.into().to_string())
    }

    pub fn set_raw(&self, name: &str, raw: &str) -> Self {
        let mut members = self.without(name);
        assert!(members.0.len() < self.0.len(), "no {name}");
        members.0.push((name.to_owned(), raw.to_owned()));
        members
    }

    pub fn without(&self, name: &str) -> Self {
        let kept = self.0.iter().filter(|(n, _)| n != name);
        Self(kept.cloned().collect())
    }

    /// With one member more at the end, whether there is one of this name or not.
    pub fn and_raw(&self, name: &str, raw: &str) -> Self {
        let mut members = self.clone();
        members.0.push((name.to_owned(), raw.to_owned()));
        members
    }

    pub fn text(&self) -> String {
        let members = self.0.iter().map(|(name, raw)| format!("\"{name}\":{raw}"));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    }
}

/// What tokens for one client are made of.
pub struct Forge {
    pub key: PKey<Private>,
    pub kid: String,
    pub client: Client,
    pub now: i64,
    pub issuer: String,
    user_list: Option<String>,
    generation: i64,
}

impl Forge {
    pub fn new(app: &TestApp, credentials: &Credentials) -> Self {
        let keyring = app.app.directory.keyring();
        let der = keyring.active().to_pkcs8_der().unwrap();
        let client = app.client(credentials);
        let owner = client
            .owner
            .and_then(|id| app.app.read(|c| users::find(c, id)).unwrap());
        Self {
            key: PKey::private_key_from_pkcs8(der.expose()).unwrap(),
            kid: keyring.active().public().kid().to_owned(),
            now: app.clock.now().seconds(),
            issuer: app.url(""),
            user_list: owner.as_ref().map(|user| user.user_list_id.to_string()),
            generation: client
                .generation
                .max(owner.map_or(0, |user| user.generation)),
            client,
        }
    }

    /// The right header.
    pub fn header(&self, typ: &str) -> Members {
        Members::of(&json!({"typ": typ, "alg": "RS512", "kid": self.kid}))
    }

    /// The right claims of an access token for the console API.
    pub fn access_claims(&self) -> Members {
        let client_id = self.client.id.as_str();
        let sub = self.client.owner.map(|user| user.to_string());
        Members::of(&json!({
            "iss": self.issuer,
            "sub": sub.as_deref().unwrap_or(client_id),
            "aud": format!("{}/console/api/v2", self.issuer),
            "client_id": client_id,
            "iat": self.now,
            "exp": self.now + 3600,
            "jti": "0123456789012345678901.a",
            "scope": self.client.scope.to_string(),
            "gen": self.generation,
        }))
    }

    /// The right claims of an id_token.
    pub fn id_claims(&self) -> Members {
        Members::of(&json!({
            "iss": self.issuer,
            "sub": self.subject().text(),
            "aud": self.client.id.as_str(),
            "iat": self.now,
            "exp": self.now + 3600,
            "at_hash": "A".repeat(43),
            "jti": "0123456789012345678901.i",
            "scope": self.client.scope.to_string(),
            "gen": self.generation,
        }))
    }

    /// The object that an id_token's `sub` holds as a text.
    pub fn subject(&self) -> Members {
        Members::of(&json!({
            "user-id": self.client.owner.unwrap().to_string(),
            "user-list-id": self.user_list,
            "user-presentation": "admin",
            "auth-identity": {"name": self.client.id.as_str(), "domain": "user_tokens"},
        }))
    }

    pub fn access(&self, claims: &Members) -> String {
        self.sign(&self.header(ACCESS).text(), &claims.text())
    }

    pub fn id(&self, claims: &Members) -> String {
        self.sign(&self.header(ID).text(), &claims.text())
    }

    /// A token with this header and payload and a signature that verifies.
    pub fn sign(&self, header: &str, payload: &str) -> String {
        let message = format!("{}.{}", encode(header), encode(payload));
        let signature = rs(&self.key, MessageDigest::sha512(), &message);
        format!("{message}.{}", encode(signature))
    }
}

/// Canonical base64url.
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// RSASSA-PKCS1-v1_5.
pub fn rs(key: &PKey<Private>, digest: MessageDigest, message: &str) -> Vec<u8> {
    let mut signer = Signer::new(digest, key).unwrap();
    signer.sign_oneshot_to_vec(message.as_bytes()).unwrap()
}
