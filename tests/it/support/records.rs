//! Keeps every answer that the tests see, for the contract check.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex};

use mintmark::http::ROUTES;
use serde_json::{Map, Value, json};

use super::{Request, Response};

/// One file for each run of the tests, in the folder that `MINTMARK_TEST_RECORDS` names.
static FILE: LazyLock<Option<Mutex<File>>> = LazyLock::new(|| {
    let folder = PathBuf::from(std::env::var_os("MINTMARK_TEST_RECORDS")?);
    std::fs::create_dir_all(&folder).unwrap();
    let name = format!("{}.jsonl", std::process::id());
    let mut file = File::create(folder.join(name)).unwrap();
    let row = |route: &mintmark::http::Route| json!({"method": route.method.as_str(), "path": route.path, "page": route.is_page()});
    let routes: Vec<Value> = ROUTES.iter().map(row).collect();
    writeln!(file, "{}", json!({"routes": routes})).unwrap();
    Some(Mutex::new(file))
});

/// Writes the route table, once.
pub fn write_routes() {
    LazyLock::force(&FILE);
}

/// Writes one exchange.
pub fn write(request: &Request, response: &Response) {
    let Some(file) = &*FILE else {
        return;
    };
    let mut headers: Map<String, Value> = Map::new();
    for (name, value) in &response.headers {
        let joined = match headers.get(name).and_then(Value::as_str) {
            Some(before) => format!("{before}, {value}"),
            None => value.clone(),
        };
        headers.insert(name.clone(), joined.into());
    }
    let record = json!({
        "method": request.method,
        "path": request.path,
        "status": response.status,
        "headers": headers,
        "body": String::from_utf8_lossy(&response.body),
        "test": std::thread::current().name(),
    });
    writeln!(file.lock().unwrap(), "{record}").unwrap();
}
