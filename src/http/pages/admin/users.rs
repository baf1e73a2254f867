//! `/console/admin/users`: everybody.

use maud::{Markup, html};

use crate::domain::{Reading, everybody};
use crate::http::pages::parts::{Table, list_address, pager, search_form, time};
use crate::http::pages::text::Text;
use crate::http::pages::{PageCall, PageResult};
use crate::model::scope::Role;
use crate::model::user::User;

pub const HERE: &str = "/console/admin/users";

pub async fn list(call: PageCall) -> PageResult {
    let window = call.window()?;
    let search = call.search()?;
    let asked = search.clone();
    let reading = Reading::list(asked.as_deref());
    let found = call.read_as(reading, move |c, authority| {
        everybody::list(c, authority, asked, window)
    });
    let (found, total) = found.await?;
    let text = call.text();
    let says = &text.admin.users;
    let body = html! {
        h1 { (says.title) }
        p.lead { (says.lead) }
        div.bar {
            (search_form(text, says.search, search.as_deref(), HERE))
            a.button.main href="/console/admin/users/new" { (says.create) }
        }
        @if !found.is_empty() {
            (table(text, says.title, &found))
        } @else if let Some(search) = &search {
            p { ((says.nothing_found)(search)) }
        }
        (pager(text, &list_address(HERE, search.as_deref()), window, total))
    };
    call.answer(says.title, &body)
}

/// Users, each with the way to their own page.
pub fn table(text: &Text, name: &str, found: &[User]) -> Markup {
    let says = &text.admin.users;
    let columns = [says.login, says.name, says.role, says.created, says.state];
    let mut table = Table::new(name, &columns);
    for user in found {
        table.row(vec![
            html! { a href={ (HERE) "/" (user.id) } { (user.login) } },
            html! { (user.presentation) },
            html! { span.whole { (role(text, user.role)) } },
            time(user.created_at),
            state(text, user),
        ]);
    }
    table.show()
}

pub fn role(text: &Text, role: Role) -> &'static str {
    match role {
        Role::Administrator => text.admin.users.administrator,
        Role::Member => text.admin.users.member,
    }
}

pub fn state(text: &Text, user: &User) -> Markup {
    match user.disabled {
        Some(_) => html! { span.badge.bad { (text.admin.users.disabled) } },
        None => html! { span.badge.good { (text.admin.users.active) } },
    }
}
