//! The server's time, as a clock is set about.

use std::sync::atomic::{AtomicI64, Ordering};

use super::*;

const MINUTE: i64 = 60;
const DAYS: i64 = 24 * 3600;
/// What the clock shows at first, in seconds.
const BEGIN: i64 = 1_000_000;

/// Seconds since the machine's start, and how far the calendar was set.
#[derive(Default)]
struct FakeClock {
    passed: AtomicI64,
    set_by: AtomicI64,
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        let passed = self.passed.load(Ordering::Relaxed);
        Timestamp::from_seconds(BEGIN + passed + self.set_by.load(Ordering::Relaxed))
    }

    fn monotonic(&self) -> Duration {
        self.since_boot()
    }

    fn since_boot(&self) -> Duration {
        Duration::from_secs(100 + self.passed.load(Ordering::Relaxed).unsigned_abs())
    }
}

struct World {
    clock: Arc<FakeClock>,
    alarms: Arc<Alarms>,
    keeper: Timekeeper,
}

impl World {
    /// A server that starts on a database that knows of this second, counted from the clock's.
    fn start(known: Option<i64>) -> Self {
        let clock = Arc::new(FakeClock::default());
        let alarms = Arc::new(Alarms::default());
        let known = known.map(|known| Timestamp::from_seconds(BEGIN + known));
        let keeper = Timekeeper::start(clock.clone(), alarms.clone(), known);
        Self {
            clock,
            alarms,
            keeper,
        }
    }

    /// So much time passes; the clock is looked at every ten seconds.
    fn pass(&self, seconds: i64) {
        for _ in 0..seconds / 10 {
            self.clock.passed.fetch_add(10, Ordering::Relaxed);
            self.keeper.look();
        }
    }

    fn set_by(&self, seconds: i64) {
        self.clock.set_by.fetch_add(seconds, Ordering::Relaxed);
        self.keeper.look();
    }

    /// The server's time, counted in seconds from what the clock showed at first.
    fn now(&self) -> i64 {
        self.keeper.now().seconds() - BEGIN
    }

    fn raised(&self) -> Vec<Alarm> {
        self.alarms.list().iter().map(|one| one.alarm).collect()
    }
}

#[test]
fn a_clock_that_goes_on_is_followed_and_sure_after_an_hour() {
    let world = World::start(None);
    assert_eq!(world.keeper.check_sure(), Err(Unsure::NotSteady));
    world.pass(3590);
    assert_eq!(world.keeper.check_sure(), Err(Unsure::NotSteady));
    world.pass(10);
    assert_eq!(world.keeper.check_sure(), Ok(()));
    world.set_by(50);
    assert_eq!(world.now(), 3650, "a minute is followed at once");
    assert_eq!(world.keeper.check_sure(), Ok(()));
    assert_eq!(world.raised(), []);
}

#[test]
fn a_jump_of_seconds_has_no_effect_and_one_that_stands_is_followed_but_not_sure() {
    let world = World::start(Some(0));
    world.pass(7200);
    world.set_by(400 * DAYS);
    world.pass(70);
    assert_eq!(world.now(), 7270);
    assert_eq!(world.keeper.check_sure(), Err(Unsure::Ahead));
    assert_eq!(world.raised(), [Alarm::ClockAhead]);
    world.set_by(-400 * DAYS);
    assert_eq!(world.now(), 7270);
    assert_eq!(world.raised(), []);
    assert_eq!(world.keeper.check_sure(), Err(Unsure::NotSteady));
    world.pass(3600);
    assert_eq!(world.keeper.check_sure(), Ok(()));

    world.set_by(400 * DAYS);
    world.pass(120);
    assert_eq!(world.now(), 400 * DAYS + 10_990);
    assert_eq!(world.keeper.highest(), None, "it is not written down");
    world.pass(DAYS - 10);
    assert_eq!(world.keeper.check_sure(), Err(Unsure::Ahead));
    assert_eq!(world.raised(), [Alarm::ClockAhead]);
    world.pass(10);
    assert_eq!(world.keeper.check_sure(), Ok(()));
    assert_eq!(world.raised(), []);
    assert!(world.keeper.highest().is_some());
}

#[test]
fn what_was_followed_without_being_sure_is_given_up() {
    let world = World::start(Some(0));
    world.pass(100);
    world.set_by(400 * DAYS);
    world.pass(600);
    assert_eq!(world.now(), 400 * DAYS + 700);
    world.set_by(-400 * DAYS);
    assert_eq!(world.now(), 700);
    assert_eq!(world.raised(), []);
    assert!(world.keeper.highest().is_some());
}

#[test]
fn a_clock_that_is_set_back_is_caught_up_with_at_half_speed() {
    for back in [2 * MINUTE, 60 * MINUTE] {
        let world = World::start(Some(0));
        world.pass(7200);
        world.set_by(-back);
        assert_eq!(world.now(), 7200);
        assert_eq!(world.raised(), [Alarm::ClockBehind]);
        assert_eq!(world.keeper.check_sure(), Err(Unsure::Behind));
        world.pass(back);
        assert_eq!(world.now(), 7200 + back / 2);
        world.pass(back);
        assert_eq!(world.now(), 7200 + back);
        world.pass(60);
        assert_eq!(world.now(), 7200 + back + 60);
        assert_eq!(world.raised(), []);
    }
}

#[test]
fn a_start_does_not_fall_behind_what_the_database_knows() {
    let world = World::start(Some(60 * MINUTE));
    assert_eq!(world.now(), 3600);
    assert_eq!(world.raised(), [Alarm::ClockBehind]);
    assert_eq!(
        world.keeper.highest(),
        Some(Timestamp::from_seconds(BEGIN + 3600))
    );
}

#[test]
fn a_start_far_ahead_of_the_database_is_served_by_and_not_sure() {
    for (gap, sure_after, told) in [
        (3600, 3600, false),
        (8 * 3600, 3600, false),
        (8 * DAYS, DAYS, true),
        (400 * DAYS, DAYS, true),
    ] {
        let world = World::start(Some(-gap));
        assert_eq!(world.now(), 0);
        assert_eq!(!world.raised().is_empty(), told, "{gap}");
        assert_eq!(world.keeper.highest().is_some(), gap == 3600, "{gap}");
        world.pass(sure_after - 10);
        assert!(world.keeper.check_sure().is_err(), "{gap}");
        world.pass(10);
        assert_eq!(world.keeper.check_sure(), Ok(()), "{gap}");
        assert_eq!(world.raised(), []);
    }
    // Set right, it is where it would have been.
    let world = World::start(Some(-400 * DAYS));
    world.pass(60);
    world.set_by(-400 * DAYS);
    assert_eq!(world.now(), 60 - 400 * DAYS);
    assert!(world.keeper.highest().is_some());
    assert_eq!(world.raised(), []);
}

#[test]
fn another_clock_is_told_apart_from_five_seconds_on() {
    let world = World::start(None);
    assert_eq!(world.keeper.off_by(), None);
    let moment = world.clock.since_boot();
    for (off_by, told) in [(4, false), (5, true), (-5, true), (-4, false), (30, true)] {
        let there = Timestamp::from_seconds(BEGIN - off_by);
        world.keeper.compare(there, moment, moment);
        assert_eq!(world.keeper.off_by(), Some(off_by * 1000));
        assert_eq!(world.alarms.is_raised(Alarm::ClocksApart), told, "{off_by}");
    }
    // What took long says nothing.
    world.pass(10);
    let there = Timestamp::from_seconds(BEGIN);
    world
        .keeper
        .compare(there, moment, world.clock.since_boot());
    assert_eq!(world.keeper.off_by(), Some(30_000));
}

#[test]
fn a_time_that_another_server_wrote_down_is_gone_on_from_and_never_left_again() {
    let world = World::start(Some(0));
    let at = |seconds| Timestamp::from_seconds(BEGIN + seconds);
    // An older one says nothing.
    world.keeper.learn(at(-MINUTE));
    assert_eq!(world.keeper.now(), at(0));
    world.keeper.learn(at(10 * MINUTE));
    world.keeper.look();
    assert_eq!(world.keeper.now(), at(10 * MINUTE));
    assert!(world.alarms.is_raised(Alarm::ClockBehind));
    // It goes on at half speed, until the clock has caught up.
    world.pass(10 * MINUTE);
    assert_eq!(world.keeper.now(), at(15 * MINUTE));
    world.pass(11 * MINUTE);
    assert_eq!(world.keeper.now(), at(21 * MINUTE));
    assert!(!world.alarms.is_raised(Alarm::ClockBehind));
}

#[test]
fn what_was_not_sure_is_given_up_for_no_less_than_another_server_knows() {
    let world = World::start(Some(-30 * DAYS));
    let at = |seconds| Timestamp::from_seconds(BEGIN + seconds);
    world.keeper.learn(at(-10 * DAYS));
    world.clock.set_by.store(-20 * DAYS, Ordering::Relaxed);
    world.keeper.look();
    assert_eq!(world.keeper.now(), at(-10 * DAYS));
}
