//! The user lists of an application: connected, disconnected.

use actix_web::http::StatusCode;
use maud::{Markup, html};

use super::show::Wrong;
use super::{find, path, refused, show};
use crate::domain::application_user_lists;
use crate::http::pages::admin::list_offers::{self, Offers};
use crate::http::pages::admin::user_lists::HERE as LISTS;
use crate::http::pages::notice::Notice;
use crate::http::pages::parts::Table;
use crate::http::pages::{PageCall, PageError, PageResult};
use crate::model::application::Application;
use crate::model::ids::UserListId;
use crate::model::user_list::UserList;

/// `POST /console/admin/applications/{id}/user-lists`
pub async fn connect(call: PageCall) -> PageResult {
    let application = find(&call).await?;
    let id = application.id;
    let chosen = match list_offers::named(&call).await? {
        Some(named) => named,
        None => UserListId::parse(call.form.value("user_list")?).ok_or(()),
    };
    let connected = match chosen {
        Err(()) => Err(()),
        Ok(list) => {
            let connected = call.write(move |c, act, _| {
                refused(application_user_lists::connect(c, act, id, vec![list]))
            });
            connected.await?.map_err(|_| ())
        }
    };
    match connected {
        Ok(_) => {
            let name = &application.display_name;
            call.done(&path(id, ""), Notice::ApplicationChanged, name)
        }
        Err(()) => {
            let wrong = Wrong {
                scope: None,
                list: true,
            };
            show::answer(&call, StatusCode::UNPROCESSABLE_ENTITY, &wrong).await
        }
    }
}

/// `POST /console/admin/applications/{id}/user-lists/disconnect`
pub async fn disconnect(call: PageCall) -> PageResult {
    let application = find(&call).await?;
    let list = UserListId::parse(call.form.value("user_list")?).ok_or(PageError::FormMalformed)?;
    let id = application.id;
    call.write(move |c, act, _| application_user_lists::disconnect(c, act, id, vec![list]))
        .await?;
    let name = &application.display_name;
    call.done(&path(id, ""), Notice::ApplicationChanged, name)
}

/// The lists that are connected, and the form for one more.
pub fn part(
    call: &PageCall,
    application: &Application,
    names: &[String],
    offers: &Offers,
    wrong: &Wrong,
) -> Markup {
    let says = &call.text().applications;
    let id = application.id;
    let is_there = application.deleted_at.is_none();
    let mut table = Table::new(says.user_lists, &[says.user_list, says.act]);
    for (list, name) in application.user_lists.iter().zip(names) {
        let fields = html! {
            input type="hidden" name="user_list" value=(list);
            button type="submit" { (says.disconnect) }
        };
        table.row(vec![
            html! { a href={ (LISTS) "/" (list) } { (name) } },
            html! {
                @if is_there { (call.shell.form(&path(id, "user-lists/disconnect"), "", &fields)) }
            },
        ]);
    }
    let is_open = |list: &&UserList| !application.user_lists.contains(&list.id);
    let fields = html! {
        div.field {
            label for="user_list" { (says.user_list) }
            @if wrong.list { p.wrong #user-list-error { (says.list_wrong) } }
            select id="user_list" name="user_list" required[!offers.has_more]
                aria-describedby=[wrong.list.then_some("user-list-error")] {
                option value="" { (says.choose_list) }
                @for list in offers.lists.iter().filter(is_open) {
                    option value=(list.id) { (list.presentation) }
                }
            }
        }
        (offers.show(call))
        div { button type="submit" { (says.connect) } }
    };
    html! {
        h2 { (says.user_lists) }
        @if application.user_lists.is_empty() { p { (says.no_lists) } } @else { (table.show()) }
        @if is_there && (offers.has_more || offers.lists.iter().any(|list| is_open(&list))) {
            (call.shell.form(&path(id, "user-lists"), "inline", &fields))
        }
    }
}
