//! One generated matrix over the verbs themselves: everybody who can act, every act, and every second act
//! after each that was done. By none of these sequences does anybody end with what they lack: a scope, an
//! application or a scope of it, an end, a network, a lifetime, a state, the mark *provisions users*;
//! directly, by two acts, or through a person whom they made or became.
//!
//! Each sequence runs through the real verbs on a real database, inside a transaction that is undone.
//! What is right is not asked of the code: [`rights`] reads the tables afterwards and compares. Two rules
//! forbid what would give nobody more: an administrator is acted on by others only with every scope, and
//! no client gives the mark.

mod actors;
mod acts;
mod rights;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use diesel::{RunQueryDsl, sql_query};
use mintmark::domain::{Act, DomainError};
use mintmark::model::ids::{ClientId, UserId};
use mintmark::store::{AnyConnection, StoreError};

use crate::support::{TestApp, count};
use acts::{Deed, deeds};
use rights::{Book, Rights};
use world::World;

/// Who can be acted as: the one whose rights are at stake, and what they have won so far.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Principal {
    Client(ClientId),
    Person(UserId),
}

/// What somebody holds, and how they came by it.
#[derive(Clone, Debug)]
struct Held {
    /// Everybody whom they can act as; whether only through a person.
    principals: BTreeMap<Principal, bool>,
    /// Who did something as a person.
    through_person: bool,
    told: Vec<String>,
}

/// Ends a transaction without a trace.
#[derive(Debug)]
enum Undone {
    Done(usize),
    Store(String),
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Self {
        Self::Store(error.to_string())
    }
}

#[test]
fn nobody_ends_with_what_they_lack_by_any_two_acts() {
    let app = TestApp::start();
    let world = World::build(&app);
    let deeds = deeds(&world);
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let seconds = count(3, deeds.len());
    let mut failures = BTreeSet::new();
    let (mut tried, mut done) = (0, 0);
    for actor in actors::actors() {
        let before = done;
        let ran = app.app.database.write(|c| {
            let id = actor.put(c, &world);
            let run = Run {
                world: &world,
                deeds: &deeds,
                start: Book::read(c)?,
                actor: id,
            };
            let ours = run.start.of_client(&run.actor);
            let held = Held {
                principals: BTreeMap::from([(Principal::Client(run.actor.clone()), false)]),
                through_person: false,
                told: vec![actor.to_string()],
            };
            let mut succeeded = 0;
            for deed in &deeds {
                tried += 1;
                savepoint(c, "first");
                if let Some(after) = run.act(c, &held, &Principal::Client(run.actor.clone()), deed)
                {
                    succeeded += 1;
                    run.check(c, &ours, &after, &mut failures)?;
                    for _ in 0..seconds {
                        let (by, second) = run.draw(&after, &mut random);
                        tried += 1;
                        savepoint(c, "second");
                        if let Some(after) = run.act(c, &after, &by, second) {
                            succeeded += 1;
                            run.check(c, &ours, &after, &mut failures)?;
                        }
                        back(c, "second");
                    }
                }
                back(c, "first");
            }
            Err::<(), _>(Undone::Done(succeeded))
        });
        match ran {
            Err(Undone::Done(succeeded)) => done += succeeded,
            Err(Undone::Store(why)) => panic!("{why}"),
            Ok(()) => unreachable!("it is always undone"),
        }
        assert!(
            done > before,
            "{actor} can do nothing at all: a test of nothing"
        );
    }
    println!("{tried} sequences, {done} of them done");
    let shown: Vec<&String> = failures.iter().take(20).collect();
    assert!(
        failures.is_empty(),
        "{} ways, such as {shown:#?}",
        failures.len()
    );
    assert!(
        done * 10 > tried,
        "{done} of {tried}: hardly anything is allowed"
    );
}

struct Run<'a> {
    world: &'a World,
    deeds: &'a [Deed],
    start: Book,
    actor: ClientId,
}

impl Run<'_> {
    /// Does one deed as one of those whom somebody can act as, and answers what they hold then; nothing if
    /// it was refused, and then nothing was done.
    fn act(&self, c: &mut AnyConnection, held: &Held, by: &Principal, deed: &Deed) -> Option<Held> {
        let authority = actors::authority(c, by)?;
        let act = Act {
            authority,
            now: self.world.now,
            request_id: None,
        };
        savepoint(c, "deed");
        let won = match deed.run(c, &act, self.world) {
            Ok(won) => won,
            Err(DomainError::Store(e)) => panic!("{}: {e}", deed.name),
            Err(DomainError::Internal(e)) => panic!("{}: {e}", deed.name),
            Err(_) => {
                back(c, "deed");
                return None;
            }
        };
        sql_query("RELEASE SAVEPOINT deed").execute(c).unwrap();
        let mut after = held.clone();
        let through_person = matches!(by, Principal::Person(_)) || held.principals[by];
        after.through_person |= through_person;
        after.told.push(deed.name.clone());
        for one in won {
            let is_person = matches!(one, Principal::Person(_));
            after
                .principals
                .entry(one)
                .or_insert(through_person || is_person);
        }
        Some(after)
    }

    /// A deed of somebody's whom they can act as: of the one won last, every other time.
    fn draw(&self, held: &Held, random: &mut Random) -> (Principal, &Deed) {
        let own = Principal::Client(self.actor.clone());
        let won: Vec<&Principal> = held.principals.keys().filter(|p| **p != own).collect();
        let by = match won.is_empty() || random.below(2) == 0 {
            true => own,
            false => won[random.below(won.len())].clone(),
        };
        (by, &self.deeds[random.below(self.deeds.len())])
    }

    /// Compares all that they can act as, and all that can do more than before, with what they had.
    fn check(
        &self,
        c: &mut AnyConnection,
        ours: &Rights,
        held: &Held,
        failures: &mut BTreeSet<String>,
    ) -> Result<(), StoreError> {
        let end = Book::read(c)?;
        let mut found = Vec::new();
        let mut compare = |what: &str, rights: &Rights, through_person: bool| {
            let bound = match through_person {
                true => ours.as_a_person(),
                false => ours.clone(),
            };
            let lacks = rights.beyond(&bound);
            if !lacks.is_empty() {
                found.push(format!("{what} has {}", lacks.join(", ")));
            }
        };
        for (principal, through_person) in &held.principals {
            match principal {
                Principal::Client(id) => {
                    compare("a client of theirs", &end.of_client(id), *through_person);
                }
                Principal::Person(id) => compare("a person of theirs", &end.of_person(*id), true),
            }
        }
        let mut enabled = false;
        for (id, was, is) in end.grown_clients(&self.start) {
            let by_owner = end.owner_grew(&self.start, &id);
            if was.is_some() || by_owner {
                compare("somebody's client", &is, held.through_person || by_owner);
            }
            enabled |= self.start.was_disabled_by_administrator(&id);
        }
        for is in end.grown_people(&self.start) {
            compare("somebody", &is, true);
        }
        if !ours.is_everything() && end.touches_administrators(&self.start, &self.actor) {
            found.push("an administrator, or a client of theirs, is not as it was".to_owned());
        }
        if !held.through_person && end.marks_more_than(&self.start) {
            found.push("a client gave the mark".to_owned());
        }
        if enabled && !ours.reaches_everything {
            found.push("what an administrator disabled is enabled".to_owned());
        }
        let told = held.told.join(", ");
        failures.extend(found.into_iter().map(|what| format!("{told}: {what}")));
        Ok(())
    }
}

fn savepoint(c: &mut AnyConnection, name: &str) {
    sql_query(format!("SAVEPOINT {name}")).execute(c).unwrap();
}

/// Undoes what was done since, and forgets the place.
fn back(c: &mut AnyConnection, name: &str) {
    sql_query(format!("ROLLBACK TO SAVEPOINT {name}"))
        .execute(c)
        .unwrap();
    sql_query(format!("RELEASE SAVEPOINT {name}"))
        .execute(c)
        .unwrap();
}

/// The same numbers in every run (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 1).unwrap() % bound
    }
}
