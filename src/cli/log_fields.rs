//! The fields of a log line in text.

use std::fmt;

use tracing::field::{Field, Visit};
use tracing_subscriber::field::{RecordFields, VisitFmt, VisitOutput};
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::{DefaultVisitor, Writer};

/// Writes what the library writes by itself, but a text without anything to escape in one piece:
/// the access log has four of them a line, and character by character they cost each token 0.01 of
/// a signature. Knows no colours.
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

impl Visit for PlainVisitor<'_> {
    fn record_str(&mut self, field: &Field, text: &str) {
        let is_plain = |b: &u8| matches!(b, b' '..=b'~') && !matches!(b, b'"' | b'\\');
        // What stands before the first, and which names are shortened, the library knows.
        let is_common = field.name() != "message" && !field.name().contains(['.', '#']);
        if self.is_empty || !is_common || !text.as_bytes().iter().all(is_plain) {
            self.is_empty = false;
            return self.slow.record_str(field, text);
        }
        let writer = self.slow.writer();
        for piece in [" ", field.name(), "=\"", text, "\""] {
            self.result = self.result.and(writer.write_str(piece));
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.is_empty = false;
        self.slow.record_debug(field, value);
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

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
    }

    #[test]
    fn every_line_is_what_the_library_writes() {
        let (ours, theirs) = (Lines::default(), Lines::default());
        let plain = || tracing_subscriber::fmt().with_ansi(false).without_time();
        let lines = plain().fmt_fields(PlainFields).with_writer(ours.clone());
        tracing::subscriber::with_default(lines.finish(), write_lines);
        let lines = plain().with_writer(theirs.clone());
        tracing::subscriber::with_default(lines.finish(), write_lines);
        let text = |lines: Lines| String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let (ours, theirs) = (text(ours), text(theirs));
        assert_eq!(ours, theirs);
        assert_eq!(ours.lines().count(), 5, "{ours}");
    }
}
