//! The list of applications.

use maud::{Markup, html};

use super::{HERE, path, status};
use crate::domain::{Reading, applications};
use crate::http::pages::parts::{Table, pager, time};
use crate::http::pages::{PageCall, PageResult};
use crate::model::application::Application;

/// `GET /console/admin/applications`
pub async fn list(call: PageCall) -> PageResult {
    let window = call.window()?;
    let search = call.search()?;
    let deleted = call.query()?.value("deleted")? == "yes";
    let asked = search.clone();
    let reading = Reading::list(asked.as_deref());
    let found = call.read_as(reading, move |c, authority| {
        applications::list(c, authority, deleted, asked, window)
    });
    let (found, total) = found.await?;
    let text = call.text();
    let says = &text.applications;
    let body = html! {
        h1 { (says.title) }
        p.lead { (says.lead) }
        div.bar {
            (filter(&call, search.as_deref(), deleted))
            a.button.main href={ (HERE) "/new" } { (says.register) }
        }
        @if found.is_empty() {
            p { (if search.is_none() && !deleted { says.empty } else { says.nothing_found }) }
        } @else {
            (table(&call, &found))
        }
        (pager(text, &address(search.as_deref(), deleted), window, total))
    };
    call.answer(says.title, &body)
}

fn filter(call: &PageCall, search: Option<&str>, deleted: bool) -> Markup {
    let text = call.text();
    let (says, list) = (&text.applications, &text.clients.list);
    html! {
        form.search method="get" action=(HERE) role="search" {
            label.hidden for="search" { (says.search) }
            input id="search" name="search" type="search" maxlength="100"
                placeholder=(says.search) value=(search.unwrap_or_default());
            label.choice {
                input type="checkbox" name="deleted" value="yes" checked[deleted];
                span { (says.deleted_ones) }
            }
            button type="submit" { (list.search_button) }
            @if search.is_some() || deleted { a href=(HERE) { (list.show_all) } }
        }
    }
}

fn address(search: Option<&str>, deleted: bool) -> String {
    let mut query = url::form_urlencoded::Serializer::new(format!("{HERE}?"));
    if let Some(search) = search {
        query.append_pair("search", search);
    }
    if deleted {
        query.append_pair("deleted", "yes");
    }
    let query = query.finish();
    match query.ends_with('?') {
        true => query,
        false => format!("{query}&"),
    }
}

fn table(call: &PageCall, found: &[Application]) -> Markup {
    let text = call.text();
    let says = &text.applications;
    let columns = [
        says.display_name,
        says.name,
        says.uri,
        says.status,
        says.created,
    ];
    let mut table = Table::new(says.title, &columns);
    for application in found {
        table.row(vec![
            html! { a href=(path(application.id, "")) { (application.display_name) } },
            html! { code { (application.name) } },
            html! { code { (application.uri) } },
            status(text, application),
            time(application.created_at),
        ]);
    }
    table.show()
}
