//! The resource API: applications and the caller.
