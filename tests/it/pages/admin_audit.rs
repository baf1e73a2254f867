//! The audit log on its page: filtered, paged, taken away as a file.

use mintmark::ambient::Clock;
use mintmark::domain::{Act, users};
use mintmark::model::audit::AuditEvent;
use mintmark::model::scope::Role;
use mintmark::store::audit_events;

use crate::support::{Browser, Response, TestApp};

const HERE: &str = "/console/admin/audit";
const FILE: &str = "/console/admin/audit.csv";

#[track_caller]
fn shows(page: &Response, what: &str) {
    let text = page.text();
    assert!(text.contains(what), "no {what}: {text}");
}

#[track_caller]
fn hides(page: &Response, what: &str) {
    let text = page.text();
    assert!(!text.contains(what), "{what}: {text}");
}

/// Writes an event with these details, at the end of a day or in it.
fn note(app: &TestApp, kind: &'static str, id: &str, details: serde_json::Value) {
    app.write(|c, act| {
        let event = event(act, kind, id, details);
        Ok(audit_events::create(c, &event)?)
    });
}

fn event(act: &Act, kind: &'static str, id: &str, details: serde_json::Value) -> AuditEvent {
    AuditEvent {
        at: act.now,
        actor: act.authority.actor.clone(),
        kind,
        object_kind: "thing",
        object_id: id.to_owned(),
        details,
        request_id: None,
    }
}

#[test]
fn the_log_is_filtered_by_every_field_and_paged() {
    let app = TestApp::start();
    let olga = app.create_user("olga", Role::Administrator);
    let mut browser = Browser::of(&app, &olga);
    let day = app.clock.now().to_string()[..10].to_owned();
    for at in 0..30 {
        app.advance(1);
        note(
            &app,
            "thing.counted",
            &format!("t{at:02}"),
            serde_json::json!({"n": at}),
        );
    }
    note(
        &app,
        "thing.named",
        "x1",
        serde_json::json!({"name": "Наш <Ключ>"}),
    );

    let first = browser.get(HERE);
    assert_eq!(first.status, 200);
    shows(&first, "Наш &lt;Ключ&gt;");
    shows(&first, "<code>t29</code>");
    hides(&first, "<code>t02</code>");
    let counted = browser.get(&format!("{HERE}?kind=thing.counted&page=1"));
    shows(&counted, "26–30 of 30");
    shows(&counted, "<code>t04</code>");
    hides(&counted, "<code>t05</code>");
    shows(&counted, &format!("{FILE}?kind=thing.counted"));

    for (query, is_found) in [
        ("search=%D0%BA%D0%9B%D0%AE%D0%A7".to_owned(), true),
        ("search=nowhere".to_owned(), false),
        ("object_id=x1".to_owned(), true),
        ("object_id=x".to_owned(), false),
        ("object_kind=thing&kind=thing.named".to_owned(), true),
        ("object_kind=user".to_owned(), false),
        ("actor=user:x".to_owned(), false),
        (format!("from={day}&kind=thing.named"), true),
        (format!("until={day}&kind=thing.named"), true),
        ("until=2001-01-01".to_owned(), false),
        ("from=2999-01-01".to_owned(), false),
    ] {
        let page = browser.get(&format!("{HERE}?{query}"));
        assert_eq!(page.status, 200, "{query}");
        assert_eq!(page.text().contains("<code>x1</code>"), is_found, "{query}");
        let file = browser.get(&format!("{FILE}?{query}"));
        assert_eq!(file.status, 200, "{query}");
        assert_eq!(file.text().contains(",x1,"), is_found, "{query}");
    }
    for wrong in [
        "from=yesterday",
        "until=2026-13-01",
        "from=2026-01-01T00:00:00Z",
    ] {
        let page = browser.get(&format!("{HERE}?{wrong}"));
        assert_eq!(page.status, 400, "{wrong}");
        shows(&page, "A date is written as year-month-day.");
        assert_eq!(browser.get(&format!("{FILE}?{wrong}")).status, 400);
    }
    browser
        .headers
        .push(("accept-language".to_owned(), "ru".to_owned()));
    shows(&browser.get(HERE), "<h1>Журнал аудита</h1>");
}

#[test]
fn users_are_named_and_everything_leads_to_its_own_events() {
    let app = TestApp::start();
    let olga = app.create_user("olga", Role::Administrator);
    let mila = app.create_user("mila", Role::Member);
    let mut browser = Browser::of(&app, &olga);
    let one = format!("/console/admin/users/{}", mila.id);
    let page = browser.get(&one);
    browser.submit(&page, &format!("{one}/disable"), &[]);
    let page = browser.get(&format!("{HERE}?kind=user.disabled"));
    let by = format!("<a href=\"{HERE}?actor=user%3A{}\">olga</a>", olga.id);
    let to = format!("<a href=\"{HERE}?object_id={}\">mila</a>", mila.id);
    shows(&page, &by);
    shows(&page, &to);
    let of_mila = browser.get(&format!("{HERE}?object_id={}", mila.id));
    shows(&of_mila, "<code>user.disabled</code>");
    // Who is gone has an id only.
    app.write(|c, act| users::delete(c, act, &mila));
    let page = browser.get(&format!("{HERE}?kind=user.disabled"));
    shows(&page, &format!("<code>{}</code></a>", mila.id));
    hides(&page, &to);
}

#[test]
fn the_file_has_every_event_once_and_no_cell_that_runs() {
    let app = TestApp::start();
    let olga = app.create_user("olga", Role::Administrator);
    let mut browser = Browser::of(&app, &olga);
    // More than one step of the walk, many of them at the same moment.
    app.write(|c, act| {
        for at in 0..1100 {
            let id = format!("t{at:04}");
            let event = event(act, "thing.counted", &id, serde_json::json!({}));
            audit_events::create(c, &event)?;
        }
        Ok(())
    });
    note(
        &app,
        "thing.named",
        "=1+1",
        serde_json::json!({"a": "b, \"c\""}),
    );
    let file = browser.get(&format!("{FILE}?object_kind=thing"));
    assert_eq!(file.status, 200);
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
    let disposition = file.header("content-disposition");
    assert_eq!(disposition, Some("attachment; filename=\"audit.csv\""));
    assert_eq!(file.header("cache-control"), Some("no-store"));
    assert_eq!(file.header("x-content-type-options"), Some("nosniff"));
    let text = file.text();
    let text = text
        .strip_prefix('\u{feff}')
        .expect("what tells Excel that it is UTF-8");
    let mut lines = text.strip_suffix("\r\n").unwrap().split("\r\n");
    let head = "id,at,actor,key,kind,object-kind,object-id,details,request-id";
    assert_eq!(lines.next(), Some(head));
    let lines: Vec<&str> = lines.collect();
    assert_eq!(lines.len(), 1101);
    let named = lines
        .iter()
        .find(|line| line.contains(",thing.named,"))
        .unwrap();
    let cells = ",thing.named,thing,'=1+1,\"{\"\"a\"\":\"\"b, \\\"\"c\\\"\"\"\"}\",";
    assert!(named.contains(cells), "{named}");
    for at in 0..1100 {
        let cell = format!(",t{at:04},");
        let found = lines.iter().filter(|line| line.contains(&cell)).count();
        assert_eq!(found, 1, "{cell}");
    }
    // Who took it away is told, once, and the file does not tell of itself.
    let told = "SELECT actor || ' ' || object_kind || ' ' || details AS text FROM audit_events \
        WHERE kind = 'audit_log.exported'";
    let event = format!("user:{} audit_log {{\"object-kind\":\"thing\"}}", olga.id);
    assert_eq!(app.database.query(told), [event]);
}

#[test]
fn a_demotion_closes_the_log_at_once() {
    let app = TestApp::start();
    let olga = app.create_user("olga", Role::Administrator);
    let mut browser = Browser::of(&app, &olga);
    shows(&browser.get("/console/profile"), HERE);
    for path in [HERE, FILE] {
        assert_eq!(browser.get(path).status, 200);
    }
    app.database
        .execute("UPDATE users SET role = 'member' WHERE login = 'olga'");
    for path in [HERE, FILE] {
        let refused = browser.get(path);
        assert_eq!(refused.status, 403);
        assert_eq!(
            refused.header("content-type"),
            Some("text/html; charset=utf-8")
        );
    }
    hides(&browser.get("/console/profile"), HERE);
    app.write(|c, act| users::disable(c, act, &olga));
    assert_eq!(browser.get(FILE).status, 303);
}

#[test]
fn no_cell_runs_where_semicolons_separate_them_either() {
    let app = TestApp::start();
    app.create_user("ivan", Role::Member);
    let olga = app.create_user("olga", Role::Administrator);
    let name = "x;=cmd|' /C calc'!A0;";
    let mut ivan = Browser::signed_in(&app, "ivan", super::PASSWORD);
    let page = ivan.get("/console/profile/keys/new");
    let made = ivan.submit(&page, "/console/profile/keys", &[("name", name)]);
    assert_eq!(made.status, 200, "{}", made.text());
    note(&app, "thing.named", "a;=1+1", serde_json::json!({}));
    let file = Browser::of(&app, &olga).get(FILE).text();
    assert!(
        file.contains("\"\"x\\u003b=cmd|' /C calc'!A0\\u003b\"\""),
        "{file}"
    );
    assert!(file.contains(",a;'=1+1,"), "{file}");
    for cell in file.split(';').skip(1) {
        assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
    }
}
