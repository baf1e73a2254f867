//! How single values of settings are read, and what is wrong with one that cannot be.

use std::path::PathBuf;
use std::time::Duration;

use crate::domain::installation::Init;
use crate::model::timestamp::parse_duration;

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text)
        .and_then(|seconds| u64::try_from(seconds).ok())
        .map(Duration::from_secs)
        .ok_or_else(|| "a time is a number and a unit: 90s, 10m, 24h, 90d".to_owned())
}

/// A folder's name. What a file or a variable brings may end in a newline, which is not part of it.
pub(super) fn folder(text: &str) -> Result<PathBuf, String> {
    let text = text.trim_end_matches(['\r', '\n']);
    match text.chars().any(char::is_control) {
        true => Err("a folder's name has no control characters".to_owned()),
        false => Ok(PathBuf::from(text)),
    }
}

pub(super) fn init(text: &str) -> Result<Init, String> {
    match text {
        "new" | "true" | "1" | "yes" => Ok(Init::New),
        "with-key" => Ok(Init::WithKey),
        "no" | "false" | "0" => Ok(Init::No),
        _ => Err("new, with-key or no".to_owned()),
    }
}

/// A length of time of a day at least.
pub(super) fn days(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        short if short < Duration::from_secs(86_400) => Err("at least 1d".to_owned()),
        time => Ok(time),
    }
}
