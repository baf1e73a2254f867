//! Lists of service clients, beside as many access keys, and of those keys.

use mintmark::model::scope::{Role, Scope, ScopeSet};

use super::seed::{NUMBER, multiply};
use super::{MANY, SIZE, cost, hold, statements};
use crate::support::TestApp;

const CLIENTS: &str = "/console/api/v2/clients?result=page";

/// Writes copies of a client and of its secret.
fn clients(app: &TestApp, one: &str) {
    let secret = format!("client_id = '{one}'");
    let query = format!("SELECT id AS text FROM client_secrets WHERE {secret}");
    assert_eq!(app.database.query(&query).len(), 1);
    let id = ("id", format!("id || {NUMBER}"));
    let age = ("created_at", "created_at + n".to_owned());
    let client = ("client_id", format!("client_id || {NUMBER}"));
    let search = ("search", format!("search || {NUMBER}"));
    let one = format!("id = '{one}'");
    multiply(app, "clients", &one, MANY - 1, &[id, age, search]);
    // A UUID again: its last twelve digits are the copy's number.
    let secret_id = ("id", format!("substr(id, 1, 24) || {NUMBER}"));
    multiply(
        app,
        "client_secrets",
        &secret,
        MANY - 1,
        &[secret_id, client],
    );
}

#[test]
fn the_last_page_of_clients_sorts_nothing_and_costs_little() {
    statements::listen();
    let app = TestApp::start();
    let all = ScopeSet::all() - ScopeSet::of(&[Scope::OpenId]);
    let service = app.create_service(&all.to_string());
    let member = app.create_user("member", Role::Member);
    let key = app.create_key("member", "openid");
    clients(&app, &service.client_id);
    clients(&app, &key.client_id);
    let token = app.token(&service).access_token;
    hold(&app, CLIENTS, &token);
    hold(&app, &format!("{CLIENTS}&search=TEST"), &token);
    // One that finds few reads all there is to find them, in whatever order suits the database.
    let few = format!("{CLIENTS}&search=000000005000");
    let found = app.get(&few, &token).json();
    assert_eq!(found["totalElements"], 1);
    let first = format!("{CLIENTS}&page=0&size={SIZE}");
    cost::hold(&app, &first, &few, &token);
    // More than one user can make: so is any cut of that list.
    let (list, user) = (member.user_list_id, member.id);
    let keys = format!("/console/api/v2/user-lists/{list}/users/{user}/access-tokens?result=page");
    hold(&app, &keys, &token);
    hold(&app, &format!("{keys}&search=TEST"), &token);
}
