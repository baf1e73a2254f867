//! What `--log-level` lets through.

use tracing::{Level, Metadata, level_filters::LevelFilter};
use tracing_subscriber::EnvFilter;

/// What lines are let through by.
pub type Filter = EnvFilter;

/// The target of our own lines, which those of a library do not have.
const OURS: &str = env!("CARGO_CRATE_NAME");
const LEVELS: &str = "off, error, warn, info, debug, trace";

/// Why a filter is not taken.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FilterError {
    #[error(
        "{0:?} is no level: take one of {LEVELS}, or give a part a level of its own, as in {OURS}=debug"
    )]
    Level(String),
    #[error("{0:?} names no part: a level of its own is given as in {OURS}=debug")]
    Target(String),
    #[error(
        "{0:?} lets no line of {OURS} through: begin with a level, as in info,{0}, or with off where \
         nothing is to be logged"
    )]
    Silent(String),
}

/// Reads a filter: levels, and parts with a level of their own, with commas between. A word that would
/// be taken for the name of a part is refused, since nothing would be logged then.
pub fn filter(text: &str) -> Result<Filter, FilterError> {
    let parts = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    let mut is_ours = false;
    let mut is_empty = true;
    for part in parts {
        is_empty = false;
        let (target, level) = match part.split_once('=') {
            Some((target, level)) => (Some(target.trim_end()), level.trim_start()),
            None => (None, part),
        };
        if level.is_empty() || level.parse::<LevelFilter>().is_err() {
            return Err(FilterError::Level(level.to_owned()));
        }
        match target {
            None => is_ours = true,
            Some(target) if !is_target(target) => {
                return Err(FilterError::Target(target.to_owned()));
            }
            Some(target) => is_ours |= is_of_ours(target),
        }
    }
    if is_empty {
        return Err(FilterError::Level(text.to_owned()));
    }
    if !is_ours {
        return Err(FilterError::Silent(text.to_owned()));
    }
    // What was taken is what the library takes, but for blanks.
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    EnvFilter::try_new(&text).map_err(|_| FilterError::Level(text))
}

/// Whether this can be the path of a module.
fn is_target(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
    !text.is_empty() && text.chars().all(is_plain)
}

/// Whether some of our lines have a target that begins so.
fn is_of_ours(target: &str) -> bool {
    let below = target.strip_prefix(OURS);
    OURS.starts_with(target) || below.is_some_and(|below| below.starts_with("::"))
}

/// Whether a line may be written, whatever --log-level asks for. Below `info` a library shows the
/// bytes that it reads, and a header or a body holds secrets; so only our own lines go deeper.
pub fn is_harmless(line: &Metadata<'_>) -> bool {
    line.target().split("::").next() == Some(OURS) || *line.level() <= Level::INFO
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_parts_with_a_level_are_taken() {
        for text in [
            "off",
            "error",
            "warn",
            "info",
            "debug",
            "trace",
            "INFO",
            "Warn",
            "3",
            "0",
            "mintmark=debug",
            "mintmark::http=trace",
            "info,actix_server=warn",
            " info , mintmark=DEBUG ",
            "warn,",
            "actix=info,mintmark=info",
            "mint=info",
        ] {
            assert!(filter(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_word_that_is_no_level_is_refused() {
        for (text, word) in [
            ("warning", "warning"),
            ("err", "err"),
            ("verbose", "verbose"),
            ("mintmark", "mintmark"),
            ("foo", "foo"),
            ("6", "6"),
            ("", ""),
            (",", ","),
            ("info,verbose", "verbose"),
            ("mintmark=verbose", "verbose"),
            ("mintmark=", ""),
            ("mintmark=debug=info", "debug=info"),
            ("info;debug", "info;debug"),
            ("info debug", "info debug"),
        ] {
            let error = FilterError::Level(word.to_owned());
            assert_eq!(filter(text).err(), Some(error), "{text}");
        }
    }

    #[test]
    fn what_would_log_nothing_of_ours_is_refused() {
        for text in [
            "actix_server=info",
            "mintmrk=debug",
            "mintmarks=info,foo=warn",
        ] {
            let error = FilterError::Silent(text.to_owned());
            assert_eq!(filter(text).err(), Some(error), "{text}");
        }
        for (text, target) in [("=info", ""), ("mintmark[token]=info", "mintmark[token]")] {
            let error = FilterError::Target(target.to_owned());
            assert_eq!(filter(text).err(), Some(error), "{text}");
        }
    }
}
