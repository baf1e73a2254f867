//! The audit log's page: the newest first.

use maud::html;

use super::filter::Typed;
use crate::domain::audit;
use crate::http::pages::parts::{Table, pager, time};
use crate::http::pages::{PageCall, PageResult};

const HERE: &str = "/console/admin/audit";

/// `GET /console/admin/audit`
pub async fn list(call: PageCall) -> PageResult {
    let typed = Typed::read(&call)?;
    let (filter, window) = (typed.filter(&call)?, call.window()?);
    let read = call.read(move |c, authority| {
        let found = audit::list(c, authority, filter.clone(), window)?;
        Ok((found, audit::count(c, authority, filter)?))
    });
    let (found, total) = read.await?;
    let text = call.text();
    let says = &text.audit;
    let columns = [says.at, says.kind, says.actor, says.object, says.details];
    let mut table = Table::new(says.title, &columns);
    for event in &found {
        table.row(vec![
            time(event.at),
            html! { code { (event.kind) } },
            html! {
                code { (event.actor) }
                @if let Some(key) = &event.key { " " span.muted { code { (key) } } }
            },
            html! { (event.object_kind) " " code { (event.object_id) } },
            html! { code { (event.details.to_string()) } },
        ]);
    }
    // Without the `?` or `&` that waits for more.
    let mut file = typed.address(&format!("{HERE}.csv"));
    file.pop();
    let body = html! {
        h1 { (says.title) }
        p.lead { (says.lead) }
        (typed.form(&call, HERE))
        p { a.button href=(file) { (says.export) } }
        @if found.is_empty() { p { (says.nothing_found) } } @else { (table.show()) }
        (pager(text, &typed.address(HERE), window, total))
    };
    call.answer(says.title, &body)
}
