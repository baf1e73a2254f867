//! `ETag` and `If-Match`: a change on condition that nobody else made one (RFC 9110 section 13.1.1).

use serde_json::{Value, json};

use super::{CLIENTS, Desk, error, invalid, named, one};
use crate::support::{Request, Response};

fn changed() -> String {
    let message = "It was changed since it was read: read it again.";
    error(412, 9, "FAILED_PRECONDITION", message, "")
}

fn tag(response: &Response) -> String {
    let tag = response.header("etag").unwrap();
    assert!(
        tag.len() == 45 && tag.starts_with('"') && tag.ends_with('"'),
        "{tag}"
    );
    tag.to_owned()
}

/// A change of the name, if the key is as one of the tags says.
fn rename(desk: &Desk, path: &str, name: &str, tags: &[&str]) -> Response {
    let body = json!({ if path.starts_with(CLIENTS) { "name" } else { "description" }: name });
    let mut request = Request::json("PATCH", path, &body).bearer(&desk.admin);
    for tag in tags {
        request = request.header("if-match", tag);
    }
    desk.app.send(request)
}

#[test]
fn a_change_of_what_was_changed_meanwhile_is_refused() {
    let desk = Desk::new();
    let made = desk.post(&desk.keys(), &desk.admin, &named("key"));
    let path = one(&desk.keys(), &made.json());
    let first = tag(&made);
    let renamed = rename(&desk, &path, "second", &[&first]);
    assert_eq!(
        (renamed.status, &renamed.json()["description"]),
        (200, &json!("second"))
    );
    let second = tag(&renamed);
    assert_ne!(first, second);
    let before = desk.state();
    let refused = rename(&desk, &path, "third", &[&first]);
    assert_eq!(refused.whole(), changed());
    assert_eq!(desk.state(), before);
    assert_eq!(tag(&desk.app.get(&path, &desk.admin)), second);
    // What would change nothing is refused too: it was read in another state.
    assert_eq!(rename(&desk, &path, "second", &[&first]).status, 412);
}

#[test]
fn one_tag_of_several_will_do_and_a_weak_one_never_does() {
    let desk = Desk::new();
    let made = desk.post(&desk.keys(), &desk.admin, &named("key"));
    let path = one(&desk.keys(), &made.json());
    let now = tag(&made);
    let status = |tags: &[&str]| rename(&desk, &path, "key", tags).status;
    assert_eq!(status(&[&format!("\"x\", {now}")]), 200);
    assert_eq!(status(&["\"x\"", &now]), 200);
    assert_eq!(status(&["*"]), 200);
    assert_eq!(status(&[]), 200);
    assert_eq!(status(&[&format!("W/{now}")]), 412);
    assert_eq!(status(&["\"x\""]), 412);
    assert_eq!(status(&[""]), 412);
    for wrong in [&now[1..44], "\"x", "*, \"x\"", "\"a\" \"b\""] {
        let refused = rename(&desk, &path, "key", &[wrong]);
        let reason = "is * or a list of entity tags, each in double quotes";
        assert_eq!(refused.whole(), invalid("If-Match", reason), "{wrong}");
    }
}

#[test]
fn a_tag_changes_with_whatever_is_shown_but_the_use() {
    let desk = Desk::new();
    let made = desk.post(
        &desk.keys(),
        &desk.admin,
        &json!({"description": "key", "scopes": ["openid"]}),
    );
    let path = one(&desk.keys(), &made.json());
    let mut tags = vec![tag(&made)];
    for body in [
        json!({"scopes": []}),
        json!({"expires-at": desk.at(90_000)}),
        json!({"allowed-networks": ["127.0.0.1"]}),
        json!({"disabled": true}),
        json!({"disabled": false, "allowed-networks": ["127.0.0.0/8"]}),
    ] {
        tags.push(tag(&desk.patch(&path, &desk.admin, &body)));
    }
    let rotate = format!("{path}/rotate");
    tags.push(tag(&desk.post(
        &rotate,
        &desk.admin,
        &json!({"old-ends-in": 60}),
    )));
    let last = tags.last().unwrap().clone();
    let mut different = tags.clone();
    different.sort();
    different.dedup();
    assert_eq!(different.len(), tags.len());
    // To cut off is no change of what can be read.
    let cut_off = desk.call("POST", &format!("{path}/cut-off"), &desk.admin);
    assert_eq!(tag(&cut_off), last);
    // The older secret ends by itself, and is not shown any more.
    desk.app.advance(60);
    assert_ne!(tag(&desk.app.get(&path, &desk.admin)), last);
}

#[test]
fn every_act_on_a_client_can_be_on_condition() {
    let desk = Desk::new();
    for (list, body) in [
        (desk.keys(), named("key")),
        (CLIENTS.to_owned(), json!({"name": "service"})),
    ] {
        let made = desk.post(&list, &desk.admin, &body);
        let path = one(&list, &made.json());
        desk.app.advance(1);
        let rotated = desk.post(&format!("{path}/rotate"), &desk.admin, &json!({}));
        let secret = rotated.json()["secrets"][0]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        let (old, now) = (tag(&made), tag(&rotated));
        let rotate = Some(json!({"old-ends-in": 0}));
        let secret = format!("{path}/secrets/{secret}");
        let acts: [(&str, String, Option<Value>, u16); 4] = [
            ("POST", format!("{path}/cut-off"), None, 200),
            ("DELETE", secret, None, 204),
            ("POST", format!("{path}/rotate"), rotate, 200),
            ("DELETE", path.clone(), None, 204),
        ];
        assert_eq!(rename(&desk, &path, "new", &[&old]).whole(), changed());
        let mut tag = now;
        for (method, act, body, status) in acts {
            let request = match &body {
                Some(body) => Request::json(method, &act, body),
                None => Request::new(method, &act),
            };
            let request = request.bearer(&desk.admin);
            let before = desk.state();
            let refused = desk.app.send(request.clone().header("if-match", &old));
            assert_eq!(refused.whole(), changed(), "{method} {act}");
            assert_eq!(desk.state(), before, "{method} {act}");
            let done = desk.app.send(request.header("if-match", &tag));
            assert_eq!(done.status, status, "{method} {act}: {}", done.whole());
            tag = match desk.app.get(&path, &desk.admin).header("etag") {
                Some(tag) => tag.to_owned(),
                None => "gone".to_owned(),
            };
        }
    }
}

#[test]
fn what_is_wrong_with_a_change_is_told_before_its_condition() {
    let desk = Desk::new();
    let made = desk.post(&desk.keys(), &desk.admin, &named("key"));
    let path = one(&desk.keys(), &made.json());
    assert_eq!(rename(&desk, &path, "", &["\"x\""]).status, 400);
    assert_eq!(
        rename(&desk, &format!("{}/nobody", desk.keys()), "new", &["\"x\""]).status,
        404
    );
    let token = desk.member_token("keys:write");
    let request = Request::json("POST", &format!("{path}/rotate"), &json!({}));
    let refused = desk
        .app
        .send(request.bearer(&token).header("if-match", "\"x\""));
    assert_eq!(refused.status, 403);
}
