//! The token endpoint (RFC 6749 section 4.4, RFC 8707).
