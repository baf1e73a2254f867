//! CPU time: a process's, a thread's, and that of one RS512 signature.

use std::collections::HashMap;
use std::fs;
use std::time::Duration;

use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::sign::Signer;

/// The CPU time that each thread of a process has used so far.
pub struct Snapshot(HashMap<String, Duration>);

impl Snapshot {
    pub fn of(pid: u32) -> Self {
        let threads = fs::read_dir(format!("/proc/{pid}/task")).expect("the process runs");
        let threads = threads.filter_map(|entry| {
            let entry = entry.ok()?;
            let used = read(&format!("{}/schedstat", entry.path().display()))?;
            Some((entry.file_name().to_string_lossy().into_owned(), used))
        });
        Self(threads.collect())
    }

    /// What the process has used since `before`. A thread that ended meanwhile takes its own use
    /// with it, and nobody else's.
    pub fn since(&self, before: &Self) -> Duration {
        let used = self.0.iter().map(|(thread, now)| {
            let then = before.0.get(thread).copied().unwrap_or_default();
            now.saturating_sub(then)
        });
        used.sum()
    }
}

/// The CPU time that this thread has used so far.
fn of_this_thread() -> Duration {
    // The kernel brings the number up to date when the thread makes room for another.
    std::thread::sleep(Duration::from_millis(1));
    read("/proc/thread-self/schedstat").expect("the kernel counts with CONFIG_SCHED_INFO")
}

fn read(path: &str) -> Option<Duration> {
    let text = fs::read_to_string(path).ok()?;
    let nanos = text.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanos))
}

/// The CPU time of `threads` x `count` RS512 signatures of `message`. As many threads sign at once
/// as the server has workers, so that the processors are shared as they are when it serves.
pub fn signatures(key: &PKey<Private>, message: &[u8], threads: usize, count: usize) -> Duration {
    let sign = || {
        let before = of_this_thread();
        for _ in 0..count {
            let mut signer = Signer::new(MessageDigest::sha512(), key).expect("a signer");
            let signature = signer.sign_oneshot_to_vec(message).expect("a signature");
            std::hint::black_box(signature);
        }
        of_this_thread() - before
    };
    std::thread::scope(|scope| {
        let signing: Vec<_> = (0..threads).map(|_| scope.spawn(sign)).collect();
        let joined = signing.into_iter().map(|t| t.join().expect("it signs"));
        joined.sum()
    })
}

pub fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
