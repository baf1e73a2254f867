//! Long lists: the last page of 10,000 costs little more than the first, because the database walks
//! an index and sorts nothing.

mod applications;
mod audit_events;
mod clients;
mod cost;
mod plan;
mod seed;
mod statements;
mod users;

use crate::support::TestApp;

/// How many things each list has.
const MANY: i64 = 10_000;
const SIZE: i64 = 25;

/// Holds a list of [`MANY`] things to what a list must be: `path` with its further parameters.
fn hold(app: &TestApp, path: &str, token: &str) {
    let page = |number: i64| format!("{path}&page={number}&size={SIZE}");
    let (first, last) = (page(0), page(MANY / SIZE - 1));
    for page in [&first, &last] {
        let answer = app.get(page, token);
        assert_eq!(answer.status, 200, "{page}: {}", answer.text());
        let content = answer.json()["content"].as_array().unwrap().len();
        assert_eq!(i64::try_from(content).unwrap(), SIZE, "{page}");
        assert_eq!(answer.json()["totalElements"], MANY, "{page}");
        let said = statements::of(app, || drop(app.get(page, token)));
        plan::hold(app, page, &said);
    }
    cost::hold(app, &first, &last, token);
}
