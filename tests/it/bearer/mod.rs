//! The Bearer check (RFC 6750, RFC 8725, RFC 9068).
