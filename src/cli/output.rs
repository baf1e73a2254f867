//! Writes results to standard output: for people as lines, for scripts as JSON.

use std::io::{self, Write};

use clap::ValueEnum;
use serde::Serialize;
use serde_json::Value;

use super::CliError;
use crate::log;

/// How results are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Output {
    /// Lines for people
    Text,
    /// One JSON value
    Json,
}

impl Output {
    /// Writes one thing: in text a line for each member.
    pub fn one(self, thing: &impl Serialize) -> Result<(), CliError> {
        let value = to_value(thing)?;
        if self == Output::Json {
            return line(&value.to_string());
        }
        let members = value.as_object().into_iter().flatten();
        let width = members.clone().map(|(name, _)| name.len()).max();
        for (name, member) in members.filter(|(_, member)| !member.is_null()) {
            let width = width.unwrap_or_default() + 1;
            line(&format!("{:width$} {}", format!("{name}:"), cell(member)))?;
        }
        Ok(())
    }

    /// Writes a list: in text a table with a column for each member.
    pub fn list(self, things: &[impl Serialize]) -> Result<(), CliError> {
        let value = to_value(&things)?;
        if self == Output::Json {
            return line(&value.to_string());
        }
        let rows: Vec<&serde_json::Map<String, Value>> = value
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_object)
            .collect();
        let Some(first) = rows.first() else {
            return Ok(());
        };
        let mut table: Vec<Vec<String>> = vec![first.keys().cloned().collect()];
        table.extend(rows.iter().map(|row| row.values().map(cell).collect()));
        let widths: Vec<usize> = (0..first.len())
            .map(|at| {
                table
                    .iter()
                    .map(|row| row[at].chars().count())
                    .max()
                    .unwrap_or_default()
            })
            .collect();
        for row in &table {
            let cells = row
                .iter()
                .zip(&widths)
                .map(|(cell, width)| format!("{cell:width$}"));
            line(cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        Ok(())
    }
}

fn to_value(thing: &impl Serialize) -> Result<Value, CliError> {
    serde_json::to_value(thing).map_err(|e| CliError::Other(e.to_string()))
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) if text.is_empty() => "-".to_owned(),
        Value::Array(values) if values.is_empty() => "-".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(cell).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

/// Writes a line to standard output.
pub fn line(text: &str) -> Result<(), CliError> {
    writeln!(io::stdout(), "{text}").map_err(|e| CliError::File("standard output".to_owned(), e))
}

/// Says something to the person at the terminal, beside the result: a server by its log, which waits
/// for no reader.
pub fn say(text: &str) {
    if !log::say(text) {
        // Whoever closed standard error does not want to hear.
        let _ = writeln!(io::stderr(), "{text}");
    }
}
