//! How lines of the log look.

use std::cell::Cell;
use std::fmt;

use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::field::{RecordFields, VisitFmt, VisitOutput};
use tracing_subscriber::fmt::format::{DefaultVisitor, Writer};
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use crate::ambient::since_epoch;
use crate::model::timestamp::Timestamp;

/// Writes what the library writes by itself, in fewer steps: its own cost each token 0.01 of a
/// signature more. Knows no colours, and no spans: nothing here opens one.
pub struct PlainLine;

impl<S, N> FormatEvent<S, N> for PlainLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        if PlainTime.format_time(&mut writer).is_err() {
            writer.write_str("<unknown time>")?;
        }
        let metadata = event.metadata();
        writer.write_str(match *metadata.level() {
            Level::TRACE => " TRACE ",
            Level::DEBUG => " DEBUG ",
            Level::INFO => "  INFO ",
            Level::WARN => "  WARN ",
            Level::ERROR => " ERROR ",
        })?;
        writer.write_str(metadata.target())?;
        writer.write_str(": ")?;
        context.format_fields(writer.by_ref(), event)?;
        writer.write_char('\n')
    }
}

/// The time of day in UTC to the microsecond, as `2024-01-17T09:30:00.000001Z`.
struct PlainTime;

/// How much of a time says which second it is.
const SECONDS: usize = "2024-01-17T09:30:00".len();

thread_local! {
    /// The second of this thread's last line, and how it is written.
    static WRITTEN: Cell<(i64, [u8; SECONDS])> = const { Cell::new((i64::MIN, [0; SECONDS])) };
}

impl FormatTime for PlainTime {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        write_time(writer)
    }
}

fn write_time(writer: &mut dyn fmt::Write) -> fmt::Result {
    let now = since_epoch();
    let second = i64::try_from(now.as_secs()).map_err(|_| fmt::Error)?;
    let (of, mut written) = WRITTEN.get();
    if of != second {
        let text = Timestamp::from_seconds(second).to_string();
        let text = text.as_bytes().first_chunk().ok_or(fmt::Error)?;
        written = *text;
        WRITTEN.set((second, written));
    }
    writer.write_str(std::str::from_utf8(&written).map_err(|_| fmt::Error)?)?;
    write!(writer, ".{:06}Z", now.subsec_micros())
}

/// What the line says that tells how many others there would have been.
const DROPPED: &str = "lines of the log were dropped";
const DROPPED_TARGET: &str = concat!(env!("CARGO_CRATE_NAME"), "::log");

/// That line in text.
pub fn dropped_in_text(count: u64) -> String {
    let time = time();
    format!("{time}  WARN {DROPPED_TARGET}: {DROPPED} dropped={count}\n")
}

/// That line in JSON.
pub fn dropped_in_json(count: u64) -> String {
    let line = json!({
        "timestamp": time(),
        "level": "WARN",
        "message": DROPPED,
        "dropped": count,
        "target": DROPPED_TARGET,
    });
    format!("{line}\n")
}

fn time() -> String {
    let mut time = String::new();
    match write_time(&mut time) {
        Ok(()) => time,
        Err(_) => "<unknown time>".to_owned(),
    }
}

/// How a control character is written in a line, where none may stand: what somebody sent must not
/// begin a line of its own, nor tell a terminal anything.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Escapes {
    Text,
    Json,
}

impl Escapes {
    /// The line as it is to be written, unless that is as it is: with one newline, at its end.
    pub fn escape(self, line: &[u8]) -> Option<Vec<u8>> {
        let body = line.strip_suffix(b"\n").unwrap_or(line);
        // 0xc2 begins the control characters beyond ASCII, and others.
        let may_be_odd = |byte: u8| byte < b' ' || byte == 0x7f || byte == 0xc2;
        // All of them, which is quicker than to stop at the first.
        let is_odd = body.iter().fold(false, |odd, b| odd | may_be_odd(*b));
        if !is_odd && body.len() < line.len() {
            return None;
        }
        let mut escaped = String::with_capacity(line.len() + 16);
        for c in String::from_utf8_lossy(body).chars() {
            match self {
                _ if !c.is_control() => escaped.push(c),
                Escapes::Text => escaped.extend(c.escape_default()),
                // Within a text, since JSON has none elsewhere; all of them have four digits.
                Escapes::Json => {
                    let code = u32::from(c);
                    escaped.push_str(&format!("\\u{code:04x}"));
                }
            }
        }
        escaped.push('\n');
        Some(escaped.into_bytes())
    }
}

/// Writes what the library writes by itself, but in one piece what it would style, or look at
/// character by character without finding anything to escape.
pub struct PlainFields;

impl<'writer> FormatFields<'writer> for PlainFields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut visitor = PlainVisitor {
            slow: DefaultVisitor::new(writer, true),
            is_empty: true,
            result: Ok(()),
        };
        fields.record(&mut visitor);
        visitor.result.and(visitor.slow.finish())
    }
}

struct PlainVisitor<'writer> {
    slow: DefaultVisitor<'writer>,
    is_empty: bool,
    result: fmt::Result,
}

impl PlainVisitor<'_> {
    /// Writes a field's name, if it needs nothing more; else the library is to write the field: it
    /// knows what stands before the first, and which names are shortened.
    fn begin(&mut self, field: &Field) -> bool {
        let is_first = std::mem::take(&mut self.is_empty);
        let name = field.name();
        let is_special = |byte: u8| matches!(byte, b'.' | b'#');
        if is_first || name == "message" || name.bytes().any(is_special) {
            return false;
        }
        self.write(&[" ", name, "="]);
        true
    }

    fn write(&mut self, pieces: &[&str]) {
        let writer = self.slow.writer();
        for piece in pieces {
            self.result = self.result.and_then(|()| writer.write_str(piece));
        }
    }

    fn write_debug(&mut self, value: &dyn fmt::Debug) {
        let writer = self.slow.writer();
        self.result = self.result.and_then(|()| write!(writer, "{value:?}"));
    }
}

impl Visit for PlainVisitor<'_> {
    fn record_error(&mut self, field: &Field, error: &(dyn std::error::Error + 'static)) {
        self.is_empty = false;
        self.slow.record_error(field, error);
    }

    fn record_str(&mut self, field: &Field, text: &str) {
        if !self.begin(field) {
            return self.slow.record_str(field, text);
        }
        let is_plain = |b: u8| matches!(b, b' '..=b'~') && !matches!(b, b'"' | b'\\');
        // All of them, which is quicker than to stop at the first.
        match text.bytes().fold(true, |all, b| all & is_plain(b)) {
            true => self.write(&["\"", text, "\""]),
            false => self.write_debug(&text),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match self.begin(field) {
            true => self.write_debug(value),
            false => self.slow.record_debug(field, value),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use time::OffsetDateTime;
    use time::format_description::well_known::Rfc3339;
    use tracing_subscriber::fmt::MakeWriter;

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl MakeWriter<'_> for Lines {
        type Writer = Self;
        fn make_writer(&self) -> Self {
            self.clone()
        }
    }

    fn write_lines() {
        let (none, some) = (None::<&str>, Some("mmk_1"));
        tracing::info!(first = "x", number = 7, "a message");
        tracing::info!(none, some, shown = %"as it is", debug = ?"quoted", "another");
        tracing::warn!(
            text = "a \"b\" \\ c\nd \u{1b}[31m \u{0416}",
            other = "",
            "odd"
        );
        tracing::info!(alone = "text");
        tracing::info!(r#type = "t", second = "s", truth = true);
        tracing::error!(first = 1, status = 503_u16, below = -1, part = 0.5, peer = %"::1", "numbers");
        tracing::debug!(first = "x", message = "m \u{1b}");
        tracing::trace!(target: "elsewhere", "alone");
        let error = io::Error::other("escaped \u{1b}[31m");
        tracing::warn!(
            first = 1,
            error = &error as &dyn std::error::Error,
            "broken"
        );
    }

    #[test]
    fn every_line_is_what_the_library_writes() {
        let (ours, theirs) = (Lines::default(), Lines::default());
        let plain = || {
            let levels = tracing_subscriber::fmt().with_max_level(Level::TRACE);
            levels.with_ansi(false)
        };
        let lines = plain().event_format(PlainLine).fmt_fields(PlainFields);
        let lines = lines.with_writer(ours.clone());
        tracing::subscriber::with_default(lines.finish(), write_lines);
        let lines = plain().with_writer(theirs.clone());
        tracing::subscriber::with_default(lines.finish(), write_lines);
        let text = |lines: Lines| String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let (ours, theirs) = (text(ours), text(theirs));
        assert_eq!(ours.lines().count(), 9, "{ours}");
        assert_eq!(theirs.lines().count(), 9, "{theirs}");
        for (ours, theirs) in ours.lines().zip(theirs.lines()) {
            let (time, ours) = ours.split_at("2024-01-17T09:30:00.000001Z".len());
            let (_, theirs) = theirs.split_at(time.len());
            assert_eq!(ours, theirs);
            let time = OffsetDateTime::parse(time, &Rfc3339).unwrap();
            let now = since_epoch().as_nanos().cast_signed();
            let ago = now - time.unix_timestamp_nanos();
            assert!((0..60_000_000_000).contains(&ago), "{ago}");
        }
    }

    #[test]
    fn the_line_of_dropped_ones_looks_like_the_others() {
        let (text, json) = (Lines::default(), Lines::default());
        let write = || tracing::warn!(target: "mintmark::log", dropped = 17, "{DROPPED}");
        let lines = tracing_subscriber::fmt().with_ansi(false);
        let lines = lines.with_writer(text.clone());
        tracing::subscriber::with_default(lines.finish(), write);
        let lines = tracing_subscriber::fmt().json().flatten_event(true);
        let lines = lines.with_writer(json.clone());
        tracing::subscriber::with_default(lines.finish(), write);
        let text = String::from_utf8(text.0.lock().unwrap().clone()).unwrap();
        let time = "2024-01-17T09:30:00.000001Z".len();
        assert_eq!(dropped_in_text(17)[time..], text[time..]);
        let json = String::from_utf8(json.0.lock().unwrap().clone()).unwrap();
        let time = r#"{"timestamp":"2024-01-17T09:30:00.000001Z"#.len();
        assert_eq!(dropped_in_json(17)[time..], json[time..]);
    }

    #[test]
    fn a_line_holds_no_control_character() {
        let cases = [
            ("plain\n", None, None),
            ("no end", Some("no end\n"), Some("no end\n")),
            (
                "a\nb\u{1b}[0m\u{7f}\u{9b}\u{b0}\n",
                Some("a\\nb\\u{1b}[0m\\u{7f}\\u{9b}\u{b0}\n"),
                Some("a\\u000ab\\u001b[0m\\u007f\\u009b\u{b0}\n"),
            ),
        ];
        for (line, text, json) in cases {
            let bytes = |text: Option<&str>| text.map(|text| text.as_bytes().to_vec());
            assert_eq!(Escapes::Text.escape(line.as_bytes()), bytes(text));
            assert_eq!(Escapes::Json.escape(line.as_bytes()), bytes(json));
        }
    }
}
