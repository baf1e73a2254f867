//! What `--log-level` lets through.

use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;

/// What lines are let through by.
pub type Filter = EnvFilter;

/// The target of our own lines, which those of a library do not have.
const OURS: &str = env!("CARGO_CRATE_NAME");
/// Why a filter is not taken.
pub type FilterError = tracing_subscriber::filter::ParseError;

/// Reads a filter.
pub fn filter(text: &str) -> Result<Filter, FilterError> {
    EnvFilter::try_new(text)
}

/// Whether a line may be written, whatever --log-level asks for. Below `info` a library shows the
/// bytes that it reads, and a header or a body holds secrets; so only our own lines go deeper.
pub fn is_harmless(line: &Metadata<'_>) -> bool {
    line.target().split("::").next() == Some(OURS) || *line.level() <= Level::INFO
}
