//! What stands in the log, and what must not.

mod calls;
mod lines;
mod pages;
mod refusals;
mod secrets;
mod unread;

use std::time::{Duration, Instant};

use crate::support::{Process, Request};

/// Everything that a server logged until now: the lines come in order, so they are all there when
/// that of a last request is.
fn everything(process: &Process) -> Vec<String> {
    let last = process.send(&Request::new("GET", "/healthz"));
    let id = last.header("x-request-id").unwrap();
    let began = Instant::now();
    loop {
        let lines = process.log();
        if lines.iter().any(|line| line.contains(id)) {
            return lines;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "no line of {id}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
