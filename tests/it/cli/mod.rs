//! The command line, as a process, beside a running server.

mod application_scopes;
mod audit;
mod backup;
mod clients;
mod default_audience;
mod environment;
mod import;
mod keys;
mod limits;
mod restore;
mod rotate;
mod settings;
mod token;
mod users;

use std::process::Output;

use serde_json::Value;

use crate::support::{Credentials, TestApp, cli};

/// A running server, and the command line beside it.
pub struct Shell {
    pub app: TestApp,
    pub folder: tempfile::TempDir,
}

impl Shell {
    pub fn new() -> Self {
        Self {
            app: TestApp::start(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Runs a command to its end; what it changed is in force at the server when this returns.
    pub fn run(&self, args: &[&str], stdin: &str) -> Output {
        let mut all = vec!["--keys-dir", self.app.keys_dir.to_str().unwrap()];
        all.extend(args);
        let output = cli(
            self.folder.path(),
            &self.app.database.url_text(),
            &all,
            stdin,
        );
        self.app.app.directory.follow().unwrap();
        output
    }

    /// What a command that succeeds writes to standard output; it must say nothing else.
    pub fn text(&self, args: &[&str], stdin: &str) -> String {
        let output = self.run(args, stdin);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            (output.status.code(), said.as_str()),
            (Some(0), ""),
            "{args:?}"
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// As [`Shell::text`], with `--output json`: one line, one value.
    pub fn json(&self, args: &[&str], stdin: &str) -> Value {
        let text = self.text(&[args, &["--output", "json"]].concat(), stdin);
        assert!(
            text.ends_with('\n') && text.matches('\n').count() == 1,
            "{text}"
        );
        serde_json::from_str(&text).unwrap()
    }

    /// What a command that fails says, in one line, after its name.
    pub fn refused(&self, args: &[&str], stdin: &str) -> String {
        let output = self.run(args, stdin);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}: {said}");
        assert!(output.stdout.is_empty(), "{args:?}");
        let why = said
            .strip_prefix("mintmark: ")
            .unwrap_or_else(|| panic!("{said}"));
        let why = why.strip_suffix('\n').unwrap();
        assert!(!why.contains('\n'), "{why}");
        why.to_owned()
    }

    /// What is said of arguments that are wrong in themselves: nothing was begun.
    pub fn misused(&self, args: &[&str]) -> String {
        let output = self.run(args, "");
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(output.stdout.is_empty(), "{args:?}");
        assert!(said.starts_with("error: "), "{said}");
        said
    }

    /// Makes a client, and answers its credentials.
    pub fn create_client(&self, args: &[&str]) -> Credentials {
        credentials(&self.json(&[&["client", "create"], args].concat(), ""))
    }

    /// Makes a user.
    pub fn create_user(&self, login: &str, role: &str) -> Value {
        let args = [
            "user",
            "create",
            "--login",
            login,
            "--role",
            role,
            "--password-stdin",
        ];
        self.json(&args, "correct horse battery\n")
    }

    /// The status of an attempt to get a token.
    pub fn status(&self, client: &Credentials) -> u16 {
        self.app
            .post_token(client, "grant_type=client_credentials")
            .status
    }
}

/// The credentials in what `client create` or `client rotate` wrote.
pub fn credentials(made: &Value) -> Credentials {
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    Credentials {
        client_id: text("client_id"),
        client_secret: text("client_secret"),
    }
}

/// The names and values of a result that was written for people, one on each line.
pub fn members(text: &str) -> Vec<(String, String)> {
    let member = |line: &str| {
        let (name, value) = line.split_once(':').unwrap();
        (name.to_owned(), value.trim().to_owned())
    };
    text.lines().map(member).collect()
}
