//! The database from outside the server: its signing key, and many clients put into it.

use std::path::Path;

use mintmark::ambient::{Clock, SystemClock, random_base62, random_uuid};
use mintmark::directory::Keyring;
use mintmark::domain::secret::generate;
use mintmark::domain::unseal::{Unsealed, unseal};
use mintmark::model::client::{Client, TOKEN_LIFETIME};
use mintmark::model::granted_scopes::GrantedScopes;
use mintmark::model::ids::{ClientId, UserId};
use mintmark::model::network::Networks;
use mintmark::model::scope::{Role, Scope, ScopeSet};
use mintmark::model::user::User;
use mintmark::store::users::PasswordHash;
use mintmark::store::{Database, DatabaseUrl, StoreError, client_secrets, clients, users};
use openssl::pkey::{PKey, Private};

use crate::load::{Request, token_request};
use crate::server::database_file;

const KEYS_PER_USER: usize = 10;
/// How many rows one transaction writes.
const BATCH: usize = 10_000;

fn open(folder: &Path) -> (Database, Unsealed) {
    let url = DatabaseUrl::Sqlite(database_file(folder));
    let database = Database::open(&url, 1).expect("the database opens");
    let unsealed = unseal(&database, &folder.join("keys")).expect("the master key fits");
    (database, unsealed)
}

/// The key that the server in `folder` signs with.
pub fn signing_key(folder: &Path) -> PKey<Private> {
    let (database, unsealed) = open(folder);
    let keyring = database.read(|c| Keyring::load(c, &unsealed.master_key));
    let keyring = keyring.expect("the keys open");
    let der = keyring.active().to_pkcs8_der().expect("a key in memory");
    PKey::private_key_from_pkcs8(der.expose()).expect("what was just written")
}

/// Puts `count` access keys into the database in `folder`, ten for each of so many users, and
/// gives the token requests of `used` of them, all of different users.
pub fn fill(folder: &Path, count: usize, used: usize, form: &str) -> Vec<Request> {
    let (database, unsealed) = open(folder);
    let now = SystemClock.now();
    let admin = database.read(|c| users::find_by_login(c, "admin"));
    let admin = admin.expect("a read").expect("the first start made it");
    let mut owner = admin.id;
    let mut requests = Vec::with_capacity(used);
    for batch in (0..count).step_by(BATCH) {
        let written = database.write(|c| {
            for number in batch..count.min(batch + BATCH) {
                if number % KEYS_PER_USER == 0 {
                    owner = UserId::new(random_uuid());
                    let login = format!("user-{number}");
                    let user = User {
                        id: owner,
                        user_list_id: admin.user_list_id,
                        presentation: login.clone(),
                        login,
                        email: None,
                        phone: None,
                        role: Role::Member,
                        disabled: None,
                        generation: 0,
                        created_at: now,
                        password_ends_at: None,
                    };
                    let none = PasswordHash {
                        hash: String::new(),
                        temporary: true,
                        ends_at: None,
                    };
                    users::create(c, &user, &none)?;
                }
                let id = format!("{}{}", ClientId::PREFIX, random_base62(22));
                let client = Client {
                    id: ClientId::parse(&id).expect("as ids are made"),
                    owner: Some(owner),
                    name: format!("key {number}"),
                    description: String::new(),
                    scope: ScopeSet::of(&[Scope::OpenId, Scope::ApplicationsRead]),
                    application_scopes: GrantedScopes::default(),
                    audiences: Vec::new(),
                    default_audience: None,
                    lifetime: TOKEN_LIFETIME,
                    allowed_networks: Networks::default(),
                    expires_at: None,
                    disabled: None,
                    provisions_users: false,
                    generation: 1,
                    created_at: now,
                };
                let secret = generate();
                clients::create(c, &client)?;
                let row = unsealed.digest_keys.row(&client.id, &secret, now);
                client_secrets::create(c, &row)?;
                if number % (count / used) == 0 {
                    requests.push(token_request(&id, secret.expose(), form));
                }
            }
            Ok::<_, StoreError>(())
        });
        written.expect("rows are written");
    }
    requests
}
