//! What an application says of itself, its uri, its scopes and its status, changed; its end.

use mintmark::model::scope::Role;

use super::{HERE, fill, first_list, hides, location, olga, press, reaches, register, shows, uri};
use crate::support::{TestApp, actions};

#[test]
fn a_changed_uri_counts_at_once_at_the_token_endpoint() {
    let app = TestApp::start();
    let mut browser = olga(&app);
    app.create_user("anna", Role::Member);
    let key = app.create_key("anna", "");
    let at = register(&mut browser, "crm", "CRM", &[&first_list(&app)]);
    let shop_at = register(&mut browser, "shop", "Shop", &[]);
    let before = uri(&mut browser, &at);
    assert!(reaches(&app, &key, &before));
    let edit = format!("{at}/edit");
    let after = "https://crm.example/api";
    let typed = [
        ("display_name", "Deals"),
        ("description", "D"),
        ("uri", after),
    ];
    assert_eq!(location(&fill(&mut browser, &edit, &edit, &typed)), at);
    let page = browser.get(&at);
    shows(&page, "Deals is changed.");
    shows(&page, "<dd>D</dd>");
    assert_eq!(uri(&mut browser, &at), after);
    assert!(reaches(&app, &key, after));
    assert!(!reaches(&app, &key, &before));

    let shop = "https://shop.example/".to_owned();
    let shop_edit = format!("{shop_at}/edit");
    let typed = [("display_name", "Shop"), ("uri", "HTTPS://shop.example")];
    assert_eq!(
        location(&fill(&mut browser, &shop_edit, &shop_edit, &typed)),
        shop_at
    );
    for (name, uri, says) in [
        ("Deals", "x", "This is no URI that an application can have"),
        (
            "Deals",
            shop.as_str(),
            "Another application has, or had, this URI or nearly this one.",
        ),
        ("", after, "Use 1 to 100 characters, and no control"),
    ] {
        let refused = fill(
            &mut browser,
            &edit,
            &edit,
            &[("display_name", name), ("uri", uri)],
        );
        assert_eq!(refused.status, 422, "{}", refused.text());
        shows(&refused, says);
        shows(&refused, &format!("value=\"{uri}\""));
    }
    assert_eq!(uri(&mut browser, &at), after);
    let typed = [("display_name", "Deals"), ("uri", before.as_str())];
    let refused = fill(&mut browser, &edit, &edit, &typed);
    assert_eq!(refused.status, 422, "{}", refused.text());
    shows(&refused, "gave this URI up within the last hour");
}

#[test]
fn a_uri_is_chosen_in_the_form_and_clients_that_name_a_former_one_are_listed() {
    let app = TestApp::start();
    let mut browser = olga(&app);
    let new = format!("{HERE}/new");
    let typed = |name, uri| [("name", name), ("display_name", "MCP"), ("uri", uri)];
    let chosen = "http://mcp:8000/mcp";
    let at = location(&fill(&mut browser, &new, HERE, &typed("mcp", chosen))).to_owned();
    assert_eq!(uri(&mut browser, &at), chosen);
    for (uri, says) in [
        ("http://MCP:8000/mcp/", "this URI or nearly this one"),
        ("mcp", "This is no URI that an application can have"),
        (
            &app.url("/console"),
            "This is no URI that an application can have",
        ),
    ] {
        let refused = fill(&mut browser, &new, HERE, &typed("second", uri));
        assert_eq!(refused.status, 422, "{}", refused.text());
        shows(&refused, says);
        shows(&refused, &format!("value=\"{uri}\""));
    }
    let client = app.create_client(None, "", |new| {
        new.name = "Sync".to_owned();
        new.audiences = vec![chosen.to_owned()];
    });
    hides(&browser.get(&at), "Clients that name a former URI");
    let edit = format!("{at}/edit");
    let typed = [("display_name", "MCP"), ("uri", "urn:example:mcp")];
    assert_eq!(location(&fill(&mut browser, &edit, &edit, &typed)), at);
    let page = browser.get(&at);
    shows(&page, "Clients that name a former URI");
    shows(
        &page,
        &format!(
            "<a href=\"/console/admin/clients/{}\">Sync</a>",
            client.client_id.as_str()
        ),
    );
}

#[test]
fn the_status_has_the_buttons_that_are_possible_and_does_not_touch_tokens() {
    let app = TestApp::start();
    let mut browser = olga(&app);
    app.create_user("anna", Role::Member);
    let key = app.create_key("anna", "");
    let at = register(&mut browser, "crm", "CRM", &[&first_list(&app)]);
    let uri = uri(&mut browser, &at);
    for (act, word, offered) in [
        ("stop", "stopped", ["Start", "Suspend"].as_slice()),
        ("suspend", "suspended", &["Restore"]),
        ("restore", "running", &["Stop", "Suspend"]),
        ("stop", "stopped", &["Start", "Suspend"]),
        ("start", "running", &["Stop", "Suspend"]),
    ] {
        assert_eq!(
            location(&press(&mut browser, &at, "status", &[("act", act)])),
            at
        );
        let page = browser.get(&at);
        shows(&page, &format!(">{word}</span>"));
        for button in ["Start", "Stop", "Suspend", "Restore"] {
            let is_there = page.text().contains(&format!("\">{button}</button>"));
            assert_eq!(is_there, offered.contains(&button), "{button} after {act}");
        }
        assert!(reaches(&app, &key, &uri));
    }
    let refused = press(&mut browser, &at, "status", &[("act", "start")]);
    assert_eq!(refused.status, 409);
    let refused = press(&mut browser, &at, "status", &[("act", "fly")]);
    assert_eq!(refused.status, 400);
}

#[test]
fn scopes_of_its_own_are_added_and_removed_one_by_one() {
    let app = TestApp::start();
    let mut browser = olga(&app);
    let at = register(&mut browser, "crm", "CRM", &[]);
    shows(&browser.get(&at), "It defines none");
    for (name, description) in [("deals:read", "Read <deals>"), ("deals:write", "")] {
        let typed = [("scope_name", name), ("scope_description", description)];
        assert_eq!(location(&press(&mut browser, &at, "scopes", &typed)), at);
    }
    let page = browser.get(&at);
    shows(&page, "<code>deals:read</code>");
    shows(&page, "Read &lt;deals&gt;");
    for name in ["deals:read", "", "users:read", "a b"] {
        let refused = press(&mut browser, &at, "scopes", &[("scope_name", name)]);
        assert_eq!(refused.status, 422, "{}", refused.text());
        shows(&refused, "Use 1 to 64 printable ASCII characters");
    }
    let removed = press(
        &mut browser,
        &at,
        "scopes/remove",
        &[("scope_name", "deals:read")],
    );
    assert_eq!(location(&removed), at);
    let page = browser.get(&at);
    hides(&page, "deals:read");
    shows(&page, "<code>deals:write</code>");
}

#[test]
fn an_application_is_deleted_by_typing_its_name_and_cannot_be_changed_then() {
    let app = TestApp::start();
    let mut browser = olga(&app);
    app.create_user("anna", Role::Member);
    let key = app.create_key("anna", "");
    let at = register(&mut browser, "crm", "Our CRM", &[&first_list(&app)]);
    let uri = uri(&mut browser, &at);
    let live = browser.get(&at);
    let delete = format!("{at}/delete");
    let wrong = fill(&mut browser, &delete, &delete, &[("name", "Our CRM")]);
    assert_eq!(wrong.status, 422);
    shows(&wrong, "This is not its publication context.");
    assert!(reaches(&app, &key, &uri));
    let done = fill(&mut browser, &delete, &delete, &[("name", "crm")]);
    assert_eq!(location(&done), HERE);
    assert!(!reaches(&app, &key, &uri));

    let page = browser.get(&at);
    assert_eq!(page.status, 200);
    shows(&page, ">deleted</span>");
    let own: Vec<String> = actions(&page)
        .into_iter()
        .filter(|to| to.starts_with(&at))
        .collect();
    assert_eq!(own, Vec::<String>::new());
    // A page that was opened before does nothing any more.
    let stop = browser.submit(&live, &format!("{at}/status"), &[("act", "stop")]);
    assert_eq!(stop.status, 409);
    let scope = browser.submit(&live, &format!("{at}/scopes"), &[("scope_name", "a")]);
    assert_eq!(scope.status, 409, "{}", scope.text());
}

#[test]
fn a_demotion_counts_for_the_form_that_is_open() {
    let app = TestApp::start();
    let mut browser = olga(&app);
    let at = register(&mut browser, "crm", "CRM", &[]);
    let live = browser.get(&at);
    app.database
        .execute("UPDATE users SET role = 'member' WHERE login = 'olga'");
    for (act, typed) in [("status", ("act", "stop")), ("scopes", ("scope_name", "a"))] {
        let refused = browser.submit(&live, &format!("{at}/{act}"), &[typed]);
        assert_eq!(refused.status, 403, "{}", refused.text());
    }
    assert_eq!(browser.get(HERE).status, 403);
    let profile = browser.get("/console/profile");
    hides(&profile, HERE);
    let stored = "SELECT status || scopes AS text FROM applications";
    assert_eq!(app.database.query(stored), ["Running[]"]);
}
