//! What memory does not hold is read, and decided from as it was read.

use mintmark::config::ServerSettings;

use super::{GRANT, INVALID_CLIENT, assert_error, create_application, first_user_list};
use super::{unknown_client, with_wrong_secret};
use crate::support::{TestApp, settings};

#[test]
fn a_directory_with_room_for_nothing_decides_as_any_other() {
    let app = TestApp::with(ServerSettings {
        directory_capacity: 0,
        ..settings()
    });
    let list = first_user_list(&app);
    let (_, uri) = create_application(&app, "crm", &[list]);
    let key = app.create_key("admin", "openid applications:read");
    let service = app.create_service("applications:read");
    for _ in 0..3 {
        let for_crm = app.token_for(&key, &format!("{GRANT}&resource={uri}"));
        assert_eq!(for_crm.answer.get("scope"), None);
        let tokens = app.token(&key);
        assert_eq!(tokens.answer["scope"], "openid applications:read");
        for token in [tokens.access_token, tokens.id_token.unwrap()] {
            assert_eq!(app.get("/console/api/v2/me", &token).status, 200);
        }
        let token = app.token(&service).access_token;
        let list = app.get("/console/api/v2/applications", &token);
        assert_eq!(list.status, 200);
        for client in [with_wrong_secret(&key), unknown_client()] {
            assert_error(&app.post_token(&client, GRANT), 401, INVALID_CLIENT);
        }
    }
}
