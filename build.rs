//! Makes cargo see a new migration: the SQL files are embedded at compile time.

fn main() {
    println!("cargo::rerun-if-changed=migrations");
}
