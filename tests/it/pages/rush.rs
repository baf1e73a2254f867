//! A thousand sign-ins at once: what they cost everybody else.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{PASSWORD, SIGN_IN};
use crate::support::{
    Browser, KeptConnection, Process, Request, Response, TestDatabase, basic, cli, count, form,
    quick,
};

const SIGN_INS: usize = 1000;
/// How long tokens are asked for, before the sign-ins and from their beginning on.
const TIME: Duration = Duration::from_secs(5);
/// How often on each of so many connections: about a tenth of what one core gives.
const PAUSE: Duration = Duration::from_millis(40);
const CONNECTIONS: u32 = 4;
/// What share of the processors others may use for a round to say something of the longest times.
const QUIET: f64 = 0.25;
/// How many quiet rounds are enough, and after how many rounds nobody waits for them any more.
const ROUNDS: (usize, usize) = (4, 8);
/// How many quiet rounds are judged, all of them together, when the first are over a bound: a p99 is
/// made by a few tokens, and one series of four was seen at 2.2 and 3.1 where others are at 1.5 and 1.9.
const ENOUGH_TO_FAIL: usize = 3 * ROUNDS.0;
/// How many times what it was the p99 may be, of all tokens, and of those that were asked for before
/// the last sign-in was answered: these are few, and seven times it was 1.3 to 2.3, in the middle 1.9.
/// Without an idler to hash it was 2.0 and 3.2, without turns 18.
const MOST: f64 = 2.0;
const MOST_DURING: f64 = 3.0;
/// What a hash holds, in KiB.
const HASH: u64 = 19 * 1024;

/// Asks for tokens for [`TIME`], each at its own moment, whether the one before was quick or not;
/// gives when each was asked for, and how long it took.
fn ask_for_tokens(address: SocketAddr, request: &[u8]) -> Vec<(Duration, Duration)> {
    let begun = Instant::now();
    thread::scope(|scope| {
        let asking: Vec<_> = (0..CONNECTIONS)
            .map(|number| {
                scope.spawn(move || {
                    let mut connection = KeptConnection::open(address);
                    let mut due = PAUSE * number / CONNECTIONS;
                    let mut took = Vec::new();
                    while due < TIME {
                        let mut since = begun + due;
                        let rest = due.saturating_sub(begun.elapsed());
                        if !rest.is_zero() {
                            thread::sleep(rest);
                            // How late this thread wakes up is not the server's doing.
                            since = Instant::now();
                        }
                        assert_eq!(connection.send(request).status, 200);
                        took.push((since - begun, since.elapsed()));
                        due += PAUSE;
                    }
                    took
                })
            })
            .collect();
        let joined = asking.into_iter().map(|asking| asking.join().unwrap());
        joined.flatten().collect()
    })
}

/// How long tokens took.
#[derive(Clone, Default)]
struct Times {
    /// Before the sign-ins.
    calm: Vec<Duration>,
    /// From their beginning on.
    busy: Vec<Duration>,
    /// Of these, while one of them was not answered.
    during: Vec<Duration>,
}

impl Times {
    fn add(&mut self, other: &Self) {
        self.calm.extend(&other.calm);
        self.busy.extend(&other.busy);
        self.during.extend(&other.during);
    }

    /// What so many of a hundred are not longer than: calm, busy, during.
    fn longest(&mut self, percent: usize) -> [Duration; 3] {
        [&mut self.calm, &mut self.busy, &mut self.during].map(|times| longest(times, percent))
    }

    /// How many times what it was that is, busy and during.
    fn ratios(&mut self, percent: usize) -> [f64; 2] {
        let [calm, busy, during] = self.longest(percent).map(|time| time.as_secs_f64());
        [busy / calm, during / calm]
    }

    fn shown(&mut self) -> String {
        let mut all = |percent| format!("p{percent} {:.2?}", self.longest(percent));
        format!("{}, {}, {}", all(50), all(99), all(100))
    }
}

/// Of these times, the one that so many of a hundred are not longer than.
fn longest(times: &mut [Duration], percent: usize) -> Duration {
    times.sort();
    times[(times.len() * percent / 100).min(times.len() - 1)]
}

/// Sends all of them at once and reads what is answered: how many of each status, and how long it
/// took until the last.
fn sign_in(address: SocketAddr, request: &[u8]) -> (BTreeMap<u16, usize>, Duration) {
    // A thousand browsers are elsewhere: what they do themselves takes no processor from the server.
    rustix::process::setpriority_process(None, 19).unwrap();
    let open = |_| TcpStream::connect(address).unwrap();
    let mut streams: Vec<TcpStream> = (0..SIGN_INS).map(open).collect();
    let begun = Instant::now();
    for stream in &mut streams {
        stream.write_all(request).unwrap();
    }
    let mut statuses = BTreeMap::new();
    for mut stream in streams {
        let mut answer = Vec::new();
        let patience = Some(Duration::from_secs(60));
        stream.set_read_timeout(patience).unwrap();
        stream.read_to_end(&mut answer).unwrap();
        let status = Response::parse(&answer).unwrap().status;
        *statuses.entry(status).or_insert(0) += 1;
    }
    (statuses, begun.elapsed())
}

/// What the kernel tells of a process's memory, in KiB.
fn memory(process: &Process, name: &str) -> u64 {
    let path = format!("/proc/{}/status", process.child.id());
    let status = std::fs::read_to_string(path).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let value = line.unwrap().trim_start_matches(':').trim();
    value.trim_end_matches(" kB").parse().unwrap()
}

/// How long the processors were at work so far, for everybody and for the server, in hundredths of a
/// second.
fn work(process: &Process) -> (u64, u64) {
    let read = |path: &str| std::fs::read_to_string(path).unwrap();
    let number = |field: &str| field.parse::<u64>().unwrap();
    let all = read("/proc/stat");
    let fields: Vec<&str> = all.lines().next().unwrap().split_whitespace().collect();
    // Neither idle nor waiting for a disk.
    let all = [1, 2, 3, 6, 7, 8].map(|at| number(fields[at])).iter().sum();
    let own = read(&format!("/proc/{}/stat", process.child.id()));
    let fields: Vec<&str> = own.rsplit(')').next().unwrap().split_whitespace().collect();
    (all, number(fields[11]) + number(fields[12]))
}

/// A server that knows a user, and the two requests.
struct World {
    server: Process,
    token: Vec<u8>,
    sign_in: Request,
    _folder: TempDir,
    _database: TestDatabase,
}

fn world() -> World {
    let (folder, database) = (quick(), TestDatabase::create());
    let url = database.url_text();
    // Nobody guesses here: nobody is to be slowed.
    let no_guard = ["4000000000"; 2];
    let args = [
        "--guard-per-client",
        no_guard[0],
        "--guard-per-peer",
        no_guard[1],
    ];
    let server = Process::start(folder.path(), &url, &args);
    let new = ["user", "create", "--login", "ivan", "--role", "member"];
    let made = cli(
        folder.path(),
        &url,
        &[&new[..], &["--password-stdin"]].concat(),
        &format!("{PASSWORD}\n"),
    );
    assert!(made.status.success(), "{made:?}");
    let key = server.first_key();
    let authorization = basic(&key.client_id, &key.client_secret);
    let token = Request::token("grant_type=client_credentials")
        .header("authorization", &authorization)
        .to_kept_bytes();

    let mut browser = Browser::by(|request| server.send(&request));
    let page = browser.get(SIGN_IN);
    let mut fields = form(&page, SIGN_IN);
    fields.push(("login".to_owned(), "ivan".to_owned()));
    fields.push(("password".to_owned(), PASSWORD.to_owned()));
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&fields)
        .finish();
    let visit = browser.cookies["mintmark_visit"].clone();
    let cookie = format!("mintmark_visit{}={visit}", browser.suffix);
    drop(browser);
    let sign_in = Request::new("POST", SIGN_IN)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("cookie", &cookie)
        .header("sec-fetch-site", "same-origin")
        .body(body.as_bytes());
    World {
        server,
        token,
        sign_in,
        _folder: folder,
        _database: database,
    }
}

#[test]
fn a_thousand_sign_ins_at_once_hold_up_no_token_and_take_the_memory_of_four() {
    let world = world();
    let (server, address, token) = (&world.server, world.server.address, &world.token);
    let sign_ins = world.sign_in.to_bytes();
    ask_for_tokens(address, token);
    let before = memory(server, "VmRSS");
    let processors = thread::available_parallelism().unwrap().get() as f64;
    // All rounds, and those of them in which nobody else was at work.
    let (mut all, mut quiet) = (Times::default(), Times::default());
    let (mut rounds, mut quiet_rounds) = (0, 0);
    // Where others are at work too, the longest times are of their making; `tests/run` lets this test
    // run alone, with the server as it is released.
    let is_alone = std::env::var("MINTMARK_TEST_ALONE").is_ok_and(|value| value == "1");
    let is_over = |quiet: &Times| {
        let [busy, during] = quiet.clone().ratios(99);
        busy >= MOST || during >= MOST_DURING
    };
    while match quiet_rounds < ROUNDS.0 {
        true => rounds < count(ROUNDS.1, 3 * ROUNDS.1),
        false => {
            is_alone && quiet_rounds < ENOUGH_TO_FAIL && rounds < 3 * ROUNDS.1 && is_over(&quiet)
        }
    } {
        let (began, work_before) = (Instant::now(), work(server));
        let calm = ask_for_tokens(address, token);
        let (busy, (statuses, took)) = thread::scope(|scope| {
            let signing_in = scope.spawn(|| sign_in(address, &sign_ins));
            let busy = ask_for_tokens(address, token);
            (busy, signing_in.join().unwrap())
        });
        let (everybodys, own) = work(server);
        let others =
            (everybodys - work_before.0).saturating_sub(own - work_before.1) as f64 / 100.0;
        let others = others / processors / began.elapsed().as_secs_f64();
        let times = |of: &[(Duration, Duration)]| of.iter().map(|(_, time)| *time).collect();
        let during = busy.iter().filter(|(at, _)| *at < took);
        let mut round = Times {
            calm: times(&calm),
            busy: times(&busy),
            during: during.map(|(_, time)| *time).collect(),
        };
        println!(
            "{statuses:?} in {took:?}, others {others:.2}: {}",
            round.shown()
        );
        // Whoever finds the line full is told to come again, and more than twenty a second of one
        // account are slowed.
        assert!(
            statuses
                .keys()
                .all(|status| [303, 429, 503].contains(status)),
            "{statuses:?}"
        );
        assert!(statuses[&303] >= 16, "{statuses:?}");
        rounds += 1;
        if others < QUIET {
            quiet_rounds += 1;
            quiet.add(&round);
        }
        all.add(&round);
    }
    let (after, most) = (memory(server, "VmRSS"), memory(server, "VmHWM"));
    println!("memory {before} KiB, at most {most} KiB, then {after} KiB");
    println!("all {rounds} rounds: {}", all.shown());
    assert!(most <= before + 4 * HASH, "{before} KiB grew to {most} KiB");
    assert!(all.ratios(50)[0] < 2.0, "{}", all.shown());
    if !is_alone || quiet_rounds < ROUNDS.0 {
        println!("the longest times are not judged: others are at work");
        return;
    }
    let [busy, during] = quiet.ratios(99);
    println!("the p99 was {busy:.2} times what it was, {during:.2} times until the last answer");
    assert!(busy < MOST, "{}", quiet.shown());
    assert!(during < MOST_DURING, "{}", quiet.shown());
}

/// Ends what waits for it, also when a test fails.
struct Ending<'a>(&'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn who_signs_in_while_the_processors_are_busy_with_tokens_gets_in() {
    let world = world();
    let address = world.server.address;
    let (is_over, tokens) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        let _ending = Ending(&is_over);
        for _ in 0..4 * thread::available_parallelism().unwrap().get() {
            scope.spawn(|| {
                let mut connection = KeptConnection::open(address);
                while !is_over.load(Ordering::Relaxed) {
                    assert_eq!(connection.send(&world.token).status, 200);
                    tokens.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let mut answers = Vec::new();
        for _ in 0..5 {
            let (began, before) = (Instant::now(), tokens.load(Ordering::Relaxed));
            while tokens.load(Ordering::Relaxed) < before + 200 {
                assert!(began.elapsed() < Duration::from_secs(60), "no tokens");
                thread::yield_now();
            }
            let began = Instant::now();
            let status = world.server.send(&world.sign_in).status;
            answers.push((status, began.elapsed()));
        }
        println!("{answers:?}");
        let are_in = answers.iter().all(|(status, _)| *status == 303);
        assert!(are_in, "{answers:?}");
    });
}
