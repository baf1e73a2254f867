//! The audit log as a file for a spreadsheet (RFC 4180), written as it is read: never more than one
//! step of it is held.

use actix_web::web::Bytes;
use futures_util::stream::try_unfold;

use super::filter::Typed;
use crate::app::App;
use crate::domain::sessions;
use crate::domain::{Authority, DomainError, Reading, audit};
use crate::http::hop;
use crate::http::pages::{PageCall, PageError, PageResult};
use crate::model::audit::{AuditFilter, RecordedEvent};
use crate::model::ids::SessionId;
use crate::model::timestamp::Timestamp;

const COLUMNS: [&str; 9] = [
    "id",
    "at",
    "actor",
    "key",
    "kind",
    "object-kind",
    "object-id",
    "details",
    "request-id",
];

/// Where the walk is.
enum At {
    Start,
    After(Box<RecordedEvent>),
    End,
}

/// `GET /console/admin/audit.csv`
pub async fn export(call: PageCall) -> PageResult {
    let filter = Typed::read(&call)?.filter(&call)?;
    let (app, session, now) = (call.app.clone(), call.signed_in.session.id, call.now);
    // What can be refused is refused before the answer begins.
    let asked = filter.clone();
    let first = hop(&app, move |app| next(app, (session, now), asked, None)).await?;
    // What was taken away leaves an event, or is not taken away; the file does not tell of itself.
    let asked = filter.clone();
    call.write(move |c, act, _| audit::exported(c, act, &asked))
        .await?;
    let rest = try_unfold((At::Start, Some(first)), move |(at, ready)| {
        let (app, filter) = (app.clone(), filter.clone());
        async move {
            let last = match at {
                At::End => return Ok::<_, std::io::Error>(None),
                At::Start => None,
                At::After(last) => Some(*last),
            };
            let is_first = last.is_none();
            let found = match ready {
                Some(found) => found,
                None => hop(&app, move |app| next(app, (session, now), filter, last))
                    .await
                    .map_err(|error| std::io::Error::other(error.cause()))?,
            };
            let mut text = String::new();
            if is_first {
                // Without it Excel takes a file of UTF-8 for one in the machine's old encoding.
                text.push('\u{feff}');
                row(&mut text, COLUMNS.into_iter());
            }
            for event in &found {
                write(&mut text, event);
            }
            let at = found
                .into_iter()
                .last()
                .map_or(At::End, |last| At::After(Box::new(last)));
            Ok(Some((Bytes::from(text), (at, None))))
        }
    });
    let mut file = call.shell.file("text/csv; charset=utf-8", "audit.csv");
    Ok(file.streaming(Box::pin(rest)))
}

/// The next events, with the rights that the session has by now.
fn next(
    app: &App,
    (session, now): (SessionId, Timestamp),
    filter: AuditFilter,
    last: Option<RecordedEvent>,
) -> Result<Vec<RecordedEvent>, PageError> {
    app.read_as(Reading::Long, |c| {
        let found = sessions::find_again(c, session, now)?;
        let signed_in = found.ok_or(PageError::SignedOut)?;
        let authority = Authority::of_session(&signed_in.user);
        let events = audit::list_after(c, &authority, filter, last.as_ref());
        events.map_err(|error: DomainError| error.into())
    })
}

fn write(text: &mut String, event: &RecordedEvent) {
    let at = event.at.to_string();
    // In JSON it stands in strings only; there is another way to write it.
    let details = event.details.to_string().replace(';', "\\u003b");
    let cells = [
        event.id.as_str(),
        &at,
        &event.actor,
        event.key.as_deref().unwrap_or_default(),
        &event.kind,
        &event.object_kind,
        &event.object_id,
        &details,
        event.request_id.as_deref().unwrap_or_default(),
    ];
    row(text, cells.into_iter());
}

fn row<'a>(text: &mut String, cells: impl Iterator<Item = &'a str>) {
    for (at, value) in cells.enumerate() {
        if at > 0 {
            text.push(',');
        }
        cell(text, value);
    }
    text.push_str("\r\n");
}

/// One cell. What a spreadsheet would run as a formula begins with an apostrophe instead (OWASP,
/// "CSV Injection"), also behind a semicolon: where commas stand in numbers, as in Russia, that is
/// what separates cells, whether there are quotes around it or not.
fn cell(text: &mut String, value: &str) {
    let is_quoted = value.contains([',', '"', '\r', '\n']);
    let quote = if is_quoted { "\"" } else { "" };
    text.push_str(quote);
    for (at, part) in value.split(';').enumerate() {
        if at > 0 {
            text.push(';');
        }
        if part.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
            text.push('\'');
        }
        text.push_str(&part.replace('"', "\"\""));
    }
    text.push_str(quote);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_where_it_must_be_and_runs_nothing() {
        for (value, expected) in [
            ("", ""),
            ("user:1", "user:1"),
            ("a,b", "\"a,b\""),
            ("{\"a\":1}", "\"{\"\"a\"\":1}\""),
            ("a\nb", "\"a\nb\""),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("a=1", "a=1"),
            ("a;b", "a;b"),
            ("a;=1+1;@x", "a;'=1+1;'@x"),
            ("a;=1,\"b\"", "\"a;'=1,\"\"b\"\"\""),
        ] {
            let mut text = String::new();
            cell(&mut text, value);
            assert_eq!(text, expected, "{value:?}");
        }
    }
}
