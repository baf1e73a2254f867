//! What a caller can take stands in the table of `docs/limits.md`, with the test that shows its bound.

use std::fs;

/// Settings that are numbers and bound nothing that a caller takes.
const NO_BOUNDS: [&str; 1] = ["workers"];

fn table() -> String {
    fs::read_to_string("docs/limits.md").expect("is readable")
}

/// Where the test of this path can be: beside the code, or in a file of its own below it.
fn places(path: &str) -> Option<([String; 3], &str)> {
    let (root, rest) = path.split_once("::")?;
    let root = match root {
        "it" => "tests/it",
        "lib" => "src",
        _ => return None,
    };
    let (module, function) = rest.rsplit_once("::")?;
    let base = format!("{root}/{}", module.replace("::", "/"));
    let places = [".rs", "/mod.rs", "/tests.rs"].map(|ending| format!("{base}{ending}"));
    Some((places, function))
}

#[test]
fn each_row_of_the_table_of_limits_names_tests_that_are_there() {
    let table = table();
    let (_, rows) = table
        .split_once("| --- | --- | --- | --- | --- |\n")
        .expect("there is the table");
    let mut missing = Vec::new();
    for row in rows.lines() {
        let tests = row.rsplit('|').nth(1).unwrap_or_default();
        let named: Vec<&str> = tests
            .split('`')
            .filter(|part| part.contains("::"))
            .collect();
        if named.is_empty() {
            missing.push(format!("no test: {row}"));
        }
        for path in named {
            let is_there = places(path).is_some_and(|(places, function)| {
                let mut texts = places
                    .iter()
                    .filter_map(|place| fs::read_to_string(place).ok());
                texts.any(|text| text.contains(&format!("fn {function}(")))
            });
            if !is_there {
                missing.push(format!("no such test: {path}"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn each_setting_that_bounds_something_stands_in_the_table_of_limits() {
    let (table, config) = (
        table(),
        fs::read_to_string("src/config.rs").expect("is readable"),
    );
    let (_, of_server) = config
        .split_once("pub struct ServeArgs {")
        .expect("there are the server's settings");
    let of_server = of_server.split("\n}").next().unwrap_or_default();
    let numbers = of_server.lines().filter_map(|line| {
        let (name, kind) = line.trim().strip_prefix("pub ")?.split_once(": ")?;
        matches!(kind, "usize," | "u32," | "u64,").then_some(name)
    });
    let numbers: Vec<&str> = numbers.filter(|name| !NO_BOUNDS.contains(name)).collect();
    assert!(numbers.len() > 5, "{numbers:?}");
    for name in numbers {
        let option = format!("`--{}`", name.replace('_', "-"));
        let rows = table.lines().filter(|line| line.starts_with("| "));
        let is_there = rows.into_iter().any(|row| row.contains(&option));
        assert!(is_there, "{option} has no row in docs/limits.md");
    }
}
