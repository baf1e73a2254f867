//! Nouns: values and their rules. Nothing here does input or output, and nothing knows a database,
//! a wire format's errors or a key.

pub mod application;
pub mod application_scope;
pub mod application_status;
pub mod application_uri;
pub mod audience;
pub mod audit;
pub mod change;
pub mod client;
pub mod granted_scopes;
pub mod ids;
pub mod network;
pub mod object;
pub mod page;
pub mod password;
pub mod public_url;
pub mod scope;
pub mod second_factor;
pub mod secret;
pub mod session;
pub mod signing_key;
pub mod space;
pub mod text;
pub mod timestamp;
pub mod user;
pub mod user_list;
pub mod uses;
