//! The command line only: parse, call, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    mintmark::cli::run()
}
