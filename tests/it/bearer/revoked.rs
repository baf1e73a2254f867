//! What takes a token back before its time: at once, from memory, and for good.

use mintmark::domain::clients::{self, ClientUpdate, Rotation};
use mintmark::domain::{DomainError, users};
use mintmark::model::ids::ClientId;
use mintmark::model::network::Networks;
use mintmark::model::scope::Role;
use mintmark::model::user::User;

use super::forge::Forge;
use super::{assert_refused, assert_taken};
use crate::support::{Credentials, TestApp};

/// A user with two keys, and both tokens of each.
struct Holder {
    user: User,
    keys: [Credentials; 2],
    tokens: [Vec<String>; 2],
}

impl Holder {
    fn create(app: &TestApp) -> Self {
        let user = app.create_user("holder", Role::Member);
        let keys = [(); 2].map(|()| app.create_key("holder", "openid applications:read"));
        let tokens = keys.each_ref().map(|key| both(app, key));
        let holder = Self { user, keys, tokens };
        holder.assert(app, [true, true]);
        holder
    }

    fn id(&self, key: usize) -> ClientId {
        ClientId::parse(&self.keys[key].client_id).unwrap()
    }

    /// Whether the tokens of each key are still taken.
    fn assert(&self, app: &TestApp, taken: [bool; 2]) {
        for (tokens, taken) in self.tokens.iter().zip(taken) {
            for token in tokens {
                match taken {
                    true => assert_taken(app, token, "still good"),
                    false => assert_refused(app, token, "cut off"),
                }
            }
        }
    }
}

fn both(app: &TestApp, key: &Credentials) -> Vec<String> {
    let tokens = app.token(key);
    vec![tokens.access_token, tokens.id_token.unwrap()]
}

fn update(app: &TestApp, id: &ClientId, update: ClientUpdate) {
    app.write(|c, act| clients::update(c, act, id, update));
}

#[test]
fn the_tokens_of_a_disabled_client_are_refused_at_once_and_stay_refused() {
    let app = TestApp::start();
    let holder = Holder::create(&app);
    let id = holder.id(0);
    app.write(|c, act| clients::disable(c, act, &id));
    holder.assert(&app, [false, true]);
    app.write(|c, act| clients::enable(c, act, &id));
    holder.assert(&app, [false, true]);
    for token in both(&app, &holder.keys[0]) {
        assert_taken(&app, &token, "issued afterwards");
    }
}

#[test]
fn the_tokens_of_a_deleted_client_are_refused_at_once() {
    let app = TestApp::start();
    let holder = Holder::create(&app);
    app.write(|c, act| clients::delete(c, act, &holder.id(0)));
    holder.assert(&app, [false, true]);
    let service = app.create_service("applications:read");
    let token = app.token(&service).access_token;
    assert_eq!(app.get(super::APPLICATIONS, &token).status, 200);
    let id = ClientId::parse(&service.client_id).unwrap();
    app.write(|c, act| clients::delete(c, act, &id));
    assert_refused(&app, &token, "a service client's");
}

#[test]
fn the_tokens_of_a_disabled_user_are_refused_at_once_and_stay_refused() {
    let app = TestApp::start();
    let holder = Holder::create(&app);
    app.write(|c, act| users::disable(c, act, &holder.user));
    holder.assert(&app, [false, false]);
    let disabled = app.app.read(|c| users::find_by_login(c, "holder")).unwrap();
    app.write(|c, act| users::enable(c, act, &disabled));
    holder.assert(&app, [false, false]);
    for token in holder.keys.iter().flat_map(|key| both(&app, key)) {
        assert_taken(&app, &token, "issued afterwards");
    }
}

#[test]
fn the_tokens_of_a_deleted_user_are_refused_at_once() {
    let app = TestApp::start();
    let holder = Holder::create(&app);
    app.write(|c, act| users::delete(c, act, &holder.user));
    holder.assert(&app, [false, false]);
    let admin = both(&app, &app.first);
    admin
        .iter()
        .for_each(|token| assert_taken(&app, token, "another user's"));
}

#[test]
fn a_token_is_refused_from_a_network_that_its_client_is_not_allowed() {
    let app = TestApp::start();
    let holder = Holder::create(&app);
    let allow = |networks: &str| {
        let networks = Some(Networks::parse(networks).unwrap());
        let allowed = ClientUpdate {
            allowed_networks: networks,
            ..ClientUpdate::default()
        };
        update(&app, &holder.id(0), allowed);
    };
    allow("192.0.2.0/24");
    holder.assert(&app, [false, true]);
    allow("192.0.2.0/24 127.0.0.0/8");
    holder.assert(&app, [true, true]);
    allow("127.0.0.2/32");
    holder.assert(&app, [false, true]);
}

#[test]
fn a_token_ends_with_its_client() {
    let app = TestApp::start();
    let holder = Holder::create(&app);
    let ends = ClientUpdate {
        expires_at: Some(Some(app.act().now.plus_seconds(600))),
        ..ClientUpdate::default()
    };
    update(&app, &holder.id(0), ends);
    app.advance(599);
    holder.assert(&app, [true, true]);
    app.advance(1);
    holder.assert(&app, [false, true]);
}

#[test]
fn a_rotated_secret_and_a_new_name_cut_no_token_off() {
    let app = TestApp::start();
    let holder = Holder::create(&app);
    let renamed = ClientUpdate {
        name: Some("another name".to_owned()),
        ..ClientUpdate::default()
    };
    update(&app, &holder.id(0), renamed);
    let keys = &app.app.digest_keys;
    app.write(|c, act| clients::rotate(c, act, keys, &holder.id(1), Rotation::of(0)));
    holder.assert(&app, [true, true]);
}

#[test]
fn what_is_refused_is_undone_with_the_act_that_failed() {
    let app = TestApp::start();
    let holder = Holder::create(&app);
    let id = holder.id(0);
    let act = app.act();
    let failed: Result<(), DomainError> = app.app.write(|c| {
        clients::disable(c, &act, &id)?;
        Err(DomainError::NotFound("reason"))
    });
    assert!(failed.is_err());
    holder.assert(&app, [true, true]);
}

#[test]
fn a_forged_token_of_a_client_that_never_was_is_refused() {
    let app = TestApp::start();
    let forge = Forge::new(&app, &app.first);
    let claims = forge
        .access_claims()
        .set("client_id", "mmk_0123456789abcdefghijAB");
    for _ in 0..2 {
        assert_refused(&app, &forge.access(&claims), "a client that never was");
    }
}
