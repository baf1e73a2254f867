//! The source tree as tests/tidy.rs sees it: files, their words without comments and strings, and paths.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What broke which rule where; printed all at once.
#[derive(Default)]
pub struct Failures(BTreeSet<String>);

impl Failures {
    pub fn add(&mut self, file: &File, line: usize, what: &str, reason: &str) {
        self.0
            .insert(format!("{}:{line}: {what}: {reason}", file.name));
    }

    pub fn check(self) {
        let list = Vec::from_iter(self.0).join("\n  ");
        assert!(
            list.is_empty(),
            "against the rules of tests/tidy.rs:\n  {list}"
        );
    }
}

pub struct File {
    pub path: PathBuf,
    /// From the top of the repository, with `/`.
    pub name: String,
    pub text: String,
    pub tokens: Vec<Token>,
}

impl File {
    /// `src/store/users.rs` -> `store`; `src/app.rs` -> `app`.
    pub fn layer(&self) -> &str {
        let below = self.name.strip_prefix("src/").unwrap_or(&self.name);
        below
            .split('/')
            .next()
            .unwrap_or(below)
            .trim_end_matches(".rs")
    }

    pub fn is_at(&self, place: &str) -> bool {
        let below = self.name.strip_prefix("src/").unwrap_or(&self.name);
        if place.ends_with('/') {
            below.starts_with(place)
        } else {
            below == place
        }
    }

    /// How many modules lie between this file's and the root: `src/store/users.rs` -> 2.
    pub fn depth(&self) -> usize {
        let below = self.name.strip_prefix("src/").unwrap_or(&self.name);
        below.split('/').count() - usize::from(self.stem() == "mod")
    }

    pub fn stem(&self) -> &str {
        self.path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .expect("has a name in UTF-8")
    }
}

/// Every text file below `start`, in order of name. Files that are not UTF-8 are none of our business.
pub fn files(start: &str) -> Vec<File> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut found, mut waiting) = (Vec::new(), vec![top.join(start)]);
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("the folder is readable");
            waiting.extend(entries.map(|entry| entry.expect("the entry is readable").path()));
        } else if let Ok(text) = fs::read_to_string(&path) {
            let name = path
                .strip_prefix(top)
                .expect("is below the top")
                .to_string_lossy()
                .replace('\\', "/");
            let tokens = if name.ends_with(".rs") {
                tokens(&text)
            } else {
                Vec::new()
            };
            found.push(File {
                path,
                name,
                text,
                tokens,
            });
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

pub fn rust_files(start: &str) -> Vec<File> {
    let found: Vec<File> = files(start)
        .into_iter()
        .filter(|file| file.name.ends_with(".rs"))
        .collect();
    assert!(
        !found.is_empty(),
        "{start} holds Rust files: else the rules check nothing"
    );
    found
}

/// A word, `::`, or one other character of code. Comments, strings and characters are left out.
pub struct Token {
    pub text: String,
    pub line: usize,
}

pub fn tokens(text: &str) -> Vec<Token> {
    let source: Vec<char> = text.chars().collect();
    let at = |index: usize| source.get(index).copied().unwrap_or('\0');
    let (mut found, mut line, mut i) = (Vec::new(), 1, 0);
    while i < source.len() {
        let start = i;
        match at(i) {
            '/' if at(i + 1) == '/' => {
                while i < source.len() && at(i) != '\n' {
                    i += 1
                }
            }
            '/' if at(i + 1) == '*' => {
                let mut depth = 0;
                loop {
                    match (at(i), at(i + 1)) {
                        ('/', '*') => (depth, i) = (depth + 1, i + 2),
                        ('*', '/') => (depth, i) = (depth - 1, i + 2),
                        _ => i += 1,
                    }
                    if depth == 0 || i >= source.len() {
                        break;
                    }
                }
            }
            '"' => {
                i += 1;
                while i < source.len() && at(i) != '"' {
                    i += if at(i) == '\\' { 2 } else { 1 }
                }
                i += 1;
            }
            // A character, unless it is a lifetime: 'a' closes at once, '\n' after an escape.
            '\'' if at(i + 1) == '\\' => {
                i += 3;
                while i < source.len() && at(i) != '\'' {
                    i += 1
                }
                i += 1;
            }
            '\'' if at(i + 2) == '\'' => i += 3,
            first if first.is_alphanumeric() || first == '_' => {
                while at(i).is_alphanumeric() || at(i) == '_' {
                    i += 1
                }
                let word: String = source[start..i].iter().collect();
                let hashes = source[i..].iter().take_while(|c| **c == '#').count();
                if ["r", "br", "cr"].contains(&word.as_str()) && at(i + hashes) == '"' {
                    i += hashes + 1;
                    let closes = |i: usize| at(i) == '"' && (1..=hashes).all(|n| at(i + n) == '#');
                    while i < source.len() && !closes(i) {
                        i += 1
                    }
                    i += hashes + 1;
                } else {
                    found.push(Token { text: word, line });
                }
            }
            ':' if at(i + 1) == ':' => {
                found.push(Token {
                    text: "::".into(),
                    line,
                });
                i += 2;
            }
            other => {
                if !other.is_whitespace() {
                    found.push(Token {
                        text: other.into(),
                        line,
                    })
                }
                i += 1;
            }
        }
        line += source[start..i.min(source.len())]
            .iter()
            .filter(|c| **c == '\n')
            .count();
    }
    found
}

/// `a::b::{c, d}` as `a::b::c` and `a::b::d`, each at the line of its last name.
pub struct NamePath {
    pub names: Vec<String>,
    pub line: usize,
    /// Stands in a `use`.
    pub imported: bool,
}

impl NamePath {
    /// The name after `crate::`, `mintmark::` or as many `super::` as lead to the root from `depth`.
    pub fn below_the_root(&self, depth: usize) -> Option<&str> {
        let supers = self
            .names
            .iter()
            .take_while(|name| *name == "super")
            .count();
        let rooted = match self.names[0].as_str() {
            "crate" | "mintmark" => 1,
            _ if supers >= depth => supers,
            _ => return None,
        };
        self.names.get(rooted).map(String::as_str)
    }

    /// Whether this names the crate, module or (with a capital) type `wanted`. A lone small name is
    /// a crate only where it is imported: elsewhere `rsa` may be a variable.
    pub fn names_it(&self, wanted: &str) -> bool {
        if wanted.starts_with(char::is_uppercase) {
            return self.names.iter().any(|name| name == wanted);
        }
        let wanted: Vec<&str> = wanted.split("::").collect();
        let starts_so = self.names.len() >= wanted.len()
            && self
                .names
                .iter()
                .zip(&wanted)
                .all(|(name, want)| name == want);
        starts_so && (self.imported || self.names.len() > 1)
    }
}

pub fn paths(tokens: &[Token]) -> Vec<NamePath> {
    let mut found = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        let imported = tokens[i].text == "use";
        let start = i + usize::from(imported);
        i = read_path(tokens, start, &[], imported, &mut found).max(i + 1);
    }
    found
}

/// Reads the path that starts at `i` below `prefix`; returns where it ends.
fn read_path(
    tokens: &[Token],
    mut i: usize,
    prefix: &[String],
    imported: bool,
    found: &mut Vec<NamePath>,
) -> usize {
    let is_name = |i: usize| {
        tokens.get(i).is_some_and(|t| {
            t.text
                .starts_with(|c: char| c.is_alphanumeric() || c == '_')
        })
    };
    let is = |i: usize, text: &str| tokens.get(i).is_some_and(|t| t.text == text);
    let mut names = prefix.to_vec();
    if is(i, "::") {
        i += 1
    }
    while is_name(i) {
        names.push(tokens[i].text.clone());
        i += 1;
        if !is(i, "::") {
            break;
        }
        i += 1;
    }
    if imported && is(i, "{") {
        i += 1;
        while i < tokens.len() && !is(i, "}") {
            i = read_path(tokens, i, &names, imported, found).max(i + 1);
        }
        return i + 1;
    }
    if names.len() > prefix.len() {
        let line = tokens[i - 1].line;
        found.push(NamePath {
            names,
            line,
            imported,
        });
    }
    if imported && is(i, "as") { i + 2 } else { i }
}

#[test]
fn the_reader_sees_every_path_and_no_comment_or_string() {
    let source = r##"
        // crate::comment  /* crate::comment
        /* crate::comment /* nested */ crate::comment */
        use crate::{store::{self, users::User as Row}, model};
        fn f<'a>(x: &'a str) -> super::super::http::Answer {
            let quote = ('"', '\'', "crate::text \" crate::text", r#"crate::raw " crate::raw"#);
            rsa.modulus(crate::signing::Key::<u8>::new(rsa::BigUint::one()))
        }
    "##;
    let paths = paths(&tokens(source));
    let below: Vec<_> = paths
        .iter()
        .filter_map(|path| path.below_the_root(2))
        .collect();
    assert_eq!(below, ["store", "store", "model", "http", "signing"]);
    let rsa: Vec<_> = paths.iter().filter(|path| path.names_it("rsa")).collect();
    assert_eq!(rsa.len(), 1);
    assert_eq!(rsa[0].line, 7);
    assert!(paths[0].names_it("crate::store") && !paths[0].names_it("crate::sto"));
}
