//! What a page costs, over HTTP: the last one against the first, in one run.

use std::time::{Duration, Instant};

use crate::support::{KeptConnection, Request, TestApp};

const ROUNDS: usize = 15;
const AT_MOST: f64 = 20.0;

/// Holds the last page to at most twenty times the cost of the first: medians, taken in turns.
pub fn hold(app: &TestApp, first: &str, last: &str, token: &str) {
    let mut line = KeptConnection::open(app.address);
    let mut time = |path: &str| {
        let bytes = Request::new("GET", path).bearer(token).to_kept_bytes();
        let began = Instant::now();
        assert_eq!(line.send(&bytes).status, 200, "{path}");
        began.elapsed()
    };
    let (firsts, lasts): (Vec<_>, Vec<_>) = (0..ROUNDS).map(|_| (time(first), time(last))).unzip();
    let (first_took, last_took) = (median(firsts), median(lasts));
    let ratio = last_took.as_secs_f64() / first_took.as_secs_f64();
    println!("{last}: {last_took:?} against {first_took:?}, {ratio:.1} times");
    assert!(ratio <= AT_MOST, "{last} costs {ratio:.1} times {first}");
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
