//! A start that fails ends, whoever reads why.

use std::process::Stdio;

use super::output::{Kind, Output};
use super::until;
use crate::support::{TestDatabase, command};

#[test]
fn a_start_that_fails_ends_although_nobody_reads_why() {
    let database = TestDatabase::create();
    for kind in [Kind::FullDevice, Kind::EndedReader, Kind::StandingReader] {
        let folder = tempfile::tempdir().unwrap();
        let output = Output::new(kind);
        let log = output.to_write();
        output.spoil();
        // More than a pipe takes.
        let long = "x".repeat(100_000);
        let args = ["serve", "--log-level", &long];
        let mut command = command(folder.path(), &database.url_text(), &args);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let mut child = command.stderr(log).spawn().unwrap();
        let mut ended = None;
        until("it ends", || {
            ended = child.try_wait().unwrap();
            ended.is_some()
        });
        assert_eq!(ended.unwrap().code(), Some(1), "{kind:?}");
    }
}

#[test]
fn a_word_that_is_no_level_is_refused_with_the_levels() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::create();
    for (word, said) in [
        (
            "warning",
            "\"warning\" is no level: take one of off, error, warn, info, debug, trace",
        ),
        ("err", "\"err\" is no level"),
        ("verbose", "\"verbose\" is no level"),
        ("mintmark=verbose", "\"verbose\" is no level"),
        ("mintmark", "\"mintmark\" is no level"),
        ("actix_server=info", "lets no line of mintmark through"),
    ] {
        for words in [&["serve"][..], &["config", "show"]] {
            let args = [words, &["--log-level", word]].concat();
            let mut command = command(folder.path(), &database.url_text(), &args);
            let output = command.output().unwrap();
            let text = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{args:?}: {text}");
            let begin = format!("mintmark: --log-level: {said}");
            let found = text.lines().any(|line| {
                line.starts_with(&begin)
                    || line.starts_with("mintmark: --log-level: ") && line.contains(said)
            });
            assert!(found, "{text}");
        }
    }
}
