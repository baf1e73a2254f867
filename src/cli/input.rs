//! Reads secrets: from standard input or a file, never from an argument.

use std::io::{IsTerminal, Read};
use std::path::Path;

use zeroize::Zeroizing;

use super::CliError;
use super::output::say;
use crate::model::secret::Secret;

/// More than any secret or password that is taken.
const LIMIT: u64 = 64 * 1024;

/// The secret in `file`, or on standard input without one. One line end at its end is not part of
/// it.
pub fn read_secret(file: Option<&Path>) -> Result<Secret, CliError> {
    let name = file.map_or("standard input".to_owned(), |f| f.display().to_string());
    let failed = |e| CliError::File(name.clone(), e);
    // What grows leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(LIMIT as usize));
    match file {
        Some(path) => {
            let opened = std::fs::File::open(path).map_err(failed)?;
            opened.take(LIMIT).read_to_string(&mut text)
        }
        None => {
            if std::io::stdin().is_terminal() {
                say("The secret, then Enter and Ctrl-D:");
            }
            std::io::stdin().take(LIMIT).read_to_string(&mut text)
        }
    }
    .map_err(failed)?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    if text.is_empty() {
        return Err(CliError::Other(format!("{name} holds no secret")));
    }
    Ok(Secret::new(std::mem::take(&mut *text)))
}
