//! The integration tests: one module for each endpoint or subject, all through real HTTP.

mod support;

mod smoke;
