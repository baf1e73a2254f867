//! A caller's turn in the write lane: those of one caller wait for each other here, where that holds
//! up no thread, so that the lane is shared by callers and not by requests.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;

use crate::app::App;
use crate::domain::write_turns::OwnLine;
use crate::domain::{Authority, StoreError};

/// How long a caller's change waits for that caller's others: as long as for a connection.
const PATIENCE: Duration = Duration::from_millis(1500);

/// While this lives, no other change of the same caller enters the lane. The turn is given back
/// before the place in the line.
#[must_use]
pub struct OwnTurn<'a> {
    _turn: Option<(OwnedSemaphorePermit, OwnLine<'a>)>,
}

/// Waits for the caller's turn.
pub async fn own_turn<'a>(app: &'a App, authority: &Authority) -> Result<OwnTurn<'a>, StoreError> {
    let Some(line) = app.write_turns.line(authority) else {
        return Ok(OwnTurn { _turn: None });
    };
    let turn = Arc::clone(&line.turn).acquire_owned();
    match actix_web::rt::time::timeout(PATIENCE, turn).await {
        Ok(Ok(turn)) => Ok(OwnTurn {
            _turn: Some((turn, line)),
        }),
        // It is never closed.
        Ok(Err(_)) | Err(_) => Err(StoreError::Unavailable(
            "too many changes of this caller wait for each other".to_owned(),
        )),
    }
}
