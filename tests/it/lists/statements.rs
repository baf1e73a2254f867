//! The statements that a server really sends: diesel tells of each as it goes out.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, Once};

use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};

use crate::support::{TestApp, TestDatabase};

/// What is recorded, by the URL of the connection's database. Only those that have an entry are.
static RECORDS: LazyLock<Mutex<HashMap<String, Vec<String>>>> = LazyLock::new(Mutex::default);

/// A listener of one connection.
struct Listener {
    url: String,
}

impl Instrumentation for Listener {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartEstablishConnection { url, .. } => self.url = url.to_owned(),
            InstrumentationEvent::StartQuery { query, .. } => {
                let mut records = RECORDS.lock().unwrap();
                let mut records = records
                    .iter_mut()
                    .filter(|(part, _)| self.url.contains(*part));
                if let Some((_, statements)) = records.next() {
                    statements.push(query.to_string());
                }
            }
            _ => {}
        }
    }
}

/// Has every connection that is made from here on tell what it sends. Before the server starts.
pub fn listen() {
    static ONCE: Once = Once::new();
    let make = || Some(Box::new(Listener { url: String::new() }) as Box<dyn Instrumentation>);
    ONCE.call_once(|| set_default_instrumentation(make).unwrap());
}

/// The queries that the server sends while `work` runs, each as `SQL -- binds: [...]`.
pub fn of(app: &TestApp, work: impl FnOnce()) -> Vec<String> {
    let part = match &app.database {
        TestDatabase::Sqlite(folder) => folder.path().display().to_string(),
        TestDatabase::Postgresql { name, .. } => name.clone(),
    };
    RECORDS.lock().unwrap().insert(part.clone(), Vec::new());
    work();
    let said = RECORDS.lock().unwrap().remove(&part).unwrap();
    // The change log is followed meanwhile; what a connection is asked about itself is no query.
    let is_query = |text: &String| text.contains(" FROM ") && !text.contains("change");
    said.into_iter().filter(is_query).collect()
}
