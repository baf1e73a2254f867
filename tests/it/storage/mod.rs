//! The database under faults, several processes and load.
