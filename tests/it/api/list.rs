//! `GET /applications`: the array, the page, the bounds.

use mintmark::model::application::{Application, ApplicationSource, DbmsType};
use mintmark::model::application_status::ApplicationStatus;
use mintmark::model::ids::ApplicationId;
use mintmark::store::applications;
use serde_json::Value;

use super::{APPLICATIONS, IMAGE, answer, create, delete, error, invalid, minimal, path, setup};
use crate::support::TestApp;

/// Makes applications a, b, c, ... in this order, and answers them as texts.
fn create_five(app: &TestApp, token: &str) -> Vec<Value> {
    let make = |name| {
        app.advance(1);
        create(app, token, &minimal(name))
    };
    ["a", "b", "c", "d", "e"].map(make).to_vec()
}

fn get(app: &TestApp, token: &str, query: &str) -> String {
    app.get(&format!("{APPLICATIONS}{query}"), token).whole()
}

/// The texts of some applications, each read alone, joined as in an array.
fn joined(app: &TestApp, token: &str, some: &[Value]) -> String {
    let texts = some.iter().map(|a| app.get(&path(a), token).text());
    texts.collect::<Vec<_>>().join(",")
}

#[test]
fn the_list_is_an_array_whole_or_in_parts() {
    let (app, token) = setup();
    assert_eq!(get(&app, &token, ""), answer(200, "[]"));
    let all = create_five(&app, &token);
    for (query, range) in [
        ("", 0..5),
        ("?", 0..5),
        ("?result=array", 0..5),
        ("?page=&size=&result=&deleted=", 0..5),
        ("?deleted=false", 0..5),
        ("?unknown=1", 0..5),
        ("?page=0", 0..5),
        ("?size=1000", 0..5),
        ("?size=2", 0..2),
        ("?page=1&size=2", 2..4),
        ("?size=2&page=2", 4..5),
        ("?page=3&size=2", 5..5),
        ("?page=1", 5..5),
        ("?page=1000000000&size=1000", 5..5),
        ("?p%61ge=1&size=%32", 2..4),
    ] {
        let expected = format!("[{}]", joined(&app, &token, &all[range]));
        assert_eq!(get(&app, &token, query), answer(200, &expected), "{query}");
    }
}

#[test]
fn a_page_says_where_it_stands() {
    let (app, token) = setup();
    let empty = "{\"totalElements\":0,\"totalPages\":0,\"last\":true,\"first\":true,\"size\":25,\
        \"number\":0,\"numberOfElements\":0,\"content\":[]}";
    assert_eq!(get(&app, &token, "?result=page"), answer(200, empty));
    let all = create_five(&app, &token);
    for (query, range, number, size, pages, first, last) in [
        ("result=page", 0..5, 0, 25, 1, true, true),
        ("result=page&size=5", 0..5, 0, 5, 1, true, true),
        ("result=page&size=2", 0..2, 0, 2, 3, true, false),
        ("page=1&result=page&size=2", 2..4, 1, 2, 3, false, false),
        ("page=2&size=2&result=page", 4..5, 2, 2, 3, false, true),
        ("page=3&size=2&result=page", 5..5, 3, 2, 3, false, true),
        (
            "page=1000000000&size=1000&result=page",
            5..5,
            1_000_000_000,
            1000,
            1,
            false,
            true,
        ),
    ] {
        let content = joined(&app, &token, &all[range.clone()]);
        let expected = format!(
            "{{\"totalElements\":5,\"totalPages\":{pages},\"last\":{last},\"first\":{first},\
             \"size\":{size},\"number\":{number},\"numberOfElements\":{},\"content\":[{content}]}}",
            range.len()
        );
        assert_eq!(
            get(&app, &token, &format!("?{query}")),
            answer(200, &expected),
            "{query}"
        );
    }
}

#[test]
fn a_page_has_25_entries_unless_asked_otherwise() {
    let (app, token) = setup();
    insert(&app, 27);
    let page = app
        .get(&format!("{APPLICATIONS}?result=page"), &token)
        .json();
    assert_eq!(
        (&page["size"], &page["numberOfElements"]),
        (&25.into(), &25.into())
    );
    assert_eq!(
        (&page["totalElements"], &page["totalPages"]),
        (&27.into(), &2.into())
    );
    let second = app.get(&format!("{APPLICATIONS}?page=1"), &token).json();
    assert_eq!(second.as_array().unwrap().len(), 2);
}

#[test]
fn a_parameter_beyond_its_bounds_is_out_of_range() {
    let (app, token) = setup();
    let out = |name: &str, range: &str| {
        error(
            400,
            11,
            "OUT_OF_RANGE",
            &format!("{name} is out of range."),
            range,
        )
    };
    for page in [
        "-1",
        "1000000001",
        "9223372036854775808",
        "99999999999999999999",
        "-0000000001",
    ] {
        let expected = out("page", "0 to 1000000000");
        assert_eq!(
            get(&app, &token, &format!("?page={page}")),
            expected,
            "{page}"
        );
    }
    for size in [
        "0",
        "-1",
        "1001",
        "9223372036854775807",
        "99999999999999999999",
    ] {
        let expected = out("size", "1 to 1000");
        assert_eq!(
            get(&app, &token, &format!("?size={size}")),
            expected,
            "{size}"
        );
    }
}

#[test]
fn a_parameter_that_is_not_of_its_kind_is_invalid() {
    let (app, token) = setup();
    for name in ["page", "size"] {
        for value in [
            "x", "1.0", "0x1", "1e2", "+", "%2B1", "1+", "--1", "-", "%D9%A1", "null", "1,2",
        ] {
            let expected = invalid(name, "is a whole number");
            let query = format!("?{name}={value}");
            assert_eq!(get(&app, &token, &query), expected, "{query}");
        }
    }
    for value in ["Page", "list", "page+", "0", "true"] {
        let expected = invalid("result", "is array or page");
        assert_eq!(
            get(&app, &token, &format!("?result={value}")),
            expected,
            "{value}"
        );
    }
    for value in ["1", "0", "True", "TRUE", "yes", "null"] {
        let expected = invalid("deleted", "is true or false");
        assert_eq!(
            get(&app, &token, &format!("?deleted={value}")),
            expected,
            "{value}"
        );
    }
    for query in [
        "page=%zz",
        "page=%",
        "%ff=1",
        "x=%00",
        "x=%0a",
        "page=%e0%80",
    ] {
        let expected = invalid("query", "it is not well formed");
        assert_eq!(get(&app, &token, &format!("?{query}")), expected, "{query}");
    }
    for query in [
        "page=1&page=1",
        "size=1&size=2",
        "x=1&x=2",
        "page=1&p%61ge=2",
    ] {
        let expected = invalid("query", "a parameter is repeated");
        assert_eq!(get(&app, &token, &format!("?{query}")), expected, "{query}");
    }
}

#[test]
fn deleted_applications_are_a_list_of_their_own() {
    let (app, token) = setup();
    let all = create_five(&app, &token);
    for gone in [&all[1], &all[3]] {
        assert_eq!(delete(&app, &token, &path(gone)).status, 200);
    }
    let alive = [all[0].clone(), all[2].clone(), all[4].clone()];
    let gone = [all[1].clone(), all[3].clone()];
    for (query, some) in [
        ("", &alive[..]),
        ("?deleted=false", &alive),
        ("?deleted=true", &gone),
        ("?deleted=true&size=1", &gone[..1]),
        ("?deleted=true&size=1&page=1", &gone[1..]),
        ("?size=2&page=1", &alive[2..]),
    ] {
        let expected = format!("[{}]", joined(&app, &token, some));
        assert_eq!(get(&app, &token, query), answer(200, &expected), "{query}");
    }
    let page = app.get(
        &format!("{APPLICATIONS}?deleted=true&result=page&size=1"),
        &token,
    );
    assert_eq!(page.json()["totalElements"], 2);
    assert_eq!(page.json()["content"][0]["status"], "Deleted");
}

/// Inserts many applications at once, below the API.
fn insert(app: &TestApp, many: usize) {
    app.write(|c, act| {
        for at in 0..many {
            let id = format!("00000000-0000-4000-8000-{at:012}");
            let application = Application {
                id: ApplicationId::parse(&id).unwrap(),
                name: format!("a{at}"),
                display_name: "a".to_owned(),
                description: String::new(),
                uri: format!("https://example.org/a{at}"),
                status: ApplicationStatus::Running,
                source: ApplicationSource {
                    kind: "image".to_owned(),
                    project_version_id: None,
                    image_id: Some(IMAGE.to_owned()),
                },
                space_id: None,
                technology_version: String::new(),
                development_mode: false,
                autostarting_scheduled_jobs: false,
                autostarting_esb: false,
                default_time_zone: None,
                default_locale: None,
                dbms_type: DbmsType::File,
                default_user_list: None,
                user_lists: Vec::new(),
                scopes: Vec::new(),
                created_at: act.now,
                deleted_at: None,
            };
            applications::create(c, &application)?;
        }
        Ok(())
    });
}

#[test]
fn a_whole_list_has_10_000_entries_and_a_longer_one_must_be_read_in_pages() {
    let (app, token) = setup();
    insert(&app, 10_000);
    let whole = app.get(APPLICATIONS, &token);
    assert_eq!(whole.status, 200);
    assert_eq!(whole.json().as_array().unwrap().len(), 10_000);

    create(&app, &token, &minimal("one-more"));
    let details = "the list has more than 10000 entries: ask for a page";
    let expected = error(400, 11, "OUT_OF_RANGE", "page is out of range.", details);
    assert_eq!(get(&app, &token, ""), expected);
    assert_eq!(get(&app, &token, "?result=array"), expected);
    assert_eq!(get(&app, &token, "?deleted=true"), answer(200, "[]"));
    let last = app.get(
        &format!("{APPLICATIONS}?result=page&size=1000&page=10"),
        &token,
    );
    assert_eq!(last.json()["totalElements"], 10_001);
    assert_eq!(last.json()["totalPages"], 11);
    assert_eq!(last.json()["numberOfElements"], 1);
    assert_eq!(last.json()["last"], true);
}
