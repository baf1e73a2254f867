//! The database under faults, several processes and load.

mod moving;
