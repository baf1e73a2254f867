//! What stands in the log, and what must not.
