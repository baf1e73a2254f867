//! What is deleted by a time stands in the table of `domain/deletions.rs`, with its guard and its test.

use super::source::{Failures, rust_files};

/// The functions of `store/` that take a time and delete rows.
const KNOWN: [&str; 5] = [
    "audit_events::delete_before",
    "changes::delete_before",
    "client_secrets::delete_expired",
    "one_time_forms::delete_before",
    "sessions::delete_ended",
];

#[test]
fn what_deletes_by_a_time_is_in_the_table_of_deletions() {
    let mut failures = Failures::default();
    let mut met = Vec::new();
    for file in rust_files("src/store") {
        let mut at = 1;
        for function in file.text.split("\npub fn ") {
            let head = function.split('{').next().unwrap_or_default();
            if head.contains("Timestamp") && function.contains("diesel::delete(") {
                let name = head.split('(').next().unwrap_or_default();
                let name = format!("{}::{name}", file.stem());
                if !KNOWN.contains(&name.as_str()) {
                    let reason = "what goes for good because it is old needs a guard: see \
                                  domain/deletions.rs";
                    failures.add(&file, at, &format!("{name} deletes by a time"), reason);
                }
                met.push(name);
            }
            at += function.lines().count() + 1;
        }
    }
    failures.check();
    met.sort();
    assert_eq!(met, KNOWN, "the table and this list know no other");
}
