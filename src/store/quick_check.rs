//! A check of an SQLite file that is bounded in time, table by table, the small ones first.

use std::time::{Duration, Instant};

use diesel::sql_types::{BigInt, Text};
use diesel::{QueryableByName, RunQueryDsl, sql_query};

use super::connection::AnyConnection;
use super::{Database, StoreError};

/// What a row costs at most while nothing is known of this machine: as measured on a slow disk.
const ROW: Duration = Duration::from_micros(2);

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    text: String,
}

#[derive(QueryableByName)]
struct Rows {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// What a quick check found.
#[derive(Debug, Default)]
pub struct QuickCheck {
    pub findings: Vec<String>,
    /// Tables that would have taken too long.
    pub left_out: Vec<String>,
}

impl Database {
    /// Looks for damage for about so long. Other readers have their turn between two tables.
    /// PostgreSQL looks after its own files.
    pub fn check_quickly(&self, time: Duration) -> Result<QuickCheck, StoreError> {
        let began = Instant::now();
        let mut tables: Vec<(u32, String)> = Vec::new();
        let mut check = QuickCheck::default();
        let names = "SELECT name AS text FROM sqlite_master WHERE type = 'table'";
        for table in self.look(names, "the schema", &mut check)? {
            let rows = format!("SELECT coalesce(max(rowid), 0) AS number FROM \"{table}\"");
            let rows = self.read(|c| match c {
                AnyConnection::Sqlite(c) => Ok(sql_query(rows).get_result::<Rows>(c)?.number),
                AnyConnection::Postgresql(_) => Ok(0),
            });
            match rows {
                Ok(rows) => tables.push((u32::try_from(rows).unwrap_or(u32::MAX), table)),
                Err(StoreError::Broken(why)) => check.findings.push(format!("{table}: {why}")),
                Err(e) => return Err(e),
            }
        }
        tables.sort();
        let mut row = ROW;
        for (rows, table) in tables {
            let table_began = Instant::now();
            if began.elapsed() + row.saturating_mul(rows) > time {
                check.left_out.push(table);
                continue;
            }
            let query = format!(
                "SELECT quick_check AS text FROM pragma_quick_check('{table}') \
                 WHERE quick_check <> 'ok'"
            );
            let found = self.look(&query, &table, &mut check)?;
            check.findings.extend(found);
            // Small ones say nothing of what a row costs.
            if rows > 10_000 {
                row = table_began.elapsed() / rows;
            }
        }
        Ok(check)
    }

    /// What a query about `what` answers; that it cannot be answered is a finding.
    fn look(
        &self,
        query: &str,
        what: &str,
        check: &mut QuickCheck,
    ) -> Result<Vec<String>, StoreError> {
        let found = self.read(|c| match c {
            AnyConnection::Sqlite(c) => Ok(sql_query(query).load::<Found>(c)?),
            AnyConnection::Postgresql(_) => Ok(Vec::new()),
        });
        match found {
            Ok(found) => Ok(found.into_iter().map(|found| found.text).collect()),
            Err(StoreError::Broken(why)) => {
                check.findings.push(format!("{what}: {why}"));
                Ok(Vec::new())
            }
            Err(e) => Err(e),
        }
    }

    /// Brings what stands in an SQLite log into the file.
    pub(super) fn fold(&self) -> Result<(), StoreError> {
        self.raw(|c| match c {
            AnyConnection::Sqlite(c) => Ok(diesel::connection::SimpleConnection::batch_execute(
                c,
                "PRAGMA wal_checkpoint(TRUNCATE)",
            )?),
            AnyConnection::Postgresql(_) => Ok(()),
        })
    }
}
