//! How many changes one caller may make. A change costs the disk a flush and leaves an event for a
//! year, so whoever has the least rights must not be able to make them without end.
//!
//! Each user has a budget, and each client one: an access key spends of both, and at most half of
//! what its user has, so that a program gone wild does not keep its owner from the pages. A budget
//! refills steadily and holds what ten minutes refill (the generic cell rate algorithm: all that is
//! kept is when it would be full again).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::Authority;
use super::authority::Reach;
use crate::model::audit::Actor;
use crate::model::ids::{ClientId, UserId};

/// What a full budget lasts for at its own rate.
const FULL: Duration = Duration::from_secs(600);

/// How many changes a minute are refilled.
#[derive(Clone, Copy, Debug)]
pub struct WriteLimits {
    /// To a member.
    pub per_member: u32,
    /// To an administrator or a service client.
    pub per_caller: u32,
}

/// Whose budget it is.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Spender {
    User(UserId),
    Client(ClientId),
}

/// When each budget that is not full would be full again, by the monotonic clock.
pub struct WriteBudget {
    limits: WriteLimits,
    full_at: Mutex<HashMap<Spender, Duration>>,
}

/// Why nothing may be changed now: after so many seconds it may.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("more changes than the caller's budget: again in {0} s")]
pub struct Overspent(pub u64);

impl WriteBudget {
    pub fn new(limits: WriteLimits) -> Self {
        Self {
            limits,
            full_at: Mutex::default(),
        }
    }

    /// Spends one change, or says when there is enough for it. Whoever works on the host spends
    /// nothing.
    pub fn spend(&self, authority: &Authority, now: Duration) -> Result<(), Overspent> {
        let per_minute = match authority.reach {
            Reach::Everything => self.limits.per_caller,
            Reach::Own { .. } => self.limits.per_member,
        };
        let price = Duration::from_secs(60) / per_minute.max(1);
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        // What is full again is what a new one would be: nothing stays of who is not at work.
        full_at.retain(|_, at| *at > now);
        let prices = spenders(&authority.actor, price);
        let costs = prices.iter().map(|(spender, price)| {
            let at = full_at.get(spender).copied().unwrap_or(now);
            at.max(now) + *price
        });
        let after: Vec<Duration> = costs.collect();
        let latest = after.iter().max().copied().unwrap_or(now);
        let over = latest.saturating_sub(now + FULL);
        if !over.is_zero() {
            return Err(Overspent(over.as_secs() + 1));
        }
        for ((spender, _), at) in prices.into_iter().zip(after) {
            full_at.insert(spender, at);
        }
        Ok(())
    }
}

/// Who pays for what this actor does, and how much.
fn spenders(actor: &Actor, price: Duration) -> Vec<(Spender, Duration)> {
    match actor {
        Actor::Server | Actor::CommandLine(_) => Vec::new(),
        Actor::User(user) => vec![(Spender::User(*user), price)],
        Actor::ServiceClient(client) => vec![(Spender::Client(client.clone()), price)],
        Actor::AccessKey(user, client) => vec![
            (Spender::User(*user), price),
            (Spender::Client(client.clone()), 2 * price),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ambient::random_uuid;
    use crate::model::ids::UserListId;

    const LIMITS: WriteLimits = WriteLimits {
        per_member: 6,
        per_caller: 600,
    };

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(1000 + seconds)
    }

    fn member(actor: Actor, user: UserId) -> Authority {
        Authority {
            reach: Reach::Own {
                user,
                user_list: UserListId::new(random_uuid()),
            },
            ..Authority::unlimited(actor)
        }
    }

    fn spent(budget: &WriteBudget, by: &Authority, seconds: u64) -> usize {
        let mut spent = 0;
        while budget.spend(by, at(seconds)).is_ok() {
            spent += 1;
        }
        spent
    }

    #[test]
    fn a_budget_holds_ten_minutes_and_refills_at_its_rate() {
        let budget = WriteBudget::new(LIMITS);
        let user = UserId::new(random_uuid());
        let person = member(Actor::User(user), user);
        assert_eq!(spent(&budget, &person, 0), 60);
        assert_eq!(budget.spend(&person, at(0)), Err(Overspent(11)));
        assert_eq!(spent(&budget, &person, 9), 0);
        assert_eq!(spent(&budget, &person, 30), 3);
        assert_eq!(spent(&budget, &person, 10_000), 60);
        let other = UserId::new(random_uuid());
        let other = member(Actor::User(other), other);
        assert_eq!(spent(&budget, &other, 10_000), 60);
    }

    #[test]
    fn a_key_leaves_its_owner_half_and_all_keys_together_take_no_more_than_one_user_has() {
        let budget = WriteBudget::new(LIMITS);
        let user = UserId::new(random_uuid());
        let key = |id: &str| {
            let id = ClientId::parse(id).expect("an id");
            member(Actor::AccessKey(user, id), user)
        };
        assert_eq!(spent(&budget, &key("a"), 0), 30);
        assert_eq!(spent(&budget, &key("b"), 0), 30);
        assert_eq!(spent(&budget, &key("c"), 0), 0);
        let person = member(Actor::User(user), user);
        assert_eq!(spent(&budget, &person, 0), 0);
        assert_eq!(spent(&budget, &person, 20), 2);
    }

    #[test]
    fn who_works_on_the_host_spends_nothing_and_who_is_done_leaves_nothing() {
        let budget = WriteBudget::new(LIMITS);
        let host = Authority::unlimited(Actor::CommandLine("root".to_owned()));
        assert!((0..10_000).all(|_| budget.spend(&host, at(0)).is_ok()));
        let service = ClientId::parse("mmk_ci").expect("an id");
        let service = Authority::unlimited(Actor::ServiceClient(service));
        assert_eq!(spent(&budget, &service, 0), 6000);
        budget.spend(&host, at(601)).expect("it spends nothing");
        let left = budget.full_at.lock().expect("nobody panicked").len();
        assert_eq!(left, 0);
    }
}
