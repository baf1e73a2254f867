//! The architecture invariants as tests: who may import whom, where a crate may be named, file shape.
//!
//! The rules are the tables below, each row with its reason; a failure prints the place and that reason.
//! To change the architecture, change the row, its reason and the code map in `src/lib.rs` together.

use std::fs;

#[path = "tidy/deletions.rs"]
mod deletions;
#[path = "tidy/limits.rs"]
mod limits;
#[path = "tidy/source.rs"]
mod source;
use source::{Failures, files, paths, rust_files, tokens};

type Rows = &'static [(&'static str, &'static str, &'static str)];

/// The layers: a file or folder of `src/`, what it may take from `crate::` (in `main.rs`, from
/// `mintmark::`), and why no more.
#[rustfmt::skip]
const LAYERS: Rows = &[
    ("model",     "", "nouns know nothing but each other"),
    ("ambient",   "model", "time and randomness know only the types they come in"),
    ("alarms",    "", "whatever finds something wrong says so, below everything that shows it"),
    ("log",       "alarms ambient model", "whatever writes a line leaves it there and goes on"),
    ("signing",   "ambient model", "keys know no database, user or request"),
    ("store",     "alarms ambient model", "tables hold; sealing and deciding happen above"),
    ("directory", "alarms ambient model signing store", "the hot path's copy of the store, keys parsed"),
    ("domain",    "alarms ambient directory model signing store", "verbs know no HTTP, settings or process"),
    ("config",    "domain model store", "settings have the types of what they set, and ask nobody"),
    ("app",       "alarms ambient config directory domain model signing store", "put together once, below HTTP"),
    ("jobs",      "alarms ambient app directory domain model store", "what runs by itself uses the same verbs"),
    ("http",      "alarms ambient app directory domain model", "parses, calls a verb, answers: no SQL, no keys"),
    ("server",    "alarms ambient app config http jobs model", "from a listener to a running server"),
    ("cli",       "alarms ambient app config directory domain jobs log model server signing store", "no routes"),
    ("main",      "cli config", "parse, call, exit code"),
    ("lib",       "", "names the modules and explains them"),
];

/// What only these places may name (`store/` is a folder), and why. A path counts from its root;
/// a type, written with a capital, wherever it is named.
#[rustfmt::skip]
const HOMES: Rows = &[
    ("diesel diesel_migrations libsqlite3_sys pq_sys r2d2", "store/", "only the store knows that there is SQL"),
    ("SqliteConnection PgConnection", "store/connection.rs", "one file knows SQLite from PostgreSQL"),
    ("actix_web actix_http actix_service actix_tls actix_rt futures_util", "http/ server.rs server/", "verbs and tables outlive a change of HTTP library"),
    ("maud", "http/pages/", "HTML is for people; nothing else writes any"),
    ("openssl", "signing/ ambient.rs server/tls.rs", "keys are signing's, randomness ambient's, TLS the server's"),
    ("rsa jsonwebtoken", "signing/", "as they come, both do harm; what makes them safe is in one place"),
    ("totp_rs", "signing/one_time_code.rs", "what is secret in a code stays where secrets are"),
    ("qrcodegen", "http/pages/", "pictures are for people"),
    ("icu_normalizer", "model/text.rs", "one file knows how texts are compared"),
    ("argon2", "domain/password.rs", "one file bounds how many hashes run at once"),
    ("thread_priority", "domain/spare_time.rs", "what runs there must not be waited for with a lock"),
    ("tokio", "http/ domain/write_turns.rs", "what waits without a thread is HTTP's; a turn is given out below it"),
    ("clap", "config.rs main.rs cli/", "settings and commands are read at the edge"),
    ("ureq", "cli/", "the server calls nobody"),
    ("tracing_subscriber", "log/", "one place decides how lines are written, and to where"),
    ("std::env::var std::env::vars std::env::var_os std::env::vars_os env::var env::vars env::var_os env::vars_os",
        "config.rs", "one reader of the environment, so that `config show` can tell it all"),
];

/// Keywords that only these places may use, and why.
#[rustfmt::skip]
const KEYWORDS: Rows = &[
    ("async await", "http/ server.rs server/", "verbs are synchronous: jobs and commands call them too"),
    ("unsafe",      "", "nothing here is worth undefined behaviour"),
];

/// Text that stands nowhere, comments included; in two parts, so that this file may name it.
#[rustfmt::skip]
const FORBIDDEN: Rows = &[
    ("FIX", "ME", "mend it or open an issue"),
    ("TO", "DO", "mend it or open an issue"),
    ("todo", "!(", "nothing stands there for later work"),
    ("unimplemented", "!(", "nothing stands there for later work"),
    ("dbg", "!(", "logs go through tracing, and never hold a secret"),
    ("#[ign", "ore", "a test runs or goes"),
    ("allow(dead", "_code", "what nobody calls goes"),
];

/// SQL words that SQLite and PostgreSQL do not take alike. What is left: TEXT, BIGINT and BOOLEAN.
const UNPORTABLE: &str = "AUTOINCREMENT BIGSERIAL BLOB BYTEA COLLATE DATETIME ENUM INT INTEGER \
    INTERVAL JSON JSONB NUMERIC REAL SERIAL STRICT TIMESTAMP TIMESTAMPTZ UUID VARCHAR WITHOUT";

/// A file that does not fit on a few screens has more than one purpose.
const LONGEST: usize = 400;
const LONGEST_MEDIAN: usize = 150;

fn words(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split_whitespace()
}

#[test]
fn imports_follow_the_layers() {
    let mut failures = Failures::default();
    for file in rust_files("src") {
        let layer = file.layer();
        let Some((_, allowed, reason)) = LAYERS.iter().find(|row| row.0 == layer) else {
            failures.add(
                &file,
                1,
                &format!("`{layer}` has no row in LAYERS"),
                "every part has its place in the flow",
            );
            continue;
        };
        for path in paths(&file.tokens) {
            let Some(target) = path.below_the_root(file.depth()) else {
                continue;
            };
            let known = LAYERS.iter().any(|row| row.0 == target);
            if known && target != layer && !words(allowed).any(|layer| layer == target) {
                let what = format!("`{layer}` takes from `{target}`");
                failures.add(&file, path.line, &what, reason);
            }
        }
    }
    failures.check();
}

#[test]
fn the_layers_have_no_cycle() {
    let mut settled: Vec<&str> = Vec::new();
    while settled.len() < LAYERS.len() {
        let free = LAYERS.iter().find(|(layer, uses, _)| {
            !settled.contains(layer) && words(uses).all(|used| settled.contains(&used))
        });
        settled.push(
            free.expect(
                "some layer uses only settled ones: else LAYERS has a cycle or an unknown name",
            )
            .0,
        );
    }
}

#[test]
fn a_crate_is_named_only_at_its_home() {
    let mut failures = Failures::default();
    for file in rust_files("src") {
        for (names, places, reason) in HOMES {
            if words(places).any(|place| file.is_at(place)) {
                continue;
            }
            for path in paths(&file.tokens) {
                if let Some(name) = words(names).find(|name| path.names_it(name)) {
                    failures.add(&file, path.line, &format!("names `{name}`"), reason);
                }
            }
        }
    }
    failures.check();
}

#[test]
fn a_keyword_stays_at_its_home() {
    let mut failures = Failures::default();
    for file in rust_files("src") {
        for token in &file.tokens {
            for (keywords, places, reason) in KEYWORDS {
                let word = token.text.as_str();
                let at_home = words(places).any(|place| file.is_at(place));
                if !at_home && words(keywords).any(|keyword| keyword == word) {
                    failures.add(&file, token.line, &format!("`{word}`"), reason);
                }
            }
        }
    }
    failures.check();
}

#[test]
fn every_rust_file_begins_with_its_purpose() {
    let mut failures = Failures::default();
    for file in ["src", "tests", "benches", "build.rs"]
        .into_iter()
        .flat_map(rust_files)
    {
        let first = file.text.lines().next().unwrap_or_default();
        let purpose = first.strip_prefix("//! ").unwrap_or_default();
        if purpose.split_whitespace().count() < 2 {
            failures.add(
                &file,
                1,
                "no `//!` in the first line",
                "a reader learns there what the file is for",
            );
        }
    }
    failures.check();
}

#[test]
fn files_are_short() {
    let mut failures = Failures::default();
    for file in ["src", "tests", "benches"].into_iter().flat_map(files) {
        let lines = file.text.lines().count();
        // Nobody writes a lock file, and nobody reads it from top to bottom.
        if lines > LONGEST && !file.name.ends_with("/Cargo.lock") {
            failures.add(
                &file,
                lines,
                &format!("{lines} lines, more than {LONGEST}"),
                "split it by purpose",
            );
        }
    }
    let mut lengths: Vec<usize> = rust_files("src")
        .iter()
        .map(|file| file.text.lines().count())
        .collect();
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    assert!(
        median <= LONGEST_MEDIAN,
        "the median file of src/ has {median} lines, more than {LONGEST_MEDIAN}"
    );
    failures.check();
}

#[test]
fn forbidden_words_stand_nowhere() {
    let mut failures = Failures::default();
    for file in ["src", "tests", "benches", "migrations", "openapi"]
        .into_iter()
        .flat_map(files)
    {
        for (number, line) in file.text.lines().enumerate() {
            for (start, end, reason) in FORBIDDEN {
                let word = format!("{start}{end}");
                if line.contains(&word) {
                    failures.add(&file, number + 1, &format!("`{word}`"), reason);
                }
            }
        }
    }
    failures.check();
}

#[test]
fn a_migration_makes_one_table_in_sql_that_both_databases_take() {
    let mut failures = Failures::default();
    for file in files("migrations") {
        let mut tables = 0;
        for (number, line) in file.text.lines().enumerate() {
            let code = line.split("--").next().unwrap_or_default().to_uppercase();
            tables += code.matches("CREATE TABLE").count();
            for word in code.split(|c: char| !c.is_alphanumeric() && c != '_') {
                if file.name.ends_with(".sql") && words(UNPORTABLE).any(|bad| bad == word) {
                    let reason = "the same folder serves SQLite and PostgreSQL";
                    failures.add(&file, number + 1, &format!("`{word}`"), reason);
                }
            }
        }
        if file.name.ends_with("/up.sql") && tables > 1 {
            let reason = "a table is found by the name of its migration";
            failures.add(&file, 1, &format!("{tables} tables"), reason);
        }
    }
    failures.check();
}

#[test]
fn every_file_of_src_is_compiled() {
    let mut failures = Failures::default();
    for file in rust_files("src") {
        let (folder, stem) = (file.path.parent().expect("has a folder"), file.stem());
        let (name, above) = match stem {
            "lib" | "main" => continue,
            "mod" => (
                folder
                    .file_name()
                    .and_then(|name| name.to_str())
                    .expect("has a name"),
                folder.parent(),
            ),
            _ => (stem, Some(folder)),
        };
        let above = above.expect("is below src/");
        let parents = [
            above.join("mod.rs"),
            above.join("lib.rs"),
            above.join("main.rs"),
            above.with_extension("rs"),
        ];
        let named = parents.iter().filter(|path| path.is_file()).any(|parent| {
            let tokens = tokens(&fs::read_to_string(parent).expect("is readable"));
            tokens
                .windows(2)
                .any(|pair| pair[0].text == "mod" && pair[1].text == name)
        });
        if !named {
            failures.add(
                &file,
                1,
                &format!("no `mod {name};` above it"),
                "an orphan is neither built nor tested",
            );
        }
    }
    failures.check();
}
