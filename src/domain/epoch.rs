//! A new history of the database: after a restore the numbers of the change log, and what was known by
//! them, belong to another one.

use serde_json::json;

use super::Act;
use crate::ambient::random_uuid;
use crate::store::{AnyConnection, StoreError, changes, sessions};

/// Names a new history: every process that followed another loads afresh. Sessions end, since one that
/// was ended after the backup would be there again. Answers how many there were.
pub fn begin(c: &mut AnyConnection, act: &Act) -> Result<usize, StoreError> {
    let epoch = random_uuid().to_string();
    changes::update_epoch(c, &epoch)?;
    let ended = sessions::delete_every(c)?;
    let details = json!({"sessions_ended": ended});
    act.record(c, &[], "database.epoch_begun", ("epoch", epoch), details)?;
    Ok(ended)
}
