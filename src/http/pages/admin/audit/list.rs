//! The audit log's page: the newest first.

use maud::{Markup, html};
use serde_json::Value;

use super::filter::Typed;
use crate::domain::{Reading, audit};
use crate::http::pages::actors::Actors;
use crate::http::pages::parts::{Table, pager, time};
use crate::http::pages::{PageCall, PageResult};

const HERE: &str = "/console/admin/audit";

/// `GET /console/admin/audit`
pub async fn list(call: PageCall) -> PageResult {
    let typed = Typed::read(&call)?;
    let (filter, window) = (typed.filter(&call)?, call.window()?);
    let read = call.read_as(Reading::Long, move |c, authority| {
        let found = audit::list(c, authority, filter.clone(), window)?;
        let actors = Actors::of(c, authority, &found)?;
        Ok((found, actors, audit::count(c, authority, filter)?))
    });
    let (found, actors, total) = read.await?;
    let text = call.text();
    let says = &text.audit;
    let columns = [says.at, says.kind, says.actor, says.object, says.details];
    let mut table = Table::new(says.title, &columns);
    for event in &found {
        table.row(vec![
            time(event.at),
            html! { code { (event.kind) } },
            html! {
                (only("actor", &event.actor, actors.actor(&event.actor)))
                @if let Some(key) = &event.key { " " span.muted { code { (key) } } }
            },
            html! {
                span.muted { (event.object_kind) } " "
                (only("object_id", &event.object_id, actors.object(&event.object_kind, &event.object_id)))
            },
            details(&event.details),
        ]);
    }
    // Without the `?` or `&` that waits for more.
    let mut file = typed.address(&format!("{HERE}.csv"));
    file.pop();
    let body = html! {
        h1 { (says.title) }
        p.lead { (says.lead) }
        (typed.form(&call, HERE, &file))
        @if found.is_empty() { p { (says.nothing_found) } } @else { (table.show()) }
        (pager(text, &typed.address(HERE), window, total))
    };
    call.answer(says.title, &body)
}

/// Somebody or something, by a name if there is one, and the way to all events with it.
fn only(field: &str, value: &str, name: Option<&str>) -> Markup {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair(field, value)
        .finish();
    html! {
        a href={ (HERE) "?" (query) } {
            @if let Some(name) = name { (name) } @else { code { (value) } }
        }
    }
}

/// What else is told of an event: each member by its name, values as they are.
fn details(all: &Value) -> Markup {
    let Value::Object(members) = all else {
        return html! { code { (all) } };
    };
    html! {
        @for (name, value) in members {
            span.detail {
                span.muted { (name) ":" } " "
                @match value {
                    Value::String(text) => (text),
                    Value::Null => "—",
                    other => code { (other) },
                }
            }
            " "
        }
    }
}
