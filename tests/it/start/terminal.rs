//! The first start on a terminal, which `script` (bsdutils) plays.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use super::names;
use crate::support::{SERVE, TestDatabase, command, signal};

/// A server on a terminal of its own, ended when dropped.
struct OnTerminal {
    child: Child,
    /// Everything that the terminal showed until the server listened.
    shown: Vec<String>,
    /// Kept open: the server goes on writing.
    output: Option<BufReader<ChildStdout>>,
}

impl OnTerminal {
    fn start(folder: &Path, database_url: &str) -> Self {
        let serve = command(folder, database_url, &SERVE);
        let mut line = serve.get_program().to_str().unwrap().to_owned();
        for arg in serve.get_args() {
            line.push(' ');
            line.push_str(arg.to_str().unwrap());
        }
        let mut script = Command::new("script");
        script
            .args(["-qefc", &line, "/dev/null"])
            .current_dir(folder)
            .env_clear();
        script.envs(
            serve
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
        script.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut started = Self {
            child: script.spawn().unwrap(),
            shown: Vec::new(),
            output: None,
        };
        let mut output = BufReader::new(started.child.stdout.take().unwrap());
        for line in output.by_ref().lines() {
            let line = line.unwrap().trim_end_matches('\r').to_owned();
            let is_last = line.contains("starting service");
            started.shown.push(line);
            if is_last {
                started.output = Some(output);
                return started;
            }
        }
        panic!("it ended: {:?}", started.shown);
    }
}

impl Drop for OnTerminal {
    fn drop(&mut self) {
        // `script` passes it on, and ends after the server.
        let _ = signal(self.child.id(), "TERM");
        let _ = self.child.wait();
        drop(self.output.take());
    }
}

#[test]
fn on_a_terminal_the_sign_in_is_shown_once_and_no_file_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create();
    let url = database.url_text();
    {
        let first = OnTerminal::start(folder.path(), &url);
        let all = first.shown.join("\n");
        assert_eq!(all.matches("Sign-in (").count(), 1, "{all}");
        assert_eq!(all.matches("  login:         admin").count(), 1, "{all}");
        assert_eq!(all.matches("  password:      ").count(), 1, "{all}");
        assert_eq!(all.matches("  client_secret: mms_").count(), 1, "{all}");
        assert!(!all.contains("first-start.txt"), "{all}");
        assert_eq!(names(&folder.path().join("keys")), ["master.key"]);
        let curl = first
            .shown
            .iter()
            .find(|l| l.starts_with("  curl -u "))
            .unwrap();
        let output = Command::new("sh").args(["-c", curl]).output().unwrap();
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(answer["scope"], "openid applications:read", "{output:?}");
    }
    let second = OnTerminal::start(folder.path(), &url);
    let all = second.shown.join("\n");
    for word in ["Sign-in", "password", "mms_", "curl"] {
        assert!(!all.contains(word), "{all}");
    }
    assert_eq!(names(&folder.path().join("keys")), ["master.key"]);
}
