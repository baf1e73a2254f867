//! The integration tests: one module for each endpoint or subject, all through real HTTP.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test fails by panicking, reads its own settings, and prints what it measured"
)]

mod support;

mod api;
mod authorize;
mod bearer;
mod cli;
mod clocks;
mod discovery;
mod docs;
mod escalation;
mod health;
mod limits;
mod lists;
mod logs;
mod overload;
mod pages;
mod routes;
mod smoke;
mod start;
mod storage;
mod tls;
mod token;
mod uses;
