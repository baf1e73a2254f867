//! The first start, key files, and what the server refuses to start with.
