//! A change of role ends the person's sessions, on every way.

use mintmark::domain::user_changes::{self, UserUpdate};
use mintmark::domain::users;
use mintmark::model::scope::Role;
use serde_json::json;

use super::{Attempt, Stage};
use crate::support::Browser;

const PROFILE: &str = "/console/profile";

fn is_signed_in(browser: &mut Browser<'_>) -> bool {
    let answer = browser.get(PROFILE);
    match answer.status {
        200 => true,
        303 => {
            assert_eq!(answer.header("location"), Some("/console/sign-in"));
            false
        }
        other => panic!("{other}"),
    }
}

#[test]
fn a_change_of_role_by_the_api_ends_the_persons_sessions_and_no_others() {
    let stage = Stage::set();
    let third = stage.app.create_user("third", Role::Administrator);
    let mut other = Browser::of(&stage.app, &third);
    for (user, role) in [
        (&stage.member, "administrator"),
        (&stage.member, "member"),
        (&stage.second, "member"),
    ] {
        let mut open = [Browser::of(&stage.app, user), Browser::of(&stage.app, user)];
        assert!(open.iter_mut().all(is_signed_in));
        let path = Stage::user_path(user);
        // What is no change of role ends nothing.
        let rename = Attempt::new("", "PUT", path.clone(), Some(json!({"presentation": role})));
        assert_eq!(stage.call(&stage.all, &rename).status, 204);
        assert!(open.iter_mut().all(is_signed_in));
        let change = Attempt::new("", "PUT", path, Some(json!({"role": role})));
        assert_eq!(stage.call(&stage.all, &change).status, 204);
        assert!(!open.iter_mut().any(is_signed_in), "{role}");
        assert!(is_signed_in(&mut other));
    }
    let events = "SELECT details AS text FROM audit_events WHERE kind = 'user.signed_out'";
    assert_eq!(stage.app.database.query(events), [r#"{"sessions":2}"#; 3]);
}

#[test]
fn a_change_of_role_on_a_page_or_by_a_command_ends_the_persons_sessions() {
    let stage = Stage::set();
    let third = stage.app.create_user("third", Role::Administrator);
    let mut administrator = Browser::of(&stage.app, &third);
    let mut open = Browser::of(&stage.app, &stage.member);
    let form = format!("/console/admin/users/{}/edit", stage.member.id);
    let page = administrator.get(&form);
    let typed = [("presentation", "member"), ("role", "administrator")];
    let changed = administrator.submit(&page, &form, &typed);
    assert_eq!(changed.status, 303, "{}", changed.text());
    assert!(!is_signed_in(&mut open));
    assert!(is_signed_in(&mut administrator));

    let mut open = Browser::of(&stage.app, &stage.member);
    let update = UserUpdate {
        role: Some(Role::Member),
        ..UserUpdate::default()
    };
    stage.app.write(|c, act| {
        let user = users::find_by_login(c, "member")?;
        user_changes::update(c, act, (user.user_list_id, user.id), update)
    });
    assert!(!is_signed_in(&mut open));

    // Whoever takes the role from themselves begins anew as well.
    let mut own = Browser::of(&stage.app, &stage.second);
    let form = format!("/console/admin/users/{}/edit", stage.second.id);
    let page = own.get(&form);
    let typed = [("presentation", "second"), ("role", "member")];
    assert_eq!(own.submit(&page, &form, &typed).status, 303);
    assert!(!is_signed_in(&mut own));
}
