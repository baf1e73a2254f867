//! What changes a client counts for the next request, and ends what was issued before.

use diesel::{RunQueryDsl, sql_query};
use mintmark::domain::clients::{NewClient, Rotation};
use mintmark::domain::{Act, DomainError, clients, users};
use mintmark::model::granted_scopes::GrantedScopes;
use mintmark::model::ids::ClientId;
use mintmark::model::scope::{Role, ScopeSet};
use mintmark::model::secret::Secret;
use mintmark::store::{AnyConnection, Database};

use super::{GRANT, INVALID_CLIENT, assert_error, claims};
use crate::support::{Credentials, TestApp, count};

const ME: &str = "/console/api/v2/me";

fn id(credentials: &Credentials) -> ClientId {
    ClientId::parse(&credentials.client_id).unwrap()
}

#[track_caller]
fn assert_works(app: &TestApp, key: &Credentials) {
    let response = app.post_token(key, GRANT);
    assert_eq!(response.status, 200, "{}", response.text());
}

#[track_caller]
fn assert_refused(app: &TestApp, key: &Credentials) {
    assert_error(&app.post_token(key, GRANT), 401, INVALID_CLIENT);
}

/// Gives a client another secret here; the old one ends in so many seconds.
fn rotate(app: &TestApp, key: &Credentials, old_ends_in: i64) -> Credentials {
    let keys = &app.app.digest_keys;
    let (_, secret) =
        app.write(|c, act| clients::rotate(c, act, keys, &id(key), Rotation::of(old_ends_in)));
    Credentials {
        client_secret: secret.expose().to_owned(),
        ..key.clone()
    }
}

#[test]
fn while_a_secret_is_rotated_both_work_until_the_old_one_ends() {
    let app = TestApp::start();
    let old = app.create_key("admin", "openid");
    let tokens = app.token(&old);
    let new = rotate(&app, &old, 3600);
    for _ in 0..60 {
        assert_works(&app, &old);
        assert_works(&app, &new);
        app.advance(59);
    }
    // What it gets ends with it, and less than a minute is of no use.
    assert_works(&app, &old);
    app.advance(1);
    assert_refused(&app, &old);
    assert_works(&app, &new);
    // The next rotation ends the old one at once. A rotation alone ends no token.
    let newest = rotate(&app, &new, 0);
    assert_refused(&app, &new);
    assert_works(&app, &newest);
    assert_eq!(
        claims(&app.token(&newest).access_token)["gen"],
        claims(&tokens.access_token)["gen"]
    );
}

#[test]
fn a_disabled_client_is_refused_by_the_next_request_and_its_old_tokens_stay_dead() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid");
    let old = app.token(&key);
    let generation = claims(&old.access_token)["gen"].as_i64().unwrap();
    assert_eq!(app.get(ME, &old.access_token).status, 200);
    app.write(|c, act| clients::disable(c, act, &id(&key)));
    assert_refused(&app, &key);
    assert_eq!(app.get(ME, &old.access_token).status, 401);

    app.write(|c, act| clients::enable(c, act, &id(&key)));
    assert_eq!(app.get(ME, &old.access_token).status, 401);
    assert_eq!(app.get(ME, &old.id_token.unwrap()).status, 401);
    let new = app.token(&key);
    assert!(claims(&new.access_token)["gen"].as_i64().unwrap() > generation);
    assert_eq!(app.get(ME, &new.access_token).status, 200);
    assert_eq!(app.get(ME, &new.id_token.unwrap()).status, 200);
}

#[test]
fn a_disabled_owner_stops_every_key_and_comes_back_without_the_old_tokens() {
    let app = TestApp::start();
    let anna = app.create_user("anna", Role::Member);
    let keys = [
        app.create_key("anna", "openid"),
        app.create_key("anna", "openid"),
    ];
    let old = keys.each_ref().map(|key| app.token(key));
    let others = app.create_key("admin", "openid");
    app.write(|c, act| users::disable(c, act, &anna));
    for (key, tokens) in keys.iter().zip(&old) {
        assert_refused(&app, key);
        assert_eq!(app.get(ME, &tokens.access_token).status, 401);
    }
    assert_works(&app, &others);
    app.write(|c, act| {
        let anna = users::find_by_login(c, "anna")?;
        users::enable(c, act, &anna)
    });
    for (key, tokens) in keys.iter().zip(&old) {
        assert_eq!(app.get(ME, &tokens.access_token).status, 401);
        let new = app.token(key);
        assert_eq!(app.get(ME, &new.access_token).status, 200);
    }
}

#[test]
fn a_deleted_client_or_owner_is_refused_by_the_next_request() {
    let app = TestApp::start();
    let anna = app.create_user("anna", Role::Member);
    let of_anna = app.create_key("anna", "openid");
    let service = app.create_service("applications:read");
    let tokens = [&of_anna, &service].map(|client| app.token(client).access_token);
    app.write(|c, act| clients::delete(c, act, &id(&service)));
    app.write(|c, act| users::delete(c, act, &anna));
    for (client, token) in [&of_anna, &service].into_iter().zip(tokens) {
        assert_refused(&app, client);
        assert_eq!(app.get(ME, &token).status, 401);
    }
}

/// Changes something by a connection of its own, as another process would: nobody here is told.
fn elsewhere<T>(
    app: &TestApp,
    other: &Database,
    work: impl FnOnce(&mut AnyConnection, &Act) -> Result<T, DomainError>,
) -> T {
    let act = app.act();
    other.write(|c| work(c, &act)).unwrap()
}

#[test]
fn a_secret_or_a_client_made_elsewhere_a_moment_ago_works_at_once() {
    let app = TestApp::start();
    let other = Database::open(&app.database.url(), 1).unwrap();
    let keys = &app.app.digest_keys;
    let service = |name: String| NewClient {
        owner: None,
        name,
        description: String::new(),
        scope: ScopeSet::parse("users:read").unwrap(),
        application_scopes: GrantedScopes::default(),
        audiences: Vec::new(),
        default_audience: None,
        lifetime: 3600,
        allowed_networks: Default::default(),
        expires_at: None,
        provisions_users: false,
    };
    for round in 0..count(10, 200) {
        let old = app.create_key("admin", "openid");
        assert_works(&app, &old);
        let (_, secret) = elsewhere(&app, &other, |c, act| {
            clients::rotate(c, act, keys, &id(&old), Rotation::of(3600))
        });
        let new = Credentials {
            client_secret: secret.expose().to_owned(),
            ..old.clone()
        };
        assert_works(&app, &new);
        assert_works(&app, &old);
        app.write(|c, act| clients::delete(c, act, &id(&old)));

        // Known here as one that does not exist, until it does.
        let made = Credentials {
            client_id: format!("made-elsewhere-{round}"),
            client_secret: format!("a-secret-of-thirty-two-characters-{round}"),
        };
        assert_refused(&app, &made);
        elsewhere(&app, &other, |c, act| {
            let secret = Secret::new(made.client_secret.clone());
            let new = service(format!("round {round}"));
            clients::import(c, act, keys, id(&made), &secret, new)
        });
        assert_works(&app, &made);
        app.advance(60);
    }
}

#[test]
fn an_entry_that_is_missing_anywhere_in_the_log_makes_all_be_read_afresh() {
    let app = TestApp::start();
    let other = Database::open(&app.database.url(), 1).unwrap();
    // Counted from the newest.
    for missing in ["= 0", "= 1", "= 2", ">= 0"] {
        let clients = [0, 1, 2].map(|_| app.create_service("applications:read"));
        for client in &clients {
            app.token(client);
        }
        elsewhere(&app, &other, |c, act| {
            for client in &clients {
                clients::disable(c, act, &id(client))?;
            }
            let hole = format!(
                "DELETE FROM changes WHERE (SELECT number FROM change_head) - number {missing}"
            );
            sql_query(hole).execute(c).unwrap();
            Ok(())
        });
        app.advance(0);
        for client in &clients {
            assert_refused(&app, client);
        }
    }
}
