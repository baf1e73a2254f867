//! The order in which callers' changes enter the write lane: each caller has one change there at a
//! time, so that who sends many at once waits for their own, and nobody else's does.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::Authority;
use super::write_budget::Spender;
use crate::model::audit::Actor;

/// The turns of those who change something now.
#[derive(Default)]
pub struct WriteTurns {
    of: Mutex<HashMap<Spender, Arc<Semaphore>>>,
}

/// One caller's line for their one turn; it is forgotten when nobody stands in it any more.
pub struct OwnLine<'a> {
    turns: &'a WriteTurns,
    caller: Spender,
    /// Gives out one permit at a time, in the order in which it is asked.
    pub turn: Arc<Semaphore>,
}

impl WriteTurns {
    /// The line of whoever acts: one for a person and all their keys. Whoever works on the host
    /// does not stand here.
    pub fn line(&self, authority: &Authority) -> Option<OwnLine<'_>> {
        let caller = match &authority.actor {
            Actor::Server | Actor::CommandLine(_) => return None,
            Actor::User(user) | Actor::AccessKey(user, _) => Spender::User(*user),
            Actor::ServiceClient(client) => Spender::Client(client.clone()),
        };
        let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = of.entry(caller.clone());
        let turn = turn.or_insert_with(|| Arc::new(Semaphore::new(1)));
        // Those who stand in a line that was given up are about to leave it.
        if turn.is_closed() {
            *turn = Arc::new(Semaphore::new(1));
        }
        let turn = turn.clone();
        Some(OwnLine {
            turns: self,
            caller,
            turn,
        })
    }
}

impl OwnLine<'_> {
    /// Sends away whoever stands in the line: the lane is held up, and each of them would wait for it
    /// as long as this one did.
    pub fn give_up(&self) {
        self.turn.close();
    }
}

impl Drop for OwnLine<'_> {
    fn drop(&mut self) {
        let mut of = self.turns.of.lock().unwrap_or_else(PoisonError::into_inner);
        // Ours and the table's: nobody else can get another while the table is locked.
        let is_current = |turn: &Arc<Semaphore>| Arc::ptr_eq(turn, &self.turn);
        if of.get(&self.caller).is_some_and(is_current) && Arc::strong_count(&self.turn) <= 2 {
            of.remove(&self.caller);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ambient::random_uuid;
    use crate::model::ids::{ClientId, UserId};

    #[test]
    fn a_person_and_their_keys_have_one_line_and_it_goes_with_the_last_who_stands_in_it() {
        let turns = WriteTurns::default();
        let user = UserId::new(random_uuid());
        let key = ClientId::parse("mmk_a").expect("an id");
        let person = turns.line(&Authority::unlimited(Actor::User(user)));
        let key = turns.line(&Authority::unlimited(Actor::AccessKey(user, key)));
        let other = turns.line(&Authority::unlimited(Actor::User(UserId::new(
            random_uuid(),
        ))));
        let (person, key, other) = (person.unwrap(), key.unwrap(), other.unwrap());
        let permit = person.turn.try_acquire().expect("the first");
        assert!(key.turn.try_acquire().is_err());
        assert!(other.turn.try_acquire().is_ok());
        drop(permit);
        assert!(key.turn.try_acquire().is_ok());
        let count = || turns.of.lock().unwrap().len();
        assert_eq!(count(), 2);
        drop((person, other));
        assert_eq!(count(), 1);
        drop(key);
        assert_eq!(count(), 0);
        let host = Actor::CommandLine("root".to_owned());
        assert!(turns.line(&Authority::unlimited(host)).is_none());
    }
}
