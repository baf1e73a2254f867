//! `/console/admin/user-lists/{id}`: one list, and who is in it.

use maud::{Markup, html};

use super::user_lists::{HERE, find};
use super::users;
use crate::domain;
use crate::domain::Reading;
use crate::http::pages::parts::{act, copied, list_address, pager, search_form, time};
use crate::http::pages::{PageCall, PageResult};

pub async fn show(call: PageCall) -> PageResult {
    let list = find(&call).await?;
    let (window, search, id) = (call.window()?, call.search()?, list.id);
    let asked = search.clone();
    let reading = Reading::list(asked.as_deref());
    let found = call.read_as(reading, move |c, authority| {
        domain::users::list(c, authority, id, asked, window)
    });
    let (found, total) = found.await?;
    let text = call.text();
    let (says, people) = (&text.admin.lists, &text.admin.users);
    let here = format!("{HERE}/{id}");
    let fact = |name: &str, value: Markup| html! { div { dt { (name) } dd { (value) } } };
    let body = html! {
        p.back { a href=(HERE) { "← " (says.title) } }
        h1 { (list.presentation) }
        dl.facts.pairs.card {
            (fact(says.id, copied(text, "id", &id.to_string())))
            (fact(says.created, time(list.created_at)))
        }
        h2 { (says.users) }
        div.bar {
            (search_form(text, people.search, search.as_deref(), &here))
            a.button.main href={ (users::HERE) "/new?list=" (id) } { (people.create) }
        }
        @if !found.is_empty() {
            (users::table(text, says.users, &found))
        } @else if let Some(search) = &search {
            p { ((people.nothing_found)(search)) }
        } @else {
            p.muted { (says.nobody) }
        }
        (pager(text, &list_address(&here, search.as_deref()), window, total))
        h2 { (people.acts) }
        ul.acts {
            (act("delete", says.delete_lead, |about| html! {
                a.button.danger href={ (here) "/delete" } aria-describedby=(about) { (says.delete) }
            }))
        }
    };
    call.answer(&list.presentation, &body)
}
