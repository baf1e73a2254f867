//! `GET` and `DELETE /applications/{id}`.

use mintmark::ambient::Clock;
use serde_json::json;

use super::{
    APPLICATIONS, NOTHING, answer, create, delete, error, first_list, id, minimal,
    no_such_application, not_a_uuid, path, post, setup,
};
use crate::support::Request;

#[test]
fn a_missing_application_and_a_malformed_id_are_told_apart() {
    let (app, token) = setup();
    create(&app, &token, &minimal("a"));
    for method in ["GET", "DELETE"] {
        let ask = |id: &str| {
            let target = format!("{APPLICATIONS}/{id}");
            app.send(Request::new(method, &target).bearer(&token))
                .whole()
        };
        assert_eq!(ask(NOTHING), no_such_application());
        assert_eq!(ask(&NOTHING.to_uppercase()), no_such_application());
        assert_eq!(
            ask("00000000-0000-0000-0000-000000000000"),
            no_such_application()
        );
        assert_eq!(ask("1111"), not_a_uuid("1111"));
        assert_eq!(ask("a"), not_a_uuid("a"));
        assert_eq!(
            ask(&NOTHING.replace('-', "")),
            not_a_uuid(&NOTHING.replace('-', ""))
        );
        assert_eq!(
            ask(&NOTHING.replace('-', "_")),
            not_a_uuid(&NOTHING.replace('-', "_"))
        );
        assert_eq!(
            ask(&format!("{NOTHING}0")),
            not_a_uuid(&format!("{NOTHING}0"))
        );
        assert_eq!(
            ask(&format!("{{{NOTHING}}}")),
            not_a_uuid(&format!("{{{NOTHING}}}"))
        );
        assert_eq!(ask("%3Cb%3E%22x%0D%0A"), not_a_uuid("bx"));
        assert_eq!(ask("'%20OR%201=1"), not_a_uuid("' OR 1=1"));
    }
    assert_eq!(
        app.get(APPLICATIONS, &token)
            .json()
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn an_id_is_read_in_either_case() {
    let (app, token) = setup();
    let made = create(&app, &token, &minimal("a"));
    let lower = app.get(&path(&made), &token);
    let upper = format!("{APPLICATIONS}/{}", id(&made).to_uppercase());
    assert_eq!(app.get(&upper, &token).whole(), lower.whole());
    assert_eq!(lower.json(), made);
}

#[test]
fn a_deletion_is_soft_and_happens_once() {
    let (app, token) = setup();
    let mut body = minimal("crm");
    body["user-lists"] = json!([first_list(&app).to_string()]);
    let made = post(&app, &token, &body);
    let other = create(&app, &token, &minimal("other"));
    let path = path(&made.json());
    let key = app.create_key("admin", "openid");
    let form = format!(
        "grant_type=client_credentials&resource={}",
        made.json()["uri"].as_str().unwrap()
    );
    assert_eq!(app.post_token(&key, &form).status, 200);

    app.advance(60);
    let gone = made
        .text()
        .replace("\"status\":\"Running\"", "\"status\":\"Deleted\"");
    assert_eq!(delete(&app, &token, &path).whole(), answer(200, &gone));
    // It stays readable, is no audience from the answer on, and nothing else is touched.
    assert_eq!(app.get(&path, &token).whole(), answer(200, &gone));
    let refused = app.post_token(&key, &form);
    assert_eq!(
        (refused.status, &refused.json()["error"]),
        (400, &"invalid_target".into())
    );
    assert_eq!(app.get(APPLICATIONS, &token).json(), json!([other]));

    let reason = "the application is deleted already";
    let again = error(400, 9, "FAILED_PRECONDITION", reason, "");
    for _ in 0..2 {
        assert_eq!(delete(&app, &token, &path).whole(), again);
    }
    assert_eq!(app.get(&path, &token).whole(), answer(200, &gone));
}

#[test]
fn each_act_leaves_its_event_in_the_audit_log_and_a_refused_one_none() {
    use diesel::sql_types::Text;
    use diesel::{QueryableByName, RunQueryDsl, sql_query};
    #[derive(QueryableByName)]
    struct Event {
        #[diesel(sql_type = Text)]
        kind: String,
        #[diesel(sql_type = Text)]
        object_id: String,
        #[diesel(sql_type = Text)]
        actor: String,
    }
    let (app, token) = setup();
    let before = app.clock.now();
    app.advance(1);
    let made = create(&app, &token, &minimal("a"));
    post(&app, &token, &minimal("a"));
    delete(&app, &token, &path(&made));
    delete(&app, &token, &path(&made));
    let query = format!(
        "SELECT kind, object_id, actor FROM audit_events WHERE at > {} ORDER BY at, kind",
        before.millis()
    );
    let events: Vec<Event> = app
        .app
        .read(|c| Ok::<_, mintmark::store::StoreError>(sql_query(query).load(c)?))
        .unwrap();
    let found: Vec<(&str, &str)> = events
        .iter()
        .map(|event| (event.kind.as_str(), event.object_id.as_str()))
        .collect();
    let expected = [
        ("application.created", id(&made)),
        ("application.deleted", id(&made)),
    ];
    assert_eq!(found, expected);
    let owner = app.client(&app.first).owner.unwrap().to_string();
    assert!(
        events
            .iter()
            .all(|event| event.actor == format!("user:{owner}"))
    );
}
