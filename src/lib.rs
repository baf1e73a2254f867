//! Mintmark: an OAuth 2.0 token service for control panels and the services behind them.

pub mod ambient;
pub mod directory;
pub mod domain;
pub mod model;
pub mod signing;
pub mod store;
