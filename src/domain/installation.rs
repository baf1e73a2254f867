//! Whether a new installation may be made: only where nothing tells of an old one. A database that is
//! missing beside a master key was lost, and a new one in its place would refuse every client.

use std::path::Path;

use crate::signing::master_key::FILE_NAME;
use crate::store::database_url::take_apart;
use crate::store::{AnyConnection, Database, DatabaseUrl, StoreError, instance};

/// What the operator says of a new installation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Init {
    /// Nothing: one is made in the default folder, or in an empty PostgreSQL database.
    No,
    /// It may be made wherever the database is.
    New,
    /// As `New`, under a master key that was made beforehand.
    WithKey,
}

/// Where an installation is, or is to be.
pub struct Place<'a> {
    pub database: &'a DatabaseUrl,
    pub keys_dir: &'a Path,
    /// Whether an SQLite file would lie in the default folder.
    pub is_default: bool,
    pub init: Init,
}

/// Why no installation is made; each says what would make it go on.
#[derive(Debug, thiserror::Error)]
pub enum NotInstalled {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(
        "{key} is there, so there was an installation, but {database} {found}: restore it with \
         `mintmark database restore FILE`, or point --database-url to where it is. Only if this is \
         to be a new installation: move {key} away, or give --init=with-key if the key was made \
         beforehand"
    )]
    KeyIsThere {
        key: String,
        database: String,
        found: &'static str,
    },
    #[error(
        "{database} {found}, and this is not the default folder, data: if an installation was \
         there, mount its folder or restore it; to make a new one there, give --init"
    )]
    NotAsked {
        database: String,
        found: &'static str,
    },
    #[error(
        "{database} has tables, but none of Mintmark's ({tables}): point --database-url to a \
         database of its own"
    )]
    Strangers { database: String, tables: String },
    #[error(
        "{0} lacks what every installation has, but not all: restore it from a back-up with \
         `mintmark database restore FILE`"
    )]
    Damaged(String),
}

const MISSING: &str = "is missing";
const EMPTY: &str = "has no table";
const NEVER_SET_UP: &str = "was never set up";

impl Place<'_> {
    /// Opens the database if it is there, or if a new one may be made.
    pub fn open(&self, connections: u32) -> Result<Database, NotInstalled> {
        // Looked at before the database: whoever makes both at this moment makes the key last.
        let has_key = self.has_key();
        if let Some(found) = missing(self.database) {
            self.check(has_key, found)?;
        }
        let database = Database::open(self.database, connections)?;
        let tables = database.tables()?;
        let is_ours = |name: &String| name == "__diesel_schema_migrations";
        if tables.is_empty() {
            self.check(has_key, EMPTY)?;
        } else if !tables.iter().any(is_ours) {
            return Err(NotInstalled::Strangers {
                database: shown(self.database),
                tables: tables.join(", "),
            });
        }
        Ok(database)
    }

    /// Whether tables that nobody has set up may be: asked alone, by the only writer.
    pub(super) fn check_inside(&self, c: &mut AnyConnection) -> Result<(), NotInstalled> {
        if !instance::is_untouched(c)? {
            return Err(NotInstalled::Damaged(shown(self.database)));
        }
        self.check(self.has_key(), NEVER_SET_UP)
    }

    fn check(&self, has_key: bool, found: &'static str) -> Result<(), NotInstalled> {
        let database = shown(self.database);
        if has_key && self.init != Init::WithKey {
            return Err(NotInstalled::KeyIsThere {
                key: self.keys_dir.join(FILE_NAME).display().to_string(),
                database,
                found,
            });
        }
        let is_asked = self.init != Init::No || self.is_default;
        if matches!(self.database, DatabaseUrl::Sqlite(_)) && !is_asked {
            return Err(NotInstalled::NotAsked { database, found });
        }
        Ok(())
    }

    /// Whether anything has the master key's name.
    pub(super) fn has_key(&self) -> bool {
        self.keys_dir.join(FILE_NAME).symlink_metadata().is_ok()
    }
}

/// What an SQLite file lacks before anything can be read from it.
pub fn missing(database: &DatabaseUrl) -> Option<&'static str> {
    match database {
        DatabaseUrl::Postgresql(_) => None,
        DatabaseUrl::Sqlite(path) => match path.metadata() {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Some(MISSING),
            Ok(found) if found.len() == 0 => Some(EMPTY),
            _ => None,
        },
    }
}

/// The database, as a person knows it; without a password.
pub fn shown(database: &DatabaseUrl) -> String {
    match database {
        DatabaseUrl::Sqlite(path) => format!("the database {}", path.display()),
        DatabaseUrl::Postgresql(url) => format!("the database {}", take_apart(url.expose()).shown),
    }
}
