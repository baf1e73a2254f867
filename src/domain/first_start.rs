//! The first start: everything that an empty database needs before it can serve, made at once or
//! not at all, by one process however many start together.

use std::path::{Path, PathBuf};
use std::{fs, io};

use serde_json::json;

use super::installation::{NotInstalled, Place as Installation};
use super::secret::DigestKeys;
use super::user_lists::NewUserList;
use super::users::NewUser;
use super::{Act, DomainError, clients, password, user_lists, users};
use crate::ambient::{random_base62, random_uuid};
use crate::model::client::TOKEN_LIFETIME;
use crate::model::granted_scopes::GrantedScopes;
use crate::model::network::Networks;
use crate::model::password::TEMPORARY_TIME;
use crate::model::scope::{Role, Scope, ScopeSet};
use crate::model::secret::Secret;
use crate::model::signing_key::{SigningKeyState, StoredSigningKey};
use crate::model::timestamp::Timestamp;
use crate::signing::master_key::FILE_NAME;
use crate::signing::{DigestKey, KeyFileError, MasterKey, Place, SigningKey, write_private_file};
use crate::store::{
    AnyConnection, Database, DatabaseUrl, StoreError, changes, digest_keys, instance, signing_keys,
};

/// How long the first access key lives, in seconds.
const FIRST_KEY_LIFETIME: i64 = 24 * 3600;

/// What the first start made for its operator; shown once.
pub struct FirstSignIn {
    pub login: String,
    pub password: Secret,
    pub password_ends_at: Timestamp,
    pub client_id: String,
    pub client_secret: Secret,
    pub expires_at: Timestamp,
}

/// Why the first start did not happen; nothing was made but perhaps the master key's file.
#[derive(Debug, thiserror::Error)]
pub enum FirstStartError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    NotInstalled(#[from] NotInstalled),
    #[error(transparent)]
    Domain(#[from] DomainError),
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    #[error("cannot make a key: {0}")]
    Crypto(String),
    #[error(
        "cannot keep the first sign-in in {0}: {1}. Let this process write there, or start it on a \
         terminal once, which shows the sign-in instead"
    )]
    Keep(PathBuf, io::Error),
}

/// Sets an empty database up, where a new installation may be; answers nothing when that was done
/// before.
///
/// `keep` is called inside the transaction: what it keeps is there before anybody can sign in.
pub fn first_start(
    database: &Database,
    place: &Installation<'_>,
    key_bits: u32,
    act: &Act,
    keep: impl FnOnce(&FirstSignIn) -> Result<(), FirstStartError>,
) -> Result<Option<FirstSignIn>, FirstStartError> {
    if database.read(instance::find)?.is_some() {
        return Ok(None);
    }
    // All that takes time is made before the transaction.
    let password = Secret::new(random_base62(20));
    let hash = password::hash(&password, true)?;
    let crypto = |e: &dyn std::fmt::Display| FirstStartError::Crypto(e.to_string());
    let signs = SigningKey::generate(key_bits).map_err(|e| crypto(&e))?;
    let next = SigningKey::generate(key_bits).map_err(|e| crypto(&e))?;
    let digest_key = DigestKey::generate();

    let mut makes_key = false;
    let done = database.write(|c| {
        if instance::find(c)?.is_some() {
            return Ok(None);
        }
        place.check_inside(c)?;
        makes_key = !place.has_key();
        let master_key = MasterKey::create(place.keys_dir)?;
        changes::update_epoch(c, &random_uuid().to_string())?;
        instance::create(c, &master_key.fingerprint(), act.now)?;
        let place = Place {
            table: digest_keys::TABLE,
            row: digest_key.id(),
        };
        let sealed = master_key.seal(&place, digest_key.expose_bytes());
        digest_keys::create(c, digest_key.id(), &sealed, act.now)?;
        let object = ("digest_key", digest_key.id().to_owned());
        act.record(c, &[], "digest_key.created", object, json!({}))?;
        for (key, state) in [
            (&signs, SigningKeyState::Active),
            (&next, SigningKeyState::Next),
        ] {
            create_signing_key(c, act, &master_key, key, key_bits, state)?;
        }
        let keys = DigestKeys::new(vec![digest_key])
            .ok_or_else(|| FirstStartError::Crypto("no digest key".to_owned()))?;
        let new = NewUserList {
            presentation: "Users".to_owned(),
            ..NewUserList::default()
        };
        user_lists::create(c, act, new)?;
        let new = NewUser {
            login: "admin".to_owned(),
            presentation: None,
            email: None,
            phone: None,
            role: Role::Administrator,
            user_list: None,
        };
        let user = users::create(c, act, new, &hash)?;
        let expires_at = act.now.plus_seconds(FIRST_KEY_LIFETIME);
        let new = clients::NewClient {
            owner: Some(user.id),
            name: "First key".to_owned(),
            description: String::new(),
            scope: ScopeSet::of(&[Scope::OpenId, Scope::ApplicationsRead]),
            application_scopes: GrantedScopes::default(),
            audiences: Vec::new(),
            default_audience: None,
            lifetime: TOKEN_LIFETIME,
            allowed_networks: Networks::default(),
            expires_at: Some(expires_at),
            provisions_users: false,
        };
        let (client, client_secret) = clients::create(c, act, &keys, new)?;
        let first = FirstSignIn {
            login: user.login,
            password,
            password_ends_at: act.now.plus_seconds(TEMPORARY_TIME),
            client_id: client.id.to_string(),
            client_secret,
            expires_at,
        };
        keep(&first)?;
        Ok(Some(first))
    });
    if done.is_err() && makes_key {
        // One that wraps nothing would look like the rest of an installation. Only once it is sure
        // that nothing was set up: a commit can fail after it was done.
        let _ = database.write(|c| {
            if instance::find(c)?.is_none() {
                let _ = fs::remove_file(place.keys_dir.join(FILE_NAME));
            }
            Ok::<_, StoreError>(())
        });
    }
    done
}

fn create_signing_key(
    c: &mut AnyConnection,
    act: &Act,
    master_key: &MasterKey,
    key: &SigningKey,
    bits: u32,
    state: SigningKeyState,
) -> Result<(), FirstStartError> {
    let der = key
        .to_pkcs8_der()
        .map_err(|e| FirstStartError::Crypto(e.to_string()))?;
    let kid = key.public().kid().to_owned();
    let place = Place {
        table: signing_keys::TABLE,
        row: &kid,
    };
    let stored = StoredSigningKey {
        sealed: master_key.seal(&place, der.expose()),
        kid: kid.clone(),
        state,
        bits: i64::from(bits),
        published_at: act.now,
        activated_at: (state == SigningKeyState::Active).then_some(act.now),
    };
    signing_keys::create(c, &stored)?;
    // Nobody follows the change log yet.
    let details = json!({"state": state.as_str(), "bits": bits});
    Ok(act.record(c, &[], "signing_key.created", ("signing_key", kid), details)?)
}

impl FirstSignIn {
    /// What its operator reads; the last line works when it is pasted into a shell.
    pub fn to_text(&self, public_url: &str) -> String {
        format!(
            "Sign-in (the password must be changed at the first sign-in, and ends {};\n\
             after that: mintmark user set-password --login {} --password-stdin)\n\
             \x20 login:         {}\n\
             \x20 password:      {}\n\
             \n\
             Access key (scope: openid applications:read; ends {})\n\
             \x20 client_id:     {}\n\
             \x20 client_secret: {}\n\
             \n\
             A token:\n\
             \x20 curl -u {}:{} -d grant_type=client_credentials {public_url}/console/sys/token\n",
            self.password_ends_at,
            self.login,
            self.login,
            self.password.expose(),
            self.expires_at,
            self.client_id,
            self.client_secret.expose(),
            self.client_id,
            self.client_secret.expose(),
        )
    }
}

/// Where the first sign-in is kept when there is no terminal to show it on: beside the master key,
/// or beside the SQLite file where that folder cannot be written, as a mounted secret's.
pub fn first_sign_in_paths(keys_dir: &Path, database: &DatabaseUrl) -> Vec<PathBuf> {
    let beside_database = match database {
        DatabaseUrl::Sqlite(path) => path.parent(),
        DatabaseUrl::Postgresql(_) => None,
    };
    let folders = [Some(keys_dir), beside_database];
    let paths = folders.into_iter().flatten();
    paths.map(|folder| folder.join("first-start.txt")).collect()
}

/// Keeps the first sign-in for its operator, in a file that only they can read, and answers where.
pub fn keep_first_sign_in(paths: &[PathBuf], text: &str) -> Result<PathBuf, FirstStartError> {
    let mut failed = None;
    for path in paths {
        match write_private_file(path, text.as_bytes()) {
            Ok(()) => return Ok(path.clone()),
            Err(e) => {
                let cannot_be_written = matches!(
                    e.kind(),
                    io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
                );
                failed = failed.or(Some((path.clone(), e)));
                if !cannot_be_written {
                    break;
                }
            }
        }
    }
    let nowhere = || (PathBuf::new(), io::Error::from(io::ErrorKind::NotFound));
    let (path, error) = failed.unwrap_or_else(nowhere);
    Err(FirstStartError::Keep(path, error))
}

/// Deletes those files if they are for `login`: the password in them is no longer valid.
pub fn forget_first_sign_in(paths: &[PathBuf], login: &str) -> Result<(), (PathBuf, io::Error)> {
    for path in paths {
        forget_one(path, login).map_err(|e| (path.clone(), e))?;
    }
    Ok(())
}

fn forget_one(path: &Path, login: &str) -> io::Result<()> {
    let text = match fs::read_to_string(path) {
        Ok(text) => Secret::new(text),
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(e),
    };
    let mut lines = text.expose().lines();
    let named = lines.find_map(|line| line.trim().strip_prefix("login:"));
    match named.is_some_and(|named| named.trim() == login) {
        true => fs::remove_file(path),
        false => Ok(()),
    }
}
