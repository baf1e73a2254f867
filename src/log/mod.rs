//! The log as a part of its own. Whoever writes a line leaves it in a bounded queue and goes on; one
//! thread writes what is there to standard error. A full, broken or unread standard error costs
//! lines, never a request, a start or a stop.
//!
//! Nothing behind this writes in any other way, waits, or fails: the library prints by itself only
//! where its writer fails, and ours never does.

mod filter;
mod lines;
mod queue;
mod sink;

use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

pub use filter::{Filter, FilterError, filter};

use crate::alarms::Alarms;
use crate::ambient::request_id;
use lines::{Escapes, PlainFields, PlainLine};
use queue::Queue;
use sink::StandardError;

/// How long the end of the process waits for lines that still wait to be written.
const LAST_LINES: Duration = Duration::from_millis(500);
/// How long a panic waits until it is told: if another follows it, the process ends without more.
const PANIC: Duration = Duration::from_millis(100);

/// How a line looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// Text with colours.
    Terminal,
    Text,
    Json,
}

/// The log of this process, once it has one.
static LOG: OnceLock<Log> = OnceLock::new();

struct Log {
    queue: Queue,
    form: Form,
}

/// Starts the thread that writes. From here on [`say`] goes through the queue.
pub fn start(form: Form) -> io::Result<()> {
    let mut sink = StandardError::open()?;
    let log = LOG.get_or_init(|| Log {
        queue: Queue::new(match form {
            Form::Terminal | Form::Text => lines::dropped_in_text,
            Form::Json => lines::dropped_in_json,
        }),
        form,
    });
    let thread = std::thread::Builder::new().name("log".to_owned());
    thread.spawn(move || log.queue.write_to(&mut sink))?;
    Ok(())
}

/// Lets the lines that pass `filter` into the log that was started. A panic is one line without its
/// message, which could hold what the request held.
pub fn open(filter: Filter) {
    let Some(log) = LOG.get() else { return };
    let lines = tracing_subscriber::fmt().with_env_filter(filter);
    let writer = move || log;
    let secretive = filter_fn(filter::is_harmless);
    // It fails where the process has a log already, which is then the one.
    let _ = match log.form {
        Form::Terminal => {
            let lines = lines.with_writer(writer);
            lines.finish().with(secretive).try_init()
        }
        Form::Text => {
            let lines = lines.with_ansi(false).event_format(PlainLine);
            let lines = lines.fmt_fields(PlainFields).with_writer(writer);
            lines.finish().with(secretive).try_init()
        }
        Form::Json => {
            let lines = lines.json().flatten_event(true).with_writer(writer);
            lines.finish().with(secretive).try_init()
        }
    };
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let fixed = panic.payload().downcast_ref::<&'static str>();
        let cause = fixed.copied();
        tracing::error!(request_id = request_id(), place, cause, "panic");
        log.queue.flush(PANIC);
    }));
}

/// Where it is shown that lines cannot be written.
pub fn show_on(alarms: &Arc<Alarms>) {
    if let Some(log) = LOG.get() {
        log.queue.show_on(alarms.clone());
    }
}

/// Says something to whoever started the process, in the order of the lines. Answers whether there is
/// a log that does it.
pub fn say(text: &str) -> bool {
    let Some(log) = LOG.get() else { return false };
    log.queue.push(format!("{text}\n").as_bytes());
    true
}

/// Ends the log: what waits is written if that takes no more than a moment.
pub fn close() {
    if let Some(log) = LOG.get() {
        log.queue.close(LAST_LINES);
    }
}

impl io::Write for &Log {
    /// Takes one whole line, which is how the library writes.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let escaped = match self.form {
            // Its colours are control characters; what lines hold is escaped by the library.
            Form::Terminal => None,
            Form::Text => Escapes::Text.escape(line),
            Form::Json => Escapes::Json.escape(line),
        };
        self.queue.push(escaped.as_deref().unwrap_or(line));
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
