//! What the service costs (REQUIREMENTS "Speed and size"): the server process's CPU time for each
//! request as a ratio to one RS512 signature with the same key, measured in the same run, side by
//! side. `cargo bench`; `cargo bench -- --full` for the full counts.
//!
//! The exit code is 1 when a ratio is over its bound. Absolute times and sizes are reported and
//! fail nothing: they are the machine's.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a measurement fails by panicking, prints its table, and reads its own settings"
)]

mod clients;
mod cpu;
mod load;
mod server;
mod table;

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use load::{Load, Request, get_request, token_request};
use openssl::pkey::{PKey, Private};
use server::Server;
use table::{Cost, Figure, Rounds, print_costs, print_figures};

const ROUNDS: usize = 5;
/// How many connections the load keeps.
const CONNECTIONS: usize = 8;
const WITHOUT_OPENID: &str = "grant_type=client_credentials&scope=applications%3Aread";
const WITH_OPENID: &str = "grant_type=client_credentials";

/// How many things are measured.
const PROBES: usize = 7;
/// A round is made of turns, in each of which everything is measured and signatures in between, so
/// that whatever the machine does besides falls on all of it alike. In one turn so many tokens:
const TOKENS: usize = 240;
/// And so many requests that need no signature:
const CHECKS: usize = 720;

/// How much is done.
struct Counts {
    /// Turns in a round.
    turns: usize,
    /// Clients in the database.
    clients: usize,
    /// Those of them that ask for tokens.
    used: usize,
    /// Tokens before the memory is looked at again.
    lifetime: usize,
    /// Seconds at half of the saturation rate.
    paced: u64,
}

const QUICK: Counts = Counts {
    turns: 8,
    clients: 100_000,
    used: 10_000,
    lifetime: 50_000,
    paced: 5,
};
const FULL: Counts = Counts {
    turns: 40,
    clients: 1_000_000,
    used: 10_000,
    lifetime: 1_000_000,
    paced: 30,
};

/// Something whose cost is measured in every round.
struct Probe<'a> {
    name: String,
    server: &'a Server,
    load: Load<'a>,
    /// How often in one turn.
    count: usize,
    micros: Rounds,
    signatures: Rounds,
}

impl<'a> Probe<'a> {
    fn new(name: &str, server: &'a Server, requests: &'a [Request], count: usize) -> Self {
        let mut probe = Self {
            name: name.to_owned(),
            server,
            load: Load::new(server.address, requests, CONNECTIONS),
            count,
            micros: Rounds::default(),
            signatures: Rounds::default(),
        };
        probe.run(CHECKS);
        probe
    }

    /// CPU time of the server for `count` requests.
    fn run(&mut self, count: usize) -> Duration {
        let before = self.server.cpu();
        self.load.send(count);
        // A thread's use is counted when it makes room for another, or waits.
        std::thread::sleep(Duration::from_millis(1));
        self.server.cpu().since(&before)
    }

    fn in_signatures(&self, bound: Option<f64>) -> Cost {
        Cost {
            name: self.name.clone(),
            micros: self.micros.clone(),
            ratio: self.signatures.clone(),
            bound,
        }
    }

    fn against(&self, other: &Self, bound: f64) -> Cost {
        let pairs = self.micros.0.iter().zip(&other.micros.0);
        Cost {
            name: self.name.clone(),
            micros: self.micros.clone(),
            ratio: Rounds(pairs.map(|(one, other)| one / other).collect()),
            bound: Some(bound),
        }
    }
}

fn main() -> ExitCode {
    let is_full = std::env::args().any(|arg| arg == "--full") || is_full_by_environment();
    let counts = if is_full { FULL } else { QUICK };
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    print_machine(workers, &counts);

    let folder = tempfile::tempdir().expect("a folder");
    let (small, large) = (folder.path().join("small"), folder.path().join("large"));
    for folder in [&small, &large] {
        std::fs::create_dir(folder).expect("a folder");
    }
    Server::start(&small, &[]).stop();
    let (id, secret) = server::first_key(&small);
    let key = clients::signing_key(&small);
    server::copy(&small, &large);
    let spread = clients::fill(&large, counts.clients, counts.used, WITHOUT_OPENID);

    let token = [token_request(&id, &secret, WITHOUT_OPENID)];
    let both = [token_request(&id, &secret, WITH_OPENID)];
    let is_over = costs(
        &counts,
        workers,
        (&small, &large),
        &key,
        &token,
        &both,
        &spread,
    );
    print_figures(&figures(&counts, (&small, &large), &token));
    match is_over {
        false => ExitCode::SUCCESS,
        true => ExitCode::FAILURE,
    }
}

/// Measures and prints what is asserted; answers whether something is over its bound.
fn costs(
    counts: &Counts,
    workers: usize,
    (small, large): (&Path, &Path),
    key: &PKey<Private>,
    token: &[Request],
    both: &[Request],
    spread: &[Request],
) -> bool {
    let (few, many) = (Server::start(small, &[]), Server::start(large, &[]));
    let issued = load::ask(few.address, &both[0]);
    let issued = |name: &str| issued[name].as_str().expect("it was issued").to_owned();
    let access_token = issued("access_token");
    let me = "/console/api/v2/me";
    let by_access_token = [get_request(me, Some(&access_token))];
    let by_id_token = [get_request(me, Some(&issued("id_token")))];
    let jwks = [get_request("/.well-known/jwks.json", None)];
    // What is signed is all of the token before its signature.
    let (message, _) = access_token.rsplit_once('.').expect("a token");

    let of = format!("token, {} clients in the database", grouped(counts.clients));
    let of_many = format!("the same, asked by {} of them", grouped(counts.used));
    let before = many.cpu();
    Load::new(many.address, spread, CONNECTIONS).send(spread.len());
    let first_time = many.cpu().since(&before) / spread.len() as u32;
    let mut probes: [Probe<'_>; PROBES] = [
        Probe::new("token without openid", &few, token, TOKENS),
        Probe::new(&of, &many, token, TOKENS),
        Probe::new(&of_many, &many, spread, TOKENS),
        Probe::new("token with openid", &few, both, TOKENS / 2),
        Probe::new("GET /me by access token", &few, &by_access_token, CHECKS),
        Probe::new("GET /me by id_token", &few, &by_id_token, CHECKS),
        Probe::new("GET /.well-known/jwks.json", &few, &jwks, CHECKS),
    ];
    let signing = TOKENS / 2 / workers;
    let mut signature = Rounds::default();
    for _ in 0..ROUNDS {
        let mut signed = Duration::ZERO;
        let mut used = [Duration::ZERO; PROBES];
        for _ in 0..counts.turns {
            for (probe, used) in probes.iter_mut().zip(&mut used) {
                signed += cpu::signatures(key, message.as_bytes(), workers, signing);
                *used += probe.run(probe.count);
            }
        }
        let one = cpu::micros(signed) / (counts.turns * PROBES * workers * signing) as f64;
        signature.0.push(one);
        for (probe, used) in probes.iter_mut().zip(used) {
            let cost = cpu::micros(used) / (counts.turns * probe.count) as f64;
            probe.micros.0.push(cost);
            probe.signatures.0.push(cost / one);
        }
    }

    let [one, of, of_many, both, access_token, id_token, jwks] = &probes;
    println!(
        "\none RS512 signature: {:.1} us of CPU time",
        signature.median()
    );
    let over = print_costs(
        "in signatures",
        &[
            one.in_signatures(Some(1.15)),
            both.in_signatures(Some(2.20)),
            access_token.in_signatures(Some(0.30)),
            id_token.in_signatures(Some(0.30)),
            jwks.in_signatures(None),
        ],
    );
    let over_with_many = print_costs(
        "in tokens of a database with one client",
        &[of.against(one, 1.05), of_many.against(one, 1.05)],
    );
    println!(
        "\na client's first token, which reads the database: {:.0} us",
        cpu::micros(first_time)
    );
    over || over_with_many
}

/// Measures what is reported.
fn figures(counts: &Counts, (small, large): (&Path, &Path), token: &[Request]) -> Vec<Figure> {
    let figure = |name: &str, value: f64, unit: &'static str, goal: Option<f64>| Figure {
        name: name.to_owned(),
        value,
        unit,
        goal,
    };
    let start = |folder: &Path| {
        let starts = (0..ROUNDS).map(|_| {
            let server = Server::start(folder, &[]);
            let took = server.started_in.as_secs_f64() * 1e3;
            server.stop();
            took
        });
        Rounds(starts.collect()).median()
    };
    let rate = |server: &Server, count: usize| {
        let took = Load::new(server.address, token, CONNECTIONS).send(count);
        count as f64 / took.as_secs_f64()
    };
    let on_many = format!("the same with {} clients in it", grouped(counts.clients));
    let mut figures = vec![
        figure(
            "from start to listening on a database",
            start(small),
            "ms",
            Some(150.0),
        ),
        figure(&on_many, start(large), "ms", Some(150.0)),
    ];
    for workers in ["1", "2"] {
        let server = Server::start(small, &["--workers", workers]);
        rate(&server, CHECKS);
        let name = format!("tokens a second on {workers} worker(s)");
        figures.push(figure(
            &name,
            rate(&server, 5 * TOKENS * counts.turns),
            "tokens/s",
            None,
        ));
    }
    let server = Server::start(small, &[]);
    figures.push(figure(
        "resident memory after start",
        server.memory(),
        "MiB",
        Some(40.0),
    ));
    let saturated = rate(&server, counts.lifetime);
    let after = format!("resident memory after {} tokens", grouped(counts.lifetime));
    figures.push(figure(&after, server.memory(), "MiB", Some(64.0)));
    let time = Duration::from_secs(counts.paced);
    let mut took = load::pace(server.address, &token[0], 32, saturated / 2.0, time);
    took.sort();
    for (part, goal) in [(50, None), (99, Some(3.0))] {
        let at = took[(took.len() * part / 100).min(took.len() - 1)];
        let name = format!("p{part} of a token at {:.0} a second", saturated / 2.0);
        figures.push(figure(&name, at.as_secs_f64() * 1e3, "ms", goal));
    }
    figures
}

fn print_machine(workers: usize, counts: &Counts) {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let cpuinfo = read("/proc/cpuinfo");
    let model = cpuinfo.lines().find(|line| line.starts_with("model name"));
    let model = model.and_then(|line| line.split(": ").nth(1));
    println!(
        "{}, {workers} processors, Linux {}",
        model.unwrap_or("an unknown processor"),
        read("/proc/sys/kernel/osrelease").trim()
    );
    println!(
        "Mintmark {}: release build, default configuration, access log into a file, SQLite, RSA-2048",
        env!("CARGO_PKG_VERSION")
    );
    println!(
        "{ROUNDS} rounds of {} tokens or {} other requests over {CONNECTIONS} connections",
        grouped(counts.turns * TOKENS),
        grouped(counts.turns * CHECKS)
    );
}

/// `1000000` as `1,000,000`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[allow(
    clippy::disallowed_methods,
    reason = "a benchmark has no settings of the server's"
)]
fn is_full_by_environment() -> bool {
    std::env::var("MINTMARK_BENCH_FULL").is_ok_and(|value| value == "1")
}
