//! Overload: while one peer, or many, take whatever can be taken, an honest administrator signs in, an
//! honest script changes, health answers, and tokens are issued.
//!
//! Attackers come from loopback addresses of their own, or as such through a trusted proxy. How long the
//! honest ones took is printed; against what tokens took before it is judged only where the machine is
//! the test's own (`MINTMARK_TEST_ALONE`).

mod bodies;
mod changes;
mod connections;
mod guesses;
mod passwords;
mod proxied;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};
use tempfile::TempDir;

use crate::support::{
    Browser, Credentials, KeptConnection, Process, Request, Response, TestDatabase, basic, cli,
    count, form, is_full, quick,
};

const PASSWORD: &str = "correct horse battery";
const SIGN_IN: &str = "/console/sign-in";
/// How long the honest ones work, before an attack and during it, in seconds; with full counts.
const TIME: (usize, usize) = (2, 10);
/// How many times what it was a token's p99 may be.
const MOST: f64 = 2.0;
/// From where the honest ones come.
const HONEST: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 1);

/// From how many peers an attack comes.
fn peer_counts() -> Vec<usize> {
    match is_full() {
        true => vec![1, 100, 1000],
        false => vec![1, 100],
    }
}

/// The address of an attacker; 250 of them are neighbours.
fn attacker(number: usize) -> Ipv4Addr {
    let [low, high] = [number % 250 + 1, number / 250].map(|n| u8::try_from(n).unwrap());
    Ipv4Addr::new(127, 7, high, low)
}

/// A connection from this very address.
fn connect(from: Ipv4Addr, to: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddrV4::new(from, 0).into())?;
    socket.connect_timeout(&to.into(), Duration::from_secs(5))?;
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    Ok(stream)
}

/// How an attack comes: from addresses of its own, or forwarded by a trusted proxy.
#[derive(Clone, Copy)]
enum Way {
    Own,
    Proxied,
}

impl Way {
    fn is_proxied(self) -> bool {
        matches!(self, Self::Proxied)
    }

    /// A connection for this attacker.
    fn connect(self, number: usize, to: SocketAddr) -> std::io::Result<TcpStream> {
        match self {
            Self::Own => connect(attacker(number), to),
            Self::Proxied => connect(HONEST, to),
        }
    }

    /// The line of a head that tells this attacker, if any does.
    fn header(self, number: usize) -> String {
        match self {
            Self::Own => String::new(),
            Self::Proxied => format!("x-forwarded-for: {}\r\n", attacker(number)),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Own => "",
            Self::Proxied => ", by a proxy",
        }
    }
}

/// Sends a request on a connection of its own from this address; nothing if it is not answered.
fn send_from(from: Ipv4Addr, to: SocketAddr, request: &Request) -> Option<Response> {
    let mut stream = connect(from, to).ok()?;
    stream.write_all(&request.to_bytes()).ok()?;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    Response::parse(&answer)
}

/// A server with an administrator, a member and a key.
struct World {
    server: Process,
    key: Credentials,
    folder: TempDir,
    database: TestDatabase,
}

/// How the honest ones fared: how long each of their acts took.
#[derive(Default)]
struct Times {
    tokens: Vec<Duration>,
    sign_ins: Vec<Duration>,
    changes: Vec<Duration>,
    health: Vec<Duration>,
}

impl Times {
    fn shown(&mut self) -> String {
        let all = [
            ("token", &mut self.tokens),
            ("sign-in", &mut self.sign_ins),
            ("change", &mut self.changes),
            ("health", &mut self.health),
        ];
        let shown = all.map(|(name, times)| {
            times.sort();
            let (middle, p99) = (at(times, 50), at(times, 99));
            format!(
                "{name} {} times, p50 {middle:.1?}, p99 {p99:.1?}",
                times.len()
            )
        });
        shown.join("; ")
    }
}

fn at(sorted: &[Duration], percent: usize) -> Duration {
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
}

fn make_user(folder: &Path, url: &str, login: &str, role: &str) {
    let new = ["user", "create", "--password-stdin", "--login", login];
    let new = [&new[..], &["--role", role]].concat();
    let made = cli(folder, url, &new, &format!("{PASSWORD}\n"));
    assert!(made.status.success(), "{made:?}");
}

/// A key of this user's that may whatever its user may.
fn make_key(folder: &Path, url: &str, login: &str) -> Credentials {
    let new = ["client", "create", "--user", login, "--output", "json"];
    let made = cli(folder, url, &new, "");
    assert!(made.status.success(), "{made:?}");
    let made: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    Credentials {
        client_id: text("client_id"),
        client_secret: text("client_secret"),
    }
}

impl World {
    /// With these options; every loopback address is a trusted proxy's if `is_proxied`.
    fn start(options: &[&str], is_proxied: bool) -> Self {
        let (folder, database) = (quick(), TestDatabase::create());
        let url = database.url_text();
        let proxy = ["--trusted-proxy", "127.0.0.1"];
        let proxy = if is_proxied { &proxy[..] } else { &[] };
        let server = Process::start(folder.path(), &url, &[options, proxy].concat());
        make_user(folder.path(), &url, "chief", "administrator");
        make_user(folder.path(), &url, "mallory", "member");
        Self {
            server,
            key: make_key(folder.path(), &url, "chief"),
            folder,
            database,
        }
    }

    /// Makes a member with a key: where that lies in the API, and its token.
    fn member(&self, login: &str) -> (String, String) {
        let (folder, url) = (self.folder.path(), self.database.url_text());
        make_user(folder, &url, login, "member");
        let key = make_key(folder, &url, login);
        let authorization = basic(&key.client_id, &key.client_secret);
        let ask = Request::token("grant_type=client_credentials");
        let token = self.send(&ask.header("authorization", &authorization));
        let token = token.json()["access_token"].as_str().unwrap().to_owned();
        let of = |column: &str| {
            let text = format!("SELECT {column} AS text FROM users WHERE login = '{login}'");
            self.database.query(&text).remove(0)
        };
        let (list, user, id) = (of("user_list_id"), of("id"), key.client_id);
        let path = format!("/console/api/v2/user-lists/{list}/users/{user}/access-tokens/{id}");
        (path, token)
    }

    fn send(&self, request: &Request) -> Response {
        let answer = send_from(HONEST, self.server.address, request);
        answer.unwrap_or_else(|| panic!("{} is not answered", request.path))
    }

    fn token_request(&self) -> Request {
        let authorization = basic(&self.key.client_id, &self.key.client_secret);
        Request::token("grant_type=client_credentials").header("authorization", &authorization)
    }

    fn browser(&self) -> Browser<'_> {
        Browser::by(|request| self.send(&request))
    }

    /// A browser in which the administrator signed in before.
    fn known_browser(&self) -> Browser<'_> {
        let mut browser = self.browser();
        let signed_in = browser.sign_in("chief", PASSWORD);
        assert_eq!(signed_in.status, 303, "{}", signed_in.text());
        browser.cookies.remove("mintmark_session");
        browser
    }

    /// The honest ones at work, none of whom is refused.
    fn work(&self, browser: &mut Browser<'_>) -> Times {
        let mut times = Times::default();
        let time = Duration::from_secs(count(TIME.0, TIME.1) as u64);
        let begun = Instant::now();
        let mut round = 0;
        // As a service does that asks often; the others come anew each time.
        let mut kept = KeptConnection::open(self.server.address);
        let ask = self.token_request().to_kept_bytes();
        while begun.elapsed() < time {
            let since = Instant::now();
            let token = kept.send(&ask);
            assert_eq!(token.status, 200, "{}", token.text());
            times.tokens.push(since.elapsed());
            // A sign-in costs as much as some hundred tokens.
            if round % 20 == 0 {
                let since = Instant::now();
                let health = self.send(&Request::new("GET", "/healthz"));
                assert_eq!(health.status, 200);
                times.health.push(since.elapsed());
                let body = serde_json::json!({"name": uuid::Uuid::new_v4().to_string()});
                let token = token.json()["access_token"].as_str().unwrap().to_owned();
                let since = Instant::now();
                let change = Request::json("POST", "/console/api/v2/spaces", &body).bearer(&token);
                let change = self.send(&change);
                assert_eq!(change.status, 200, "{}", change.text());
                times.changes.push(since.elapsed());
            }
            if round % 50 == 0 {
                let since = Instant::now();
                let signed_in = browser.sign_in("chief", PASSWORD);
                assert_eq!(signed_in.status, 303, "{}", signed_in.text());
                times.sign_ins.push(since.elapsed());
                browser.cookies.remove("mintmark_session");
            }
            round += 1;
            thread::sleep(Duration::from_millis(2));
        }
        times
    }

    /// The honest ones, before `attack` and during it. What it answers is shown.
    fn hold_out<T: Send>(&self, name: &str, attack: impl FnOnce(&Attack) -> T + Send) -> T {
        let mut browser = self.known_browser();
        let mut calm = self.work(&mut browser);
        let attacking = Attack::default();
        let (done, mut busy) = thread::scope(|scope| {
            let attack = scope.spawn(|| attack(&attacking));
            let _ending = Ending(&attacking);
            attacking.wait_until_begun();
            let busy = self.work(&mut browser);
            attacking.is_over.store(true, Ordering::Relaxed);
            (attack.join().unwrap(), busy)
        });
        println!("{name}, before: {}", calm.shown());
        println!("{name}, during: {}", busy.shown());
        let ratio = at(&busy.tokens, 99).as_secs_f64() / at(&calm.tokens, 99).as_secs_f64();
        println!("{name}: a token's p99 is {ratio:.2} times what it was");
        let is_alone = std::env::var("MINTMARK_TEST_ALONE").is_ok_and(|value| value == "1");
        assert!(!is_alone || ratio < MOST, "{ratio}");
        done
    }

    /// How much memory the server has, in KiB.
    fn memory(&self) -> u64 {
        let path = format!("/proc/{}/status", self.server.child.id());
        let status = std::fs::read_to_string(path).unwrap();
        let mut lines = status.lines();
        let line = lines.find(|line| line.starts_with("VmRSS")).unwrap();
        let value = line.trim_start_matches("VmRSS:").trim();
        value.trim_end_matches(" kB").parse().unwrap()
    }
}

/// An attack that goes on until it is over.
#[derive(Default)]
struct Attack {
    is_begun: AtomicBool,
    is_over: AtomicBool,
    /// How often something was tried.
    tries: AtomicUsize,
}

impl Attack {
    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    fn begins(&self) {
        self.is_begun.store(true, Ordering::Relaxed);
    }

    fn wait_until_begun(&self) {
        let since = Instant::now();
        while !self.is_begun.load(Ordering::Relaxed) {
            assert!(since.elapsed() < Duration::from_secs(60), "no attack");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Runs `work` over and over on so many threads, each with its number, until it is over.
    fn on_threads(&self, threads: usize, work: impl Fn(usize) + Sync) {
        // They are elsewhere: what they do themselves takes no processor from the server.
        thread::scope(|scope| {
            for number in 0..threads {
                let work = &work;
                scope.spawn(move || {
                    let _ = rustix::process::setpriority_process(None, 19);
                    while !self.is_over() {
                        work(number);
                        self.tries.fetch_add(1, Ordering::Relaxed);
                        self.begins();
                    }
                });
            }
        });
    }
}

/// Ends an attack, also when a test fails.
struct Ending<'a>(&'a Attack);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.is_over.store(true, Ordering::Relaxed);
    }
}

/// What a browser that is nobody's sends to sign in, for any login: its cookie and the form's token.
fn sign_in_form(world: &World) -> (String, String) {
    let mut browser = world.browser();
    let page = browser.get(SIGN_IN);
    let token = form(&page, SIGN_IN)
        .into_iter()
        .find_map(|(name, value)| (name == "form_token").then_some(value));
    let visit = &browser.cookies["mintmark_visit"];
    let cookie = format!("mintmark_visit{}={visit}", browser.suffix);
    (cookie, token.unwrap())
}
