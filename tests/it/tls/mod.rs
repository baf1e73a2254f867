//! TLS, and how the peer's address is known.
