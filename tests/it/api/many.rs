//! Many callers at once.

use std::sync::Barrier;

use super::{APPLICATIONS, create, delete, minimal, path, post, setup};

#[test]
fn of_a_hundred_parallel_creations_of_one_name_one_succeeds() {
    let (app, token) = setup();
    let start = Barrier::new(100);
    let create_one = |_| {
        let mut body = minimal("crm");
        body["display-name"] = "one of many".into();
        start.wait();
        post(&app, &token, &body)
    };
    let answers = in_parallel(100, create_one);
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    let mut expected = vec![409; 100];
    expected[0] = 200;
    assert_eq!(statuses, expected);
    let refused: std::collections::HashSet<String> = answers
        .iter()
        .filter(|answer| answer.status == 409)
        .map(|answer| answer.whole())
        .collect();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(!refused.iter().any(|text| text.contains("locked")));
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
fn of_many_parallel_deletions_of_one_application_one_succeeds() {
    let (app, token) = setup();
    let path = path(&create(&app, &token, &minimal("crm")));
    let start = Barrier::new(20);
    let answers = in_parallel(20, |_| {
        start.wait();
        delete(&app, &token, &path)
    });
    let mut codes: Vec<(u16, i64)> = answers
        .iter()
        .map(|a| (a.status, a.json()["code"].as_i64().unwrap_or(0)))
        .collect();
    codes.sort_unstable();
    let mut expected = vec![(400, 9); 20];
    expected[0] = (200, 0);
    assert_eq!(codes, expected);
}

#[test]
fn parallel_creations_of_different_names_all_succeed() {
    let (app, token) = setup();
    let answers = in_parallel(40, |at| {
        post(&app, &token, &minimal(&format!("a{at}"))).status
    });
    assert_eq!(answers, [200; 40]);
    assert_eq!(
        app.get(APPLICATIONS, &token)
            .json()
            .as_array()
            .unwrap()
            .len(),
        40
    );
}

/// Does it this many times at once; what came of it, in order.
pub(super) fn in_parallel<T: Send>(many: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    std::thread::scope(|scope| {
        let started: Vec<_> = (0..many)
            .map(|at| {
                scope.spawn({
                    let work = &work;
                    move || work(at)
                })
            })
            .collect();
        started.into_iter().map(|one| one.join().unwrap()).collect()
    })
}
