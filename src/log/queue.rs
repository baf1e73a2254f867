//! Lines on their way to where they are read: a bounded queue and the one thread that writes, so that
//! nobody else ever waits for whoever reads the log, or fails with it.
//!
//! What does not fit is dropped and counted. The count is a line of its own, right behind the last
//! line before the gap. What cannot be written now is kept, within the bound, and tried again.

use std::io;
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::sink::Sink;
use crate::alarms::{Alarm, Alarms};

/// How much waits at most, and as much again may be on its way: five seconds of a busy server's lines.
const MOST_BYTES: usize = 1024 * 1024;
const MOST_LINES: usize = 8192;
/// The lines of so long a time are written together: the thread is woken once for all of them.
const TOGETHER: Duration = Duration::from_millis(5);
/// When a pipe that was full, and whatever else failed, is tried again.
const FULL_PIPE: Duration = Duration::from_millis(10);
const FAILED: Duration = Duration::from_millis(100);
/// What a pipe takes whole or not at all, so that lines of several processes do not mix
/// (`PIPE_BUF`).
const WHOLE: usize = 4096;

const UNWRITTEN: &str =
    "Lines of the log are dropped or wait: they cannot be written, or nobody reads them.";

/// How the line reads that tells how many were dropped.
pub type DroppedLine = fn(u64) -> String;

pub struct Queue {
    state: Mutex<State>,
    /// Wakes the thread that writes.
    more: Condvar,
    /// Wakes those who wait until their lines are written.
    less: Condvar,
    dropped_line: DroppedLine,
}

struct State {
    /// The lines that wait, one behind the other; how many they are, and how many could not join them.
    bytes: Vec<u8>,
    lines: usize,
    dropped: u64,
    /// How many lines were ever taken, and how many of them were written.
    taken: u64,
    written: u64,
    /// Whether the thread waits for a first line.
    is_idle: bool,
    /// Whether somebody waits for it, so that it gathers no more.
    is_hurried: bool,
    /// Whether waiting for it is in vain: the last try to write failed, or took too long.
    is_stuck: bool,
    is_closing: bool,
    is_closed: bool,
    alarms: Option<Arc<Alarms>>,
}

impl State {
    fn has_work(&self) -> bool {
        self.lines > 0 || self.dropped > 0
    }

    // The log tells of itself by the line with the count.
    fn raise(&self) {
        if let Some(alarms) = &self.alarms {
            alarms.raise_untold(Alarm::LogLines, UNWRITTEN);
        }
    }
}

impl Queue {
    pub fn new(dropped_line: DroppedLine) -> Self {
        Self {
            state: Mutex::new(State {
                // Only what is ever used of it takes memory.
                bytes: Vec::with_capacity(MOST_BYTES),
                lines: 0,
                dropped: 0,
                taken: 0,
                written: 0,
                is_idle: false,
                is_hurried: false,
                is_stuck: false,
                is_closing: false,
                is_closed: false,
                alarms: None,
            }),
            more: Condvar::new(),
            less: Condvar::new(),
            dropped_line,
        }
    }

    /// Where it is shown that lines cannot be written.
    pub fn show_on(&self, alarms: Arc<Alarms>) {
        let mut state = self.lock();
        state.alarms = Some(alarms);
        if state.is_stuck || state.dropped > 0 {
            state.raise();
        }
    }

    /// Takes a line with its newline, or counts it as dropped; waits for nobody.
    pub fn push(&self, line: &[u8]) {
        let mut state = self.lock();
        if state.lines < MOST_LINES && line.len() <= MOST_BYTES - state.bytes.len() {
            state.bytes.extend_from_slice(line);
            state.lines += 1;
            state.taken += 1;
        } else {
            state.dropped = state.dropped.saturating_add(1);
            if state.dropped == 1 {
                state.raise();
            }
        }
        let is_idle = mem::take(&mut state.is_idle);
        drop(state);
        if is_idle {
            self.more.notify_one();
        }
    }

    /// Waits until what was taken so far is written, at most so long, and not at all where that would
    /// be in vain.
    pub fn flush(&self, time: Duration) {
        let mut state = self.lock();
        state.is_hurried = true;
        let last = state.taken;
        self.more.notify_one();
        let goes_on =
            |state: &mut State| state.written < last && !state.is_stuck && !state.is_closed;
        let waited = self.less.wait_timeout_while(state, time, goes_on);
        let (mut state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            state.is_stuck = true;
        }
    }

    /// Lets the thread end when it has written what waits. Waits for that at most so long.
    pub fn close(&self, time: Duration) {
        let mut state = self.lock();
        state.is_closing = true;
        self.more.notify_one();
        let goes_on = |state: &mut State| !state.is_closed;
        drop(self.less.wait_timeout_while(state, time, goes_on));
    }

    /// What the thread does, until the queue is closed.
    pub fn write_to(&self, sink: &mut impl Sink) {
        let mut batch = Vec::with_capacity(MOST_BYTES);
        while let Some((lines, dropped)) = self.take(&mut batch) {
            if dropped > 0 {
                batch.extend_from_slice((self.dropped_line)(dropped).as_bytes());
            }
            if !self.write(&batch, sink) {
                break;
            }
            self.wrote(lines);
            self.gather();
        }
        self.lock().is_closed = true;
        self.less.notify_all();
    }

    /// Waits for a line and moves all that wait into `batch`. Answers how many they are, and how many
    /// were dropped behind them; nothing at the end.
    fn take(&self, batch: &mut Vec<u8>) -> Option<(usize, u64)> {
        let mut state = self.lock();
        while !state.has_work() && !state.is_closing {
            state.is_idle = true;
            state = self
                .more
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.is_idle = false;
        if !state.has_work() {
            return None;
        }
        batch.clear();
        mem::swap(batch, &mut state.bytes);
        Some((mem::take(&mut state.lines), mem::take(&mut state.dropped)))
    }

    /// Writes all of `batch`, however often it must be tried. Answers whether it was: a queue that is
    /// closed gives up.
    fn write(&self, batch: &[u8], sink: &mut impl Sink) -> bool {
        let mut at = 0;
        // Whether something else came behind the beginning of a line, which must be begun anew.
        let mut is_torn = false;
        // How long the place was when it had taken a part of a line.
        let mut length = None;
        while at < batch.len() {
            let piece = match is_torn {
                true => b"\n",
                false => &batch[at..end_of_piece(batch, at)],
            };
            let error = match sink.write(piece) {
                Ok(0) => io::ErrorKind::WriteZero,
                Ok(_) if is_torn => {
                    is_torn = false;
                    continue;
                }
                Ok(count) => {
                    at += count;
                    if start_of_line(batch, at) < at {
                        length = sink.length();
                    }
                    continue;
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => e.kind(),
            };
            if !self.wait_after(error) {
                return false;
            }
            let start = start_of_line(batch, at);
            let now = sink.length();
            if start < at && now != length {
                // Without what was there, there is nothing to be told apart from either.
                is_torn = now != Some(0);
                at = start;
            }
        }
        true
    }

    /// Says that writing failed, and waits until it may be tried again. Answers whether it may.
    fn wait_after(&self, error: io::ErrorKind) -> bool {
        let mut state = self.lock();
        let is_full_pipe = error == io::ErrorKind::WouldBlock;
        if state.is_closing && !is_full_pipe {
            return false;
        }
        // A pipe that is full for a moment is nothing to tell of: lines that are dropped are.
        if !is_full_pipe {
            state.raise();
        }
        state.is_stuck = true;
        self.less.notify_all();
        let time = if is_full_pipe { FULL_PIPE } else { FAILED };
        // At the end it is tried once more, and a full pipe as long as there is time.
        let goes_on = |state: &mut State| is_full_pipe || !state.is_closing;
        drop(self.more.wait_timeout_while(state, time, goes_on));
        true
    }

    /// Notes that so many lines, and the count behind them, were written.
    fn wrote(&self, lines: usize) {
        let mut state = self.lock();
        state.written += u64::try_from(lines).unwrap_or_default();
        state.is_stuck = false;
        if state.dropped == 0
            && let Some(alarms) = &state.alarms
        {
            alarms.lower_untold(Alarm::LogLines);
        }
        drop(state);
        self.less.notify_all();
    }

    /// Lets lines gather.
    fn gather(&self) {
        let state = self.lock();
        let goes_on = |state: &mut State| !state.is_hurried && !state.is_closing;
        let waited = self.more.wait_timeout_while(state, TOGETHER, goes_on);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.is_hurried = false;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where the lines from `at` on that are written at once end: behind a line, as many as a pipe takes
/// whole.
fn end_of_piece(batch: &[u8], at: usize) -> usize {
    let rest = &batch[at..];
    if rest.len() <= WHOLE {
        return batch.len();
    }
    let is_end = |byte: &u8| *byte == b'\n';
    let fits = rest[..WHOLE].iter().rposition(is_end);
    let end = fits.or_else(|| rest.iter().position(is_end));
    end.map_or(batch.len(), |end| at + end + 1)
}

/// Where the line begins that `at` is in.
fn start_of_line(batch: &[u8], at: usize) -> usize {
    let end = batch[..at].iter().rposition(|byte| *byte == b'\n');
    end.map_or(0, |end| end + 1)
}

#[cfg(test)]
mod tests;
