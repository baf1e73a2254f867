//! The audit log in the administration: read, filtered, taken away as a file.

mod csv;
mod filter;
mod list;

pub use csv::export;
pub use list::list;
