//! The shortest way through everything: a key, a token, a checked call.

use crate::support::TestApp;

#[test]
fn a_key_is_traded_for_a_token_and_the_token_for_an_answer() {
    let app = TestApp::start();
    let key = app.create_key("admin", "openid applications:read");
    let answer = app.token(&key);
    let applications = app.get("/console/api/v2/applications", &answer.access_token);
    assert_eq!(
        (applications.status, applications.text().as_str()),
        (200, "[]")
    );
}
