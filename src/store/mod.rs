//! The only code that touches diesel: one file for each table, the same verbs in the same order
//! (create, find, list, update, delete), and `connection`, the only file that knows SQLite from
//! PostgreSQL.
//!
//! Every function takes the connection, so that its caller says what belongs to one transaction.

pub mod application_uris;
pub mod application_user_lists;
pub mod application_users;
pub mod applications;
pub mod audit_events;
pub mod backup;
pub mod changes;
pub mod client_audiences;
pub mod client_secrets;
pub mod client_uses;
pub mod clients;
pub mod clock_marks;
pub mod connection;
pub mod database_url;
pub mod digest_keys;
mod error;
pub mod folding;
pub mod half_sign_ins;
mod header;
pub mod instance;
mod kept_connection;
pub mod migrations;
pub mod one_time_forms;
mod open_files;
mod pool;
pub mod quick_check;
pub mod recovery_codes;
pub mod restore;
mod schema;
mod search;
pub mod second_factors;
pub mod sessions;
pub mod signing_keys;
pub mod spaces;
mod transaction;
mod trouble;
pub mod user_lists;
pub mod users;
mod windowed;

pub use clock_marks::database_time;
pub use connection::{AnyConnection, Database, Line};
pub use database_url::DatabaseUrl;
pub use error::StoreError;
pub use pool::Reading;
