//! `/console/admin/user-lists`: made, listed, deleted.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use maud::html;

use crate::domain::Reading;
use crate::domain::user_lists::{self, NewUserList};
use crate::http::pages::notice::Notice;
use crate::http::pages::parts::{Field, Table, alert, list_address, pager, search_form, time};
use crate::http::pages::{PageCall, PageError, PageResult, clients};
use crate::model::ids::UserListId;
use crate::model::text::without_blanks;
use crate::model::user_list::UserList;

pub const HERE: &str = "/console/admin/user-lists";

/// `GET /console/admin/user-lists`
pub async fn list(call: PageCall) -> PageResult {
    show(&call, StatusCode::OK, "", None).await
}

/// `POST /console/admin/user-lists`
pub async fn create(call: PageCall) -> PageResult {
    let presentation = without_blanks(call.form.value("presentation")?).to_owned();
    let once = call.once()?;
    let new = NewUserList {
        presentation: presentation.clone(),
        ..NewUserList::default()
    };
    let made = call.write(move |c, act, _| {
        clients::told(once.once(c, act.now, |c| user_lists::create(c, act, new)))
    });
    match made.await? {
        Ok(Some(list)) => call.done(HERE, Notice::UserListMade, &list.presentation),
        Ok(None) => clients::already(&call, HERE, call.text().admin.lists.title),
        Err(_) => {
            let wrong = Some(call.text().admin.lists.name_wrong);
            show(
                &call,
                StatusCode::UNPROCESSABLE_ENTITY,
                &presentation,
                wrong,
            )
            .await
        }
    }
}

async fn show(call: &PageCall, status: StatusCode, typed: &str, wrong: Option<&str>) -> PageResult {
    let window = call.window()?;
    let search = call.search()?;
    let asked = search.clone();
    let reading = Reading::list(asked.as_deref());
    let found = call.read_as(reading, move |c, authority| {
        user_lists::list(c, authority, asked, window)
    });
    let (found, total) = found.await?;
    let text = call.text();
    let says = &text.admin.lists;
    let mut table = Table::new(says.title, &[says.name, says.id, says.created]);
    for list in &found {
        table.row(vec![
            html! { a href={ (HERE) "/" (list.id) } { (list.presentation) } },
            html! { code { (list.id) } },
            time(list.created_at),
        ]);
    }
    let fields = html! {
        (Field {
            name: "presentation",
            label: says.name,
            value: typed,
            error: wrong,
            limit: Some(200),
            ..Field::default()
        }.show(text))
        (call.once_field())
        div { button.main type="submit" { (says.create) } }
    };
    let body = html! {
        h1 { (says.title) }
        p.lead { (says.lead) }
        div.bar { (search_form(text, says.search, search.as_deref(), HERE)) }
        @if !found.is_empty() {
            (table.show())
        } @else if let Some(search) = &search {
            p { ((says.nothing_found)(search)) }
        }
        (pager(text, &list_address(HERE, search.as_deref()), window, total))
        h2 { (says.new) }
        (call.shell.form(HERE, "inline", &fields))
    };
    Ok(call.shell.answer(status, says.title, &body))
}

/// The list that the path means.
pub async fn find(call: &PageCall) -> Result<UserList, PageError> {
    let id = call.id("id", UserListId::parse)?;
    call.read(move |c, authority| user_lists::find(c, authority, id))
        .await
}

/// `GET /console/admin/user-lists/{id}/delete`
pub async fn delete_form(call: PageCall) -> PageResult {
    let list = find(&call).await?;
    Ok(ask(&call, StatusCode::OK, &list, None))
}

/// `POST /console/admin/user-lists/{id}/delete`
pub async fn delete(call: PageCall) -> PageResult {
    let list = find(&call).await?;
    let id = list.id;
    let deleted = call.write(move |c, act, _| clients::told(user_lists::delete(c, act, id)));
    match deleted.await? {
        Ok(()) => call.done(HERE, Notice::UserListDeleted, &list.presentation),
        Err(_) => {
            let wrong = Some(call.text().admin.lists.cannot_delete);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(ask(&call, status, &list, wrong))
        }
    }
}

fn ask(call: &PageCall, status: StatusCode, list: &UserList, wrong: Option<&str>) -> HttpResponse {
    let says = &call.text().admin.lists;
    let fields = html! {
        div.row {
            button.danger type="submit" { (says.delete_button) }
            a href={ (HERE) "/" (list.id) } { (call.text().admin.users.cancel) }
        }
    };
    let title = (says.delete_title)(&list.presentation);
    let body = html! {
        h1 { (title) }
        @if let Some(wrong) = wrong { (alert(wrong)) }
        p.warning { (says.delete_lead) }
        (call.shell.form(&format!("{HERE}/{}/delete", list.id), "stack", &fields))
    };
    call.shell.answer(status, &title, &body)
}
