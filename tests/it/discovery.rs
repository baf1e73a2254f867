//! Keys and metadata (RFC 7517, RFC 8414, OpenID Connect Discovery).
