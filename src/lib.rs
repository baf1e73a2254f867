//! Mintmark: an OAuth 2.0 token service for control panels and the services behind them.

pub mod ambient;
pub mod app;
pub mod cli;
pub mod config;
pub mod directory;
pub mod domain;
pub mod http;
pub mod jobs;
pub mod model;
pub mod server;
pub mod signing;
pub mod store;
