//! A caller's turn in the write lane: those of one caller wait for each other here, where that holds
//! up no thread, so that the lane is shared by callers and not by requests.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;

use crate::app::App;
use crate::domain::write_turns::OwnLine;
use crate::domain::{Authority, StoreError};

/// How long a caller's change waits for that caller's others: less than a request may take. Where the
/// lane is held up they are sent away much sooner, with the one that waited for it.
const PATIENCE: Duration = Duration::from_secs(5);

/// While this lives, no other change of the same caller enters the lane. The turn is given back
/// before the place in the line.
#[must_use]
pub struct OwnTurn<'a> {
    held: Option<(OwnedSemaphorePermit, OwnLine<'a>)>,
}

impl OwnTurn<'_> {
    /// Ends the turn of a change that the lane was too busy for. Nobody of the same caller waits
    /// longer for it than this one did.
    pub fn end(self, was_unavailable: bool) {
        if let Some((_, line)) = &self.held
            && was_unavailable
        {
            line.give_up();
        }
    }
}

/// Waits for the caller's turn.
pub async fn own_turn<'a>(app: &'a App, authority: &Authority) -> Result<OwnTurn<'a>, StoreError> {
    let Some(line) = app.write_turns.line(authority) else {
        return Ok(OwnTurn { held: None });
    };
    let turn = Arc::clone(&line.turn).acquire_owned();
    let unavailable = |why: &str| Err(StoreError::Unavailable(why.to_owned()));
    match actix_web::rt::time::timeout(PATIENCE, turn).await {
        Ok(Ok(turn)) => Ok(OwnTurn {
            held: Some((turn, line)),
        }),
        Ok(Err(_closed)) => unavailable("the write lane is held up"),
        Err(_elapsed) => unavailable("too many changes of this caller wait for each other"),
    }
}
