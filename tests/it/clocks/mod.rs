//! Clocks that are set wrong, set right, or apart; machines and processes that were suspended.

mod binary;
mod deletions;
mod set;
mod suspended;

use crate::support::{Request, TestApp};

/// The names of the warnings that the server shows.
pub fn warnings(app: &TestApp) -> Vec<String> {
    names(&app.send(Request::new("GET", "/readyz?verbose")).json())
}

fn names(ready: &serde_json::Value) -> Vec<String> {
    let warnings = ready["warnings"].as_array().unwrap();
    let name = |warning: &serde_json::Value| warning["name"].as_str().unwrap().to_owned();
    warnings.iter().map(name).collect()
}
