//! The list of access keys, or of service clients.

use maud::{Markup, html};

use super::place::Place;
use super::shown::{copied, expiry, last_uses, scopes, state};
use crate::domain::Reading;
use crate::domain::clients::{self, ClientDetails};
use crate::http::pages::parts::{Table, list_address, pager, search_form, time};
use crate::http::pages::{PageCall, PageResult};
use crate::model::client::KEYS_PER_USER;

pub async fn list(call: PageCall, place: Place) -> PageResult {
    let window = call.window()?;
    let search = call.search()?;
    let (asked, now) = (search.clone(), call.now);
    let reading = Reading::list(asked.as_deref());
    let (found, total) = call
        .read_as(reading, move |c, authority| {
            let (found, total) = place.list(c, authority, asked, window)?;
            Ok((clients::details(c, found, now)?, total))
        })
        .await?;
    let text = call.text();
    let kind = place.kind(text);
    let is_empty = total == 0 && search.is_none();
    let is_full = place.owner().is_some() && search.is_none() && total >= KEYS_PER_USER;
    let create = format!("{}/new", place.base());
    let body = html! {
        h1 { (kind.title) }
        p.lead { (kind.lead) }
        @if is_empty {
            div.card.empty {
                h2 { (kind.empty_title) }
                p { (kind.empty) }
                a.button.main href=(create) { (kind.create) }
            }
        } @else {
            div.bar {
                (search_form(text, text.clients.list.search, search.as_deref(), place.base()))
                @if is_full {
                    p.hint { (kind.full) }
                } @else {
                    a.button.main href=(create) { (kind.create) }
                }
            }
            @if !found.is_empty() {
                (table(&call, place, &found))
            } @else if let Some(search) = &search {
                p { ((text.clients.list.nothing_found)(search)) }
            }
            (pager(text, &list_address(place.base(), search.as_deref()), window, total))
        }
    };
    call.answer(kind.title, &body)
}

fn table(call: &PageCall, place: Place, found: &[ClientDetails]) -> Markup {
    let text = call.text();
    let list = &text.clients.list;
    let mut table = Table::new(
        place.kind(text).title,
        &[
            list.name,
            list.client_id,
            list.scopes,
            list.created,
            list.expires,
            list.last_used,
            list.state,
        ],
    );
    for (at, of) in found.iter().enumerate() {
        let client = &of.client;
        let id = client.id.as_str();
        table.row(vec![
            html! { a href=(place.path(&client.id, "")) { (client.name) } },
            copied(text, &format!("client-id-{at}"), list.client_id, id),
            scopes(text, of),
            time(client.created_at),
            expiry(text, client),
            last_uses(text, of, call.now),
            state(text, client, call.now),
        ]);
    }
    table.show()
}
